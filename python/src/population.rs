//! What a run gave of one population.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arrays::{array, view};
use crate::results::Results;

/// The distance of frequencies (Hz), and powers of single neurons and of the population.
type Powers<'py> = (f64, Bound<'py, PyAny>, Bound<'py, PyAny>);

/// What a run gave of one population; see `loligo.Population`.
#[pyclass(frozen, module = "loligo._loligo")]
pub struct Population {
    /// The results that it is part of.
    pub of: Py<Results>,
    /// Its index in them.
    pub index: usize,
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

    /// The name without its place in a grid.
    #[getter]
    fn own_name(&self) -> &str {
        self.own().population.own_name()
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
    fn spectrum<'py>(&self, py: Python<'py>) -> PyResult<Option<Powers<'py>>> {
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
