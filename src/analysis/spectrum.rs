//! Power spectra of spike trains.
//!
//! The spectrum of a train with spikes at t_k over a time T, seen through a taper h(t), is
//!
//! ```text
//! S(f) = |sum_k h(t_k) exp(-2 pi i f t_k)|^2 / integral of h^2
//! ```
//!
//! two-sided, at f = 1/T, 2/T, ... (Bartlett 1963; Gabbiani and Koch 1998). At high frequencies it
//! tends to the rate; a Poisson train has S(f) = rate everywhere. It is averaged over segments and
//! neurons (Welch 1967). The spectrum of the population activity A(t), the mean over neurons of the trains,
//! is that of all spikes together over N^2; for independent neurons it is S(f) / N.
//!
//! The taper is Hann's, h = (1 - cos(2 pi t / T)) / 2, unless the plain boxcar is asked for. Regular neurons
//! have lines in their spectrum, of the height r^2 T, and a boxcar lets a share of 1 / (2 pi^2 f^2 T^2) of them
//! through at the distance f: at 5 Hz, neurons of 77 Hz and a CV of 0.05 got 83 % too much power (the
//! spectrum of Lindner, Schimansky-Geier and Longtin, Phys Rev E 66:031916, 2002, as the reference). Hann's
//! share falls with the sixth power of f; it costs resolution, 1.5 / T instead of 1 / T. The mean rate, a
//! line at 0 Hz, would reach the first frequency only, and is taken out there. Segments overlap by half, or a
//! little more, so that they end where the window ends and no spike is left out.

mod powers;
mod segments;

use std::sync::Arc;

use rayon::prelude::*;
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

use super::rate::counts_over_time;
use crate::spikes::SpikeTrains;
use crate::window::Window;
use powers::{of_dense, of_sparse};
use segments::Segment;

pub(crate) use segments::Cut;
pub use segments::Taper;

/// An averaged spectrum.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    /// Distance of frequencies, the inverse of a segment's length (Hz); value k is at (k + 1) times this.
    pub df_hz: f64,
    /// Spectrum of the single neuron, averaged over neurons and segments (Hz); empty where no spikes were kept.
    pub power: Vec<f64>,
    /// Spectrum of the population activity, averaged over segments (Hz).
    pub population: Vec<f64>,
    /// The taper.
    pub taper: Taper,
    /// Length of a segment (ms).
    pub segment_ms: f64,
    /// From the begin of a segment to the begin of the next, on average (ms); 0 for a single one.
    pub hop_ms: f64,
    /// Segments a train was cut into.
    pub segments: usize,
    /// Neurons averaged over: all, or an even choice where there are very many.
    pub neurons: usize,
}

/// How a spectrum is taken.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// Length of a segment (ms); a shorter window is one segment.
    pub segment_ms: f64,
    /// The taper of a segment.
    pub taper: Taper,
    /// No frequency above this (Hz).
    pub max_hz: f64,
    /// At most this many points are transformed or pairs of spikes compared, which takes about as long:
    /// beyond, every n-th neuron is taken.
    pub points: usize,
}

impl Default for Method {
    /// Hann's taper over segments of 1 s, up to 2 kHz, at most 2^25 points: for 1 s at 0.1 ms, 3355 neurons
    /// however high their rates are, or 21,700 at 56 Hz. The mean of so many powers, each about exponentially
    /// distributed, has a standard error of 1.7 or 0.7 % at each frequency.
    fn default() -> Self {
        Method { segment_ms: 1000.0, taper: Taper::Hann, max_hz: 2000.0, points: 1 << 25 }
    }
}

/// The spectrum of a population over a window; none if there is no neuron or no frequency below `max_hz`.
pub fn of_trains(
    trains: &SpikeTrains,
    window: Window,
    dt_ms: f64,
    method: Method,
) -> Option<Spectrum> {
    of_activity(trains, &counts_over_time(trains, window, 1), window, dt_ms, method)
}

/// The same, given the spikes of all neurons at each step of the window.
pub fn of_activity(
    trains: &SpikeTrains,
    activity: &[u64],
    window: Window,
    dt_ms: f64,
    method: Method,
) -> Option<Spectrum> {
    let (length, frequencies, df_hz) = frequencies(window, dt_ms, method)?;
    if trains.neurons() == 0 {
        return None;
    }
    let cut = Cut::new(window, length, method.taper);
    let segments = cut.starts.len();
    let chosen = affordable(trains, &cut, method.points);
    let mut power = single(trains, &chosen, &cut, frequencies);
    if method.taper == Taper::Hann {
        power[0] = (power[0] - mean_rates(trains, &chosen, &cut, window)).max(0.0);
    }
    let population = population(activity, window, &cut, frequencies);
    let energy_s = cut.energy_s(dt_ms);
    let scale = |power: Vec<f64>, by: f64| power.into_iter().map(|p| p / by).collect();
    let gaps = (segments - 1).max(1) as f64;
    Some(Spectrum {
        df_hz,
        power: scale(power, energy_s * (segments * chosen.len()) as f64),
        population: scale(
            population,
            energy_s * segments as f64 * (trains.neurons() as f64).powi(2),
        ),
        taper: method.taper,
        segment_ms: f64::from(length) * dt_ms,
        hop_ms: f64::from(window.steps() - length) * dt_ms / gaps,
        segments,
        neurons: chosen.len(),
    })
}

/// Steps of a segment, how many frequencies it has, and their distance (Hz); none without a frequency below `max_hz`.
pub(crate) fn frequencies(window: Window, dt_ms: f64, method: Method) -> Option<(u32, usize, f64)> {
    let length = ((method.segment_ms / dt_ms).round().max(1.0) as u32).min(window.steps());
    let df_hz = 1e3 / (f64::from(length) * dt_ms);
    let frequencies =
        ((method.max_hz / df_hz) as usize).min((length as usize).saturating_sub(1) / 2);
    (frequencies > 0).then_some((length, frequencies, df_hz))
}

/// An even choice of neurons, as many as `points` allow.
fn affordable(trains: &SpikeTrains, cut: &Cut, points: usize) -> Vec<usize> {
    let cost = |train: &[u32]| -> usize {
        cut.segments(train).map(|segment| segment.pairs().min(cut.steps())).sum()
    };
    let neurons = 0..trains.neurons();
    let all: usize = neurons.clone().into_par_iter().map(|neuron| cost(trains.train(neuron))).sum();
    neurons.step_by(all.div_ceil(points.max(1)).max(1)).collect()
}

/// Sum over neurons and segments of |sum_k h(t_k) exp(-2 pi i f t_k)|^2.
fn single(trains: &SpikeTrains, chosen: &[usize], cut: &Cut, frequencies: usize) -> Vec<f64> {
    let all = || chosen.par_iter().flat_map_iter(|&neuron| cut.segments(trains.train(neuron)));
    let dense = all().filter(|segment| segment.is_dense(cut.steps())).collect();
    let sparse = all().filter(|segment| !segment.is_dense(cut.steps()));
    let mut power = of_dense(dense, cut, frequencies);
    for (sum, part) in power.iter_mut().zip(of_sparse(sparse, cut)) {
        *sum += part;
    }
    power
}

/// What the neurons' mean rates add to the power at the first frequency, summed over neurons and segments:
/// there, the transform of Hann's taper over L steps is -L/4, at higher frequencies 0.
fn mean_rates(trains: &SpikeTrains, chosen: &[usize], cut: &Cut, window: Window) -> f64 {
    let length = f64::from(cut.length);
    let turn = 2.0 * std::f64::consts::PI / length;
    let real: Vec<f64> =
        (0..cut.steps()).map(|k| cut.weights[k] * (turn * k as f64).cos()).collect();
    let of_neuron = |&neuron: &usize| {
        let train = trains.train(neuron);
        let rate = window.of(train).len() as f64 / f64::from(window.steps());
        let mean = -0.25 * length * rate;
        // |A|^2 - |A - mean|^2
        let of_segment =
            |s: Segment<'_>| mean * (2.0 * s.indices().map(|k| real[k]).sum::<f64>() - mean);
        cut.segments(train).map(of_segment).sum::<f64>()
    };
    // Collected in order: the sum does not depend on the threads.
    chosen.par_iter().map(of_neuron).collect::<Vec<f64>>().into_iter().sum()
}

/// Sum over segments of |sum over all spikes h(t_k) exp(-2 pi i f t_k)|^2, without their mean rate.
fn population(activity: &[u64], window: Window, cut: &Cut, frequencies: usize) -> Vec<f64> {
    // Of a boxcar, the mean is at no frequency but 0.
    let all: u64 = activity.iter().sum();
    let mean = if cut.taper == Taper::Hann { all as f64 / f64::from(window.steps()) } else { 0.0 };
    let fft: Arc<dyn Fft<f64>> = FftPlanner::new().plan_fft_forward(cut.steps());
    let mut power = vec![0.0; frequencies];
    for start in &cut.starts {
        let segment = &activity[(start - window.from) as usize..][..cut.steps()];
        let weighted = segment.iter().zip(&cut.weights);
        let mut signal: Vec<Complex<f64>> = weighted
            .map(|(&count, weight)| Complex::new((count as f64 - mean) * weight, 0.0))
            .collect();
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

    /// The definition, term by term, of a segment that begins at `first`.
    fn by_definition(
        train: &[u32],
        first: u32,
        steps: u32,
        dt_ms: f64,
        taper: Taper,
        k: usize,
    ) -> f64 {
        let duration = f64::from(steps) * dt_ms * 1e-3;
        let f = (k + 1) as f64 / duration;
        let turn = |x: f64| 2.0 * std::f64::consts::PI * x;
        let h = |step: u32| match taper {
            Taper::Hann => 0.5 - 0.5 * turn(f64::from(step) / f64::from(steps)).cos(),
            Taper::Boxcar => 1.0,
        };
        let phase = |step: u32| Complex::from_polar(1.0, -turn(f * f64::from(step) * dt_ms * 1e-3));
        let inside = train.iter().filter(|&&step| step >= first && step - first < steps);
        let sum: Complex<f64> = inside.map(|&step| phase(step - first) * h(step - first)).sum();
        let energy: f64 = (0..steps).map(|step| h(step).powi(2)).sum();
        sum.norm_sqr() / (energy * dt_ms * 1e-3)
    }

    /// 36 spikes in 400 steps: too many to compare all pairs.
    pub(super) fn dense() -> Vec<u32> {
        (0..36).map(|k| 11 * k + k % 3).collect()
    }

    pub(super) const TAPERS: [Taper; 2] = [Taper::Hann, Taper::Boxcar];

    fn method(taper: Taper) -> Method {
        Method { taper, ..Method::default() }
    }

    #[test]
    fn the_power_is_that_of_the_definition() {
        let trains =
            SpikeTrains::from_trains(&[vec![3u32, 77, 150, 399], dense(), vec![], vec![200]]);
        for taper in TAPERS {
            let window = Window::whole(400);
            let spectrum = of_trains(&trains, window, 0.5, method(taper)).unwrap();
            assert_eq!((spectrum.segments, spectrum.neurons), (1, 4));
            assert!((spectrum.df_hz - 5.0).abs() < 1e-12);
            // The mean rate is taken out of the first frequency.
            let first = if taper == Taper::Hann { 1 } else { 0 };
            let exact = |train: &[u32], k| by_definition(train, 0, 400, 0.5, taper, k);
            for (k, power) in spectrum.power.iter().enumerate().skip(first) {
                let exact = trains.iter().map(|train| exact(train, k)).sum::<f64>() / 4.0;
                // f32 transforms: roundings of 6e-8 grow with log2(400) and the 36 spikes' sum; weights in
                // 15 bits.
                assert!(
                    (power - exact).abs() < 4e-5 * exact.max(10.0),
                    "{k}: {power} is not {exact}"
                );
            }
            let all: Vec<u32> = trains.iter().flatten().copied().collect();
            for (k, power) in spectrum.population.iter().enumerate().skip(first) {
                let exact = exact(&all, k) / 16.0;
                assert!(
                    (power - exact).abs() < 1e-9 * exact.max(1.0),
                    "{k}: {power} is not {exact}"
                );
            }
        }
    }

    #[test]
    fn the_mean_rate_is_in_no_frequency() {
        // A spike at every step is a rate and nothing else.
        let trains = SpikeTrains::from_trains(&[(0..400).collect::<Vec<u32>>()]);
        let spectrum = of_trains(&trains, Window::whole(400), 0.5, Method::default()).unwrap();
        // A rate of 2000 Hz over 0.2 s: a line of 800,000 Hz at 0 Hz, and 2/3 of it at the first frequency.
        assert!(spectrum.power.iter().all(|power| *power < 1.0), "{:?}", &spectrum.power[..3]);
        assert!(spectrum.population.iter().all(|power| *power < 1e-6));
    }

    #[test]
    fn neurons_are_chosen_by_what_they_cost() {
        let cut = Cut::new(Window::whole(400), 400, Taper::Boxcar);
        let trains = SpikeTrains::from_trains(&vec![vec![1u32, 2, 3, 4]; 100]);
        // Six pairs each.
        assert_eq!(affordable(&trains, &cut, 600).len(), 100);
        assert_eq!(affordable(&trains, &cut, 300).len(), 50);
        assert_eq!(affordable(&trains, &cut, 0).len(), 1);
        // Spikes so many that they are transformed cost the length of the segment.
        let trains = SpikeTrains::from_trains(&vec![dense(); 100]);
        assert_eq!(affordable(&trains, &cut, 20_000).len(), 50);
    }

    #[test]
    fn segments_are_averaged_and_reach_to_the_end() {
        let train = vec![101u32, 105, 112, 113, 129, 131, 140];
        let trains = SpikeTrains::from_trains(std::slice::from_ref(&train));
        // 45 steps hold three boxcars of 16, the last two of which overlap, and five tapered segments.
        let window = Window { from: 100, to: 145 };
        for (taper, starts) in
            [(Taper::Boxcar, &[100, 114, 129][..]), (Taper::Hann, &[100, 107, 114, 121, 129])]
        {
            let method = Method { segment_ms: 16.0, taper, ..Method::default() };
            let spectrum = of_trains(&trains, window, 1.0, method).unwrap();
            assert_eq!(spectrum.segments, starts.len());
            for (k, power) in spectrum.power.iter().enumerate().skip(1) {
                let each = starts.iter().map(|&s| by_definition(&train, s, 16, 1.0, taper, k));
                let exact = each.sum::<f64>() / starts.len() as f64;
                assert!(
                    (power - exact).abs() < 1e-4 * exact.max(10.0),
                    "{k}: {power} is not {exact}"
                );
            }
        }
    }
}
