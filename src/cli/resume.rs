//! `loligo resume DIR`: goes on with a run that was ended at a checkpoint.

use std::path::PathBuf;

use serde_json::Value;

use super::args::{EngineArgs, OutputArgs, TargetArgs};
use super::checkpointed::go_on;
use super::outcome::Outcome;
use super::work::{Report, Work};
use super::{compare, run, terminal};
use loligo::checkpoint::{self, Checkpoint, EXPERIMENT};
use loligo::document::read_toml;
use loligo::error::{Error, Place, Problem};
use loligo::experiment::Experiment;
use loligo::output::folder::Folder;

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

/// Goes on with a run.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let path = &args.folder;
    let folder = match Folder::resume(path) {
        Ok(folder) => folder,
        Err(_) if Folder::is_done(path) => {
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
    let then = |report: &Report<'_>| {
        let mut work = Work::new(&experiment, &output, args.engine.precision, report)?;
        work.complete.clone_from(&checkpoint.experiment);
        let (every, flags) = (checkpoint.every, checkpoint.flags.clone());
        let engine = work.engine(&args.engine)?;
        go_on(&work, (engine, &args.engine), folder, Some(checkpoint), every, &flags)
    };
    match document.sweeps.is_empty() {
        true => run::reported(&document, &[], then),
        false => compare::reported(&experiment, &document, &[], then),
    }
}
