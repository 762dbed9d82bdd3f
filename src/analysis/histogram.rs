//! Histograms of intervals: of spikes that are kept, and of intervals that were only counted.

use rayon::prelude::*;

use super::divisor::Divisor;
use super::intervals::intervals;
use super::{Moments, round_up};
use crate::spikes::SpikeTrains;

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

/// Neurons that a task looks at, at least.
const GROUP: usize = 256;

/// The histogram of all intervals, up to six standard deviations above the mean; none without
/// intervals.
pub fn of_trains(trains: &SpikeTrains, pooled: &Moments, dt_ms: f64) -> Option<Histogram> {
    let neurons = || (0..trains.neurons()).into_par_iter().with_min_len(GROUP);
    let longest = neurons().filter_map(|neuron| intervals(trains.train(neuron)).max()).max()?;
    Histogram::of(pooled, longest, dt_ms, |bin_steps, bins| {
        let empty = || vec![0u64; bins + 1];
        let bin_steps = Divisor::new(bin_steps);
        neurons()
            .fold(empty, |mut counts, neuron| {
                for steps in intervals(trains.train(neuron)) {
                    let bin = (bin_steps.quotient(steps) as usize).min(bins);
                    counts[bin] += 1;
                }
                counts
            })
            .reduce(empty, |mut sum, part| {
                sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
                sum
            })
    })
}

impl Histogram {
    /// With bins for intervals of these moments; `count` counts them in bins of some steps, of which those past the last
    /// are one more.
    fn of(
        pooled: &Moments,
        longest: u32,
        dt_ms: f64,
        count: impl Fn(u32, usize) -> Vec<u64>,
    ) -> Option<Histogram> {
        let std = pooled.std().unwrap_or(0.0);
        let end = (pooled.mean()? + 6.0 * std).min(f64::from(longest) * dt_ms) + dt_ms;
        let bin_steps = (round_up(end / BINS) / dt_ms).round().max(1.0) as u32;
        let bin_ms = f64::from(bin_steps) * dt_ms;
        let mut counts = count(bin_steps, (end / bin_ms).ceil() as usize);
        let beyond = counts.pop().unwrap_or(0);
        Some(Histogram { bin_ms, counts, beyond })
    }
}

/// How often intervals of each length came, before it is known which bins would do: exact up to a power of two of steps,
/// beyond in bins that are a half of that in every octave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntervalCounts {
    /// The power of two.
    pub(crate) exact: u32,
    /// The longest interval.
    pub(crate) longest: u32,
    /// In each bin, up to that of the longest.
    pub(crate) counts: Vec<u64>,
}

impl IntervalCounts {
    /// None yet; exact below 2^`exact` steps.
    pub fn new(exact: u32) -> Self {
        IntervalCounts { exact, longest: 0, counts: Vec::new() }
    }

    /// Whether they are exact to 2^`exact` steps, and there are no bins behind that of the longest.
    pub fn fits(&self, exact: u32) -> bool {
        let bins = if self.longest == 0 { 1 } else { Self::bin(exact, self.longest) + 1 };
        self.exact == exact && self.counts.len() <= bins
    }

    /// The bin of an interval.
    pub(crate) fn bin(exact: u32, interval: u32) -> usize {
        match interval >> exact {
            0 => interval as usize,
            _ => {
                let octave = interval.ilog2() - exact;
                let half = 1usize << (exact - 1);
                let within = (interval - (1 << (exact + octave))) >> (octave + 1);
                (1 << exact) + octave as usize * half + within as usize
            }
        }
    }

    /// The shortest interval of a bin.
    fn shortest(exact: u32, bin: usize) -> u32 {
        match bin >> exact {
            0 => bin as u32,
            _ => {
                let half = 1usize << (exact - 1);
                let (octave, within) = ((bin - (1 << exact)) / half, (bin - (1 << exact)) % half);
                (1 << (exact + octave as u32)) + ((within as u32) << (octave + 1))
            }
        }
    }

    /// Adds intervals (steps); 0 is none.
    pub fn extend(&mut self, intervals: impl Iterator<Item = u32> + Clone) {
        self.make_room(intervals.clone().fold(0, u32::max));
        intervals.for_each(|interval| self.add(interval));
        self.counts[0] = 0;
    }

    /// Makes room for intervals of up to `longest` steps, which come next.
    pub(crate) fn make_room(&mut self, longest: u32) {
        self.longest = self.longest.max(longest);
        let bins = Self::bin(self.exact, self.longest) + 1;
        if bins > self.counts.len() {
            self.counts.resize(bins, 0);
        }
    }

    /// Adds an interval that there is room for; one of 0 steps is none, and has to be dropped in the end.
    #[inline]
    pub(crate) fn add(&mut self, interval: u32) {
        self.counts[Self::bin(self.exact, interval)] += 1;
    }

    /// All of both, which are exact to the same length.
    #[must_use]
    pub fn merge(mut self, other: IntervalCounts) -> IntervalCounts {
        self.exact = self.exact.max(other.exact);
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        self.counts.iter_mut().zip(&other.counts).for_each(|(sum, part)| *sum += part);
        self.longest = self.longest.max(other.longest);
        self
    }

    /// The histogram of intervals with these moments; none without intervals.
    pub fn histogram(&self, pooled: &Moments, dt_ms: f64) -> Option<Histogram> {
        if self.longest == 0 {
            return None;
        }
        Histogram::of(pooled, self.longest, dt_ms, |bin_steps, bins| {
            let mut counts = vec![0u64; bins + 1];
            for (bin, &count) in self.counts.iter().enumerate() {
                let interval = Self::shortest(self.exact, bin);
                counts[((interval / bin_steps) as usize).min(bins)] += count;
            }
            counts
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::intervals::of_population;

    #[test]
    fn the_histogram_holds_every_interval() {
        let trains = SpikeTrains::from_trains(&[vec![0, 10, 30, 31], vec![5, 1005], vec![]]);
        let stats = of_population(&trains, 0.1);
        assert_eq!(stats.pooled.count, 4);
        let histogram = of_trains(&trains, &stats.pooled, 0.1).unwrap();
        assert_eq!(histogram.counts.iter().sum::<u64>() + histogram.beyond, 4);
        assert_eq!(histogram.beyond, 0);
        let area: f64 = histogram.density().iter().map(|d| d * histogram.bin_ms).sum();
        assert!((area - 1.0).abs() < 1e-12);
    }
}
