//! Names of variables, and the units in them.

use super::variable::shortened;
use crate::unit::{Dimension, measure};

/// Names under which time vectors go, without their unit.
pub(super) const TIMES: [&str; 5] = ["t", "time", "times", "timestamp", "timestamps"];

/// A name without its unit, and the unit: `time (ms)`, `v [mV]`, `t_ms`, `t/ms`.
pub(super) fn with_unit(name: &str) -> (&str, Option<&str>) {
    let name = name.trim();
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some((base, unit)) = name.strip_suffix(close).and_then(|rest| rest.rsplit_once(open))
            && measure(unit).is_some()
        {
            return (base.trim_end(), Some(unit.trim()));
        }
    }
    let is_time = |unit: &str| matches!(measure(unit), Some((Dimension::TIME, _)));
    match name.rsplit_once(['_', '/', ' ']) {
        Some((base, unit)) if !base.is_empty() && is_time(unit) => (base, Some(unit)),
        _ => (name, None),
    }
}

/// Whether a variable is a time vector, by its name.
pub(super) fn is_time(name: &str) -> bool {
    TIMES.contains(&with_unit(name).0.to_lowercase().as_str())
}

/// Seconds in the unit of a variable of times; a bare name means seconds.
///
/// # Errors
/// A sentence, if the unit is none of time.
pub(super) fn seconds(name: &str) -> Result<f64, String> {
    match with_unit(name) {
        (_, None) => Ok(1.0),
        (_, Some(unit)) => match measure(unit) {
            Some((Dimension::TIME, size)) => Ok(size),
            Some((other, _)) => {
                Err(format!("`{}` is {other} by its unit, not a time", shortened(name)))
            }
            None => Ok(1.0),
        },
    }
}
