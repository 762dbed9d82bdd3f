//! `--checkpoint T` and `loligo resume DIR`: runs that can be gone on with, however they were ended.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::args::{EngineArgs, OutputArgs, TargetArgs, positive_at};
use super::outcome::Outcome;
use super::work::{Done, Work};
use super::{compare, interrupt, memory, progress, run, terminal};
use loligo::checkpoint::{self, Checkpoint, EXPERIMENT, Ended, Kept, SPIKES};
use loligo::document::read_toml;
use loligo::error::{Error, Place, Problem};
use loligo::experiment::Experiment;
use loligo::output::folder::{Folder, WriteSeek, io_error};
use loligo::shard::together;
use loligo::sink::Spool;
use loligo::{Plan, Record};

/// Flags of `loligo resume`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Args {
    /// The folder of the run, as --out had it
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    engine: EngineArgs,
    /// Print one JSON document instead of a table
    #[arg(long)]
    json: bool,
    /// Print nothing but errors (and, with --json, the document)
    #[arg(long)]
    quiet: bool,
}

/// Simulates with checkpoints.
pub fn run(work: &Work<'_>, engine: &EngineArgs, text: &str) -> Result<Outcome, Error> {
    let target = &work.output.target;
    let place = Place::Flag(format!("--checkpoint {text}"));
    let time_ms = positive_at(&place, text, "ms", "10s")?;
    if !target.has_folder() {
        let remedy = "name one with --out";
        return Err(Problem::new("a checkpoint needs a folder", &place, remedy).into());
    }
    let every = checkpoint::every(time_ms, work.experiment.dt_ms());
    let Some(folder) = target.folder()? else { return Ok(Outcome::Done) };
    work.check_disk(&folder)?;
    let fill =
        |file: &mut dyn WriteSeek| file.write_all(work.complete.as_bytes()).map_err(io_error);
    folder.write(EXPERIMENT, fill)?;
    let flags = json!({ "figures": target.figures() }).to_string();
    go_on(work, engine, folder, None, every, &flags)
}

/// Goes on with a run.
pub fn resume(args: &Args) -> Result<Outcome, Error> {
    let path = &args.folder;
    let folder = match Folder::resume(path) {
        Ok(folder) => folder,
        Err(_) if path.join("summary.json").is_file() => {
            // It may have been killed when all was done but this.
            for name in [checkpoint::FILE, EXPERIMENT, SPIKES] {
                let _ = std::fs::remove_file(path.join(name));
            }
            if !args.quiet {
                terminal::say(&format!("the run in {} is done", path.display()));
            }
            return Ok(Outcome::Done);
        }
        Err(error) => return Err(error),
    };
    let checkpoint = Checkpoint::read(folder.existing())?;
    let own = folder.existing().join(EXPERIMENT);
    let io = |source| Error::Io { action: "read", path: own.clone(), source };
    let text = std::fs::read_to_string(&own).map_err(io)?;
    if text != checkpoint.experiment {
        let place = Place::Flag(folder.existing().join(checkpoint::FILE).display().to_string());
        let message = format!("this checkpoint is of another experiment than {}", own.display());
        return Err(Problem::new(message, &place, "put back the file that belongs to it").into());
    }
    let document = read_toml(&own)?;
    let experiment = Experiment::new(&document, &[])?;
    let flags: Value = serde_json::from_str(&checkpoint.flags).unwrap_or_default();
    let figures = flags["figures"].as_array().into_iter().flatten();
    let figures = figures.filter_map(|name| Some(name.as_str()?.to_owned())).collect();
    let output = OutputArgs::only(TargetArgs::of(path.clone(), figures, args.json, args.quiet));
    let then = |report: &super::conduct::Report<'_>| {
        let mut work = Work::new(&experiment, &output, args.engine.precision, report)?;
        work.complete.clone_from(&checkpoint.experiment);
        let (every, flags) = (checkpoint.every, checkpoint.flags.clone());
        go_on(&work, &args.engine, folder, Some(checkpoint), every, &flags)
    };
    match document.sweeps.is_empty() {
        true => run::reported(&document, &[], then),
        false => compare::reported(&experiment, &document, &[], then),
    }
}

/// Simulates from the beginning or a checkpoint, to the end or an interruption.
fn go_on(
    work: &Work<'_>,
    engine: &EngineArgs,
    folder: Folder,
    from: Option<Checkpoint>,
    every: u32,
    flags: &str,
) -> Result<Outcome, Error> {
    let Work { experiment, output, .. } = *work;
    let begin = Instant::now();
    let interrupt = interrupt::listen();
    let kept = work.kept();
    // All spikes are in a file, from which a checkpoint goes on.
    let in_memory = if kept == Record::Spikes { Record::None } else { kept };
    memory::most_spikes(experiment, kept)?;
    let engine = work.engine(engine)?;
    work.tell(experiment.notes());
    let spikes = folder.existing().join(SPIKES);
    let mut spool = match (kept == Record::Spikes || work.is_spooled(), &from) {
        (false, _) => None,
        (true, None) => Some(Spool::create(&spikes)?.kept()),
        (true, Some(from)) => Some(Spool::resume(&spikes, from.spikes, from.shard.steps)?),
    };
    let opened = begin.elapsed();
    let progress = progress::bar(experiment, output.target.quiet);
    let plan = Plan { analysis: work.choices.analysis, ..Plan::new(in_memory) };
    let always = Kept { every, experiment: &work.complete, flags, folder: folder.existing() };
    let start = Instant::now();
    let ended = checkpoint::simulate(
        engine.as_ref(),
        experiment,
        plan,
        spool.as_mut(),
        from,
        &always,
        &mut |steps| {
            progress.set_position(u64::from(steps));
            !interrupt.is_requested()
        },
    );
    progress.finish_and_clear();
    let resume = || format!("`loligo resume {}` goes on from there", folder.path().display());
    let shard = match ended {
        Ok(Ended::Done(shard)) => shard,
        Ok(Ended::Early(steps)) => {
            let steps = format!("ended after {steps} of {} steps", experiment.steps());
            terminal::say(&format!("{steps}: {}", resume()));
            return Ok(Outcome::Interrupted);
        }
        Err(error) => {
            if has_checkpoint(folder.existing()) && !output.target.quiet {
                terminal::say(&format!("the last checkpoint is kept: {}", resume()));
            }
            return Err(error);
        }
    };
    let analysis = work.choices.analysis;
    let mut simulated = together(experiment, analysis, kept, vec![shard], spool.as_ref())?;
    simulated.setup = Duration::ZERO;
    simulated.stepping = start.elapsed();
    let spool = spool.filter(|_| work.is_spooled());
    let engine = engine.info().clone();
    work.finish(Some(folder), Done { simulated, spool, engine, opened })
}

fn has_checkpoint(folder: &Path) -> bool {
    folder.join(checkpoint::FILE).is_file()
}
