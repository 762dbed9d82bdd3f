//! Statistics of recorded spike times (s).

use super::Moments;

/// A quantity over equal bins from 0 on.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Binned {
    /// Width of a bin (s).
    pub bin_s: f64,
    /// The value of each bin.
    pub values: Vec<f64>,
}

/// The Fano factor of a train: variance over mean (ddof 0) of the spike counts in windows that
/// tile the time from 0 to `duration_s` (Fano 1947). None with fewer than two whole windows, or
/// without spikes.
pub fn fano(times_s: &[f64], duration_s: f64, window_s: f64) -> Option<f64> {
    // Whole windows, where rounding does not count.
    let windows = (duration_s / window_s + 1e-9).floor() as usize;
    if windows < 2 {
        return None;
    }
    let mut counts = vec![0u32; windows];
    for time in times_s {
        if let Some(count) = counts.get_mut((time / window_s).floor() as usize) {
            *count += 1;
        }
    }
    let moments: Moments = counts.into_iter().map(f64::from).collect();
    let mean = moments.mean().filter(|mean| *mean > 0.0)?;
    moments.std().map(|std| std * std / mean)
}

/// Windows for [`fano`] from about two mean intervals' hundredth to a tenth of the duration, four
/// to a decade.
pub fn fano_windows(duration_s: f64) -> Vec<f64> {
    let longest = duration_s / 10.0;
    (-12..)
        .map(|k| 10f64.powf(f64::from(k) / 4.0))
        .take_while(|&window| window <= longest)
        .filter(|window| duration_s / window < 1e6)
        .collect()
}

/// The autocorrelogram: the rate of spikes at each lag after a spike (Hz), up to `bins` bins.
pub fn autocorrelogram(times_s: &[f64], bin_s: f64, bins: usize) -> Binned {
    let mut counts = vec![0u64; bins];
    for (n, first) in times_s.iter().enumerate() {
        for second in &times_s[n + 1..] {
            match counts.get_mut(((second - first) / bin_s) as usize) {
                Some(count) => *count += 1,
                None => break,
            }
        }
    }
    let per_spike = 1.0 / (times_s.len().max(1) as f64 * bin_s);
    Binned { bin_s, values: counts.into_iter().map(|count| count as f64 * per_spike).collect() }
}

/// The histogram of intervals as a probability density (1/s).
pub fn density(intervals_s: &[f64], bin_s: f64, bins: usize) -> Binned {
    let counts = counted(intervals_s, bin_s, bins);
    let each = 1.0 / (intervals_s.len().max(1) as f64 * bin_s);
    Binned { bin_s, values: counts.into_iter().map(|count| count as f64 * each).collect() }
}

/// The hazard: the rate of spikes (Hz) at a time after the last one, if there was none since
/// (Johnson 1996). Bins that fewer than ten intervals reach are left out.
pub fn hazard(intervals_s: &[f64], bin_s: f64, bins: usize) -> Binned {
    const FEW: u64 = 10;
    let mut left = intervals_s.len() as u64;
    let mut values = Vec::new();
    for count in counted(intervals_s, bin_s, bins) {
        if left < FEW {
            break;
        }
        // Those that end in the bin were at risk for half of it, on average.
        values.push(count as f64 / ((left as f64 - 0.5 * count as f64) * bin_s));
        left -= count;
    }
    Binned { bin_s, values }
}

fn counted(intervals_s: &[f64], bin_s: f64, bins: usize) -> Vec<u64> {
    let mut counts = vec![0u64; bins];
    for interval in intervals_s {
        if let Some(count) = counts.get_mut((interval / bin_s) as usize) {
            *count += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let correlogram = autocorrelogram(&times, 0.01, 25);
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
