//! `--checkpoint T`: runs that can be gone on with, however they were ended.

use std::time::Duration;

use serde_json::json;

use super::args::{EngineArgs, positive_at};
use super::forecast::before_a_long_run;
use super::outcome::{Outcome, ended};
use super::work::{Done, Work};
use super::{interrupt, progress, terminal};
use loligo::checkpoint::{Checkpoint, Checkpointed, EXPERIMENT, Ended, Every, Finished};
use loligo::engine::Engine;
use loligo::error::{Error, Place, Problem};
use loligo::output::folder::{Folder, WriteSeek, io_error};
use loligo::sink::Content;
use loligo::{Plan, Record, shard};

/// Simulates with checkpoints.
pub fn run(work: &Work<'_>, args: &EngineArgs, text: &str) -> Result<Outcome, Error> {
    let target = &work.output.target;
    let place = Place::Flag(format!("--checkpoint {text}"));
    let every = every(text, &place, work.experiment.dt_ms())?;
    if !target.has_folder() {
        let remedy = "name one with --out";
        return Err(Problem::new("a checkpoint needs a folder", &place, remedy).into());
    }
    // All that may be wrong, before an older checkpoint is dropped.
    work.most_spikes()?;
    work.check_disk(&target.existing())?;
    let engine = work.engine(args)?;
    before_a_long_run(work, engine.as_ref(), Some(&target.existing()))?;
    let Some(folder) = target.folder()? else { return Ok(Outcome::Done) };
    let fill =
        |file: &mut dyn WriteSeek| file.write_all(work.complete.as_bytes()).map_err(io_error);
    folder.write(EXPERIMENT, fill)?;
    let flags = json!({ "figures": target.figures() }).to_string();
    go_on(work, (engine, args), folder, None, every, &flags)
}

/// How often: a model time, or `wall:T`, a time by the clock.
fn every(text: &str, place: &Place, dt_ms: f64) -> Result<Every, Error> {
    let example = "10s, or wall:10min";
    match text.strip_prefix("wall:") {
        Some(wall) => Ok(Every::Seconds(positive_at(place, wall, "s", example)?)),
        None => Ok(Every::model_time(positive_at(place, text, "ms", example)?, dt_ms)),
    }
}

/// Simulates from the beginning or a checkpoint, to the end or an interruption.
pub fn go_on(
    work: &Work<'_>,
    (engine, args): (Box<dyn Engine>, &EngineArgs),
    folder: Folder,
    from: Option<Checkpoint>,
    every: Every,
    flags: &str,
) -> Result<Outcome, Error> {
    let Work { experiment, output, .. } = *work;
    let quiet = output.target.quiet;
    let interrupt = interrupt::listen(quiet, "a checkpoint is being written");
    let kept = work.kept();
    if kept == Record::Spikes
        && let Some(Content { spikes, .. }) = from.as_ref().and_then(|from| from.shard.spikes)
    {
        shard::check_spikes(experiment, spikes)?;
    }
    let has_checkpoint = from.is_some();
    // All spikes are in a file, from which a checkpoint goes on.
    let in_memory = if kept == Record::Spikes { Record::None } else { kept };
    work.tell(experiment.notes());
    let progress = progress::bar(experiment, quiet);
    let run = Checkpointed {
        experiment,
        plan: Plan { analysis: work.choices.analysis, ..Plan::new(in_memory) },
        has_spool: kept == Record::Spikes || work.is_spooled(),
        every,
        text: &work.complete,
        flags,
        folder: folder.existing(),
    };
    let simulated = run.simulate(
        engine,
        from,
        &mut |failures, failure| {
            let next = args.after(failures, work.choices.precision)?;
            if let Some(next) = next.as_ref().filter(|_| !quiet) {
                let info = next.info();
                terminal::say(&format!(
                    "warning: {failure}; going on from the last checkpoint with the {} engine ({})",
                    info.kind, info.device
                ));
            }
            Ok(next)
        },
        &mut |steps| {
            progress.set_position(u64::from(steps));
            !interrupt.is_requested()
        },
    );
    progress.finish_and_clear();
    let resume = || format!("`loligo resume {}` goes on from there", folder.path().display());
    let kept_after = |error: Error| {
        if folder.has_checkpoint() && !quiet {
            terminal::say(&format!("the last checkpoint is kept: {}", resume()));
        }
        error
    };
    let Finished { done, stepping_s, spool, engine } = match simulated {
        Ok(Ended::Done(finished)) => *finished,
        Ok(Ended::Early(steps)) => {
            let steps = format!("ended after {steps} of {} steps", experiment.steps());
            if !quiet {
                terminal::say(&format!("{steps}: {}", resume()));
            }
            return Ok(Outcome::Interrupted);
        }
        Err(Error::Ended) if has_checkpoint => {
            return Ok(ended(quiet, &format!("the checkpoint is kept: {}", resume())));
        }
        Err(Error::Ended) => return Ok(ended(quiet, "nothing was done yet, and nothing is kept")),
        Err(error) => return Err(kept_after(error)),
    };
    let simulated = shard::done(experiment, kept, done, spool.as_ref());
    let mut simulated = simulated.map_err(kept_after)?;
    simulated.stepping = Duration::from_secs_f64(stepping_s);
    let spool = spool.filter(|_| work.is_spooled());
    work.finish(Some(folder), Done { simulated, spool, engine, opened: Duration::ZERO })
}
