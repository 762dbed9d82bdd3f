//! A long time of the same work: does the speed stay, and do the spikes stay right?
//!
//! The work is done in rounds, each a simulation from the beginning. In every round the counts of all neurons must be those of the
//! first, to the last one, and the spikes of some neurons, others in each round, must be those of the oracle.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::case::Case;
use super::verify::{Agreement, oracle, trains};
use crate::Record;
use crate::engine::Engine;
use crate::error::Error;
use crate::experiment::Experiment;
use crate::simulation::{Plan, simulate_into};
use crate::sink::{Sample, Sink};

/// Neurons whose spikes are compared in a round.
const COMPARED: usize = 64;

/// How long a round shall step.
const ROUND: Duration = Duration::from_secs(1);

/// Steps of the round that tells how many a round has.
const FIRST_STEPS: u32 = 4096;

/// A round of a soak.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// When it ended, in seconds since the soak began.
    pub at_s: f64,
    /// Neuron-steps per second of the stepping.
    pub neuron_steps_per_s: f64,
    /// The share of the spikes compared that coincide with the oracle's.
    pub coincidence: f64,
    /// Neurons whose count of spikes is not that of the first round.
    pub changed_neurons: usize,
}

/// What is repeated.
pub struct Soak<'a> {
    engine: &'a dyn Engine,
    oracle: Box<dyn Engine>,
    case: &'a Case,
    experiment: Experiment,
    /// The counts of the first round.
    counts: Vec<u32>,
    rounds: usize,
}

impl<'a> Soak<'a> {
    /// Gets ready: finds how many steps a round has.
    ///
    /// # Errors
    /// If the case does not fit the engine, or the device fails, or `go_on` says no.
    pub fn new(
        engine: &'a dyn Engine,
        case: &'a Case,
        neurons: usize,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Self, Error> {
        let short = case.mixed(neurons, FIRST_STEPS)?;
        let plan = Plan::new(Record::None);
        let done = simulate_into(engine, &short, plan, Vec::new(), &mut |_| go_on())?;
        if !go_on() {
            return Err(Error::Ended);
        }
        let speed = f64::from(FIRST_STEPS) / done.stepping.as_secs_f64().max(1e-6);
        // Whole words; the oracle steps as long as the engine.
        let steps = (speed * ROUND.as_secs_f64() / 32.0).clamp(8.0, 65_536.0).floor() * 32.0;
        let experiment = case.mixed(neurons, steps as u32)?;
        let oracle = oracle(engine.info());
        Ok(Soak { engine, oracle, case, experiment, counts: Vec::new(), rounds: 0 })
    }

    /// What is repeated.
    pub fn case(&self) -> &'a Case {
        self.case
    }

    /// How many steps a round has.
    pub fn steps(&self) -> u32 {
        self.experiment.steps()
    }

    /// Does a round of a soak that began at an instant.
    ///
    /// # Errors
    /// If the device fails, or `go_on` says no.
    pub fn round(&mut self, begin: Instant, go_on: &dyn Fn() -> bool) -> Result<Round, Error> {
        let neurons = self.experiment.neurons();
        let parts = neurons.div_ceil(COMPARED);
        let part = self.experiment.shard(self.rounds % parts, parts);
        let mut sample = Sample::new(part.part().collect());
        let sinks: Vec<&mut dyn Sink> = vec![&mut sample];
        let plan = Plan::new(Record::None);
        let done = simulate_into(self.engine, &self.experiment, plan, sinks, &mut |_| go_on())?;
        if let Some(error) = done.failure {
            return Err(error);
        }
        if done.steps < self.experiment.steps() {
            return Err(Error::Ended);
        }
        let right = trains(self.oracle.as_ref(), &part, go_on)?;
        let (_, found) = sample.into_trains();
        let agreement = Agreement::of(&found, &right, self.oracle.info());
        if self.rounds == 0 {
            self.counts.clone_from(&done.counts);
        }
        let changed = self.counts.iter().zip(&done.counts).filter(|(a, b)| a != b).count();
        self.rounds += 1;
        let steps = neurons as f64 * f64::from(done.steps);
        Ok(Round {
            at_s: begin.elapsed().as_secs_f64(),
            neuron_steps_per_s: steps / done.stepping.as_secs_f64().max(1e-9),
            coincidence: agreement.coincidence,
            changed_neurons: changed,
        })
    }
}

/// What became of a soak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Rounds.
    pub rounds: usize,
    /// Rounds whose spikes were wrong.
    pub wrong: usize,
    /// The median speed.
    pub median: f64,
    /// The slowest round.
    pub slowest: f64,
    /// The fastest round.
    pub fastest: f64,
    /// The speed of the last fifth of the rounds over that of the first; none of fewer than ten.
    pub drift: Option<f64>,
}

impl Outcome {
    /// Of some rounds.
    pub fn of(rounds: &[Round]) -> Self {
        let median = |rounds: &[Round]| {
            let mut speeds: Vec<f64> =
                rounds.iter().map(|round| round.neuron_steps_per_s).collect();
            speeds.sort_by(f64::total_cmp);
            match speeds.len() {
                0 => 0.0,
                n => 0.5 * (speeds[(n - 1) / 2] + speeds[n / 2]),
            }
        };
        let speeds = || rounds.iter().map(|round| round.neuron_steps_per_s);
        let fifth = rounds.len() / 5;
        let drift = || median(&rounds[rounds.len() - fifth..]) / median(&rounds[..fifth]);
        Outcome {
            rounds: rounds.len(),
            wrong: rounds.iter().filter(|round| is_wrong(round)).count(),
            median: median(rounds),
            slowest: speeds().reduce(f64::min).unwrap_or_default(),
            fastest: speeds().fold(0.0, f64::max),
            drift: (fifth >= 2).then(drift),
        }
    }
}

/// Whether the spikes of a round are wrong.
pub fn is_wrong(round: &Round) -> bool {
    let agreement =
        Agreement { oracle: String::new(), coincidence: round.coincidence, spikes: 0, found: 0 };
    round.changed_neurons > 0 || !agreement.is_enough()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_soak_tells_drift_and_wrong_rounds() {
        let round = |speed: f64| Round {
            at_s: 0.0,
            neuron_steps_per_s: speed,
            coincidence: 1.0,
            changed_neurons: 0,
        };
        let mut rounds: Vec<Round> = (0..10).map(|n| round(100.0 - f64::from(n))).collect();
        let outcome = Outcome::of(&rounds);
        // Of 100, 99 and of 92, 91.
        assert_eq!(outcome.drift, Some(91.5 / 99.5));
        assert_eq!((outcome.median, outcome.slowest, outcome.fastest), (95.5, 91.0, 100.0));
        assert_eq!((outcome.rounds, outcome.wrong), (10, 0));
        rounds[3].changed_neurons = 1;
        rounds[4].coincidence = 0.5;
        assert_eq!(Outcome::of(&rounds).wrong, 2);
        assert_eq!(Outcome::of(&rounds[..3]).drift, None);
        assert_eq!(Outcome::of(&[]), Outcome::default());
    }
}
