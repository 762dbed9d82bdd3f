//! Models as files of equations: [`load`] reads one, checks its units, and makes a [`Model`] of it that steps on every
//! engine, without a compiler.

mod allowed;
mod file;
mod own;
mod parts;
mod response;
mod step;
mod written;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use toml::de::DeTable;

use super::dynamics::Model;
use super::info::{Info, Integrator, Parameter, Preset, Variable};
use crate::equations::{File, Given, Text, kept};
use crate::error::Error;
use file::Definition;
pub use own::Equations;
use parts::Quantity;
pub use response::Response;

/// Models that were read, by their files' texts: there is one value of each.
static READ: LazyLock<Mutex<HashMap<String, &'static Model>>> = LazyLock::new(Mutex::default);

/// The model of a file.
///
/// # Errors
/// What is wrong with the file, and where.
pub fn load(path: &Path) -> Result<&'static Model, Error> {
    of(file::read(path)?, true, None)
}

/// The model of a text; `path` is for messages, `name` for a text without one.
///
/// # Errors
/// What is wrong with the text, and where.
pub fn parse(path: &Path, text: &str, name: &str) -> Result<&'static Model, Error> {
    let key = format!("{name}\n{text}");
    let known = PARSED.lock().unwrap_or_else(|poison| poison.into_inner()).get(&key).copied();
    if let Some(model) = known {
        return Ok(model);
    }
    let model = of(file::definition(path, text, name)?, true, None)?;
    PARSED.lock().unwrap_or_else(|poison| poison.into_inner()).insert(key, model);
    Ok(model)
}

/// Models by the texts and names that they were parsed from: a text is parsed once.
static PARSED: LazyLock<Mutex<HashMap<String, &'static Model>>> = LazyLock::new(Mutex::default);

/// The model of a table of a file with this text.
///
/// # Errors
/// What is wrong with the table, and where.
pub fn of_table(
    path: &Path,
    text: &Arc<str>,
    table: &DeTable<'_>,
    name: &str,
) -> Result<&'static Model, Error> {
    of(file::of_table(File { path, text }, table, name)?, false, None)
}

/// Checks the text of a model, without keeping it.
///
/// # Errors
/// What is wrong with the text, and where.
pub fn check(path: &Path, text: &str, name: &str) -> Result<(), Error> {
    Equations::new(file::definition(path, text, name)?, false).map(drop)
}

/// The model with conductances injected, by its equations; none if it has no membrane potential.
///
/// # Errors
/// What is wrong with its text: nothing, as it was read before.
pub fn conducting(
    plain: &'static Model,
    model: &'static Model,
) -> Result<Option<&'static Model>, Error> {
    if plain.conducting.is_some() {
        return Ok(Some(plain));
    }
    let Some(equations) = model.dynamics.as_any().downcast_ref::<Equations>() else {
        return Ok(None);
    };
    match equations.has_potential() {
        true => of(equations.definition().clone(), false, Some(plain)).map(Some),
        false => Ok(None),
    }
}

fn of(
    definition: Definition,
    is_whole: bool,
    conducting: Option<&'static Model>,
) -> Result<&'static Model, Error> {
    let key = format!("{} {}\n{}", definition.name, conducting.is_some(), definition.text);
    let mut read = READ.lock().unwrap_or_else(|poison| poison.into_inner());
    if let Some(model) = read.get(&key) {
        return Ok(model);
    }
    let text = is_whole.then(|| kept(&definition.text));
    let equations = Equations::new(definition, conducting.is_some())?;
    let info = info(&equations);
    let model: &'static Model = Box::leak(Box::new(Model {
        info,
        dynamics: Box::leak(Box::new(equations)),
        text,
        conducting,
    }));
    read.insert(key, model);
    Ok(model)
}

fn kept_list<T>(list: Vec<T>) -> &'static [T] {
    Box::leak(list.into_boxed_slice())
}

/// What a file tells about its model.
fn info(equations: &Equations) -> Info {
    let definition = equations.definition();
    let parameter = |p: &Given| Parameter {
        name: kept(&p.name),
        unit: kept(&p.unit),
        default: p.value,
        without: "",
        bound: p.bound,
        about: kept(&p.about),
    };
    let variable =
        |q: &Quantity| Variable { name: kept(&q.name), unit: kept(&q.unit), about: kept(&q.about) };
    let line = |begin: &str, text: &Text| {
        kept(&format!("{begin} {}", text.written.split_whitespace().collect::<Vec<_>>().join(" ")))
    };
    let slopes =
        definition.states.iter().map(|state| line(&format!("d{}/dt =", state.name), &state.value));
    let definitions =
        definition.definitions.iter().map(|(name, text)| line(&format!("{name} ="), text));
    let spike = &definition.spike;
    let when = line(if spike.is_upward { "a spike: upwards" } else { "a spike:" }, &spike.when);
    let resets = spike
        .reset
        .iter()
        .map(|(n, text)| line(&format!("    then {} =", definition.states[*n].name), text));
    let presets = definition
        .presets
        .iter()
        .map(|(name, values)| Preset { name: kept(name), values: kept_list(values.clone()) });
    let equations_told = slopes.chain(definitions).chain([when]).chain(resets).collect();
    let integrator = |integrator: &crate::integrator::Integrator| {
        let known = crate::integrator::Integrator::NAMED;
        let name = known.iter().find(|(_, other)| other == integrator).map_or("", |(name, _)| name);
        let draws = *integrator == crate::integrator::Integrator::Bridge;
        Integrator { name, about: integrator.about(), draws }
    };
    Info {
        name: kept(&definition.name),
        about: kept(&definition.about),
        equations: kept_list(equations_told),
        source: kept(&definition.source),
        parameters: kept_list(definition.parameters.iter().map(parameter).collect()),
        states: kept_list(definition.states.iter().map(variable).collect()),
        observables: kept_list(definition.observables.iter().map(variable).collect()),
        integrators: kept_list(equations.integrators().iter().map(integrator).collect()),
        remarks: &[],
        in_steps: &[],
        presets: kept_list(presets.collect()),
        current_unit: kept(&definition.current),
        dt_ms: definition.dt_ms,
        amplitude: definition.amplitude,
        sigma_white: definition.sigma_white,
        sigma_ou: definition.sigma_ou,
    }
}
