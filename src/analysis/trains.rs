//! The interval statistics of each of many spike trains, as [`intervals`](super::intervals) defines them.

use multiversion::multiversion;

use super::Moments;
use super::sums::{Contrast, TrainSums};
use super::train::TrainIntervals;

/// Intervals that are computed side by side.
const LANES: usize = 8;

/// The statistics of a train; `intervals` is memory to work in.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl", "x86_64+avx2"))]
pub fn of_train(train: &[u32], dt_ms: f64, intervals: &mut Vec<f64>) -> TrainIntervals {
    intervals.clear();
    intervals.extend(train.windows(2).map(|pair| f64::from(pair[1] - pair[0])));
    let statistics = of_sums(train, intervals).intervals(dt_ms);
    let moments = statistics.moments.times(1.0 / dt_ms);
    TrainIntervals { cv_jackknife: jackknife(intervals, &moments), ..statistics }
}

/// The sums of a train with these intervals (steps), but for those of counts in windows.
#[inline(always)]
fn of_sums(train: &[u32], intervals: &[f64]) -> TrainSums {
    let (Some(&first), Some(&last)) = (train.first(), train.last()) else {
        return TrainSums::default();
    };
    let squares = train.windows(2).map(|pair| u64::from(pair[1] - pair[0]).pow(2)).sum();
    let mut sums =
        TrainSums { count: train.len() as u32, first, last, squares, ..TrainSums::default() };
    let after = intervals.get(1..).unwrap_or_default();
    let (now, before) = (after.chunks_exact(LANES), intervals.chunks_exact(LANES));
    let rest = now.remainder().iter().zip(&intervals[after.len() - now.remainder().len()..]);
    for (now, before) in now.zip(before) {
        let mut contrasts = [Contrast::default(); LANES];
        for (contrast, pair) in contrasts.iter_mut().zip(now.iter().zip(before)) {
            *contrast = Contrast::of_steps(pair);
        }
        // In the order of time, as where they come one by one.
        contrasts.into_iter().for_each(|contrast| sums.add(contrast));
    }
    rest.for_each(|pair| sums.add(Contrast::of_steps(pair)));
    sums
}

/// The jackknifed CV of intervals, given their moments.
#[inline(always)]
pub fn jackknife(intervals: &[f64], moments: &Moments) -> Option<f64> {
    let (mean, std, n) = (moments.mean()?, moments.std()?, moments.count as f64);
    if moments.count < 3 || mean <= 0.0 {
        return None;
    }
    // Without an interval that is x above the mean, the mean is lower by x / (n - 1), and the variance
    // n / (n - 1) times what it is, less x^2 n / (n - 1)^2.
    let (rest, per_rest, variance) = (n - 1.0, 1.0 / (n - 1.0), std * std);
    let without_one = |interval: f64| {
        let x = interval - mean;
        let variance = n * per_rest * (variance - x * x * per_rest);
        variance.max(0.0).sqrt() / (mean - x * per_rest)
    };
    let mut sums = [0.0; LANES];
    let side_by_side = intervals.chunks_exact(LANES);
    for (sum, &interval) in sums.iter_mut().zip(side_by_side.remainder()) {
        *sum += without_one(interval);
    }
    for some in side_by_side {
        for (sum, &interval) in sums.iter_mut().zip(some) {
            *sum += without_one(interval);
        }
    }
    let jackknifed = n * (std / mean) - rest * (sums.iter().sum::<f64>() / n);
    Some(jackknifed).filter(|cv| cv.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sums::CountWindows;

    #[test]
    fn side_by_side_or_one_by_one_the_sums_are_the_same() {
        for spikes in 0..40u32 {
            let train: Vec<u32> = (0..spikes).map(|k| 7 + 11 * k + k * k % 13).collect();
            let intervals: Vec<f64> =
                train.windows(2).map(|pair| f64::from(pair[1] - pair[0])).collect();
            let mut one_by_one = TrainSums::default();
            for &step in &train {
                let pair = one_by_one.advance(step, CountWindows::new(0, u32::MAX));
                one_by_one.add(Contrast::of(pair));
            }
            let sums = of_sums(&train, &intervals);
            assert_eq!(sums.intervals(0.1), one_by_one.intervals(0.1), "{spikes} spikes");
        }
    }
}
