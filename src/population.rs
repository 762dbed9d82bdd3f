//! A population: neurons of one model, with one value of each parameter per neuron.

use std::ops::Range;
use std::sync::Arc;

use crate::drive::{Drive, Noise, NoiseKind, Start, Stimulus, StimulusKind};
use crate::model::{Model, Neuron, Parameter, Row};
use crate::setting::Written;

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
    pub name: String,
    /// The cell of the grid that this population is: each swept key with its value.
    pub at: Vec<(String, Written)>,
    /// The neuron model.
    pub model: &'static Model,
    /// Place of the integrator in the model's list.
    pub integrator: usize,
    /// Whether the step is [`fine`](Neuron::fine) for every neuron.
    pub fine: bool,
    /// How many neurons.
    pub neurons: usize,
    /// Global index of the first neuron: the populations of an experiment follow each other.
    pub first_neuron: usize,
    /// The model's parameters, in the order of its table.
    pub parameters: Vec<Values>,
    /// The form of the stimulus.
    pub stimulus_kind: StimulusKind,
    /// The stimulus' parameters, in the order of [`StimulusKind::parameters`].
    pub stimulus: Vec<Values>,
    /// The form of the noise.
    pub noise_kind: NoiseKind,
    /// The noise's parameters, in the order of [`NoiseKind::parameters`].
    pub noise: Vec<Values>,
    /// Whether the noise is the same for every neuron and in every run.
    pub frozen: bool,
    /// A value per step of the signal that is played, if one is: whole words of steps.
    pub signal: Option<Arc<Vec<f64>>>,
}

impl Population {
    /// The global indices of the neurons.
    pub fn range(&self) -> Range<usize> {
        self.first_neuron..self.first_neuron + self.neurons
    }

    /// The neurons whose parameters of the model stand for all: the first one, if they are alike.
    pub fn representatives(&self) -> Range<usize> {
        let alike = self.parameters.iter().all(|values| matches!(values, Values::Same(_)));
        0..if alike { 1 } else { self.neurons }
    }

    /// The parameters of one neuron, counted within the population.
    pub fn parameters_of<N: Neuron>(&self, neuron: usize) -> N::Parameters {
        N::Parameters::from_fn(|parameter| self.parameters[parameter].of(neuron))
    }

    /// What drives one neuron, counted within the population, at a step of `dt` ms.
    pub fn drive_of(&self, neuron: usize, dt: f64) -> Drive {
        let stimulus = |parameter: usize| self.stimulus[parameter].of(neuron);
        let noise = |parameter: usize| self.noise[parameter].of(neuron);
        // A step belongs to the pulse if it begins in [from, to).
        let step = |time: f64| (time / dt - 1e-6).ceil().clamp(0.0, f64::from(u32::MAX)) as u32;
        let (from_step, to_step, gain) = match self.stimulus_kind {
            StimulusKind::Pulse => (step(stimulus(1)), step(stimulus(2)), 0.0),
            StimulusKind::File => (0, u32::MAX, stimulus(1)),
            // NumPy's noise is played as a signal.
            StimulusKind::Constant => (0, u32::MAX, 1.0),
        };
        let common = |c: f64| if self.frozen { 1.0 } else { c };
        Drive {
            stimulus: Stimulus { amplitude: stimulus(0), from_step, to_step, gain },
            noise: match self.noise_kind {
                NoiseKind::None | NoiseKind::Numpy => Noise::default(),
                NoiseKind::White => Noise::white(noise(0), dt).sharing(common(noise(1))),
                NoiseKind::Ou => Noise::ou(noise(0), noise(1), dt).sharing(common(noise(2))),
            },
        }
    }

    /// What the noise of one neuron, counted within the population, starts from.
    pub fn start_of(&self, neuron: usize, noise: &Noise, seed: u64) -> Start {
        let global = (self.first_neuron + neuron) as u32;
        Start::new(noise, seed, global, self.first_neuron as u32, self.frozen)
    }

    /// Whether some of the noise is shared.
    fn shares(&self) -> bool {
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
            model: self.model.name,
            integrator: self.integrator,
            fine: self.fine,
            stimulus: if plays { StimulusKind::File } else { self.stimulus_kind },
            noise: if plays { NoiseKind::None } else { self.noise_kind },
            shared: self.shares(),
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

/// What a kernel is specialised for: populations with the same one are stepped together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// Name of the model.
    pub model: &'static str,
    /// Place of the integrator in the model's list.
    pub integrator: usize,
    /// Whether the step is [`fine`](Neuron::fine) for every neuron.
    pub fine: bool,
    /// Form of the stimulus.
    pub stimulus: StimulusKind,
    /// Form of the noise.
    pub noise: NoiseKind,
    /// Whether some of the noise is shared by the population.
    pub shared: bool,
}
