//! What is told of an experiment, in a line each: settings that act without being asked for, and those that
//! do not act as they are written.

use crate::drive::StimulusKind;
use crate::error::Place;
use crate::experiment::{Kind, Reader, time_ms};
use crate::population::Population;
use crate::setting::Setting;
use crate::unit::tell;

/// Settings of one population from what counts least to what counts most: its own, the flags, its cell of
/// the grid.
pub type Layers<'a> = [&'a [Setting]; 3];

/// Settings that others count before: said for each such pair once, with the populations that it is about.
pub fn overridden(populations: &[(&str, Layers<'_>)]) -> Vec<String> {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, layers) in populations {
        let all: Vec<(usize, &Setting)> = layers
            .iter()
            .enumerate()
            .flat_map(|(layer, settings)| settings.iter().map(move |setting| (layer, setting)))
            .collect();
        for (place, (layer, setting)) in all.iter().enumerate() {
            let Some((_, other)) =
                all[place + 1..].iter().rev().find(|(_, s)| s.key == setting.key)
            else {
                continue;
            };
            let (line, name) = match layer {
                0 => (
                    format!("{} overrides {} = {}", said(other), setting.key, setting.value),
                    *name,
                ),
                _ => (format!("{} overrides {}", said(other), said(setting)), ""),
            };
            match told.iter_mut().find(|(known, _)| *known == line) {
                Some((_, names)) if !name.is_empty() && !names.contains(&name) => names.push(name),
                Some(_) => {}
                None => told.push((line, if name.is_empty() { vec![] } else { vec![name] })),
            }
        }
    }
    let line = |(line, names): (String, Vec<&str>)| match names.len() {
        0 => line,
        1 => format!("{line} of population `{}`", names[0]),
        n => format!("{line} of {n} populations (`{}`, ..)", names[0]),
    };
    told.into_iter().map(line).collect()
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
    if !reader.has("stimulus.kind") && kind.stimulus == StimulusKind::Pulse {
        let key = if reader.has("stimulus.from") { "stimulus.from" } else { "stimulus.to" };
        notes.push(format!("{key} makes the stimulus a pulse; --stimulus pulse says so"));
    }
    notes
}

/// Times that are not whole steps: the pulse's ends, and durations that the model counts in steps.
pub fn between_steps(population: &Population, steps: u32, dt: f64) -> Vec<String> {
    let mut notes = Vec::new();
    let name = &population.name;
    if population.stimulus_kind == StimulusKind::Pulse {
        let odd = (0..population.neurons).find_map(|neuron| {
            let (from, to) = (population.stimulus[1].of(neuron), population.stimulus[2].of(neuron));
            let on = population.pulse_of(neuron, dt);
            let nothing = on.start >= on.end.min(steps);
            (nothing || !is_whole(from, dt) || !is_whole(to, dt)).then_some((from, to, on, nothing))
        });
        if let Some((from, to, on, nothing)) = odd {
            let pulse = format!("the pulse of `{name}` from {} to {} ms", tell(from), tell(to));
            let ends = (time_ms(on.start, dt), time_ms(on.end, dt));
            notes.push(if on.start >= steps {
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
            });
        }
    }
    let counted = population.model.counted(population.integrator);
    for key in counted {
        let Some(place) = population.model.parameter(key) else { continue };
        if let Some(time) = population.parameters[place].iter().find(|time| !is_whole(*time, dt)) {
            let lasts = time_ms((time / dt - 1e-6).ceil() as u32, dt);
            notes.push(format!(
                "{key} = {} ms of `{name}` is no whole number of steps of {} ms: it lasts {} ms",
                tell(time),
                tell(dt),
                tell(lasts)
            ));
        }
    }
    notes
}

/// Whether a time is a whole number of steps, but for rounding.
pub fn is_whole(time: f64, dt: f64) -> bool {
    let steps = time / dt;
    (steps - steps.round()).abs() < 1e-6 * steps.abs().max(1.0)
}
