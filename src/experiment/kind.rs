//! What must be known of a population before its keys make sense: model, stimulus, noise.

use super::reader::Reader;
use crate::drive::{NoiseKind, StimulusKind};
use crate::error::Error;
use crate::model::{MODELS, Model};

/// Keys of a population, besides those of its model, stimulus and noise.
const POPULATION_KEYS: [&str; 6] =
    ["name", "model", "neurons", "integrator", "stimulus.kind", "noise.kind"];

/// What must be known of a population before its other keys make sense.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub model: &'static Model,
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
    let models: Vec<_> = MODELS.iter().map(|model| (model.name, *model)).collect();
    let model = reader.choice("model", &models, MODELS[0], "model")?;
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
    Ok(Kind { model, stimulus, noise })
}
