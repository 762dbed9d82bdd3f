//! What an experiment is, once it is checked.

use std::ops::Range;

use crate::population::Population;
use crate::window::{Window, time_ms};

/// What is to be simulated: populations of neurons, all stepped over the same time. It is checked as a whole when it is
/// built, and cannot be changed after:
///
/// ```compile_fail
/// let mut experiment = loligo::Experiment::builder().build().unwrap();
/// experiment.steps = 7;
/// ```
#[derive(Clone, Debug)]
pub struct Experiment {
    /// The populations; their neurons are counted through.
    pub(crate) populations: Vec<Population>,
    /// Time step (ms).
    pub(crate) dt_ms: f64,
    /// Number of steps.
    pub(crate) steps: u32,
    /// Seed of all random numbers.
    pub(crate) seed: u64,
    /// The part of the run that statistics are of.
    pub(crate) window: Window,
    /// Whether the window was asked for, by `from` or `to`.
    pub(crate) has_window: bool,
    /// What is to be told before anything runs, a line each: settings that do not act as they look.
    pub(crate) notes: Vec<String>,
    /// The neurons that are stepped, by their global indices, if not all.
    pub(crate) part: Option<Range<usize>>,
}

/// Neurons of a population where none are given.
pub const NEURONS: usize = 4096;
/// Duration where none is given (ms).
pub const DURATION_MS: f64 = 1000.0;
/// Seed where none is given.
pub const SEED: u64 = 1;

impl Experiment {
    /// The populations; their neurons are counted through.
    pub fn populations(&self) -> &[Population] {
        &self.populations
    }

    /// Time step (ms).
    pub fn dt_ms(&self) -> f64 {
        self.dt_ms
    }

    /// Number of steps.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// Seed of all random numbers.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The part of the run that statistics are of.
    pub fn window(&self) -> Window {
        self.window
    }

    /// Whether the window was asked for, by `from` or `to`.
    pub fn has_window(&self) -> bool {
        self.has_window
    }

    /// What is to be told before anything runs, a line each: settings that do not act as they look.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// How many neurons, of all populations together.
    pub fn neurons(&self) -> usize {
        self.populations.iter().map(|population| population.neurons).sum()
    }

    /// The neurons that are stepped, by their global indices: all, or a [`shard`](Self::shard).
    pub fn part(&self) -> Range<usize> {
        self.part.clone().unwrap_or(0..self.neurons())
    }

    /// The number of populations that have neurons in the part that is stepped.
    pub fn populations_of_part(&self) -> usize {
        let (part, mut first) = (self.part(), 0);
        let overlaps = self.populations.iter().filter(|population| {
            let own = first..first + population.neurons;
            first = own.end;
            own.start < part.end && part.start < own.end
        });
        overlaps.count()
    }

    /// A part of the same experiment: of `of` parts of about equal size, the neurons of the one with this index. They do
    /// what they do in the whole: random numbers are keyed by their global indices. A shard has shards as well.
    #[must_use]
    pub fn shard(&self, index: usize, of: usize) -> Experiment {
        let whole = self.part();
        let end = |index: usize| whole.start + index * whole.len() / of.max(1);
        let part = Some(end(index)..end(index + 1).min(whole.end));
        Experiment { part, ..self.clone() }
    }

    /// The time simulated (ms): the number of steps times the time step.
    pub fn duration_ms(&self) -> f64 {
        time_ms(self.steps, self.dt_ms)
    }

    /// One neuron of each population, typical of it, without noise.
    pub(crate) fn typical_without_noise(&self) -> Experiment {
        let typical = |(n, population): (usize, &Population)| {
            population.typical().without_noise().with_first_neuron(n)
        };
        let populations = self.populations.iter().enumerate().map(typical).collect();
        Experiment { populations, ..self.clone() }
    }

    /// Adds notes, each once.
    pub(crate) fn tell(&mut self, notes: Vec<String>) {
        let new = notes.into_iter().filter(|note| !self.notes.contains(note)).collect::<Vec<_>>();
        self.notes.extend(new);
    }
}
