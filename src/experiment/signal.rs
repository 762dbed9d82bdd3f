//! Signals that are played to a population: from a file, or NumPy's noise.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::definition::Experiment;
use super::played::{check_hash, path_of};
use super::reader::Reader;
use crate::equations::kept;
use crate::error::{Error, Place, Problem};
use crate::input::signal::{After, Remedies, Signal};
use crate::input::text::Options;
use crate::input::{DataFile, numpy_noise};
use crate::memory;
use crate::population::{self, Played, Population, Source, Values};
use crate::raster::WORD;
use crate::setting::Literal;
use crate::source::Twin;
use crate::unit::tell;
use crate::window::time_ms;

/// Signals read so far: populations that play the same one share it, and are stepped together.
#[derive(Debug, Default)]
pub struct Signals {
    recordings: HashMap<Recording, Arc<Played>>,
    sums: HashMap<Sum, Arc<Played>>,
}

/// What is played: a file, the variable, the time step (s) as bits, what comes after the end, how a table is written,
/// and the number of rows asked for.
type Recording = (PathBuf, Option<String>, Option<u64>, Option<After>, Options, usize);

/// What a sum is of: signals, which are kept, by their addresses, with the bits of their factors.
type Sum = Vec<(usize, u64)>;

impl Signals {
    /// Gives sources that play a signal theirs, and the population the sum of all.
    pub fn give(
        &mut self,
        experiment: &mut Experiment,
        population: &mut Population,
        reader: &Reader,
    ) -> Result<(), Error> {
        for index in 0..population.sources.len() {
            let source = &population.sources[index];
            if source.twin == Some(Twin::Played) {
                let signal = match source.part.definition.kind.as_str() {
                    "numpy" => numpy(experiment, population, source, reader)?,
                    _ => self.recording(experiment, population.neurons, source.name(), reader)?,
                };
                population.sources[index].signal = Some(signal);
            }
        }
        population.signal = self.sum(population, reader)?;
        let playing = population.sources.iter_mut().filter_map(|source| source.signal.as_mut());
        let playing: Vec<&mut Arc<Played>> = playing.collect();
        if playing.len() > 1 {
            // The sum is what is played: of each, what it was read from is enough.
            for signal in playing {
                let mut told = Played::new(&[]);
                told.recording = signal.recording.clone();
                *signal = Arc::new(told);
            }
        }
        Ok(())
    }

    /// The sum of all signals that sources play, times their gains; if it is one only, that.
    fn sum(
        &mut self,
        population: &Population,
        reader: &Reader,
    ) -> Result<Option<Arc<Played>>, Error> {
        let all: Vec<(&Source, &Arc<Played>)> = population
            .sources
            .iter()
            .filter_map(|source| Some((source, source.signal.as_ref()?)))
            .collect();
        let (first, last) = match &all[..] {
            [] => return Ok(None),
            [(_, only)] => return Ok(Some((*only).clone())),
            [(_, first), .., (last, _)] => (first, last),
        };
        let gain = |source: &Source, neuron: usize| {
            source.values_of("gain").map_or(1.0, |values| values.of(neuron))
        };
        let are_alike = all.iter().all(|(source, _)| {
            source.values_of("gain").is_none_or(|gain| matches!(gain, Values::Same(_)))
        });
        let key = |(source, signal): &(&Source, &Arc<Played>)| {
            (Arc::as_ptr(signal) as usize, gain(source, 0).to_bits())
        };
        let key = are_alike.then(|| all.iter().map(key).collect::<Sum>());
        if let Some(known) = key.as_ref().and_then(|key| self.sums.get(key)) {
            return Ok(Some(known.clone()));
        }
        let is_one = are_alike && all.iter().all(|(_, signal)| signal.rows() == 1);
        let (rows, steps) = (if is_one { 1 } else { population.neurons }, first.steps());
        let remedy =
            if is_one { SHORTER } else { "give one gain for all neurons, or use fewer neurons" };
        check_size(rows, steps, &reader.place(&format!("{}.file", last.name())), remedy)?;
        let row = |neuron: usize| {
            let mut sum = vec![0.0; steps];
            for (source, signal) in &all {
                let (gain, begin) = (gain(source, neuron), signal.row_of(neuron));
                let values = &signal.values()[begin..begin + steps];
                sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += gain * value);
            }
            sum
        };
        let signal = Arc::new(Played::new(&(0..rows).map(row).collect::<Vec<_>>()));
        if let Some(key) = key {
            self.sums.insert(key, signal.clone());
        }
        Ok(Some(signal))
    }

    /// The recording of a source, by its name.
    fn recording(
        &mut self,
        experiment: &mut Experiment,
        neurons: usize,
        name: &str,
        reader: &Reader,
    ) -> Result<Arc<Played>, Error> {
        let key = |key: &str| format!("{name}.{key}");
        let Some(setting) = reader.get(&key("file")) else {
            let place = reader.place(&key("kind"));
            let remedy = match name {
                "stimulus" => {
                    "name it with --set stimulus.file=NAME (and stimulus.variable)".to_owned()
                }
                _ => format!("name it: {name}.file = \"NAME\""),
            };
            return Err(Problem::new("there is no file to play", &place, remedy).into());
        };
        reader.text(&key("file"))?;
        let path = path_of(setting);
        if let Some(expected) = reader.text(&key("hash"))? {
            check_hash(&path, &expected, &reader.place(&key("hash")))?;
        }
        let variable = reader.text(&key("variable"))?;
        let dt_s = time_between_samples(name, reader)?;
        let after = match reader.has(&key("after")) {
            true => Some(reader.choice(
                &key("after"),
                &After::NAMED,
                After::Zero,
                &format!("value of {name}.after"),
            )?),
            false => None,
        };
        let options = table_options(name, reader)?;
        let bits = dt_s.map(f64::to_bits);
        let known = (path.clone(), variable.clone(), bits, after, options, neurons);
        if let Some(signal) = self.recordings.get(&known) {
            return Ok(signal.clone());
        }
        let file = DataFile::open(&path, &options)?;
        let time_step =
            format!("tell the time between samples with {name}.dt (in ms) or {name}.rate (in Hz)");
        let remedies = Remedies { variable: &key("variable"), time_step: &time_step };
        let recorded = Signal::new(&file, variable.as_slice(), dt_s, remedies)?;
        let place = &setting.value_place;
        check_rows(&recorded, neurons, place)?;
        check_times(experiment, &recorded, after, (name, place))?;
        let (dt_s, steps) = (experiment.dt_ms * 1e-3, experiment.steps as usize);
        check_size(recorded.trials.len(), steps, place, SHORTER)?;
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
        self.recordings.insert(known, signal.clone());
        Ok(signal)
    }
}

/// What is told of a table of text.
fn table_options(source: &str, reader: &Reader) -> Result<Options, Error> {
    let key = |name: &str| format!("{source}.{name}");
    let said = |name: &str| {
        Ok::<_, Error>(match reader.get(&key(name)).map(|setting| &setting.value) {
            Some(Literal::Number(number)) => Some(number.to_string()),
            _ => reader.text(&key(name))?,
        })
    };
    let (delimiter, decimal, header) = (said("delimiter")?, said("decimal")?, said("header")?);
    Options::read(kept(&key("")), delimiter.as_deref(), decimal.as_deref(), header.as_deref())
        .map_err(|(name, why, remedy)| Problem::new(why, &reader.place(&key(name)), remedy).into())
}

/// What `dt` or `rate` of a source say (s).
fn time_between_samples(name: &str, reader: &Reader) -> Result<Option<f64>, Error> {
    let (dt, rate) = (&format!("{name}.dt")[..], &format!("{name}.rate")[..]);
    match (reader.has(dt), reader.has(rate)) {
        (false, false) => Ok(None),
        (true, false) => Ok(Some(1e-3 * reader.number(dt, "ms", 1.0, "a time")?)),
        (false, true) => Ok(Some(1.0 / reader.number(rate, "Hz", 1000.0, "a sampling rate")?)),
        (true, true) => {
            let message = format!("{dt} and {rate} both tell the time between samples");
            Err(Problem::new(message, &reader.place(rate), "leave one of them out").into())
        }
    }
}

/// How less is played.
const SHORTER: &str = "shorten --duration, or lengthen --dt";

/// Bytes of a value that is played: as it is, as engines have it, and while it is made.
const BYTES_PER_VALUE: f64 = 28.0;

/// Places in a signal are counted in 32 bits, and it must fit the memory.
fn check_size(rows: usize, steps: usize, place: &Place, remedy: &str) -> Result<(), Error> {
    let values = rows.checked_mul(steps.next_multiple_of(WORD));
    if let Some(values) = values.filter(|values| u32::try_from(*values).is_ok()) {
        let what = || format!("a signal of {values} values");
        return memory::check(BYTES_PER_VALUE * values as f64, what, remedy);
    }
    let message = format!("{rows} rows over {steps} steps are more than 2^32 values");
    Err(Problem::new(message, place, remedy).into())
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
    (name, place): (&str, &Place),
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
        let remedy = format!("say {name}.dt (in ms) to play it from its first sample on");
        return Err(Problem::new(message, place, remedy).into());
    }
    if after.is_none() && end <= last * (1.0 + 1e-9) {
        let message =
            format!("the recording ends at {}, but the run lasts {}", ms(end), ms(duration));
        let remedy = format!("shorten --duration, or say {name}.after: zero, hold or repeat");
        return Err(Problem::new(message, place, remedy).into());
    }
    if start > 1e-6 {
        experiment.tell(vec![format!(
            "the recording begins at {}, by its own time: until then its current is 0; {name}.dt plays it \
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
    source: &Source,
    reader: &Reader,
) -> Result<Arc<Played>, Error> {
    let kind = format!("{}.kind", source.name());
    let problem = |message: &str, key: &str, remedy: &str| {
        let place = match reader.place(key) {
            Place::Default => reader.place(&kind),
            place => place,
        };
        Error::from(Problem::new(message, &place, remedy))
    };
    if population.neurons != 1 {
        let message = "the noise `numpy` is that of one neuron";
        return Err(problem(message, "neurons", "use --neurons 1, or --noise white"));
    }
    let mut others = population.sources.iter().filter(|other| other.name() != source.name());
    let is_alone = !others.any(|other| other.twin == Some(Twin::Played));
    if !is_alone {
        let message = "the noise `numpy` goes with no recording, nor with another of its kind";
        return Err(problem(
            message,
            "stimulus.file",
            "leave one of them out, or use --noise white",
        ));
    }
    let Some(constant) = population.twin(Twin::Constant) else {
        let message = "the noise `numpy` goes with a constant stimulus only";
        return Err(problem(message, "stimulus.kind", "use --stimulus constant"));
    };
    if population.model.draws(population.integrator) {
        let message =
            "between steps, `bridge` draws from a neuron's own stream, which noise `numpy` has not";
        return Err(problem(message, "integrator", "use another integrator, or --noise white"));
    }
    let Ok(seed) = u32::try_from(experiment.seed) else {
        let message = "a seed of NumPy has 32 bits";
        return Err(problem(message, "seed", "use a --seed below 4294967296"));
    };
    let (sigma, tau) = (source.values[0].of(0), source.values[1].of(0));
    let (mu, dt, steps) = (constant.values[0].of(0), experiment.dt_ms, experiment.steps as usize);
    check_size(1, steps, &reader.place(&kind), SHORTER)?;
    let noise = match tau.is_nan() {
        true => numpy_noise::white(seed, sigma, dt, steps),
        false => numpy_noise::ou(seed, sigma, tau, mu, dt, steps),
    };
    Ok(Arc::new(Played::new(&[noise])))
}
