//! A signal: numbers at equal distances of time, one or more trials of them.

use super::file::DataFile;
use super::names::{is_time, seconds};
use super::time_axis;
use super::variable::{Entry, shortened};
use crate::error::Error;
use crate::unit::tell;

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
pub struct Remedies<'a> {
    /// How to choose a variable.
    pub variable: &'a str,
    /// How to tell the time between samples.
    pub time_step: &'a str,
}

impl Signal {
    /// The signal of some variables of a file (all their rows are trials), with the time step as
    /// given or from the file's time vector.
    ///
    /// # Errors
    /// If a variable is missing, holds no numbers, has a value that is not finite or another length than the
    /// others, or if the time step is not known or not equal.
    pub fn new(
        file: &DataFile,
        names: &[String],
        dt_s: Option<f64>,
        remedies: Remedies<'_>,
    ) -> Result<Self, Error> {
        let chosen: Vec<usize> = match names {
            [] => vec![file.choose(None, remedies.variable)?],
            names => {
                let each = names.iter().map(|name| file.choose(Some(name), remedies.variable));
                each.collect::<Result<_, _>>()?
            }
        };
        let mut trials: Vec<Vec<f64>> = Vec::new();
        for n in chosen {
            let variable = file.read(n)?;
            let name = match variable.name.as_str() {
                "" => "it".to_owned(),
                name => format!("`{}`", shortened(name)),
            };
            if let Some(bad) = variable.values.iter().position(|value| !value.is_finite()) {
                let message =
                    format!("{name} has {} at index {bad} (from 0)", variable.values[bad]);
                return Err(file.problem(message, "cut or fill it before"));
            }
            if variable.columns < 2 {
                let message = format!("{name} has {} samples", variable.columns);
                return Err(file.problem(message, "give a signal of two or more"));
            }
            trials.extend((0..variable.rows).map(|row| variable.row(row).to_vec()));
        }
        let length = trials.first().map_or(0, Vec::len);
        if let Some(other) = trials.iter().find(|trial| trial.len() != length) {
            let message = format!("trials have {length} and {} samples", other.len());
            return Err(file.problem(message, "choose variables of equal length"));
        }
        let (dt_s, start_s) = match dt_s {
            Some(dt_s) => (dt_s, 0.0),
            None => time_vector(file, length, remedies.time_step)?,
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
            let at = (sample as f64 * dt_s - self.start_s) / self.dt_s;
            // Samples are met, but for rounding.
            let nearest = at.round();
            let is_met = (at - nearest).abs() < 1e-9 + 4.0 * f64::EPSILON * nearest.abs();
            let at = if is_met { nearest } else { at };
            if at < 0.0 {
                return 0.0;
            }
            let at = match after {
                After::Repeat => at % n as f64,
                After::Hold => at.min((n - 1) as f64),
                After::Zero if at >= n as f64 => return 0.0,
                After::Zero => at.min((n - 1) as f64),
            };
            let before = at.floor() as usize;
            let (a, b) = (values[before % n], values[(before + 1) % n]);
            let share = at - before as f64;
            if share == 0.0 { a } else { a + share * (b - a) }
        };
        (0..samples).map(at).collect()
    }
}

/// The time between samples (s), from a time vector of the same length, and the first time.
fn time_vector(file: &DataFile, length: usize, remedy: &str) -> Result<(f64, f64), Error> {
    let is_axis = |entry: &Entry| {
        let (rows, columns) = entry.shape;
        is_time(&entry.name) && rows.checked_mul(columns) == Some(length)
    };
    let mut axes = file.entries().iter().enumerate().filter(|(_, entry)| is_axis(entry));
    let Some((n, _)) = axes.next() else {
        let message = "there is no time vector `t` of the signal's length";
        return Err(file.problem(message, remedy));
    };
    if let Some((other, _)) = axes.next() {
        let names = [n, other].map(|n| shortened(&file.entries()[n].name));
        let message = format!("there are two time vectors, `{}` and `{}`", names[0], names[1]);
        return Err(file.problem(message, remedy));
    }
    let time = file.read(n)?;
    let t = &time.values;
    if t.iter().any(|t| !t.is_finite())
        || t.windows(2).any(|pair| pair[1] < pair[0])
        || t[0] == t[length - 1]
    {
        return Err(file.problem("the time vector does not rise", remedy));
    }
    let size = seconds(&time.name).map_err(|why| file.problem(why, remedy))?;
    let step = time_axis::step(t).map_err(|at| {
        let message = format!(
            "samples are not at equal distances: {} after sample {at}, {} on average",
            tell(t[at + 1] - t[at]),
            tell((t[length - 1] - t[0]) / (length - 1) as f64)
        );
        file.problem(message, format!("interpolate the signal before, or {remedy}"))
    })?;
    // Milliseconds of a double make no new digits.
    let in_seconds = |x: f64| if size < 1.0 { x / (1.0 / size).round() } else { x * size };
    Ok((in_seconds(step), in_seconds(t[0])))
}
