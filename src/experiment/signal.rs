//! Signals that are played to a population: from a file, or NumPy's noise.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Experiment, reader::Reader};
use crate::drive::{NoiseKind, StimulusKind};
use crate::error::{Error, Place, Problem};
use crate::input::{self, numpy_noise, signal::Signal};
use crate::population::{Played, Population};
use crate::unit;

/// Signals read so far: populations that play the same one share it, and are stepped together.
#[derive(Debug, Default)]
pub struct Signals(HashMap<Source, Arc<Played>>);

/// A file, the variable and the time step asked for.
type Source = (PathBuf, Option<String>, Option<String>);

impl Signals {
    /// The signal of a population, a value for each step of its whole words; none if none is played.
    pub fn of(
        &mut self,
        experiment: &Experiment,
        population: &Population,
        reader: &Reader,
    ) -> Result<Option<Arc<Played>>, Error> {
        if population.noise_kind == NoiseKind::Numpy {
            return numpy(experiment, population, reader).map(Some);
        }
        if population.stimulus_kind != StimulusKind::File {
            return Ok(None);
        }
        let Some(setting) = reader.get("stimulus.file") else {
            let place = reader.place("stimulus.kind");
            let remedy = "name it with --set stimulus.file=NAME (and stimulus.variable)";
            return Err(Problem::new("there is no file to play", &place, remedy).into());
        };
        let name = reader.text("stimulus.file")?.unwrap_or_default();
        // A file named in a TOML file is beside it.
        let path = match &setting.value_place {
            Place::File { path, .. } => path.parent().unwrap_or("".as_ref()).join(name),
            _ => PathBuf::from(name),
        };
        let (variable, dt) = (reader.text("stimulus.variable")?, reader.text("stimulus.dt")?);
        let key = (path.clone(), variable.clone(), dt.clone());
        if let Some(signal) = self.0.get(&key) {
            return Ok(Some(signal.clone()));
        }
        let dt_s = match dt {
            None => None,
            Some(text) => {
                let seconds = unit::read(&text, "s").ok().filter(|dt| dt.is_finite() && *dt > 0.0);
                let problem = || {
                    let message = format!("stimulus.dt: `{text}` is no time above 0");
                    Problem::new(message, &reader.place("stimulus.dt"), "give for example \"1 ms\"")
                };
                Some(seconds.ok_or_else(problem)?)
            }
        };
        let variables = input::read(&path)?;
        let recorded = Signal::new(&variables, variable.as_slice(), dt_s, &path)?;
        let signal = recorded.resampled(experiment.dt_ms * 1e-3, experiment.steps as usize);
        let signal = Arc::new(Played::new(&[signal]));
        self.0.insert(key, signal.clone());
        Ok(Some(signal))
    }
}

/// The noise of the course's notebook.
fn numpy(
    experiment: &Experiment,
    population: &Population,
    reader: &Reader,
) -> Result<Arc<Played>, Error> {
    let problem = |message: &str, key: &str, remedy: &str| {
        let place = match reader.place(key) {
            Place::Default => reader.place("noise.kind"),
            place => place,
        };
        Error::from(Problem::new(message, &place, remedy))
    };
    if population.neurons != 1 {
        let message = "the noise `numpy` is that of one neuron";
        return Err(problem(message, "neurons", "use --neurons 1, or --noise white"));
    }
    if population.stimulus_kind != StimulusKind::Constant {
        let message = "the noise `numpy` goes with a constant stimulus only";
        return Err(problem(message, "stimulus.kind", "use --stimulus constant"));
    }
    let Ok(seed) = u32::try_from(experiment.seed) else {
        let message = "a seed of NumPy has 32 bits";
        return Err(problem(message, "seed", "use a --seed below 4294967296"));
    };
    let (sigma, tau) = (population.noise[0].of(0), population.noise[1].of(0));
    let (mu, dt, steps) =
        (population.stimulus[0].of(0), experiment.dt_ms, experiment.steps as usize);
    let noise = match tau.is_nan() {
        true => numpy_noise::white(seed, sigma, dt, steps),
        false => numpy_noise::ou(seed, sigma, tau, mu, dt, steps),
    };
    Ok(Arc::new(Played::new(&[noise])))
}
