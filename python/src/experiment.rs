//! Experiments: checked once, simulated as often as wanted.

use std::sync::Arc;

use loligo::experiment::complete;
use pyo3::exceptions::{PyIndexError, PyKeyError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arrays::array;
use crate::errors::Raised;
use crate::settings::Asked;
use crate::worker;

/// What is to be simulated; see `loligo.Experiment`, which makes one.
#[pyclass(frozen, module = "loligo._loligo")]
pub struct Experiment {
    /// What it was made of.
    pub asked: Asked,
    /// What it is.
    pub experiment: Arc<loligo::Experiment>,
}

impl Experiment {
    pub fn of(py: Python<'_>, asked: Asked) -> PyResult<Self> {
        let pool = worker::pool()?;
        let experiment =
            py.detach(|| pool.install(|| loligo::Experiment::new(&asked.document, &asked.flags)));
        let experiment = Arc::new(experiment.raised(py)?);
        Ok(Experiment { asked, experiment })
    }

    /// It as a file.
    pub fn text(&self, py: Python<'_>) -> PyResult<String> {
        complete(&self.experiment, &self.asked.document, &self.asked.flags).raised(py)
    }

    fn population(&self, population: usize) -> PyResult<&loligo::Population> {
        let all = self.experiment.populations();
        all.get(population).ok_or_else(|| {
            PyIndexError::new_err(format!("there is no population {population} of {}", all.len()))
        })
    }
}

#[pymethods]
impl Experiment {
    #[new]
    #[pyo3(signature = (path, text, said))]
    fn new(
        py: Python<'_>,
        path: Option<&str>,
        text: Option<&str>,
        said: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        Self::of(py, Asked::new(py, path, text, said)?)
    }

    #[getter]
    fn neurons(&self) -> usize {
        self.experiment.neurons()
    }

    #[getter]
    fn steps(&self) -> u32 {
        self.experiment.steps()
    }

    #[getter]
    fn dt_ms(&self) -> f64 {
        self.experiment.dt_ms()
    }

    #[getter]
    fn duration_ms(&self) -> f64 {
        self.experiment.duration_ms()
    }

    #[getter]
    fn seed(&self) -> u64 {
        self.experiment.seed()
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.experiment.notes().to_vec()
    }

    #[getter]
    fn populations(&self) -> Vec<String> {
        self.experiment.populations().iter().map(|p| p.name().to_owned()).collect()
    }

    /// The first neuron of each population.
    #[getter]
    fn first_neurons(&self) -> Vec<usize> {
        self.experiment.populations().iter().map(loligo::Population::first_neuron).collect()
    }

    /// The keys that are swept, with how many values each.
    #[getter]
    fn sweeps(&self) -> Vec<(String, usize)> {
        let sweeps = &self.asked.document.sweeps;
        sweeps.iter().map(|sweep| (sweep.key.clone(), sweep.values.len())).collect()
    }

    /// What the file says of how it is run, by the names of flags.
    #[getter]
    fn run_settings(&self) -> Vec<(String, String)> {
        let run = &self.asked.document.run;
        run.iter().map(|setting| (setting.key.clone(), setting.value.to_string())).collect()
    }

    fn to_toml(&self, py: Python<'_>) -> PyResult<String> {
        let lines = self.asked.document.run.iter().map(|setting| {
            let text = toml::Value::String(setting.value.to_string());
            format!("{} = {text}\n", setting.key)
        });
        let run: String = lines.collect();
        let head = if run.is_empty() { "" } else { "\n[run]\n" };
        Ok(self.text(py)? + head + &run)
    }

    /// The values of a key, one for each neuron of a population.
    fn values<'py>(
        &self,
        py: Python<'py>,
        key: &str,
        population: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let population = self.population(population)?;
        let Some(values) = population.values(key) else {
            let keys: Vec<String> =
                population.named_values().into_iter().map(|(name, _)| name).collect();
            let message = format!("there is no key `{key}`; the keys are {}", keys.join(", "));
            return Err(PyKeyError::new_err(message));
        };
        let bytes = 8.0 * population.neurons() as f64;
        let what = || format!("{key} of {} neurons", population.neurons());
        loligo::memory::check(bytes, what, "use fewer neurons").raised(py)?;
        let all: Vec<f64> = (0..population.neurons()).map(|n| values.of(n)).collect();
        let neurons = all.len();
        array(py, all, neurons)
    }

    /// The unit of a key.
    fn unit(&self, key: &str, population: usize) -> PyResult<Option<&'static str>> {
        Ok(self.population(population)?.unit(key))
    }
}
