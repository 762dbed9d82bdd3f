//! What comes of a run: arrays, statistics, files and figures.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use loligo::comparison::without_noise;
use loligo::engine::EngineInfo;
use loligo::experiment::complete;
use loligo::output::compare::{self, Grid};
use loligo::output::folder::{Folder, WriteSeek, io_error};
use loligo::output::formats::{SpikeFormat, Table};
use loligo::output::summary::{Summary, Timing};
use loligo::output::{EXPERIMENT, Files, of_run, write_summary};
use loligo::plot::{self, Format};
use loligo::results::notes::notes;
use loligo::setting::Setting;
use loligo::simulation::Simulated;
use loligo::spikes::{Spikes, by_time};
use loligo::{Error, Record};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use crate::arrays::view;
use crate::choices::{Choices, section};
use crate::errors::Raised;
use crate::experiment::Experiment;
use crate::population::Population;
use crate::worker;

/// What a run gave; see `loligo.Run`.
#[pyclass(frozen, module = "loligo._loligo")]
pub struct Results {
    experiment: Py<Experiment>,
    /// What came of it.
    pub results: loligo::Results,
    engine: EngineInfo,
    choices: Choices,
    timing: [Duration; 3],
    notes: Vec<String>,
    is_interrupted: bool,
    spikes: Spikes,
    times_ms: OnceLock<Vec<f64>>,
    counts: Vec<u32>,
}

impl Results {
    /// The results of what was simulated.
    pub fn new(
        experiment: &Bound<'_, Experiment>,
        simulated: Simulated,
        engine: EngineInfo,
        choices: Choices,
    ) -> PyResult<Self> {
        let (py, own) = (experiment.py(), experiment.get().experiment.clone());
        let pool = worker::pool()?;
        let start = Instant::now();
        let (results, of_results, spikes) = py.detach(|| {
            pool.install(|| {
                let results = loligo::Results::new(&own, &simulated, choices.analysis);
                let notes = notes(&own, &results);
                let spikes = sorted(&results);
                (results, notes, spikes)
            })
        });
        // Of the window, whatever was recorded.
        let counts =
            results.populations.iter().flat_map(|own| own.counts.iter().copied()).collect();
        Ok(Results {
            experiment: experiment.clone().unbind(),
            is_interrupted: simulated.steps < own.steps(),
            results,
            engine,
            choices,
            timing: [simulated.setup, simulated.stepping, start.elapsed()],
            notes: [own.notes(), &of_results].concat(),
            spikes,
            times_ms: OnceLock::new(),
            counts,
        })
    }

    fn files<'a>(
        &'a self,
        references: &'a [plot::Points],
        experiment: &'a Experiment,
    ) -> Files<'a> {
        let sweeps = &experiment.asked.document.sweeps;
        match sweeps.is_empty() {
            true => of_run(&self.results),
            false => compare::files(&self.results, Grid { sweeps, levels: &[], references }),
        }
    }

    fn summary(&self, experiment: &Experiment, output: Duration) -> Summary {
        let [setup, stepping, analysis] = self.timing;
        let neuron_steps = self.results.neurons() as f64 * f64::from(self.results.steps);
        let timing = Timing::new([setup, stepping, analysis, output], neuron_steps);
        Summary::new(
            &self.results,
            self.notes.clone(),
            &experiment.asked.document.sweeps,
            &self.engine,
            self.choices.record,
            self.is_interrupted,
            timing,
        )
    }
}

/// All spikes that were kept, by time and then by neuron.
fn sorted(results: &loligo::Results) -> Spikes {
    let kept = || results.kept().map(|(_, kept)| kept);
    let trains: Vec<&[u32]> = kept().flat_map(|kept| kept.whole_trains.iter()).collect();
    let mut spikes = by_time(&trains);
    if trains.len() < results.neurons() {
        let neurons: Vec<usize> = kept().flat_map(|kept| kept.neurons.iter().copied()).collect();
        spikes.neurons.iter_mut().for_each(|neuron| *neuron = neurons[*neuron as usize] as u32);
    }
    spikes
}

#[pymethods]
impl Results {
    /// The neuron of each spike, in the order of time.
    #[getter]
    fn neuron<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let neurons = &slf.get().spikes.neurons;
        view(slf.clone().into_any(), neurons, neurons.len())
    }

    /// The step of each spike.
    #[getter]
    fn step<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let steps = &slf.get().spikes.steps;
        view(slf.clone().into_any(), steps, steps.len())
    }

    /// The time of each spike (ms).
    #[getter]
    fn times_ms<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let own = slf.get();
        let dt_ms = own.results.dt_ms;
        // Steps are few: their times are looked up.
        let times = slf.py().detach(|| {
            own.times_ms.get_or_init(|| {
                let end = own.spikes.steps.last().map_or(0, |last| last + 1);
                let time = |step| loligo::window::time_ms(step, dt_ms);
                match (end as usize) < own.spikes.steps.len() {
                    true => {
                        let table: Vec<f64> = (0..end).map(time).collect();
                        own.spikes.steps.iter().map(|step| table[*step as usize]).collect()
                    }
                    false => own.spikes.steps.iter().map(|step| time(*step)).collect(),
                }
            })
        });
        view(slf.clone().into_any(), times, times.len())
    }

    /// The number of spikes of each neuron: within the window, where statistics are taken while stepping.
    #[getter]
    fn counts<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let counts = &slf.get().counts;
        view(slf.clone().into_any(), counts, counts.len())
    }

    #[getter]
    fn steps(&self) -> u32 {
        self.results.steps
    }

    #[getter]
    fn dt_ms(&self) -> f64 {
        self.results.dt_ms
    }

    /// The neurons whose spikes were kept; none where spikes were not recorded.
    fn kept(&self) -> Vec<usize> {
        self.results.kept().flat_map(|(_, kept)| kept.neurons.iter().copied()).collect()
    }

    /// Whether all neurons' spikes were.
    #[getter]
    fn has_all(&self) -> bool {
        self.choices.record == Record::Spikes
    }

    #[getter]
    fn window_ms(&self) -> [f64; 2] {
        self.results.window.ends_ms(self.results.dt_ms)
    }

    #[getter]
    fn populations(slf: &Bound<'_, Self>) -> PyResult<Vec<Py<Population>>> {
        let populations = 0..slf.get().results.populations.len();
        let one = |index| Py::new(slf.py(), Population { of: slf.clone().unbind(), index });
        populations.map(one).collect()
    }

    /// The summary, as `summary.json` has it.
    fn summary_json(&self, py: Python<'_>) -> PyResult<String> {
        self.summary(self.experiment.get(), Duration::ZERO).to_json().raised(py)
    }

    /// The figures of the command line by their names, in a format.
    fn figures<'py>(&self, py: Python<'py>, format: &str) -> PyResult<Bound<'py, PyDict>> {
        let (pool, format) = (worker::pool()?, format_of(format)?);
        let experiment = self.experiment.get();
        let files = py.detach(|| {
            pool.install(|| {
                let references = self.references(experiment);
                let figures = self.files(&references, experiment).draw();
                figures.iter().map(|figure| plot::files(figure, &[format])).collect::<Vec<_>>()
            })
        });
        let drawn = PyDict::new(py);
        for files in files {
            for (name, bytes) in files.raised(py)? {
                let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
                drawn.set_item(stem, PyBytes::new(py, &bytes))?;
            }
        }
        Ok(drawn)
    }

    /// Writes all files of the command line into a folder; returns their paths.
    fn write<'py>(
        &self,
        py: Python<'py>,
        path: &str,
        figures: Vec<String>,
        formats: Vec<String>,
        force: bool,
    ) -> PyResult<Bound<'py, PyList>> {
        let figures = figures.iter().map(|name| format_of(name)).collect::<PyResult<Vec<_>>>()?;
        let formats =
            formats.iter().map(|name| spikes_format(name)).collect::<PyResult<Vec<_>>>()?;
        let (pool, experiment) = (worker::pool()?, self.experiment.get());
        let paths = py.detach(|| {
            pool.install(|| self.write_all(path, experiment, (&figures, &formats), force))
        });
        let paths = paths.raised(py)?;
        PyList::new(py, paths.iter().map(|path| path.display().to_string()))
    }
}

impl Results {
    fn references(&self, experiment: &Experiment) -> Vec<plot::Points> {
        let sweeps = &experiment.asked.document.sweeps;
        match sweeps.is_empty() {
            true => Vec::new(),
            false => without_noise(&experiment.experiment, sweeps),
        }
    }

    fn write_all(
        &self,
        path: &str,
        experiment: &Experiment,
        (figures, formats): (&[Format], &[SpikeFormat]),
        force: bool,
    ) -> Result<Vec<std::path::PathBuf>, Error> {
        let start = Instant::now();
        let folder = Folder::at(path.as_ref(), force)?;
        let references = self.references(experiment);
        let written = self.files(&references, experiment).write(&folder, figures);
        let mut paths = written.paths;
        if let Some(failure) = written.failure {
            return Err(failure);
        }
        let (document, flags): (_, &[Setting]) =
            (&experiment.asked.document, &experiment.asked.flags);
        let settings = complete(&experiment.experiment, document, flags)?
            + &section(self.choices, self.engine.precision);
        if self.results.kept().next().is_some() {
            let table = Table::new(&self.results, &settings, None);
            for format in formats {
                paths.push(table.write(&folder, *format)?);
            }
        }
        let text = format!("# written by loligo for Python\n{settings}");
        let fill = |file: &mut dyn WriteSeek| file.write_all(text.as_bytes()).map_err(io_error);
        paths.push(folder.write(EXPERIMENT, fill)?);
        let summary = self.summary(experiment, start.elapsed());
        paths.insert(0, write_summary(&folder, &summary)?);
        folder.finish()?;
        Ok(paths)
    }
}

fn format_of(name: &str) -> PyResult<Format> {
    match name {
        "png" => Ok(Format::Png),
        "svg" => Ok(Format::Svg),
        "pdf" => Ok(Format::Pdf),
        other => {
            let message =
                format!("there is no format `{other}` of figures; choose png, svg or pdf");
            Err(PyValueError::new_err(message))
        }
    }
}

fn spikes_format(name: &str) -> PyResult<SpikeFormat> {
    let all = [SpikeFormat::Npz, SpikeFormat::Parquet, SpikeFormat::Sonata, SpikeFormat::Nwb];
    let found = all.into_iter().find(|format| format.name() == name);
    found.ok_or_else(|| {
        let names = all.map(SpikeFormat::name).join(", ");
        PyValueError::new_err(format!("there is no format `{name}` of spikes; choose of {names}"))
    })
}
