//! The results of a simulation: statistics of each population.

use crate::analysis::correlation::{self, Correlation};
use crate::analysis::intervals::{self, Histogram, PopulationIntervals};
use crate::analysis::rate::{self, Rates};
use crate::analysis::spectrum::{self, Spectrum};
use crate::experiment::{Experiment, time_ms};
use crate::population::Population;
use crate::simulation::Simulated;
use crate::spikes::SpikeTrains;

/// The results of one population.
#[derive(Clone, Debug)]
pub struct PopulationResults {
    /// The population.
    pub population: Population,
    /// The number of spikes of each neuron.
    pub counts: Vec<u32>,
    /// Rates and Fano factor.
    pub rates: Rates,
    /// What needs the spikes themselves; none where only counts are recorded.
    pub recorded: Option<Recorded>,
}

/// What needs the spikes themselves.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The spike trains.
    pub trains: SpikeTrains,
    /// Interval statistics.
    pub intervals: PopulationIntervals,
    /// Histogram of all intervals; none without intervals.
    pub histogram: Option<Histogram>,
    /// Spectrum; none if the duration is too short for a frequency.
    pub spectrum: Option<Spectrum>,
    /// Spike-count correlation of pairs; none if it is not defined.
    pub correlation: Option<Correlation>,
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
    /// Each population's results.
    pub populations: Vec<PopulationResults>,
}

impl Results {
    /// Computes the statistics of what was simulated, over the steps that were done.
    /// Counts for the correlation of pairs are taken in windows of `window_ms`.
    pub fn new(experiment: &Experiment, simulated: &Simulated, window_ms: f64) -> Self {
        let (steps, dt_ms) = (simulated.steps, experiment.dt_ms);
        let populations = experiment
            .populations
            .iter()
            .map(|population| {
                let counts = &simulated.counts[population.range()];
                PopulationResults {
                    population: population.clone(),
                    counts: counts.to_vec(),
                    rates: rate::of_counts(counts, time_ms(steps, dt_ms)),
                    recorded: simulated.trains.as_ref().map(|trains| {
                        Recorded::new(trains.slice(population.range()), steps, dt_ms, window_ms)
                    }),
                }
            })
            .collect();
        Results { steps, dt_ms, seed: experiment.seed, populations }
    }

    /// The time simulated (ms).
    pub fn duration_ms(&self) -> f64 {
        time_ms(self.steps, self.dt_ms)
    }

    /// How many neurons, of all populations together.
    pub fn neurons(&self) -> usize {
        self.populations.iter().map(|results| results.population.neurons).sum()
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
    fn new(trains: SpikeTrains, steps: u32, dt_ms: f64, window_ms: f64) -> Self {
        let intervals = intervals::of_population(&trains, dt_ms);
        Recorded {
            histogram: intervals::histogram(&trains, &intervals.pooled, dt_ms),
            spectrum: spectrum::of_trains(&trains, steps, dt_ms, spectrum::Method::default()),
            correlation: correlation::of_trains(&trains, steps, dt_ms, window_ms),
            intervals,
            trains,
        }
    }
}
