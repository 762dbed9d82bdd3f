//! A signal: numbers at equal distances of time, one or more trials of them.

use std::path::Path;

use super::{Variable, choose, is_time};
use crate::error::{Error, Place, Problem};

/// A recorded signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Time between samples (s).
    pub dt_s: f64,
    /// Trials of equal length.
    pub trials: Vec<Vec<f64>>,
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
    ) -> Result<Self, Error> {
        let place = Place::Flag(path.display().to_string());
        let chosen: Vec<&Variable> = match names {
            [] => vec![choose(variables, None, path)?],
            names => {
                let each = names.iter().map(|name| choose(variables, Some(name), path));
                each.collect::<Result<_, _>>()?
            }
        };
        let mut trials: Vec<Vec<f64>> = Vec::new();
        for variable in chosen {
            let bad = variable.values.iter().position(|value| !value.is_finite());
            if let Some(bad) = bad {
                let message = format!(
                    "`{}` has {} at place {} (from 0)",
                    variable.name, variable.values[bad], bad
                );
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
        let dt_s = match dt_s {
            Some(dt_s) => dt_s,
            None => time_step(variables, length, &place)?,
        };
        Ok(Signal { dt_s, trials })
    }

    /// Samples of a trial.
    pub fn samples(&self) -> usize {
        self.trials[0].len()
    }

    /// The first trial at other distances `dt_s`, `samples` of them, by linear interpolation; 0 after
    /// its end.
    pub fn resampled(&self, dt_s: f64, samples: usize) -> Vec<f64> {
        let values = &self.trials[0];
        let at = |sample: usize| {
            let place = sample as f64 * dt_s / self.dt_s;
            let before = place.floor() as usize;
            let share = place - before as f64;
            match (values.get(before), values.get(before + 1)) {
                (Some(a), Some(b)) => a + share * (b - a),
                (Some(a), None) if share < 1e-9 => *a,
                _ => 0.0,
            }
        };
        (0..samples).map(at).collect()
    }
}

/// The time between samples, from a time vector of the same length.
fn time_step(variables: &[Variable], length: usize, place: &Place) -> Result<f64, Error> {
    const REMEDY: &str = "tell the time step with --dt or the sampling rate with --rate";
    let Some(time) = variables.iter().find(|v| is_time(v) && v.values.len() == length) else {
        let message = "there is no time vector `t` of the signal's length";
        return Err(Problem::new(message, place, REMEDY).into());
    };
    let t = &time.values;
    let dt = (t[length - 1] - t[0]) / (length - 1) as f64;
    if !(dt.is_finite() && dt > 0.0) {
        return Err(Problem::new("the time vector does not rise", place, REMEDY).into());
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
        return Err(Problem::new(message, place, "interpolate the signal before").into());
    }
    // To 12 digits: 0.001 read through a thousand sums is 0.001.
    Ok(format!("{dt:.12e}").parse().unwrap_or(dt))
}
