//! Statistics of recorded spike times (s): of one neuron, or of several together.

use serde::Serialize;

use super::intervals::{LVR_REFRACTORY_MS, TrainIntervals, of_intervals};
use super::{Moments, bins, round_up};

/// Bins of the histogram, the hazard and the autocorrelogram.
const BINS: usize = 80;

/// Bins of the rate over time, about.
const RATE_BINS: f64 = 100.0;

/// A quantity over equal bins from 0 on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Binned {
    /// Width of a bin (s).
    pub bin_s: f64,
    /// The value of each bin.
    pub values: Vec<f64>,
}

/// A Fano factor and the length of its windows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Fano {
    /// Length of a window (s).
    pub window_s: f64,
    /// Variance over mean of the counts; none without spikes or a second window.
    #[serde(rename = "fano")]
    pub value: Option<f64>,
}

/// The statistics of recorded spike trains. Intervals are within trains, never between them; CV, CV2, LV, LvR and Fano
/// factors are means over the trains that have them.
#[derive(Clone, Debug, Serialize)]
pub struct Statistics {
    /// Trains.
    pub neurons: usize,
    /// Spikes of all trains.
    pub spikes: usize,
    /// Length of the recording (s).
    pub duration_s: f64,
    /// Spikes per train and second (Hz).
    pub rate_hz: f64,
    /// Mean of all intervals (s).
    pub mean_s: Option<f64>,
    /// Their standard deviation (s).
    pub std_s: Option<f64>,
    /// Their median (s).
    pub median_s: Option<f64>,
    /// The shortest (s).
    pub min_s: Option<f64>,
    /// The longest (s).
    pub max_s: Option<f64>,
    /// Coefficient of variation.
    pub cv: Option<f64>,
    /// CV2, see [`intervals`](super::intervals).
    pub cv2: Option<f64>,
    /// LV.
    pub lv: Option<f64>,
    /// LvR.
    pub lvr: Option<f64>,
    /// Fano factor over windows.
    pub fano: Option<f64>,
    /// Length of these windows (s).
    pub fano_window_s: f64,
    /// The same once more, by the name that tells what it is over.
    pub fano_over_windows: FanoOverWindows,
    /// Fano factors of windows of many lengths, four to a decade.
    pub fano_windows: Vec<Fano>,
    /// Histogram of the intervals as a probability density (1/s).
    pub histogram_per_s: Binned,
    /// Hazard (Hz).
    pub hazard_hz: Binned,
    /// Autocorrelogram (Hz).
    pub autocorrelogram_hz: Binned,
    /// The intervals of each train (s).
    #[serde(skip)]
    pub intervals_s: Vec<Vec<f64>>,
    /// The rate over time, per train (Hz).
    #[serde(skip)]
    pub rate_over_time: Binned,
}

/// The Fano factor over windows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FanoOverWindows {
    /// Variance over mean of the counts.
    pub value: Option<f64>,
    /// Length of a window (s).
    pub window_s: f64,
}

impl Statistics {
    /// The statistics of ascending spike times (s) in a recording of `duration_s`, with counts in windows of
    /// `window_s`.
    pub fn new(trains: &[Vec<f64>], duration_s: f64, window_s: f64) -> Self {
        let intervals_of =
            |train: &Vec<f64>| train.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let intervals_s: Vec<Vec<f64>> = trains.iter().map(intervals_of).collect();
        let of = |intervals: &Vec<f64>| of_intervals(intervals, 1e-3 * LVR_REFRACTORY_MS);
        let each: Vec<TrainIntervals> = intervals_s.iter().map(of).collect();
        let mean = |of: fn(&TrainIntervals) -> Option<f64>| {
            Moments::from_iter(each.iter().filter_map(of)).mean()
        };
        let mut sorted = intervals_s.concat();
        let pooled = Moments::of(sorted.iter().copied());
        sorted.sort_by(f64::total_cmp);
        let median = match sorted.len() {
            0 => None,
            n if n % 2 == 1 => Some(sorted[n / 2]),
            n => Some(0.5 * (sorted[n / 2 - 1] + sorted[n / 2])),
        };
        // The histogram shows 99 % of the intervals.
        let last = sorted.get(((sorted.len() as f64 - 1.0) * 0.99).round() as usize).copied();
        let bin = round_up(last.unwrap_or(1.0).max(1e-6) / BINS as f64);
        let mean_fano = |window: f64| {
            let each = trains.iter().filter_map(|train| fano(train, duration_s, window));
            Moments::from_iter(each).mean()
        };
        let fano = mean_fano(window_s);
        let fano_windows = fano_windows(duration_s)
            .into_iter()
            .map(|window_s| Fano { window_s, value: mean_fano(window_s) })
            .filter(|fano| fano.value.is_some());
        let spikes: usize = trains.iter().map(Vec::len).sum();
        let neurons = trains.len();
        Statistics {
            neurons,
            spikes,
            duration_s,
            rate_hz: spikes as f64 / neurons.max(1) as f64 / duration_s,
            mean_s: pooled.mean(),
            std_s: pooled.std(),
            median_s: median,
            min_s: sorted.first().copied(),
            max_s: sorted.last().copied(),
            cv: mean(|train| train.moments.cv()),
            cv2: mean(|train| train.cv2),
            lv: mean(|train| train.lv),
            lvr: mean(|train| train.lvr),
            fano,
            fano_window_s: window_s,
            fano_over_windows: FanoOverWindows { value: fano, window_s },
            fano_windows: fano_windows.collect(),
            histogram_per_s: density(&sorted, bin, BINS),
            hazard_hz: hazard(&sorted, bin, BINS),
            autocorrelogram_hz: autocorrelogram(trains, bin, BINS),
            intervals_s,
            rate_over_time: rate_over_time(trains, duration_s),
        }
    }
}

/// The Fano factor of a train: variance over mean (ddof 0) of the spike counts in windows that
/// tile the time from 0 to `duration_s` (Fano 1947). None with fewer than two whole windows, or
/// without spikes.
pub fn fano(times_s: &[f64], duration_s: f64, window_s: f64) -> Option<f64> {
    let windows = bins::fitting(duration_s, window_s);
    if windows < 2 {
        return None;
    }
    let counts = bins::counts(times_s.iter().copied(), window_s, windows);
    let moments = Moments::of(counts.iter().map(|&count| count as f64));
    let mean = moments.mean().filter(|mean| *mean > 0.0)?;
    moments.std().map(|std| std * std / mean)
}

/// Windows for [`fano`] from 1 ms to a tenth of the duration, four to a decade.
pub fn fano_windows(duration_s: f64) -> Vec<f64> {
    let longest = duration_s / 10.0;
    (-12..)
        .map(|k| 10f64.powf(f64::from(k) / 4.0))
        .take_while(|&window| window <= longest)
        .filter(|window| duration_s / window < 1e6)
        .collect()
}

/// The autocorrelogram: the rate of spikes at each lag after a spike of the same train (Hz), in `bins` bins.
pub fn autocorrelogram(trains: &[Vec<f64>], bin_s: f64, bins: usize) -> Binned {
    let mut counts = vec![0u64; bins];
    for train in trains {
        let pairs = bins::pair_counts(train, bin_s, bins);
        counts.iter_mut().zip(pairs).for_each(|(sum, pairs)| *sum += pairs);
    }
    let spikes: usize = trains.iter().map(Vec::len).sum();
    let per_spike = 1.0 / (spikes.max(1) as f64 * bin_s);
    Binned { bin_s, values: counts.into_iter().map(|count| count as f64 * per_spike).collect() }
}

/// The histogram of intervals as a probability density (1/s).
pub fn density(intervals_s: &[f64], bin_s: f64, bins: usize) -> Binned {
    let counts = bins::counts(intervals_s.iter().copied(), bin_s, bins);
    let each = 1.0 / (intervals_s.len().max(1) as f64 * bin_s);
    Binned { bin_s, values: counts.into_iter().map(|count| count as f64 * each).collect() }
}

/// The hazard: the rate of spikes (Hz) at a time after the last one, if there was none since
/// (Johnson 1996). Bins that fewer than ten intervals reach are left out.
pub fn hazard(intervals_s: &[f64], bin_s: f64, bins: usize) -> Binned {
    const FEW: u64 = 10;
    let mut left = intervals_s.len() as u64;
    let mut values = Vec::new();
    for count in bins::counts(intervals_s.iter().copied(), bin_s, bins) {
        if left < FEW {
            break;
        }
        // Those that end in the bin were at risk for half of it, on average.
        values.push(count as f64 / ((left as f64 - 0.5 * count as f64) * bin_s));
        left -= count;
    }
    Binned { bin_s, values }
}

/// The rate over time (Hz), per train; the last bin may be cut short by the end.
fn rate_over_time(trains: &[Vec<f64>], duration_s: f64) -> Binned {
    let bin_s = round_up(duration_s / RATE_BINS);
    let whole = bins::fitting(duration_s, bin_s);
    let rest = duration_s - whole as f64 * bin_s;
    let bins = if rest > bins::TOLERANCE * bin_s { whole + 1 } else { whole };
    let last = bins.saturating_sub(1);
    let mut counts = vec![0u64; bins];
    for time in trains.iter().flatten() {
        // A spike at the very end belongs to the last bin.
        counts[bins::index(*time, bin_s).min(last)] += 1;
    }
    let width = |bin: usize| if bin == whole { rest } else { bin_s };
    let per_train = 1.0 / trains.len().max(1) as f64;
    let rates = counts.iter().enumerate();
    Binned { bin_s, values: rates.map(|(bin, &n)| n as f64 * per_train / width(bin)).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spikes_on_a_grid_fall_into_their_bins() {
        // A spike every 50 ms, as a file of three decimals has them: each window has one.
        let times: Vec<f64> = (0..200).map(|k| f64::from(k * 50) / 1000.0).collect();
        assert_eq!(fano(&times, 10.0, 0.05), Some(0.0));
        // Intervals of whole milliseconds.
        let mut step = 0;
        let times: Vec<f64> = (0..4000)
            .map(|k: i32| {
                step += 2 + k * k % 23;
                f64::from(step) / 1000.0
            })
            .collect();
        let intervals: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mut exact = vec![0.0; 30];
        (1..4000).for_each(|k: i32| exact[(2 + k * k % 23) as usize] += 1.0);
        let found = density(&intervals, 0.001, 30).values;
        let counts: Vec<f64> = found.iter().map(|d| (d * 3999.0 * 0.001).round()).collect();
        assert_eq!(counts, exact);
    }

    #[test]
    fn several_trains_are_pooled_but_not_joined() {
        let trains = [vec![0.1, 0.2, 0.4], vec![0.15, 0.35], vec![]];
        let of = Statistics::new(&trains, 1.0, 0.5);
        assert_eq!((of.neurons, of.spikes), (3, 5));
        assert!((of.rate_hz - 5.0 / 3.0).abs() < 1e-12);
        // Intervals 0.1, 0.2, 0.2: the CV is that of the first train, 1/3.
        assert!((of.mean_s.unwrap() - 0.5 / 3.0).abs() < 1e-12);
        assert!((of.cv.unwrap() - 1.0 / 3.0).abs() < 1e-12);
        assert!(
            (of.rate_over_time.values.iter().sum::<f64>() * of.rate_over_time.bin_s - 5.0 / 3.0)
                .abs()
                < 1e-9
        );
    }

    #[test]
    fn fano_by_hand() {
        // Counts 2, 0 in two windows of 1 s: mean 1, variance 1.
        assert_eq!(fano(&[0.1, 0.5], 2.0, 1.0), Some(1.0));
        assert_eq!(fano(&[0.1, 1.5], 2.0, 1.0), Some(0.0));
        assert_eq!(fano(&[], 2.0, 1.0), None);
        assert_eq!(fano(&[0.1], 1.5, 1.0), None);
    }

    #[test]
    fn a_regular_train_repeats_at_its_period() {
        let times: Vec<f64> = (0..1000).map(|k| 0.0505 + 0.1 * f64::from(k)).collect();
        let correlogram = autocorrelogram(&[times], 0.01, 25);
        let peaks: Vec<usize> = (0..25).filter(|&k| correlogram.values[k] > 50.0).collect();
        assert!(peaks.iter().all(|k| [9, 10, 19, 20].contains(k)), "{peaks:?}");
        // One spike per period: 100 Hz in a bin of 10 ms.
        let around: f64 = correlogram.values[9..11].iter().sum();
        assert!((around - 100.0).abs() < 1.0, "{around}");
    }

    #[test]
    fn exponential_intervals_have_a_flat_hazard() {
        // Quantiles of the exponential distribution of mean 0.05 s: hazard 20 Hz.
        let n = 100_000;
        let intervals: Vec<f64> =
            (0..n).map(|k| -0.05 * (1.0 - (f64::from(k) + 0.5) / f64::from(n)).ln()).collect();
        let hazard = hazard(&intervals, 0.002, 100);
        assert!(
            hazard.values.iter().take(50).all(|h| (h - 20.0).abs() < 0.2),
            "{:?}",
            hazard.values
        );
        let area: f64 = density(&intervals, 0.002, 1000).values.iter().map(|d| d * 0.002).sum();
        assert!((area - 1.0).abs() < 1e-3, "{area}");
    }
}
