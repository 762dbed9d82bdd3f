//! The results of a simulation: statistics of each population over the analysis window.

pub mod notes;
mod oscillation;

use rayon::prelude::*;

use crate::analysis::Analysis;
use crate::analysis::activity::Looks;
use crate::analysis::counts::{self, Counts};
use crate::analysis::histogram::{self, Histogram};
use crate::analysis::intervals::{self, PopulationIntervals};
use crate::analysis::rate::{self, RateOverTime, Rates};
use crate::analysis::spectrum::{self, Spectrum};
use crate::analysis::transient::{self, Transient};
use crate::drive::NoiseForm;
use crate::experiment::Experiment;
use crate::population::Population;
use crate::simulation::Simulated;
use crate::sink::{PopulationSums, RATE_BINS};
use crate::spikes::SpikeTrains;
use crate::window::Window;
use crate::window::time_ms;

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

/// What is known of a population's spikes besides their number.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The spikes that were kept: all, or those of a sample of the neurons; none where only statistics are.
    pub kept: Option<Kept>,
    /// Interval statistics.
    pub intervals: PopulationIntervals,
    /// Histogram of all intervals; none without intervals.
    pub histogram: Option<Histogram>,
    /// Spectrum; none if the window is too short for a frequency.
    pub spectrum: Option<Spectrum>,
    /// Fano factors and correlation of spike counts; none if the window is too short.
    pub counts: Option<Counts>,
    /// The rate over the window.
    pub rate: RateOverTime,
    /// How long the start shows in the window, if it does; not looked for where there is no steady state to reach.
    pub transient: Option<Transient>,
}

/// Spikes that were kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The global indices of the neurons, ascending.
    pub neurons: Vec<usize>,
    /// Their spike trains of the whole run.
    pub whole_trains: SpikeTrains,
    /// Their spike trains within the window.
    pub trains: SpikeTrains,
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
        let is_looked_at = simulated.trains.is_some() || simulated.sums.is_some();
        let window = match is_looked_at {
            true => experiment.window.until(steps),
            false => Window::whole(steps),
        };
        let results = |(n, population): (usize, &Population)| {
            let kept = simulated.kept_of(population, window);
            let look = Look { population, window, dt_ms, analysis };
            let recorded = match (&simulated.sums, kept) {
                (Some(sums), kept) => Some(look.of_sums(&sums.looks, &sums.populations[n], kept)),
                (None, Some(kept)) => Some(look.of_trains(kept)),
                (None, None) => None,
            };
            let counts: Vec<u32> = match (&simulated.sums, &recorded) {
                (None, Some(Recorded { kept: Some(kept), .. })) => {
                    kept.trains.iter().map(|train| train.len() as u32).collect()
                }
                _ => simulated.counts[population.range()].to_vec(),
            };
            PopulationResults {
                population: population.clone(),
                rates: rate::of_counts(&counts, window.duration_ms(dt_ms)),
                counts,
                recorded,
            }
        };
        let populations = experiment.populations.iter().enumerate().map(results).collect();
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

    /// Whether there are statistics of the intervals, not only counts.
    pub fn are_recorded(&self) -> bool {
        self.populations.iter().all(|results| results.recorded.is_some())
    }

    /// The populations that there are such statistics of, with them.
    pub fn recorded(&self) -> impl Iterator<Item = (&Population, &Recorded)> {
        self.populations
            .iter()
            .filter_map(|results| Some((&results.population, results.recorded.as_ref()?)))
    }

    /// The populations of which spikes were kept, with them.
    pub fn kept(&self) -> impl Iterator<Item = (&Population, &Kept)> {
        self.recorded()
            .filter_map(|(population, recorded)| Some((population, recorded.kept.as_ref()?)))
    }
}

impl Simulated {
    /// The spikes of a population that were kept.
    fn kept_of(&self, population: &Population, window: Window) -> Option<Kept> {
        let range = population.range();
        let (neurons, whole_trains) = match (&self.trains, &self.sample) {
            (Some(trains), _) => (range.clone().collect(), trains.slice(range)),
            (None, Some((neurons, trains))) => {
                let index = |neuron: usize| neurons.partition_point(|&sampled| sampled < neuron);
                let own = index(range.start)..index(range.end);
                (neurons[own.clone()].to_vec(), trains.slice(own))
            }
            (None, None) => return None,
        };
        Some(Kept { neurons, trains: whole_trains.within(window), whole_trains })
    }
}

/// How a population's spikes are looked at.
struct Look<'a> {
    population: &'a Population,
    /// The part of the window that was done.
    window: Window,
    dt_ms: f64,
    analysis: Analysis,
}

impl Look<'_> {
    /// Whether a steady state is reached by chance: in a constant stimulus, with noise.
    fn settles(&self) -> bool {
        self.population.is_steady() && self.population.is_noisy()
    }

    /// Whether spikes come by chance alone: in white noise of each neuron's own.
    fn is_poisson(&self) -> bool {
        let population = self.population;
        population.noise_form() == NoiseForm::White
            && !population.shares()
            && population.on_tape().next().is_none()
    }

    fn of_trains(&self, kept: Kept) -> Recorded {
        let Look { window, dt_ms, analysis, .. } = *self;
        let trains = &kept.trains;
        let neurons = trains.neurons();
        // Each has parts that only one thread can do.
        let ((intervals, histogram), (counts, (activity, spectrum))) = rayon::join(
            || {
                let intervals = intervals::of_population(trains, dt_ms);
                let histogram = histogram::of_trains(trains, &intervals.pooled, dt_ms);
                (intervals, histogram)
            },
            || {
                let counts = counts::of_trains(trains, window, dt_ms, analysis.count_window_ms);
                let activity = rate::counts_over_time(trains, window, 1);
                let method = analysis.spectrum;
                let spectrum = spectrum::of_activity(trains, &activity, window, dt_ms, method);
                (counts, (activity, spectrum))
            },
        );
        Recorded {
            histogram,
            spectrum,
            counts,
            rate: rate::of_activity(neurons, &activity, window, dt_ms, RATE_BINS),
            transient: (self.settles())
                .then(|| transient::of_activity(neurons, &activity, window, self.is_poisson()))
                .flatten(),
            intervals,
            kept: Some(kept),
        }
    }

    fn of_sums(&self, looks: &Looks, sums: &PopulationSums, kept: Option<Kept>) -> Recorded {
        let Look { window, dt_ms, analysis, .. } = *self;
        let (neurons, activity) = (self.population.neurons, &sums.activity);
        let intervals = sums.trains.par_iter().map(|train| train.intervals(dt_ms)).collect();
        let intervals = intervals::of_neurons(intervals);
        let spectrum = activity.spectrum(looks, window, neurons);
        // Of single neurons, those of the sample.
        let single = kept
            .as_ref()
            .and_then(|kept| spectrum::of_trains(&kept.trains, window, dt_ms, analysis.spectrum));
        let spectrum = match (spectrum, single) {
            (Some(all), Some(single)) if all.segments == single.segments => {
                Some(Spectrum { population: all.population, ..single })
            }
            (all, _) => all,
        };
        let fine = looks.fine_bin;
        let transient = || {
            let half = window.steps() / 2;
            let late = activity.bins(1).iter().skip(half.div_ceil(fine) as usize).sum();
            transient::of_counts(neurons, late, window, self.is_poisson(), fine, |bin| {
                activity.bins(bin / fine)
            })
        };
        Recorded {
            histogram: sums.intervals.histogram(&intervals.pooled, dt_ms),
            spectrum,
            counts: counts::of_sums(&sums.trains, activity, looks.windows, window, dt_ms),
            rate: activity.rate(looks, window, neurons),
            transient: self.settles().then(transient).flatten(),
            intervals,
            kept,
        }
    }
}
