//! Names and parameters of a file of equations.

use toml::de::{DeTable, DeValue};

use super::functions::FUNCTIONS;
use super::random::is_random;
use super::table::{Entry, File, Section};
use crate::error::Error;
use crate::model::Bound;
use crate::unit::measure;

/// A parameter.
#[derive(Clone, Debug)]
pub struct Given {
    /// Its name.
    pub name: String,
    /// The unit that bare numbers are in.
    pub unit: String,
    /// The default, in that unit; not a number where there is none.
    pub value: f64,
    /// What holds without a value, where there may be none.
    pub without: String,
    /// The values that make sense.
    pub bound: Bound,
    /// What it is.
    pub about: String,
}

/// More of anything than this is no neuron.
const MOST: usize = 200;

/// Names that mean something else.
const TAKEN: [&str; 8] = ["I", "t", "dt", "pi", "and", "or", "not", "if"];

/// Each name stands for one thing.
pub fn distinct(file: File<'_>, table: &DeTable<'_>, groups: &[&str]) -> Result<(), Error> {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for group in groups.iter().copied() {
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
            if TAKEN.contains(&name)
                || is_random(name)
                || FUNCTIONS.iter().any(|(known, _)| *known == name)
            {
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

/// Words that a file has besides units and numbers, for what depends on where it is used.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    /// A number that a default may be told in, by its name.
    pub times: &'a dyn Fn(&str) -> Option<f64>,
    /// What a unit stands for.
    pub unit: &'a dyn Fn(&str) -> String,
    /// Whether there may be no value, by `without`.
    pub optional: bool,
}

impl Words<'_> {
    /// None besides.
    pub const NONE: Words<'static> =
        Words { times: &|_| None, unit: &|unit| unit.to_owned(), optional: false };
}

/// A parameter: a number, a number with its unit, or a table.
pub fn given(entry: Entry<'_>, words: Words<'_>) -> Result<Given, Error> {
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
            let known = &["value", "unit", "bound", "about", "times", "without"];
            let section = entry.section(&known[..if words.optional { 6 } else { 5 }])?;
            let value = match section.table.get("value") {
                None if section.table.contains_key("without") => Some((f64::NAN, "1".into())),
                value => value.and_then(|value| bare(value.get_ref())),
            };
            (value, Some(section))
        }
        other => (bare(other), None),
    };
    let Some((value, unit)) = value else {
        return Err(wrong(format!("`{name}` has no value with a unit that is known")));
    };
    let is_optional = words.optional && value.is_nan();
    if !value.is_finite() && !is_optional {
        return Err(wrong(format!("`{name}` is no finite number")));
    }
    let mut value = value;
    let (mut unit, mut bound) = (unit, Bound::Finite);
    let (mut about, mut without) = (String::new(), String::new());
    if let Some(section) = section {
        without = section.text("without")?.unwrap_or_default();
        if let Some(said) = section.text("unit")?.map(|unit| (words.unit)(&unit)) {
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
        if let Some(name) = section.text("times")? {
            let Some(number) = (words.times)(&name) else {
                let message = format!("`{name}` is no number known here");
                return Err(section.wrong("times", message, "leave it out"));
            };
            value *= number;
        }
        bound = match section.text("bound")?.as_deref() {
            None => Bound::Finite,
            Some("positive") => Bound::Positive,
            Some("not negative") => Bound::NotNegative,
            Some("fraction") => Bound::Fraction,
            Some("correlation") => Bound::Correlation,
            Some(other) => {
                let remedy = "use positive, not negative, fraction or correlation, or leave it out";
                return Err(section.wrong("bound", format!("`{other}` is no bound"), remedy));
            }
        };
    }
    if !bound.holds(value) && !is_optional {
        return Err(wrong(format!("`{name}` must be {}, but is {value}", bound.words())));
    }
    Ok(Given { name, unit, value, without, bound, about })
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

/// The unit of a section, `1` where none is told.
pub fn unit_of(section: &Section<'_>, words: Words<'_>) -> Result<String, Error> {
    let unit = section.text("unit")?.map_or_else(|| "1".to_owned(), |unit| (words.unit)(&unit));
    match measure(&unit) {
        Some(_) => Ok(unit),
        None => Err(section.wrong(
            "unit",
            format!("`{unit}` is no unit known here"),
            "use for example mV",
        )),
    }
}
