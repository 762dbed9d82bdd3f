//! Are the spikes right? An engine's spikes against those of another.

use serde::{Deserialize, Serialize};

use super::case::Case;
use crate::engine::cpu::{self, Cpu};
use crate::engine::{Engine, EngineInfo};
use crate::error::Error;
use crate::simulation::{Plan, simulate};
use crate::spikes::SpikeTrains;
use crate::{Experiment, Record};

/// Neurons whose spikes are compared.
const NEURONS: usize = 512;

/// Steps over which they are compared.
const STEPS: u32 = 8192;

/// Steps that a spike may come earlier or later: rounding differs in the last digit, and the noise, which is the same, brings
/// neurons together again.
const WITHIN: u32 = 2;

/// The least share of spikes that must coincide. A wrong constant of a hundredth leaves less than that (`tests/suite/agreement.rs`);
/// `bridge` decides by deviates that are within 0.01 in single precision, one of two hundred crossings otherwise.
const ENOUGH: f64 = 0.98;

/// How far two engines agree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// What the spikes were compared with.
    pub oracle: String,
    /// The share of all spikes that have a partner within two steps; 1 if there are none.
    pub coincidence: f64,
    /// Spikes of the oracle.
    pub spikes: usize,
    /// Spikes of the engine.
    pub found: usize,
}

impl Agreement {
    /// How far the trains of an engine agree with those of an oracle.
    pub fn of(found: &SpikeTrains, right: &SpikeTrains, oracle: &EngineInfo) -> Self {
        Agreement {
            oracle: format!("{} {}", oracle.kind, oracle.precision),
            coincidence: coincidence(found, right, WITHIN),
            spikes: right.spikes(),
            found: found.spikes(),
        }
    }

    /// Whether that is enough.
    pub fn is_enough(&self) -> bool {
        self.coincidence >= ENOUGH
    }

    /// The error where it is not.
    ///
    /// # Errors
    /// If it is not.
    pub fn check(&self, info: &EngineInfo, case: &Case) -> Result<(), Error> {
        if self.is_enough() {
            return Ok(());
        }
        let Agreement { oracle, coincidence, spikes, found } = self;
        Err(Error::Device {
            device: info.device.clone(),
            message: format!(
                "its spikes of {case} are wrong: {found} where {oracle} has {spikes}, {:.4} of them within {WITHIN} steps; \
                 its speed means nothing",
                coincidence
            ),
        })
    }
}

/// The engine that the spikes of another are compared with: the CPU's, or in double precision, or interpreted.
pub fn oracle(info: &EngineInfo) -> Box<dyn Engine> {
    match (info.kind, info.precision) {
        ("gpu", _) => cpu::single("an oracle"),
        (_, "f32") => cpu::double("an oracle"),
        _ => Box::new(Cpu::<f64>::new("an oracle").interpreting()),
    }
}

/// Compares the spikes of a case. `go_on` is asked now and then.
///
/// # Errors
/// If an engine fails, or `go_on` says no.
pub fn verify(
    engine: &dyn Engine,
    case: &Case,
    go_on: &dyn Fn() -> bool,
) -> Result<Agreement, Error> {
    let experiment = case.mixed(NEURONS, STEPS)?;
    let oracle = oracle(engine.info());
    let right = trains(oracle.as_ref(), &experiment, go_on)?;
    let found = trains(engine, &experiment, go_on)?;
    Ok(Agreement::of(&found, &right, oracle.info()))
}

/// The spikes of all neurons that are stepped.
pub(super) fn trains(
    engine: &dyn Engine,
    experiment: &Experiment,
    go_on: &dyn Fn() -> bool,
) -> Result<SpikeTrains, Error> {
    let done = simulate(engine, experiment, Plan::new(Record::Spikes), &mut |_| go_on())?;
    match (done.failure, done.trains) {
        (Some(error), _) => Err(error),
        (None, Some(trains)) if done.steps == experiment.steps() => Ok(trains),
        _ => Err(Error::Ended),
    }
}

/// The share of all spikes of two sets of trains that have a partner in the other set at most `within` steps away; each spike is
/// partner of one. It is 1 where there are none.
pub fn coincidence(a: &SpikeTrains, b: &SpikeTrains, within: u32) -> f64 {
    let mut paired = 0;
    for (a, b) in a.iter().zip(b.iter()) {
        let mut b = b.iter().copied().peekable();
        for &step in a {
            while b.next_if(|&other| other + within < step).is_some() {}
            if b.next_if(|&other| other <= step + within).is_some() {
                paired += 1;
            }
        }
    }
    match a.spikes() + b.spikes() {
        0 => 1.0,
        all => 2.0 * f64::from(paired) / all as f64,
    }
}
