//! What drives the neurons of a population, for the engines.

use std::ops::Range;

use super::{Population, Source};
use crate::drive::{Drive, Noise, NoiseForm, Start, Stimulus, Wave};
use crate::random::Stream;
use crate::source::Twin;
use crate::tape::Deviates;

/// So far below 0 (in the unit of the current) stays what would come ever nearer to it.
const NEVER_REACHED: f64 = 1e-20;

/// Currents that differ by this share of them are equal, but for the rounding of a sum and two products.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

impl Population {
    /// The pulse among the sources, if there is one.
    pub fn pulse(&self) -> Option<&Source> {
        // One of a user's own may have that name, and other parameters.
        let is_pulse = |source: &&Source| {
            let has = |name: &str| source.values_of(name).is_some();
            source.part.definition.kind == "pulse"
                && ["amplitude", "from", "to"].into_iter().all(has)
        };
        self.sources.iter().find(is_pulse)
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
        let zero = self.model.dynamics.zero_current(&self.parameters_of(neuron));
        let from_zero = |current: f64| match zero {
            None => current,
            // A potential that ever approaches 0 would end there by underflow. What differs by rounding only is
            // the same.
            Some(zero) if (current - zero).abs() <= ROUNDING * zero.abs() => -NEVER_REACHED,
            Some(zero) => current - zero,
        };
        let value = |source: &Source, name: &str| source.values_of(name).map(|v| v.of(neuron));
        let of_twins = self.sources.iter().filter(|source| !source.is_on_tape());
        let amplitude: f64 = of_twins.filter_map(|source| value(source, "amplitude")).sum();
        // A sum of signals has their gains in it.
        let mut played = self.sources.iter().filter(|source| source.twin == Some(Twin::Played));
        let gain = match (played.next(), played.next()) {
            (Some(source), None) => value(source, "gain").unwrap_or(1.0),
            _ => 1.0,
        };
        Drive {
            stimulus: Stimulus {
                amplitude: from_zero(amplitude),
                gain,
                row: self.row_of(neuron) as u32,
            },
            noise: self.noise_of(neuron, dt),
        }
    }

    /// The noise that engines have code of their own for.
    pub(crate) fn noise_form(&self) -> NoiseForm {
        match (self.twin(Twin::White), self.twin(Twin::Ou)) {
            (Some(_), _) => NoiseForm::White,
            (None, Some(_)) => NoiseForm::Ou,
            (None, None) => NoiseForm::None,
        }
    }

    /// The source of that noise.
    fn own_noise(&self) -> Option<&Source> {
        self.twin(Twin::White).or_else(|| self.twin(Twin::Ou))
    }

    fn noise_of(&self, neuron: usize, dt: f64) -> Noise {
        let Some(source) = self.own_noise() else { return Noise::default() };
        let value = |name: &str| source.values_of(name).map_or(0.0, |values| values.of(neuron));
        let common = if source.part.is_frozen { 1.0 } else { value("common") };
        let noise = match source.twin {
            Some(Twin::Ou) => Noise::ou(value("sigma"), value("tau"), dt),
            _ => Noise::white(value("sigma"), dt),
        };
        noise.sharing(common)
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

    /// Whether all that is on the tape is one wave, for which the CPU has code of its own.
    pub fn is_wave(&self) -> bool {
        self.signal.is_none()
            && self.on_tape().count() == 1
            && self.on_tape().all(|source| source.twin.is_some())
    }

    /// That wave of one neuron, counted within the population.
    pub fn wave_of(&self, neuron: usize, dt: f64) -> Option<Wave> {
        self.on_tape().filter(|_| self.is_wave()).find_map(|source| source.wave_of(neuron, dt))
    }

    /// A stream of random numbers of one neuron, counted within the population.
    pub fn stream_of(&self, neuron: usize, of: &Deviates, seed: u64) -> Stream {
        of.stream(seed, (self.first_neuron + neuron) as u32, self.first_neuron as u32)
    }

    /// The parameters of the sources on the tape of one neuron, counted within the population, of one after the other.
    pub fn source_parameters_of(&self, neuron: usize) -> Vec<f64> {
        let values = self.on_tape().flat_map(|source| &source.values);
        values.map(|values| values.of(neuron)).collect()
    }

    /// Where the row of one neuron, counted within the population, begins in the signal that is played.
    fn row_of(&self, neuron: usize) -> usize {
        self.signal.as_ref().map_or(0, |signal| signal.row_of(neuron))
    }

    /// What the noise of one neuron, counted within the population, starts from.
    pub fn start_of(&self, neuron: usize, noise: &Noise, seed: u64) -> Start {
        let global = (self.first_neuron + neuron) as u32;
        let frozen = self.own_noise().is_some_and(|source| source.part.is_frozen);
        Start::new(noise, seed, global, self.first_neuron as u32, frozen)
    }

    /// Whether some of the noise is shared.
    pub fn shares(&self) -> bool {
        self.own_noise().is_some_and(|source| {
            let common = source.values_of("common");
            source.part.is_frozen || common.is_some_and(|common| common.iter().any(|c| c > 0.0))
        })
    }
}
