//! The powers of segments, added up: by their pairs of spikes where these are few, by transforms else.

use std::sync::Arc;

use rayon::prelude::*;
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

use super::segments::{Cut, ONE, Segment};

/// The sum of the powers of segments with few spikes.
///
/// ```text
/// |sum_k h_k exp(-2 pi i f t_k)|^2 = sum_k h_k^2 + 2 sum_(j < k) h_j h_k cos(2 pi f (t_k - t_j))
/// ```
///
/// so that the lags of all pairs are added up, and their sums transformed once for all segments.
pub fn of_sparse<'a>(
    segments: impl ParallelIterator<Item = Segment<'a>>,
    cut: &Cut,
) -> impl Iterator<Item = f64> {
    struct Work {
        squares: u64,
        lags: Vec<u64>,
        /// The indices of a segment's spikes, and their weights, next to each other.
        spikes: Vec<(u32, u32)>,
    }
    let empty = || Work { squares: 0, lags: vec![0; cut.steps()], spikes: Vec::new() };
    let Work { squares, lags, .. } = segments
        .fold(empty, |mut work, segment| {
            let weight = |index: usize| (index as u32, u32::from(cut.whole_weights[index]));
            work.spikes.clear();
            work.spikes.extend(segment.indices().map(weight));
            for (k, &(late, late_weight)) in work.spikes.iter().enumerate() {
                work.squares += u64::from(late_weight * late_weight);
                for &(early, weight) in &work.spikes[..k] {
                    work.lags[(late - early) as usize] += u64::from(late_weight * weight);
                }
            }
            work
        })
        .reduce(empty, |mut work, other| {
            work.lags.iter_mut().zip(other.lags).for_each(|(sum, part)| *sum += part);
            work.squares += other.squares;
            work
        });
    let unit = 1.0 / (ONE * ONE);
    let mut signal: Vec<Complex<f64>> =
        lags.into_iter().map(|sum| Complex::new(unit * sum as f64, 0.0)).collect();
    FftPlanner::new().plan_fft_forward(cut.steps()).process(&mut signal);
    // A sum that is 0 must not be less by a rounding error.
    signal.into_iter().skip(1).map(move |z| (unit * squares as f64 + 2.0 * z.re).max(0.0))
}

/// Segments whose powers are added up by one task.
const GROUP: usize = 64;

/// The sum of the powers of segments with many spikes.
///
/// Two segments share a transform, one as the real and one as the imaginary part: the sum of their
/// powers at f is (|Z(f)|^2 + |Z(-f)|^2) / 2.
pub fn of_dense(segments: Vec<Segment<'_>>, cut: &Cut, frequencies: usize) -> Vec<f64> {
    let fft: Arc<dyn Fft<f32>> = FftPlanner::new().plan_fft_forward(cut.steps());
    struct Work {
        signal: Vec<Complex<f32>>,
        scratch: Vec<Complex<f32>>,
    }
    let work = || Work {
        signal: vec![Complex::default(); cut.steps()],
        scratch: vec![Complex::default(); fft.get_inplace_scratch_len()],
    };
    // Sums of fixed groups, added in order: the result does not depend on the threads.
    let groups: Vec<Vec<f64>> = segments
        .par_chunks(GROUP)
        .map_init(work, |work, group| {
            let mut sum = vec![0.0; frequencies];
            for pair in group.chunks(2) {
                work.signal.fill(Complex::default());
                for index in pair[0].indices() {
                    work.signal[index].re += cut.weights[index] as f32;
                }
                for index in pair[1..].iter().flat_map(Segment::indices) {
                    work.signal[index].im += cut.weights[index] as f32;
                }
                fft.process_with_scratch(&mut work.signal, &mut work.scratch);
                let (front, back) = (&work.signal[1..], work.signal[1..].iter().rev());
                for ((power, z), minus_z) in sum.iter_mut().zip(front).zip(back) {
                    *power += f64::from(0.5 * (z.norm_sqr() + minus_z.norm_sqr()));
                }
            }
            sum
        })
        .collect();
    let mut power = vec![0.0; frequencies];
    for group in groups {
        power.iter_mut().zip(group).for_each(|(sum, part)| *sum += part);
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::spectrum::tests::{TAPERS, dense};
    use crate::window::Window;

    #[test]
    fn pairs_and_transforms_give_the_same_power() {
        let trains = [dense(), vec![0, 1, 5, 399], vec![7], vec![]];
        for taper in TAPERS {
            let cut = Cut::new(Window::whole(400), 400, taper);
            let segments = || -> Vec<Segment<'_>> {
                trains.iter().flat_map(|train| cut.segments(train)).collect()
            };
            let by_pairs: Vec<f64> =
                of_sparse(segments().into_par_iter(), &cut).take(199).collect();
            let by_transforms = of_dense(segments(), &cut, 199);
            assert_eq!(by_pairs.len(), by_transforms.len());
            for (ours, theirs) in by_pairs.iter().zip(&by_transforms) {
                // Weights of 41 spikes are rounded to 2^-16: so much is their sum off, twice that and the sum
                // its square.
                let tolerance = 2.0 * theirs.sqrt() * 41.0 / 65_536.0 + 1e-4;
                assert!((ours - theirs).abs() < tolerance, "{ours} is not {theirs}");
            }
        }
    }
}
