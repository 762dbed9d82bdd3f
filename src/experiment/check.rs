//! Checks of values: bounds, parameters that must fit each other, the step.

use rayon::prelude::*;

use super::definition::Experiment;
use super::reader::Reader;
use crate::error::{Error, Place, Problem};
use crate::model::{Complaint, Parameter};
use crate::population::{Population, Source, Values};
use crate::quantity::Quantity;
use crate::source::Sources;
use crate::unit::tell;
use crate::window::{Window, time_ms};

/// Steps are counted in 32 bits; the last word of 32 steps must not overflow.
const MOST_STEPS: f64 = u32::MAX as f64 - 64.0;

/// An experiment of a newer Loligo may mean what this one does not know.
pub fn version(whole: &Reader) -> Result<(), Error> {
    let Some(written) = whole.text("loligo")? else { return Ok(()) };
    let parts =
        |text: &str| -> Option<Vec<u64>> { text.split('.').map(|n| n.parse().ok()).collect() };
    let own = env!("CARGO_PKG_VERSION");
    let problem = |message: String, remedy: &str| {
        Error::from(Problem::new(message, &whole.place("loligo"), remedy))
    };
    match (parts(&written), parts(own)) {
        (Some(theirs), Some(ours)) if theirs <= ours => Ok(()),
        (Some(_), _) => Err(problem(
            format!("it was written by Loligo {written}, but this is {own}"),
            "use that Loligo, or leave the line out and look whether the rest is understood",
        )),
        (None, _) => Err(problem(format!("`{written}` is no version"), "leave the line out")),
    }
}

/// The number of steps in a duration.
pub fn steps(whole: &Reader, duration_ms: f64, dt_ms: f64) -> Result<u32, Error> {
    let steps = (duration_ms / dt_ms).round();
    if steps < 1.0 {
        return Err(Problem::new(
            format!(
                "the duration ({} ms) is shorter than one step ({} ms)",
                tell(duration_ms),
                tell(dt_ms)
            ),
            &whole.place("duration"),
            "lengthen the duration or shorten dt",
        )
        .into());
    }
    if steps > MOST_STEPS {
        return Err(Problem::new(
            format!(
                "{} ms in steps of {} ms are more than 2^32 steps",
                tell(duration_ms),
                tell(dt_ms)
            ),
            &whole.place("duration"),
            "shorten --duration, or lengthen --dt",
        )
        .into());
    }
    Ok(steps as u32)
}

/// The analysis window: the whole run unless `from` or `to` say otherwise.
pub fn window(whole: &Reader, steps: u32, dt_ms: f64) -> Result<Window, Error> {
    let duration = time_ms(steps, dt_ms);
    let step = |key: &str, default: u32| {
        let Some(time) = whole.time(key)? else { return Ok(default) };
        let step = (time / dt_ms).round();
        if (0.0..=f64::from(steps)).contains(&step) {
            return Ok(step as u32);
        }
        let message =
            format!("{} ms is not within the {} ms simulated", tell(time), tell(duration));
        let remedy = "choose another time, or a longer --duration";
        Err(Error::from(Problem::new(message, &whole.place(key), remedy)))
    };
    let window = Window { from: step("from", 0)?, to: step("to", steps)? };
    if window.steps() > 0 {
        return Ok(window);
    }
    let place = match whole.place("from") {
        Place::Default => whole.place("to"),
        place => place,
    };
    let [from, to] = window.ends_ms(dt_ms);
    let message =
        format!("the window ends before it begins: from {} to {} ms", tell(from), tell(to));
    Err(Problem::new(message, &place, "set --to after --from, within the run").into())
}

/// Values must be within a parameter's bound.
pub fn bound(
    key: &str,
    parameter: &Parameter,
    quantity: &Quantity,
    values: &Values,
    place: &Place,
) -> Result<(), Error> {
    let Some((neuron, bad)) =
        values.iter().enumerate().find(|(_, value)| !parameter.bound.holds(*value))
    else {
        return Ok(());
    };
    let unit = if parameter.unit == "1" { String::new() } else { format!(" {}", parameter.unit) };
    let which = match quantity {
        Quantity::Constant(_) => String::new(),
        Quantity::Array(_) => format!(" for neuron {neuron}"),
        Quantity::Distribution(_) => format!(" as drawn for neuron {neuron}"),
    };
    let remedy = match quantity {
        Quantity::Distribution(_) => "bound the distribution with min=.. and max=..".to_owned(),
        _ if parameter.default.is_finite() => {
            format!("the default is {}{unit}", tell(parameter.default))
        }
        _ => format!("leave it out for {}", parameter.without),
    };
    let message =
        format!("{key} must be {}, but is {}{unit}{which}", parameter.bound.words(), tell(bad));
    Err(Problem::new(message, place, remedy).into())
}

/// Parameters must fit each other and the step, for every neuron.
pub fn population(population: &Population, reader: &Reader, dt: f64) -> Result<(), Error> {
    let dynamics = population.model.dynamics;
    let mut coefficients = Vec::new();
    let checked = population.representatives().try_for_each(|neuron| {
        let parameters = population.parameters_of(neuron);
        let by = population.stepping_of(neuron, dt);
        dynamics
            .check(&parameters, population.integrator, dt)
            .and_then(|()| {
                coefficients.clear();
                dynamics.coefficients(&parameters, &by, &mut coefficients);
                representable(population, &coefficients)
            })
            .map_err(|why| (neuron, why))
    });
    if let Err((neuron, complaint)) = checked {
        let which = match population.representatives().len() {
            1 => String::new(),
            _ => format!(" (neuron {neuron} of `{}`)", population.name),
        };
        // A step that nobody set is too coarse for a parameter that somebody did.
        let place = match reader.place(complaint.key) {
            Place::Default => reader.place(complaint.cause),
            place => place,
        };
        let message = complaint.message + &which;
        return Err(Problem::new(message, &place, complaint.remedy).into());
    }
    sources(population, reader, dt)
}

/// What sources read must be finite in single precision, for every neuron.
fn sources(population: &Population, reader: &Reader, dt: f64) -> Result<(), Error> {
    let Some(driven) = population.driven else { return Ok(()) };
    for source in &population.sources {
        let ends = (0..population.neurons).find_map(|neuron| {
            let ends = source.ends_ms(neuron).filter(|[from, to]| from >= to)?;
            Some((neuron, ends))
        });
        if let Some((neuron, [from, to])) = ends {
            let (what, name) = (&source.part.definition.kind, source.name());
            let message = format!(
                "the {what} of neuron {neuron} ends ({} ms) before it begins ({} ms)",
                tell(to),
                tell(from)
            );
            let remedy = format!("set {name}.to after {name}.from");
            return Err(Problem::new(message, &reader.place(&format!("{name}.to")), remedy).into());
        }
    }
    let alike = population.sources.iter().flat_map(|source| &source.values);
    let alike = alike.into_iter().all(|values| matches!(values, Values::Same(_)));
    let neurons = 0..if alike { 1 } else { population.neurons };
    let bad = neurons.into_par_iter().find_map_first(|neuron| {
        Some((neuron, beyond(driven, &population.source_parameters_of(neuron), dt)?))
    });
    let Some((neuron, value)) = bad else { return Ok(()) };
    // Which of them it is: the first that is wrong alone.
    let of = |source: &&Source| {
        let values: Vec<f64> = source.values().iter().map(|values| values.of(neuron)).collect();
        driven.only(&[source.part()]).is_some_and(|alone| beyond(alone, &values, dt).is_some())
    };
    let Some(source) = population.sources.iter().find(of).or(population.sources.first()) else {
        return Ok(());
    };
    let message = format!(
        "the source `{}` gives no finite number ({value}){}",
        source.name(),
        source.told(neuron)
    );
    let place = reader.place(&format!("{}.kind", source.name()));
    Err(Problem::new(message, &place, "look for a parameter that is far off").into())
}

/// A number of a neuron's sources that single precision does not hold, if there is one.
fn beyond(sources: &Sources, parameters: &[f64], dt: f64) -> Option<f64> {
    let (mut coefficients, mut states) = (Vec::new(), Vec::new());
    sources.rows(parameters, dt, |_| 0.0, &mut coefficients, &mut states);
    coefficients.into_iter().chain(states).find(|x| !(*x as f32).is_finite())
}

/// Whether the step is fine for every neuron of a population.
pub fn fine(population: &Population, dt: f64) -> bool {
    population.representatives().all(|neuron| {
        let parameters = population.parameters_of(neuron);
        population.model.dynamics.fine(&parameters, population.integrator, dt)
    })
}

impl Experiment {
    /// Checks that single precision can do the experiment.
    ///
    /// # Errors
    /// If the step is too fine, or a countdown too long.
    pub fn check_single_precision(&self) -> Result<(), Error> {
        single_precision(self)
    }
}

/// Says what single precision cannot do with an experiment.
fn single_precision(experiment: &Experiment) -> Result<(), Error> {
    for population in &experiment.populations {
        let checked = population.representatives().try_for_each(|neuron| {
            let parameters = population.parameters_of(neuron);
            population.model.dynamics.check_single(&parameters, experiment.dt_ms)
        });
        if let Err(complaint) = checked {
            return Err(Problem::new(complaint.message, &Place::Default, complaint.remedy).into());
        }
    }
    Ok(())
}

/// What the kernel reads must be finite in single precision.
fn representable(population: &Population, coefficients: &[f64]) -> Result<(), Complaint> {
    let beyond = coefficients.iter().position(|value| !(*value as f32).is_finite());
    let beyond = beyond.map(|field| {
        let variant = population.kernel().variant;
        let names = &population.model.dynamics.tape(variant).coefficients;
        (names[field].clone(), coefficients[field])
    });
    let Some((name, value)) = beyond else { return Ok(()) };
    Err(Complaint {
        key: "",
        cause: "",
        message: format!(
            "the parameters give {name} = {value:e}, which single precision cannot hold"
        ),
        remedy: "look for a parameter that is far off".into(),
    })
}

/// Neurons are counted in 32 bits.
pub fn total(neurons: usize, readers: &[Reader]) -> Result<(), Error> {
    if u32::try_from(neurons).is_ok() {
        return Ok(());
    }
    let place = readers.last().map_or(Place::Default, |reader| reader.place("neurons"));
    Err(Problem::new(
        format!("{neurons} neurons in all are more than 2^32"),
        &place,
        "lower --neurons",
    )
    .into())
}
