//! Inter-spike intervals (ISI): the times from one spike of a neuron to its next.
//!
//! ```text
//! CV  = std(I) / mean(I)
//! CV2 = mean 2 |I_(i+1) - I_i| / (I_(i+1) + I_i)             Holt et al. 1996, J Neurophysiol 75:1806
//! LV  = mean 3 (I_(i+1) - I_i)^2 / (I_(i+1) + I_i)^2         Shinomoto et al. 2003, Neural Comput 15:2823
//! LvR = mean 3 (1 - 4 I_i I_(i+1) / s^2) (1 + 4 R / s), s = I_i + I_(i+1), R = 5 ms
//!                                                            Shinomoto et al. 2009, PLoS Comput Biol 5:e1000433
//! ```
//!
//! A neuron with few intervals in its window has a CV that is too low: its long intervals are those that do
//! not fit (Nawrot et al. 2008, J Neurosci Methods 169:374). A population with fewer than
//! [`FEW_INTERVALS`] per neuron is therefore marked; no estimator makes up for intervals that were not seen.

use rayon::prelude::*;

use super::{Moments, Z95, round_up};
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
    /// Local variation revised for the refractory period, LvR, of at least two intervals.
    pub lvr: Option<f64>,
}

/// The constant R of LvR (ms).
pub const LVR_REFRACTORY_MS: f64 = 5.0;

/// Fewer intervals per neuron than this are too few for a CV: of a Poisson process, whose CV is 1, 20 per
/// neuron give 0.93 (20,000 trains of 21 mean intervals each), 50 give 0.97.
pub const FEW_INTERVALS: f64 = 20.0;

/// The statistics of intervals in their order, in any unit of time; `refractory` is the R of LvR in the same.
pub fn of_intervals(intervals: impl Iterator<Item = f64>, refractory: f64) -> TrainIntervals {
    let mut moments = Moments::default();
    let [mut cv2, mut lv, mut lvr] = [Moments::default(); 3];
    let mut before = None;
    for interval in intervals {
        moments.push(interval);
        if let Some(before) = before.replace(interval)
            && interval + before > 0.0
        {
            let per_sum = 1.0 / (interval + before);
            // 1 - 4 I_i I_(i+1) / s^2 is the contrast squared.
            let contrast = (interval - before) * per_sum;
            cv2.push(2.0 * contrast.abs());
            lv.push(3.0 * contrast * contrast);
            lvr.push(3.0 * contrast * contrast * (1.0 + 4.0 * refractory * per_sum));
        }
    }
    TrainIntervals { moments, cv2: cv2.mean(), lv: lv.mean(), lvr: lvr.mean() }
}

/// The statistics of a spike train given as steps of `dt_ms`, intervals in ms.
pub fn of_train(train: &[u32], dt_ms: f64) -> TrainIntervals {
    of_intervals(intervals(train).map(|steps| f64::from(steps) * dt_ms), LVR_REFRACTORY_MS)
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
    /// Over the CVs of the neurons with two intervals or more: their mean is the population's CV.
    pub cv: Moments,
    /// Mean CV2 of the neurons with two intervals or more.
    pub cv2_mean: Option<f64>,
    /// Mean LV of the neurons with two intervals or more.
    pub lv_mean: Option<f64>,
    /// Mean LvR of the neurons with two intervals or more.
    pub lvr_mean: Option<f64>,
}

impl PopulationIntervals {
    /// Whether the CV is too low because the neurons have too few intervals, silent ones included.
    pub fn are_few(&self) -> bool {
        (self.pooled.count as f64) < FEW_INTERVALS * self.trains.len() as f64
    }

    /// Half the width of the 95 % confidence interval of the CV (normal approximation); none where the
    /// intervals are few, since what is missed is not in it.
    pub fn cv_ci95(&self) -> Option<f64> {
        self.cv.sem().filter(|_| !self.are_few()).map(|sem| Z95 * sem)
    }
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
        cv: trains.iter().filter_map(|train| train.moments.cv()).collect(),
        cv2_mean: mean(|train| train.cv2),
        lv_mean: mean(|train| train.lv),
        lvr_mean: mean(|train| train.lvr),
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
        // LvR: 3/4 (1 + 4 0.2 / 4) = 0.9.
        let stats = of_intervals([1.0, 3.0, 1.0, 3.0].into_iter(), 0.2);
        assert_eq!(stats.moments.cv(), Some(0.5));
        assert_eq!((stats.cv2, stats.lv), (Some(1.0), Some(0.75)));
        assert!((stats.lvr.unwrap() - 0.9).abs() < 1e-12);
    }

    #[test]
    fn local_variations_are_those_of_elephant() {
        // The examples in elephant/statistics.py (cv2, lv, lvr with R = 0.005).
        let stats = of_intervals([0.3, 4.5, 6.7, 9.3].into_iter(), 0.005);
        for (ours, theirs) in [
            (stats.cv2, 0.822_619_047_619_047_8),
            (stats.lv, 0.830_615_433_673_469_5),
            (stats.lvr, 0.833_907_445_980_624),
        ] {
            assert!((ours.unwrap() - theirs).abs() < 1e-12, "{ours:?} is not {theirs}");
        }
    }

    #[test]
    fn few_intervals_per_neuron_are_marked() {
        let regular: Vec<u32> = (0..21).map(|k| 10 * k + k % 3).collect();
        let enough =
            of_population(&SpikeTrains::from_trains(&[regular.clone(), regular.clone()]), 0.1);
        assert!(!enough.are_few() && enough.cv_ci95().is_some());
        // The silent neuron halves the number of intervals per neuron.
        let few = of_population(&SpikeTrains::from_trains(&[regular, vec![]]), 0.1);
        assert!(few.are_few() && few.cv_ci95().is_none());
        assert_eq!((few.cv.count, few.pooled.count), (1, 20));
    }

    #[test]
    fn one_interval_is_too_few() {
        let stats = of_train(&[3, 9], 1.0);
        assert_eq!(stats.moments.mean(), Some(6.0));
        assert_eq!((stats.moments.cv(), stats.cv2, stats.lv, stats.lvr), (None, None, None, None));
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
