//! A population: neurons of one model, with one value of each parameter per neuron.

mod driving;
mod played;
mod predicted;
mod source;
mod values;

use std::ops::Range;
use std::sync::Arc;

use crate::drive::{Kernel, Noise, NoiseKind, StimulusKind};
use crate::model::{MissedCrossings, Model, Parameter, Stepping, Variant};
use crate::setting::Literal;
use crate::source::{Role, Sources};

pub use played::{Played, Recording};
pub use source::Source;
pub use values::Values;

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
    /// The unit in which `noise.sigma` was given, if not in our own convention.
    pub(crate) sigma_unit: Option<&'static str>,
    /// Whether the noise is the same for every neuron and in every run.
    pub(crate) frozen: bool,
    /// The signal that is played, if one is.
    pub(crate) signal: Option<Arc<Played>>,
    /// What drives the neurons besides stimulus and noise.
    pub(crate) sources: Vec<Source>,
    /// The same on one tape; none if nothing does.
    pub(crate) driven: Option<&'static Sources>,
}

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

    /// What drives the neurons besides stimulus and noise.
    pub fn sources(&self) -> &[Source] {
        &self.sources
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
        named.chain(self.sources.iter().flat_map(Source::named_values)).collect()
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

    /// What a neuron misses by looking at the threshold at the steps only; none where nothing is missed, or where
    /// it is not known: of neurons that differ.
    pub fn missed_crossings(&self, dt: f64) -> Option<MissedCrossings> {
        let mut all = self.parameters.iter().chain(&self.stimulus).chain(&self.noise);
        let alike = all.all(|values| matches!(values, Values::Same(_)));
        let known = self.sources.is_empty()
            && self.noise_kind == NoiseKind::White
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

    /// Whether nothing but noise changes what drives the neurons.
    pub fn is_steady(&self) -> bool {
        let is_noise = |source: &Source| source.part.definition.role == Role::Noise;
        self.stimulus_kind != StimulusKind::File && self.sources.iter().all(is_noise)
    }

    /// Whether there is noise: a current's, that of a source, or inside the model.
    pub fn is_noisy(&self) -> bool {
        let is_noise = |source: &Source| source.part.definition.role == Role::Noise;
        self.noise.first().is_some_and(|sigma| sigma.iter().any(|sigma| sigma > 0.0))
            || self.sources.iter().any(is_noise)
            || self.is_noisy_inside()
    }

    /// The values of a key, as [`named_values`](Self::named_values) has them.
    pub fn values(&self, key: &str) -> Option<&Values> {
        self.named_values().into_iter().find(|(name, _)| name == key).map(|(_, values)| values)
    }

    /// Whether there is noise inside the model.
    pub fn is_noisy_inside(&self) -> bool {
        self.model.dynamics.is_noisy()
    }

    /// The same without noise, but for what is inside the model.
    #[must_use]
    pub fn without_noise(self) -> Population {
        let quiet =
            Population { noise_kind: NoiseKind::None, noise: Vec::new(), frozen: false, ..self };
        quiet.with_sources(|source| source.part.definition.role == Role::Stimulus)
    }

    /// The same with some of its sources. They were right together: so they are in part.
    fn with_sources(mut self, keeps: impl Fn(&Source) -> bool) -> Population {
        let Some(all) = self.driven else { return self };
        let before = self.sources.len();
        self.sources.retain(keeps);
        if self.sources.len() < before {
            self.driven = match self.sources.is_empty() {
                true => None,
                false => all.only(&self.sources.iter().map(|s| &s.part).collect::<Vec<_>>()),
            };
        }
        self
    }

    /// One neuron, counted within the population, as a population of its own that gets a constant stimulus (that of a pulse, if there is
    /// one) and no noise.
    #[must_use]
    pub(crate) fn quiet(&self, neuron: usize) -> Population {
        let alone = self.alone(neuron).without_noise();
        let pulse = alone.pulse().and_then(|pulse| pulse.values.first().cloned());
        let (stimulus_kind, stimulus) = match (pulse, alone.stimulus_kind) {
            (Some(amplitude), _) => (StimulusKind::Constant, vec![amplitude]),
            (None, StimulusKind::None) => (StimulusKind::None, Vec::new()),
            (None, _) => (StimulusKind::Constant, alone.stimulus.clone()),
        };
        Population { stimulus_kind, stimulus, ..alone.with_sources(|_| false) }
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
            sigma_unit: self.sigma_unit,
            frozen: self.frozen,
            signal: self.signal.clone(),
            sources: self.sources.iter().map(|source| source.each(&one)).collect(),
            driven: self.driven,
        }
    }

    /// The values that can be looked at of one neuron, counted within the population: those of
    /// [`Info::states`](crate::model::Info::states), then of its observables. `state` is in the order of the model's `State`, as
    /// [`Run::state`](crate::engine::Run::state) gives it.
    pub fn observe(&self, neuron: usize, dt: f64, state: &[f64]) -> Vec<f64> {
        let by = self.stepping_of(neuron, dt);
        self.model.dynamics.observe(&self.parameters_of(neuron), &by, state)
    }

    /// The unit of a key that holds a quantity.
    pub fn unit(&self, key: &str) -> Option<&'static str> {
        let of = |parameters: &[Parameter], name: &str| {
            parameters.iter().find(|parameter| parameter.name == name).map(|found| found.unit)
        };
        if let Some(unit) = self.sources.iter().find_map(|source| source.unit(key)) {
            return Some(unit);
        }
        if let ("noise.sigma", Some(unit)) = (key, self.sigma_unit) {
            return Some(unit);
        }
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
            stimulus: match self.stimulus_kind {
                _ if plays => StimulusKind::File,
                StimulusKind::None => StimulusKind::Constant,
                kind => kind,
            },
            sources: self.driven,
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
