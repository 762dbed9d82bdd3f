//! An exercise: what it is done with, and what it gives.

use std::path::PathBuf;

use crate::analysis::Analysis;
use crate::document::Document;
use crate::engine::Engine;
use crate::error::Error;
use crate::experiment::Experiment;
use crate::output::folder::Folder;
use crate::output::write_figure;
use crate::plot::{Figure, Format};
use crate::results::Results;
use crate::setting::Setting;
use crate::simulation::simulate;
use crate::sweep::Sweep;
use crate::trace::{Samples, Trace, trace};
use crate::{Plan, Record};

/// One value held against its reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What it is.
    pub what: String,
    /// What was expected.
    pub expected: f64,
    /// How far it may be off, and why that far is told in the catalogue.
    pub within: f64,
    /// What came out; none if it is not defined.
    pub found: Option<f64>,
}

impl Check {
    /// Whether what came out is what was expected.
    pub fn holds(&self) -> bool {
        self.found.is_some_and(|found| (found - self.expected).abs() <= self.within)
    }
}

/// What an exercise gave.
#[derive(Clone, Debug)]
pub struct Done {
    /// Its number in the list of exercises.
    pub number: u32,
    /// What it is.
    pub title: &'static str,
    /// The values; none where an exercise is not there yet.
    pub checks: Vec<Check>,
    /// A remark.
    pub remark: &'static str,
    /// The figure, in the folder.
    pub figure: Option<PathBuf>,
}

impl Done {
    /// Whether all values are as expected.
    pub fn holds(&self) -> bool {
        self.checks.iter().all(Check::holds)
    }
}

/// What exercises are done with.
pub struct Desk<'a> {
    pub engine: &'a dyn Engine,
    pub folder: &'a Folder,
}

impl Desk<'_> {
    /// An experiment from settings as `--set` takes them, apart by blanks.
    pub fn experiment(&self, settings: &str) -> Result<Experiment, Error> {
        self.grid(settings, &[])
    }

    pub fn grid(&self, settings: &str, sweeps: &[Sweep]) -> Result<Experiment, Error> {
        let flags: Vec<Setting> =
            settings.split_whitespace().map(Setting::assignment).collect::<Result<_, _>>()?;
        let document = Document { sweeps: sweeps.to_vec(), ..Document::default() };
        Experiment::new(&document, &flags)
    }

    pub fn results(&self, experiment: &Experiment) -> Result<Results, Error> {
        let simulated =
            simulate(self.engine, experiment, Plan::new(Record::Spikes), &mut |_| true)?;
        match simulated.failure {
            Some(failure) => Err(failure),
            None => Ok(Results::new(experiment, &simulated, Analysis::default())),
        }
    }

    /// Draws a figure under a name of its own.
    pub fn draw(&self, name: &str, figure: Figure) -> Result<PathBuf, Error> {
        let figure = Figure { name: name.to_owned(), ..figure };
        let written = write_figure(self.folder, &figure, &[Format::Png]);
        written.into_iter().next().unwrap_or_else(|| {
            Err(Error::Figure { figure: name.to_owned(), message: "no file was made".into() })
        })
    }

    pub fn run(&self, settings: &str) -> Result<Results, Error> {
        self.results(&self.experiment(settings)?)
    }

    /// The trace of a neuron of the first population, in f64.
    pub fn trace(&self, experiment: &Experiment, neuron: usize) -> Trace {
        let samples = Samples { from: 0, to: experiment.steps, every: 1 };
        trace::<f64>(experiment, &experiment.populations[0], neuron, samples)
    }
}
