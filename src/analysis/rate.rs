//! Firing rates.

use rayon::prelude::*;

use super::divisor::Divisor;
use super::{Moments, round_up};
use crate::spikes::SpikeTrains;
use crate::window::Window;

/// The rates of a population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// Spikes of all neurons.
    pub spikes: u64,
    /// Each neuron's spikes over the window (Hz).
    pub hz: Moments,
    /// Fano factor over neurons: variance over mean of the neurons' spike counts over the window (Fano
    /// 1947); none for a single neuron or without spikes. Where neurons differ in their rates, that is in it.
    pub fano_over_neurons: Option<f64>,
}

/// The rates of neurons with these spike counts in `duration_ms`.
pub fn of_counts(counts: &[u32], duration_ms: f64) -> Rates {
    let spikes = counts.iter().map(|&count| u64::from(count)).sum();
    let moments = Moments::of(counts.iter().map(|&count| f64::from(count)));
    // A run that was ended before its window began has no rates.
    let hz = match duration_ms > 0.0 {
        true => Moments::of(counts.iter().map(|&count| f64::from(count) * (1e3 / duration_ms))),
        false => Moments::default(),
    };
    let fano_over_neurons = moments
        .mean()
        .filter(|mean| *mean > 0.0)
        .and_then(|mean| moments.std().map(|std| std * std / mean));
    Rates { spikes, hz, fano_over_neurons }
}

/// The population rate over time: spikes per neuron and second in bins of equal width.
#[derive(Clone, Debug, PartialEq)]
pub struct RateOverTime {
    /// Width of a bin (ms).
    pub bin_ms: f64,
    /// Rate in each bin (Hz); the last bin may be cut short by the end.
    pub hz: Vec<f64>,
}

/// Spikes of all neurons in each bin of `bin` steps of a window; the last bin may be cut short by its end.
pub fn counts_over_time(trains: &SpikeTrains, window: Window, bin: u32) -> Vec<u64> {
    let bins = window.steps().div_ceil(bin) as usize;
    let divisor = Divisor::new(bin);
    let add = |mut counts: Vec<u64>, neuron: usize| {
        for &step in window.of(trains.train(neuron)) {
            counts[divisor.quotient(step - window.from) as usize] += 1;
        }
        counts
    };
    // The spikes of a group of neurons outweigh its bins, in time and memory.
    let group = bins * trains.neurons() / trains.spikes().max(1) + 256;
    (0..trains.neurons())
        .into_par_iter()
        .with_min_len(group)
        .fold(|| vec![0; bins], add)
        .reduce(|| vec![0; bins], |a, b| a.iter().zip(&b).map(|(a, b)| a + b).collect())
}

/// The same in wider bins, each of `bin` of those that are given.
pub fn in_bins(counts: &[u64], bin: u32) -> Vec<u64> {
    counts.chunks(bin.max(1) as usize).map(|some| some.iter().sum()).collect()
}

/// Steps of a bin, if about `bins` of them shall fill a window: a round number of ms.
pub fn bin_of(window: Window, dt_ms: f64, bins: u32) -> u32 {
    let bin_ms = round_up(window.duration_ms(dt_ms) / f64::from(bins));
    (bin_ms / dt_ms).round().max(1.0) as u32
}

/// The population rate over a window, in about `bins` bins.
pub fn over_time(trains: &SpikeTrains, window: Window, dt_ms: f64, bins: u32) -> RateOverTime {
    let activity = counts_over_time(trains, window, 1);
    of_activity(trains.neurons(), &activity, window, dt_ms, bins)
}

/// The same, given the spikes of all neurons at each step of the window.
pub fn of_activity(
    neurons: usize,
    activity: &[u64],
    window: Window,
    dt_ms: f64,
    bins: u32,
) -> RateOverTime {
    let bin = bin_of(window, dt_ms, bins);
    RateOverTime::of_counts(&in_bins(activity, bin), bin, window, neurons, dt_ms)
}

impl RateOverTime {
    /// From the spikes of some neurons in bins of `bin` steps of a window; bins past its end are left away.
    pub fn of_counts(counts: &[u64], bin: u32, window: Window, neurons: usize, dt_ms: f64) -> Self {
        let neurons = neurons.max(1) as f64;
        let rate = |(begin, &count): (u32, &u64)| {
            let width = bin.min(window.steps() - begin);
            count as f64 / neurons / (f64::from(width) * dt_ms * 1e-3)
        };
        let hz = (0..window.steps()).step_by(bin as usize).zip(counts).map(rate).collect();
        RateOverTime { bin_ms: f64::from(bin) * dt_ms, hz }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_fano_by_hand() {
        // Counts 2 and 4 in 500 ms: 4 and 8 Hz; variance 1, mean 3.
        let rates = of_counts(&[2, 4], 500.0);
        assert_eq!(rates.spikes, 6);
        assert_eq!((rates.hz.mean(), rates.hz.std()), (Some(6.0), Some(2.0)));
        assert!((rates.fano_over_neurons.unwrap() - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(of_counts(&[0, 0], 500.0).fano_over_neurons, None);
        assert_eq!(of_counts(&[3], 500.0).fano_over_neurons, None);
    }

    #[test]
    fn the_rate_over_time_counts_every_spike_once() {
        let trains = SpikeTrains::from_trains(&[vec![0, 1, 99], vec![50]]);
        let rate = over_time(&trains, Window::whole(100), 1.0, 10);
        assert_eq!(rate.bin_ms, 10.0);
        // Two spikes of two neurons in 10 ms: 100 Hz.
        assert_eq!((rate.hz[0], rate.hz[5], rate.hz[9]), (100.0, 50.0, 50.0));
        assert_eq!(rate.hz.iter().sum::<f64>(), 200.0);
        let late = over_time(&trains, Window { from: 50, to: 100 }, 1.0, 5);
        assert_eq!((late.hz[0], late.hz.len()), (50.0, 5));
    }
}
