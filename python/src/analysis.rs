//! Signals and spike times of others: spectra and intervals.

use loligo::analysis::recorded::Statistics;
use loligo::analysis::signal::{Method, Scaling};
use loligo::analysis::trials::Estimate;
use loligo::model;
use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arrays::array;
use crate::worker;

/// The power spectrum of a signal, a trial a row, averaged over trials.
#[pyfunction]
#[pyo3(signature = (trials, dt_s, method, scaling, segment, nw))]
pub fn spectrum<'py>(
    py: Python<'py>,
    trials: PyReadonlyArray2<'py, f64>,
    dt_s: f64,
    method: &str,
    scaling: &str,
    segment: Option<usize>,
    nw: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let rows: Vec<Vec<f64>> =
        trials.as_array().rows().into_iter().map(|row| row.to_vec()).collect();
    let samples = rows.first().map_or(0, Vec::len);
    let wrong = |message: String| Err(PyValueError::new_err(message));
    if rows.is_empty() || samples < 2 {
        return wrong("a signal has two samples at least".into());
    }
    if !(dt_s.is_finite() && dt_s > 0.0) {
        return wrong(format!("the time between samples is positive, but it is {dt_s} s"));
    }
    let scaling = match scaling {
        "kramer" => Scaling::Kramer,
        "scipy" => Scaling::Scipy,
        other => return wrong(format!("there is no scaling `{other}`; choose kramer or scipy")),
    };
    let method = match method {
        "periodogram" => Method::Periodogram,
        "welch" => {
            let segment = segment.unwrap_or((samples / 4).max(2));
            if !(2..=samples).contains(&segment) {
                return wrong(format!("a segment has from 2 to {samples} samples, not {segment}"));
            }
            Method::Welch { segment }
        }
        "multitaper" => {
            let tapers = (2.0 * nw).floor();
            if !(nw >= 1.0 && tapers < samples as f64) {
                return wrong(format!("NW is from 1 to half of the {samples} samples, not {nw}"));
            }
            Method::Multitaper { nw, tapers: tapers as usize - 1 }
        }
        other => {
            return wrong(format!(
                "there is no method `{other}`; choose periodogram, welch or multitaper"
            ));
        }
    };
    let (estimate, interruption) =
        worker::work(py, None, samples < 1 << 16, |_| Estimate::new(&rows, dt_s, method, scaling))?;
    if let Some(interruption) = interruption {
        return Err(interruption);
    }
    let result = PyDict::new(py);
    let bins = estimate.frequency_hz.len();
    result.set_item("df_hz", estimate.df_hz)?;
    result.set_item("variance", estimate.variance)?;
    result.set_item("frequency_hz", array(py, estimate.frequency_hz, bins)?)?;
    result.set_item("power", array(py, estimate.power, bins)?)?;
    Ok(result)
}

/// The statistics of spike trains (times in s), as JSON.
#[pyfunction]
#[pyo3(signature = (trains, duration_s, window_s))]
pub fn intervals(
    py: Python<'_>,
    trains: Vec<PyReadonlyArray1<'_, f64>>,
    duration_s: f64,
    window_s: f64,
) -> PyResult<String> {
    let trains = trains.iter().map(|train| Ok(train.as_slice()?.to_vec()));
    let trains = trains.collect::<PyResult<Vec<Vec<f64>>>>()?;
    let (statistics, interruption) =
        worker::work(py, None, false, |_| Statistics::new(&trains, duration_s, window_s))?;
    if let Some(interruption) = interruption {
        return Err(interruption);
    }
    serde_json::to_string(&statistics).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// The models of the catalogue: name, what it is, and its parameters with unit, default and what they are.
#[pyfunction]
pub fn models(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    let one = |model: &&'static model::Model| {
        let row = PyDict::new(py);
        row.set_item("name", model.name)?;
        row.set_item("about", model.about)?;
        row.set_item("source", model.source)?;
        row.set_item("current_unit", model.current_unit)?;
        row.set_item("dt_ms", model.dt_ms)?;
        row.set_item("equations", model.equations.to_vec())?;
        let integrators: Vec<&str> = model.integrators.iter().map(|i| i.name).collect();
        row.set_item("integrators", integrators)?;
        let states: Vec<&str> = model.states.iter().map(|state| state.name).collect();
        row.set_item("states", states)?;
        let parameters = PyDict::new(py);
        for parameter in model.parameters {
            let own = PyDict::new(py);
            own.set_item("unit", parameter.unit)?;
            own.set_item("default", Some(parameter.default).filter(|x| x.is_finite()))?;
            own.set_item("about", parameter.about)?;
            parameters.set_item(parameter.name, own)?;
        }
        row.set_item("parameters", parameters)?;
        Ok(row)
    };
    model::models().iter().map(one).collect()
}
