//! What is measured.

use std::fmt;

use crate::Record;
use crate::error::Error;
use crate::experiment::{Builder, Experiment};
use crate::model::Model;

/// The defaults of a model, stepped by an integrator, with noise of a kind, and what is recorded of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The model.
    pub model: &'static Model,
    /// The name of the integrator.
    pub integrator: &'static str,
    /// The kind of noise.
    pub noise: String,
    /// What is recorded.
    pub record: Record,
}

impl Case {
    /// A model with its default integrator, spikes recorded.
    pub fn new(model: &'static Model, noise: &str) -> Self {
        let integrator = model.integrators.first().map_or("", |integrator| integrator.name);
        Case { model, integrator, noise: noise.to_owned(), record: Record::Spikes }
    }

    /// The experiment with some neurons, over some steps of the model's default length. The same seed always: the same work.
    ///
    /// # Errors
    /// If there is no such noise, or the numbers are no good.
    pub fn experiment(&self, neurons: usize, steps: u32) -> Result<Experiment, Error> {
        self.build(neurons, steps, |builder| builder)
    }

    /// The same with a current for each neuron, so that they do not all fire at once where there is no noise.
    ///
    /// # Errors
    /// Those of [`experiment`](Case::experiment).
    pub fn mixed(&self, neurons: usize, steps: u32) -> Result<Experiment, Error> {
        let amplitude = self.model.amplitude;
        let [low, high] = [0.9 * amplitude, 1.5 * amplitude];
        let currents = format!("uniform({}, {})", low.min(high), high.max(low));
        self.build(neurons, steps, |builder| match amplitude {
            // A model that fires of itself has no current to draw.
            0.0 => builder,
            _ => builder.set("stimulus.amplitude", currents.as_str()),
        })
    }

    fn build(
        &self,
        neurons: usize,
        steps: u32,
        also: impl Fn(Builder) -> Builder,
    ) -> Result<Experiment, Error> {
        let lasting = |duration: f64| {
            let builder = Experiment::builder()
                .model(self.model.name)
                .noise(&self.noise)
                .integrator(self.integrator)
                .duration_ms(duration)
                .set("neurons", neurons as f64);
            also(builder).build()
        };
        lasting(f64::from(steps) * self.model.dt_ms)
    }
}

/// As in a message: `lif euler white, spikes`.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Case { model, integrator, noise, record } = self;
        write!(f, "{} {integrator} {noise}, {record}", model.name)
    }
}
