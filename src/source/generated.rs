//! Sources whose text depends on what is asked: lists of times, and expressions.

use std::fmt::Write as _;

use crate::error::{Error, Problem};
use crate::setting::{Literal, Setting};
use crate::unit;

/// What is asked of a source.
pub struct Asked<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its settings, by their keys without the name; of several with one key, the last counts.
    pub settings: &'a [(&'a str, &'a Setting)],
    /// Where it is written.
    pub kind: &'a Setting,
    /// The unit of the model's current.
    pub current_unit: &'a str,
}

/// Keys of every source: what it is, whether its random numbers are the same for every neuron and in every run, and its text
/// where it is one of a user's own that has no file.
pub const COMMON_KEYS: [&str; 3] = ["kind", "frozen", "text"];

/// More events would be a long tape: they are a recording.
const MOST: usize = 200;

/// What [`steps`] writes, for one step.
pub const STEPS: &str = r#"about = "a current that is set anew at given times"
current = "0"
"#;

/// What [`alpha`] writes, for no event.
pub const ALPHA: &str = r#"about = "currents of the shape (t / tau) exp(1 - t / tau) that begin at given times and add up"
source = "Rall, J Neurophysiol 30:1138-1168, 1967"
current = "y"
[parameters]
peak = { value = 1, times = "amplitude", unit = "I", about = "the largest current of one event" }
tau = { value = "5 ms", bound = "positive", about = "time from its begin to its peak" }
[definitions]
decay = "exp(-dt / tau)"
begins = "0"
[state.x]
unit = "I"
start = "0"
next = "decay * (x + begins * exp(1) * peak)"
[state.y]
unit = "I"
start = "0"
next = "decay * (y + dt / tau * (x + begins * exp(1) * peak))"
"#;

/// What [`expression`] writes, for no current.
pub const EXPRESSION: &str = r#"about = "any expression of the time t, of random numbers, and of keys of its own"
current = "0"
"#;

impl Asked<'_> {
    fn get(&self, key: &str) -> Option<&Setting> {
        self.settings.iter().rev().find(|(known, _)| *known == key).map(|(_, setting)| *setting)
    }

    fn wrong(&self, key: &str, message: impl Into<String>, remedy: &str) -> Error {
        let place = &self.get(key).unwrap_or(self.kind).value_place;
        Problem::new(message, place, remedy).into()
    }

    /// A list of quantities in a unit.
    fn list(&self, key: &str, unit: &str, example: &str) -> Result<Vec<f64>, Error> {
        let remedy = format!("write {key} = {example}");
        let Some(setting) = self.get(key) else {
            let message = format!("the source `{}` has no {}.{key}", self.name, self.name);
            return Err(self.wrong(key, message, &remedy));
        };
        let texts: Vec<String> = match &setting.value {
            Literal::Number(number) => vec![unit::exact(*number)],
            Literal::Text(text) => {
                let inner = text.trim().trim_start_matches('[').trim_end_matches(']');
                inner.split(',').map(|item| item.trim().trim_matches('"').to_owned()).collect()
            }
            Literal::List(list) => list.iter().map(ToString::to_string).collect(),
            Literal::Table(_) => Vec::new(),
        };
        if texts.is_empty() || texts.len() > MOST {
            let message = format!("{key} has {} entries, not 1 to {MOST}", texts.len());
            return Err(self.wrong(key, message, "play a recording: --stimulus file"));
        }
        let number = |text: String| match unit::read(&text, unit) {
            Ok(value) if value.is_finite() => Ok(value),
            Ok(_) => Err(self.wrong(key, format!("{key}: `{text}` is not finite"), &remedy)),
            Err(why) => Err(self.wrong(key, format!("{key}: {why}"), &remedy)),
        };
        texts.into_iter().map(number).collect()
    }

    /// Times (ms), each after the one before.
    fn times(&self) -> Result<Vec<f64>, Error> {
        let times = self.list("at", "ms", "[10, 20, 50]")?;
        if let Some(negative) = times.iter().find(|time| **time < 0.0) {
            let message = format!("{} ms is before the run", unit::tell(*negative));
            return Err(self.wrong("at", message, "give times from 0 on"));
        }
        if let Some(pair) = times.windows(2).find(|pair| pair[0] >= pair[1]) {
            let [first, second] = [pair[0], pair[1]].map(unit::tell);
            let message = format!("the times are not in order: {first} ms, then {second} ms");
            return Err(self.wrong("at", message, "give each time once, the earliest first"));
        }
        Ok(times)
    }
}

/// A number with its unit, as `8 Hz`.
fn split(text: &str) -> Option<(f64, &str)> {
    let ends = (1..=text.len()).rev().filter(|end| text.is_char_boundary(*end));
    ends.into_iter().find_map(|end| Some((text[..end].trim().parse().ok()?, text[end..].trim())))
}

/// A current that is set anew at given times.
///
/// # Errors
/// If the lists are wrong.
pub fn steps(asked: &Asked<'_>) -> Result<String, Error> {
    let times = asked.times()?;
    let currents = asked.list("to", asked.current_unit, "[100, 200]")?;
    if currents.len() != times.len() {
        let message = format!("there are {} times, but {} currents", times.len(), currents.len());
        return Err(asked.wrong("to", message, "give a current for each time"));
    }
    // Each is looked for by its first step, where it is set; until the next it stays.
    let unit = quantity(asked.current_unit);
    let mut now = "i".to_owned();
    let mut definitions = String::new();
    for (n, (time, current)) in times.iter().zip(&currents).enumerate() {
        let (begins, current) = (begins(*time), exact(*current));
        let _ = writeln!(definitions, "i_{n} = \"if({begins}, {current} * {unit}, {now})\"");
        now = format!("i_{n}");
    }
    Ok(format!(
        "about = \"a current that is set anew at given times\"\ncurrent = \"{now}\"\n\
         [definitions]\n{definitions}\
         [state.i]\nunit = \"I\"\nstart = \"0 * {unit}\"\nnext = \"{now}\"\n"
    ))
}

/// Whether a step is the first that is not before a time (ms): it is less than a step late.
fn begins(time: f64) -> String {
    format!("abs(floor((t - {} ms) / dt)) < 0.5", exact(time))
}

/// Times that one expression has: a longer one has names for its parts.
const TOGETHER: usize = 16;

/// One of a unit, as equations have it.
fn quantity(unit: &str) -> String {
    if unit == "1" { "1".to_owned() } else { format!("(1 {unit})") }
}

/// A sum of many terms: names for parts of it, and their definitions.
fn sum(terms: impl Iterator<Item = String>) -> (String, String) {
    let terms: Vec<String> = terms.collect();
    let parts = terms.chunks(TOGETHER).map(|part| part.join(" + "));
    let definitions = parts.enumerate().map(|(n, part)| format!("part_{n} = \"{part}\"\n"));
    let definitions: String = definitions.collect();
    let names = (0..terms.len().div_ceil(TOGETHER)).map(|n| format!("part_{n}"));
    (names.collect::<Vec<_>>().join(" + "), format!("[definitions]\n{definitions}"))
}

/// A number as equations and TOML have it.
fn exact(number: f64) -> String {
    format!("{number:?}")
}

/// Currents of the shape of an alpha function.
///
/// # Errors
/// If the list is wrong.
pub fn alpha(asked: &Asked<'_>) -> Result<String, Error> {
    let times = asked.times()?;
    let (sum, definitions) = sum(times.iter().map(|time| format!("if({}, 1, 0)", begins(*time))));
    let text = ALPHA.replace("begins = \"0\"", &format!("begins = \"{sum}\""));
    Ok(text.replace("[definitions]\n", &definitions))
}

/// Any expression; further keys are its parameters.
///
/// # Errors
/// If there is none, or a key is no quantity.
pub fn expression(asked: &Asked<'_>) -> Result<String, Error> {
    let written = |key: &str| match asked.get(key).map(|setting| &setting.value) {
        None => Ok(None),
        Some(Literal::Text(text)) if !text.contains(['"', '\n', '\\']) => Ok(Some(text.clone())),
        Some(Literal::Number(number)) => Ok(Some(exact(*number))),
        Some(_) => {
            let remedy = "write it in one line, without quotes within";
            Err(asked.wrong(key, format!("`{key}` is no expression"), remedy))
        }
    };
    let mut text = String::from("about = \"an expression\"\n");
    let (current, conductance) = (written("current")?, written("conductance")?);
    let reversal = written("reversal")?;
    if let Some(current) = &current {
        let _ = writeln!(text, "current = \"{current}\"");
    }
    match (conductance, reversal) {
        (Some(g), Some(reversal)) => {
            let _ =
                writeln!(text, "conductance.g = {{ value = \"{g}\", reversal = \"{reversal}\" }}");
        }
        (None, None) if current.is_some() => {}
        (None, None) => {
            let message = format!("the source `{}` has no expression", asked.name);
            let remedy = format!("write {}.current = \"..\"", asked.name);
            return Err(asked.wrong("current", message, &remedy));
        }
        _ => {
            let message = "a conductance has a reversal potential, and the other way round";
            return Err(asked.wrong("conductance", message, "write both"));
        }
    }
    text += "[parameters]\n";
    let mut seen: Vec<&str> = Vec::new();
    for (key, _) in asked.settings {
        let is_own = !COMMON_KEYS.contains(key)
            && !["current", "conductance", "reversal"].contains(key)
            && !seen.contains(key);
        if is_own {
            seen.push(key);
            let texts = ["current", "conductance", "reversal"].map(&written);
            let is_taken = texts.into_iter().flatten().flatten().any(|text| has_name(&text, key));
            if !is_taken {
                let message =
                    format!("nothing in the expressions of `{}` is named `{key}`", asked.name);
                return Err(asked.wrong(key, message, "leave it out, or use it"));
            }
            let unit = unit_of(asked, key);
            let _ = writeln!(text, "{key} = {{ value = 0, unit = \"{unit}\" }}");
        }
    }
    Ok(text)
}

/// Whether a text has a name in it.
fn has_name(text: &str, name: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == name)
}

/// The unit of a key's values: that of the first one that has any.
fn unit_of(asked: &Asked<'_>, key: &str) -> String {
    fn of(literal: &Literal) -> Option<String> {
        match literal {
            Literal::Text(text) => {
                // Of a distribution or a list, that of its first number.
                let inner = text.rsplit('(').next().unwrap_or(text);
                let first = inner.trim_start_matches('[').split([',', ')', ']']).next()?;
                let first = first.rsplit('=').next()?;
                split(first.trim()).map(|(_, unit)| unit.to_owned()).filter(|unit| !unit.is_empty())
            }
            Literal::List(list) => list.iter().find_map(of),
            Literal::Table(entries) => entries.iter().find_map(|(_, value)| of(value)),
            Literal::Number(_) => None,
        }
    }
    let settings = asked.settings.iter().filter(|(known, _)| *known == key);
    settings.map(|(_, setting)| of(&setting.value)).find_map(|unit| unit).unwrap_or("1".into())
}
