//! What is told of an experiment, in a line each: settings that act without being asked for, and those that
//! do not act as they are written.

use super::kind::Kind;
use super::reader::Reader;
use crate::error::Place;
use crate::population::Population;
use crate::setting::Setting;
use crate::unit::tell;
use crate::window::time_ms;

/// Settings of one population from what counts least to what counts most: its own, the flags, its cell of
/// the grid.
pub type Layers<'a> = [&'a [Setting]; 3];

/// Lines with the populations that each is about.
#[derive(Debug, Default)]
pub struct Gathered(Vec<(String, Vec<String>)>);

impl Gathered {
    /// Adds a line about a population; `{}` in it stands for the population's name.
    pub fn add(&mut self, line: String, name: &str) {
        match self.0.iter_mut().find(|(known, _)| *known == line) {
            Some((_, names)) if names.iter().all(|known| known != name) => names.push(name.into()),
            Some(_) => {}
            None => self.0.push((line, vec![name.into()])),
        }
    }

    /// The lines, each once.
    pub fn lines(self) -> Vec<String> {
        let line = |(line, names): (String, Vec<String>)| {
            let whose = match names.len() {
                1 => format!("`{}`", names[0]),
                n => format!("{n} populations (`{}`, ..)", names[0]),
            };
            line.replace("{}", &whose)
        };
        self.0.into_iter().map(line).collect()
    }
}

/// Settings that others count before, with another value.
pub fn overridden(populations: &[(&str, Layers<'_>)]) -> Vec<String> {
    const CELL: usize = 2;
    let mut told = Gathered::default();
    for (name, layers) in populations {
        let all: Vec<(usize, &Setting)> = layers
            .iter()
            .enumerate()
            .flat_map(|(layer, settings)| settings.iter().map(move |setting| (layer, setting)))
            .collect();
        for (index, (layer, setting)) in all.iter().enumerate() {
            let mut later = all[index + 1..].iter().rev();
            let Some((by, other)) = later.find(|(_, other)| other.key == setting.key) else {
                continue;
            };
            let over = match (*by, &other.value_place) {
                (CELL, Place::File { .. }) => format!("the sweep of {}", other.key),
                _ => said(other),
            };
            let same = other.value.to_string() == setting.value.to_string() && *by != CELL;
            match layer {
                _ if same => {}
                0 => told.add(
                    format!("{over} overrides {} = {} of {{}}", setting.key, setting.value),
                    name,
                ),
                _ => told.add(format!("{over} overrides {}", said(setting)), name),
            }
        }
    }
    told.lines()
}

/// A setting as it was written.
fn said(setting: &Setting) -> String {
    match &setting.value_place {
        Place::Flag(flag) => flag.clone(),
        _ => format!("{} = {}", setting.key, setting.value),
    }
}

/// Kinds of noise and stimulus that follow from other keys.
pub fn implied(reader: &Reader, kind: &Kind) -> Vec<String> {
    let mut notes = Vec::new();
    if !reader.has("noise.kind") && reader.has("noise.tau") {
        notes.push(format!(
            "noise.tau makes the noise ou (Ornstein-Uhlenbeck): noise.sigma is its standard deviation, in {}; \
             --noise ou says so",
            kind.model.current_unit
        ));
    }
    let is_pulse = kind.kind_of("stimulus") == Some("pulse");
    if !reader.has("stimulus.kind") && is_pulse {
        let key = if reader.has("stimulus.from") { "stimulus.from" } else { "stimulus.to" };
        notes.push(format!("{key} makes the stimulus a pulse; --stimulus pulse says so"));
    }
    notes
}

/// Times that are not whole steps: the pulse's ends, and durations that the model counts in steps.
pub fn between_steps(notes: &mut Gathered, population: &Population, steps: u32, dt: f64) {
    let name = &population.name;
    if let Some(pulse) = population.pulse() {
        let odd = (0..population.neurons).find_map(|neuron| {
            let [from, to] = pulse.ends_ms(neuron)?;
            let on = population.pulse_of(neuron, dt);
            let nothing = on.start >= on.end.min(steps);
            (nothing || !is_whole(from, dt) || !is_whole(to, dt)).then_some((from, to, on, nothing))
        });
        if let Some((from, to, on, nothing)) = odd {
            let pulse = format!("the pulse of {{}} from {} to {} ms", tell(from), tell(to));
            let ends = (time_ms(on.start, dt), time_ms(on.end, dt));
            let line = if on.start >= steps {
                format!("{pulse} begins when the run is over: it injects no current")
            } else if nothing {
                format!("{pulse} lies between two steps of {} ms: it injects no current", tell(dt))
            } else {
                format!(
                    "{pulse} does not begin and end at steps of {} ms: it is on from {} to {} ms",
                    tell(dt),
                    tell(ends.0),
                    tell(ends.1)
                )
            };
            notes.add(line, name);
        }
    }
    let counted = population.model.counted(population.integrator);
    for key in counted {
        let Some(index) = population.model.parameter(key) else { continue };
        if let Some(time) = population.parameters[index].iter().find(|time| !is_whole(*time, dt)) {
            let lasts = time_ms((time / dt - 1e-6).ceil() as u32, dt);
            let (time, dt, lasts) = (tell(time), tell(dt), tell(lasts));
            let line = format!(
                "{key} = {time} ms of {{}} is no whole number of steps of {dt} ms: it lasts {lasts} ms"
            );
            notes.add(line, name);
        }
    }
}

/// Ends of the analysis window that are not whole steps.
pub fn window(ends: [(&str, Option<f64>); 2], dt: f64) -> Vec<String> {
    let odd = ends.into_iter().filter_map(|(key, time)| Some((key, time?)));
    odd.filter(|(_, time)| !is_whole(*time, dt))
        .map(|(key, time)| {
            let step = tell((time / dt).round() * dt);
            format!(
                "{key} = {} ms is between steps of {} ms: it is {step} ms",
                tell(time),
                tell(dt)
            )
        })
        .collect()
}

/// Whether a time is a whole number of steps, but for rounding.
pub fn is_whole(time: f64, dt: f64) -> bool {
    let steps = time / dt;
    // As where steps are counted, and what a double can tell of them.
    (steps - steps.round()).abs() < 1e-6 + 4.0 * f64::EPSILON * steps.abs()
}
