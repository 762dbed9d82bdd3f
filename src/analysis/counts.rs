//! Spike counts in windows: the Fano factor of each neuron, and the correlation between neurons (Pearson's
//! coefficient of the counts of pairs; Cohen and Kohn 2011, Nat Neurosci 14:811).
//!
//! Of counts that are scaled to mean 0 and variance 1, z_i(w) for neuron i in window w, the coefficient of a
//! pair is the mean over windows of z_i z_j; so, with S(w) the sum over all n neurons,
//!
//! ```text
//! mean over w of S(w)^2 = n + sum over pairs (i, j) of 2 r_ij
//! ```
//!
//! which gives the mean over all pairs in a time that is linear in the neurons. The mean covariance follows without
//! scaling: with T(w) the spikes of all neurons in a window, the variance of T is the sum of all variances and, twice for
//! each pair, of all covariances.

use rayon::prelude::*;

use super::Moments;
use super::activity::Activity;
use super::sums::{CountWindows, TrainSums, windows};
use crate::spikes::SpikeTrains;
use crate::window::Window;

/// Statistics of spike counts in windows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counts {
    /// Length of a window (ms).
    pub window_ms: f64,
    /// The Fano factor over windows of each neuron that fired: variance over mean of its counts.
    pub fano: Moments,
    /// The correlation of pairs; none with fewer than two neurons whose counts vary, and where no spikes were kept.
    pub correlation: Option<Correlation>,
    /// The mean covariance of the counts of all pairs of neurons; none of a single one.
    pub covariance: Option<f64>,
}

/// The mean correlation over all pairs of neurons whose counts vary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    /// How many pairs.
    pub pairs: u64,
    /// The mean coefficient.
    pub mean: f64,
    /// Its standard error. Of normal sums S(w) with autocorrelation rho_k over W windows, the mean square
    /// has the relative variance 2/(W - 1) (1 + 2 sum_k rho_k^2).
    pub sem: f64,
}

/// Lags (in windows) up to which the counts' autocorrelation is looked at.
const LAGS: usize = 8;

/// Sums over neurons.
#[derive(Clone)]
struct Sums {
    fano: Moments,
    /// Spikes of all neurons in each window, and what the neurons' variances are the sum of.
    all: Vec<u64>,
    variances: Variances,
    /// Neurons whose counts vary.
    neurons: u64,
    /// Sum of their scaled counts in each window.
    scaled: Vec<f64>,
    /// Sum of their autocorrelations at the lags 1, 2, ...
    autocorrelation: [f64; LAGS],
}

/// How many of some neurons are one of the fixed groups that are added in order: the result does not depend on the threads.
fn group_of(neurons: usize) -> usize {
    neurons.div_ceil(64).max(64)
}

/// The counts of a population in windows of `window_ms` that tile `window`; none with fewer than two of
/// them.
pub fn of_trains(
    trains: &SpikeTrains,
    window: Window,
    dt_ms: f64,
    window_ms: f64,
) -> Option<Counts> {
    let looks = windows(window, dt_ms, window_ms);
    let complete = looks.complete(window.to) as usize;
    if complete < 2 || trains.neurons() == 0 {
        return None;
    }
    let group = group_of(trains.neurons());
    let groups = (0..trains.neurons()).into_par_iter().step_by(group);
    let of_group = |first: usize| {
        let mut sums = Sums::new(complete);
        let neurons = first..trains.neurons().min(first + group);
        sums.take(neurons.map(|neuron| window.of(trains.train(neuron))), looks);
        sums
    };
    let sums: Vec<Sums> = groups.map(of_group).collect();
    let all = sums.into_iter().reduce(Sums::merge)?;
    let window_ms = f64::from(looks.length()) * dt_ms;
    let covariance = all.variances.covariance(
        all.all.iter().sum(),
        all.all.iter().map(|&spikes| u128::from(spikes) * u128::from(spikes)).sum(),
    );
    Some(Counts { window_ms, fano: all.fano, correlation: all.correlation(), covariance })
}

/// The same from the sums of spike trains and the activity of all neurons, over the part of `window` that was done;
/// without the correlation, which needs the counts themselves.
pub fn of_sums(
    trains: &[TrainSums],
    activity: &Activity,
    windows: CountWindows,
    window: Window,
    dt_ms: f64,
) -> Option<Counts> {
    let complete = windows.complete(window.to);
    if complete < 2 || trains.is_empty() {
        return None;
    }
    let complete = u64::from(complete);
    let mut variances = Variances::new(complete);
    let mut fano = Moments::default();
    for group in trains.chunks(group_of(trains.len())) {
        let mut of_group = Moments::default();
        for (sum, squares) in group.iter().map(|train| train.counts(complete as u32)) {
            variances.push(sum, squares);
            self::fano(sum, squares, complete).into_iter().for_each(|fano| of_group.push(fano));
        }
        fano = fano.merge(of_group);
    }
    let (sum, squares) = activity.counts();
    Some(Counts {
        window_ms: f64::from(windows.length()) * dt_ms,
        fano,
        correlation: None,
        covariance: variances.covariance(sum, squares),
    })
}

/// The sum of the variances of neurons' counts, in whole numbers.
#[derive(Clone, Copy, Debug)]
pub struct Variances {
    windows: u64,
    neurons: u64,
    /// Sum over neurons of W sum c^2 - (sum c)^2.
    sum: u128,
}

impl Variances {
    /// Of no neuron yet, in a number of windows.
    pub fn new(windows: u64) -> Self {
        Variances { windows, neurons: 0, sum: 0 }
    }

    /// Adds a neuron with the sum of its counts and of their squares.
    pub fn push(&mut self, sum: u64, squares: u64) {
        self.neurons += 1;
        self.sum +=
            u128::from(self.windows) * u128::from(squares) - u128::from(sum) * u128::from(sum);
    }

    fn merge(&mut self, other: Variances) {
        self.neurons += other.neurons;
        self.sum += other.sum;
    }

    /// The mean covariance of all pairs, given the sum and the sum of squares of the counts of all neurons together.
    pub fn covariance(&self, sum: u64, squares: u128) -> Option<f64> {
        let pairs = self.neurons * self.neurons.saturating_sub(1);
        let of_all = u128::from(self.windows) * squares - u128::from(sum) * u128::from(sum);
        let twice = of_all as i128 - self.sum as i128;
        let windows = self.windows as f64;
        (pairs > 0).then(|| twice as f64 / (windows * windows) / pairs as f64)
    }
}

/// The Fano factor of a neuron's counts, of which these are the sum and the sum of squares in some windows; none if it
/// is silent.
pub fn fano(sum: u64, squares: u64, windows: u64) -> Option<f64> {
    let mean = sum as f64 / windows as f64;
    let variance = squares as f64 / windows as f64 - mean * mean;
    (sum > 0).then(|| variance.max(0.0) / mean)
}

impl Sums {
    fn new(windows: usize) -> Self {
        Sums {
            fano: Moments::default(),
            all: vec![0; windows],
            variances: Variances::new(windows as u64),
            neurons: 0,
            scaled: vec![0.0; windows],
            autocorrelation: [0.0; LAGS],
        }
    }

    /// Counts the spikes of trains in windows, and adds them.
    fn take<'a>(&mut self, trains: impl Iterator<Item = &'a [u32]>, looks: CountWindows) {
        let windows = self.all.len();
        let mut counts = vec![0; windows];
        // Behind the last window there is nothing that any lag could reach.
        let mut scaled = vec![0.0; windows + LAGS];
        for train in trains {
            counts.fill(0);
            for &step in train {
                if let Some(count) = counts.get_mut(looks.of(step) as usize) {
                    *count += 1;
                }
            }
            self.add(&counts, &mut scaled);
        }
    }

    /// Adds the counts of a neuron; `scaled` is room for them and some zeros behind.
    fn add(&mut self, counts: &[u32], scaled: &mut [f64]) {
        let sum = counts.iter().map(|&count| u64::from(count)).sum::<u64>();
        let squares = counts.iter().map(|&count| u64::from(count) * u64::from(count)).sum::<u64>();
        if let Some(fano) = fano(sum, squares, counts.len() as u64) {
            self.fano.push(fano);
        }
        self.variances.push(sum, squares);
        self.all.iter_mut().zip(counts).for_each(|(sum, count)| *sum += u64::from(*count));
        if counts.iter().all(|count| *count == counts[0]) {
            return;
        }
        let windows = counts.len() as f64;
        let mean = sum as f64 / windows;
        let per_std = 1.0 / (squares as f64 / windows - mean * mean).sqrt();
        for (z, &count) in scaled.iter_mut().zip(counts) {
            *z = (f64::from(count) - mean) * per_std;
        }
        self.neurons += 1;
        self.scaled.iter_mut().zip(scaled.iter()).for_each(|(sum, z)| *sum += z);
        // All lags side by side.
        let mut products = [0.0; LAGS];
        for pair in scaled.windows(1 + LAGS) {
            for (sum, later) in products.iter_mut().zip(&pair[1..]) {
                *sum += pair[0] * later;
            }
        }
        let sums = self.autocorrelation.iter_mut().zip(products);
        sums.for_each(|(sum, product)| *sum += product / windows);
    }

    fn merge(mut self, other: Sums) -> Sums {
        self.fano = self.fano.merge(other.fano);
        self.all.iter_mut().zip(&other.all).for_each(|(sum, part)| *sum += part);
        self.variances.merge(other.variances);
        self.neurons += other.neurons;
        self.scaled.iter_mut().zip(&other.scaled).for_each(|(sum, part)| *sum += part);
        let lags = self.autocorrelation.iter_mut().zip(&other.autocorrelation);
        lags.for_each(|(sum, part)| *sum += part);
        self
    }

    fn correlation(&self) -> Option<Correlation> {
        if self.neurons < 2 {
            return None;
        }
        let (n, windows) = (self.neurons as f64, self.scaled.len() as f64);
        let mean_square = self.scaled.iter().map(|s| s * s).sum::<f64>() / windows;
        let mean = (mean_square - n) / (n * (n - 1.0));
        // Each autocorrelation is short of its last terms, and low by 1/W, since the mean is the sample's own.
        let dependence: f64 = (1..)
            .zip(&self.autocorrelation)
            .take_while(|(lag, _)| 2 * lag < self.scaled.len())
            .map(|(lag, sum)| {
                let share = 1.0 - lag as f64 / windows;
                share * (sum / n / share + 1.0 / windows).powi(2)
            })
            .sum();
        let relative = (2.0 / (windows - 1.0) * (1.0 + 2.0 * dependence)).sqrt();
        let sem = (1.0 / (n - 1.0) + mean.max(0.0)) * relative;
        Some(Correlation { pairs: self.neurons * (self.neurons - 1) / 2, mean, sem })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pearson's coefficient of two trains' counts, by its definition.
    fn pearson(a: &[u32], b: &[u32], length: u32, windows: usize) -> f64 {
        let counts = |train: &[u32]| {
            let mut counts = vec![0.0; windows];
            train.iter().for_each(|step| counts[(step / length) as usize] += 1.0);
            counts
        };
        let (a, b) = (counts(a), counts(b));
        let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
        let (ma, mb) = (mean(&a), mean(&b));
        let sum = |f: &dyn Fn(f64, f64) -> f64| {
            a.iter().zip(&b).map(|(x, y)| f(x - ma, y - mb)).sum::<f64>()
        };
        sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
    }

    #[test]
    fn the_correlation_is_the_mean_over_all_pairs() {
        let trains =
            [vec![0u32, 1, 2, 13, 40, 41], vec![3, 14, 15, 44], vec![20, 25, 30], vec![], vec![5]];
        let window = Window::whole(50);
        let counts = of_trains(&SpikeTrains::from_trains(&trains), window, 1.0, 10.0).unwrap();
        let vary = [0, 1, 2, 4];
        let pairs = (0..4).flat_map(|a| (a + 1..4).map(move |b| (vary[a], vary[b])));
        let each: Vec<f64> = pairs.map(|(a, b)| pearson(&trains[a], &trains[b], 10, 5)).collect();
        let correlation = counts.correlation.unwrap();
        assert_eq!(correlation.pairs, 6);
        assert!((correlation.mean - each.iter().sum::<f64>() / 6.0).abs() < 1e-12);
        // Counts 3, 1, 0, 0, 2 of the first: mean 6/5, variance 14/5 - 36/25; of four neurons that fired.
        assert_eq!(counts.fano.count, 4);
        let alone = SpikeTrains::from_trains(&trains[..1]);
        let fano = of_trains(&alone, window, 1.0, 10.0).unwrap().fano.mean().unwrap();
        assert!((fano - (14.0 / 5.0 - 36.0 / 25.0) / 1.2).abs() < 1e-12, "{fano}");
    }

    #[test]
    fn trains_in_step_are_correlated_and_windows_begin_where_they_are_told() {
        let train = vec![0u32, 1, 2, 13, 40, 41];
        let two = SpikeTrains::from_trains(&[train.clone(), train]);
        let counts = of_trains(&two, Window::whole(50), 1.0, 10.0).unwrap();
        assert!((counts.correlation.unwrap().mean - 1.0).abs() < 1e-12);
        assert_eq!(of_trains(&two, Window::whole(50), 1.0, 40.0), None);
        // From 30 on: counts 0 and 2.
        let late = of_trains(&two, Window { from: 30, to: 50 }, 1.0, 10.0).unwrap();
        assert_eq!(late.fano.mean(), Some(1.0));
    }
}
