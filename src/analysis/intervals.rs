//! Inter-spike intervals (ISI): the times from one spike of a neuron to its next.
//!
//! ```text
//! CV  = std(I) / mean(I)
//! CV2 = mean 2 |I_(i+1) - I_i| / (I_(i+1) + I_i)             Holt et al. 1996, J Neurophysiol 75:1806
//! LV  = mean 3 (I_(i+1) - I_i)^2 / (I_(i+1) + I_i)^2         Shinomoto et al. 2003, Neural Comput 15:2823
//! ```

use rayon::prelude::*;

use super::{Moments, round_up};
use crate::spikes::SpikeTrains;

/// The interval statistics of one spike train.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TrainIntervals {
    /// Number, mean and standard deviation of the intervals.
    pub moments: Moments,
    /// Local irregularity CV2, of at least two intervals.
    pub cv2: Option<f64>,
    /// Local variation LV, of at least two intervals.
    pub lv: Option<f64>,
}

/// The statistics of intervals in their order, in any unit of time.
pub fn of_intervals(intervals: impl Iterator<Item = f64>) -> TrainIntervals {
    let mut moments = Moments::default();
    let (mut cv2, mut lv) = (Moments::default(), Moments::default());
    let mut before = None;
    for interval in intervals {
        moments.push(interval);
        if let Some(before) = before.replace(interval)
            && interval + before > 0.0
        {
            let contrast = (interval - before) / (interval + before);
            cv2.push(2.0 * contrast.abs());
            lv.push(3.0 * contrast * contrast);
        }
    }
    TrainIntervals { moments, cv2: cv2.mean(), lv: lv.mean() }
}

/// The statistics of a spike train given as steps of `dt_ms`, intervals in ms.
pub fn of_train(train: &[u32], dt_ms: f64) -> TrainIntervals {
    of_intervals(intervals(train).map(|steps| f64::from(steps) * dt_ms))
}

/// The intervals of a train, in steps.
fn intervals(train: &[u32]) -> impl Iterator<Item = u32> + '_ {
    train.windows(2).map(|pair| pair[1] - pair[0])
}

/// The interval statistics of a population.
#[derive(Clone, Debug, PartialEq)]
pub struct PopulationIntervals {
    /// Each neuron's own.
    pub trains: Vec<TrainIntervals>,
    /// Of all intervals together; `pooled.cv()` mixes the spread within a neuron and between them.
    pub pooled: Moments,
    /// Mean CV of the neurons with two intervals or more.
    pub cv_mean: Option<f64>,
    /// Mean CV2 of the neurons with two intervals or more.
    pub cv2_mean: Option<f64>,
    /// Mean LV of the neurons with two intervals or more.
    pub lv_mean: Option<f64>,
}

/// The interval statistics of a population, in ms.
pub fn of_population(trains: &SpikeTrains, dt_ms: f64) -> PopulationIntervals {
    let trains: Vec<TrainIntervals> = (0..trains.neurons())
        .into_par_iter()
        .map(|neuron| of_train(trains.train(neuron), dt_ms))
        .collect();
    let pooled = trains.iter().map(|train| train.moments).fold(Moments::default(), Moments::merge);
    let mean = |of: fn(&TrainIntervals) -> Option<f64>| {
        Moments::from_iter(trains.iter().filter_map(of)).mean()
    };
    PopulationIntervals {
        pooled,
        cv_mean: mean(|train| train.moments.cv()),
        cv2_mean: mean(|train| train.cv2),
        lv_mean: mean(|train| train.lv),
        trains,
    }
}

/// A histogram of intervals; bin k holds those from k to k + 1 bin widths.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Width of a bin (ms), a whole number of steps.
    pub bin_ms: f64,
    /// Intervals in each bin.
    pub counts: Vec<u64>,
    /// Intervals beyond the last bin.
    pub beyond: u64,
}

impl Histogram {
    /// Probability density of each bin (1/ms): the share of all intervals over the bin width.
    pub fn density(&self) -> Vec<f64> {
        let all = self.counts.iter().sum::<u64>() + self.beyond;
        let per_interval = 1.0 / (all.max(1) as f64 * self.bin_ms);
        self.counts.iter().map(|&count| count as f64 * per_interval).collect()
    }
}

/// Aim for this many bins.
const BINS: f64 = 80.0;

/// The histogram of all intervals, up to six standard deviations above the mean; none without
/// intervals.
pub fn histogram(trains: &SpikeTrains, pooled: &Moments, dt_ms: f64) -> Option<Histogram> {
    let mean = pooled.mean()?;
    let longest = trains.iter().flat_map(intervals).max()?;
    let end = (mean + 6.0 * pooled.std().unwrap_or(0.0)).min(f64::from(longest) * dt_ms) + dt_ms;
    let bin_steps = (round_up(end / BINS) / dt_ms).round().max(1.0) as u32;
    let bin_ms = f64::from(bin_steps) * dt_ms;
    let bins = (end / bin_ms).ceil() as usize;
    let empty = || vec![0u64; bins + 1];
    let mut counts = (0..trains.neurons())
        .into_par_iter()
        .fold(empty, |mut counts, neuron| {
            for steps in intervals(trains.train(neuron)) {
                let bin = ((steps / bin_steps) as usize).min(bins);
                counts[bin] += 1;
            }
            counts
        })
        .reduce(empty, |mut sum, part| {
            sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
            sum
        });
    let beyond = counts.pop().unwrap_or(0);
    Some(Histogram { bin_ms, counts, beyond })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regular_train_has_no_variation() {
        let train: Vec<u32> = (0..50).map(|k| 7 * k).collect();
        let stats = of_train(&train, 0.1);
        assert_eq!(stats.moments.count, 49);
        assert!((stats.moments.mean().unwrap() - 0.7).abs() < 1e-12);
        assert!(stats.moments.cv().unwrap() < 1e-12);
        assert!(stats.cv2.unwrap() < 1e-12 && stats.lv.unwrap() < 1e-12);
    }

    #[test]
    fn two_alternating_intervals_by_hand() {
        // Intervals 1, 3, 1, 3: mean 2, std 1, CV 1/2; each contrast 1/2: CV2 1, LV 3/4.
        let stats = of_intervals([1.0, 3.0, 1.0, 3.0].into_iter());
        assert_eq!(stats.moments.cv(), Some(0.5));
        assert_eq!((stats.cv2, stats.lv), (Some(1.0), Some(0.75)));
    }

    #[test]
    fn one_interval_is_too_few() {
        let stats = of_train(&[3, 9], 1.0);
        assert_eq!(stats.moments.mean(), Some(6.0));
        assert_eq!((stats.moments.cv(), stats.cv2, stats.lv), (None, None, None));
    }

    #[test]
    fn the_histogram_holds_every_interval() {
        let trains = SpikeTrains::from_trains(&[vec![0, 10, 30, 31], vec![5, 1005], vec![]]);
        let stats = of_population(&trains, 0.1);
        assert_eq!(stats.pooled.count, 4);
        let histogram = histogram(&trains, &stats.pooled, 0.1).unwrap();
        assert_eq!(histogram.counts.iter().sum::<u64>() + histogram.beyond, 4);
        assert_eq!(histogram.beyond, 0);
        let area: f64 = histogram.density().iter().map(|d| d * histogram.bin_ms).sum();
        assert!((area - 1.0).abs() < 1e-12);
    }
}
