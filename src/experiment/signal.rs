//! Signals that are played to a population: from a file, or NumPy's noise.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::definition::Experiment;
use super::played::{check_hash, path_of};
use super::reader::Reader;
use crate::drive::{NoiseKind, StimulusKind};
use crate::error::{Error, Place, Problem};
use crate::input::signal::{After, Remedies, Signal};
use crate::input::text::Options;
use crate::input::{DataFile, numpy_noise};
use crate::memory;
use crate::population::{self, Played, Population};
use crate::raster::WORD;
use crate::setting::Literal;
use crate::unit::tell;
use crate::window::time_ms;

/// Signals read so far: populations that play the same one share it, and are stepped together.
#[derive(Debug, Default)]
pub struct Signals(HashMap<Recording, Arc<Played>>);

/// What is played: a file, the variable, the time step (s) as bits, what comes after the end, how a table is written,
/// and the number of rows asked for.
type Recording = (PathBuf, Option<String>, Option<u64>, Option<After>, Options, usize);

/// How a recording that is played is told what its file does not tell.
const REMEDIES: Remedies = Remedies {
    variable: "stimulus.variable",
    time_step: "tell the time between samples with stimulus.dt (in ms) or stimulus.rate (in Hz)",
};

impl Signals {
    /// The signal of a population; none if none is played.
    pub fn of(
        &mut self,
        experiment: &mut Experiment,
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
        reader.text("stimulus.file")?;
        let path = path_of(setting);
        if let Some(expected) = reader.text("stimulus.hash")? {
            check_hash(&path, &expected, &reader.place("stimulus.hash"))?;
        }
        let variable = reader.text("stimulus.variable")?;
        let dt_s = time_between_samples(reader)?;
        let after = match reader.has("stimulus.after") {
            true => Some(reader.choice(
                "stimulus.after",
                &After::NAMED,
                After::Zero,
                "value of stimulus.after",
            )?),
            false => None,
        };
        let neurons = population.neurons;
        let options = table_options(reader)?;
        let bits = dt_s.map(f64::to_bits);
        let key = (path.clone(), variable.clone(), bits, after, options, neurons);
        if let Some(signal) = self.0.get(&key) {
            return Ok(Some(signal.clone()));
        }
        let file = DataFile::open(&path, &options)?;
        let recorded = Signal::new(&file, variable.as_slice(), dt_s, REMEDIES)?;
        let place = &setting.value_place;
        check_rows(&recorded, neurons, place)?;
        check_times(experiment, &recorded, after, place)?;
        let (dt_s, steps) = (experiment.dt_ms * 1e-3, experiment.steps as usize);
        check_size(recorded.trials.len(), steps, place)?;
        let said = after;
        let after = after.unwrap_or(After::Zero);
        let rows: Vec<Vec<f64>> = (0..recorded.trials.len())
            .map(|trial| recorded.resampled(trial, dt_s, steps, after))
            .collect();
        let named = After::NAMED.iter().find(|(_, kind)| Some(*kind) == said);
        let recording = population::Recording {
            // Its place differs between machines, and is in experiment.toml.
            file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            variable,
            dt_ms: 1e3 * recorded.dt_s,
            start_ms: 1e3 * recorded.start_s,
            samples: recorded.samples(),
            rows: recorded.trials.len(),
            after: named.map(|(name, _)| *name),
        };
        let mut played = Played::new(&rows);
        played.recording = Some(recording);
        let signal = Arc::new(played);
        self.0.insert(key, signal.clone());
        Ok(Some(signal))
    }
}

/// What is told of a table of text.
fn table_options(reader: &Reader) -> Result<Options, Error> {
    let key = |name: &str| format!("stimulus.{name}");
    let said = |name: &str| {
        Ok::<_, Error>(match reader.get(&key(name)).map(|setting| &setting.value) {
            Some(Literal::Number(number)) => Some(number.to_string()),
            _ => reader.text(&key(name))?,
        })
    };
    let (delimiter, decimal, header) = (said("delimiter")?, said("decimal")?, said("header")?);
    Options::read("stimulus.", delimiter.as_deref(), decimal.as_deref(), header.as_deref())
        .map_err(|(name, why, remedy)| Problem::new(why, &reader.place(&key(name)), remedy).into())
}

/// What `stimulus.dt` or `stimulus.rate` say (s).
fn time_between_samples(reader: &Reader) -> Result<Option<f64>, Error> {
    let (dt, rate) = ("stimulus.dt", "stimulus.rate");
    match (reader.has(dt), reader.has(rate)) {
        (false, false) => Ok(None),
        (true, false) => Ok(Some(1e-3 * reader.number(dt, "ms", 1.0, "a time")?)),
        (false, true) => Ok(Some(1.0 / reader.number(rate, "Hz", 1000.0, "a sampling rate")?)),
        (true, true) => {
            let message = "stimulus.dt and stimulus.rate both tell the time between samples";
            Err(Problem::new(message, &reader.place(rate), "leave one of them out").into())
        }
    }
}

/// How less is played.
const SHORTER: &str = "shorten --duration, or lengthen --dt";

/// Bytes of a value that is played: as it is, as engines have it, and while it is made.
const BYTES_PER_VALUE: f64 = 28.0;

/// Places in a signal are counted in 32 bits, and it must fit the memory.
fn check_size(rows: usize, steps: usize, place: &Place) -> Result<(), Error> {
    let values = rows.checked_mul(steps.next_multiple_of(WORD));
    if let Some(values) = values.filter(|values| u32::try_from(*values).is_ok()) {
        let what = || format!("a signal of {values} values");
        return memory::check(BYTES_PER_VALUE * values as f64, what, SHORTER);
    }
    let message = format!("{rows} rows over {steps} steps are more than 2^32 values");
    Err(Problem::new(message, place, SHORTER).into())
}

/// There must be a row for all neurons or one for each.
fn check_rows(recorded: &Signal, neurons: usize, place: &Place) -> Result<(), Error> {
    let rows = recorded.trials.len();
    if rows == 1 || rows == neurons {
        return Ok(());
    }
    let message = format!("the recording has {rows} rows, but there are {neurons} neurons");
    let remedy = match recorded.samples() == neurons {
        true => "it lies transposed: give a row for each neuron".to_owned(),
        false => format!("use --neurons {rows}, or give one row for all neurons, or {neurons}"),
    };
    Err(Problem::new(message, place, remedy).into())
}

/// The recording must reach over the run, or say what comes after it. Where it begins later, or before, that
/// is told.
fn check_times(
    experiment: &mut Experiment,
    recorded: &Signal,
    after: Option<After>,
    place: &Place,
) -> Result<(), Error> {
    let (start, end) = (1e3 * recorded.start_s, 1e3 * recorded.end_s());
    let duration = experiment.duration_ms();
    let ms = |time: f64| format!("{} ms", tell((time * 1e6).round() / 1e6));
    let last = time_ms(experiment.steps.saturating_sub(1), experiment.dt_ms);
    if start > last || end <= 0.0 {
        let message = format!(
            "by its own time, the recording lasts from {} to {}, but the run from 0 to {}",
            ms(start),
            ms(end),
            ms(duration)
        );
        let remedy = "say stimulus.dt (in ms) to play it from its first sample on";
        return Err(Problem::new(message, place, remedy).into());
    }
    if after.is_none() && end <= last * (1.0 + 1e-9) {
        let message =
            format!("the recording ends at {}, but the run lasts {}", ms(end), ms(duration));
        let remedy = "shorten --duration, or say stimulus.after: zero, hold or repeat";
        return Err(Problem::new(message, place, remedy).into());
    }
    if start > 1e-6 {
        experiment.tell(vec![format!(
            "the recording begins at {}, by its own time: until then its current is 0; stimulus.dt plays it \
             from its first sample on",
            ms(start)
        )]);
    }
    if start < -1e-6 {
        experiment.tell(vec![format!(
            "the recording begins at {}, by its own time: what is before 0 is not played",
            ms(start)
        )]);
    }
    Ok(())
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
    if population.model.draws(population.integrator) {
        let message =
            "between steps, `bridge` draws from a neuron's own stream, which noise `numpy` has not";
        return Err(problem(message, "integrator", "use another integrator, or --noise white"));
    }
    let Ok(seed) = u32::try_from(experiment.seed) else {
        let message = "a seed of NumPy has 32 bits";
        return Err(problem(message, "seed", "use a --seed below 4294967296"));
    };
    let (sigma, tau) = (population.noise[0].of(0), population.noise[1].of(0));
    let (mu, dt, steps) =
        (population.stimulus[0].of(0), experiment.dt_ms, experiment.steps as usize);
    check_size(1, steps, &reader.place("noise.kind"))?;
    let noise = match tau.is_nan() {
        true => numpy_noise::white(seed, sigma, dt, steps),
        false => numpy_noise::ou(seed, sigma, tau, mu, dt, steps),
    };
    Ok(Arc::new(Played::new(&[noise])))
}
