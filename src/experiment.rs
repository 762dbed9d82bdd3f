//! The experiment: what is to be simulated, checked once, here, before anything runs.
//!
//! Settings come from a TOML file and from flags. A flag counts before the file, a
//! `[[population]]` before the top of the file, anything before the defaults.

mod builder;
mod check;
mod complete;
mod notes;
mod reader;
mod signal;

use std::collections::HashSet;

use crate::document::Document;
use crate::drive::{NoiseKind, StimulusKind};
use crate::error::{Error, Problem};
use crate::model::{MODELS, Model, Parameter};
use crate::population::{Population, Values};
use crate::quantity::{FORMS, Quantity};
use crate::random::index_of;
use crate::setting::{Literal, Setting};
use crate::sweep;
use crate::unit::tell;
use crate::window::{Window, time_ms};
use reader::Reader;
use signal::Signals;

pub use builder::Builder;
pub use complete::complete;

/// What is to be simulated: populations of neurons, all stepped over the same time.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// The populations; their neurons are counted through.
    pub populations: Vec<Population>,
    /// Time step (ms).
    pub dt_ms: f64,
    /// Number of steps.
    pub steps: u32,
    /// Seed of all random numbers.
    pub seed: u64,
    /// The part of the run that statistics are of.
    pub window: Window,
    /// Whether the window was asked for, by `from` or `to`.
    pub has_window: bool,
    /// What is to be told before anything runs, a line each: settings that do not act as they look.
    pub notes: Vec<String>,
}

/// Neurons of a population where none are given.
pub const NEURONS: usize = 4096;
/// Duration where none is given (ms).
pub const DURATION_MS: f64 = 1000.0;
/// Seed where none is given.
pub const SEED: u64 = 1;

/// Keys of the experiment as a whole.
const EXPERIMENT_KEYS: [&str; 6] = ["loligo", "duration", "dt", "seed", "from", "to"];
/// Keys of a population, besides those of its model, stimulus and noise.
const POPULATION_KEYS: [&str; 6] =
    ["name", "model", "neurons", "integrator", "stimulus.kind", "noise.kind"];

impl Experiment {
    /// An experiment in typed lines.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Checks settings and draws the parameters of every neuron.
    ///
    /// # Errors
    /// The first thing that is wrong: what, where, and what would be right.
    pub fn new(document: &Document, flags: &[Setting]) -> Result<Self, Error> {
        let top = [&document.common[..], flags].concat();
        let nothing = [Vec::new()];
        let populations = match &document.populations[..] {
            [] => &nothing[..],
            populations => populations,
        };
        let cells = sweep::cells(&document.sweeps)?;
        // What only one population has: its own settings and its cell's, which count before flags.
        let own: Vec<(&[Setting], &[Setting])> = populations
            .iter()
            .flat_map(|own| cells.iter().map(move |cell| (&own[..], &cell[..])))
            .collect();
        let readers: Vec<Reader> = own
            .iter()
            .map(|(own, cell)| Reader::new([&document.common[..], own, flags, cell].concat()))
            .collect();
        let whole = Reader::new(top);
        check::version(&whole)?;
        let seed = seed(&whole)?;
        let kernels = readers.iter().map(kind_of).collect::<Result<Vec<_>, _>>()?;
        check_keys(&whole, &own, &kernels)?;

        let finest = kernels.iter().map(|kind| kind.model.dt_ms).fold(f64::INFINITY, f64::min);
        let dt_ms = whole.number("dt", "ms", finest, "a time step")?;
        let duration_ms = whole.number("duration", "ms", DURATION_MS, "a duration")?;
        let steps = check::steps(&whole, duration_ms, dt_ms)?;

        let mut notes = Vec::new();
        if !notes::is_whole(duration_ms, dt_ms) {
            let (wanted, done) = (tell(duration_ms), tell(time_ms(steps, dt_ms)));
            let dt = tell(dt_ms);
            notes.push(format!(
                "{wanted} ms are no whole number of steps of {dt} ms: {done} ms are simulated"
            ));
        }
        notes.extend(notes::window(
            [("from", whole.time("from")?), ("to", whole.time("to")?)],
            dt_ms,
        ));
        let mut experiment = Experiment {
            populations: Vec::new(),
            dt_ms,
            steps,
            seed,
            window: check::window(&whole, steps, dt_ms)?,
            has_window: whole.has("from") || whole.has("to"),
            notes,
        };
        let mut names = HashSet::new();
        let mut signals = Signals::default();
        let mut between_steps = notes::Gathered::default();
        for (index, (reader, kind)) in readers.iter().zip(kernels).enumerate() {
            let cell = own[index].1;
            let default_name = match populations.len() {
                1 => kind.model.name.to_owned(),
                _ => format!("{} {}", kind.model.name, index / cells.len() + 1),
            };
            let name = named(reader.text("name")?.unwrap_or(default_name), cell, populations.len());
            if !names.insert(name.clone()) {
                return Err(Problem::new(
                    format!("there are two populations named `{name}`"),
                    &reader.place("name"),
                    "give each population its own name",
                )
                .into());
            }
            let at = cell.iter().map(|s| (s.key.clone(), s.value.clone())).collect();
            let mut population = Population { at, ..population(&experiment, reader, kind, name)? };
            population.signal = signals.of(&mut experiment, &population, reader)?;
            check::population(&population, reader, dt_ms)?;
            population.fine = check::fine(&population, dt_ms);
            experiment.tell(notes::implied(reader, &kind));
            notes::between_steps(&mut between_steps, &population, steps, dt_ms);
            experiment.populations.push(population);
        }
        check::total(experiment.neurons(), &readers)?;
        experiment.tell(between_steps.lines());
        let layers = experiment
            .populations
            .iter()
            .zip(&own)
            .map(|(population, (own, cell))| (population.name.as_str(), [*own, flags, *cell]));
        let overridden = notes::overridden(&layers.collect::<Vec<_>>());
        experiment.tell(overridden);
        Ok(experiment)
    }

    /// Adds notes, each once.
    fn tell(&mut self, notes: Vec<String>) {
        let new = notes.into_iter().filter(|note| !self.notes.contains(note)).collect::<Vec<_>>();
        self.notes.extend(new);
    }

    /// Checks that single precision can do the experiment.
    ///
    /// # Errors
    /// If the step is too fine, or a countdown too long.
    pub fn check_single_precision(&self) -> Result<(), Error> {
        check::single_precision(self)
    }

    /// How many neurons, of all populations together.
    pub fn neurons(&self) -> usize {
        self.populations.iter().map(|population| population.neurons).sum()
    }

    /// The time simulated (ms): the number of steps times the time step.
    pub fn duration_ms(&self) -> f64 {
        time_ms(self.steps, self.dt_ms)
    }
}

/// The name of a population, or of a cell of its grid.
fn named(name: String, cell: &[Setting], populations: usize) -> String {
    if cell.is_empty() {
        return name;
    }
    let last = |key: &str| key.rsplit('.').next().unwrap_or(key).to_owned();
    let values: Vec<_> = cell.iter().map(|s| format!("{} = {}", last(&s.key), s.value)).collect();
    match populations {
        1 => values.join(", "),
        _ => format!("{name}, {}", values.join(", ")),
    }
}

/// What must be known of a population before its other keys make sense.
#[derive(Clone, Copy, Debug)]
struct Kind {
    model: &'static Model,
    stimulus: StimulusKind,
    noise: NoiseKind,
}

impl Kind {
    /// All keys that this population can have.
    fn keys(&self) -> Vec<String> {
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

fn kind_of(reader: &Reader) -> Result<Kind, Error> {
    let models: Vec<_> = MODELS.iter().map(|model| (model.name, *model)).collect();
    let model = reader.choice("model", &models, MODELS[0], "model")?;
    let default = if reader.has("stimulus.from") || reader.has("stimulus.to") {
        StimulusKind::Pulse
    } else if reader.has("stimulus.file") {
        StimulusKind::File
    } else {
        StimulusKind::Constant
    };
    let stimulus = reader.choice("stimulus.kind", &StimulusKind::NAMED, default, "stimulus")?;
    let default = if reader.has("noise.tau") { NoiseKind::Ou } else { NoiseKind::White };
    let noise = reader.choice("noise.kind", &NoiseKind::NAMED, default, "noise")?;
    Ok(Kind { model, stimulus, noise })
}

/// Every key must mean something: at the top of the file or as a flag to some population, in a
/// population to that one.
fn check_keys(
    whole: &Reader,
    own: &[(&[Setting], &[Setting])],
    kinds: &[Kind],
) -> Result<(), Error> {
    let per_population: Vec<Vec<String>> = kinds.iter().map(Kind::keys).collect();
    let mut common: Vec<String> = per_population.concat();
    common.extend(EXPERIMENT_KEYS.map(str::to_owned));
    for setting in whole.settings() {
        reader::known_key(setting, &common, kinds)?;
    }
    for (n, ((settings, cell), kind)) in own.iter().zip(kinds).enumerate() {
        // What a population says must mean something in one of its cells.
        let of_all_cells = own
            .iter()
            .zip(&per_population)
            .filter(|((other, _), _)| std::ptr::eq(*other, *settings));
        let of_any: Vec<String> = of_all_cells.flat_map(|(_, keys)| keys.clone()).collect();
        let said = settings.iter().map(|setting| (setting, &of_any));
        for (setting, keys) in said.chain(cell.iter().map(|setting| (setting, &per_population[n])))
        {
            if EXPERIMENT_KEYS.contains(&setting.key.as_str()) {
                return Err(Problem::new(
                    format!("`{}` is the same for all populations", setting.key),
                    &setting.key_place,
                    "move it to the top of the file, before the first [[population]]",
                )
                .into());
            }
            reader::known_key(setting, keys, std::slice::from_ref(kind))?;
        }
    }
    Ok(())
}

/// Up to here every whole number is an f64; larger integers are kept as text.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

fn seed(whole: &Reader) -> Result<u64, Error> {
    let Some(setting) = whole.get("seed") else { return Ok(SEED) };
    let seed = match &setting.value {
        Literal::Number(number) if (0.0..=MOST_EXACT).contains(number) && number.fract() == 0.0 => {
            Some(*number as u64)
        }
        Literal::Text(text) => text.trim().parse().ok(),
        _ => None,
    };
    seed.ok_or_else(|| {
        Problem::new(
            format!("the seed {} is not a whole number from 0 to 2^64 - 1", setting.value.words()),
            &setting.value_place,
            "use for example seed 1",
        )
        .into()
    })
}

/// Puts a population together, drawing what is given as a distribution.
fn population(
    experiment: &Experiment,
    reader: &Reader,
    kind: Kind,
    name: String,
) -> Result<Population, Error> {
    let Kind { model, stimulus, noise } = kind;
    let neurons = reader.count("neurons", NEURONS)?;
    let integrators: Vec<_> =
        model.integrators.iter().enumerate().map(|(index, i)| (i.name, index)).collect();
    let integrator = reader.choice("integrator", &integrators, 0, "integrator")?;
    let draw = Draw { reader, first_neuron: experiment.neurons(), neurons, seed: experiment.seed };
    let prefixed = |prefix: &str, parameters: &[Parameter]| {
        let values = parameters.iter().map(|p| draw.values(&format!("{prefix}{}", p.name), p));
        values.collect::<Result<Vec<_>, _>>()
    };
    Ok(Population {
        name,
        at: Vec::new(),
        model,
        integrator,
        fine: false,
        neurons,
        first_neuron: experiment.neurons(),
        parameters: prefixed("", model.parameters)?,
        stimulus_kind: stimulus,
        stimulus: prefixed("stimulus.", &stimulus.parameters(model))?,
        noise_kind: noise,
        noise: prefixed("noise.", &noise.parameters(model))?,
        frozen: reader.choice(
            "noise.frozen",
            &[("false", false), ("true", true)],
            false,
            "value of noise.frozen",
        )?,
        signal: None,
    })
}

/// Draws the values of a population's parameters.
struct Draw<'a> {
    reader: &'a Reader,
    first_neuron: usize,
    neurons: usize,
    seed: u64,
}

impl Draw<'_> {
    /// The values of one parameter; its random numbers are those of its key.
    fn values(&self, key: &str, parameter: &Parameter) -> Result<Values, Error> {
        let Some(setting) = self.reader.get(key) else {
            return Ok(Values::Same(parameter.default));
        };
        let place = &setting.value_place;
        let quantity = Quantity::read(&setting.value, parameter.unit).map_err(|why| {
            Problem::new(format!("{key}: {why}"), place, format!("write {FORMS}"))
        })?;
        if let Quantity::Array(list) = &quantity
            && list.len() != self.neurons
        {
            return Err(Problem::new(
                format!("{key} has {} values, but there are {} neurons", list.len(), self.neurons),
                place,
                format!("give one value, {} values, or a distribution", self.neurons),
            )
            .into());
        }
        let value = |neuron: usize| {
            let global = (self.first_neuron + neuron) as u32;
            let value = quantity.value(neuron, self.seed, global, index_of(key));
            value.map_err(|why| Problem::new(format!("{key}: {why}"), place, "widen the bounds"))
        };
        let values = match quantity {
            Quantity::Constant(constant) => Values::Same(constant),
            _ => Values::Each((0..self.neurons).map(value).collect::<Result<_, _>>()?),
        };
        check::bound(key, parameter, &quantity, &values, place)?;
        Ok(values)
    }
}
