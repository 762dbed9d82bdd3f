//! Runs, and what comes of them.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use loligo::analysis::spectrum::Taper;
use loligo::comparison::without_noise;
use loligo::engine::EngineInfo;
use loligo::experiment::complete;
use loligo::output::compare::{self, Grid};
use loligo::output::folder::{Folder, WriteSeek, io_error};
use loligo::output::formats::{SpikeFormat, Table};
use loligo::output::summary::{Summary, Timing};
use loligo::output::{Files, of_run, write_summary};
use loligo::plot::{self, Format};
use loligo::results::notes::notes;
use loligo::setting::Setting;
use loligo::simulation::Simulated;
use loligo::spikes::{Spikes, by_time};
use loligo::{Analysis, Error, Plan, Record, memory, simulate};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use crate::arrays::{array, view};
use crate::engine::Engine;
use crate::errors::{Raised, raised};
use crate::experiment::Experiment;
use crate::trace::time_ms;
use crate::worker;

/// Bytes of memory that a spike takes at the peak.
const BYTES_PER_SPIKE: f64 = 14.0;

/// How a run is recorded and looked at.
#[derive(Clone, Copy)]
pub struct Choices {
    /// What is recorded.
    pub record: Record,
    /// How statistics are taken.
    pub analysis: Analysis,
}

impl Choices {
    /// The choices of keywords: texts, numbers of ms, or None.
    pub fn new(experiment: &loligo::Experiment, said: &Bound<'_, PyDict>) -> PyResult<Self> {
        let get = |key: &str| -> PyResult<Option<Bound<'_, PyAny>>> {
            Ok(said.get_item(key)?.filter(|value| !value.is_none()))
        };
        let wrong = |message: String| PyValueError::new_err(message);
        let mut analysis = Analysis::default();
        let record = match get("record")? {
            None => Record::Spikes,
            Some(text) => {
                let text: String = text.extract()?;
                text.parse::<Record>().map_err(|_| {
                    wrong(format!("there is no record `{text}`; use {}", Record::NAMES))
                })?
            }
        };
        if let Some(taper) = get("taper")? {
            analysis.spectrum.taper = match taper.extract::<String>()?.as_str() {
                "hann" => Taper::Hann,
                "boxcar" => Taper::Boxcar,
                other => {
                    return Err(wrong(format!("there is no taper `{other}`; use hann or boxcar")));
                }
            };
        }
        let whole = experiment.window().duration_ms(experiment.dt_ms());
        if let Some(segment) = get("segment")? {
            let ms = time_ms(&segment, "segment")?;
            if !(3.0 * experiment.dt_ms()..=whole * (1.0 + 1e-9)).contains(&ms) {
                let message = format!(
                    "a segment of {ms} ms has no frequency, or is longer than the window of {whole} ms; give for \
                     example \"1 s\""
                );
                return Err(wrong(message));
            }
            analysis.spectrum.segment_ms = ms;
        }
        if let Some(window) = get("window")? {
            let ms = time_ms(&window, "window")?;
            if !(ms >= experiment.dt_ms() * (1.0 - 1e-9) && ms.is_finite()) {
                let message = format!("a window of {ms} ms is less than a step; give \"50 ms\"");
                return Err(wrong(message));
            }
            analysis.count_window_ms = ms;
        }
        if record == Record::None && experiment.has_window() {
            let message = "with record=\"none\", spikes are counted over the whole run; leave `from` and `to` out";
            return Err(wrong(message.into()));
        }
        Ok(Choices { record, analysis })
    }
}

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
    spikes: OnceLock<Spikes>,
    times_ms: OnceLock<Vec<f64>>,
    counts: Vec<u32>,
}

impl Results {
    /// The results of what was simulated.
    pub fn new(
        experiment: &Bound<'_, Experiment>,
        mut simulated: Simulated,
        engine: EngineInfo,
        choices: Choices,
    ) -> PyResult<Self> {
        let (py, own) = (experiment.py(), experiment.get().experiment.clone());
        let pool = worker::pool()?;
        let start = Instant::now();
        let (results, of_results) = py.detach(|| {
            pool.install(|| {
                let results = loligo::Results::new(&own, &simulated, choices.analysis);
                let notes = notes(&own, &results);
                (results, notes)
            })
        });
        let counts = std::mem::take(&mut simulated.counts);
        Ok(Results {
            experiment: experiment.clone().unbind(),
            is_interrupted: simulated.steps < own.steps(),
            results,
            engine,
            choices,
            timing: [simulated.setup, simulated.stepping, start.elapsed()],
            notes: [own.notes(), &of_results].concat(),
            spikes: OnceLock::new(),
            times_ms: OnceLock::new(),
            counts,
        })
    }

    /// All spikes that were kept, by time and then by neuron.
    fn spikes(&self) -> &Spikes {
        self.spikes.get_or_init(|| {
            let kept = || self.results.kept().map(|(_, kept)| kept);
            let trains: Vec<&[u32]> = kept().flat_map(|kept| kept.whole_trains.iter()).collect();
            let neurons: Vec<usize> =
                kept().flat_map(|kept| kept.neurons.iter().copied()).collect();
            let mut spikes = match worker::pool() {
                Ok(pool) => pool.install(|| by_time(&trains)),
                Err(_) => by_time(&trains),
            };
            spikes.neurons.iter_mut().for_each(|neuron| *neuron = neurons[*neuron as usize] as u32);
            spikes
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

/// `[run]` of an experiment's file, as the command line writes it.
pub fn section(choices: Choices, precision: &str) -> String {
    let Choices { record, analysis } = choices;
    let (spectrum, window) = (analysis.spectrum, analysis.count_window_ms);
    let mut text = "\n[run]\n".to_owned();
    if record != Record::Spikes {
        text += &format!("record = \"{record}\"\n");
    }
    text += &format!("taper = \"{}\"\n", spectrum.taper.name());
    if spectrum.segment_ms != Analysis::default().spectrum.segment_ms {
        text += &format!("segment = \"{}ms\"\n", loligo::unit::tell(spectrum.segment_ms));
    }
    text += &format!("window = \"{}ms\"\n", loligo::unit::tell(window));
    text + &format!("precision = \"{precision}\"\n")
}

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
    // A spike in each step of all neurons would fit; to look at the memory would take longer than a short run.
    let free = match neuron_steps * BYTES_PER_SPIKE < 1e8 {
        true => None,
        false => memory::free(),
    };
    let most = free.map_or(f64::INFINITY, |free| memory::SHARE * free as f64 / BYTES_PER_SPIKE);
    let most_spikes = most.min(usize::MAX as f64) as usize;
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
    let exception = match (interruption, failure) {
        (Some(interruption), _) => Some(interruption),
        (None, Some(failure)) => {
            Some(raised(py, &failure).into_value(py).into_bound(py).into_any())
        }
        (None, None) => None,
    };
    Ok((Some(results), exception))
}

#[pymethods]
impl Results {
    /// The neuron of each spike, in the order of time.
    #[getter]
    fn neuron<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let neurons = &slf.get().spikes().neurons;
        view(slf.clone().into_any(), neurons, neurons.len())
    }

    /// The step of each spike.
    #[getter]
    fn step<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let steps = &slf.get().spikes().steps;
        view(slf.clone().into_any(), steps, steps.len())
    }

    /// The time of each spike (ms).
    #[getter]
    fn times_ms<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let own = slf.get();
        let dt_ms = own.results.dt_ms;
        let times = own.times_ms.get_or_init(|| {
            own.spikes().steps.iter().map(|step| loligo::window::time_ms(*step, dt_ms)).collect()
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
    fn experiment(&self, py: Python<'_>) -> Py<Experiment> {
        self.experiment.clone_ref(py)
    }

    #[getter]
    fn steps(&self) -> u32 {
        self.results.steps
    }

    #[getter]
    fn dt_ms(&self) -> f64 {
        self.results.dt_ms
    }

    #[getter]
    fn has_spikes(&self) -> bool {
        self.results.kept().next().is_some()
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
            let table = Table { results: &self.results, experiment: &settings, spool: None };
            for format in formats {
                paths.push(table.write(&folder, *format)?);
            }
        }
        let text = format!("# written by loligo for Python\n{settings}");
        let fill = |file: &mut dyn WriteSeek| file.write_all(text.as_bytes()).map_err(io_error);
        paths.push(folder.write("experiment.toml", fill)?);
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

/// What a run gave of one population; see `loligo.Population`.
#[pyclass(frozen, module = "loligo._loligo")]
pub struct Population {
    of: Py<Results>,
    index: usize,
}

impl Population {
    fn own(&self) -> &loligo::results::PopulationResults {
        &self.of.get().results.populations[self.index]
    }

    /// A number of each neuron's intervals; not a number where there is none.
    fn each<'py>(
        &self,
        py: Python<'py>,
        of: impl Fn(&loligo::analysis::intervals::TrainIntervals) -> Option<f64>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(recorded) = &self.own().recorded else { return Ok(None) };
        let trains = &recorded.intervals.trains;
        let all: Vec<f64> = trains.iter().map(|train| of(train).unwrap_or(f64::NAN)).collect();
        let neurons = all.len();
        array(py, all, neurons).map(Some)
    }
}

#[pymethods]
impl Population {
    #[getter]
    fn name(&self) -> &str {
        self.own().population.name()
    }

    #[getter]
    fn model(&self) -> &str {
        self.own().population.model().name
    }

    /// The indices of its first neuron and of the one after its last.
    #[getter]
    fn range(&self) -> [usize; 2] {
        let range = self.own().population.range();
        [range.start, range.end]
    }

    /// The cell of the grid that it is: each swept key with its value.
    #[getter]
    fn at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let cell = PyDict::new(py);
        for (key, value) in self.own().population.at() {
            match value {
                loligo::setting::Literal::Number(number) => cell.set_item(key, *number)?,
                other => cell.set_item(key, other.to_string())?,
            }
        }
        Ok(cell)
    }

    /// The number of spikes of each neuron in the window.
    #[getter]
    fn counts<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let counts = &slf.get().own().counts;
        view(slf.clone().into_any(), counts, counts.len())
    }

    /// The rate of each neuron in the window (Hz).
    #[getter]
    fn rates_hz<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let seconds = 1e-3 * self.of.get().results.window_ms();
        let rates: Vec<f64> = self.own().counts.iter().map(|n| f64::from(*n) / seconds).collect();
        let neurons = rates.len();
        array(py, rates, neurons)
    }

    #[getter]
    fn isi_mean_ms<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.each(py, |train| train.moments.mean())
    }

    #[getter]
    fn cv<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.each(py, |train| train.moments.cv())
    }

    #[getter]
    fn cv2<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.each(py, |train| train.cv2)
    }

    #[getter]
    fn lv<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.each(py, |train| train.lv)
    }

    #[getter]
    fn lvr<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.each(py, |train| train.lvr)
    }

    /// The density of intervals (1/ms) with the width of its bins (ms).
    fn histogram<'py>(&self, py: Python<'py>) -> PyResult<Option<(f64, Bound<'py, PyAny>)>> {
        let histogram =
            self.own().recorded.as_ref().and_then(|recorded| recorded.histogram.as_ref());
        let Some(histogram) = histogram else { return Ok(None) };
        let density = histogram.density();
        let bins = density.len();
        Ok(Some((histogram.bin_ms, array(py, density, bins)?)))
    }

    /// The distance of frequencies (Hz), and the power of single neurons and of the population at them, from the first on.
    fn spectrum<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Option<(f64, Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
        let spectrum = self.own().recorded.as_ref().and_then(|recorded| recorded.spectrum.as_ref());
        let Some(spectrum) = spectrum else { return Ok(None) };
        let of = |power: &Vec<f64>| array(py, power.clone(), power.len());
        Ok(Some((spectrum.df_hz, of(&spectrum.power)?, of(&spectrum.population)?)))
    }

    /// The width of bins (ms), and the rate in each (Hz).
    fn rate<'py>(&self, py: Python<'py>) -> PyResult<Option<(f64, Bound<'py, PyAny>)>> {
        let Some(recorded) = &self.own().recorded else { return Ok(None) };
        let (bin_ms, hz) = (recorded.rate.bin_ms, recorded.rate.hz.clone());
        let bins = hz.len();
        Ok(Some((bin_ms, array(py, hz, bins)?)))
    }
}
