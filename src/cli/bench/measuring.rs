//! Measures engine after engine, case after case; what fails is told beside what does not.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{Args, QUICK, THOROUGH};
use super::cases;
use super::engines::sensors;
use super::measured::{cost, measurement, operations};
use crate::cli::interrupt::Interrupt;
use crate::cli::terminal;
use loligo::Record;
use loligo::benchmark::limit::{self, Bounds, Point};
use loligo::benchmark::report::{EngineReport, Measurement, Report};
use loligo::benchmark::sensors::{Sensors, held_back};
use loligo::benchmark::verify::{Agreement, verify};
use loligo::benchmark::{Case, Conduct, ENDLESS, Effort, Throughput, measure, tune};
use loligo::engine::ceilings::Ceilings;
use loligo::engine::cost::{Cost, Operation};
use loligo::engine::{Engine, EngineInfo};
use loligo::error::Error;
use loligo::memory::needs;

/// How many times as many neurons tell whether more would be faster.
const MORE: usize = 4;

/// A benchmark under way.
pub struct Bench<'a> {
    pub(super) args: &'a Args,
    pub(super) interrupt: &'a Interrupt,
    pub(super) progress: ProgressBar,
    is_quiet: bool,
    /// What was measured so far.
    pub report: Report,
    failure: Option<Error>,
}

/// An engine with what is known of its device.
struct Measured<'a> {
    engine: &'a dyn Engine,
    sensors: Sensors,
    ceilings: Option<Ceilings>,
}

impl<'a> Bench<'a> {
    pub fn new(args: &'a Args, interrupt: &'a Interrupt, is_quiet: bool) -> Self {
        let target =
            if is_quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let progress = ProgressBar::with_draw_target(None, target)
            .with_style(ProgressStyle::default_spinner());
        progress.enable_steady_tick(Duration::from_millis(200));
        Bench { args, interrupt, progress, is_quiet, report: Report::new(), failure: None }
    }

    /// What was measured, and the last that failed.
    pub fn finish(mut self) -> (Report, Option<Error>) {
        self.progress.finish_and_clear();
        self.report.interrupted = self.interrupt.is_requested();
        (self.report, self.failure)
    }

    /// Keeps an error: what there is besides goes on.
    pub(super) fn keep(&mut self, error: Error) {
        if !matches!(error, Error::Ended) {
            // A device that is lost says so for all that comes after.
            let message = error.to_string();
            if self.report.failures.last() != Some(&message) {
                self.report.failures.push(message);
            }
            self.failure = Some(error);
        }
    }

    fn effort(&self) -> Effort {
        if self.args.quick { QUICK } else { THOROUGH }
    }

    /// Measures all cases at all sizes on all engines.
    pub fn measure(&mut self, engines: &[Box<dyn Engine>], cases: &[Case], sizes: &[usize]) {
        for engine in engines {
            let info = engine.info().clone();
            let operations = operations(cases);
            self.progress.set_message(format!("{} ceilings", info.kind));
            let interrupt = self.interrupt;
            let go_on = || !interrupt.is_requested();
            let ceilings = engine.ceilings(&operations, &go_on).unwrap_or_else(|error| {
                self.keep(error);
                None
            });
            let sensors = sensors(engine.as_ref());
            let before = sensors.read();
            let measured = Measured { engine: engine.as_ref(), sensors, ceilings };
            for case in cases {
                if !self.interrupt.is_requested() {
                    self.case(&measured, case, sizes);
                }
            }
            let largest = sizes.last().copied().unwrap_or(1);
            if self.args.tune && info.kind == "gpu" {
                cases::once(cases).iter().for_each(|case| self.tune(&info, case, largest));
            }
            self.note_engine(measured, before);
        }
    }

    /// Keeps what is told of an engine, and whether it was held back.
    fn note_engine(&mut self, measured: Measured<'_>, before: loligo::benchmark::sensors::Reading) {
        let Measured { engine, sensors, ceilings } = measured;
        let info = engine.info();
        let after = sensors.read();
        let first = ceilings.as_ref().and_then(|ceilings| ceilings.of(Operation::Float));
        let last = match self.interrupt.is_requested() {
            true => None,
            false => engine.rate(Operation::Float).ok().flatten(),
        };
        let floats_per_s = first.zip(last).map(|(first, last)| [first, last]);
        let held_back = held_back([&before, &after], floats_per_s.unwrap_or([1.0, 1.0]));
        if let Some(reason) = &held_back {
            terminal::say(&format!("warning: {} was held back: {reason}", info.device));
        }
        if !self.is_quiet {
            sensors.notes.iter().for_each(|note| terminal::say(&format!("note: {note}")));
        }
        let limits = engine.limits().into_iter();
        self.report.engines.push(EngineReport {
            engine: info.kind.to_owned(),
            device: info.device.clone(),
            is_software: info.is_software,
            driver: info.driver.clone(),
            precision: info.precision.to_owned(),
            limits: limits.map(|(name, limit)| (name.to_owned(), limit.into())).collect(),
            ceilings,
            before,
            after,
            floats_per_s,
            held_back,
            notes: sensors.notes,
        });
    }

    /// Measures a case at all sizes on an engine.
    fn case(&mut self, measured: &Measured<'_>, case: &Case, sizes: &[usize]) {
        let info = measured.engine.info();
        let interrupt = self.interrupt;
        let go_on = || !interrupt.is_requested();
        let verified = match self.args.verify {
            false => None,
            true => {
                self.progress.set_message(format!("{} {case}: spikes", info.kind));
                let found = verify(measured.engine, case, &go_on).and_then(|agreement| {
                    agreement.check(info, case)?;
                    Ok(agreement)
                });
                match found {
                    Ok(agreement) => Some(agreement),
                    // A speed of wrong spikes is none.
                    Err(error) => return self.keep(error),
                }
            }
        };
        let mut throughputs: Vec<(usize, Throughput)> = Vec::new();
        for &neurons in sizes {
            self.progress.set_message(format!("{} {case} {neurons}", info.kind));
            match self.size(measured, case, neurons, self.effort()) {
                Ok(Some(throughput)) => throughputs.push((neurons, throughput)),
                Ok(None) => break,
                // More neurons would fail too; what else there is to measure may not.
                Err(error) => {
                    self.keep(error);
                    break;
                }
            }
        }
        let beyond = self.beyond(measured, case, &throughputs);
        self.judge(measured, case, &throughputs, beyond, verified.as_ref());
    }

    /// Measures a case with some neurons; none if it was ended.
    fn size(
        &self,
        measured: &Measured<'_>,
        case: &Case,
        neurons: usize,
        effort: Effort,
    ) -> Result<Option<Throughput>, Error> {
        let experiment = case.experiment(neurons, ENDLESS)?;
        // The few spikes of a window do not count.
        needs::most_spikes(&experiment, Record::None, 0.0, 0.0)?;
        let go_on = || !self.interrupt.is_requested();
        let sensors = Some(&measured.sensors);
        let conduct = Conduct { record: case.record, words: None, effort, sensors, go_on: &go_on };
        measure(measured.engine, &experiment, conduct)
    }

    /// The throughput of more neurons than the last has, where the others do not tell whether that would be faster.
    fn beyond(
        &self,
        measured: &Measured<'_>,
        case: &Case,
        throughputs: &[(usize, Throughput)],
    ) -> Option<f64> {
        let speeds: Vec<f64> = throughputs.iter().map(|(_, t)| t.median()).collect();
        let (last, others) = speeds.split_last()?;
        let best = others.iter().copied().fold(0.0, f64::max);
        if self.interrupt.is_requested() || *last < 1.1 * best {
            return None;
        }
        let neurons = throughputs.last()?.0.checked_mul(MORE)?;
        let effort = Effort { windows: 2, ..QUICK };
        // That it does not fit is no failure: it was not asked for.
        Some(self.size(measured, case, neurons, effort).ok()??.median())
    }

    /// Adds the rows of a case.
    fn judge(
        &mut self,
        measured: &Measured<'_>,
        case: &Case,
        throughputs: &[(usize, Throughput)],
        beyond: Option<f64>,
        verified: Option<&Agreement>,
    ) {
        let info = measured.engine.info();
        // Rows of double precision are twice as long.
        let bytes = if info.precision == "f64" { 2.0 } else { 1.0 };
        let cost =
            cost(case).map(|cost| Cost { bytes_per_block: bytes * cost.bytes_per_block, ..cost });
        let bounds = |throughput: &Throughput| {
            let (cost, ceilings) = (cost.as_ref()?, measured.ceilings.as_ref()?);
            Some(Bounds::new(cost, ceilings, throughput.steps_of_a_block()))
        };
        let launch = measured.ceilings.as_ref().map_or(0.0, |ceilings| ceilings.launch_s);
        let points: Vec<Point<'_>> = throughputs
            .iter()
            .map(|(neurons, throughput)| Point {
                neurons: *neurons,
                throughput,
                bounds: bounds(throughput),
                launch,
                records: case.record != Record::None,
            })
            .collect();
        let limits = limit::limits(&points, beyond);
        for (point, limit) in points.iter().zip(limits) {
            let attainable = point.bounds.map(|bounds| bounds.attainable());
            self.report.results.push(Measurement {
                cost: cost.clone(),
                attainable_neuron_steps_per_s: attainable,
                attained: attainable.map(|most| point.throughput.median() / most),
                limit,
                verified: verified.cloned(),
                ..measurement(info, case, point.neurons, point.throughput)
            });
        }
    }

    /// Tries ways of cutting a case up for a device.
    fn tune(&mut self, info: &EngineInfo, case: &Case, neurons: usize) {
        let interrupt = self.interrupt;
        let go_on = || !interrupt.is_requested();
        if !go_on() {
            return;
        }
        self.progress.set_message(format!("{} {case}: lanes, workgroups, blocks", info.kind));
        let effort = Effort { windows: 3, ..QUICK };
        let (record, sensors) = (case.record, None);
        let conduct = Conduct { record, words: None, effort, sensors, go_on: &go_on };
        match tune::tune(&info.device, case, neurons, conduct) {
            Ok(tuned) => self.report.tuning.extend(tuned),
            Err(error) => self.keep(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use clap::Parser;

    use super::*;
    use loligo::engine::{Blocks, Run, cpu};
    use loligo::experiment::Experiment;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        args: Args,
    }

    /// A device that vanishes after some runs were started.
    struct Vanishing {
        engine: Box<dyn Engine>,
        starts: AtomicUsize,
    }

    impl Engine for Vanishing {
        fn info(&self) -> &EngineInfo {
            self.engine.info()
        }

        fn start<'a>(
            &'a self,
            experiment: &Experiment,
            blocks: Blocks,
            go_on: &mut dyn FnMut() -> bool,
        ) -> Result<Box<dyn Run + 'a>, Error> {
            if self.starts.fetch_add(1, Ordering::Relaxed) >= 3 {
                return Err(Error::Device { device: "a test".into(), message: "lost".into() });
            }
            self.engine.start(experiment, blocks, go_on)
        }
    }

    #[test]
    fn what_was_measured_before_a_device_vanished_is_kept() {
        let args = Flags::parse_from(
            "bench --quick --neurons 64,128 --models lif --noise none,white,ou".split(' '),
        )
        .args;
        let interrupt = Interrupt::default();
        let cases = cases::cases(&args).unwrap();
        let engine = Vanishing { engine: cpu::single("a test"), starts: AtomicUsize::new(0) };
        let mut bench = Bench::new(&args, &interrupt, true);
        bench.measure(&[Box::new(engine)], &cases, &[64, 128]);
        let (report, failure) = bench.finish();
        // Two sizes and more neurons of the first case, and nothing of the others; or what the first case left.
        assert!((2..=3).contains(&report.results.len()), "{}", report.results.len());
        assert_eq!(report.failures, ["the device a test failed: lost"]);
        assert!(matches!(failure, Some(Error::Device { .. })));
        assert_eq!(report.engines.len(), 1);
    }
}
