//! A signal: numbers at equal distances of time, one or more trials of them.

use std::path::Path;

use super::{Variable, choose, is_time};
use crate::error::{Error, Place, Problem};

/// A recorded signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Time between samples (s).
    pub dt_s: f64,
    /// Time of the first sample (s), by the file's time vector; 0 where the time step was given.
    pub start_s: f64,
    /// Trials of equal length.
    pub trials: Vec<Vec<f64>>,
}

/// What a signal is after its last sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum After {
    /// 0.
    Zero,
    /// As the last sample.
    Hold,
    /// The signal from its begin.
    Repeat,
}

impl After {
    /// All of them, by their names.
    pub const NAMED: [(&'static str, After); 3] =
        [("zero", After::Zero), ("hold", After::Hold), ("repeat", After::Repeat)];
}

/// How a user of a signal tells what the file does not: for remedies.
#[derive(Clone, Copy, Debug)]
pub struct Remedies {
    /// How to choose a variable.
    pub variable: &'static str,
    /// How to tell the time between samples.
    pub time_step: &'static str,
}

/// Distances between samples may differ by this share of their mean: rounding in the file.
const UNEQUAL: f64 = 1e-3;

impl Signal {
    /// The signal of some variables of a file (all their rows are trials), with the time step as
    /// given or from the file's time vector.
    ///
    /// # Errors
    /// If a variable is missing, has a value that is not finite or another length than the others,
    /// or if the time step is not known or not equal.
    pub fn new(
        variables: &[Variable],
        names: &[String],
        dt_s: Option<f64>,
        path: &Path,
        remedies: Remedies,
    ) -> Result<Self, Error> {
        let place = Place::Flag(path.display().to_string());
        let chosen: Vec<&Variable> = match names {
            [] => vec![choose(variables, None, path, remedies.variable)?],
            names => {
                let each =
                    names.iter().map(|name| choose(variables, Some(name), path, remedies.variable));
                each.collect::<Result<_, _>>()?
            }
        };
        let mut trials: Vec<Vec<f64>> = Vec::new();
        for variable in chosen {
            let bad = variable.values.iter().position(|value| !value.is_finite());
            if let Some(bad) = bad {
                let name = match variable.name.as_str() {
                    "" => "it".to_owned(),
                    name => format!("`{name}`"),
                };
                let message =
                    format!("{name} has {} at place {bad} (from 0)", variable.values[bad]);
                return Err(Problem::new(message, &place, "cut or fill it before").into());
            }
            trials.extend((0..variable.rows).map(|row| variable.row(row).to_vec()));
        }
        let length = trials[0].len();
        if let Some(other) = trials.iter().find(|trial| trial.len() != length) {
            let message = format!("trials have {length} and {} samples", other.len());
            return Err(Problem::new(message, &place, "choose variables of equal length").into());
        }
        if length < 2 {
            let message = format!("the signal has {length} samples");
            return Err(Problem::new(message, &place, "give a signal of two or more").into());
        }
        let (dt_s, start_s) = match dt_s {
            Some(dt_s) => (dt_s, 0.0),
            None => time_step(variables, length, &place, remedies.time_step)?,
        };
        Ok(Signal { dt_s, start_s, trials })
    }

    /// Samples of a trial.
    pub fn samples(&self) -> usize {
        self.trials[0].len()
    }

    /// Its end (s): a sample lasts until the next one would come.
    pub fn end_s(&self) -> f64 {
        self.start_s + self.samples() as f64 * self.dt_s
    }

    /// A trial at times `dt_s` apart from 0 on, by linear interpolation: 0 before its first sample, and after its
    /// last as that, or on the way to the first if it is repeated, until its end; then as `after` says.
    pub fn resampled(&self, trial: usize, dt_s: f64, samples: usize, after: After) -> Vec<f64> {
        let values = &self.trials[trial];
        let n = values.len();
        let at = |sample: usize| {
            let place = (sample as f64 * dt_s - self.start_s) / self.dt_s;
            // Samples are met, but for rounding.
            let nearest = place.round();
            let is_met = (place - nearest).abs() < 1e-9 + 4.0 * f64::EPSILON * nearest.abs();
            let place = if is_met { nearest } else { place };
            if place < 0.0 {
                return 0.0;
            }
            let place = match after {
                After::Repeat => place % n as f64,
                After::Hold => place.min((n - 1) as f64),
                After::Zero if place >= n as f64 => return 0.0,
                After::Zero => place.min((n - 1) as f64),
            };
            let before = place.floor() as usize;
            let (a, b) = (values[before % n], values[(before + 1) % n]);
            let share = place - before as f64;
            if share == 0.0 { a } else { a + share * (b - a) }
        };
        (0..samples).map(at).collect()
    }
}

/// The time between samples, from a time vector of the same length, and the first time.
fn time_step(
    variables: &[Variable],
    length: usize,
    place: &Place,
    remedy: &str,
) -> Result<(f64, f64), Error> {
    let Some(time) = variables.iter().find(|v| is_time(v) && v.values.len() == length) else {
        let message = "there is no time vector `t` of the signal's length";
        return Err(Problem::new(message, place, remedy).into());
    };
    let t = &time.values;
    let dt = (t[length - 1] - t[0]) / (length - 1) as f64;
    if !(dt.is_finite() && dt > 0.0) {
        return Err(Problem::new("the time vector does not rise", place, remedy).into());
    }
    let unequal = t.windows(2).position(|pair| {
        let fits = ((pair[1] - pair[0]) / dt - 1.0).abs() <= UNEQUAL;
        !fits
    });
    if let Some(at) = unequal {
        let message = format!(
            "samples are not at equal distances: {} s after sample {at}, {dt} s on average",
            t[at + 1] - t[at]
        );
        let remedy = format!("interpolate the signal before, or {remedy}");
        return Err(Problem::new(message, place, remedy).into());
    }
    // To 12 digits: 0.001 read through a thousand sums is 0.001.
    Ok((format!("{dt:.12e}").parse().unwrap_or(dt), t[0]))
}
