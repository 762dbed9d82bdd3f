//! Statistics of spike trains: pure functions, in parallel over neurons.
//!
//! A quantity that is not defined (the CV of a single interval, say) is `None`, never NaN.
//! Standard deviations and variances divide by n (ddof 0).
//!
//! ```
//! use loligo::analysis::{intervals, recorded::fano, signal};
//!
//! // A train of spikes at steps of 0.1 ms: intervals of 10 and 12 ms.
//! let train = intervals::of_train(&[100, 200, 320, 420], 0.1);
//! assert!((train.moments.cv().unwrap() - 0.0884).abs() < 1e-4);
//! // Counts of 2 and 1 spikes in two windows of 1 s: their variance by their mean.
//! assert!((fano(&[0.1, 0.5, 1.2], 2.0, 1.0).unwrap() - 0.25 / 1.5).abs() < 1e-12);
//! // A sine of amplitude 1 has a variance of 1/2, all of it at 10 Hz.
//! let sine: Vec<f64> = (0..1000).map(|k| (f64::from(k) * 0.02 * std::f64::consts::PI).sin()).collect();
//! let of_sine = signal::spectrum(&sine, 1e-3, signal::Method::Periodogram, signal::Scaling::Kramer);
//! assert!((of_sine.power[10] * of_sine.df_hz - 0.5).abs() < 1e-9);
//! ```

pub mod activity;
pub mod bins;
pub mod counts;
mod divisor;
pub mod histogram;
pub mod intervals;
pub mod rate;
pub mod recorded;
pub mod signal;
pub mod spectrum;
pub mod sums;
mod train;
mod trains;
pub mod transient;
pub mod trials;

/// How statistics are taken, besides the experiment's window.
#[derive(Clone, Copy, Debug)]
pub struct Analysis {
    /// Length of the windows in which spikes are counted, for Fano factors and correlations (ms).
    pub count_window_ms: f64,
    /// How spectra are taken.
    pub spectrum: spectrum::Method,
}

impl Default for Analysis {
    fn default() -> Self {
        Analysis { count_window_ms: 50.0, spectrum: spectrum::Method::default() }
    }
}

/// The two-sided 95 % quantile of the normal distribution.
pub const Z95: f64 = 1.959_963_984_540_054;

/// Number, mean and sum of squared deviations of some values, gathered one by one or merged
/// (Chan, Golub and LeVeque 1983).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// How many values.
    pub count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// The moments of values that can be gone through twice: faster than value by value, which divides at each.
    pub fn of(values: impl Iterator<Item = f64> + Clone) -> Moments {
        let (count, sum) = values.clone().fold((0, 0.0), |(count, sum), x| (count + 1, sum + x));
        let mean = if count == 0 { 0.0 } else { sum / count as f64 };
        let squares = values.map(|x| (x - mean) * (x - mean)).sum();
        Moments { count, mean, squares }
    }

    /// The moments of whole numbers, from their sum and the sum of their squares, in units of `unit`: exact but for the
    /// last rounding.
    pub fn of_whole(count: u64, sum: u64, squares: u64, unit: f64) -> Moments {
        if count == 0 {
            return Moments::default();
        }
        let (n, s) = (u128::from(count), u128::from(sum));
        let deviations = n * u128::from(squares) - s * s;
        let mean = sum as f64 / count as f64 * unit;
        Moments { count, mean, squares: deviations as f64 / count as f64 * unit * unit }
    }

    /// The moments of the values times a factor.
    #[must_use]
    pub fn times(self, factor: f64) -> Moments {
        let Moments { count, mean, squares } = self;
        Moments { count, mean: factor * mean, squares: factor * factor * squares }
    }

    /// Adds a value.
    pub fn push(&mut self, x: f64) {
        self.count += 1;
        let before = x - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (x - self.mean);
    }

    /// The moments of both sets of values together.
    #[must_use]
    pub fn merge(self, other: Moments) -> Moments {
        if self.count == 0 || other.count == 0 {
            return if self.count == 0 { other } else { self };
        }
        let count = self.count + other.count;
        let distance = other.mean - self.mean;
        let share = other.count as f64 / count as f64;
        Moments {
            count,
            mean: self.mean + distance * share,
            squares: self.squares + other.squares + distance * distance * share * self.count as f64,
        }
    }

    /// The mean of at least one value.
    pub fn mean(&self) -> Option<f64> {
        (self.count >= 1).then_some(self.mean)
    }

    /// The standard deviation (ddof 0) of at least two values.
    pub fn std(&self) -> Option<f64> {
        (self.count >= 2).then(|| (self.squares / self.count as f64).sqrt())
    }

    /// The standard error of the mean (ddof 1) of at least two values.
    pub fn sem(&self) -> Option<f64> {
        let n = self.count as f64;
        (self.count >= 2).then(|| (self.squares / (n - 1.0) / n).sqrt())
    }

    /// The coefficient of variation, std / mean, of at least two values with a mean above 0.
    pub fn cv(&self) -> Option<f64> {
        self.std().filter(|_| self.mean > 0.0).map(|std| std / self.mean)
    }
}

impl FromIterator<f64> for Moments {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut moments = Moments::default();
        values.into_iter().for_each(|x| moments.push(x));
        moments
    }
}

/// A round number (1, 2 or 5 times a power of ten) at least `x`: the width of bins.
pub fn round_up(x: f64) -> f64 {
    if x <= 0.0 || !x.is_finite() {
        return 1.0;
    }
    let exponent = x.log10().floor() as i32;
    // Through text, so that the result is the double nearest to the decimal number.
    let candidates = [(1, exponent), (2, exponent), (5, exponent), (1, exponent + 1)];
    candidates
        .into_iter()
        .filter_map(|(digit, exponent)| format!("{digit}e{exponent}").parse::<f64>().ok())
        .find(|candidate| *candidate >= x * (1.0 - 1e-9))
        .unwrap_or(x)
}

/// A number that is at least `x` and has two digits at most: 0.64 for 0.632, 1200 for 1130.
pub fn two_digits_up(x: f64) -> f64 {
    if x <= 0.0 || !x.is_finite() {
        return x;
    }
    let scale = 10f64.powi(x.log10().floor() as i32 - 1);
    let up = (x / scale * (1.0 - 1e-9)).ceil() * scale;
    crate::unit::tidied(up)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_merge_like_one_set() {
        let values: Vec<f64> = (0..100).map(|k| f64::from(k * k % 17) + 1e6).collect();
        let whole: Moments = values.iter().copied().collect();
        let merged = values
            .chunks(7)
            .map(|part| part.iter().copied().collect())
            .fold(Moments::default(), Moments::merge);
        assert_eq!(merged.count, whole.count);
        assert!((merged.mean().unwrap() - whole.mean().unwrap()).abs() < 1e-9);
        assert!((merged.std().unwrap() - whole.std().unwrap()).abs() < 1e-9);
    }

    #[test]
    fn undefined_is_none() {
        let none = Moments::default();
        assert_eq!((none.mean(), none.std(), none.cv()), (None, None, None));
        let one = Moments::from_iter([3.0]);
        assert_eq!((one.mean(), one.std(), one.cv()), (Some(3.0), None, None));
    }

    #[test]
    fn two_digits_are_enough() {
        for (x, up) in [(0.632, 0.64), (1130.0, 1200.0), (96.0, 96.0), (0.1, 0.1), (101.0, 110.0)] {
            assert_eq!(two_digits_up(x), up, "{x}");
        }
    }

    #[test]
    fn bins_are_round() {
        for (x, round) in [(0.03, 0.05), (0.1, 0.1), (1.1, 2.0), (7.0, 10.0), (0.0, 1.0)] {
            assert_eq!(round_up(x), round, "{x}");
        }
    }
}
