//! State variables of single neurons over time.

use std::sync::Arc;

use loligo::real::Single;
use loligo::trace::{Samples, diverged};
use loligo::unit;
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rayon::prelude::*;

use crate::arrays::array;
use crate::errors::{Raised, raised};
use crate::experiment::Experiment;
use crate::worker;

/// Traces neurons by their indices in the experiment: a dict with `t_ms`, `units`, and for each variable an array of a row for
/// each neuron.
#[pyfunction]
#[pyo3(signature = (experiment, neurons, every, precision))]
pub fn trace<'py>(
    py: Python<'py>,
    experiment: &Bound<'py, Experiment>,
    neurons: Vec<usize>,
    every: u32,
    precision: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let experiment: Arc<loligo::Experiment> = experiment.get().experiment.clone();
    let all = experiment.populations();
    let mut picked = Vec::new();
    for &neuron in &neurons {
        let Some(population) = all.iter().find(|own| own.range().contains(&neuron)) else {
            let message = format!("there is no neuron {neuron} of {}", experiment.neurons());
            return Err(PyIndexError::new_err(message));
        };
        if picked.first().is_some_and(|(first, _): &(&loligo::Population, _)| {
            first.model() != population.model()
        }) {
            let message = "neurons of different models have different variables: trace them apart";
            return Err(pyo3::exceptions::PyValueError::new_err(message));
        }
        picked.push((population, neuron - population.first_neuron()));
    }
    if !["f32", "f64"].contains(&precision) {
        let message = format!("there is no precision `{precision}`; choose f32 or f64");
        return Err(pyo3::exceptions::PyValueError::new_err(message));
    }
    let window = experiment.window();
    let samples = Samples { from: window.from, to: window.to, every: every.max(1) };
    let columns = (samples.to - samples.from).div_ceil(samples.every) as f64;
    let variables = picked
        .first()
        .map_or(1, |(own, _)| own.model().states.len() + own.model().observables.len() + 1);
    let bytes = 16.0 * columns * variables as f64 * picked.len() as f64;
    let what = || format!("traces of {columns} samples");
    loligo::memory::check(bytes, what, "raise `every`, or trace less").raised(py)?;
    let (traces, interruption) = worker::work(py, None, false, |watch| {
        let one = |(population, neuron): &(&loligo::Population, usize)| {
            if !watch.go_on(0) {
                return None;
            }
            Some(match precision {
                "f64" => loligo::trace::trace::<f64>(&experiment, population, *neuron, samples),
                _ => {
                    loligo::trace::trace::<Single<true>>(&experiment, population, *neuron, samples)
                }
            })
        };
        picked.par_iter().map(one).collect::<Option<Vec<_>>>().unwrap_or_default()
    })?;
    if let Some(interruption) = interruption {
        return Err(interruption);
    }
    for ((population, neuron), trace) in picked.iter().zip(&traces) {
        if trace.diverged.is_some() {
            return Err(raised(py, &diverged(population, *neuron, trace.diverged)));
        }
    }
    let t_ms: Vec<f64> = samples.steps().map(|step| f64::from(step) * experiment.dt_ms()).collect();
    let (rows, columns) = (traces.len(), t_ms.len());
    let (values, units) = (PyDict::new(py), PyDict::new(py));
    if let Some(first) = traces.first() {
        for (n, variable) in first.variables.iter().enumerate() {
            let all: Vec<f64> = traces.iter().flat_map(|trace| trace.values[n].clone()).collect();
            values.set_item(variable.name, array(py, all, (rows, columns))?)?;
            units.set_item(variable.name, variable.unit)?;
        }
        let all: Vec<f64> = traces.iter().flat_map(|trace| trace.current.clone()).collect();
        values.set_item("current", array(py, all, (rows, columns))?)?;
        units.set_item("current", picked[0].0.model().current_unit)?;
    }
    let spikes: Vec<Vec<f64>> = traces
        .iter()
        .map(|trace| {
            trace.spike_steps.iter().map(|step| f64::from(*step) * experiment.dt_ms()).collect()
        })
        .collect();
    let deviations: Vec<Option<f64>> = picked
        .iter()
        .map(|(population, neuron)| {
            population.alone(*neuron).predicted_deviation(experiment.dt_ms())
        })
        .collect();
    let result = PyDict::new(py);
    result.set_item("t_ms", array(py, t_ms, columns)?)?;
    result.set_item("values", values)?;
    result.set_item("units", units)?;
    result.set_item("spikes_ms", spikes)?;
    result.set_item("v_sd_predicted_mv", deviations)?;
    Ok(result)
}

/// A time in steps: of a number of ms, or a text with a unit.
pub fn time_ms(value: &Bound<'_, PyAny>, what: &str) -> PyResult<f64> {
    if let Ok(number) = value.extract::<f64>() {
        return Ok(number);
    }
    let text: String = value.extract()?;
    unit::read(&text, "ms")
        .map_err(|why| pyo3::exceptions::PyValueError::new_err(format!("{what}: {why}")))
}
