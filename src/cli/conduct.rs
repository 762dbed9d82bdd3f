//! Conducts a simulation from the checked experiment to files and report.

use std::time::Instant;

use super::args::{EngineArgs, OutputArgs};
use super::forecast::before_a_long_run;
use super::outcome::{Outcome, ended};
use super::work::{Done, Report, Work};
use super::{checkpointed, interrupt, progress, shard};
use loligo::Plan;
use loligo::error::Error;
use loligo::experiment::Experiment;
use loligo::simulation::simulate_into;
use loligo::sink::{Sink, Spool};

/// Simulates, analyses, writes and reports.
pub fn conduct(
    experiment: &Experiment,
    engine: &EngineArgs,
    output: &OutputArgs,
    report: &Report<'_>,
) -> Result<Outcome, Error> {
    let work = Work::new(experiment, output, engine.precision, report)?;
    if let Some(text) = &output.shard {
        return shard::run(&work, engine, text);
    }
    if let Some(text) = &output.checkpoint {
        return checkpointed::run(&work, engine, text);
    }
    let begin = Instant::now();
    let kept = work.kept();
    let most_spikes = work.most_spikes()?;
    let engine = work.engine(engine)?;
    let target = &output.target;
    let existing = target.has_folder().then(|| target.existing());
    // Here, Ctrl-C ends it at once: there is nothing to keep.
    before_a_long_run(&work, engine.as_ref(), existing.as_deref())?;
    let interrupt = interrupt::listen(target.quiet, "what is done is being kept");
    work.tell(experiment.notes());
    let folder = output.target.folder()?;
    if let Some(folder) = &folder {
        work.check_disk(folder.existing())?;
    }
    let mut spool = match &folder {
        Some(folder) if work.is_spooled() => {
            Some(Spool::create(&folder.existing().join("spikes.spool"))?)
        }
        _ => None,
    };
    let opened = begin.elapsed();

    let progress = progress::bar(experiment, output.target.quiet);
    let plan = Plan { most_spikes, analysis: work.choices.analysis, ..Plan::new(kept) };
    let besides = spool.iter_mut().map(|spool| spool as &mut dyn Sink).collect();
    let simulated = simulate_into(engine.as_ref(), experiment, plan, besides, &mut |steps| {
        progress.set_position(u64::from(steps));
        !interrupt.is_requested()
    });
    progress.finish_and_clear();
    let engine = engine.info().clone();
    let simulated = match simulated {
        Err(Error::Ended) => {
            return Ok(ended(target.quiet, "nothing was done yet, and nothing is kept"));
        }
        simulated => simulated?,
    };
    work.finish(folder, Done { simulated, spool, engine, opened })
}
