//! Correlation between neurons: Pearson's coefficient of the spike counts of pairs in windows
//! (Cohen and Kohn 2011, Nat Neurosci 14:811).

use rayon::prelude::*;

use super::Moments;
use crate::random::{Purpose, Stream};
use crate::spikes::SpikeTrains;

/// The mean correlation of sampled pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    /// Length of a window (ms).
    pub window_ms: f64,
    /// Pairs whose coefficient is defined: both counts vary.
    pub pairs: u64,
    /// The mean coefficient.
    pub mean: f64,
    /// Its standard error over pairs, which share neurons: a lower bound.
    pub sem: Option<f64>,
}

/// All pairs of few neurons, or this many pairs of many.
const PAIRS: usize = 1000;

/// The spike-count correlation of a population over its first `steps` steps; none with fewer than two
/// neurons or two windows, or if no pair's counts vary.
pub fn of_trains(
    trains: &SpikeTrains,
    steps: u32,
    dt_ms: f64,
    window_ms: f64,
) -> Option<Correlation> {
    let window = (window_ms / dt_ms).round().max(1.0) as u32;
    let windows = (steps / window) as usize;
    let neurons = trains.neurons();
    if windows < 2 || neurons < 2 {
        return None;
    }
    let moments = pairs(neurons)
        .into_par_iter()
        .filter_map(|(a, b)| {
            let counts = |neuron| counts(trains.train(neuron), window, windows);
            pearson(&counts(a), &counts(b))
        })
        .collect::<Vec<f64>>();
    let moments: Moments = moments.into_iter().collect();
    let mean = moments.mean()?;
    let window_ms = f64::from(window) * dt_ms;
    Some(Correlation { window_ms, pairs: moments.count, mean, sem: moments.sem() })
}

/// The pairs looked at: all, or a sample that is the same for the same number of neurons.
fn pairs(neurons: usize) -> Vec<(usize, usize)> {
    if neurons * (neurons - 1) / 2 <= PAIRS {
        return (0..neurons).flat_map(|a| (a + 1..neurons).map(move |b| (a, b))).collect();
    }
    let mut stream = Stream::new(0, neurons as u32, Purpose::Pairs, 0);
    // The high bits of a product choose evenly.
    let mut below = |n: usize| ((u64::from(stream.next_u32()) * n as u64) >> 32) as usize;
    let pair = |_| {
        let a = below(neurons);
        let b = below(neurons - 1);
        (a, if b < a { b } else { b + 1 })
    };
    (0..PAIRS).map(pair).collect()
}

fn counts(train: &[u32], window: u32, windows: usize) -> Vec<f64> {
    let mut counts = vec![0.0; windows];
    for &step in train {
        if let Some(count) = counts.get_mut((step / window) as usize) {
            *count += 1.0;
        }
    }
    counts
}

/// Pearson's coefficient; none if either side is constant.
fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x - mean_a, y - mean_b);
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    (aa > 0.0 && bb > 0.0).then(|| ab / (aa * bb).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pearson_by_hand() {
        assert_eq!(pearson(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]), Some(1.0));
        assert_eq!(pearson(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), Some(-1.0));
        assert_eq!(pearson(&[1.0, 1.0], &[1.0, 2.0]), None);
        // Deviations (-1, 1, 0) and (0, 1, -1): 1 / 2.
        assert!((pearson(&[1.0, 3.0, 2.0], &[2.0, 3.0, 1.0]).unwrap() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn pairs_are_of_two_neurons() {
        assert_eq!(pairs(3), [(0, 1), (0, 2), (1, 2)]);
        let many = pairs(5000);
        assert_eq!(many.len(), PAIRS);
        assert!(many.iter().all(|(a, b)| a != b && *a < 5000 && *b < 5000));
    }

    #[test]
    fn trains_in_step_are_correlated() {
        let train = vec![0, 1, 2, 13, 40, 41];
        let trains = SpikeTrains::from_trains(&[train.clone(), train, vec![20, 25, 30]]);
        let correlation = of_trains(&trains.slice(0..2), 50, 1.0, 10.0).unwrap();
        assert_eq!((correlation.pairs, correlation.window_ms), (1, 10.0));
        assert!((correlation.mean - 1.0).abs() < 1e-12);
        assert!(of_trains(&trains, 50, 1.0, 10.0).unwrap().mean < 0.5);
        assert_eq!(of_trains(&trains, 50, 1.0, 40.0), None);
    }
}
