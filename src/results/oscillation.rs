//! Oscillations that are not counted: a membrane potential that goes up and down without reaching v_spike, as
//! that of the Hodgkin-Huxley neuron does in strong currents, or reaches it now and then only.

use rayon::prelude::*;

use super::{PopulationResults, Results};
use crate::comparison::evenly;
use crate::drive::{NoiseKind, StimulusKind};
use crate::experiment::Experiment;
use crate::population::Population;
use crate::trace::{Samples, trace};
use crate::unit::tell;

/// At most this many populations are looked at.
const POPULATIONS: usize = 32;

/// For so long a neuron is followed, and its potential compared in pieces of that length (ms).
const FOLLOWED_MS: f64 = 250.0;
const PIECE_MS: f64 = 50.0;

/// Between samples (ms).
const SAMPLE_MS: f64 = 0.1;

/// What goes up and down by less is at rest (mV).
const LEAST_MV: f64 = 1.0;

/// An oscillation of a neuron whose noise is left aside.
struct Oscillation {
    low: f64,
    high: f64,
    /// Cycles per second.
    rate: f64,
    v_spike: f64,
}

/// The note on neurons that oscillate unseen.
pub fn unseen_oscillations(experiment: &Experiment, results: &Results) -> Option<String> {
    let has_v_spike = |cell: &&PopulationResults| {
        cell.population.model.parameter("v_spike").is_some()
            && cell.population.stimulus_kind != StimulusKind::File
    };
    let cells: Vec<&PopulationResults> = results.populations.iter().filter(has_v_spike).collect();
    let unseen: Vec<(&str, Oscillation)> = evenly(&cells, POPULATIONS)
        .into_par_iter()
        .filter_map(|cell| {
            let least = cell.counts.iter().enumerate().min_by_key(|(_, count)| **count)?.0;
            let oscillation = oscillation(experiment, &cell.population, least)?;
            let seen = cell.rates.hz.mean().unwrap_or(0.0);
            oscillation.is_unseen(seen).then_some((cell.population.name.as_str(), oscillation))
        })
        .collect();
    let (name, Oscillation { low, high, v_spike, .. }) = unseen.first()?;
    let more = match unseen.len() {
        1 => String::new(),
        n => format!(" (and {} more populations likewise)", n - 1),
    };
    let tenth = |x: f64| tell((10.0 * x).round() / 10.0);
    let reaching = if high < v_spike { "without reaching" } else { "hardly reaching" };
    Some(format!(
        "`{name}` oscillates between {} and {} mV, {reaching} v_spike = {} mV{more}: such cycles are not \
         counted as spikes; --set v_spike={} counts them",
        tenth(*low),
        tenth(*high),
        tell(*v_spike),
        tell((0.5 * (low + high)).round())
    ))
}

impl Oscillation {
    /// Whether spikes at a rate (Hz) miss cycles: all of them, or many of those that pass v_spike by little,
    /// with noise.
    fn is_unseen(&self, rate: f64) -> bool {
        let little = 0.1 * (self.high - self.low);
        self.high < self.v_spike || (self.high < self.v_spike + little && rate < 0.9 * self.rate)
    }
}

/// How a neuron oscillates, its noise aside: in three pieces of time in a row, after a first one, it goes up and
/// down as much.
fn oscillation(
    experiment: &Experiment,
    population: &Population,
    neuron: usize,
) -> Option<Oscillation> {
    let quiet = Population {
        noise_kind: NoiseKind::None,
        noise: Vec::new(),
        frozen: false,
        ..population.clone()
    };
    let dt = experiment.dt_ms;
    let on = population.pulse_of(neuron, dt);
    let to = on.end.min(experiment.steps).min(on.start.saturating_add((FOLLOWED_MS / dt) as u32));
    let every = ((SAMPLE_MS / dt) as u32).max(1);
    let samples = Samples { from: on.start, to: to.max(on.start), every };
    let traced = trace::<f64>(experiment, &quiet, neuron, samples);
    let piece = (PIECE_MS / dt / f64::from(every)) as usize;
    let v = traced.values.first()?;
    let ends = |piece: &[f64]| {
        let fold = |f: fn(f64, f64) -> f64, start| piece.iter().copied().fold(start, f);
        (fold(f64::min, f64::INFINITY), fold(f64::max, f64::NEG_INFINITY))
    };
    let settled = v.get(piece..4 * piece)?;
    let heights: Vec<f64> = settled.chunks(piece).map(ends).map(|(low, high)| high - low).collect();
    if heights.iter().any(|height| *height <= LEAST_MV) || heights[2] < 0.8 * heights[0] {
        return None;
    }
    let (low, high) = ends(&settled[2 * piece..]);
    let middle = 0.5 * (low + high);
    let cycles = settled.windows(2).filter(|pair| pair[0] < middle && pair[1] >= middle).count();
    let rate = cycles as f64 / (3.0 * PIECE_MS * 1e-3);
    let v_spike = population.parameters[population.model.parameter("v_spike")?].of(neuron);
    Some(Oscillation { low, high, rate, v_spike })
}
