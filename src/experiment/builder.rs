//! An experiment of one population, in typed lines.

use super::definition::Experiment;
use crate::document::Document;
use crate::error::{Error, Place};
use crate::setting::{Literal, Setting};
use crate::sweep::Sweep;

/// Builds an experiment; what is not said has its default, as on the command line.
///
/// ```
/// use loligo::Experiment;
///
/// let experiment = Experiment::builder()
///     .neurons(1000)
///     .duration_ms(500.0)
///     .set("tau_m", "normal(10 ms, 1 ms, min=5)")
///     .set("noise.sigma", 3.0)
///     .build()?;
/// assert_eq!((experiment.neurons(), experiment.steps()), (1000, 5000));
/// # Ok::<(), loligo::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Builder {
    settings: Vec<Setting>,
    sweeps: Vec<(String, Vec<f64>)>,
}

impl Experiment {
    /// An experiment in typed lines.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl Builder {
    /// The neuron model: `lif` or `hodgkin_huxley`.
    #[must_use]
    pub fn model(self, name: &str) -> Self {
        self.set("model", name)
    }

    /// How many neurons.
    #[must_use]
    pub fn neurons(self, neurons: u32) -> Self {
        self.set("neurons", f64::from(neurons))
    }

    /// The time to simulate (ms).
    #[must_use]
    pub fn duration_ms(self, duration: f64) -> Self {
        self.set("duration", duration)
    }

    /// The time step (ms).
    #[must_use]
    pub fn dt_ms(self, dt: f64) -> Self {
        self.set("dt", dt)
    }

    /// The integrator, by its name.
    #[must_use]
    pub fn integrator(self, name: &str) -> Self {
        self.set("integrator", name)
    }

    /// The form of the stimulus: `constant`, `pulse` or `file`.
    #[must_use]
    pub fn stimulus(self, kind: &str) -> Self {
        self.set("stimulus.kind", kind)
    }

    /// The form of the noise: `none`, `white` or `ou`.
    #[must_use]
    pub fn noise(self, kind: &str) -> Self {
        self.set("noise.kind", kind)
    }

    /// The part of the run that statistics are of (ms).
    #[must_use]
    pub fn window_ms(self, from: f64, to: f64) -> Self {
        self.set("from", from).set("to", to)
    }

    /// The seed of all random numbers.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        self.set("seed", seed.to_string().as_str())
    }

    /// A parameter by its key, such as `tau_m` or `noise.sigma`: a number in the model's unit, a text with a unit or a
    /// distribution, or a value per neuron.
    #[must_use]
    pub fn set(mut self, key: &str, value: impl Into<Literal>) -> Self {
        let place = Place::Default;
        let (key_place, value_place) = (place.clone(), place);
        self.settings.push(Setting {
            key: key.into(),
            key_place,
            value: value.into(),
            value_place,
        });
        self
    }

    /// Values of a key: a population for each, or for each cell of a grid. The last sweep varies fastest.
    #[must_use]
    pub fn sweep(mut self, key: &str, values: &[f64]) -> Self {
        self.sweeps.push((key.to_owned(), values.to_vec()));
        self
    }

    /// Checks the experiment and draws the parameters of its neurons.
    ///
    /// # Errors
    /// The first thing that is wrong, and what would be right.
    pub fn build(self) -> Result<Experiment, Error> {
        let sweep =
            |(key, values): (String, Vec<f64>)| Sweep::new(&key, &values.into(), Place::Default);
        let sweeps = self.sweeps.into_iter().map(sweep).collect::<Result<_, _>>()?;
        Experiment::new(&Document { sweeps, ..Document::default() }, &self.settings)
    }
}

impl From<f64> for Literal {
    fn from(number: f64) -> Self {
        Literal::Number(number)
    }
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Literal::Text(text.to_owned())
    }
}

impl From<Vec<f64>> for Literal {
    fn from(values: Vec<f64>) -> Self {
        Literal::List(values.into_iter().map(Literal::Number).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_when_it_is_built() {
        let wrong = |builder: Builder| builder.build().unwrap_err().to_string();
        assert!(wrong(Builder::default().sweep("dt", &[0.1, 0.2])).contains("cannot be swept"));
        assert!(wrong(Builder::default().sweep("tau_m", &[])).contains("nothing in it"));
        assert!(wrong(Builder::default().neurons(0)).contains("whole number"));
        let grid =
            Builder::default().sweep("tau_m", &[5.0, 10.0]).sweep("noise.sigma", &[1.0, 2.0, 3.0]);
        assert_eq!(grid.build().unwrap().populations.len(), 6);
    }
}
