//! Power spectra of spike trains.
//!
//! The spectrum of a train with spikes at t_k over a time T is
//!
//! ```text
//! S(f) = (1/T) |sum_k exp(-2 pi i f t_k)|^2
//! ```
//!
//! two-sided, at f = 1/T, 2/T, ... (Bartlett 1963; Gabbiani and Koch 1998). At high frequencies it
//! tends to the rate; a Poisson train has S(f) = rate everywhere. It is averaged over segments and
//! neurons. The spectrum of the population activity A(t), the mean over neurons of the trains, is
//! (1/T) |sum over all spikes|^2 / N^2; for independent neurons it is S(f) / N.

use std::sync::Arc;

use rayon::prelude::*;
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

use crate::spikes::SpikeTrains;

/// An averaged spectrum.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    /// Resolution, the inverse of a segment's length (Hz); value k is at (k + 1) times this.
    pub df_hz: f64,
    /// Spectrum of the single neuron, averaged over neurons and segments (Hz).
    pub power: Vec<f64>,
    /// Spectrum of the population activity, averaged over segments (Hz).
    pub population: Vec<f64>,
    /// Segments a train was cut into.
    pub segments: usize,
    /// Neurons averaged over: all, or an even choice where there are very many.
    pub neurons: usize,
}

/// How a spectrum is taken.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// Length of a segment (ms); a shorter duration is one segment.
    pub segment_ms: f64,
    /// No frequency above this (Hz).
    pub max_hz: f64,
    /// At most this many points are transformed or pairs of spikes compared, which takes about as long:
    /// beyond, every n-th neuron is taken.
    pub points: usize,
}

impl Default for Method {
    /// Segments of 1 s, up to 2 kHz, at most 2^27 points: for 1 s at 0.1 ms, 13,421 neurons however high
    /// their rates are, or 87,000 at 56 Hz.
    fn default() -> Self {
        Method { segment_ms: 1000.0, max_hz: 2000.0, points: 1 << 27 }
    }
}

/// The spectrum of a population over its first `steps` steps; none if there is no neuron or no
/// frequency below `max_hz`.
pub fn of_trains(trains: &SpikeTrains, steps: u32, dt_ms: f64, method: Method) -> Option<Spectrum> {
    let length = ((method.segment_ms / dt_ms).round().max(1.0) as u32).min(steps);
    let segments = (steps / length.max(1)) as usize;
    let df_hz = 1e3 / (f64::from(length) * dt_ms);
    let frequencies =
        ((method.max_hz / df_hz) as usize).min((length as usize).saturating_sub(1) / 2);
    if trains.neurons() == 0 || frequencies == 0 {
        return None;
    }
    let chosen = affordable(trains, length, segments, method.points);
    let power = single(trains, &chosen, length, segments, frequencies);
    let population = population(trains, length, segments, frequencies);
    let duration_s = f64::from(length) * dt_ms * 1e-3;
    let scale = |power: Vec<f64>, by: f64| power.into_iter().map(|p| p / by).collect();
    Some(Spectrum {
        df_hz,
        power: scale(power, duration_s * (segments * chosen.len()) as f64),
        population: scale(
            population,
            duration_s * segments as f64 * (trains.neurons() as f64).powi(2),
        ),
        segments,
        neurons: chosen.len(),
    })
}

/// The spikes of a train that are in a segment.
fn in_segment(train: &[u32], length: u32, segment: usize) -> &[u32] {
    let first = segment as u32 * length;
    let from = train.partition_point(|&step| step < first);
    let to = from + train[from..].partition_point(|&step| step - first < length);
    &train[from..to]
}

/// The pairs of some spikes.
fn pairs(spikes: &[u32]) -> usize {
    spikes.len() * spikes.len().saturating_sub(1) / 2
}

/// Whether it takes longer to compare all pairs of a segment's spikes than to transform the segment.
fn are_many(spikes: &[u32], length: u32) -> bool {
    pairs(spikes) > length as usize
}

/// An even choice of neurons, as many as `points` allow.
fn affordable(trains: &SpikeTrains, length: u32, segments: usize, points: usize) -> Vec<usize> {
    let cost = |train: &[u32]| -> usize {
        let cost = |segment| pairs(in_segment(train, length, segment)).min(length as usize);
        (0..segments).map(cost).sum()
    };
    let neurons = 0..trains.neurons();
    let all: usize = neurons.clone().into_par_iter().map(|neuron| cost(trains.train(neuron))).sum();
    neurons.step_by(all.div_ceil(points.max(1)).max(1)).collect()
}

/// Sum over neurons and segments of |sum_k exp(-2 pi i f t_k)|^2.
fn single(
    trains: &SpikeTrains,
    chosen: &[usize],
    length: u32,
    segments: usize,
    frequencies: usize,
) -> Vec<f64> {
    // Each segment's spikes and its first step.
    let of_neuron = |&neuron: &usize| {
        let train = trains.train(neuron);
        (0..segments).map(move |n| (in_segment(train, length, n), n as u32 * length))
    };
    let all = || chosen.par_iter().flat_map_iter(of_neuron);
    let dense = all().filter(|(spikes, _)| are_many(spikes, length)).collect();
    let sparse = all().map(|(spikes, _)| spikes).filter(|spikes| !are_many(spikes, length));
    let mut power = of_dense(dense, length, frequencies);
    for (sum, part) in power.iter_mut().zip(of_sparse(sparse, length)) {
        *sum += part;
    }
    power
}

/// The sum of the powers of segments with few spikes.
///
/// ```text
/// |sum_k exp(-2 pi i f t_k)|^2 = sum_k 1 + 2 sum_(j < k) cos(2 pi f (t_k - t_j))
/// ```
///
/// so that the lags of all pairs are counted, and their number transformed once for all segments.
fn of_sparse<'a>(
    segments: impl ParallelIterator<Item = &'a [u32]>,
    length: u32,
) -> impl Iterator<Item = f64> {
    let empty = || (0, vec![0u32; length as usize]);
    let (spikes, lags) = segments
        .fold(empty, |(count, mut lags), spikes| {
            for (k, late) in spikes.iter().enumerate() {
                for early in &spikes[..k] {
                    lags[(late - early) as usize] += 1;
                }
            }
            (count + spikes.len(), lags)
        })
        .reduce(empty, |(count, mut lags), (other_count, others)| {
            lags.iter_mut().zip(others).for_each(|(sum, part)| *sum += part);
            (count + other_count, lags)
        });
    let mut signal: Vec<Complex<f64>> =
        lags.into_iter().map(|lags| Complex::new(f64::from(lags), 0.0)).collect();
    FftPlanner::new().plan_fft_forward(length as usize).process(&mut signal);
    // A sum that is 0 must not be less by a rounding error.
    signal.into_iter().skip(1).map(move |z| (spikes as f64 + 2.0 * z.re).max(0.0))
}

/// Segments whose powers are added up by one task.
const GROUP: usize = 64;

/// The sum of the powers of segments with many spikes, each given with its first step.
///
/// Two segments share a transform, one as the real and one as the imaginary part: the sum of their
/// powers at f is (|Z(f)|^2 + |Z(-f)|^2) / 2.
fn of_dense(segments: Vec<(&[u32], u32)>, length: u32, frequencies: usize) -> Vec<f64> {
    let fft: Arc<dyn Fft<f32>> = FftPlanner::new().plan_fft_forward(length as usize);
    struct Work {
        signal: Vec<Complex<f32>>,
        scratch: Vec<Complex<f32>>,
    }
    let work = || Work {
        signal: vec![Complex::default(); length as usize],
        scratch: vec![Complex::default(); fft.get_inplace_scratch_len()],
    };
    // Sums of fixed groups, added in order: the result does not depend on the threads.
    let groups: Vec<Vec<f64>> = segments
        .par_chunks(GROUP)
        .map_init(work, |work, group| {
            let mut sum = vec![0.0; frequencies];
            for pair in group.chunks(2) {
                work.signal.fill(Complex::default());
                for &step in pair[0].0 {
                    work.signal[(step - pair[0].1) as usize].re += 1.0;
                }
                for (spikes, first) in &pair[1..] {
                    for &step in *spikes {
                        work.signal[(step - first) as usize].im += 1.0;
                    }
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

/// Sum over segments of |sum over all spikes exp(-2 pi i f t_k)|^2.
fn population(trains: &SpikeTrains, length: u32, segments: usize, frequencies: usize) -> Vec<f64> {
    let mut counts = vec![0u32; length as usize * segments];
    for train in trains.iter() {
        for &step in train {
            if let Some(count) = counts.get_mut(step as usize) {
                *count += 1;
            }
        }
    }
    let fft: Arc<dyn Fft<f64>> = FftPlanner::new().plan_fft_forward(length as usize);
    let mut power = vec![0.0; frequencies];
    for segment in counts.chunks(length as usize) {
        let mut signal: Vec<Complex<f64>> =
            segment.iter().map(|&count| Complex::new(f64::from(count), 0.0)).collect();
        fft.process(&mut signal);
        for (power, z) in power.iter_mut().zip(&signal[1..]) {
            *power += z.norm_sqr();
        }
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, term by term.
    fn by_definition(train: &[u32], steps: u32, dt_ms: f64, k: usize) -> f64 {
        let duration = f64::from(steps) * dt_ms * 1e-3;
        let f = (k + 1) as f64 / duration;
        let sum: Complex<f64> = train
            .iter()
            .map(|&step| {
                let t = f64::from(step) * dt_ms * 1e-3;
                Complex::from_polar(1.0, -2.0 * std::f64::consts::PI * f * t)
            })
            .sum();
        sum.norm_sqr() / duration
    }

    /// 36 spikes in 400 steps: too many to compare all pairs.
    fn dense() -> Vec<u32> {
        (0..36).map(|k| 11 * k + k % 3).collect()
    }

    #[test]
    fn the_power_is_that_of_the_definition() {
        let trains =
            SpikeTrains::from_trains(&[vec![3u32, 77, 150, 399], dense(), vec![], vec![200]]);
        assert!(are_many(trains.train(1), 400) && !are_many(trains.train(0), 400));
        let spectrum = of_trains(&trains, 400, 0.5, Method::default()).unwrap();
        assert_eq!((spectrum.segments, spectrum.neurons), (1, 4));
        assert!((spectrum.df_hz - 5.0).abs() < 1e-12);
        for (k, power) in spectrum.power.iter().enumerate() {
            let exact =
                trains.iter().map(|train| by_definition(train, 400, 0.5, k)).sum::<f64>() / 4.0;
            // f32 transforms: roundings of 6e-8 grow with log2(400) and the 36 spikes' sum.
            assert!((power - exact).abs() < 1e-5 * exact.max(10.0), "{k}: {power} is not {exact}");
        }
        let all: Vec<u32> = trains.iter().flatten().copied().collect();
        for (k, power) in spectrum.population.iter().enumerate() {
            let exact = by_definition(&all, 400, 0.5, k) / 16.0;
            assert!((power - exact).abs() < 1e-9 * exact.max(1.0), "{k}: {power} is not {exact}");
        }
    }

    #[test]
    fn pairs_and_transforms_give_the_same_power() {
        let trains = [dense(), vec![0, 1, 5, 399], vec![7], vec![]];
        let segments = || trains.iter().map(Vec::as_slice);
        let by_pairs: Vec<f64> =
            of_sparse(segments().collect::<Vec<_>>().into_par_iter(), 400).take(199).collect();
        let by_transforms = of_dense(segments().map(|train| (train, 0)).collect(), 400, 199);
        assert_eq!(by_pairs.len(), by_transforms.len());
        for (ours, theirs) in by_pairs.iter().zip(&by_transforms) {
            assert!((ours - theirs).abs() < 1e-5 * theirs.max(10.0), "{ours} is not {theirs}");
        }
    }

    #[test]
    fn neurons_are_chosen_by_what_they_cost() {
        let trains = SpikeTrains::from_trains(&vec![vec![1u32, 2, 3, 4]; 100]);
        // Six pairs each.
        assert_eq!(affordable(&trains, 400, 1, 600).len(), 100);
        assert_eq!(affordable(&trains, 400, 1, 300).len(), 50);
        assert_eq!(affordable(&trains, 400, 1, 0).len(), 1);
        // Spikes so many that they are transformed cost the length of the segment.
        let trains = SpikeTrains::from_trains(&vec![dense(); 100]);
        assert_eq!(affordable(&trains, 400, 1, 20_000).len(), 50);
    }

    #[test]
    fn segments_are_averaged() {
        let trains = SpikeTrains::from_trains(&[vec![1u32, 5, 12, 13, 29, 31, 40]]);
        let method = Method { segment_ms: 16.0, ..Method::default() };
        let spectrum = of_trains(&trains, 35, 1.0, method).unwrap();
        assert_eq!(spectrum.segments, 2);
        for (k, power) in spectrum.power.iter().enumerate() {
            let exact = (by_definition(&[1, 5, 12, 13], 16, 1.0, k)
                + by_definition(&[13, 15], 16, 1.0, k))
                / 2.0;
            assert!((power - exact).abs() < 1e-4 * exact.max(10.0), "{k}: {power} is not {exact}");
        }
    }
}
