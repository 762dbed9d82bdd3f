//! Oscillations that are not counted: a membrane potential that goes up and down without reaching v_spike, as
//! that of the Hodgkin-Huxley neuron does in strong currents.

use rayon::prelude::*;

use super::{PopulationResults, Results};
use crate::comparison::evenly;
use crate::drive::{NoiseKind, StimulusKind};
use crate::experiment::Experiment;
use crate::population::Population;
use crate::trace::{Samples, trace};
use crate::unit::tell;

/// A population that fires less than this is looked at (Hz).
const QUIET_HZ: f64 = 20.0;

/// At most this many populations are looked at.
const POPULATIONS: usize = 64;

/// For so long a neuron is followed, and its potential compared in pieces of that length (ms).
const FOLLOWED_MS: f64 = 500.0;
const PIECE_MS: f64 = 50.0;

/// What goes up and down by less is at rest (mV).
const LEAST_MV: f64 = 1.0;

/// The note on neurons that oscillate unseen.
pub fn unseen_oscillations(experiment: &Experiment, results: &Results) -> Option<String> {
    let quiet = |cell: &&PopulationResults| {
        cell.population.model.parameter("v_spike").is_some()
            && cell.population.stimulus_kind != StimulusKind::File
            && cell.rates.hz.mean().is_some_and(|rate| rate < QUIET_HZ)
    };
    let quiet: Vec<&PopulationResults> = results.populations.iter().filter(quiet).collect();
    let chosen = evenly(&quiet, POPULATIONS);
    let seen: Vec<(&str, f64, (f64, f64))> = chosen
        .into_par_iter()
        .filter_map(|cell| {
            let least = cell.counts.iter().enumerate().min_by_key(|(_, count)| **count)?.0;
            let (v_spike, range) = oscillation(experiment, &cell.population, least)?;
            Some((cell.population.name.as_str(), v_spike, range))
        })
        .collect();
    let (name, v_spike, (low, high)) = seen.first()?;
    let more = match seen.len() {
        1 => String::new(),
        n => format!(" (and {} more populations likewise)", n - 1),
    };
    let tenth = |x: f64| tell((10.0 * x).round() / 10.0);
    Some(format!(
        "`{name}` oscillates between {} and {} mV without reaching v_spike = {} mV{more}: these cycles are not \
         counted as spikes; --set v_spike={} counts them",
        tenth(*low),
        tenth(*high),
        tell(*v_spike),
        tell((0.5 * (low + high)).round())
    ))
}

/// Between which potentials a neuron oscillates without a spike, its noise aside, and the v_spike that it does
/// not reach: three pieces of time in a row, after a first one, in which it goes up and down as much.
fn oscillation(
    experiment: &Experiment,
    population: &Population,
    neuron: usize,
) -> Option<(f64, (f64, f64))> {
    let quiet = Population {
        noise_kind: NoiseKind::None,
        noise: Vec::new(),
        frozen: false,
        ..population.clone()
    };
    let v_spike = population.parameters[population.model.parameter("v_spike")?].of(neuron);
    let dt = experiment.dt_ms;
    let on = population.pulse_of(neuron, dt);
    let from = on.start;
    let to = on.end.min(experiment.steps).min(from.saturating_add((FOLLOWED_MS / dt) as u32));
    let every = ((0.1 / dt) as u32).max(1);
    let traced =
        trace::<f64>(experiment, &quiet, neuron, Samples { from, to: to.max(from), every });
    let piece = (PIECE_MS / dt / f64::from(every)) as usize;
    let ranges: Vec<(f64, f64, bool)> = traced
        .values
        .first()?
        .chunks_exact(piece.max(1))
        .enumerate()
        .map(|(n, piece)| {
            let steps = from + (n * piece.len()) as u32 * every;
            let steps = steps..steps + piece.len() as u32 * every;
            let fired = traced.spike_steps.iter().any(|step| steps.contains(step));
            let fold = |f: fn(f64, f64) -> f64, start| piece.iter().copied().fold(start, f);
            (fold(f64::min, f64::INFINITY), fold(f64::max, f64::NEG_INFINITY), fired)
        })
        .collect();
    let height = |range: &(f64, f64, bool)| range.1 - range.0;
    let lasts = |three: &&[(f64, f64, bool)]| {
        let heights: Vec<f64> = three.iter().map(height).collect();
        three.iter().all(|range| !range.2)
            && heights.iter().all(|height| *height > LEAST_MV)
            && heights[2] > 0.8 * heights[0]
    };
    let three = ranges.get(1..)?.windows(3).find(lasts)?;
    Some((v_spike, (three[2].0, three[2].1)))
}
