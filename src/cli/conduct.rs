//! Conducts a simulation from the checked experiment to files and report.

use std::time::Instant;

use super::args::{EXPERIMENT, EngineArgs, OutputArgs};
use super::choices::Choices;
use super::outcome::Outcome;
use super::section::Said;
use super::{interrupt, memory, progress, table, terminal};
use serde_json::Value;

use loligo::document::Document;
use loligo::error::{Error, Place, Problem};
use loligo::experiment::{Experiment, complete};
use loligo::output::folder::{Folder, WriteSeek, io_error};
use loligo::output::formats::{SpikeFormat, Table};
use loligo::output::summary::{Summary, Timing};
use loligo::output::{self, Written};
use loligo::plot::Format;
use loligo::results::Results;
use loligo::results::notes::notes;
use loligo::setting::Setting;
use loligo::simulation::{Simulated, simulate_into};
use loligo::sink::{Sink, Spool};
use loligo::sweep::Sweep;
use loligo::{Plan, Record};

/// Reads the levels of a grid that are to be shown.
type Levels<'a> = dyn Fn(&[Said]) -> Result<Vec<Sweep>, Error> + 'a;

/// What is found in the results, if anything is looked for.
type Findings<'a> = dyn Fn(&Results) -> Result<Option<Value>, Error> + 'a;

/// What is made of the results.
pub struct Report<'a> {
    /// What the experiment was made of, to be written out.
    pub document: &'a Document,
    /// What flags say besides.
    pub flags: &'a [Setting],
    /// The grid, if there is one.
    pub sweeps: &'a [Sweep],
    /// Writes the files but the summary.
    pub files: &'a dyn Fn(&Folder, &Results, &Wanted) -> Written,
    /// The levels of the grid that are to be shown.
    pub levels: &'a Levels<'a>,
    /// The table for a person.
    pub table: &'a dyn Fn(&Results) -> String,
    /// Whether spikes are written though nobody asked for them.
    pub writes_spikes: bool,
    /// What a study finds, for the summary.
    pub findings: &'a Findings<'a>,
}

/// What is wanted of the files.
pub struct Wanted {
    /// The formats of figures.
    pub formats: Vec<Format>,
    /// The levels of the grid that are shown; of other keys those that fit.
    pub levels: Vec<Sweep>,
}

/// Neurons whose spikes are drawn, where all are only written.
const SHOWN: usize = 200;

/// Simulates, analyses, writes and reports.
pub fn conduct(
    experiment: &Experiment,
    engine: &EngineArgs,
    output: &OutputArgs,
    report: &Report<'_>,
) -> Result<Outcome, Error> {
    let target = &output.target;
    let (json, quiet) = (target.json, target.quiet);
    let run = &report.document.run;
    let choices = Choices::new(experiment, output, engine.precision, run)?;
    let Choices { record, analysis, precision, .. } = choices;
    let writes_spikes = choices.record_is_said || report.writes_spikes;
    let wanted = Wanted {
        formats: target.formats(&[Format::Png])?,
        levels: (report.levels)(&choices.show)?,
    };
    let complete =
        head() + &complete(experiment, report.document, report.flags)? + &choices.section;
    if record == Record::None && experiment.has_window() {
        let message = "with --record none, spikes are counted over the whole run";
        let remedy = "leave --from and --to out, or record spikes";
        return Err(Problem::new(message, &Place::Flag("--record none".into()), remedy).into());
    }
    let begin = Instant::now();
    let interrupt = interrupt::listen();
    // Other formats than that of arrays are written as spikes come: a sample is kept, to be drawn.
    let is_spooled = record == Record::Spikes
        && writes_spikes
        && target.has_folder()
        && choices.formats.iter().any(|format| *format != SpikeFormat::Npz);
    let kept = if is_spooled { Record::Sample(SHOWN) } else { record };
    let most_spikes = memory::most_spikes(experiment, kept)?;
    let engine = engine.engine(precision)?;
    if !quiet {
        let info = engine.info();
        terminal::say(&format!(
            "{} engine: {} ({}), {}",
            info.kind, info.device, info.driver, info.reason
        ));
    }
    let tell = |notes: &[String]| {
        if !quiet {
            notes.iter().for_each(|note| terminal::say(&format!("note: {note}")));
        }
    };
    tell(experiment.notes());
    let folder = target.folder()?;
    if let Some(folder) = &folder {
        let of_files = choices.formats.iter().map(|format| format.bytes()).sum::<f64>();
        let of_spool = if is_spooled { SpikeFormat::Npz.bytes() } else { 0.0 };
        memory::check_disk(experiment, record, of_files + of_spool, folder.existing())?;
    }
    let mut spool = match &folder {
        Some(folder) if is_spooled => Some(Spool::create(&folder.existing().join("spikes.spool"))?),
        _ => None,
    };
    let opened = begin.elapsed();

    let progress = progress::bar(experiment, quiet);
    let plan = Plan { most_spikes, analysis, ..Plan::new(kept) };
    let besides = spool.iter_mut().map(|spool| spool as &mut dyn Sink).collect();
    let simulated = simulate_into(engine.as_ref(), experiment, plan, besides, &mut |steps| {
        progress.set_position(u64::from(steps));
        !interrupt.is_requested()
    });
    progress.finish_and_clear();
    let mut simulated = simulated?;
    let interrupted = simulated.steps < experiment.steps();

    let start = Instant::now();
    let results = Results::new(experiment, &simulated, analysis);
    let notes = notes(experiment, &results);
    // The trains are the populations' now.
    simulated.trains = None;
    let analysis = start.elapsed();

    let start = Instant::now();
    let Simulated { setup, stepping, mut failure, .. } = simulated;
    let mut files = Vec::new();
    if let Some(folder) = &folder {
        let Written { paths, failure: error } = (report.files)(folder, &results, &wanted);
        files = paths;
        failure = failure.or(error);
        if writes_spikes && (spool.is_some() || results.kept().next().is_some()) {
            let table = Table { results: &results, experiment: &complete, spool: spool.as_ref() };
            for format in &choices.formats {
                match table.write(folder, *format) {
                    Ok(path) => files.push(path),
                    Err(error) => failure = failure.or(Some(error)),
                }
            }
        }
        // The folder is for others from now on.
        drop(spool.take());
        let fill = |file: &mut dyn WriteSeek| file.write_all(complete.as_bytes()).map_err(io_error);
        match folder.write(EXPERIMENT, fill) {
            Ok(path) => files.push(path),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    let phases = [opened + setup, stepping, analysis, start.elapsed()];
    let neuron_steps = results.neurons() as f64 * f64::from(results.steps);
    let timing = Timing::new(phases, neuron_steps);
    let all_notes = [experiment.notes(), &notes].concat();
    let mut summary = Summary::new(
        &results,
        all_notes,
        report.sweeps,
        engine.info(),
        record,
        interrupted,
        timing,
    );
    match (report.findings)(&results) {
        Ok(findings) => summary.study = findings,
        Err(error) => failure = failure.or(Some(error)),
    }
    if let Some(folder) = &folder {
        match output::write_summary(folder, &summary) {
            Ok(path) => files.insert(0, path),
            Err(error) => failure = failure.or(Some(error)),
        }
        failure = failure.or(folder.finish().err());
    }

    if let (true, false, None) = (experiment.has_window(), interrupted, &failure)
        && results.populations.iter().all(|population| population.rates.spikes == 0)
    {
        tell(&notes);
        return Err(silent_window(&results));
    }
    if json {
        terminal::print(&summary.to_json()?)?;
    } else if !quiet {
        let head = table::head(&results);
        let foot = table::foot(&timing, folder.as_ref(), &files);
        terminal::print(&format!("{head}\n{}\n{foot}", (report.table)(&results)))?;
    }
    tell(&notes);
    if interrupted && !quiet {
        terminal::say(&format!(
            "ended after {} of {} steps: what was done is kept",
            results.steps,
            experiment.steps()
        ));
    }
    match failure {
        Some(error) => Err(error),
        None if interrupted => Ok(Outcome::Interrupted),
        None => Ok(Outcome::Done),
    }
}

/// The command line as a comment, without where files go and what is printed: the same experiment gives the same bytes.
pub fn head() -> String {
    const ELSEWHERE: [&str; 4] = ["--out", "--force", "--quiet", "--json"];
    let mut words = Vec::new();
    let mut all = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    while let Some(word) = all.next() {
        let flag = word.split('=').next().unwrap_or_default();
        if !ELSEWHERE.contains(&flag) {
            words.push(quoted(&word));
        } else if word == "--out" {
            all.next();
        }
    }
    format!("# loligo {}\n", words.join(" "))
}

/// A word as a shell has it, on one line.
fn quoted(word: &str) -> String {
    let word = word.replace(|c: char| c.is_control(), " ");
    let is_plain = |c: char| c.is_alphanumeric() || "-_=.,:/+@%".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word,
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// The error of a window that was asked for and has no spike in it. What was simulated is kept in the folder.
fn silent_window(results: &Results) -> Error {
    let [from, to] = results.window.ends_ms(results.dt_ms).map(loligo::unit::tell);
    let place = Place::Flag(format!("--from {from}ms --to {to}ms"));
    let message = "no neuron fires in this window: there are no statistics of it";
    Problem::new(message, &place, "choose another window, or another stimulus").into()
}
