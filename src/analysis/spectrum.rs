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
    /// At most this many points are transformed: beyond, every n-th neuron is taken.
    pub points: usize,
}

impl Default for Method {
    /// Segments of 1 s, up to 2 kHz, at most 2^28 points (26,843 neurons for 1 s at 0.1 ms).
    fn default() -> Self {
        Method { segment_ms: 1000.0, max_hz: 2000.0, points: 1 << 28 }
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
    let affordable = (method.points / (length as usize * segments)).max(1);
    let stride = trains.neurons().div_ceil(affordable);
    let chosen: Vec<usize> = (0..trains.neurons()).step_by(stride).collect();
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

/// The spikes of a train that are in a segment, from the segment's start.
fn in_segment(train: &[u32], length: u32, segment: usize) -> impl Iterator<Item = usize> + '_ {
    let first = segment as u32 * length;
    let begin = train.partition_point(|&step| step < first);
    train[begin..]
        .iter()
        .map(move |&step| (step - first) as usize)
        .take_while(move |&step| step < length as usize)
}

/// Neurons whose powers are added up by one task.
const GROUP: usize = 64;

/// Sum over neurons and segments of |sum_k exp(-2 pi i f t_k)|^2.
///
/// Two trains share a transform, one as the real and one as the imaginary part: the sum of their
/// powers at f is (|Z(f)|^2 + |Z(-f)|^2) / 2.
fn single(
    trains: &SpikeTrains,
    chosen: &[usize],
    length: u32,
    segments: usize,
    frequencies: usize,
) -> Vec<f64> {
    let fft: Arc<dyn Fft<f32>> = FftPlanner::new().plan_fft_forward(length as usize);
    struct Work {
        signal: Vec<Complex<f32>>,
        scratch: Vec<Complex<f32>>,
        power: Vec<f64>,
    }
    let work = || Work {
        signal: vec![Complex::default(); length as usize],
        scratch: vec![Complex::default(); fft.get_inplace_scratch_len()],
        power: vec![0.0; frequencies],
    };
    // Sums of fixed groups, added in order: the result does not depend on the threads.
    let groups: Vec<Vec<f64>> = chosen
        .par_chunks(GROUP)
        .map(|group| {
            let mut work = work();
            for pair in group.chunks(2) {
                for segment in 0..segments {
                    work.signal.fill(Complex::default());
                    for step in in_segment(trains.train(pair[0]), length, segment) {
                        work.signal[step].re += 1.0;
                    }
                    for &neuron in &pair[1..] {
                        for step in in_segment(trains.train(neuron), length, segment) {
                            work.signal[step].im += 1.0;
                        }
                    }
                    fft.process_with_scratch(&mut work.signal, &mut work.scratch);
                    let (front, back) = (&work.signal[1..], work.signal[1..].iter().rev());
                    for ((power, z), minus_z) in work.power.iter_mut().zip(front).zip(back) {
                        *power += f64::from(0.5 * (z.norm_sqr() + minus_z.norm_sqr()));
                    }
                }
            }
            work.power
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
    for &step in trains.iter().flatten() {
        if let Some(count) = counts.get_mut(step as usize) {
            *count += 1;
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

    #[test]
    fn the_transform_is_the_definition() {
        let trains = SpikeTrains::from_trains(&[vec![3u32, 77, 150, 399], vec![0, 10], vec![200]]);
        let spectrum = of_trains(&trains, 400, 0.5, Method::default()).unwrap();
        assert_eq!((spectrum.segments, spectrum.neurons), (1, 3));
        assert!((spectrum.df_hz - 5.0).abs() < 1e-12);
        for (k, power) in spectrum.power.iter().enumerate() {
            let exact =
                trains.iter().map(|train| by_definition(train, 400, 0.5, k)).sum::<f64>() / 3.0;
            // f32 transforms: roundings of 6e-8 grow with log2(400) and the 7 spikes' sum.
            assert!((power - exact).abs() < 1e-5 * exact.max(10.0), "{k}: {power} is not {exact}");
        }
        let all: Vec<u32> = trains.iter().flatten().copied().collect();
        for (k, power) in spectrum.population.iter().enumerate() {
            let exact = by_definition(&all, 400, 0.5, k) / 9.0;
            assert!((power - exact).abs() < 1e-9 * exact.max(1.0), "{k}: {power} is not {exact}");
        }
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
