//! How long the start of a population shows in its rate: neurons that start alike fire together at first.

use super::rate::in_bins;
use crate::window::Window;

/// The start of a population shows in its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transient {
    /// The step from which on it is gone; none if it shows to the end.
    pub until: Option<u32>,
}

/// Bins of a cycle, which is a mean interval long: a whole cycle is looked at, since neurons in step fire at
/// one of its phases.
const BINS: u32 = 8;

/// Spikes that a bin should have on average, so that their number is about normally distributed.
const SPIKES_PER_BIN: f64 = 10.0;

/// The sum over bins of squared deviations over the variance is chi-squared distributed with as many degrees of
/// freedom as there are bins, if the rate is the later mean. A sum above this is chance once in 5000 times or
/// less.
fn most(bins: f64) -> f64 {
    bins + 4.0 * (2.0 * bins).sqrt() + 6.0
}

/// Whether the rate over time differs from its later mean, that of the second half of the window, beyond
/// chance, and until when: the first cycle from which on it does not over one cycle, nor over two, four, ... 16.
/// None where it does not differ, or where there are too few spikes to say.
///
/// By chance, the number of spikes in a bin has at most the variance of a Poisson process, where neurons are
/// independent of each other and forget: in white noise of their own (`poisson`). Where they do not, what counts as
/// chance is up to twice what the second half of the window shows.
///
/// `activity` is the spikes of all neurons at each step of the window.
pub fn of_activity(
    neurons: usize,
    activity: &[u64],
    window: Window,
    poisson: bool,
) -> Option<Transient> {
    let late = activity[(second_half(window).from - window.from) as usize..].iter().sum();
    of_counts(neurons, late, window, poisson, 1, |bin| in_bins(activity, bin))
}

/// The later half of a window.
fn second_half(window: Window) -> Window {
    Window { from: window.from + window.steps() / 2, to: window.to }
}

/// The same from `late`, the spikes in the second half of a window, and from those of bins, of a number of steps that is
/// a multiple of `fine`, from its begin on.
pub fn of_counts(
    neurons: usize,
    late: u64,
    window: Window,
    poisson: bool,
    fine: u32,
    counts: impl Fn(u32) -> Vec<u64>,
) -> Option<Transient> {
    if late == 0 {
        return None;
    }
    let half = second_half(window);
    let per_step = late as f64 / f64::from(half.steps());
    let interval = neurons as f64 / per_step;
    let bin = (interval / f64::from(BINS)).max(SPIKES_PER_BIN / per_step) / f64::from(fine);
    let bin = bin.ceil() * f64::from(fine);
    // Two cycles at least in each half.
    if bin * f64::from(4 * BINS) > f64::from(window.steps()) {
        return None;
    }
    let bin = bin as u32;
    let mut counts = counts(bin);
    counts.truncate((window.steps() / bin) as usize);
    let counts: Vec<f64> = counts.into_iter().map(|count| count as f64).collect();
    let mean = per_step * f64::from(bin);
    let squares = |counts: &[f64]| counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>();
    let cycles: Vec<f64> =
        counts.chunks_exact(BINS as usize).map(|cycle| squares(cycle) / mean).collect();
    let late = &cycles[cycles.len().div_ceil(2)..];
    let differs_from = |first: usize| {
        [1, 2, 4, 8, 16].into_iter().any(|length| {
            let some = &cycles[first..cycles.len().min(first + length)];
            let sum = |cycles: &[f64]| cycles.iter().sum::<f64>();
            let limit = most((some.len() * BINS as usize) as f64);
            let seen = late.windows(some.len().min(late.len())).map(sum).fold(0.0, f64::max);
            sum(some) > if poisson { limit } else { limit.max(2.0 * seen) }
        })
    };
    if !differs_from(0) {
        return None;
    }
    let gone = (1..cycles.len() - 1).find(|&first| !differs_from(first));
    Some(Transient { until: gone.map(|cycle| window.from + cycle as u32 * BINS * bin) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::rate::counts_over_time;
    use crate::random::{Purpose, Stream};
    use crate::spikes::SpikeTrains;

    fn of_trains(trains: &SpikeTrains, window: Window, poisson: bool) -> Option<Transient> {
        let activity = counts_over_time(trains, window, 1);
        of_activity(trains.neurons(), &activity, window, poisson)
    }

    /// Poisson trains of a spike in 20 steps, of which none in the first `silent` ones.
    fn poisson(neurons: u32, steps: u32, silent: u32) -> SpikeTrains {
        let train = |neuron| {
            let mut stream = Stream::new(3, neuron, Purpose::Noise, 0);
            let spikes = (0..steps).filter(|_| stream.next_u32() < u32::MAX / 20);
            spikes.filter(|&step| step >= silent).collect::<Vec<u32>>()
        };
        SpikeTrains::from_trains(&(0..neurons).map(train).collect::<Vec<_>>())
    }

    #[test]
    fn a_silent_begin_shows_and_is_gone_when_it_ends() {
        let transient = |silent, window| of_trains(&poisson(200, 2000, silent), window, true);
        assert_eq!(transient(0, Window::whole(2000)), None);
        let until = transient(100, Window::whole(2000)).unwrap().until.unwrap();
        assert!((100..=160).contains(&until), "{until}");
        assert_eq!(transient(100, Window { from: 100, to: 2000 }), None);
        // Too few spikes to say.
        assert_eq!(of_trains(&poisson(1, 400, 100), Window::whole(400), true), None);
    }

    #[test]
    fn neurons_in_step_show_to_the_end() {
        let trains: Vec<Vec<u32>> = (0..100).map(|_| (0..100).map(|k| 20 * k).collect()).collect();
        let trains = SpikeTrains::from_trains(&trains);
        assert_eq!(of_trains(&trains, Window::whole(2000), true), Some(Transient { until: None }));
        // If all of them get the same noise, that is chance.
        assert_eq!(of_trains(&trains, Window::whole(2000), false), None);
    }
}
