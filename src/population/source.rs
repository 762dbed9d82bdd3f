//! A source of a population.

use super::values::Values;
use crate::model::Parameter;
use crate::source::Part;
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
        self.parameters.iter().find(|parameter| parameter.name == name).map(|found| found.unit)
    }

    /// The same with one of the values of each parameter.
    pub(super) fn each(&self, one: impl Fn(&Values) -> Values) -> Source {
        let values = self.values.iter().map(one).collect();
        Source { part: self.part.clone(), parameters: self.parameters.clone(), values }
    }
}
