//! The results of a simulation: statistics of each population over the analysis window.

pub mod notes;
mod oscillation;

use crate::analysis::counts::{self, Counts};
use crate::analysis::intervals::{self, Histogram, PopulationIntervals};
use crate::analysis::rate::{self, Rates};
use crate::analysis::spectrum::{self, Spectrum};
use crate::experiment::Experiment;
use crate::population::Population;
use crate::simulation::Simulated;
use crate::spikes::SpikeTrains;
use crate::window::Window;
use crate::window::time_ms;

/// How statistics are taken, besides the experiment's window.
#[derive(Clone, Copy, Debug)]
pub struct Analysis {
    /// Length of the windows in which spikes are counted, for Fano factors and correlations (ms).
    pub count_window_ms: f64,
    /// How spectra are taken.
    pub spectrum: spectrum::Method,
}

impl Default for Analysis {
    fn default() -> Self {
        Analysis { count_window_ms: 50.0, spectrum: spectrum::Method::default() }
    }
}

/// The results of one population.
#[derive(Clone, Debug)]
pub struct PopulationResults {
    /// The population.
    pub population: Population,
    /// The number of spikes of each neuron in the window.
    pub counts: Vec<u32>,
    /// Rates and Fano factor.
    pub rates: Rates,
    /// What needs the spikes themselves; none where only counts are recorded.
    pub recorded: Option<Recorded>,
}

/// What needs the spikes themselves.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The spike trains of the whole run.
    pub whole_trains: SpikeTrains,
    /// The spike trains within the window.
    pub trains: SpikeTrains,
    /// Interval statistics.
    pub intervals: PopulationIntervals,
    /// Histogram of all intervals; none without intervals.
    pub histogram: Option<Histogram>,
    /// Spectrum; none if the window is too short for a frequency.
    pub spectrum: Option<Spectrum>,
    /// Fano factors and correlation of spike counts; none if the window is too short.
    pub counts: Option<Counts>,
}

/// The results of all populations.
#[derive(Clone, Debug)]
pub struct Results {
    /// Steps simulated.
    pub steps: u32,
    /// Time step (ms).
    pub dt_ms: f64,
    /// Seed.
    pub seed: u64,
    /// The part of the run that statistics are of.
    pub window: Window,
    /// Each population's results.
    pub populations: Vec<PopulationResults>,
}

impl Results {
    /// Computes the statistics of what was simulated, over the steps of the window that were done. Where only
    /// counts are recorded, they are of the whole run.
    pub fn new(experiment: &Experiment, simulated: &Simulated, analysis: Analysis) -> Self {
        let (steps, dt_ms) = (simulated.steps, experiment.dt_ms);
        let window = match &simulated.trains {
            Some(_) => experiment.window.until(steps),
            None => Window::whole(steps),
        };
        let populations = experiment
            .populations
            .iter()
            .map(|population| {
                let recorded = simulated.trains.as_ref().map(|trains| {
                    Recorded::new(trains.slice(population.range()), window, dt_ms, analysis)
                });
                let counts: Vec<u32> = match &recorded {
                    Some(recorded) => {
                        recorded.trains.iter().map(|train| train.len() as u32).collect()
                    }
                    None => simulated.counts[population.range()].to_vec(),
                };
                PopulationResults {
                    population: population.clone(),
                    rates: rate::of_counts(&counts, window.duration_ms(dt_ms)),
                    counts,
                    recorded,
                }
            })
            .collect();
        Results { steps, dt_ms, seed: experiment.seed, window, populations }
    }

    /// The time simulated (ms).
    pub fn duration_ms(&self) -> f64 {
        time_ms(self.steps, self.dt_ms)
    }

    /// How many neurons, of all populations together.
    pub fn neurons(&self) -> usize {
        self.populations.iter().map(|results| results.population.neurons).sum()
    }

    /// The length of the window (ms).
    pub fn window_ms(&self) -> f64 {
        self.window.duration_ms(self.dt_ms)
    }

    /// Whether spikes were recorded.
    pub fn are_recorded(&self) -> bool {
        self.populations.iter().all(|results| results.recorded.is_some())
    }

    /// The populations whose spikes were recorded, with what was computed from them.
    pub fn recorded(&self) -> impl Iterator<Item = (&Population, &Recorded)> {
        self.populations
            .iter()
            .filter_map(|results| Some((&results.population, results.recorded.as_ref()?)))
    }
}

impl Recorded {
    fn new(whole_trains: SpikeTrains, window: Window, dt_ms: f64, analysis: Analysis) -> Self {
        let trains = whole_trains.within(window);
        let intervals = intervals::of_population(&trains, dt_ms);
        Recorded {
            histogram: intervals::histogram(&trains, &intervals.pooled, dt_ms),
            spectrum: spectrum::of_trains(&trains, window, dt_ms, analysis.spectrum),
            counts: counts::of_trains(&trains, window, dt_ms, analysis.count_window_ms),
            intervals,
            trains,
            whole_trains,
        }
    }
}
