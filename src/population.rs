//! A population: neurons of one model, with one value of each parameter per neuron.

mod driving;
mod played;
mod predicted;
mod source;
mod values;

use std::ops::Range;
use std::sync::Arc;

use crate::drive::{Kernel, Noise, NoiseForm};
use crate::model::{MissedCrossings, Model, Stepping, Variant};
use crate::setting::Literal;
use crate::source::{Sources, Twin};

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
    /// What drives the neurons: `stimulus`, `noise`, and others, which add up.
    pub(crate) sources: Vec<Source>,
    /// The signal that is played: that of the source that plays one, or the sum of all such; none without.
    pub(crate) signal: Option<Arc<Played>>,
    /// The sources that engines have no code of their own for, on one tape; none if there are none.
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

    /// The signal that is played: that of the source that plays one, or the sum of all such; none without.
    pub fn signal(&self) -> Option<&Played> {
        self.signal.as_deref()
    }

    /// What drives the neurons: `stimulus`, `noise`, and others, which add up.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The source of a name.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.name() == name)
    }

    /// Those that are on the tape.
    pub(crate) fn on_tape(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(|source| source.is_on_tape())
    }

    /// The one that engines have this code of their own for.
    pub(crate) fn twin(&self, twin: Twin) -> Option<&Source> {
        self.sources.iter().find(|source| source.twin == Some(twin))
    }

    /// The global indices of the neurons.
    pub fn range(&self) -> Range<usize> {
        self.first_neuron..self.first_neuron + self.neurons
    }

    /// All parameters with the names of their keys: `tau_m`, `stimulus.amplitude`, `noise.sigma`.
    pub fn named_values(&self) -> Vec<(String, &Values)> {
        let names = self.model.parameters.iter().map(|parameter| parameter.name.to_owned());
        let of_model = names.zip(&self.parameters);
        of_model.chain(self.sources.iter().flat_map(Source::named_values)).collect()
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
        let sigma = self.twin(Twin::White).map(|white| white.values[0].of(neuron));
        let white_noise = sigma.map_or(0.0, |sigma| Noise::white(sigma, dt).scale);
        Stepping { integrator: self.integrator, dt, white_noise }
    }

    /// What a neuron misses by looking at the threshold at the steps only; none where nothing is missed, or where
    /// it is not known: of neurons that differ.
    pub fn missed_crossings(&self, dt: f64) -> Option<MissedCrossings> {
        let (Some(stimulus), Some(_)) = (self.twin(Twin::Constant), self.twin(Twin::White)) else {
            return None;
        };
        let of_sources = self.sources.iter().flat_map(|source| &source.values);
        let mut all = self.parameters.iter().chain(of_sources);
        let alike = all.all(|values| matches!(values, Values::Same(_)));
        let known = self.sources.len() == 2 && alike;
        known.then(|| {
            let (parameters, current) = (self.parameters_of(0), stimulus.values[0].of(0));
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
        let is_constant = |source: &Source| source.twin == Some(Twin::Constant);
        self.sources.iter().all(|source| is_constant(source) || source.is_noise())
    }

    /// Whether there is noise: a current's, that of a source, or inside the model.
    pub fn is_noisy(&self) -> bool {
        let has_strength = |source: &Source| {
            source.is_on_tape() || source.values.first().is_some_and(|s| s.iter().any(|s| s > 0.0))
        };
        self.sources.iter().any(|source| source.is_noise() && has_strength(source))
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
        self.with_sources(|source| !source.is_noise())
    }

    /// The same with some of its sources: of those that play a signal, all or none. They were right together: so they are in
    /// part.
    fn with_sources(mut self, keeps: impl Fn(&Source) -> bool) -> Population {
        self.sources.retain(keeps);
        let parts: Vec<_> = self.on_tape().map(|source| &source.part).collect();
        self.driven = match parts.is_empty() {
            true => None,
            false => self.driven.and_then(|all| all.only(&parts)),
        };
        if self.twin(Twin::Played).is_none() {
            self.signal = None;
        }
        self
    }

    /// One neuron, counted within the population, as a population of its own that gets a constant stimulus (that of a pulse, if
    /// there is one, or what a recording is played on) and no noise.
    #[must_use]
    pub(crate) fn quiet(&self, neuron: usize) -> Population {
        let alone = self.alone(neuron).without_noise();
        let steady = alone.pulse().or_else(|| alone.twin(Twin::Constant));
        let steady = steady.or_else(|| alone.source("stimulus").filter(|s| !s.is_on_tape()));
        let amplitude =
            |source: &Source| source.parameters.iter().position(|p| p.name == "amplitude");
        let constant = steady.and_then(|source| Some((source, amplitude(source)?)));
        let constant = constant.map(|(source, n)| Source {
            parameters: vec![source.parameters[n]],
            values: vec![source.values[n].clone()],
            twin: Some(Twin::Constant),
            signal: None,
            ..source.clone()
        });
        let nothing = alone.with_sources(|_| false);
        Population { sources: constant.into_iter().collect(), ..nothing }
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
        let of_source = self.sources.iter().find_map(|source| source.unit(key));
        let of_model = || Some(self.model.parameters[self.model.parameter(key)?].unit);
        of_source.or_else(of_model)
    }

    /// What the kernel must be specialised for.
    pub fn kernel(&self) -> Kernel {
        let noise = self.noise_form();
        Kernel {
            model: self.model,
            variant: Variant { integrator: self.integrator, fine: self.fine },
            plays: self.twin(Twin::Played).is_some(),
            sources: self.driven,
            noise,
            shared: self.shares(),
            draws: self.model.draws(self.integrator) && noise == NoiseForm::White,
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
