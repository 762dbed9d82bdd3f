//! Studies that people do, exercises, and what differs between two folders of results.

use std::path::PathBuf;

use loligo::diff::Comparison;
use loligo::exercises::Done;
use loligo::output::folder::Folder;
use loligo::plot::{self, Format};
use loligo::study::{STUDIES, Study};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::arrays::array;
use crate::engine::Engine;
use crate::errors::Raised;
use crate::experiment::Experiment;
use crate::results::Results;
use crate::worker;

fn named(name: &str) -> PyResult<&'static Study> {
    Study::named(name).ok_or_else(|| {
        let known: Vec<&str> = STUDIES.iter().map(|study| study.name).collect();
        let message = format!("there is no study `{name}`; there is {}", known.join(", "));
        PyValueError::new_err(message)
    })
}

/// The names of the studies, with what each is.
#[pyfunction]
pub fn studies() -> Vec<(&'static str, &'static str)> {
    STUDIES.iter().map(|study| (study.name, study.about)).collect()
}

/// The experiment of a study, as TOML.
#[pyfunction]
pub fn study_text(name: &str) -> PyResult<&'static str> {
    Ok(named(name)?.text)
}

/// What a study finds in the results of its experiment: lines, columns and a figure.
#[pyfunction]
pub fn found<'py>(
    py: Python<'py>,
    name: &str,
    experiment: &Bound<'py, Experiment>,
    results: &Bound<'py, Results>,
) -> PyResult<Bound<'py, PyDict>> {
    let (study, pool) = (named(name)?, worker::pool()?);
    let (experiment, results) = (experiment.get().experiment.clone(), results.get());
    let found = py.detach(|| {
        pool.install(|| {
            let found = study.found(&experiment, &results.results)?;
            let figure = plot::files(&found.figure, &[Format::Png])?;
            Ok((found, figure))
        })
    });
    let (found, figure) = found.raised(py)?;
    let columns = PyDict::new(py);
    for (n, name) in found.header.iter().enumerate() {
        let column: Vec<f64> = found.rows.iter().map(|row| row[n]).collect();
        let rows = column.len();
        columns.set_item(name, array(py, column, rows)?)?;
    }
    let told = PyDict::new(py);
    told.set_item("lines", &found.lines)?;
    told.set_item("columns", columns)?;
    told.set_item("figure", figure.first().map(|(_, bytes)| PyBytes::new(py, bytes)))?;
    Ok(told)
}

/// What differs between two folders of results, as JSON.
#[pyfunction]
pub fn diff(py: Python<'_>, first: PathBuf, second: PathBuf) -> PyResult<String> {
    let comparison = py.detach(|| Comparison::new(&first, &second)).raised(py)?;
    serde_json::to_string(&comparison).map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

/// Does the exercises beside their reference values, into a folder with a page: of each its number, what it is, whether all
/// values are as expected, and how many there are.
#[pyfunction]
pub fn exercises(
    py: Python<'_>,
    folder: &str,
    engine: &Bound<'_, Engine>,
    force: bool,
) -> PyResult<Vec<(u32, &'static str, bool, usize)>> {
    let engine = engine.get().opened(py)?;
    let (done, interruption) = worker::work(py, None, false, |_| {
        let folder = Folder::at(folder.as_ref(), force)?;
        let done = loligo::exercises::all(engine.as_ref(), &folder)?;
        loligo::exercises::write_page(&folder, &done, engine.info())?;
        folder.finish()?;
        Ok(done)
    })?;
    if let Some(interruption) = interruption {
        return Err(interruption);
    }
    let told = |done: &Done| (done.number, done.title, done.holds(), done.checks.len());
    Ok(done.raised(py)?.iter().map(told).collect())
}
