//! The file of a model: TOML with equations.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::DeTable;

use super::parts::{self, Quantity, Spike};
use crate::equations::{File, Given, Section, Text, Words, Wrong, distinct, given};
use crate::error::{Error, Place, Problem};
use crate::integrator::Integrator;
use crate::unit::{Dimension, measure};

/// A model as its file has it.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The file, for messages.
    pub path: PathBuf,
    /// Its text.
    pub text: Arc<str>,
    /// The name.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Where it is from.
    pub source: String,
    /// The unit of the injected current, `I` in equations.
    pub current: String,
    /// The time step where none is given (ms).
    pub dt_ms: f64,
    /// The stimulus amplitude, and strengths of noise, where none are given.
    pub amplitude: f64,
    /// White noise.
    pub sigma_white: f64,
    /// Ornstein-Uhlenbeck noise.
    pub sigma_ou: f64,
    /// The integrator that is the default, and where it is written; none if it is not.
    pub integrator: Option<(Integrator, Range<usize>)>,
    /// The parameters.
    pub parameters: Vec<Given>,
    /// Definitions: names of expressions.
    pub definitions: Vec<(String, Text)>,
    /// The variables.
    pub states: Vec<Quantity>,
    /// When there is a spike.
    pub spike: Spike,
    /// What follows from the state.
    pub observables: Vec<Quantity>,
    /// Named sets of values: parameters by their index, in their units.
    pub presets: Vec<(String, Vec<(usize, f64)>)>,
}

/// Larger files are no models.
pub const LARGEST: u64 = 1 << 20;

/// Reads the file of a model.
///
/// # Errors
/// What is wrong with it, and where.
pub fn read(path: &Path) -> Result<Definition, Error> {
    let place = Place::Flag(path.display().to_string());
    let problem =
        |message: String, remedy: &str| Error::from(Problem::new(message, &place, remedy));
    let size = std::fs::metadata(path)
        .map_err(|error| problem(format!("cannot be read: {error}"), "give a model's file"))?;
    if !size.is_file() || size.len() > LARGEST {
        let remedy = "give a TOML file with equations";
        return Err(problem("it is no file of a model, or larger than 1 MiB".into(), remedy));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| problem(format!("cannot be read: {error}"), "give a model's file"))?;
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    definition(path, &text, &stem.unwrap_or_default())
}

/// Reads the text of a model's file; `name` is its name where the text has none.
///
/// # Errors
/// What is wrong with it, and where.
pub fn definition(path: &Path, text: &str, name: &str) -> Result<Definition, Error> {
    let text: Arc<str> = text.into();
    let file = File { path, text: &text };
    let table = DeTable::parse(&text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        file.problem(span, format!("not TOML: {}", error.message()), "see https://toml.io")
    })?;
    of_table(file, table.get_ref(), name)
}

/// Reads the table of a model; `name` is its name where the table has none.
///
/// # Errors
/// What is wrong with it, and where.
pub fn of_table(file: File<'_>, table: &DeTable<'_>, name: &str) -> Result<Definition, Error> {
    let top = Section {
        file,
        table,
        span: 0..0,
        known: &[
            "name",
            "about",
            "source",
            "current",
            "dt",
            "amplitude",
            "noise",
            "integrator",
            "parameters",
            "definitions",
            "state",
            "spike",
            "observables",
            "presets",
        ],
    };
    top.check()?;
    distinct(file, table, &["parameters", "definitions", "state", "observables"])?;
    let name = top.text("name")?.unwrap_or_else(|| name.to_owned());
    let current = top.text("current")?.unwrap_or_else(|| "pA".to_owned());
    match measure(&current) {
        Some((Dimension::CURRENT | Dimension::CURRENT_DENSITY | Dimension::NUMBER, _)) => {}
        _ => {
            let remedy = "use for example pA, uA/cm2, or 1";
            return Err(top.wrong(
                "current",
                format!("`{current}` is no unit of a current"),
                remedy,
            ));
        }
    }
    let default =
        if current.contains('/') || current == "1" { (10.0, 0.3, 3.0) } else { (250.0, 3.0, 40.0) };
    let noise = top.section("noise", &["white", "ou"])?;
    let of_noise = |key: &str, otherwise: f64| match &noise {
        Some(section) => section.number(key, otherwise),
        None => Ok(otherwise),
    };
    let integrator = match top.text("integrator")? {
        None => None,
        Some(name) => {
            let found = Integrator::NAMED.iter().find(|(known, _)| *known == name);
            let known: Vec<&str> = Integrator::NAMED.iter().map(|(known, _)| *known).collect();
            let remedy = format!("there is {}", known.join(", "));
            let at = top.table.get("integrator").map_or(0..0, |value| value.span());
            let (_, integrator) = found.ok_or_else(|| {
                top.wrong("integrator", format!("there is no integrator `{name}`"), &remedy)
            })?;
            Some((*integrator, at))
        }
    };
    let parameters = top
        .entries("parameters")?
        .into_iter()
        .map(|entry| given(entry, Words::NONE))
        .collect::<Result<Vec<_>, _>>()?;
    let definitions: Vec<(String, Text)> = top
        .entries("definitions")?
        .into_iter()
        .map(|entry| Ok::<_, Error>((entry.name.clone(), entry.expression(entry.value)?)))
        .collect::<Result<_, _>>()?;
    let states =
        top.entries("state")?.into_iter().map(parts::state).collect::<Result<Vec<_>, _>>()?;
    if states.is_empty() {
        let remedy = "write for example [state.v] with unit, start and \"dv/dt\"";
        return Err(file.problem(0..0, "the model has no state", remedy));
    }
    let observables = top
        .entries("observables")?
        .into_iter()
        .map(parts::observable)
        .collect::<Result<Vec<_>, _>>()?;
    let Some(spike) =
        top.section("spike", &["when", "upward", "lockout", "refractory", "hold", "reset"])?
    else {
        let remedy = "write [spike] with when = \"v >= v_th\" and reset = { v = \"v_reset\" }";
        return Err(file.problem(0..0, "nothing says when there is a spike", remedy));
    };
    let spike = parts::spike(&spike, &states)?;
    let presets = top
        .entries("presets")?
        .iter()
        .map(|entry| parts::preset(entry, &parameters))
        .collect::<Result<_, _>>()?;
    let definition = Definition {
        path: file.path.to_owned(),
        dt_ms: top.quantity("dt", "ms", 0.1)?,
        amplitude: top.number("amplitude", default.0)?,
        sigma_white: of_noise("white", default.1)?,
        sigma_ou: of_noise("ou", default.2)?,
        about: top.text("about")?.unwrap_or_default(),
        source: top.text("source")?.unwrap_or_default(),
        text: file.text.clone(),
        name,
        current,
        integrator,
        parameters,
        definitions,
        states,
        spike,
        observables,
        presets,
    };
    Ok(definition)
}

impl Definition {
    /// What is wrong with an expression of the file.
    pub fn wrong(&self, text: &Text, wrong: Wrong) -> Error {
        let span = wrong.span.start + text.offset..wrong.span.end + text.offset;
        self.problem(span, wrong.message, &wrong.remedy)
    }

    /// What is wrong at a place of the file.
    pub fn problem(&self, at: Range<usize>, message: String, remedy: &str) -> Error {
        File { path: &self.path, text: &self.text }.problem(at, message, remedy)
    }
}
