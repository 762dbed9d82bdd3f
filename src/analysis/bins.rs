//! The one way in which times are put into bins.

/// A value below the edge of a bin by this share of a bin, or less, is on the edge: times that were computed as
/// differences or products are off their grid by rounding (the quotient of 0.15 and 0.05 is below 3).
pub const TOLERANCE: f64 = 1e-6;

/// The bin of a value, in bins of `width` from 0 on: an edge belongs to the bin above it.
pub fn index(value: f64, width: f64) -> usize {
    (value / width + TOLERANCE).floor() as usize
}

/// How many whole bins of `width` fit into a length.
pub fn fitting(length: f64, width: f64) -> usize {
    index(length, width)
}

/// How many values are in each of `bins` bins; those beyond the last are not counted.
pub fn counts(values: impl IntoIterator<Item = f64>, width: f64, bins: usize) -> Vec<u64> {
    let mut counts = vec![0; bins];
    for value in values {
        if let Some(count) = counts.get_mut(index(value, width)) {
            *count += 1;
        }
    }
    counts
}

/// How many pairs of ascending times have their distance in each of `bins` bins. The work grows with the number of
/// times, not of pairs.
pub fn pair_counts(times: &[f64], width: f64, bins: usize) -> Vec<u64> {
    // Pairs nearer than each edge, the farther partners by a pointer that only moves on.
    let nearer = |edge: usize| {
        let mut end = 0;
        let mut pairs = 0;
        for (n, time) in times.iter().enumerate() {
            end = end.max(n + 1);
            while times.get(end).is_some_and(|later| index(later - time, width) < edge) {
                end += 1;
            }
            pairs += (end - n - 1) as u64;
        }
        pairs
    };
    let nearer: Vec<u64> = (0..=bins).map(nearer).collect();
    nearer.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_belong_to_the_bin_above() {
        for k in 0..10_000 {
            let time = f64::from(k) * 0.05;
            assert_eq!(index(time, 0.05), k as usize);
            assert_eq!(index((time * 1000.0).round() / 1000.0, 0.05), k as usize);
        }
        assert_eq!(index(0.149, 0.05), 2);
        assert_eq!(counts([0.0, 0.15, 0.3, 9.0], 0.15, 3), [1, 1, 1]);
    }

    #[test]
    fn pairs_are_those_of_a_double_loop() {
        let times: Vec<f64> = (0..300).map(|k| f64::from(k * k % 1000) * 0.001).collect();
        let mut times = times;
        times.sort_by(f64::total_cmp);
        let distances = |n: usize| times[n + 1..].iter().map(move |t| (t, n));
        let all = (0..times.len()).flat_map(distances).map(|(t, n)| t - times[n]);
        assert_eq!(pair_counts(&times, 0.007, 20), counts(all.collect::<Vec<_>>(), 0.007, 20));
    }
}
