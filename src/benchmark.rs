//! Throughput: how many neuron-steps an engine does per second.
//!
//! A run is started once and goes on for as long as it is measured, in windows of time: after a
//! warm-up, each window gives a throughput, and their median counts. The spikes of a window are
//! taken and sorted into trains within its time, as in a simulation.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::Record;
use crate::analysis::Analysis;
use crate::engine::{Blocks, Engine, Run};
use crate::error::Error;
use crate::experiment::Experiment;
use crate::simulation::{sum_up, take};
use crate::sink::{Recorder, Sink, Sums};

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// How many windows.
    pub windows: usize,
    /// The least time of a window.
    pub window: Duration,
}

/// Steps of an experiment that is long enough for any window.
pub const ENDLESS: u32 = 1 << 31;

/// Blocks before the first window: more than an engine has under way at a time.
const WARM_UP_BLOCKS: usize = 4;

/// An experiment to measure: the defaults of a model (by its name) with noise of a kind, over some steps.
///
/// # Errors
/// If there is no such model or noise, or the numbers are no good.
pub fn experiment(
    model: &str,
    noise: &str,
    neurons: usize,
    steps: u32,
) -> Result<Experiment, Error> {
    let lasting = |duration: f64| {
        let builder = Experiment::builder().model(model).noise(noise).duration_ms(duration);
        builder.set("neurons", neurons as f64).build()
    };
    // The step that is the model's default.
    lasting(f64::from(steps) * lasting(1.0)?.dt_ms)
}

/// A measured throughput.
#[derive(Clone, Debug)]
pub struct Throughput {
    /// Neuron-steps per second of each window, ascending.
    pub windows: Vec<f64>,
    /// Neuron-steps per second of the device's own time, where the device has a clock.
    pub device: Option<f64>,
    /// Steps in all windows together.
    pub steps: u32,
    /// Time to upload parameters and compile kernels.
    pub setup: Duration,
    /// Memory of the neurons and their spikes under way, in bytes.
    pub bytes: usize,
}

impl Throughput {
    /// The median over the windows.
    pub fn median(&self) -> f64 {
        match self.windows.len() {
            0 => 0.0,
            n => 0.5 * (self.windows[(n - 1) / 2] + self.windows[n / 2]),
        }
    }

    /// The lowest and the highest of the windows.
    pub fn spread(&self) -> (f64, f64) {
        let of = |window: Option<&f64>| window.copied().unwrap_or_default();
        (of(self.windows.first()), of(self.windows.last()))
    }
}

/// Measures the throughput of an experiment. `go_on` is asked after each window; none is returned if it
/// says no.
///
/// # Errors
/// If the experiment does not fit the engine, or the device fails.
pub fn measure(
    engine: &dyn Engine,
    experiment: &Experiment,
    record: Record,
    effort: Effort,
    go_on: &dyn Fn() -> bool,
) -> Result<Option<Throughput>, Error> {
    let blocks = Blocks { raster: record != Record::None, words: None };
    let start = Instant::now();
    let mut run = engine.start(experiment, blocks, &mut || go_on())?;
    let setup = start.elapsed();
    let mut sums =
        record.is_summed().then(|| Sums::new(run.tiles(), experiment, Analysis::default()));
    if let (Some(sums), Record::Intervals) = (&sums, record) {
        sum_up(run.as_mut(), sums)?;
    }

    let neurons = experiment.neurons() as f64;
    let mut done = pass(run.as_mut(), record, sums.as_mut(), effort.window / 4, WARM_UP_BLOCKS)?;
    let (first, device_before) = (done, run.device_time());
    let mut windows = Vec::new();
    for _ in 0..effort.windows {
        if !go_on() {
            return Ok(None);
        }
        let start = Instant::now();
        let end = pass(run.as_mut(), record, sums.as_mut(), effort.window, 1)?;
        windows.push(neurons * f64::from(end - done) / start.elapsed().as_secs_f64());
        done = end;
    }
    windows.sort_by(f64::total_cmp);
    let steps = done - first;
    let device = device_before.zip(run.device_time()).map(|(before, after)| {
        neurons * f64::from(steps) / (after - before).as_secs_f64().max(1e-9)
    });
    Ok(Some(Throughput { windows, device, steps, setup, bytes: run.bytes() }))
}

/// Steps for some time and some blocks; returns the number of steps done since the run began.
fn pass(
    run: &mut dyn Run,
    record: Record,
    sums: Option<&mut Sums>,
    at_least: Duration,
    blocks: usize,
) -> Result<u32, Error> {
    let start = Instant::now();
    let mut recorder = record.is_all().then(|| Recorder::new(run.tiles(), 0, usize::MAX));
    let mut sinks: Vec<&mut dyn Sink> = Vec::new();
    sinks.extend(recorder.as_mut().map(|sink| sink as &mut dyn Sink));
    sinks.extend(sums.map(|sink| sink as &mut dyn Sink));
    let mut block = 0;
    loop {
        let done = take(run, &mut sinks)?;
        block += 1;
        if let Some(steps) = done {
            sinks.block(steps)?;
            if (block < blocks || start.elapsed() < at_least) && steps < ENDLESS {
                continue;
            }
        }
        if let Some(recorder) = recorder {
            black_box(recorder.into_trains());
        }
        return Ok(done.unwrap_or_default());
    }
}

/// What keeps a throughput from being higher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Too few neurons to fill the device: more would be faster.
    FewNeurons,
    /// Taking the spikes from the device.
    Readback,
    /// Memory: fewer neurons would be faster.
    Memory,
    /// The arithmetic.
    Compute,
}

impl Limit {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Limit::FewNeurons => "few neurons",
            Limit::Readback => "readback",
            Limit::Memory => "memory",
            Limit::Compute => "compute",
        }
    }
}

/// A throughput from this share of the best on is as good as the best.
const SATURATED: f64 = 0.9;

/// What limits each of the throughputs of one engine and experiment at several numbers of neurons, in
/// ascending order.
///
/// The wall clock against the device's own tells readback: a device that waits a tenth of the time or more.
pub fn limits(sizes: &[(usize, &Throughput)]) -> Vec<Limit> {
    let best = sizes.iter().map(|(_, throughput)| throughput.median()).fold(0.0, f64::max);
    let saturated = saturation(sizes);
    sizes
        .iter()
        .map(|(neurons, throughput)| {
            let waits = throughput.device.is_some_and(|own| throughput.median() < SATURATED * own);
            match saturated {
                Some(saturated) if *neurons < saturated => Limit::FewNeurons,
                _ if waits => Limit::Readback,
                _ if throughput.median() < SATURATED * best => Limit::Memory,
                _ => Limit::Compute,
            }
        })
        .collect()
}

/// The number of neurons from which on an engine is at nine tenths of its best.
pub fn saturation(sizes: &[(usize, &Throughput)]) -> Option<usize> {
    let best = sizes.iter().map(|(_, throughput)| throughput.median()).fold(0.0, f64::max);
    sizes.iter().find(|(_, t)| t.median() >= SATURATED * best).map(|(neurons, _)| *neurons)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throughput(median: f64, device: Option<f64>) -> Throughput {
        let windows = vec![0.5 * median, median, 2.0 * median];
        Throughput { windows, device, steps: 1, setup: Duration::ZERO, bytes: 0 }
    }

    #[test]
    fn the_median_and_the_spread_are_those_of_the_windows() {
        let odd = throughput(3.0, None);
        assert_eq!((odd.median(), odd.spread()), (3.0, (1.5, 6.0)));
        let even = Throughput { windows: vec![1.0, 2.0, 4.0, 8.0], ..odd };
        assert_eq!(even.median(), 3.0);
    }

    #[test]
    fn limits_follow_from_the_sizes_and_the_clocks() {
        let [a, b, c, d] = [
            throughput(10.0, None),
            throughput(95.0, None),
            throughput(100.0, Some(150.0)),
            throughput(80.0, None),
        ];
        let sizes = [(1, &a), (10, &b), (100, &c), (1000, &d)];
        assert_eq!(saturation(&sizes), Some(10));
        let expected = [Limit::FewNeurons, Limit::Compute, Limit::Readback, Limit::Memory];
        assert_eq!(limits(&sizes), expected);
        assert_eq!(saturation(&[]), None);
    }
}
