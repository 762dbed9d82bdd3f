//! The time step of a time vector: one step that fits all its times, whatever they were rounded to.

use crate::unit::tidied;

/// The step of a time axis, or where no step fits.
///
/// Times are exact but for the last digits of a double; or in single precision; or rounded to so many decimals. What
/// they were rounded to is found out, and a step fits if all times are what it gives, rounded so. Of the steps that
/// fit, the roundest is taken: 0.001 s, or 30 kHz.
///
/// # Errors
/// The index in the vector (from 0) that fits least to the mean step, if none fits.
pub fn step(times: &[f64]) -> Result<f64, usize> {
    let last = times.len() - 1;
    let mean = (times[last] - times[0]) / last as f64;
    let largest = times.iter().fold(0.0f64, |most, t| most.max(t.abs()));
    let roundings = [
        Some(4.0 * f64::EPSILON * largest),
        is_single(times).then_some(f64::from(f32::EPSILON) * largest),
        // Nearly as coarse as the step, rounding would hide a sample that is missing.
        decimals(times)
            .map(|decimals| 0.5 * 10f64.powi(-decimals))
            .filter(|half| 8.0 * half <= mean),
    ];
    for rounding in roundings.into_iter().flatten() {
        if let Some((low, high)) = fitting(times, rounding) {
            return Ok(roundest(low, high, mean));
        }
    }
    // Whatever they were rounded to: close to equal is equal.
    const CLOSE: f64 = 1e-3;
    let off = |n: usize| (times[n] - times[0] - n as f64 * mean).abs();
    let worst = (0..=last).max_by(|a, b| off(*a).total_cmp(&off(*b))).unwrap_or(0);
    let uneven = times.windows(2).position(|pair| {
        let fits = ((pair[1] - pair[0]) / mean - 1.0).abs() <= CLOSE;
        !fits
    });
    match uneven {
        None => Ok(tidied(mean)),
        Some(index) => Err(if off(worst) > 0.5 * mean { worst.max(1) - 1 } else { index }),
    }
}

/// The steps with which every time is within `rounding` of a whole number of steps after the first, which is rounded
/// as well.
fn fitting(times: &[f64], rounding: f64) -> Option<(f64, f64)> {
    let (mut low, mut high) = (0.0f64, f64::INFINITY);
    for (n, time) in times.iter().enumerate().skip(1) {
        let (way, n) = (time - times[0], n as f64);
        low = low.max((way - 2.0 * rounding) / n);
        high = high.min((way + 2.0 * rounding) / n);
    }
    (low <= high && high > 0.0).then_some((low, high))
}

/// Of the steps from `low` to `high` the one with fewest digits, or the inverse of the rate with fewest; the mean if
/// it is as round as any.
fn roundest(low: f64, high: f64, mean: f64) -> f64 {
    for digits in 0..12 {
        let round = |x: f64| format!("{x:.digits$e}").parse::<f64>().unwrap_or(x);
        let (step, rate) = (round(mean), 1.0 / round(1.0 / mean));
        let near = |x: f64| x >= low * (1.0 - 1e-15) && x <= high * (1.0 + 1e-15);
        if let Some(found) = [step, rate].into_iter().find(|x| near(*x)) {
            return found;
        }
    }
    tidied(mean)
}

/// Whether all times are numbers of single precision.
pub fn is_single(times: &[f64]) -> bool {
    times.iter().all(|&t| f64::from(t as f32) == t)
}

/// To how many decimals all times are rounded, if to 9 or less.
pub fn decimals(times: &[f64]) -> Option<i32> {
    (0..=9).find(|&decimals| {
        let scale = 10f64.powi(decimals);
        times.iter().all(|t| {
            let scaled = t * scale;
            (scaled - scaled.round()).abs() <= 4.0 * f64::EPSILON * scaled.abs()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(n: u32, time: impl Fn(f64) -> f64) -> Vec<f64> {
        (0..n).map(|k| time(f64::from(k))).collect()
    }

    #[test]
    fn one_step_that_fits_all_is_found() {
        assert_eq!(step(&axis(1000, |k| k * 0.001)), Ok(0.001));
        assert_eq!(step(&axis(60_000, |k| f64::from((k / 1000.0) as f32))), Ok(0.001));
        let rate = 1.0 / 30_000.0;
        assert_eq!(step(&axis(5000, |k| 12.0 + k * rate)), Ok(rate));
        assert_eq!(step(&axis(5000, |k| f64::from((k * rate) as f32))), Ok(rate));
        // 2.4 kHz, rounded to a tenth of a millisecond.
        let rounded = axis(5000, |k| (k / 2400.0 * 1e4).round() / 1e4);
        assert_eq!(step(&rounded), Ok(1.0 / 2400.0));
        // An odd step, exactly.
        assert!((step(&axis(1000, |k| k * 0.001_000_3)).unwrap() - 0.001_000_3).abs() < 1e-14);
        assert!((step(&[0.0, 0.001_000_3]).unwrap() - 0.001_000_3).abs() < 1e-14);
    }

    #[test]
    fn a_missing_sample_is_noticed() {
        for missing in [1, 500, 998] {
            let with_gap = |k: f64| if k < f64::from(missing) { k } else { k + 1.0 };
            let exact = axis(999, |k| with_gap(k) * 0.001);
            let rounded = axis(999, |k| (with_gap(k) / 2400.0 * 1e4).round() / 1e4);
            let single = axis(999, |k| f64::from((with_gap(k) * 0.001) as f32));
            for times in [exact, rounded, single] {
                assert!(step(&times).is_err(), "{missing}");
            }
        }
        assert!(step(&[0.0, 1.0, 3.0]).is_err());
    }
}
