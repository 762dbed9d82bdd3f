//! What must be known of a population before its keys make sense: model, stimulus, noise.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::played::beside;
use super::reader::Reader;
use crate::error::{Error, Place, Problem, nearest};
use crate::model::{Model, Parameter, Preset, equations, names};
use crate::setting::{Literal, Setting};
use crate::source::{self, Asked, COMMON_KEYS, Definition, Role, Twin};

/// Keys of a population, besides those of its model, stimulus and noise.
const POPULATION_KEYS: [&str; 7] =
    ["name", "model", "preset", "neurons", "integrator", "stimulus.kind", "noise.kind"];

/// Names that mean something else in a file.
const TAKEN: [&str; 12] = [
    "parameters",
    "duration",
    "dt",
    "seed",
    "from",
    "to",
    "loligo",
    "sweep",
    "run",
    "population",
    "source",
    "models",
];

/// What must be known of a population before its other keys make sense.
#[derive(Clone, Debug)]
pub struct Kind {
    pub model: &'static Model,
    pub preset: Option<&'static Preset>,
    pub sources: Vec<SourceKind>,
    /// Sources of others that it does not have.
    pub without: Vec<String>,
}

/// A source of a population.
#[derive(Clone, Debug)]
pub struct SourceKind {
    pub name: String,
    pub definition: Arc<Definition>,
    /// Its kind as it was written: a name, or a file.
    pub kind: String,
    /// Keys that hold a text or a list.
    pub text_keys: Vec<&'static str>,
    /// Its text, if it is one of a user's own.
    pub text: Option<String>,
    /// What engines have code of their own for.
    pub twin: Option<Twin>,
}

impl SourceKind {
    /// Whether it may draw random numbers, which can be frozen.
    fn may_draw(&self) -> bool {
        let is_plain = self.text.is_none() && self.kind != "expression";
        let never_draws = is_plain && self.definition.role == Role::Stimulus;
        !self.definition.plays && !never_draws
    }

    /// All keys that it can have, after its name and a dot.
    fn keys(&self) -> impl Iterator<Item = String> + '_ {
        let parameters = self.definition.parameters.iter().map(|p| p.name.as_str());
        let common = COMMON_KEYS.into_iter().filter(move |key| match *key {
            "frozen" => self.may_draw(),
            "text" => self.text.is_some(),
            _ => true,
        });
        let all = common.chain(parameters).chain(self.text_keys.iter().copied());
        all.map(|key| format!("{}.{key}", self.name))
    }
}

impl Kind {
    /// All keys that this population can have.
    pub fn keys(&self) -> Vec<String> {
        let of_model = self.model.parameters.iter().map(|p| p.name.to_owned());
        let all = POPULATION_KEYS.into_iter().map(str::to_owned);
        let without = self.without.iter().map(|name| format!("{name}.kind"));
        let all: Vec<String> = all.chain(of_model).chain(without).collect();
        let of_sources = self.sources.iter().flat_map(SourceKind::keys);
        let new = of_sources.filter(|key| !all.contains(key)).collect::<Vec<_>>();
        [all, new].concat()
    }

    /// The parameter of a key, if it is one of a stimulus, noise or source.
    pub fn driving_parameter(&self, key: &str) -> Option<Parameter> {
        let (group, name) = key.split_once('.')?;
        let source = self.sources.iter().find(|source| source.name == group)?;
        source.definition.parameters().into_iter().find(|parameter| parameter.name == name)
    }

    /// Whether a source is one of a user's own.
    pub fn is_own(&self, group: &str) -> bool {
        self.sources.iter().any(|source| source.name == group && source.text.is_some())
    }

    /// The name of a stimulus, noise or source.
    pub fn kind_of(&self, group: &str) -> Option<&str> {
        match self.sources.iter().find(|source| source.name == group) {
            Some(source) => Some(&source.kind),
            None => ["stimulus", "noise"].contains(&group).then_some(NONE),
        }
    }
}

/// The stimulus and the noise of those who want none.
const NONE: &str = "none";

/// The kind of a population, from its settings.
pub fn kind_of(reader: &Reader) -> Result<Kind, Error> {
    let model = model(reader)?;
    let (mut sources, mut without) = (Vec::new(), Vec::new());
    for (name, role) in [("stimulus", Role::Stimulus), ("noise", Role::Noise)] {
        let key = format!("{name}.kind");
        let setting = match reader.get(&key) {
            Some(setting) => {
                known(reader, name, role)?;
                setting.clone()
            }
            None => implied(reader, name),
        };
        if setting.value.to_string().trim() != NONE {
            sources.push(source(reader, (name, &setting), model)?);
        }
    }
    // In the order of their names, however they are written: a sum in another order may differ in its last digit.
    let names = reader.settings().iter().filter_map(|setting| setting.key.strip_suffix(".kind"));
    let others: BTreeSet<&str> =
        names.filter(|name| !["stimulus", "noise"].contains(name)).collect();
    for name in others {
        let Some(setting) = reader.get(&format!("{name}.kind")) else { continue };
        match reader.text(&setting.key)?.as_deref() {
            Some(NONE) => without.push(name.to_owned()),
            _ => sources.push(source(reader, (name, setting), model)?),
        }
    }
    let model = conducting(reader, model, &sources)?;
    let preset = preset(reader, model)?;
    Ok(Kind { model, preset, sources, without })
}

/// The kind that follows from other keys: what has a begin or an end is a pulse, what has a file a recording, and what has a
/// correlation time an Ornstein-Uhlenbeck process.
fn implied(reader: &Reader, name: &str) -> Setting {
    let by = |key: &str| reader.get(&format!("{name}.{key}"));
    let (kind, by) = match name {
        "stimulus" => match (by("from").or_else(|| by("to")), by("file")) {
            (Some(end), _) => ("pulse", Some(end)),
            (None, Some(file)) => ("file", Some(file)),
            (None, None) => ("constant", None),
        },
        _ => match by("tau") {
            Some(tau) => ("ou", Some(tau)),
            None => ("white", None),
        },
    };
    let place = |of: fn(&Setting) -> &Place| by.map_or(Place::Default, |by| of(by).clone());
    Setting {
        key: format!("{name}.kind"),
        value: Literal::Text(kind.into()),
        key_place: place(|by| &by.key_place),
        value_place: place(|by| &by.value_place),
    }
}

/// Refuses what is no stimulus, or no noise, of any kind.
fn known(reader: &Reader, name: &'static str, role: Role) -> Result<(), Error> {
    let key = format!("{name}.kind");
    let text = match reader.get(&key).map(|setting| &setting.value) {
        Some(Literal::Text(text)) => text.trim(),
        _ => "",
    };
    let has_text = reader.has(&format!("{name}.text"));
    if has_text || text.ends_with(".toml") || source::kinds().any(|kind| kind.name == text) {
        return Ok(());
    }
    let choices: Vec<(&'static str, ())> =
        source::named(role).chain([NONE]).map(|name| (name, ())).collect();
    reader.choice(&key, &choices, (), name)
}

/// A source by its name and kind.
fn source(
    reader: &Reader,
    (name, setting): (&str, &Setting),
    model: &'static Model,
) -> Result<SourceKind, Error> {
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_taken = TAKEN.contains(&name) || POPULATION_KEYS.contains(&name);
    if !is_name || is_taken || model.parameters.iter().any(|parameter| parameter.name == name) {
        let message = format!("`{name}` is no name for a source");
        let remedy =
            "use letters, digits and _, a letter first, and no name of a parameter or another key";
        return Err(Problem::new(message, &setting.key_place, remedy).into());
    }
    let text = match &setting.value {
        Literal::Text(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    if let Some((path, written)) = own_text(reader, name, &text, setting)? {
        let definition = source::own(&path, &written, model)?;
        let kind = definition.kind.clone();
        let (name, text) = (name.to_owned(), Some(written));
        return Ok(SourceKind { name, definition, kind, text_keys: Vec::new(), text, twin: None });
    }
    let Some(kind) = source::Kind::named(&text) else {
        let known: Vec<&str> = source::kinds().map(|kind| kind.name).collect();
        let remedy = match nearest(&text, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there is {}, or a file of a source (.toml)", known.join(", ")),
        };
        let message = format!("there is no source `{text}`");
        return Err(Problem::new(message, &setting.value_place, remedy).into());
    };
    let prefix = format!("{name}.");
    let own = reader.settings().iter();
    let settings: Vec<(&str, &Setting)> =
        own.filter_map(|setting| Some((setting.key.strip_prefix(&prefix)?, setting))).collect();
    let current_unit = model.current_unit;
    let asked = Asked { name, settings: &settings, kind: setting, current_unit };
    let definition = kind.definition(model, &asked)?;
    let twin = kind.twin(name, &definition);
    // Conventions are of the noise, not of white noise besides.
    let is_besides = kind.name == "white" && twin != Some(Twin::White);
    let keys = if is_besides { &[] } else { kind.keys };
    let text_keys = keys.iter().map(|key| key.name).collect();
    Ok(SourceKind { name: name.to_owned(), definition, kind: text, text_keys, text: None, twin })
}

/// The text of a source of a user's own, and its path: of a file, or in the experiment itself.
fn own_text(
    reader: &Reader,
    name: &str,
    kind: &str,
    setting: &Setting,
) -> Result<Option<(PathBuf, String)>, Error> {
    let key = format!("{name}.text");
    let is_of_catalogue = source::Kind::named(kind).is_some();
    if let Some(Literal::Text(text)) = reader.get(&key).map(|setting| &setting.value)
        && !is_of_catalogue
    {
        return Ok(Some((PathBuf::from(kind), text.clone())));
    }
    if !kind.ends_with(".toml") {
        return Ok(None);
    }
    let path = beside(setting, kind);
    let is_small = |file: std::fs::Metadata| file.is_file() && file.len() < LARGEST;
    let read = match std::fs::metadata(&path).is_ok_and(is_small) {
        true => std::fs::read_to_string(&path).ok(),
        false => None,
    };
    match read {
        Some(text) => Ok(Some((path, text))),
        None => {
            let message = format!("{} cannot be read as a source", path.display());
            let remedy = "give a TOML file of a source";
            Err(Problem::new(message, &setting.value_place, remedy).into())
        }
    }
}

/// Larger files are no sources.
const LARGEST: u64 = 1 << 20;

/// The model, with conductances if a source gives any.
fn conducting(
    reader: &Reader,
    model: &'static Model,
    sources: &[SourceKind],
) -> Result<&'static Model, Error> {
    let Some(source) = sources.iter().find(|source| source.definition.conducts()) else {
        return Ok(model);
    };
    model.with_conductances()?.ok_or_else(|| {
        let message = format!(
            "the source `{}` gives a conductance, but {} has no membrane potential",
            source.name, model.name
        );
        let place = reader.place(&format!("{}.kind", source.name));
        Problem::new(message, &place, "use a source that gives a current").into()
    })
}

/// The model: one of the catalogue, or that of a file.
fn model(reader: &Reader) -> Result<&'static Model, Error> {
    let own = reader.models();
    let Some(setting) = reader.get("model") else {
        // The only one of a file's own is meant.
        return Ok(if let [only] = own { only } else { Model::default_one() });
    };
    let name = reader.text("model")?.unwrap_or_default();
    if let Some(model) = own.iter().find(|model| model.name == name) {
        return Ok(model);
    }
    if let Some(model) = Model::named(&name) {
        return Ok(model);
    }
    if name.ends_with(".toml") {
        return equations::load(&beside(setting, &name));
    }
    let remedy = match nearest(&name, own.iter().map(|model| model.name).chain(names())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let known = names().collect::<Vec<_>>().join(", ");
            format!("choose one of {known}, or a file of equations (.toml)")
        }
    };
    Err(Problem::new(format!("there is no model `{name}`"), &setting.value_place, remedy).into())
}

/// The preset of the model, if one is named.
fn preset(reader: &Reader, model: &'static Model) -> Result<Option<&'static Preset>, Error> {
    let Some(setting) = reader.get("preset") else { return Ok(None) };
    let name = reader.text("preset")?.unwrap_or_default();
    let found = model.presets.iter().find(|preset| preset.name == name);
    found.map(Some).ok_or_else(|| {
        let known: Vec<&str> = model.presets.iter().map(|preset| preset.name).collect();
        let remedy = match known.is_empty() {
            true => format!("{} has none: leave it out", model.name),
            false => format!("choose one of {}", known.join(", ")),
        };
        Problem::new(format!("there is no preset `{name}`"), &setting.value_place, remedy).into()
    })
}
