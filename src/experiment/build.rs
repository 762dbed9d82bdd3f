//! Builds an experiment: the one place where settings are checked and values drawn.

use std::collections::HashSet;

use super::definition::{DURATION_MS, Experiment, SEED};
use super::kind::kind_of;
use super::reader::Reader;
use super::signal::Signals;
use super::{check, keys, notes, values};
use crate::document::Document;
use crate::error::{Error, Problem};
use crate::population::Population;
use crate::setting::{Literal, Setting};
use crate::sweep;
use crate::unit::tell;
use crate::window::time_ms;

impl Experiment {
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
            .map(|(own, cell)| {
                Reader::new([&document.common[..], own, flags, cell].concat())
                    .with_models(&document.models)
            })
            .collect();
        let whole = Reader::new(top);
        check::version(&whole)?;
        let seed = seed(&whole)?;
        let kernels = readers.iter().map(kind_of).collect::<Result<Vec<_>, _>>()?;
        keys::check(&whole, &own, &kernels)?;

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
            part: None,
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
            let model_of = |other: &&Population| {
                let (other, model) = (other.model.plain(), kind.model.plain());
                other.name == model.name && other != model
            };
            if experiment.populations.iter().any(|other| model_of(&other)) {
                let message = format!("there are two models named `{}`", kind.model.name);
                let remedy = "give each a name of its own";
                return Err(Problem::new(message, &reader.place("model"), remedy).into());
            }
            let at = cell.iter().map(|s| (s.key.clone(), s.value.clone())).collect();
            let mut population =
                Population { at, ..values::population(&experiment, reader, &kind, name)? };
            signals.give(&mut experiment, &mut population, reader)?;
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
