//! `loligo run`: simulate, analyse, write, report.

use super::args::{EngineArgs, ExperimentArgs, OutputArgs};
use super::conduct::conduct;
use super::outcome::Outcome;
use super::table;
use super::work::Report;
use loligo::document::Document;
use loligo::error::{Error, Problem};
use loligo::experiment::Experiment;
use loligo::output;
use loligo::setting::Setting;

/// Flags of `loligo run`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    experiment: ExperimentArgs,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let document = args.experiment.document(args.output.target.force)?;
    if let Some(sweep) = document.sweeps.first() {
        let message = "a sweep is for `loligo compare`";
        return Err(Problem::new(message, sweep.place(), "use it, or leave [sweep] out").into());
    }
    let flags = args.experiment.settings()?;
    let experiment = Experiment::new(&document, &flags)?;
    reported(&document, &flags, |report| conduct(&experiment, &args.engine, &args.output, report))
}

/// Does something with what is made of the results of a run.
pub fn reported<T>(
    document: &Document,
    flags: &[Setting],
    then: impl FnOnce(&Report<'_>) -> T,
) -> T {
    then(&Report {
        document,
        flags,
        sweeps: &[],
        files: &|folder, results, wanted| output::of_run(results).write(folder, &wanted.formats),
        levels: &|said| match said.first() {
            None => Ok(Vec::new()),
            Some((text, place)) => {
                let message = format!("there are no levels: `{text}` is for `loligo compare`");
                Err(Problem::new(message, place, "leave it out").into())
            }
        },
        table: &table::populations,
        writes_spikes: true,
        findings: &|_| Ok(None),
    })
}
