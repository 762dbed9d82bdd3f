//! Power spectra of signals.
//!
//! Two scalings of the one-sided density, in units of the signal squared per Hz:
//!
//! - `kramer` (Kramer and Eden, Case Studies in Neural Data Analysis): S = 2 dt^2/T |FFT(x - mean)|^2
//!   with T = n dt, all bins doubled, the first n/2 of them; the sum times df is the variance.
//! - `scipy` (`scipy.signal`, scaling "density"): n/2 + 1 bins; the first (DC) and, for even n, the
//!   last (Nyquist) stand for one frequency and are not doubled.

use std::sync::Arc;

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

/// How bins are counted and doubled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Scaling {
    /// All bins doubled, the first n/2: Kramer and Eden.
    #[default]
    Kramer,
    /// DC and Nyquist not doubled, n/2 + 1 bins: SciPy.
    Scipy,
}

/// A way to estimate a spectrum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// The squared transform of the whole signal.
    Periodogram,
    /// Mean over Hann-windowed segments that overlap by half, each without its mean (Welch 1967).
    Welch {
        /// Samples of a segment.
        segment: usize,
    },
    /// Mean over the `tapers` first discrete prolate spheroidal sequences (Thomson 1982).
    Multitaper {
        /// Time half-bandwidth product NW.
        nw: f64,
        /// How many tapers.
        tapers: usize,
    },
}

/// A one-sided power spectrum.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    /// Distance of frequencies; value k is at k times this (Hz).
    pub df_hz: f64,
    /// Power (signal squared per Hz).
    pub power: Vec<f64>,
}

/// The spectrum of one signal with samples `dt_s` apart.
pub fn spectrum(signal: &[f64], dt_s: f64, method: Method, scaling: Scaling) -> Spectrum {
    match method {
        Method::Periodogram => {
            let flat = vec![1.0; signal.len()];
            windowed_mean([(signal, &flat[..])].into_iter(), dt_s, scaling)
        }
        Method::Welch { segment } => {
            let segment = segment.clamp(2, signal.len());
            let hann = hann(segment);
            let step = segment - segment / 2;
            let segments = signal.windows(segment).step_by(step).map(|part| (part, &hann[..]));
            windowed_mean(segments, dt_s, scaling)
        }
        Method::Multitaper { nw, tapers } => {
            let tapers = dpss(signal.len(), nw, tapers);
            windowed_mean(tapers.iter().map(|taper| (signal, &taper[..])), dt_s, scaling)
        }
    }
}

/// Spectra over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrogram {
    /// Distance of frequencies (Hz).
    pub df_hz: f64,
    /// The middle of the first segment, and the distance of segments (s).
    pub time_s: (f64, f64),
    /// A spectrum for each segment.
    pub columns: Vec<Vec<f64>>,
}

/// The spectra of Hann-windowed segments of `segment` samples, `step` samples apart: their mean at
/// half a segment's distance is Welch's spectrum.
pub fn spectrogram(
    signal: &[f64],
    dt_s: f64,
    segment: usize,
    step: usize,
    scaling: Scaling,
) -> Spectrogram {
    let hann = hann(segment);
    let columns = signal
        .windows(segment)
        .step_by(step.max(1))
        .map(|piece| windowed_mean([(piece, &hann[..])].into_iter(), dt_s, scaling).power)
        .collect();
    Spectrogram {
        df_hz: 1.0 / (segment as f64 * dt_s),
        time_s: (0.5 * segment as f64 * dt_s, step as f64 * dt_s),
        columns,
    }
}

/// Hann's window, periodic, as `scipy.signal.get_window` makes it.
fn hann(n: usize) -> Vec<f64> {
    let turn = 2.0 * std::f64::consts::PI / n as f64;
    (0..n).map(|k| 0.5 - 0.5 * (turn * k as f64).cos()).collect()
}

/// The mean spectrum of equally long pieces, each without its mean and under a window.
fn windowed_mean<'a>(
    pieces: impl Iterator<Item = (&'a [f64], &'a [f64])>,
    dt_s: f64,
    scaling: Scaling,
) -> Spectrum {
    let mut fft: Option<Arc<dyn Fft<f64>>> = None;
    let mut power: Vec<f64> = Vec::new();
    let (mut count, mut n) = (0.0, 1);
    for (piece, window) in pieces {
        n = piece.len();
        let fft = fft.get_or_insert_with(|| FftPlanner::new().plan_fft_forward(n));
        let mean = piece.iter().sum::<f64>() / n as f64;
        let mut transform: Vec<Complex<f64>> =
            piece.iter().zip(window).map(|(x, w)| Complex::new((x - mean) * w, 0.0)).collect();
        fft.process(&mut transform);
        let energy: f64 = window.iter().map(|w| w * w).sum();
        power.resize(bins(n, scaling), 0.0);
        for (k, (power, z)) in power.iter_mut().zip(&transform).enumerate() {
            let doubled = scaling == Scaling::Kramer || (k != 0 && 2 * k != n);
            *power += if doubled { 2.0 } else { 1.0 } * dt_s * z.norm_sqr() / energy;
        }
        count += 1.0;
    }
    power.iter_mut().for_each(|power| *power /= count);
    Spectrum { df_hz: 1.0 / (n as f64 * dt_s), power }
}

fn bins(n: usize, scaling: Scaling) -> usize {
    match scaling {
        Scaling::Kramer => n / 2,
        Scaling::Scipy => n / 2 + 1,
    }
}

/// The first `count` discrete prolate spheroidal sequences of length `n`, of unit energy: the
/// eigenvectors of a symmetric tridiagonal matrix (Slepian 1978; Percival and Walden 1993, section
/// 8.3), by bisection and inverse iteration.
fn dpss(n: usize, nw: f64, count: usize) -> Vec<Vec<f64>> {
    let w = nw / n as f64;
    let cos = (2.0 * std::f64::consts::PI * w).cos();
    let diagonal: Vec<f64> =
        (0..n).map(|k| (0.5 * (n as f64 - 1.0) - k as f64).powi(2) * cos).collect();
    let off: Vec<f64> = (1..n).map(|k| 0.5 * k as f64 * (n - k) as f64).collect();
    let mut found: Vec<Vec<f64>> = Vec::new();
    for index in 0..count.min(n) {
        let eigenvalue = eigenvalue(&diagonal, &off, index);
        // A start that is orthogonal to no sequence: neither even nor odd.
        let mut vector: Vec<f64> =
            (0..n).map(|k| 1.0 + 0.5 * ((k * 7919 % 101) as f64 / 101.0)).collect();
        for _ in 0..4 {
            for other in &found {
                let overlap: f64 = vector.iter().zip(other).map(|(a, b)| a * b).sum();
                vector.iter_mut().zip(other).for_each(|(a, b)| *a -= overlap * b);
            }
            vector = solve(&diagonal, &off, eigenvalue, &vector);
            let norm = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
            vector.iter_mut().for_each(|x| *x /= norm);
        }
        found.push(vector);
    }
    found
}

/// The eigenvalue of a symmetric tridiagonal matrix that has `index` larger ones.
fn eigenvalue(diagonal: &[f64], off: &[f64], index: usize) -> f64 {
    let radius = |k: usize| off.get(k).unwrap_or(&0.0) + if k > 0 { off[k - 1] } else { 0.0 };
    let ends = (0..diagonal.len()).map(|k| (diagonal[k] - radius(k), diagonal[k] + radius(k)));
    let (mut low, mut high) =
        ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), (l, h)| (a.min(l), b.max(h)));
    // Sturm's sequence counts the eigenvalues above a number.
    let above = |x: f64| {
        let mut q = 1.0f64;
        let mut count = 0;
        for (k, d) in diagonal.iter().enumerate() {
            let coupling = if k > 0 { off[k - 1] * off[k - 1] / q } else { 0.0 };
            q = d - x - coupling;
            if q == 0.0 {
                q = f64::EPSILON * x.abs().max(1.0);
            }
            count += usize::from(q > 0.0);
        }
        count
    };
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if above(middle) > index { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// Solves (A - x) y = b for a symmetric tridiagonal A, nearly singular on purpose: Gaussian
/// elimination with partial pivoting.
fn solve(diagonal: &[f64], off: &[f64], x: f64, b: &[f64]) -> Vec<f64> {
    let n = diagonal.len();
    let tiny = f64::EPSILON * diagonal.iter().chain(off).fold(1.0, |a: f64, b| a.max(b.abs()));
    // Rows of the upper triangle: three diagonals.
    let mut upper = vec![[0.0; 3]; n];
    let mut y = b.to_vec();
    let get = |k: usize| off.get(k).copied().unwrap_or(0.0);
    let mut row = [diagonal[0] - x, get(0), 0.0];
    for k in 0..n - 1 {
        let mut next = [get(k), diagonal[k + 1] - x, get(k + 1)];
        if next[0].abs() > row[0].abs() {
            std::mem::swap(&mut row, &mut next);
            y.swap(k, k + 1);
        }
        let pivot = if row[0].abs() < tiny { tiny } else { row[0] };
        let factor = next[0] / pivot;
        upper[k] = [pivot, row[1], row[2]];
        y[k + 1] -= factor * y[k];
        row = [next[1] - factor * row[1], next[2] - factor * row[2], 0.0];
    }
    upper[n - 1] = [if row[0].abs() < tiny { tiny } else { row[0] }, 0.0, 0.0];
    for k in (0..n).rev() {
        let known = |ahead: usize| if k + ahead < n { upper[k][ahead] * y[k + ahead] } else { 0.0 };
        y[k] = (y[k] - known(1) - known(2)) / upper[k][0];
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_has_its_variance_in_its_bin() {
        let n = 1000;
        let sine: Vec<f64> = (0..n)
            .map(|k| 3.0 * (2.0 * std::f64::consts::PI * 50.0 * k as f64 / 1000.0).sin())
            .collect();
        for scaling in [Scaling::Kramer, Scaling::Scipy] {
            let s = spectrum(&sine, 1e-3, Method::Periodogram, scaling);
            assert!((s.power[50] * s.df_hz - 4.5).abs() < 1e-9, "{}", s.power[50]);
            let rest: f64 = s.power.iter().sum::<f64>() - s.power[50];
            assert!(rest < 1e-9, "{rest}");
        }
    }

    #[test]
    fn the_mean_spectrogram_is_welchs_spectrum() {
        let signal: Vec<f64> =
            (0..1000).map(|k| f64::from(k * k % 97) + f64::from(k % 7)).collect();
        let welch = spectrum(&signal, 1e-3, Method::Welch { segment: 100 }, Scaling::Scipy);
        let over_time = spectrogram(&signal, 1e-3, 100, 50, Scaling::Scipy);
        assert_eq!((over_time.columns.len(), over_time.df_hz), (19, 10.0));
        for (k, power) in welch.power.iter().enumerate() {
            let mean = over_time.columns.iter().map(|c| c[k]).sum::<f64>() / 19.0;
            assert!((mean - power).abs() < 1e-9 * power.max(1.0), "{k}: {mean} is not {power}");
        }
    }

    #[test]
    fn a_tone_that_comes_late_is_seen_late() {
        let tone =
            |k: usize| if k < 500 { 0.0 } else { (0.2 * std::f64::consts::PI * k as f64).sin() };
        let signal: Vec<f64> = (0..1000).map(tone).collect();
        let over_time = spectrogram(&signal, 1e-3, 100, 10, Scaling::Kramer);
        // 0.1 turns per sample are 100 Hz, the tenth frequency. Segment 40 ends where the tone begins,
        // segment 45 has half of it.
        let power = |n: usize| over_time.columns[n][10];
        assert!((0..=40).all(|n| power(n) < 1e-12));
        assert!((45..over_time.columns.len()).all(|n| power(n) > 1e-3));
        let full = power(50);
        assert!((51..over_time.columns.len()).all(|n| (power(n) / full - 1.0).abs() < 1e-9));
    }

    #[test]
    fn tapers_are_orthonormal_and_concentrated() {
        let (n, nw) = (256, 4.0);
        let tapers = dpss(n, nw, 7);
        for (i, a) in tapers.iter().enumerate() {
            for (j, b) in tapers.iter().enumerate() {
                let product: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                let expected = if i == j { 1.0 } else { 0.0 };
                assert!((product - expected).abs() < 1e-9, "{i} {j}: {product}");
            }
            // The share of energy within the band; the seventh has 0.9366 (NW 4).
            let mut padded: Vec<Complex<f64>> = a.iter().map(|&x| Complex::new(x, 0.0)).collect();
            padded.resize(64 * n, Complex::default());
            FftPlanner::new().plan_fft_forward(64 * n).process(&mut padded);
            let edge = (nw * 64.0) as usize;
            let inside: f64 = padded
                .iter()
                .enumerate()
                .filter(|(k, _)| *k <= edge || *k >= 64 * n - edge)
                .map(|(_, z)| z.norm_sqr())
                .sum();
            let share = inside / (64 * n) as f64;
            assert!(share > 0.93, "taper {i}: {share}");
        }
    }
}
