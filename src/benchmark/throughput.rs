//! A throughput, and how it is measured.

use std::hint::black_box;
use std::time::{Duration, Instant};

use super::sensors::{Reading, Sensors};
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

/// Blocks before the first window: more than an engine has under way at a time. They take a quarter of a window at least.
pub const WARM_UP_BLOCKS: usize = 4;

/// A measured throughput.
#[derive(Clone, Debug, Default)]
pub struct Throughput {
    /// Neuron-steps per second of each window, ascending.
    pub windows: Vec<f64>,
    /// Neuron-steps per second of the device's own time, where the device has a clock.
    pub device: Option<f64>,
    /// Steps in all windows together.
    pub steps: u32,
    /// Blocks in which they came.
    pub blocks: u32,
    /// The share of the time in which the host did something else than waiting for the device.
    pub host: f64,
    /// Time to upload parameters and compile kernels.
    pub setup: Duration,
    /// Memory of the neurons and their spikes under way, in bytes.
    pub bytes: usize,
    /// Energy of the device over the windows in joules, where that is known.
    pub energy: Option<f64>,
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

    /// Steps of a block.
    pub fn steps_of_a_block(&self) -> f64 {
        f64::from(self.steps) / f64::from(self.blocks.max(1))
    }
}

/// What is done while an experiment is measured.
#[derive(Clone, Copy)]
pub struct Conduct<'a> {
    /// What to record.
    pub record: Record,
    /// Words of a block; the engine chooses if none is given.
    pub words: Option<usize>,
    /// How long.
    pub effort: Effort,
    /// What the device's energy is read from.
    pub sensors: Option<&'a Sensors>,
    /// Is asked after each window; nothing is measured if it says no.
    pub go_on: &'a dyn Fn() -> bool,
}

/// Measures the throughput of an experiment; none if it was told to end.
///
/// # Errors
/// If the experiment does not fit the engine, or the device fails.
pub fn measure(
    engine: &dyn Engine,
    experiment: &Experiment,
    conduct: Conduct<'_>,
) -> Result<Option<Throughput>, Error> {
    let Conduct { record, words, effort, sensors, go_on } = conduct;
    let blocks = Blocks { raster: record != Record::None, words };
    let start = Instant::now();
    let mut run = engine.start(experiment, blocks, &mut || go_on())?;
    let setup = start.elapsed();
    let mut sums =
        record.is_summed().then(|| Sums::new(run.tiles(), experiment, Analysis::default()));
    if let (Some(sums), Record::Intervals) = (&sums, record) {
        sum_up(run.as_mut(), sums)?;
    }

    let neurons = experiment.neurons() as f64;
    let mut passes = Passes {
        run: run.as_mut(),
        record,
        waits: engine.info().kind == "gpu",
        sums: sums.as_mut(),
    };
    let warm = passes.pass(effort.window / 4, WARM_UP_BLOCKS)?;
    let device_before = passes.run.device_time();
    let read = || sensors.map(Sensors::read);
    let (mut readings, begin) = (vec![(0.0, read())], Instant::now());
    let mut done = Pass { blocks: 0, busy: Duration::ZERO, ..warm };
    let mut windows = Vec::new();
    let mut taken = Duration::ZERO;
    for _ in 0..effort.windows {
        if !go_on() {
            return Ok(None);
        }
        let start = Instant::now();
        let pass = passes.pass(effort.window, 1)?;
        let window = start.elapsed();
        windows.push(neurons * f64::from(pass.steps - done.steps) / window.as_secs_f64());
        taken += window;
        done = Pass {
            steps: pass.steps,
            blocks: done.blocks + pass.blocks,
            busy: done.busy + pass.busy,
        };
        readings.push((begin.elapsed().as_secs_f64(), read()));
    }
    windows.sort_by(f64::total_cmp);
    let steps = done.steps - warm.steps;
    let device = device_before.zip(passes.run.device_time()).map(|(before, after)| {
        neurons * f64::from(steps) / (after - before).as_secs_f64().max(1e-9)
    });
    Ok(Some(Throughput {
        windows,
        device,
        steps,
        blocks: done.blocks,
        host: done.busy.as_secs_f64() / taken.as_secs_f64().max(1e-9),
        setup,
        bytes: passes.run.bytes(),
        energy: energy(&readings),
    }))
}

/// The energy between the first and the last reading, at seconds: by a counter, or from power.
fn energy(readings: &[(f64, Option<Reading>)]) -> Option<f64> {
    let known: Vec<_> =
        readings.iter().filter_map(|(time, reading)| Some((*time, reading.as_ref()?))).collect();
    let (first, last) = (known.first()?, known.last()?);
    if let (Some(before), Some(after)) = (first.1.energy_j, last.1.energy_j) {
        // A counter that begins anew tells nothing.
        return Some(after - before).filter(|energy| *energy > 0.0);
    }
    known
        .windows(2)
        .map(|pair| {
            let power = 0.5 * (pair[0].1.power_w? + pair[1].1.power_w?);
            Some(power * (pair[1].0 - pair[0].0))
        })
        .sum::<Option<f64>>()
        .filter(|energy| *energy > 0.0)
}

/// A run that is passed through.
struct Passes<'a> {
    run: &'a mut dyn Run,
    record: Record,
    /// Whether the host waits for a device, or computes itself.
    waits: bool,
    sums: Option<&'a mut Sums>,
}

/// Steps done since the run began, blocks of a pass, and for how long the host was busy with something else than steps.
#[derive(Clone, Copy)]
struct Pass {
    steps: u32,
    blocks: u32,
    busy: Duration,
}

impl Passes<'_> {
    /// Steps for some time and some blocks.
    fn pass(&mut self, at_least: Duration, blocks: usize) -> Result<Pass, Error> {
        let start = Instant::now();
        let run = &mut *self.run;
        let mut recorder = self.record.is_all().then(|| Recorder::new(run.tiles(), 0, usize::MAX));
        let mut sinks: Vec<&mut dyn Sink> = Vec::new();
        sinks.extend(recorder.as_mut().map(|sink| sink as &mut dyn Sink));
        sinks.extend(self.sums.as_deref_mut().map(|sink| sink as &mut dyn Sink));
        let mut stepping = Duration::ZERO;
        let mut pass = Pass { steps: 0, blocks: 0, busy: Duration::ZERO };
        loop {
            let before = Instant::now();
            run.wait()?;
            let waited = before.elapsed();
            let done = take(run, &mut sinks)?;
            stepping += if self.waits { waited } else { before.elapsed() };
            pass.blocks += 1;
            if let Some(steps) = done {
                pass.steps = steps;
                sinks.block(steps)?;
                let few = (pass.blocks as usize) < blocks || start.elapsed() < at_least;
                if few && steps < ENDLESS {
                    continue;
                }
            }
            if let Some(recorder) = recorder {
                black_box(recorder.into_trains());
            }
            pass.busy = start.elapsed().saturating_sub(stepping);
            return Ok(pass);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_and_the_spread_are_those_of_the_windows() {
        let odd = Throughput { windows: vec![1.5, 3.0, 6.0], ..Throughput::default() };
        assert_eq!((odd.median(), odd.spread()), (3.0, (1.5, 6.0)));
        let even = Throughput { windows: vec![1.0, 2.0, 4.0, 8.0], ..odd };
        assert_eq!(even.median(), 3.0);
    }

    #[test]
    fn energy_is_counted_or_the_integral_of_power() {
        let at = |energy_j, power_w| Some(Reading { energy_j, power_w, ..Reading::default() });
        let counted = [(0.0, at(Some(10.0), None)), (2.0, at(Some(14.0), None))];
        assert_eq!(energy(&counted), Some(4.0));
        // 100 W and 300 W, 2 s apart; then 300 W for 1 s.
        let power = |watts| at(None, Some(watts));
        let powers = [(0.0, power(100.0)), (2.0, power(300.0)), (3.0, power(300.0))];
        assert_eq!(energy(&powers), Some(700.0));
        let begun_anew = [(0.0, at(Some(14.0), None)), (2.0, at(Some(1.0), None))];
        assert_eq!(energy(&begun_anew), None);
        assert_eq!(energy(&[(0.0, None), (1.0, None)]), None);
    }
}
