//! Conducts a simulation from the checked experiment to files and report.

use std::time::Instant;

use serde_json::Value;

use super::args::{EngineArgs, OutputArgs};
use super::outcome::Outcome;
use super::section::Said;
use super::work::{Done, Work};
use super::{checkpointed, interrupt, memory, progress, shard};
use loligo::Plan;
use loligo::document::Document;
use loligo::error::Error;
use loligo::experiment::Experiment;
use loligo::output::Written;
use loligo::output::folder::Folder;
use loligo::plot::Format;
use loligo::results::Results;
use loligo::setting::Setting;
use loligo::simulation::simulate_into;
use loligo::sink::{Sink, Spool};
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
    let interrupt = interrupt::listen();
    let kept = work.kept();
    let most_spikes = memory::most_spikes(experiment, kept)?;
    let engine = work.engine(engine)?;
    work.tell(experiment.notes());
    let folder = output.target.folder()?;
    if let Some(folder) = &folder {
        work.check_disk(folder)?;
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
    work.finish(folder, Done { simulated: simulated?, spool, engine, opened })
}

/// The command line as a comment, without where files go and what is printed: the same experiment gives the same bytes.
pub fn head() -> String {
    const ELSEWHERE: [&str; 6] =
        ["--out", "--shard", "--checkpoint", "--force", "--quiet", "--json"];
    let mut words = Vec::new();
    let mut all = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    while let Some(word) = all.next() {
        let flag = word.split('=').next().unwrap_or_default();
        if !ELSEWHERE.contains(&flag) {
            words.push(quoted(&word));
        } else if ["--out", "--shard", "--checkpoint"].contains(&&*word) {
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
