//! What drives the neurons of a population, for the engines.

use std::ops::Range;

use super::{Population, Source};
use crate::drive::{Drive, Noise, NoiseKind, Start, Stimulus, StimulusKind};
use crate::random::Stream;
use crate::tape::Deviates;

/// So far below 0 (in the unit of the current) stays what would come ever nearer to it.
const NEVER_REACHED: f64 = 1e-20;

/// Currents that differ by this share of them are equal, but for the rounding of a sum and two products.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

impl Population {
    /// The pulse among the sources, if there is one.
    pub fn pulse(&self) -> Option<&Source> {
        self.sources.iter().find(|source| source.part.definition.kind == "pulse")
    }

    /// The steps in which the pulse of one neuron, counted within the population, is on; all without a pulse.
    pub fn pulse_of(&self, neuron: usize, dt: f64) -> Range<u32> {
        let Some(ends) = self.pulse().and_then(|pulse| pulse.ends_ms(neuron)) else {
            return 0..u32::MAX;
        };
        // A step belongs to the pulse if it begins in [from, to).
        let step = |time: f64| (time / dt - 1e-6).ceil().clamp(0.0, f64::from(u32::MAX)) as u32;
        step(ends[0])..step(ends[1])
    }

    /// What drives one neuron, counted within the population, at a step of `dt` ms.
    pub fn drive_of(&self, neuron: usize, dt: f64) -> Drive {
        let stimulus = |parameter: usize| self.stimulus[parameter].of(neuron);
        let zero = self.model.dynamics.zero_current(&self.parameters_of(neuron));
        let from_zero = |current: f64| match zero {
            None => current,
            // A potential that ever approaches 0 would end there by underflow. What differs by rounding only is
            // the same.
            Some(zero) if (current - zero).abs() <= ROUNDING * zero.abs() => -NEVER_REACHED,
            Some(zero) => current - zero,
        };
        let noise = |parameter: usize| self.noise[parameter].of(neuron);
        let (amplitude, gain) = match self.stimulus_kind {
            StimulusKind::None => (0.0, 1.0),
            StimulusKind::File => (stimulus(0), stimulus(1)),
            // NumPy's noise is played as a signal.
            StimulusKind::Constant => (stimulus(0), 1.0),
        };
        let common = |c: f64| if self.frozen { 1.0 } else { c };
        Drive {
            stimulus: Stimulus {
                amplitude: from_zero(amplitude),
                gain,
                row: self.row_of(neuron) as u32,
            },
            noise: match self.noise_kind {
                NoiseKind::None | NoiseKind::Numpy => Noise::default(),
                NoiseKind::White => Noise::white(noise(0), dt).sharing(common(noise(1))),
                NoiseKind::Ou => Noise::ou(noise(0), noise(1), dt).sharing(common(noise(2))),
            },
        }
    }

    /// Appends the coefficients of the sources of one neuron, counted within the population, and their states at time 0;
    /// none where there are no sources.
    pub fn sources_of(
        &self,
        neuron: usize,
        dt: f64,
        seed: u64,
        coefficients: &mut Vec<f64>,
        states: &mut Vec<f64>,
    ) {
        let Some(driven) = self.driven else { return };
        let parameters = self.source_parameters_of(neuron);
        let (first, global) = (self.first_neuron as u32, (self.first_neuron + neuron) as u32);
        let random = |of: &Deviates| of.at_start(seed, global, first);
        driven.rows(&parameters, dt, random, coefficients, states);
    }

    /// A stream of random numbers of one neuron, counted within the population.
    pub fn stream_of(&self, neuron: usize, of: &Deviates, seed: u64) -> Stream {
        of.stream(seed, (self.first_neuron + neuron) as u32, self.first_neuron as u32)
    }

    /// The parameters of the sources of one neuron, counted within the population, of one after the other.
    pub fn source_parameters_of(&self, neuron: usize) -> Vec<f64> {
        let values = self.sources.iter().flat_map(|source| &source.values);
        values.map(|values| values.of(neuron)).collect()
    }

    /// Where the row of one neuron, counted within the population, begins in the signal that is played.
    fn row_of(&self, neuron: usize) -> usize {
        self.signal.as_ref().map_or(0, |signal| signal.row_of(neuron))
    }

    /// What the noise of one neuron, counted within the population, starts from.
    pub fn start_of(&self, neuron: usize, noise: &Noise, seed: u64) -> Start {
        let global = (self.first_neuron + neuron) as u32;
        Start::new(noise, seed, global, self.first_neuron as u32, self.frozen)
    }

    /// Whether some of the noise is shared.
    pub fn shares(&self) -> bool {
        let common = match self.noise_kind {
            NoiseKind::White => self.noise.get(1),
            NoiseKind::Ou => self.noise.get(2),
            NoiseKind::None | NoiseKind::Numpy => return false,
        };
        self.frozen || common.is_some_and(|common| common.iter().any(|c| c > 0.0))
    }
}
