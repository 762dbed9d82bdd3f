//! The parts of a model's file: parameters, states, spikes, observables, presets.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::lower::FUNCTIONS;
use super::table::{Entry, File, Section, Text};
use crate::error::Error;
use crate::model::info::Bound;
use crate::unit::measure;

/// A parameter.
#[derive(Clone, Debug)]
pub struct Given {
    /// Its name.
    pub name: String,
    /// The unit that bare numbers are in.
    pub unit: String,
    /// The default, in that unit.
    pub value: f64,
    /// The values that make sense.
    pub bound: Bound,
    /// What it is.
    pub about: String,
}

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

/// More of anything than this is no neuron.
const MOST: usize = 200;

/// Names that mean something else.
const TAKEN: [&str; 9] = ["I", "t", "dt", "pi", "and", "or", "not", "if", "xi"];

/// Each name stands for one thing.
pub fn distinct(file: File<'_>, table: &DeTable<'_>) -> Result<(), Error> {
    let groups = ["parameters", "definitions", "state", "observables"];
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for group in groups {
        let Some(entries) = table.get(group).and_then(|value| value.get_ref().as_table()) else {
            continue;
        };
        if entries.len() > MOST {
            let message = format!("[{group}] has {} entries, more than {MOST}", entries.len());
            return Err(file.problem(0..0, message, "leave some out"));
        }
        for key in entries.keys() {
            let name = key.get_ref().as_ref();
            let wrong =
                |message: String, remedy: &str| Err(file.problem(key.span(), message, remedy));
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && name.len() <= 40;
            if !is_name {
                let remedy = "use letters, digits and _, a letter first";
                return wrong(format!("`{name}` is no name"), remedy);
            }
            if TAKEN.contains(&name) || FUNCTIONS.iter().any(|(known, _)| *known == name) {
                return wrong(format!("`{name}` means something else here"), "choose another name");
            }
            if let Some((_, other)) = seen.iter().find(|(known, _)| *known == name) {
                return wrong(format!("`{name}` is in [{other}] already"), "choose another name");
            }
            seen.push((name, group));
        }
    }
    Ok(())
}

/// A parameter: a number, a number with its unit, or a table.
pub fn given(entry: Entry<'_>) -> Result<Given, Error> {
    let name = entry.name.clone();
    let bare = |value: &DeValue<'_>| -> Option<(f64, String)> {
        match value {
            DeValue::Integer(number) => Some((number.as_str().parse().ok()?, "1".into())),
            DeValue::Float(number) => Some((number.as_str().parse().ok()?, "1".into())),
            DeValue::String(text) => split(text),
            _ => None,
        }
    };
    let remedy = "write a number with its unit, such as \"20 ms\"";
    let wrong = |message: String| entry.wrong(message, remedy);
    let (value, section) = match entry.value.get_ref() {
        DeValue::Table(_) => {
            let section = entry.section(&["value", "unit", "bound", "about"])?;
            let value = section.table.get("value").and_then(|value| bare(value.get_ref()));
            (value, Some(section))
        }
        other => (bare(other), None),
    };
    let Some((value, unit)) = value else {
        return Err(wrong(format!("`{name}` has no value with a unit that is known")));
    };
    if !value.is_finite() {
        return Err(wrong(format!("`{name}` is no finite number")));
    }
    let (mut unit, mut bound, mut about) = (unit, Bound::Finite, String::new());
    if let Some(section) = section {
        if let Some(said) = section.text("unit")? {
            if measure(&said).is_none() {
                return Err(section.wrong(
                    "unit",
                    format!("`{said}` is no unit known here"),
                    remedy,
                ));
            }
            unit = said;
        }
        about = section.text("about")?.unwrap_or_default();
        bound = match section.text("bound")?.as_deref() {
            None => Bound::Finite,
            Some("positive") => Bound::Positive,
            Some("not negative") => Bound::NotNegative,
            Some("fraction") => Bound::Fraction,
            Some(other) => {
                let remedy = "use positive, not negative or fraction, or leave it out";
                return Err(section.wrong("bound", format!("`{other}` is no bound"), remedy));
            }
        };
    }
    if !bound.holds(value) {
        return Err(wrong(format!("`{name}` must be {}, but is {value}", bound.words())));
    }
    Ok(Given { name, unit, value, bound, about })
}

/// A number and its unit.
pub fn split(text: &str) -> Option<(f64, String)> {
    let text = text.trim();
    let ends = (1..=text.len()).rev().filter(|end| text.is_char_boundary(*end));
    let (value, unit) =
        ends.into_iter().find_map(|end| Some((text[..end].parse::<f64>().ok()?, &text[end..])))?;
    let unit = unit.trim().trim_start_matches('*').trim();
    measure(unit)?;
    Some((value, if unit.is_empty() { "1".into() } else { unit.to_owned() }))
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

pub fn unit_of(section: &Section<'_>) -> Result<String, Error> {
    let unit = section.text("unit")?.unwrap_or_else(|| "1".to_owned());
    match measure(&unit) {
        Some(_) => Ok(unit),
        None => Err(section.wrong(
            "unit",
            format!("`{unit}` is no unit known here"),
            "use for example mV",
        )),
    }
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
        unit: unit_of(&section)?,
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
        unit: unit_of(&section)?,
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
