//! What must be known of a population before its keys make sense: model, stimulus, noise.

use super::played::beside;
use super::reader::Reader;
use crate::drive::{NoiseKind, StimulusKind};
use crate::error::Error;
use crate::error::{Problem, nearest};
use crate::model::{Model, Preset, equations, names};

/// Keys of a population, besides those of its model, stimulus and noise.
const POPULATION_KEYS: [&str; 7] =
    ["name", "model", "preset", "neurons", "integrator", "stimulus.kind", "noise.kind"];

/// What must be known of a population before its other keys make sense.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub model: &'static Model,
    pub preset: Option<&'static Preset>,
    pub stimulus: StimulusKind,
    pub noise: NoiseKind,
}

impl Kind {
    /// All keys that this population can have.
    pub fn keys(&self) -> Vec<String> {
        let of_model = self.model.parameters.iter().map(|p| p.name.to_owned());
        let stimulus = self.stimulus.parameters(self.model);
        let noise = self.noise.parameters(self.model);
        POPULATION_KEYS
            .into_iter()
            .map(str::to_owned)
            .chain(of_model)
            .chain(stimulus.iter().map(|p| format!("stimulus.{}", p.name)))
            .chain(noise.iter().map(|p| format!("noise.{}", p.name)))
            .chain(self.stimulus.keys().iter().map(|c| format!("stimulus.{}", c.name)))
            .chain(self.noise.keys().iter().map(|c| format!("noise.{}", c.name)))
            .collect()
    }
}

/// The kind of a population, from its settings.
pub fn kind_of(reader: &Reader) -> Result<Kind, Error> {
    let model = model(reader)?;
    let default = if reader.has("stimulus.from") || reader.has("stimulus.to") {
        StimulusKind::Pulse
    } else if reader.has("stimulus.file") {
        StimulusKind::File
    } else {
        StimulusKind::default()
    };
    let stimulus = reader.choice("stimulus.kind", &StimulusKind::NAMED, default, "stimulus")?;
    let default = if reader.has("noise.tau") { NoiseKind::Ou } else { NoiseKind::default() };
    let noise = reader.choice("noise.kind", &NoiseKind::NAMED, default, "noise")?;
    let preset = preset(reader, model)?;
    Ok(Kind { model, preset, stimulus, noise })
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
