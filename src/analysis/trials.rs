//! The spectrum of a recorded signal: the mean over its trials.

use super::signal::{Method, Scaling, Spectrogram, spectrogram, spectrum};
use crate::analysis::Moments;

/// The spectrum of a signal's trials.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Distance of frequencies (Hz).
    pub df_hz: f64,
    /// The highest frequency that samples can show (Hz).
    pub nyquist_hz: f64,
    /// Mean over trials of the variance (ddof 0).
    pub variance: f64,
    /// Frequencies (Hz).
    pub frequency_hz: Vec<f64>,
    /// Mean power over trials (signal squared per Hz).
    pub power: Vec<f64>,
}

impl Estimate {
    /// The spectrum of trials of equal length with samples `dt_s` apart.
    pub fn new(trials: &[Vec<f64>], dt_s: f64, method: Method, scaling: Scaling) -> Self {
        let spectra: Vec<_> =
            trials.iter().map(|trial| spectrum(trial, dt_s, method, scaling)).collect();
        let (df_hz, bins) = spectra.first().map_or((0.0, 0), |s| (s.df_hz, s.power.len()));
        let mean =
            |k: usize| spectra.iter().map(|s| s.power[k]).sum::<f64>() / spectra.len() as f64;
        let variance = |trial: &Vec<f64>| {
            Moments::of(trial.iter().copied()).std().map_or(0.0, |std| std * std)
        };
        Estimate {
            df_hz,
            nyquist_hz: 0.5 / dt_s,
            variance: trials.iter().map(variance).sum::<f64>() / trials.len() as f64,
            frequency_hz: (0..bins).map(|k| k as f64 * df_hz).collect(),
            power: (0..bins).map(mean).collect(),
        }
    }
}

/// The spectrogram, averaged over trials: segments of 1 s that overlap by 95 %, as in Kramer and Eden;
/// of an eighth of the signal if it is short.
pub fn over_time(trials: &[Vec<f64>], dt_s: f64, scaling: Scaling) -> Spectrogram {
    // No more columns than a figure has.
    const MOST_COLUMNS: usize = 4000;
    let second = (1.0 / dt_s).round() as usize;
    let samples = trials.first().map_or(0, Vec::len);
    let segment = if samples >= second.saturating_mul(4) { second } else { samples / 8 };
    let segment = segment.clamp(2, samples.max(2));
    let step = (segment / 20).max(samples / MOST_COLUMNS).max(1);
    let mut each = trials.iter().map(|trial| spectrogram(trial, dt_s, segment, step, scaling));
    let mut mean = each.next().unwrap_or_else(|| spectrogram(&[], dt_s, segment, step, scaling));
    for other in each {
        let pairs = mean.columns.iter_mut().flatten().zip(other.columns.iter().flatten());
        pairs.for_each(|(sum, power)| *sum += power);
    }
    mean.columns.iter_mut().flatten().for_each(|power| *power /= trials.len() as f64);
    mean
}
