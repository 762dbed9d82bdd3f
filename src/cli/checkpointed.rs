//! `--checkpoint T`: runs that can be gone on with, however they were ended.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use super::args::{EngineArgs, positive_at};
use super::outcome::Outcome;
use super::work::{Done, Work};
use super::{interrupt, memory, progress, terminal};
use loligo::checkpoint::{self, Checkpoint, EXPERIMENT, Ended, Kept, SPIKES};
use loligo::error::{Error, Place, Problem};
use loligo::output::folder::{Folder, WriteSeek, io_error};
use loligo::shard::together;
use loligo::sink::Spool;
use loligo::{Plan, Record};

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

/// Simulates from the beginning or a checkpoint, to the end or an interruption.
pub fn go_on(
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
