//! `loligo study`: an experiment that people do, its figure and what it says.

use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::args::{EngineArgs, ExperimentArgs, OutputArgs};
use super::conduct::conduct;
use super::outcome::Outcome;
use super::terminal;
use super::work::Report;
use loligo::document::{Document, parse_toml};
use loligo::error::{Error, Place, Problem, nearest};
use loligo::experiment::Experiment;
use loligo::output::folder::{Folder, WriteSeek, io_error};
use loligo::output::{Written, write_figure};
use loligo::plot::Format;
use loligo::results::Results;
use loligo::study::{Found, STUDIES, Study};
use loligo::sweep::Sweep;

/// Flags of `loligo study`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Args {
    /// The study; without a name, all are listed
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Print the experiment of the study, to start one's own from
    #[arg(long, requires = "name")]
    print: bool,
    /// Other values of a key that is swept: 0,1,3 or FROM:TO:STEP; repeatable
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
    let Some(name) = &args.name else {
        terminal::print(&list())?;
        return Ok(Outcome::Done);
    };
    let study = Study::named(name).ok_or_else(|| unknown(name))?;
    if args.print {
        terminal::print(study.text)?;
        return Ok(Outcome::Done);
    }
    let mut document = match args.experiment.has_file() {
        true => args.experiment.document(args.output.target.force)?,
        false => parse_toml(Path::new(&format!("studies/{}.toml", study.name)), study.text)?,
    };
    let swept = args.sweeps.iter().map(|text| Sweep::parse(text)).collect::<Result<Vec<_>, _>>()?;
    for sweep in swept {
        match document.sweeps.iter_mut().find(|own| own.key == sweep.key) {
            Some(own) => *own = sweep,
            None => document.sweeps.push(sweep),
        }
    }
    conducted(study, &document, args)
}

fn conducted(study: &Study, document: &Document, args: &Args) -> Result<Outcome, Error> {
    for (flag, text) in [("shard", &args.output.shard), ("checkpoint", &args.output.checkpoint)] {
        if let Some(text) = text {
            let message = "a study is done at once";
            let place = Place::Flag(format!("--{flag} {text}"));
            return Err(Problem::new(message, &place, "leave it out").into());
        }
    }
    let flags = args.experiment.settings()?;
    let experiment = Experiment::new(document, &flags)?;
    let once: OnceLock<Option<Found>> = OnceLock::new();
    let found =
        |results: &Results| once.get_or_init(|| study.found(&experiment, results).ok()).as_ref();
    let report = Report {
        document,
        flags: &flags,
        sweeps: &document.sweeps,
        files: &|folder, results, wanted| match found(results) {
            Some(found) => write(folder, found, &wanted.formats),
            None => Written { paths: Vec::new(), failure: None },
        },
        levels: &|_| Ok(Vec::new()),
        writes_spikes: false,
        table: &|results| {
            found(results).map_or_else(String::new, |found| found.lines.join("\n") + "\n")
        },
        findings: &|results| match found(results) {
            Some(found) => Ok(Some(as_json(study, found))),
            // What is wrong is found out once more, for its message.
            None => study.found(&experiment, results).map(|found| Some(as_json(study, &found))),
        },
    };
    conduct(&experiment, &args.engine, &args.output, &report)
}

fn list() -> String {
    let width = STUDIES.iter().map(|study| study.name.len()).max().unwrap_or(0);
    let lines = STUDIES.iter().map(|study| {
        format!("{:<width$}  {}\n{:<width$}  ({})\n", study.name, study.about, "", study.source)
    });
    lines.collect::<String>() + "\n`loligo study NAME` does one, --print prints its experiment.\n"
}

fn unknown(name: &str) -> Error {
    let names = || STUDIES.iter().map(|study| study.name);
    let near = nearest(name, names()).map(|near| format!("did you mean `{near}`? "));
    let known = names().collect::<Vec<_>>().join(", ");
    let remedy = format!("{}there is {known}", near.unwrap_or_default());
    let place = Place::Flag(format!("study {name}"));
    Problem::new(format!("there is no study `{name}`"), &place, remedy).into()
}

fn as_json(study: &Study, found: &Found) -> Value {
    let finite = |x: &f64| if x.is_finite() { json!(x) } else { Value::Null };
    let column = |n: usize| found.rows.iter().map(|row| finite(&row[n])).collect::<Vec<_>>();
    let columns = found.header.iter().enumerate().map(|(n, name)| (name.clone(), column(n).into()));
    json!({
        "name": study.name,
        "found": found.lines,
        "table": columns.collect::<serde_json::Map<String, Value>>(),
    })
}

/// Writes figure and table.
fn write(folder: &Folder, found: &Found, formats: &[Format]) -> Written {
    let mut written = Written { paths: Vec::new(), failure: None };
    let mut keep = |path: Result<_, Error>| match path {
        Ok(path) => written.paths.push(path),
        Err(error) => written.failure = written.failure.take().or(Some(error)),
    };
    let table = |file: &mut dyn WriteSeek| {
        let number = |x: &f64| if x.is_finite() { format!("{x}") } else { String::new() };
        let rows =
            found.rows.iter().map(|row| row.iter().map(number).collect::<Vec<_>>().join(","));
        let lines = [found.header.join(",")].into_iter().chain(rows);
        let text: String = lines.map(|line| line + "\n").collect();
        file.write_all(text.as_bytes()).map_err(io_error)
    };
    keep(folder.write(&format!("{}.csv", found.figure.name), table));
    write_figure(folder, &found.figure, formats).into_iter().for_each(keep);
    written
}
