//! Runs.

use loligo::memory::needs;
use loligo::{Error, Plan, simulate};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::choices::Choices;
use crate::engine::Engine;
use crate::errors::{Raised, raised};
use crate::experiment::Experiment;
use crate::results::Results;
use crate::worker;

/// Simulates an experiment on an engine. `said` has record, taper, segment and window; `progress` is called with the steps
/// done.
///
/// Where the run is interrupted by a signal or an exception of `progress`, both are returned: the results so far, and the
/// exception.
#[pyfunction]
#[pyo3(signature = (experiment, engine, said, progress=None))]
pub fn run<'py>(
    py: Python<'py>,
    experiment: &Bound<'py, Experiment>,
    engine: &Bound<'py, Engine>,
    said: &Bound<'py, PyDict>,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Option<Results>, Option<Bound<'py, PyAny>>)> {
    /// Neuron-steps that take some milliseconds: Ctrl-C can wait for them.
    const SHORT: f64 = 1e6;
    let own = experiment.get().experiment.clone();
    let choices = Choices::new(&own, said)?;
    let engine = engine.get().opened(py)?;
    let neuron_steps = own.neurons() as f64 * f64::from(own.steps());
    // What a spike in each step of all neurons takes; to look at the memory would take longer than a short run.
    let most_bytes = neuron_steps * (needs::BYTES_PER_SPIKE + needs::BYTES_PER_SORTED)
        + own.neurons() as f64 * 1e3;
    let most_spikes = match most_bytes < 1e8 {
        true => usize::MAX,
        false => {
            needs::most_spikes(&own, choices.record, 0.0, needs::BYTES_PER_SORTED).raised(py)?
        }
    };
    let plan = Plan { most_spikes, analysis: choices.analysis, ..Plan::new(choices.record) };
    let is_short = neuron_steps < SHORT;
    let (simulated, interruption) = worker::work(py, progress, is_short, |watch| {
        simulate(engine.as_ref(), &own, plan, &mut |steps| watch.go_on(steps))
    })?;
    let interruption = interruption.map(|error| error.into_value(py).into_bound(py).into_any());
    let mut simulated = match (simulated, &interruption) {
        (Err(Error::Ended), Some(_)) => return Ok((None, interruption)),
        (simulated, _) => simulated.raised(py)?,
    };
    let failure = simulated.failure.take();
    let results = Results::new(experiment, simulated, engine.info().clone(), choices)?;
    // A signal that came meanwhile.
    let interruption = match interruption {
        Some(interruption) => Some(interruption),
        None => {
            py.check_signals().err().map(|error| error.into_value(py).into_bound(py).into_any())
        }
    };
    let exception = match (interruption, failure) {
        (Some(interruption), _) => Some(interruption),
        (None, Some(failure)) => {
            Some(raised(py, &failure).into_value(py).into_bound(py).into_any())
        }
        (None, None) => None,
    };
    Ok((Some(results), exception))
}
