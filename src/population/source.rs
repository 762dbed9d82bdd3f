//! A source of a population.

use std::f64::consts::TAU;
use std::sync::Arc;

use super::played::Played;
use super::values::Values;
use crate::drive::Wave;
use crate::equations::ROUNDING;
use crate::model::Parameter;
use crate::source::{Part, Role, Twin};
use crate::unit::tell;

/// What drives a population's neurons, with a value of each parameter per neuron.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name and what it is.
    pub(crate) part: Part,
    /// Its parameters.
    pub(crate) parameters: Vec<Parameter>,
    /// Their values, in the same order.
    pub(crate) values: Vec<Values>,
    /// What engines have code of their own for; else it is on a tape.
    pub(crate) twin: Option<Twin>,
    /// What it plays.
    pub(crate) signal: Option<Arc<Played>>,
    /// The unit in which its first parameter was given, if not in our own.
    pub(crate) given_unit: Option<&'static str>,
}

impl Source {
    /// The name: its keys are `NAME.amplitude` and so on.
    pub fn name(&self) -> &str {
        &self.part.name
    }

    /// Its name and what it is.
    pub fn part(&self) -> &Part {
        &self.part
    }

    /// Its parameters.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Their values, in the same order.
    pub fn values(&self) -> &[Values] {
        &self.values
    }

    /// What engines have code of their own for; else it is on a tape.
    pub fn twin(&self) -> Option<Twin> {
        self.twin
    }

    /// Whether it is on a tape.
    pub fn is_on_tape(&self) -> bool {
        self.twin.is_none_or(Twin::is_on_tape)
    }

    /// The wave that it is for a neuron, at a step of `dt` ms, if it is one.
    pub(super) fn wave_of(&self, neuron: usize, dt: f64) -> Option<Wave> {
        let value = |name: &str| self.values_of(name).map(|values| values.of(neuron));
        let amplitude = value("amplitude")?;
        // Turns per step.
        let per_step = |hertz: f64| hertz * (1e-3 * dt);
        match self.twin? {
            Twin::Sine => Some(Wave {
                amplitude,
                phase: value("phase")? / TAU,
                frequency: per_step(value("frequency")?),
                slope: 0.0,
                end: u32::MAX,
            }),
            Twin::Chirp => {
                let (from, to) = (per_step(value("from")?), per_step(value("to")?));
                let steps = value("duration")? / dt;
                // Steps that begin before its end, as its equations have it: less than that of a step is rounding.
                let end = (steps - ROUNDING).ceil().clamp(0.0, f64::from(u32::MAX)) as u32;
                let slope = ((to - from) / (2.0 * steps)).fract();
                Some(Wave { amplitude, phase: 0.0, frequency: from, slope, end })
            }
            _ => None,
        }
    }

    /// What it plays, if it plays a signal.
    pub fn signal(&self) -> Option<&Played> {
        self.signal.as_deref()
    }

    /// Whether it is random.
    pub fn is_noise(&self) -> bool {
        self.part.definition.role == Role::Noise
    }

    /// The values of a parameter.
    pub fn values_of(&self, parameter: &str) -> Option<&Values> {
        let index = self.parameters.iter().position(|known| known.name == parameter)?;
        self.values.get(index)
    }

    /// The values of a neuron in words, after ` with `; nothing, if there are none.
    pub fn told(&self, neuron: usize) -> String {
        let values = self.parameters.iter().zip(&self.values);
        let told: Vec<String> =
            values.map(|(p, values)| format!("{} = {}", p.name, tell(values.of(neuron)))).collect();
        if told.is_empty() { String::new() } else { format!(" with {}", told.join(", ")) }
    }

    /// From when to when it acts (ms), of one neuron, if it has such times.
    pub fn ends_ms(&self, neuron: usize) -> Option<[f64; 2]> {
        let time = |name: &str| {
            let index = self.parameters.iter().position(|p| p.name == name && p.unit == "ms")?;
            Some(self.values[index].of(neuron))
        };
        Some([time("from")?, time("to")?])
    }

    /// The parameters with the names of their keys.
    pub(super) fn named_values(&self) -> Vec<(String, &Values)> {
        let names = self.parameters.iter().map(|p| format!("{}.{}", self.part.name, p.name));
        names.zip(&self.values).collect()
    }

    /// The unit of a key that holds a quantity.
    pub(super) fn unit(&self, key: &str) -> Option<&'static str> {
        let name = key.strip_prefix(&self.part.name)?.strip_prefix('.')?;
        let index = self.parameters.iter().position(|parameter| parameter.name == name)?;
        let given = self.given_unit.filter(|_| index == 0);
        Some(given.unwrap_or(self.parameters[index].unit))
    }

    /// The same with one of the values of each parameter.
    pub(super) fn each(&self, one: impl Fn(&Values) -> Values) -> Source {
        Source { values: self.values.iter().map(one).collect(), ..self.clone() }
    }
}
