//! Engines: opened once, kept, and used by any number of runs.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use loligo::benchmark::{self, Case, Conduct, ENDLESS, Effort};
use loligo::engine::choice::{Adapters, Choice, Precision, choose};
use loligo::engine::gpu::adapter;
use loligo::model::Model;
use loligo::{Error, Record};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::errors::Raised;
use crate::worker;

/// What an engine is asked for by: its kind, an adapter, the precision.
type Asked = (String, Option<String>, String);

type Opened = Arc<dyn loligo::Engine>;

/// What an engine was asked for by, in a process: a device is not there in a child that was forked.
type Key = (u32, String, Option<String>, String);

static OPENED: LazyLock<Mutex<HashMap<Key, Opened>>> = LazyLock::new(Mutex::default);

/// An engine: the CPU, or a GPU. It is opened once, and serves any number of runs, of several threads as well.
#[pyclass(frozen, module = "loligo._loligo")]
pub struct Engine {
    choice: String,
    adapter: Option<String>,
    precision: String,
    info: loligo::engine::EngineInfo,
}

fn named<T: Copy>(what: &str, name: &str, known: &[(&str, T)]) -> PyResult<T> {
    let found = known.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        PyValueError::new_err(format!("there is no {what} `{name}`; choose {}", names.join(", ")))
    })
}

impl Engine {
    /// The engine itself, in this process.
    pub fn opened(&self, py: Python<'_>) -> PyResult<Opened> {
        open(py, &self.choice, self.adapter.as_deref(), &self.precision)
    }
}

/// Opens an engine, or finds the one that was opened before.
pub fn open(
    py: Python<'_>,
    choice: &str,
    adapter: Option<&str>,
    precision: &str,
) -> PyResult<Opened> {
    let kinds = [("auto", Choice::Auto), ("cpu", Choice::Cpu), ("gpu", Choice::Gpu)];
    let kind = named("engine", choice, &kinds)?;
    let of = [("f32", Precision::F32), ("f64", Precision::F64)];
    let numbers = named("precision", precision, &of)?;
    let key =
        (std::process::id(), choice.to_owned(), adapter.map(str::to_owned), precision.to_owned());
    // Never held while another thread may want Python: it would wait for this one for ever.
    let opened = || OPENED.lock().unwrap_or_else(|poison| poison.into_inner());
    if let Some(engine) = opened().get(&key) {
        return Ok(engine.clone());
    }
    let adapters = match adapter {
        None => Adapters::One,
        Some("all") => Adapters::All,
        Some(name) => Adapters::Named(name),
    };
    let engine: Opened = py.detach(|| choose(kind, adapters, numbers)).raised(py)?.into();
    Ok(opened().entry(key).or_insert(engine).clone())
}

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (kind="auto", *, adapter=None, precision="f32"))]
    fn new(py: Python<'_>, kind: &str, adapter: Option<String>, precision: &str) -> PyResult<Self> {
        let info = open(py, kind, adapter.as_deref(), precision)?.info().clone();
        Ok(Engine { choice: kind.to_owned(), adapter, precision: precision.to_owned(), info })
    }

    /// What it is: ``cpu`` or ``gpu``.
    #[getter]
    fn kind(&self) -> &str {
        self.info.kind
    }

    /// The device's name.
    #[getter]
    fn device(&self) -> &str {
        &self.info.device
    }

    /// The driver, or the instruction set and the threads.
    #[getter]
    fn driver(&self) -> &str {
        &self.info.driver
    }

    /// Whether a processor plays the GPU.
    #[getter]
    fn is_software(&self) -> bool {
        self.info.is_software
    }

    /// ``f32`` or ``f64``.
    #[getter]
    fn precision(&self) -> &str {
        self.info.precision
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Asked)> {
        let own = slf.get();
        let make = slf.py().import("loligo")?.getattr("_engine")?;
        Ok((make, (own.choice.clone(), own.adapter.clone(), own.precision.clone())))
    }

    fn __repr__(&self) -> String {
        format!("<loligo.Engine {}: {} ({})>", self.info.kind, self.info.device, self.info.driver)
    }
}

/// The engines of this machine, a dict each.
#[pyfunction]
pub fn engines(py: Python<'_>) -> PyResult<Bound<'_, PyList>> {
    let list = PyList::empty(py);
    let cpu = open(py, "cpu", None, "f32")?;
    let row = PyDict::new(py);
    row.set_item("kind", "cpu")?;
    row.set_item("device", &cpu.info().device)?;
    row.set_item("driver", &cpu.info().driver)?;
    row.set_item("is_software", false)?;
    list.append(row)?;
    for listed in py.detach(adapter::list) {
        let row = PyDict::new(py);
        row.set_item("kind", "gpu")?;
        row.set_item("device", &listed.name)?;
        row.set_item("driver", &listed.driver)?;
        row.set_item("is_software", listed.kind == "software")?;
        list.append(row)?;
    }
    Ok(list)
}

/// Measures the throughput of a model on an engine, in neuron-steps per second: each window's.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "keywords of Python's own function")]
#[pyo3(signature = (engine, model, noise, neurons, record, windows, window_s))]
pub fn bench(
    py: Python<'_>,
    engine: &Bound<'_, Engine>,
    model: &str,
    noise: &str,
    neurons: usize,
    record: &str,
    windows: usize,
    window_s: f64,
) -> PyResult<Vec<f64>> {
    let engine = engine.get().opened(py)?;
    let record = record.parse::<Record>().map_err(|_| {
        PyValueError::new_err(format!("there is no record `{record}`; use {}", Record::NAMES))
    })?;
    let Some(model) = Model::named(model) else {
        return Err(PyValueError::new_err(format!("there is no model `{model}`")));
    };
    let experiment = Case::new(model, noise).experiment(neurons, ENDLESS).raised(py)?;
    let seconds = if window_s.is_nan() { 0.2 } else { window_s.clamp(0.001, 60.0) };
    let effort = Effort { window: Duration::from_secs_f64(seconds), windows };
    let measured = worker::work(py, None, false, |watch| {
        let go_on = || watch.go_on(0);
        let conduct = Conduct { record, words: None, effort, sensors: None, go_on: &go_on };
        benchmark::measure(engine.as_ref(), &experiment, conduct)
    })?;
    match measured {
        (_, Some(interruption)) => Err(interruption),
        (measured, None) => match measured.raised(py)? {
            Some(throughput) => Ok(throughput.windows),
            None => Err(crate::errors::raised(py, &Error::Ended)),
        },
    }
}
