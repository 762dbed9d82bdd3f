//! The text of a source: TOML with equations.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::DeTable;

use crate::equations::{
    Entry, File, Given, Section, Text, Words, Wrong, distinct, given, kept, unit_of,
};
use crate::error::Error;
use crate::model::{Model, Parameter};

/// What a source is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It is the same in every trial.
    Stimulus,
    /// It is random.
    Noise,
}

/// A source as its text has it, in the units of a model.
#[derive(Clone, Debug)]
pub struct Definition {
    path: PathBuf,
    text: Arc<str>,
    /// The kind: `sine`.
    pub kind: String,
    /// What it is.
    pub about: String,
    /// Where it is from.
    pub source: String,
    /// What a legend calls it.
    pub title: String,
    /// What it is for.
    pub role: Role,
    /// Whether it plays a signal: numbers that were there before, no equations.
    pub plays: bool,
    /// The parameters.
    pub parameters: Vec<Given>,
    /// Names of expressions.
    pub definitions: Vec<(String, Text)>,
    /// The variables.
    pub states: Vec<State>,
    /// The current.
    pub current: Option<Text>,
    /// The conductances.
    pub conductances: Vec<Conductance>,
    /// The closed forms of a noise.
    pub statistics: Option<Closed>,
}

/// A variable of a source.
#[derive(Clone, Debug)]
pub struct State {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Its value at time 0.
    pub start: Text,
    /// Its value one step later.
    pub next: Text,
}

/// A conductance with the potential at which no current flows.
#[derive(Clone, Debug)]
pub struct Conductance {
    /// The conductance.
    pub value: Text,
    /// The potential.
    pub reversal: Text,
}

/// The closed forms of a noise: of its current, at a membrane potential `v` if that matters.
#[derive(Clone, Debug)]
pub struct Closed {
    /// The mean.
    pub mean: Text,
    /// The mean conductance; none of a current.
    pub conductance: Option<Text>,
    /// The variance in a step.
    pub variance: Text,
    /// The autocovariance at a `lag`.
    pub autocovariance: Text,
    /// The one-sided power spectral density at a `frequency`.
    pub spectrum: Text,
}

/// The unit of a model's injected conductance.
pub fn conductance_unit(current_unit: &str) -> &'static str {
    match current_unit {
        "1" => "mV^-1",
        unit if unit.contains('/') => "mS/cm2",
        _ => "nS",
    }
}

/// The potential by which a model's usual current is turned into a usual conductance (mV).
const DRIVING_FORCE: f64 = 25.0;

/// A unit as it is for a model: `I` stands for that of its current, `G` for that of a conductance.
fn unit_for(unit: &str, model: &Model) -> String {
    match unit.trim() {
        "I" => model.current_unit.to_owned(),
        "I*sqrt(s)" => model.white_noise_unit().to_owned(),
        "G" => conductance_unit(model.current_unit).to_owned(),
        other => other.to_owned(),
    }
}

impl Definition {
    /// Reads the text of a source for a model.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(path: &Path, text: &str, kind: &str, model: &Model) -> Result<Self, Error> {
        let text: Arc<str> = text.into();
        let file = File { path, text: &text };
        let table = DeTable::parse(&text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            file.problem(span, format!("not TOML: {}", error.message()), "see https://toml.io")
        })?;
        let top = Section {
            file,
            table: table.get_ref(),
            span: 0..0,
            known: &[
                "about",
                "source",
                "title",
                "kind",
                "plays",
                "parameters",
                "definitions",
                "state",
                "current",
                "conductance",
                "statistics",
            ],
        };
        top.check()?;
        distinct(file, table.get_ref(), &["parameters", "definitions", "state"])?;
        let role = match top.text("kind")?.as_deref() {
            None | Some("stimulus") => Role::Stimulus,
            Some("noise") => Role::Noise,
            Some(other) => {
                let message = format!("`{other}` is no kind of source");
                return Err(top.wrong("kind", message, "write stimulus or noise"));
            }
        };
        let times = |name: &str| match name {
            "amplitude" => Some(model.amplitude),
            "white" => Some(model.sigma_white),
            "ou" => Some(model.sigma_ou),
            "conductance" => Some(model.amplitude / DRIVING_FORCE),
            _ => None,
        };
        let unit = |unit: &str| unit_for(unit, model);
        let plays = top.flag("plays")?;
        let words = Words { times: &times, unit: &unit, optional: plays };
        let parameters = top.entries("parameters")?.into_iter().map(|entry| given(entry, words));
        let definitions = top.entries("definitions")?.into_iter();
        let definitions = definitions
            .map(|entry| Ok::<_, Error>((entry.name.clone(), entry.expression(entry.value)?)));
        let states = top.entries("state")?.into_iter().map(|entry| state(entry, words));
        let definition = Definition {
            path: path.to_owned(),
            kind: kind.to_owned(),
            about: top.text("about")?.unwrap_or_default(),
            source: top.text("source")?.unwrap_or_default(),
            title: top.text("title")?.unwrap_or_else(|| format!("{kind} noise")),
            role,
            plays,
            parameters: parameters.collect::<Result<_, _>>()?,
            definitions: definitions.collect::<Result<_, _>>()?,
            states: states.collect::<Result<_, _>>()?,
            current: top.expression("current")?,
            conductances: conductances(&top)?,
            statistics: closed(&top)?,
            text: text.clone(),
        };
        if definition.current.is_none() && !definition.conducts() && !plays {
            let remedy = "write current = \"..\", or [conductance.NAME] with value and reversal";
            let message = "the source gives neither a current nor a conductance";
            return Err(file.problem(0..0, message, remedy));
        }
        Ok(definition)
    }

    /// The text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Whether it gives a conductance.
    pub fn conducts(&self) -> bool {
        !self.conductances.is_empty()
    }

    /// What is wrong with all of it.
    pub fn problem(&self, message: String, remedy: &str) -> Error {
        File { path: &self.path, text: &self.text }.problem(0..0, message, remedy)
    }

    /// What is wrong with an expression of the text.
    pub fn wrong(&self, text: &Text, wrong: Wrong) -> Error {
        let span = wrong.span.start + text.offset..wrong.span.end + text.offset;
        File { path: &self.path, text: &self.text }.problem(span, wrong.message, &wrong.remedy)
    }

    /// What can be set of it.
    pub fn parameters(&self) -> Vec<Parameter> {
        let parameter = |p: &Given| Parameter {
            name: kept(&p.name),
            unit: kept(&p.unit),
            default: p.value,
            without: kept(&p.without),
            bound: p.bound,
            about: kept(&p.about),
        };
        self.parameters.iter().map(parameter).collect()
    }

    /// Its equations, a line each.
    pub fn equations(&self) -> Vec<String> {
        let line = |begin: &str, text: &Text| {
            let words: Vec<&str> = text.written.split_whitespace().collect();
            format!("{begin} = {}", words.join(" "))
        };
        let definitions = self.definitions.iter().map(|(name, text)| line(name, text));
        let next = self.states.iter().map(|s| line(&format!("next {}", s.name), &s.next));
        let current = self.current.iter().map(|text| line("current", text));
        let has_gain = self.parameters.iter().any(|parameter| parameter.name == "gain");
        let played = match (self.plays, has_gain) {
            (false, _) => None,
            (true, true) => Some("current = amplitude + gain * signal".to_owned()),
            (true, false) => Some("current = signal".to_owned()),
        };
        let conductances = self.conductances.iter().flat_map(|g| {
            [line("conductance", &g.value), line("    reversal potential", &g.reversal)]
        });
        definitions.chain(next).chain(current).chain(played).chain(conductances).collect()
    }
}

/// A variable: `[state.eta]` with its unit, start value and rule.
fn state(entry: Entry<'_>, words: Words<'_>) -> Result<State, Error> {
    let section = entry.section(&["unit", "start", "next"])?;
    let missing = |what: &str, remedy: &str| {
        entry.wrong(format!("the state `{}` has no {what}", entry.name), remedy)
    };
    let start = section.expression("start")?;
    let next = section.expression("next")?;
    Ok(State {
        name: entry.name.clone(),
        unit: unit_of(&section, words)?,
        start: start.ok_or_else(|| missing("start value", "write start = \"..\""))?,
        next: next.ok_or_else(|| missing("rule", "write next = \"..\", its value a step later"))?,
    })
}

/// The conductances: `[conductance.NAME]` with value and reversal potential.
fn conductances(top: &Section<'_>) -> Result<Vec<Conductance>, Error> {
    let of = |entry: Entry<'_>| {
        let section = entry.section(&["value", "reversal"])?;
        match (section.expression("value")?, section.expression("reversal")?) {
            (Some(value), Some(reversal)) => Ok(Conductance { value, reversal }),
            _ => {
                let message = format!("the conductance `{}` is not whole", entry.name);
                Err(entry.wrong(message, "write value = \"..\" and reversal = \"..\""))
            }
        }
    };
    top.entries("conductance")?.into_iter().map(of).collect()
}

/// The closed forms: `[statistics]`.
fn closed(top: &Section<'_>) -> Result<Option<Closed>, Error> {
    let known = &["mean", "conductance", "variance", "autocovariance", "spectrum"];
    let Some(section) = top.section("statistics", known)? else { return Ok(None) };
    let one = |key: &str| {
        section.expression(key)?.ok_or_else(|| {
            section.wrong(key, format!("the statistics have no {key}"), "write all of them")
        })
    };
    Ok(Some(Closed {
        mean: one("mean")?,
        conductance: section.expression("conductance")?,
        variance: one("variance")?,
        autocovariance: one("autocovariance")?,
        spectrum: one("spectrum")?,
    }))
}
