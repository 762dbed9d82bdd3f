//! `loligo merge DIR..`: makes one result of the shards of an experiment, the same as of one run.

use std::path::PathBuf;
use std::time::Duration;

use super::args::{OutputArgs, TargetArgs};
use super::outcome::{Outcome, ended};
use super::work::Report;
use super::work::{Done, Work};
use super::{compare, interrupt, run};
use loligo::document::read_toml;
use loligo::error::Error;
use loligo::experiment::Experiment;
use loligo::output::EXPERIMENT;
use loligo::shard::{
    Part, SpikesOf, check_parts, engine_of, join_spikes, read_parts, seconds_of, together,
};
use loligo::sink::Spool;
use loligo::{Plan, Record};

/// Flags of `loligo merge`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Args {
    /// The folders of all shards, in any order
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    #[command(flatten)]
    target: TargetArgs,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let parts = read_parts(&args.folders)?;
    let document = read_toml(&parts[0].folder.join(EXPERIMENT))?;
    let experiment = Experiment::new(&document, &[])?;
    let output = OutputArgs::only(args.target.clone());
    match document.sweeps.is_empty() {
        true => run::reported(&document, &[], |report| merge(&experiment, &output, report, parts)),
        false => compare::reported(&experiment, &document, &[], |report| {
            merge(&experiment, &output, report, parts)
        }),
    }
}

/// Puts the shards together, and makes of them what a run makes.
fn merge(
    experiment: &Experiment,
    output: &OutputArgs,
    report: &Report<'_>,
    parts: Vec<Part>,
) -> Result<Outcome, Error> {
    let mut work = Work::new(experiment, output, None, report)?;
    work.complete.clone_from(&parts[0].experiment);
    let quiet = output.target.quiet;
    let interrupt = interrupt::listen(quiet, "the shards stay as they are");
    let folder = output.target.folder()?;
    let (engine, seconds) = (engine_of(&parts), seconds_of(&parts));
    let kept = work.kept();
    let in_memory = if kept == Record::Spikes { Record::None } else { kept };
    let plan = Plan { analysis: work.choices.analysis, ..Plan::new(in_memory) };
    let has_spikes = work.choices.record == Record::Spikes;
    check_parts(&parts, experiment, plan, has_spikes)?;
    let temporary =
        folder.as_ref().map_or_else(std::env::temp_dir, |folder| folder.existing().to_owned());
    let mut spool = None;
    if has_spikes {
        let name = format!("spikes.{}.spool", std::process::id());
        let mut all = Spool::create(&temporary.join(name))?;
        let files: Vec<SpikesOf> = parts.iter().map(Part::spikes).collect();
        // The folder is dropped, the shards stay.
        match join_spikes(&files, experiment.steps(), &mut all, &mut || !interrupt.is_requested()) {
            Err(Error::Ended) => return Ok(ended(quiet, "the shards stay as they are")),
            joined => joined?,
        }
        spool = Some(all);
    }
    let analysis = work.choices.analysis;
    let shards = parts.into_iter().map(|part| part.shard).collect();
    let mut simulated = together(experiment, analysis, kept, shards, spool.as_ref())?;
    simulated.stepping = Duration::from_secs_f64(seconds);
    let spool = spool.filter(|_| work.is_spooled());
    work.finish(folder, Done { simulated, spool, engine, opened: Duration::ZERO })
}
