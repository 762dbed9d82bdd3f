//! `--checkpoint T`: runs that can be gone on with, however they were ended.

use std::time::{Duration, Instant};

use serde_json::json;

use super::args::{EngineArgs, positive_at};
use super::outcome::Outcome;
use super::work::{Done, Work};
use super::{interrupt, memory, progress, terminal};
use loligo::checkpoint::{self, Checkpoint, EXPERIMENT, Ended, Kept, SPIKES};
use loligo::engine::Engine;
use loligo::error::{Error, Place, Problem};
use loligo::output::folder::{Folder, WriteSeek, io_error};
use loligo::shard::done;
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
    // All that may be wrong, before an older checkpoint is dropped.
    memory::most_spikes(work.experiment, work.kept())?;
    work.check_disk(&target.existing())?;
    let engine = work.engine(engine)?;
    let Some(folder) = target.folder()? else { return Ok(Outcome::Done) };
    let fill =
        |file: &mut dyn WriteSeek| file.write_all(work.complete.as_bytes()).map_err(io_error);
    folder.write(EXPERIMENT, fill)?;
    let flags = json!({ "figures": target.figures() }).to_string();
    go_on(work, engine.as_ref(), folder, None, every, &flags)
}

/// Simulates from the beginning or a checkpoint, to the end or an interruption.
pub fn go_on(
    work: &Work<'_>,
    engine: &dyn Engine,
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
    work.tell(experiment.notes());
    let spikes = folder.existing().join(SPIKES);
    let mut spool = match (kept == Record::Spikes || work.is_spooled(), &from) {
        (false, _) => None,
        (true, None) => Some(Spool::create(&spikes)?.kept()),
        (true, Some(from)) => {
            let content = from.shard.spikes.unwrap_or_default();
            Some(Spool::resume(&spikes, &content, from.shard.steps)?)
        }
    };
    let opened = begin.elapsed();
    let progress = progress::bar(experiment, output.target.quiet);
    let plan = Plan { analysis: work.choices.analysis, ..Plan::new(in_memory) };
    let always = Kept { every, experiment: &work.complete, flags, folder: folder.existing() };
    let ended = checkpoint::simulate(
        engine,
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
    let (ended, seconds) = match ended {
        Ok(Ended::Done(done, seconds)) => (done, seconds),
        Ok(Ended::Early(steps)) => {
            let steps = format!("ended after {steps} of {} steps", experiment.steps());
            if !output.target.quiet {
                terminal::say(&format!("{steps}: {}", resume()));
            }
            return Ok(Outcome::Interrupted);
        }
        Err(error) => {
            if folder.has_checkpoint() && !output.target.quiet {
                terminal::say(&format!("the last checkpoint is kept: {}", resume()));
            }
            return Err(error);
        }
    };
    let mut simulated = done(experiment, kept, ended, spool.as_ref())?;
    simulated.stepping = Duration::from_secs_f64(seconds);
    let spool = spool.filter(|_| work.is_spooled());
    let engine = engine.info().clone();
    work.finish(Some(folder), Done { simulated, spool, engine, opened })
}
