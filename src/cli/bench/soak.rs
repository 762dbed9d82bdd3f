//! `loligo bench --soak`: the same work for a long time.

use std::time::{Duration, Instant};

use super::measuring::Bench;
use crate::cli::table::per_second;
use loligo::benchmark::Case;
use loligo::benchmark::report::SoakReport;
use loligo::benchmark::soak::{Outcome, Soak, is_wrong};
use loligo::engine::Engine;
use loligo::error::Error;

impl Bench<'_> {
    /// Repeats all cases in turn on each engine for a time. Ends early where spikes are wrong: no
    /// more is to be learned.
    pub fn soak(
        &mut self,
        engines: &[Box<dyn Engine>],
        cases: &[Case],
        neurons: usize,
        time: Duration,
    ) {
        for engine in engines {
            if let Err(error) = self.soak_engine(engine.as_ref(), cases, neurons, time) {
                self.keep(error);
            }
        }
    }

    fn soak_engine(
        &mut self,
        engine: &dyn Engine,
        cases: &[Case],
        neurons: usize,
        time: Duration,
    ) -> Result<(), Error> {
        let interrupt = self.interrupt;
        let go_on = || !interrupt.is_requested();
        let info = engine.info();
        let mut soaks = Vec::new();
        for case in cases {
            soaks.push((Soak::new(engine, case, neurons, &go_on)?, Vec::new()));
        }
        let begin = Instant::now();
        let mut failed = None;
        'soaked: while begin.elapsed() < time && go_on() {
            for (soak, rounds) in &mut soaks {
                match soak.round(begin, &go_on) {
                    Ok(round) => {
                        self.progress.set_message(format!(
                            "{} {}: {:.0} of {:.0} s, {}",
                            info.kind,
                            soak.case(),
                            begin.elapsed().as_secs_f64(),
                            time.as_secs_f64(),
                            per_second(round.neuron_steps_per_s)
                        ));
                        let wrong = is_wrong(&round);
                        rounds.push(round);
                        if wrong {
                            failed = Some(Error::Device {
                                device: info.device.clone(),
                                message: format!(
                                    "its spikes of {} were wrong in round {} of the soak",
                                    soak.case(),
                                    rounds.len()
                                ),
                            });
                            break 'soaked;
                        }
                    }
                    Err(error) => {
                        failed = Some(error);
                        break 'soaked;
                    }
                }
            }
        }
        for (soak, rounds) in soaks {
            self.report.soaks.push(SoakReport {
                device: info.device.clone(),
                engine: info.kind.to_owned(),
                case: soak.case().to_string(),
                neurons,
                steps: soak.steps(),
                outcome: Outcome::of(&rounds),
                rounds,
            });
        }
        failed.map_or(Ok(()), Err)
    }
}
