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
//! A neuron with few intervals in its window has a CV that is too low (Nawrot et al. 2008, J Neurosci Methods
//! 169:374). A population with too many such neurons is marked. The jackknife (Quenouille 1956, Biometrika
//! 43:353) has less bias, and a larger spread: n CV - (n - 1) times the mean of the CVs without one interval each.
//! Measured on gamma processes in windows of 21 mean intervals, the CV is 7.2 % too low where it should be 1, 5.9 %
//! at 0.83, 3.9 % at 0.2; the jackknifed one 0.8, 0.2 and 0 %; of 50 mean intervals, 3.0, 2.3 and 1.6 %, and 0.2,
//! 0 and 0 %.

use rayon::prelude::*;

use super::trains::{self, jackknife};
use super::{Moments, Z95};
use crate::spikes::SpikeTrains;

pub use super::train::{LVR_REFRACTORY_MS, TrainIntervals};

/// A neuron with fewer intervals than this has too few for a CV ...
pub const FEW_INTERVALS: u64 = 20;

/// ... and a population of which more than this share has.
pub const FEW_SHARE: f64 = 0.1;

/// The statistics of intervals in their order, in any unit of time; `refractory` is the R of LvR in the same.
pub fn of_intervals(intervals: &[f64], refractory: f64) -> TrainIntervals {
    let moments = Moments::of(intervals.iter().copied());
    let (mut pairs, [mut cv2, mut lv, mut lvr]) = (0u64, [0.0; 3]);
    let mut before = None;
    for &interval in intervals {
        if let Some(before) = before.replace(interval)
            && interval + before > 0.0
        {
            let per_sum = 1.0 / (interval + before);
            // 1 - 4 I_i I_(i+1) / s^2 is the contrast squared.
            let contrast = (interval - before) * per_sum;
            pairs += 1;
            cv2 += 2.0 * contrast.abs();
            lv += 3.0 * contrast * contrast;
            lvr += 3.0 * contrast * contrast * (1.0 + 4.0 * refractory * per_sum);
        }
    }
    let mean = |sum: f64| (pairs > 0).then(|| sum / pairs as f64);
    TrainIntervals {
        cv2: mean(cv2),
        lv: mean(lv),
        lvr: mean(lvr),
        cv_jackknife: jackknife(intervals, &moments),
        moments,
    }
}

/// The statistics of a spike train given as steps of `dt_ms`, intervals in ms.
pub fn of_train(train: &[u32], dt_ms: f64) -> TrainIntervals {
    trains::of_train(train, dt_ms, &mut Vec::new())
}

/// The intervals of a train, in steps.
pub(super) fn intervals(train: &[u32]) -> impl Iterator<Item = u32> + Clone + '_ {
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
    /// Over the jackknifed CVs of the neurons with three intervals or more.
    pub cv_jackknife: Moments,
    /// Mean CV2 of the neurons with two intervals or more.
    pub cv2_mean: Option<f64>,
    /// Mean LV of the neurons with two intervals or more.
    pub lv_mean: Option<f64>,
    /// Mean LvR of the neurons with two intervals or more.
    pub lvr_mean: Option<f64>,
}

impl PopulationIntervals {
    /// Whether the CV is too low because too many neurons have too few intervals, silent ones included.
    pub fn are_few(&self) -> bool {
        let few = self.trains.iter().filter(|train| train.moments.count < FEW_INTERVALS).count();
        few as f64 > FEW_SHARE * self.trains.len() as f64
    }

    /// Half the width of the 95 % confidence interval of the CV (normal approximation), and what the jackknife
    /// says of its bias on top; none where the intervals are few.
    pub fn cv_ci95(&self) -> Option<f64> {
        let sem = self.cv.sem().filter(|_| !self.are_few())?;
        // Without the spikes there is no jackknife.
        let bias = self.cv_jackknife.mean().map_or(0.0, |cv| cv - self.cv.mean().unwrap_or(cv));
        Some(Z95 * sem + bias.abs())
    }
}

/// The interval statistics of a population, in ms.
pub fn of_population(trains: &SpikeTrains, dt_ms: f64) -> PopulationIntervals {
    /// Neurons whose trains a task looks at, at least.
    const GROUP: usize = 256;
    let neurons = (0..trains.neurons()).into_par_iter().with_min_len(GROUP);
    let of = |room: &mut Vec<f64>, neuron| trains::of_train(trains.train(neuron), dt_ms, room);
    of_neurons(neurons.map_init(Vec::new, of).collect())
}

/// The interval statistics of a population, from those of its neurons.
pub fn of_neurons(trains: Vec<TrainIntervals>) -> PopulationIntervals {
    let pooled = trains.iter().map(|train| train.moments).fold(Moments::default(), Moments::merge);
    let cvs: Vec<f64> = trains.iter().filter_map(|train| train.moments.cv()).collect();
    let mean =
        |of: fn(&TrainIntervals) -> Option<f64>| Moments::of(trains.iter().filter_map(of)).mean();
    PopulationIntervals {
        pooled,
        cv: Moments::of(cvs.into_iter()),
        cv_jackknife: Moments::of(trains.iter().filter_map(|train| train.cv_jackknife)),
        cv2_mean: mean(|train| train.cv2),
        lv_mean: mean(|train| train.lv),
        lvr_mean: mean(|train| train.lvr),
        trains,
    }
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
        let stats = of_intervals(&[1.0, 3.0, 1.0, 3.0], 0.2);
        assert_eq!(stats.moments.cv(), Some(0.5));
        assert_eq!((stats.cv2, stats.lv), (Some(1.0), Some(0.75)));
        assert!((stats.lvr.unwrap() - 0.9).abs() < 1e-12);
    }

    #[test]
    fn local_variations_are_those_of_elephant() {
        // The examples in elephant/statistics.py (cv2, lv, lvr with R = 0.005).
        let stats = of_intervals(&[0.3, 4.5, 6.7, 9.3], 0.005);
        for (ours, theirs) in [
            (stats.cv2, 0.822_619_047_619_047_8),
            (stats.lv, 0.830_615_433_673_469_5),
            (stats.lvr, 0.833_907_445_980_624),
        ] {
            assert!((ours.unwrap() - theirs).abs() < 1e-12, "{ours:?} is not {theirs}");
        }
    }

    #[test]
    fn the_jackknife_is_that_of_its_definition() {
        let values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0];
        let cv = |values: &[f64]| values.iter().copied().collect::<Moments>().cv().unwrap();
        let without = |k: usize| [&values[..k], &values[k + 1..]].concat();
        let mean = (0..7).map(|k| cv(&without(k))).sum::<f64>() / 7.0;
        let jackknifed = of_intervals(&values, 0.0).cv_jackknife.unwrap();
        assert!((jackknifed - (7.0 * cv(&values) - 6.0 * mean)).abs() < 1e-12, "{jackknifed}");
        assert_eq!(of_intervals(&[1.0, 2.0], 0.0).cv_jackknife, None);
        let regular = of_intervals(&[2.0; 5], 0.0).cv_jackknife.unwrap();
        assert!(regular.abs() < 1e-7, "{regular}");
    }

    #[test]
    fn few_intervals_per_neuron_are_marked() {
        let train = |spikes: u32| (0..spikes).map(|k| 10 * k + k % 3).collect::<Vec<u32>>();
        let of = |few: usize| {
            let trains: Vec<Vec<u32>> =
                (0..20).map(|n| train(if n < few { 20 } else { 21 })).collect();
            of_population(&SpikeTrains::from_trains(&trains), 0.1)
        };
        // Two of twenty neurons have 19 intervals: a tenth. A third is too many.
        assert!(!of(2).are_few() && of(2).cv_ci95().is_some());
        assert!(of(3).are_few() && of(3).cv_ci95().is_none());
        // A silent neuron has too few.
        let silent = of_population(&SpikeTrains::from_trains(&[train(21), vec![]]), 0.1);
        assert!(silent.are_few());
        assert_eq!((silent.cv.count, silent.pooled.count), (1, 20));
    }

    #[test]
    fn one_interval_is_too_few() {
        let stats = of_train(&[3, 9], 1.0);
        assert_eq!(stats.moments.mean(), Some(6.0));
        assert_eq!((stats.moments.cv(), stats.cv2, stats.lv, stats.lvr), (None, None, None, None));
    }
}
