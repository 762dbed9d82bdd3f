//! What must be known of a population before its keys make sense: model, stimulus, noise.

use std::path::PathBuf;
use std::sync::Arc;

use super::played::beside;
use super::reader::Reader;
use crate::drive::{NoiseKind, StimulusKind};
use crate::error::{Error, Problem, nearest};
use crate::model::{Model, Parameter, Preset, equations, names};
use crate::setting::{Literal, Setting};
use crate::source::{self, Asked, COMMON_KEYS, Definition, Role};

/// Keys of a population, besides those of its model, stimulus and noise.
const POPULATION_KEYS: [&str; 7] =
    ["name", "model", "preset", "neurons", "integrator", "stimulus.kind", "noise.kind"];

/// What must be known of a population before its other keys make sense.
#[derive(Clone, Debug)]
pub struct Kind {
    pub model: &'static Model,
    pub preset: Option<&'static Preset>,
    pub stimulus: StimulusKind,
    pub noise: NoiseKind,
    pub sources: Vec<SourceKind>,
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
}

impl SourceKind {
    /// All keys that it can have, after its name and a dot.
    fn keys(&self) -> impl Iterator<Item = String> + '_ {
        let parameters = self.definition.parameters.iter().map(|p| p.name.as_str());
        let all = COMMON_KEYS.into_iter().chain(parameters).chain(self.text_keys.iter().copied());
        all.map(|key| format!("{}.{key}", self.name))
    }
}

impl Kind {
    /// All keys that this population can have.
    pub fn keys(&self) -> Vec<String> {
        let of_model = self.model.parameters.iter().map(|p| p.name.to_owned());
        let stimulus = self.stimulus.parameters(self.model);
        let noise = self.noise.parameters(self.model);
        let all: Vec<String> = POPULATION_KEYS
            .into_iter()
            .map(str::to_owned)
            .chain(of_model)
            .chain(stimulus.iter().map(|p| format!("stimulus.{}", p.name)))
            .chain(noise.iter().map(|p| format!("noise.{}", p.name)))
            .chain(self.stimulus.keys().iter().map(|c| format!("stimulus.{}", c.name)))
            .chain(self.noise.keys().iter().map(|c| format!("noise.{}", c.name)))
            .collect();
        let of_sources = self.sources.iter().flat_map(SourceKind::keys);
        let new = of_sources.filter(|key| !all.contains(key)).collect::<Vec<_>>();
        [all, new].concat()
    }

    /// The parameter of a key, if it is one of a stimulus, noise or source.
    pub fn driving_parameter(&self, key: &str) -> Option<Parameter> {
        let (group, name) = key.split_once('.')?;
        let source = self.sources.iter().find(|source| source.name == group);
        let parameters = match (source, group) {
            (Some(source), _) => source.definition.parameters(),
            (None, "stimulus") => self.stimulus.parameters(self.model),
            (None, "noise") => self.noise.parameters(self.model),
            _ => return None,
        };
        parameters.into_iter().find(|parameter| parameter.name == name)
    }

    /// Whether a source is one of a user's own.
    pub fn is_own(&self, group: &str) -> bool {
        self.sources.iter().any(|source| source.name == group && source.text.is_some())
    }

    /// The name of a stimulus, noise or source.
    pub fn kind_of(&self, group: &str) -> Option<&str> {
        match self.sources.iter().find(|source| source.name == group) {
            Some(source) => Some(&source.kind),
            None if group == "stimulus" => Some(self.stimulus.name()),
            None if group == "noise" => Some(self.noise.name()),
            None => None,
        }
    }
}

/// The kind of a population, from its settings.
pub fn kind_of(reader: &Reader) -> Result<Kind, Error> {
    let model = model(reader)?;
    // What has a begin or an end is a pulse.
    let implied = ["stimulus.from", "stimulus.to"].into_iter().find(|key| reader.has(key));
    let implied = implied.filter(|_| !reader.has("stimulus.kind"));
    let default = match reader.has("stimulus.file") {
        _ if implied.is_some() => StimulusKind::None,
        true => StimulusKind::File,
        false => StimulusKind::default(),
    };
    let stimulus = match slot(reader, "stimulus", Role::Stimulus, &StimulusKind::NAMED)? {
        Slot::Nothing => default,
        Slot::Known(kind) => kind,
        Slot::Source => StimulusKind::None,
    };
    let default = if reader.has("noise.tau") { NoiseKind::Ou } else { NoiseKind::default() };
    let noise = match slot(reader, "noise", Role::Noise, &NoiseKind::NAMED)? {
        Slot::Nothing => default,
        Slot::Known(kind) => kind,
        Slot::Source => NoiseKind::None,
    };
    let mut names: Vec<&str> = Vec::new();
    for setting in reader.settings() {
        let Some(name) = setting.key.strip_suffix(".kind") else { continue };
        let is_slot = match name {
            "stimulus" => stimulus != StimulusKind::None,
            "noise" => noise != NoiseKind::None,
            _ => false,
        };
        let text = reader.text(&setting.key)?;
        if !is_slot && text.as_deref() != Some("none") && !names.contains(&name) {
            names.push(name);
        }
    }
    let mut sources = Vec::new();
    if let Some(setting) = implied.and_then(|key| reader.get(key)) {
        let kind = Setting { value: Literal::Text("pulse".into()), ..setting.clone() };
        sources.push(source(reader, ("stimulus", &kind), model)?);
    }
    for name in names {
        let key = format!("{name}.kind");
        let Some(setting) = reader.get(&key) else { continue };
        sources.push(source(reader, (name, setting), model)?);
    }
    let model = conducting(reader, model, &sources)?;
    let preset = preset(reader, model)?;
    Ok(Kind { model, preset, stimulus, noise, sources })
}

/// What was asked for as the stimulus, or as the noise.
enum Slot<T> {
    /// Nothing.
    Nothing,
    /// A kind that engines have their own code for.
    Known(T),
    /// A source.
    Source,
}

fn slot<T: Copy>(
    reader: &Reader,
    name: &'static str,
    role: Role,
    known: &[(&'static str, T)],
) -> Result<Slot<T>, Error> {
    let key = format!("{name}.kind");
    let Some(setting) = reader.get(&key) else { return Ok(Slot::Nothing) };
    let text = match &setting.value {
        Literal::Text(text) => text.trim(),
        _ => "",
    };
    if let Some((_, kind)) = known.iter().find(|(known, _)| *known == text) {
        return Ok(Slot::Known(*kind));
    }
    let has_text = reader.has(&format!("{name}.text"));
    if has_text || text.ends_with(".toml") || source::kinds().any(|kind| kind.name == text) {
        return Ok(Slot::Source);
    }
    // What is asked for is nothing at all: the names of both are told.
    let model = Model::default_one();
    let of_role = source::kinds().filter(|kind| kind.example(model).is_ok_and(|d| d.role == role));
    let names = known.iter().map(|(name, _)| *name);
    let mut all: Vec<&'static str> = names.chain(of_role.map(|kind| kind.name)).collect();
    let mut seen: Vec<&str> = Vec::new();
    all.retain(|name| {
        !seen.contains(name) && {
            seen.push(name);
            true
        }
    });
    let choices: Vec<(&'static str, ())> = all.into_iter().map(|name| (name, ())).collect();
    reader.choice(&key, &choices, (), name)?;
    Ok(Slot::Nothing)
}

/// A source by its name and kind.
fn source(
    reader: &Reader,
    (name, setting): (&str, &Setting),
    model: &'static Model,
) -> Result<SourceKind, Error> {
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name || model.parameters.iter().any(|parameter| parameter.name == name) {
        let message = format!("`{name}` is no name for a source");
        let remedy = "use letters, digits and _, a letter first, and no name of a parameter";
        return Err(Problem::new(message, &setting.key_place, remedy).into());
    }
    let text = match &setting.value {
        Literal::Text(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    if let Some((path, written)) = own_text(reader, name, &text, setting)? {
        let definition = source::own(&path, &written, model)?;
        let kind = definition.kind.clone();
        let text = Some(written);
        return Ok(SourceKind { name: name.into(), definition, kind, text_keys: Vec::new(), text });
    }
    let Some(kind) = source::Kind::named(&text) else {
        let known: Vec<&str> = source::kinds().map(|kind| kind.name).collect();
        let remedy = match (text.as_str(), nearest(&text, known.iter().copied())) {
            ("file", _) => "a recording is played by --stimulus file".to_owned(),
            (_, Some(near)) => format!("did you mean `{near}`?"),
            (_, None) => format!("there is {}, or a file of a source (.toml)", known.join(", ")),
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
    let text_keys = kind.keys.iter().map(|(key, _)| *key).collect();
    Ok(SourceKind { name: name.to_owned(), definition, kind: text, text_keys, text: None })
}

/// The text of a source of a user's own, and its path: of a file, or in the experiment itself.
fn own_text(
    reader: &Reader,
    name: &str,
    kind: &str,
    setting: &Setting,
) -> Result<Option<(PathBuf, String)>, Error> {
    let key = format!("{name}.text");
    if let Some(Literal::Text(text)) = reader.get(&key).map(|setting| &setting.value) {
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
