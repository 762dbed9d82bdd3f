//! Oscillations that are not counted: a membrane potential that goes up and down without reaching v_spike, as
//! that of the Hodgkin-Huxley neuron does in strong currents, or reaches it now and then only.

use rayon::prelude::*;

use super::{PopulationResults, Results};
use crate::comparison::evenly;
use crate::experiment::Experiment;
use crate::population::Population;
use crate::source::Twin;
use crate::trace::{Samples, trace};
use crate::unit::tell;

/// At most this many populations are looked at.
const POPULATIONS: usize = 32;

/// For so long a neuron is followed, and its potential compared in pieces of that length (ms).
const FOLLOWED_MS: f64 = 500.0;
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
    /// Spikes per second of the neuron, where they can be held against cycles.
    seen: f64,
}

/// The note on neurons that oscillate unseen.
pub fn unseen_oscillations(experiment: &Experiment, results: &Results) -> Option<String> {
    let has_v_spike = |cell: &&PopulationResults| {
        cell.population.model.parameter("v_spike").is_some()
            && cell.population.twin(Twin::Played).is_none_or(|source| source.is_noise())
            && cell.population.on_tape().count() == usize::from(cell.population.pulse().is_some())
            && !cell.population.is_noisy_inside()
    };
    let cells: Vec<&PopulationResults> = results.populations.iter().filter(has_v_spike).collect();
    let window_s = 1e-3 * results.window_ms();
    let unseen: Vec<(&str, Oscillation)> = evenly(&cells, POPULATIONS)
        .into_par_iter()
        .filter_map(|cell| {
            let (least, count) = cell.counts.iter().enumerate().min_by_key(|(_, count)| **count)?;
            let seen = f64::from(*count) / window_s;
            let oscillation = oscillation(experiment, &cell.population, least, seen)?;
            oscillation
                .is_unseen(&cell.population)
                .then_some((cell.population.name.as_str(), oscillation))
        })
        .collect();
    let (name, Oscillation { low, high, v_spike, .. }) = unseen.first()?;
    let more = match unseen.len() {
        1 => String::new(),
        n if cells.len() > POPULATIONS => format!(" (as {n} of {POPULATIONS} that were looked at)"),
        2 => " (and another population likewise)".into(),
        n => format!(" (and {} more populations likewise)", n - 1),
    };
    let tenth = |x: f64| tell((10.0 * x).round() / 10.0);
    let reaching = if high < v_spike { "without reaching" } else { "hardly reaching" };
    let counted =
        match unseen.iter().all(|(_, oscillation)| oscillation.seen < 0.1 * oscillation.rate) {
            true => "such cycles are not counted as spikes",
            false => "not all of such cycles are counted as spikes",
        };
    // Between the ends of all of them, if that can be.
    let ends = |(a, b): (f64, f64), (_, o): &(&str, Oscillation)| (a.max(o.low), b.min(o.high));
    let (from, to) = unseen.iter().fold((f64::NEG_INFINITY, f64::INFINITY), ends);
    let (from, to) = if from + 1.0 < to { (from, to) } else { (*low, *high) };
    Some(format!(
        "`{name}` oscillates between {} and {} mV, its noise aside, {reaching} v_spike = {} mV{more}: {counted}; \
         --set v_spike={} counts them",
        tenth(*low),
        tenth(*high),
        tell(*v_spike),
        tell((0.5 * (from + to)).round())
    ))
}

impl Oscillation {
    /// Whether spikes miss cycles: all of them, or many of those that pass v_spike by little, with noise. While a
    /// pulse is on, cycles are not those of the whole window.
    fn is_unseen(&self, population: &Population) -> bool {
        let many = self.seen < 0.9 * self.rate;
        let passes_by_little = self.high < self.v_spike + 0.1 * (self.high - self.low);
        match population.is_steady() {
            true => passes_by_little && many,
            false => self.high < self.v_spike,
        }
    }
}

/// How a neuron oscillates, its noise aside: in the last three pieces of time, after a first one, it goes up and
/// down as much (near a Hopf bifurcation it takes long to settle).
fn oscillation(
    experiment: &Experiment,
    population: &Population,
    neuron: usize,
    seen: f64,
) -> Option<Oscillation> {
    let dt = experiment.dt_ms;
    let on = population.pulse_of(neuron, dt);
    let longest = on.end.min(experiment.steps).saturating_sub(on.start);
    // As if the pulse began at once, and did not end.
    let quiet = population.quiet(neuron);
    let every = ((SAMPLE_MS / dt) as u32).max(1);
    let samples = Samples { from: 0, to: longest.min((FOLLOWED_MS / dt) as u32), every };
    let traced = trace::<f64>(experiment, &quiet, 0, samples);
    let piece = (PIECE_MS / dt / f64::from(every)) as usize;
    let v = traced.values.first()?;
    let ends = |piece: &[f64]| {
        let fold = |f: fn(f64, f64) -> f64, start| piece.iter().copied().fold(start, f);
        (fold(f64::min, f64::INFINITY), fold(f64::max, f64::NEG_INFINITY))
    };
    // The last three pieces, after a first one.
    let pieces = v.len() / piece.max(1);
    let settled = (pieces >= 4).then(|| &v[(pieces - 3) * piece..pieces * piece])?;
    let heights: Vec<f64> = settled.chunks(piece).map(ends).map(|(low, high)| high - low).collect();
    if heights.iter().any(|height| *height <= LEAST_MV) || heights[2] < 0.8 * heights[0] {
        return None;
    }
    let (low, high) = ends(&settled[2 * piece..]);
    let middle = 0.5 * (low + high);
    let cycles = settled.windows(2).filter(|pair| pair[0] < middle && pair[1] >= middle).count();
    let rate = cycles as f64 / (3.0 * PIECE_MS * 1e-3);
    let v_spike = quiet.parameters[quiet.model.parameter("v_spike")?].of(0);
    Some(Oscillation { low, high, rate, v_spike, seen })
}
