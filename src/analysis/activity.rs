//! The activity of a population, the spikes of all its neurons at each step, while it comes: its rate over time, the
//! variance of its counts, and its spectrum.

use std::fmt;
use std::sync::Arc;

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

use super::rate::RateOverTime;
use super::spectrum::{Cut, Method, Spectrum, Taper, frequencies};
use super::sums::CountWindows;
use crate::window::Window;

/// How activity is looked at: the same for all populations.
#[derive(Clone, Debug)]
pub struct Looks {
    /// The analysis window.
    pub window: Window,
    /// Time step (ms).
    pub dt_ms: f64,
    /// The windows in which spikes are counted.
    pub windows: CountWindows,
    /// Steps of a bin of the rate over time.
    pub rate_bin: u32,
    /// Steps of a bin of what is kept to look for transients.
    pub fine_bin: u32,
    spectrum: Option<Segments>,
}

/// The segments of the spectrum, and their transform.
#[derive(Clone)]
struct Segments {
    cut: Arc<Cut>,
    fft: Arc<dyn Fft<f64>>,
    frequencies: usize,
    df_hz: f64,
}

impl fmt::Debug for Segments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segments").field("cut", &self.cut).finish_non_exhaustive()
    }
}

impl Looks {
    /// For a run of an experiment; `fine` is about how many numbers are kept of the whole run.
    pub fn new(
        window: Window,
        dt_ms: f64,
        windows: CountWindows,
        rate_bin: u32,
        fine: u32,
        method: Method,
    ) -> Self {
        let spectrum = frequencies(window, dt_ms, method).map(|(length, frequencies, df_hz)| {
            let cut = Arc::new(Cut::new(window, length, method.taper));
            let fft = FftPlanner::new().plan_fft_forward(cut.steps());
            Segments { cut, fft, frequencies, df_hz }
        });
        let fine_bin = window.steps().div_ceil(fine.max(1)).max(1);
        Looks { window, dt_ms, windows, rate_bin, fine_bin, spectrum }
    }
}

/// What is known of a population's activity.
#[derive(Clone, Debug)]
pub struct Activity {
    /// Spikes in the count window that is not yet complete, and sums over the others.
    in_window: u64,
    sum: u64,
    squares: u128,
    /// Spikes in each bin of the rate.
    rate: Vec<u64>,
    /// Spikes in each fine bin.
    fine: Vec<u32>,
    /// Spikes at steps from the begin of the next segment on.
    pending: Vec<u32>,
    next_segment: usize,
    /// Sums over segments: of the power, and of the real part at the first frequency.
    power: Vec<f64>,
    first: f64,
}

impl Activity {
    /// Nothing yet.
    pub fn new(looks: &Looks) -> Self {
        let steps = looks.window.steps();
        let frequencies = looks.spectrum.as_ref().map_or(0, |segments| segments.frequencies);
        Activity {
            in_window: 0,
            sum: 0,
            squares: 0,
            rate: vec![0; steps.div_ceil(looks.rate_bin) as usize],
            fine: vec![0; steps.div_ceil(looks.fine_bin) as usize],
            pending: Vec::new(),
            next_segment: 0,
            power: vec![0.0; frequencies],
            first: 0.0,
        }
    }

    /// Takes the number of spikes at each step from `first_step` on.
    pub fn take(&mut self, looks: &Looks, first_step: u32, counts: &[u32]) {
        let Window { from, to } = looks.window;
        let end = first_step.saturating_add(counts.len() as u32).min(to);
        let begin = first_step.max(from);
        if begin >= end {
            return;
        }
        let counts = &counts[(begin - first_step) as usize..(end - first_step) as usize];
        let (windows, mut at) = (looks.windows, begin - from);
        let mut rest = counts;
        // From the end of one bin or window to the next.
        while !rest.is_empty() {
            let to_end = |length: u32| length - at % length;
            let length = to_end(looks.rate_bin).min(to_end(looks.fine_bin));
            let length = length.min(to_end(windows.length())) as usize;
            let (now, later) = rest.split_at(length.min(rest.len()));
            let spikes: u64 = now.iter().map(|&count| u64::from(count)).sum();
            self.rate[(at / looks.rate_bin) as usize] += spikes;
            self.fine[(at / looks.fine_bin) as usize] += spikes as u32;
            self.in_window += spikes;
            at += now.len() as u32;
            if at % windows.length() == 0 {
                let spikes = std::mem::take(&mut self.in_window);
                self.sum += spikes;
                self.squares += u128::from(spikes) * u128::from(spikes);
            }
            rest = later;
        }
        if let Some(segments) = &looks.spectrum {
            self.pending.extend_from_slice(counts);
            self.transform(segments, end);
        }
    }

    /// Transforms the segments that are complete; `end` is the step after the last that came.
    fn transform(&mut self, segments: &Segments, end: u32) {
        let Segments { cut, fft, frequencies, .. } = segments;
        while let Some(&start) = cut.starts.get(self.next_segment)
            && start + cut.length <= end
        {
            let first = end - self.pending.len() as u32;
            self.pending.drain(..(start - first) as usize);
            let weighted = self.pending.iter().zip(&cut.weights);
            let mut signal: Vec<Complex<f64>> = weighted
                .map(|(&count, weight)| Complex::new(f64::from(count) * weight, 0.0))
                .collect();
            fft.process(&mut signal);
            for (power, z) in self.power.iter_mut().zip(&signal[1..=*frequencies]) {
                *power += z.norm_sqr();
            }
            self.first += signal[1].re;
            self.next_segment += 1;
        }
        if let Some(&start) = cut.starts.get(self.next_segment) {
            let first = end - self.pending.len() as u32;
            self.pending.drain(..start.saturating_sub(first).min(end - first) as usize);
        } else {
            self.pending.clear();
        }
    }

    /// All that is known, as numbers of an archive.
    pub fn numbers(&self) -> Vec<u64> {
        let [low, high] = [self.squares as u64, (self.squares >> 64) as u64];
        let (segment, first) = (self.next_segment as u64, self.first.to_bits());
        let mut numbers = vec![self.in_window, self.sum, low, high, segment, first];
        numbers.push(self.pending.len() as u64);
        numbers.extend(
            self.rate.iter().chain(&self.power.iter().map(|x| x.to_bits()).collect::<Vec<_>>()),
        );
        numbers.extend(self.fine.iter().chain(&self.pending).map(|count| u64::from(*count)));
        numbers
    }

    /// From such numbers; none if they are not as many as there should be.
    pub fn of_numbers(looks: &Looks, numbers: &[u64]) -> Option<Self> {
        let mut activity = Activity::new(looks);
        let (&[in_window, sum, low, high, segment, first, pending], mut rest) =
            numbers.split_first_chunk()?;
        let mut take = |count: usize| {
            let (own, others) = rest.split_at_checked(count)?;
            rest = others;
            Some(own)
        };
        let rate = take(activity.rate.len())?;
        activity.rate.copy_from_slice(rate);
        let power = take(activity.power.len())?;
        activity.power.iter_mut().zip(power).for_each(|(x, bits)| *x = f64::from_bits(*bits));
        let fine = take(activity.fine.len())?;
        activity.fine.iter_mut().zip(fine).for_each(|(own, count)| *own = *count as u32);
        activity.pending =
            take(usize::try_from(pending).ok()?)?.iter().map(|count| *count as u32).collect();
        let squares = u128::from(high) << 64 | u128::from(low);
        let (next_segment, first) = (segment as usize, f64::from_bits(first));
        rest.is_empty().then_some(Activity {
            in_window,
            sum,
            squares,
            next_segment,
            first,
            ..activity
        })
    }

    /// Sum and sum of squares of the counts of all neurons in the complete windows.
    pub fn counts(&self) -> (u64, u128) {
        (self.sum, self.squares)
    }

    /// The rate over time of some neurons, over the part of the window that was done.
    pub fn rate(&self, looks: &Looks, done: Window, neurons: usize) -> RateOverTime {
        RateOverTime::of_counts(&self.rate, looks.rate_bin, done, neurons, looks.dt_ms)
    }

    /// Spikes in each of some fine bins together.
    pub fn bins(&self, of: u32) -> Vec<u64> {
        let sum = |some: &[u32]| some.iter().map(|&count| u64::from(count)).sum();
        self.fine.chunks(of.max(1) as usize).map(sum).collect()
    }

    /// The spectrum of the activity of some neurons over the part of the window that was done; none without a whole
    /// segment.
    pub fn spectrum(&self, looks: &Looks, done: Window, neurons: usize) -> Option<Spectrum> {
        let Segments { cut, df_hz, .. } = looks.spectrum.as_ref()?;
        let segments = self.next_segment;
        if segments == 0 {
            return None;
        }
        let mut power = self.power.clone();
        if cut.taper == Taper::Hann {
            // The mean rate m, whose transform is -m L/4 at the first frequency: |A + m L/4|^2 in each segment.
            let spikes: u64 = self.rate.iter().sum();
            let mean = spikes as f64 / f64::from(done.steps());
            let line = 0.25 * mean * f64::from(cut.length);
            power[0] += 2.0 * line * self.first + segments as f64 * line * line;
            power[0] = power[0].max(0.0);
        }
        let scale = cut.energy_s(looks.dt_ms) * segments as f64 * (neurons as f64).powi(2);
        let hop = match segments {
            1 => 0,
            _ => cut.starts[segments - 1] - cut.starts[0],
        };
        Some(Spectrum {
            df_hz: *df_hz,
            power: Vec::new(),
            population: power.into_iter().map(|power| power / scale).collect(),
            taper: cut.taper,
            segment_ms: f64::from(cut.length) * looks.dt_ms,
            hop_ms: f64::from(hop) * looks.dt_ms / (segments - 1).max(1) as f64,
            segments,
            neurons,
        })
    }
}
