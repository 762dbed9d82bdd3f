//! `loligo compare`: a grid of populations, simulated together.

use super::args::{EngineArgs, ExperimentArgs, OutputArgs};
use super::conduct::conduct;
use super::outcome::Outcome;
use super::section::Said;
use super::table;
use super::work::Report;
use loligo::comparison::{cv, without_noise};
use loligo::document::Document;
use loligo::error::{Error, Place, Problem};
use loligo::experiment::Experiment;
use loligo::output::compare::{Grid, files};
use loligo::results::{PopulationResults, Results};
use loligo::setting::{Literal, Setting};
use loligo::sweep::Sweep;
use table::aligned;

/// Flags of `loligo compare`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Args {
    /// Values of a key: 0,1,3 or FROM:TO:STEP (both ends); repeat it for a grid
    #[arg(long = "sweep", value_name = "KEY=LIST", help_heading = "Sweep")]
    sweeps: Vec<String>,
    #[command(flatten)]
    experiment: ExperimentArgs,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let mut document = args.experiment.document(args.output.target.force)?;
    let swept = args.sweeps.iter().map(|text| Sweep::parse(text)).collect::<Result<Vec<_>, _>>()?;
    // A flag counts before the file's sweep of the same key.
    document.sweeps.retain(|sweep| swept.iter().all(|flag| flag.key != sweep.key));
    document.sweeps.extend(swept);
    if document.sweeps.is_empty() {
        let remedy = "use for example --sweep noise.sigma=0,1,3, or [sweep] in the file";
        return Err(Problem::new("there is nothing to compare", &Place::Default, remedy).into());
    }
    let flags = args.experiment.settings()?;
    let experiment = Experiment::new(&document, &flags)?;
    reported(&experiment, &document, &flags, |report| {
        conduct(&experiment, &args.engine, &args.output, report)
    })
}

/// Does something with what is made of the results of a comparison.
pub fn reported<T>(
    experiment: &Experiment,
    document: &Document,
    flags: &[Setting],
    then: impl FnOnce(&Report<'_>) -> T,
) -> T {
    let sweeps = &document.sweeps;
    then(&Report {
        document,
        flags,
        sweeps,
        files: &|folder, results, wanted| {
            let references = without_noise(experiment, sweeps);
            let grid = Grid { sweeps, levels: &wanted.levels, references: &references };
            files(results, grid).write(folder, &wanted.formats)
        },
        levels: &|said| levels(sweeps, said),
        table: &|results| cells(results, sweeps),
        writes_spikes: false,
        findings: &|_| Ok(None),
    })
}

/// The levels that are to be shown: of swept keys, values that they are swept over.
fn levels(sweeps: &[Sweep], said: &[Said]) -> Result<Vec<Sweep>, Error> {
    let level = |(text, place): &Said| {
        let shown = Sweep::parse_at(text, place.clone())?;
        let Some(sweep) = sweeps.iter().find(|sweep| sweep.key == shown.key) else {
            let keys: Vec<&str> = sweeps.iter().map(|sweep| sweep.key.as_str()).collect();
            let message = format!("`{}` is not swept", shown.key);
            let remedy = format!("choose levels of {}", keys.join(", "));
            return Err(Error::from(Problem::new(message, place, remedy)));
        };
        match shown.values.iter().find(|value| !sweep.values.contains(value)) {
            None => Ok(shown),
            Some(value) => {
                let message = format!("{} is no level of `{}`", value.words(), sweep.key);
                let known: Vec<String> = sweep.values.iter().take(20).map(Literal::words).collect();
                let remedy = format!("choose of {}", known.join(", "));
                Err(Problem::new(message, place, remedy).into())
            }
        }
    };
    said.iter().map(level).collect()
}

/// The table: for a grid of two keys, rates (and CVs) with one key down and the other across; else a
/// row per cell.
fn cells(results: &Results, sweeps: &[Sweep]) -> String {
    /// More columns do not fit a terminal.
    const MOST_COLUMNS: usize = 8;
    match sweeps {
        [down, across]
            if across.values.len() <= MOST_COLUMNS
                && results.populations.len() == down.values.len() * across.values.len() =>
        {
            grid(results, down, across)
        }
        _ => table::populations(results),
    }
}

fn grid(results: &Results, down: &Sweep, across: &Sweep) -> String {
    let value = |value: &Literal| value.to_string();
    let cell = |cell: &PopulationResults| {
        let rate = cell.rates.hz.mean().map_or("-".into(), |rate| format!("{rate:.2}"));
        let cv = cv(cell).map_or("-".into(), |(cv, _)| format!("{cv:.2}"));
        format!("{rate} ({cv}{})", table::mark(cell))
    };
    let mut rows = vec![
        [down.key.clone()].into_iter().chain(across.values.iter().map(value)).collect::<Vec<_>>(),
    ];
    for (value, cells) in down.values.iter().zip(results.populations.chunks(across.values.len())) {
        rows.push([value.to_string()].into_iter().chain(cells.iter().map(cell)).collect());
    }
    let to_the_right = vec![true; across.values.len() + 1];
    format!(
        "rate [Hz] (CV), means over neurons; across: {}\n{}",
        across.key,
        aligned(&rows, &to_the_right)
    )
}
