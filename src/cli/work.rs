//! An experiment with what is to be made of it: from what was simulated to files and report.

use std::path::Path;
use std::time::{Duration, Instant};

use super::args::{EXPERIMENT, EngineArgs, OutputArgs};
use super::choices::Choices;
use super::command_line::head;
use super::outcome::Outcome;
use super::section::Said;
use super::{table, terminal};
use serde_json::Value;

use loligo::Record;
use loligo::document::Document;
use loligo::engine::choice::Precision;
use loligo::engine::{Engine, EngineInfo};
use loligo::error::{Error, Place, Problem};
use loligo::experiment::{Experiment, complete};
use loligo::memory::needs;
use loligo::output::folder::{Folder, WriteSeek, io_error};
use loligo::output::formats::{SpikeFormat, Table};
use loligo::output::summary::{Summary, Timing};
use loligo::output::{self, Written};
use loligo::plot::Format;
use loligo::results::Results;
use loligo::results::notes::notes;
use loligo::setting::Setting;
use loligo::simulation::Simulated;
use loligo::sink::Spool;
use loligo::sweep::Sweep;

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
    pub files: &'a (dyn Fn(&Folder, &Results, &Wanted) -> Written + Sync),
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

/// An experiment, and what is wanted of it.
pub struct Work<'a> {
    pub experiment: &'a Experiment,
    pub output: &'a OutputArgs,
    pub choices: Choices,
    /// The experiment as a file.
    pub complete: String,
    report: &'a Report<'a>,
    wanted: Wanted,
    writes_spikes: bool,
}

/// What was simulated, and on what.
pub struct Done {
    pub simulated: Simulated,
    /// All spikes, where they were written as they came.
    pub spool: Option<Spool>,
    pub engine: EngineInfo,
    /// Time before anything was simulated.
    pub opened: Duration,
}

impl<'a> Work<'a> {
    /// Checks what is wanted.
    pub fn new(
        experiment: &'a Experiment,
        output: &'a OutputArgs,
        precision: Option<Precision>,
        report: &'a Report<'a>,
    ) -> Result<Self, Error> {
        let choices = Choices::new(experiment, output, precision, &report.document.run)?;
        let wanted = Wanted {
            formats: output.target.formats(&[Format::Png])?,
            levels: (report.levels)(&choices.show)?,
        };
        if choices.record == Record::None && experiment.has_window() {
            let message = "with --record none, spikes are counted over the whole run";
            let remedy = "leave --from and --to out, or record spikes";
            let place = Place::Flag("--record none".into());
            return Err(Problem::new(message, &place, remedy).into());
        }
        let complete = complete(experiment, report.document, report.flags)?;
        let complete = head() + &complete + &choices.section;
        let writes_spikes = choices.record_is_said || report.writes_spikes;
        Ok(Work { experiment, output, choices, complete, report, wanted, writes_spikes })
    }

    /// Whether spikes are written as they come: for other formats than that of arrays.
    pub fn is_spooled(&self) -> bool {
        self.choices.record == Record::Spikes
            && self.writes_spikes
            && self.choices.formats.iter().any(|format| *format != SpikeFormat::Npz)
    }

    /// What is kept in memory: of spikes that are written as they come, a sample, to be drawn.
    pub fn kept(&self) -> Record {
        if self.is_spooled() { Record::Sample(SHOWN) } else { self.choices.record }
    }

    /// The engine, which is told.
    pub fn engine(&self, engine: &EngineArgs) -> Result<Box<dyn Engine>, Error> {
        let engine = engine.engine(self.choices.precision)?;
        if !self.output.target.quiet {
            let info = engine.info();
            terminal::say(&format!(
                "{} engine: {} ({}), {}",
                info.kind, info.device, info.driver, info.reason
            ));
        }
        Ok(engine)
    }

    /// Tells notes, unless nothing is to be told.
    pub fn tell(&self, notes: &[String]) {
        if !self.output.target.quiet {
            notes.iter().for_each(|note| terminal::say(&format!("note: {note}")));
        }
    }

    /// Refuses an experiment whose files do not fit where a folder is.
    pub fn check_disk(&self, folder: &Path) -> Result<(), Error> {
        let (experiment, record) = (self.experiment, self.choices.record);
        let bytes = self.bytes_per_spike().iter().sum();
        let needed = needs::on_disk(experiment, record, needs::assumed(experiment), bytes);
        needs::check_disk(experiment, record, needed, folder)
    }

    /// The most spikes that fit the memory beside what formats take.
    pub fn most_spikes(&self) -> Result<usize, Error> {
        let besides = self.memory_of_formats(needs::assumed(self.experiment));
        needs::most_spikes(self.experiment, self.kept(), besides, 0.0)
    }

    /// Bytes of memory that writing some spikes as they come takes at a time.
    pub fn memory_of_formats(&self, spikes: f64) -> f64 {
        let formats = self.choices.formats.iter().filter(|_| self.is_spooled());
        formats.map(|format| format.memory(spikes)).fold(0.0, f64::max)
    }

    /// Bytes of files for a spike: of those that stay, and of one that is there until they are written.
    pub fn bytes_per_spike(&self) -> [f64; 2] {
        let of_files = self.choices.formats.iter().map(|format| format.bytes()).sum::<f64>();
        // Units of NWB are sorted through files of their own.
        let is_sorted = self.is_spooled() && self.choices.formats.contains(&SpikeFormat::Nwb);
        let is_spooled = self.is_spooled() || self.output.checkpoint.is_some();
        let of_spool =
            Spool::BYTES_PER_SPIKE * f64::from(u8::from(is_spooled) + u8::from(is_sorted));
        [if self.writes_spikes { of_files } else { 0.0 }, of_spool]
    }

    /// The experiment as a file, without the command line: the same experiment gives the same bytes.
    fn settings(&self) -> &str {
        match self.complete.split_once('\n') {
            Some((head, rest)) if head.starts_with('#') => rest,
            _ => &self.complete,
        }
    }

    /// Analyses, writes and reports.
    pub fn finish(&self, folder: Option<Folder>, done: Done) -> Result<Outcome, Error> {
        let Work { experiment, output, report, .. } = *self;
        let (json, quiet) = (output.target.json, output.target.quiet);
        let Done { mut simulated, mut spool, engine, opened } = done;
        let interrupted = simulated.steps < experiment.steps();

        let start = Instant::now();
        let results = Results::new(experiment, &simulated, self.choices.analysis);
        let notes = notes(experiment, &results);
        // The trains are the populations' now.
        simulated.trains = None;
        let analysis = start.elapsed();

        let start = Instant::now();
        let Simulated { setup, stepping, mut failure, .. } = simulated;
        let mut files = Vec::new();
        if let Some(folder) = &folder {
            // Spikes that end before the tables do would be taken for all.
            let are_whole = spool.as_ref().is_none_or(|spool| !spool.has_failed());
            let has_spikes = spool.is_some() || results.kept().next().is_some();
            let writes_spikes = self.writes_spikes && are_whole && has_spikes;
            let table = Table::new(&results, self.settings(), spool.as_ref());
            let formats = self.choices.formats.iter().filter(|_| writes_spikes);
            let (tables, wanted) = (report.files, &self.wanted);
            // Writing spikes waits for the disk, drawing does not: beside each other.
            let (written, spikes) = rayon::join(
                || tables(folder, &results, wanted),
                || formats.map(|format| table.write(folder, *format)).collect::<Vec<_>>(),
            );
            files = written.paths;
            failure = failure.or(written.failure);
            for file in spikes {
                match file {
                    Ok(path) => files.push(path),
                    Err(error) => failure = failure.or(Some(error)),
                }
            }
            // The folder is for others from now on.
            drop(spool.take());
            let fill = |file: &mut dyn WriteSeek| {
                file.write_all(self.complete.as_bytes()).map_err(io_error)
            };
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
            &engine,
            self.choices.record,
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
            // A file that could not be written can be, when it is gone on with from the last checkpoint.
            if folder.has_checkpoint() && matches!(failure, Some(Error::Io { .. })) {
                if !quiet {
                    let path = folder.path().display();
                    terminal::say(&format!("all is kept: `loligo resume {path}` writes it anew"));
                }
                return Err(failure.unwrap_or_else(|| io_error(std::io::ErrorKind::Other)));
            }
            failure = failure.or(folder.finish().err());
        }

        if let (true, false, None) = (experiment.has_window(), interrupted, &failure)
            && results.populations.iter().all(|population| population.rates.spikes == 0)
        {
            self.tell(&notes);
            return Err(silent_window(&results));
        }
        if json {
            terminal::print(&summary.to_json()?)?;
        } else if !quiet {
            let head = table::head(&results);
            let foot = table::foot(&timing, folder.as_ref(), &files);
            terminal::print(&format!("{head}\n{}\n{foot}", (report.table)(&results)))?;
        }
        self.tell(&notes);
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
}

/// The error of a window that was asked for and has no spike in it. What was simulated is kept in the folder.
fn silent_window(results: &Results) -> Error {
    let [from, to] = results.window.ends_ms(results.dt_ms).map(loligo::unit::tell);
    let place = Place::Flag(format!("--from {from}ms --to {to}ms"));
    let message = "no neuron fires in this window: there are no statistics of it";
    Problem::new(message, &place, "choose another window, or another stimulus").into()
}
