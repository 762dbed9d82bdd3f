//! A population's values: those that all neurons share, those of each, and those drawn.

use super::check;
use super::convention::Convention;
use super::definition::{Experiment, NEURONS};
use super::kind::{Kind, SourceKind};
use super::reader::Reader;
use crate::equations::Pulses;
use crate::error::{Error, Problem};
use crate::memory;
use crate::model::{Model, Parameter};
use crate::population::{Population, Source, Values};
use crate::quantity::{FORMS, Quantity};
use crate::random::index_of;
use crate::source::{Part, Sources};
use crate::unit::tell;

/// Puts a population together, drawing what is given as a distribution.
pub fn population(
    experiment: &Experiment,
    reader: &Reader,
    kind: &Kind,
    name: String,
) -> Result<Population, Error> {
    let Kind { model, preset, .. } = *kind;
    let neurons = reader.count("neurons", NEURONS)?;
    let integrators: Vec<_> =
        model.integrators.iter().enumerate().map(|(index, i)| (i.name, index)).collect();
    conducts_with(reader, model)?;
    let integrator = reader.choice("integrator", &integrators, 0, "integrator")?;
    let draw = Draw { reader, first_neuron: experiment.neurons(), neurons, seed: experiment.seed };
    let prefixed = |prefix: &str, parameters: &[Parameter]| {
        let values = parameters.iter().map(|p| draw.values(&format!("{prefix}{}", p.name), p));
        values.collect::<Result<Vec<_>, _>>()
    };
    let preset = preset.map_or(&[][..], |preset| preset.values);
    let of_model = (0..).zip(model.parameters).map(|(n, parameter)| {
        let said = preset.iter().find(|(index, _)| *index == n);
        Parameter { default: said.map_or(parameter.default, |(_, value)| *value), ..*parameter }
    });
    let of_model: Vec<Parameter> = of_model.collect();
    let parameters = prefixed("", &of_model)?;
    let own = (model, &parameters[..], experiment.dt_ms);
    let sources = kind.sources.iter().map(|of| source(reader, of, own, prefixed));
    let sources = sources.collect::<Result<Vec<_>, _>>()?;
    let driven = driven(reader, &sources, model.current_unit, neurons, experiment.dt_ms)?;
    Ok(Population {
        sources,
        driven,
        name,
        at: Vec::new(),
        model,
        integrator,
        fine: false,
        neurons,
        first_neuron: experiment.neurons(),
        parameters,
        signal: None,
    })
}

/// Where conductances are injected, not all integrators of a model can be had.
fn conducts_with(reader: &Reader, model: &'static Model) -> Result<(), Error> {
    let Some(name) = reader.text("integrator")?.filter(|_| model.conducting.is_some()) else {
        return Ok(());
    };
    let has = |model: &Model| model.integrators.iter().any(|integrator| integrator.name == name);
    if has(model) || !has(model.plain()) {
        return Ok(());
    }
    let known: Vec<&str> = model.integrators.iter().map(|integrator| integrator.name).collect();
    let message =
        format!("with an injected conductance, {} cannot be stepped by `{name}`", model.name);
    let remedy = format!("choose one of {}", known.join(", "));
    Err(Problem::new(message, &reader.place("integrator"), remedy).into())
}

/// A source with its values; `own` is the model, its parameters and the time step (ms).
fn source(
    reader: &Reader,
    of: &SourceKind,
    (model, of_model, dt): (&'static Model, &[Values], f64),
    values: impl Fn(&str, &[Parameter]) -> Result<Vec<Values>, Error>,
) -> Result<Source, Error> {
    let parameters = of.definition.parameters();
    let convention = Convention::of(reader, of)?;
    let given_unit = convention.map(|convention| convention.unit(model));
    let mut given = parameters.clone();
    if let (Some(unit), Some(sigma)) = (given_unit, given.first_mut()) {
        sigma.unit = unit;
    }
    let mut values = values(&format!("{}.", of.name), &given)?;
    if let (Some(convention), Some(sigma)) = (convention, values.first_mut()) {
        *sigma = convention.ours(reader, model.plain(), of_model, sigma, dt)?;
    }
    let is_frozen = reader.choice(
        &format!("{}.frozen", of.name),
        &[("false", false), ("true", true)],
        false,
        &format!("value of {}.frozen", of.name),
    )?;
    let zeros = values.iter().map(|values| *values == Values::Same(0.0)).collect();
    let part = Part { name: of.name.clone(), definition: of.definition.clone(), is_frozen, zeros };
    Ok(Source { part, parameters, values, twin: of.twin, signal: None, given_unit })
}

/// More pulses than this in a step are no whole number in single precision.
const MOST_PULSES: f64 = 16_777_216.0;

/// All sources that engines have no code of their own for, on one tape.
fn driven(
    reader: &Reader,
    sources: &[Source],
    current_unit: &str,
    neurons: usize,
    dt: f64,
) -> Result<Option<&'static Sources>, Error> {
    let sources: Vec<&Source> = sources.iter().filter(|source| source.is_on_tape()).collect();
    if sources.is_empty() {
        return Ok(None);
    }
    let parts: Vec<Part> = sources.iter().map(|source| source.part.clone()).collect();
    let first = Sources::of(&parts, current_unit, Pulses::AtMost(0))?;
    let values = || sources.iter().flat_map(|source| &source.values);
    let alike = values().all(|values| matches!(values, Values::Same(_)));
    let mut range: Option<[f64; 2]> = None;
    for neuron in 0..if alike { 1 } else { neurons } {
        let parameters: Vec<f64> = values().map(|values| values.of(neuron)).collect();
        for (part, mean) in first.means(&parameters, dt) {
            if !(0.0..=MOST_PULSES).contains(&mean) {
                let source = sources[part];
                let message = format!(
                    "the mean number of pulses in a step of the source `{}` is {}, not from 0 to {MOST_PULSES}{}",
                    source.name(),
                    tell(mean),
                    source.told(neuron)
                );
                let place = reader.place(&format!("{}.kind", source.name()));
                let remedy = "look for a rate that is far off";
                return Err(Problem::new(message, &place, remedy).into());
            }
            range = Some(range.map_or([mean; 2], |[a, b]| [a.min(mean), b.max(mean)]));
        }
    }
    match range {
        Some([least, largest]) => {
            Sources::of(&parts, current_unit, Pulses::for_means(least, largest)).map(Some)
        }
        None => Ok(Some(first)),
    }
}

/// Draws the values of a population's parameters.
struct Draw<'a> {
    reader: &'a Reader,
    first_neuron: usize,
    neurons: usize,
    seed: u64,
}

impl Draw<'_> {
    /// The values of one parameter; its random numbers are those of its key.
    fn values(&self, key: &str, parameter: &Parameter) -> Result<Values, Error> {
        let Some(setting) = self.reader.get(key) else {
            return Ok(Values::Same(parameter.default));
        };
        let place = &setting.value_place;
        let quantity = Quantity::read(&setting.value, parameter.unit).map_err(|why| {
            Problem::new(format!("{key}: {why}"), place, format!("write {FORMS}"))
        })?;
        if let Quantity::Array(list) = &quantity
            && list.len() != self.neurons
        {
            return Err(Problem::new(
                format!("{key} has {} values, but there are {} neurons", list.len(), self.neurons),
                place,
                format!("give one value, {} values, or a distribution", self.neurons),
            )
            .into());
        }
        if !matches!(quantity, Quantity::Constant(_)) {
            let what = || format!("a {key} for each of {} neurons", self.neurons);
            // The value, and all that an engine has of a neuron besides.
            const BYTES: f64 = 100.0;
            memory::check(BYTES * self.neurons as f64, what, "use fewer neurons")?;
        }
        let value = |neuron: usize| {
            let global = (self.first_neuron + neuron) as u32;
            let value = quantity.value(neuron, self.seed, global, index_of(key));
            value.map_err(|why| Problem::new(format!("{key}: {why}"), place, "widen the bounds"))
        };
        let values = match quantity {
            Quantity::Constant(constant) => Values::Same(constant),
            _ => Values::Each((0..self.neurons).map(value).collect::<Result<_, _>>()?),
        };
        check::bound(key, parameter, &quantity, &values, place)?;
        Ok(values)
    }
}
