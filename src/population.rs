//! A population: neurons of one model, with one value of each parameter per neuron.

mod played;

use std::ops::Range;
use std::sync::Arc;

use crate::drive::{Drive, Kernel, Noise, NoiseKind, Start, Stimulus, StimulusKind};
use crate::model::{MissedCrossings, Model, Parameter, Stepping, Variant};
use crate::setting::Literal;

pub use played::{Played, Recording};

/// One value per neuron of a population.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Every neuron has the same value.
    Same(f64),
    /// Each neuron has its own.
    Each(Vec<f64>),
}

impl Values {
    /// The value of one neuron, counted within the population.
    pub fn of(&self, neuron: usize) -> f64 {
        match self {
            Values::Same(value) => *value,
            Values::Each(values) => values[neuron],
        }
    }

    /// One value for all: the common one, or the mean.
    #[must_use]
    pub fn typical(&self) -> Values {
        let (sum, count) = self.iter().fold((0.0, 0.0), |(sum, count), x| (sum + x, count + 1.0));
        Values::Same(sum / count)
    }

    /// The values that occur, each neuron's once or the common one.
    pub fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        match self {
            Values::Same(value) => std::slice::from_ref(value).iter().copied(),
            Values::Each(values) => values.iter().copied(),
        }
    }
}

/// Neurons of one model, independent of each other, with values for all their parameters.
#[derive(Clone, Debug)]
pub struct Population {
    /// The name in figures and files.
    pub(crate) name: String,
    /// The cell of the grid that this population is: each swept key with its value.
    pub(crate) at: Vec<(String, Literal)>,
    /// The neuron model.
    pub(crate) model: &'static Model,
    /// Index of the integrator in the model's list.
    pub(crate) integrator: usize,
    /// Whether the step is [`fine`](crate::model::Dynamics::fine) for every neuron: found out when the experiment is
    /// checked, since wrong it would be wrong silently.
    pub(crate) fine: bool,
    /// How many neurons.
    pub(crate) neurons: usize,
    /// Global index of the first neuron: the populations of an experiment follow each other.
    pub(crate) first_neuron: usize,
    /// The model's parameters, in the order of its table.
    pub(crate) parameters: Vec<Values>,
    /// The form of the stimulus.
    pub(crate) stimulus_kind: StimulusKind,
    /// The stimulus' parameters, in the order of [`StimulusKind::parameters`].
    pub(crate) stimulus: Vec<Values>,
    /// The form of the noise.
    pub(crate) noise_kind: NoiseKind,
    /// The noise's parameters, in the order of [`NoiseKind::parameters`].
    pub(crate) noise: Vec<Values>,
    /// Whether the noise is the same for every neuron and in every run.
    pub(crate) frozen: bool,
    /// The signal that is played, if one is.
    pub(crate) signal: Option<Arc<Played>>,
}

/// So far below 0 (in the unit of the current) stays what would come ever nearer to it.
const NEVER_REACHED: f64 = 1e-20;

/// Currents that differ by this share of them are equal, but for the rounding of a sum and two products.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

impl Population {
    /// The name in figures and files.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The cell of the grid that this population is: each swept key with its value.
    pub fn at(&self) -> &[(String, Literal)] {
        &self.at
    }

    /// The neuron model.
    pub fn model(&self) -> &'static Model {
        self.model
    }

    /// Index of the integrator in the model's list.
    pub fn integrator(&self) -> usize {
        self.integrator
    }

    /// How many neurons.
    pub fn neurons(&self) -> usize {
        self.neurons
    }

    /// Global index of the first neuron: the populations of an experiment follow each other.
    pub fn first_neuron(&self) -> usize {
        self.first_neuron
    }

    /// The model's parameters, in the order of its table.
    pub fn parameters(&self) -> &[Values] {
        &self.parameters
    }

    /// The form of the stimulus.
    pub fn stimulus_kind(&self) -> StimulusKind {
        self.stimulus_kind
    }

    /// The stimulus' parameters, in the order of [`StimulusKind::parameters`].
    pub fn stimulus(&self) -> &[Values] {
        &self.stimulus
    }

    /// The form of the noise.
    pub fn noise_kind(&self) -> NoiseKind {
        self.noise_kind
    }

    /// The noise's parameters, in the order of [`NoiseKind::parameters`].
    pub fn noise(&self) -> &[Values] {
        &self.noise
    }

    /// Whether the noise is the same for every neuron and in every run.
    pub fn frozen(&self) -> bool {
        self.frozen
    }

    /// The signal that is played, if one is.
    pub fn signal(&self) -> Option<&Played> {
        self.signal.as_deref()
    }

    /// The global indices of the neurons.
    pub fn range(&self) -> Range<usize> {
        self.first_neuron..self.first_neuron + self.neurons
    }

    /// All parameters with the names of their keys: `tau_m`, `stimulus.amplitude`, `noise.sigma`.
    pub fn named_values(&self) -> Vec<(String, &Values)> {
        let stimulus = self.stimulus_kind.parameters(self.model);
        let noise = self.noise_kind.parameters(self.model);
        let groups = [
            ("", self.model.parameters, &self.parameters),
            ("stimulus.", &stimulus[..], &self.stimulus),
            ("noise.", &noise[..], &self.noise),
        ];
        let named = groups.into_iter().flat_map(|(prefix, parameters, values)| {
            let names = parameters.iter().map(move |p| format!("{prefix}{}", p.name));
            names.zip(values).collect::<Vec<_>>()
        });
        named.collect()
    }

    /// The name without the cell of the grid that the population is.
    pub fn own_name(&self) -> &str {
        let cell = format!(", {}", self.cell());
        self.name.strip_suffix(&cell).unwrap_or(&self.name)
    }

    /// The cell of the grid that the population is, in words: `sigma = 3, amplitude = 250`.
    pub fn cell(&self) -> String {
        let told = self.at.iter().map(|(key, value)| {
            let last = key.rsplit('.').next().unwrap_or(key);
            format!("{last} = {value}")
        });
        told.collect::<Vec<_>>().join(", ")
    }

    /// The neurons whose parameters of the model stand for all: the first one, if they are alike.
    pub fn representatives(&self) -> Range<usize> {
        let alike = self.parameters.iter().all(|values| matches!(values, Values::Same(_)));
        0..if alike { 1 } else { self.neurons }
    }

    /// The parameters of one neuron, counted within the population, in the order of the model's table.
    pub fn parameters_of(&self, neuron: usize) -> Vec<f64> {
        self.parameters.iter().map(|values| values.of(neuron)).collect()
    }

    /// How one neuron, counted within the population, is stepped.
    pub fn stepping_of(&self, neuron: usize, dt: f64) -> Stepping {
        let white_noise = match self.noise_kind {
            NoiseKind::White => Noise::white(self.noise[0].of(neuron), dt).scale,
            _ => 0.0,
        };
        Stepping { integrator: self.integrator, dt, white_noise }
    }

    /// The steps in which the stimulus of one neuron, counted within the population, is on.
    pub fn pulse_of(&self, neuron: usize, dt: f64) -> Range<u32> {
        if self.stimulus_kind != StimulusKind::Pulse {
            return 0..u32::MAX;
        }
        // A step belongs to the pulse if it begins in [from, to).
        let step = |time: f64| (time / dt - 1e-6).ceil().clamp(0.0, f64::from(u32::MAX)) as u32;
        step(self.stimulus[1].of(neuron))..step(self.stimulus[2].of(neuron))
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
        let Range { start: from_step, end: to_step } = self.pulse_of(neuron, dt);
        let gain = match self.stimulus_kind {
            StimulusKind::File => stimulus(1),
            // NumPy's noise is played as a signal.
            StimulusKind::Constant | StimulusKind::Pulse => 1.0,
        };
        let common = |c: f64| if self.frozen { 1.0 } else { c };
        Drive {
            stimulus: Stimulus {
                amplitude: from_zero(stimulus(0)),
                off: from_zero(0.0),
                from_step,
                to_step,
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

    /// What a neuron misses by looking at the threshold at the steps only; none where nothing is missed, or where
    /// it is not known: of neurons that differ.
    pub fn missed_crossings(&self, dt: f64) -> Option<MissedCrossings> {
        let mut all = self.parameters.iter().chain(&self.stimulus).chain(&self.noise);
        let alike = all.all(|values| matches!(values, Values::Same(_)));
        let known = self.noise_kind == NoiseKind::White
            && self.stimulus_kind == StimulusKind::Constant
            && alike;
        known.then(|| {
            let (parameters, current) = (self.parameters_of(0), self.stimulus[0].of(0));
            self.model.dynamics.missed_crossings(&parameters, &self.stepping_of(0, dt), current)
        })?
    }

    /// A population of one neuron that is typical of this one: it has the mean of each value.
    #[must_use]
    pub fn typical(&self) -> Population {
        self.each(Values::typical)
    }

    /// One neuron, counted within the population, as a population of its own; the noise that it draws is that of
    /// the first.
    #[must_use]
    pub fn alone(&self, neuron: usize) -> Population {
        self.each(|values| Values::Same(values.of(neuron)))
    }

    /// The same without noise.
    #[must_use]
    pub fn without_noise(self) -> Population {
        Population { noise_kind: NoiseKind::None, noise: Vec::new(), frozen: false, ..self }
    }

    /// One neuron, counted within the population, as a population of its own that gets a constant stimulus and no noise.
    #[must_use]
    pub(crate) fn quiet(&self, neuron: usize) -> Population {
        let alone = self.alone(neuron).without_noise();
        Population { stimulus_kind: StimulusKind::Constant, ..alone }
    }

    /// The same at another place in the order of neurons.
    #[must_use]
    pub(crate) fn with_first_neuron(self, first_neuron: usize) -> Population {
        Population { first_neuron, ..self }
    }

    /// A population of one neuron with one of the values of each parameter.
    fn each(&self, one: impl Fn(&Values) -> Values) -> Population {
        Population {
            name: self.name.clone(),
            at: self.at.clone(),
            model: self.model,
            integrator: self.integrator,
            fine: self.fine,
            neurons: 1,
            first_neuron: self.first_neuron,
            parameters: self.parameters.iter().map(&one).collect(),
            stimulus_kind: self.stimulus_kind,
            stimulus: self.stimulus.iter().map(&one).collect(),
            noise_kind: self.noise_kind,
            noise: self.noise.iter().map(&one).collect(),
            frozen: self.frozen,
            signal: self.signal.clone(),
        }
    }

    /// The values that can be looked at of one neuron, counted within the population: those of
    /// [`Info::states`](crate::model::Info::states), then of its observables. `state` is in the order of the model's `State`, as
    /// [`Run::state`](crate::engine::Run::state) gives it.
    pub fn observe(&self, neuron: usize, dt: f64, state: &[f64]) -> Vec<f64> {
        let by = self.stepping_of(neuron, dt);
        self.model.dynamics.observe(&self.parameters_of(neuron), &by, state)
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

    /// The unit of a key that holds a quantity.
    pub fn unit(&self, key: &str) -> Option<&'static str> {
        let of = |parameters: &[Parameter], name: &str| {
            parameters.iter().find(|parameter| parameter.name == name).map(|found| found.unit)
        };
        match key.split_once('.') {
            Some(("stimulus", name)) => of(&self.stimulus_kind.parameters(self.model), name),
            Some(("noise", name)) => of(&self.noise_kind.parameters(self.model), name),
            _ => of(self.model.parameters, key),
        }
    }

    /// What the kernel must be specialised for.
    pub fn kernel(&self) -> Kernel {
        let plays = self.noise_kind == NoiseKind::Numpy;
        Kernel {
            model: self.model,
            variant: Variant { integrator: self.integrator, fine: self.fine },
            stimulus: if plays { StimulusKind::File } else { self.stimulus_kind },
            noise: if plays { NoiseKind::None } else { self.noise_kind },
            shared: self.shares(),
            draws: self.model.draws(self.integrator) && self.noise_kind == NoiseKind::White,
        }
    }

    /// Whether this population can be stepped together with another.
    pub fn goes_with(&self, other: &Population) -> bool {
        let same_signal = match (&self.signal, &other.signal) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        self.kernel() == other.kernel() && same_signal
    }
}
