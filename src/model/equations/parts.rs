//! The parts of a model's file: parameters, states, spikes, observables, presets.

use std::ops::Range;

use toml::de::DeValue;

use crate::equations::{Entry, Given, Section, Text, Words, unit_of};
use crate::error::Error;

/// A variable of the state, or an observable.
#[derive(Clone, Debug)]
pub struct Quantity {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// What it is.
    pub about: String,
    /// Its derivative, or its value.
    pub value: Text,
    /// Its value at time 0; none of an observable.
    pub start: Option<Text>,
}

/// When there is a spike, and what it does.
#[derive(Clone, Debug)]
pub struct Spike {
    /// The condition.
    pub when: Text,
    /// Whether it must not have held one step before.
    pub is_upward: bool,
    /// For how long further spikes do not count.
    pub lockout: Option<Text>,
    /// For how long some variables are held.
    pub refractory: Option<Text>,
    /// Those that are held, by their index.
    pub hold: Vec<usize>,
    /// What variables are set to.
    pub reset: Vec<(usize, Text)>,
}

/// A preset: `[presets.NAME]` with values of parameters.
pub fn preset(
    entry: &Entry<'_>,
    parameters: &[Given],
) -> Result<(String, Vec<(usize, f64)>), Error> {
    let known: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let Some(table) = entry.value.get_ref().as_table() else {
        let remedy = "write values of parameters under it";
        return Err(entry.wrong(format!("`{}` is no table", entry.name), remedy));
    };
    let section = Section { file: entry.file, table, span: entry.span.clone(), known: &known };
    section.check()?;
    let mut values = Vec::new();
    for (n, parameter) in parameters.iter().enumerate() {
        if table.get(parameter.name.as_str()).is_some() {
            let value = section.quantity(&parameter.name, &parameter.unit, parameter.value)?;
            if !parameter.bound.holds(value) {
                let message = format!("it must be {}, but is {value}", parameter.bound.words());
                return Err(section.wrong(&parameter.name, message, "give another value"));
            }
            values.push((n, value));
        }
    }
    Ok((entry.name.clone(), values))
}

/// A variable: `[state.v]` with its unit, start value and `dv/dt`.
pub fn state(entry: Entry<'_>) -> Result<Quantity, Error> {
    let slope = format!("d{}/dt", entry.name);
    let known = ["unit", "start", "about", slope.as_str()];
    let Some(table) = entry.value.get_ref().as_table() else {
        let remedy = format!("write [state.{}] with unit, start and \"{slope}\"", entry.name);
        return Err(entry.wrong(format!("`{}` is no table", entry.name), &remedy));
    };
    let section = Section { file: entry.file, table, span: entry.span.clone(), known: &known };
    section.check()?;
    let missing = |what: &str, remedy: &str| {
        entry.wrong(format!("the state `{}` has no {what}", entry.name), remedy)
    };
    let remedy = format!("write \"{slope}\" = \"..\"");
    let value = section.expression(&slope)?.ok_or_else(|| missing("equation", &remedy))?;
    let start = section.expression("start")?;
    let start = start.ok_or_else(|| missing("start value", "write start = \"..\""))?;
    Ok(Quantity {
        name: entry.name.clone(),
        unit: unit_of(&section, Words::NONE)?,
        about: section.text("about")?.unwrap_or_default(),
        value,
        start: Some(start),
    })
}

/// An observable: `i_na = { unit = .., value = .. }`.
pub fn observable(entry: Entry<'_>) -> Result<Quantity, Error> {
    let section = entry.section(&["unit", "value", "about"])?;
    let value = section.expression("value")?.ok_or_else(|| {
        entry.wrong(format!("`{}` has no value", entry.name), "write value = \"..\"")
    })?;
    Ok(Quantity {
        name: entry.name.clone(),
        unit: unit_of(&section, Words::NONE)?,
        about: section.text("about")?.unwrap_or_default(),
        value,
        start: None,
    })
}

pub fn spike(section: &Section<'_>, states: &[Quantity]) -> Result<Spike, Error> {
    let state = |name: &str, span: Range<usize>| {
        states.iter().position(|state| state.name == name).ok_or_else(|| {
            let known: Vec<&str> = states.iter().map(|state| state.name.as_str()).collect();
            let remedy = format!("the states are {}", known.join(", "));
            section.file.problem(span, format!("`{name}` is no state"), &remedy)
        })
    };
    let Some(when) = section.expression("when")? else {
        let remedy = "write for example when = \"v >= v_th\"";
        return Err(section.wrong("when", "nothing says when there is a spike".into(), remedy));
    };
    let mut reset = Vec::new();
    for entry in section.entries("reset")? {
        reset.push((state(&entry.name, entry.span.clone())?, entry.expression(entry.value)?));
    }
    let mut hold = Vec::new();
    if let Some(value) = section.table.get("hold") {
        let names: Vec<_> = match value.get_ref() {
            DeValue::Array(list) => list.iter().collect(),
            _ => vec![value],
        };
        for name in names {
            match name.get_ref() {
                DeValue::String(text) => hold.push(state(text, name.span())?),
                _ => {
                    let remedy = "write for example hold = [\"v\"]";
                    return Err(section.wrong("hold", "this is no list of states".into(), remedy));
                }
            }
        }
    }
    let is_upward = match section.table.get("upward").map(|value| value.get_ref()) {
        None => false,
        Some(DeValue::Boolean(is)) => *is,
        Some(_) => {
            return Err(section.wrong(
                "upward",
                "this is neither true nor false".into(),
                "use true",
            ));
        }
    };
    if reset.is_empty() && !is_upward {
        let message = "a spike resets nothing: it would be one at each step";
        let remedy = "write reset = { v = \"v_reset\" }, or upward = true";
        return Err(section.wrong("when", message.into(), remedy));
    }
    Ok(Spike {
        when,
        is_upward,
        lockout: section.expression("lockout")?,
        refractory: section.expression("refractory")?,
        hold,
        reset,
    })
}
