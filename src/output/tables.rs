//! Tables as CSV, a header line each. An undefined quantity is an empty field.

use std::io::Write;

use rayon::prelude::*;
use serde::Serialize;

use super::folder::io_error;
use crate::analysis::Z95;
use crate::analysis::intervals::{PopulationIntervals, TrainIntervals};
use crate::error::Error;
use crate::population::Values;
use crate::results::notes::is_under_sampled;
use crate::results::{PopulationResults, Results};
use crate::sweep::Sweep;
use crate::unit::{exact, tidied};

/// Rows of a table as bytes, under a header of the names of their fields if wanted.
fn rows<R: Serialize>(rows: impl Iterator<Item = R>, header: bool) -> Result<Vec<u8>, Error> {
    let mut csv = csv::WriterBuilder::new().has_headers(header).from_writer(Vec::new());
    for row in rows {
        csv.serialize(row).map_err(io_error)?;
    }
    csv.into_inner().map_err(|error| io_error(error.into_error()))
}

/// Neurons whose rows of `intervals.csv` a task writes.
const GROUP: usize = 1024;

/// Such tasks at a time.
const GROUPS: usize = 16;

/// Its columns.
const COLUMNS: &str =
    "population,neuron,spikes,rate_hz,isi_mean_ms,isi_std_ms,cv,cv2,lv,lvr,intervals\n";

/// Rows of `intervals.csv`, as text: there may be a million of them, and each has seven numbers with all their digits.
struct NeuronRows<'a> {
    results: &'a PopulationResults,
    /// The population's name as a field, with the comma behind it.
    population: Vec<u8>,
    duration_ms: f64,
    text: Vec<u8>,
}

impl<'a> NeuronRows<'a> {
    /// None yet, of a population.
    fn new(results: &'a PopulationResults, duration_ms: f64) -> Result<Self, Error> {
        let mut population = rows([&results.population.name].into_iter(), false)?;
        population.pop();
        population.push(b',');
        Ok(NeuronRows { results, population, duration_ms, text: Vec::with_capacity(150 * GROUP) })
    }

    /// Adds the row of a neuron, given by its index in the population.
    fn push(&mut self, index: usize) {
        let PopulationResults { population, counts, recorded, .. } = self.results;
        // Without recorded spikes there are counts only.
        let stats = recorded.as_ref().map(|recorded| recorded.intervals.trains[index]);
        let TrainIntervals { moments, cv2, lv, lvr, .. } = stats.unwrap_or_default();
        let rate_hz = f64::from(counts[index]) * (1e3 / self.duration_ms);
        self.text.extend_from_slice(&self.population);
        self.whole((population.first_neuron + index) as u64);
        self.text.push(b',');
        self.whole(counts[index].into());
        self.text.push(b',');
        for number in [Some(rate_hz), moments.mean(), moments.std(), moments.cv(), cv2, lv, lvr] {
            if let Some(number) = number {
                self.text.extend_from_slice(zmij::Buffer::new().format(number).as_bytes());
            }
            self.text.push(b',');
        }
        self.whole(moments.count);
        self.text.push(b'\n');
    }

    fn whole(&mut self, number: u64) {
        self.text.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    }
}

/// `intervals.csv`: a row per neuron.
///
/// # Errors
/// If writing fails.
pub fn intervals(file: &mut dyn Write, results: &Results) -> Result<(), Error> {
    let duration_ms = results.window_ms();
    file.write_all(COLUMNS.as_bytes()).map_err(io_error)?;
    for population in &results.populations {
        let neurons = population.counts.len();
        let of_group = |first: usize| {
            let mut rows = NeuronRows::new(population, duration_ms)?;
            (first..neurons.min(first + GROUP)).for_each(|index| rows.push(index));
            Ok(rows.text)
        };
        // Some groups at a time, so that their memory is used again.
        for some in (0..neurons).step_by(GROUPS * GROUP) {
            let groups = (some..neurons.min(some + GROUPS * GROUP)).into_par_iter().step_by(GROUP);
            for group in groups.map(of_group).collect::<Vec<Result<_, Error>>>() {
                file.write_all(&group?).map_err(io_error)?;
            }
        }
    }
    Ok(())
}

/// `histogram.csv`: a row per bin of the histogram of intervals.
///
/// # Errors
/// If writing fails.
pub fn histogram(file: &mut dyn Write, results: &Results) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Row<'a> {
        population: &'a str,
        from_ms: String,
        to_ms: String,
        intervals: u64,
        density_per_ms: f64,
    }
    let histograms =
        results.recorded().filter_map(|(p, recorded)| Some((p, recorded.histogram.as_ref()?)));
    let bins = histograms.flat_map(|(population, histogram)| {
        let edge = |bin: usize| exact(tidied(bin as f64 * histogram.bin_ms));
        let bins = histogram.counts.iter().zip(histogram.density()).enumerate();
        bins.map(move |(bin, (&intervals, density_per_ms))| Row {
            population: &population.name,
            from_ms: edge(bin),
            to_ms: edge(bin + 1),
            intervals,
            density_per_ms,
        })
    });
    file.write_all(&rows(bins, true)?).map_err(io_error)
}

/// `spectrum.csv`: a row per frequency.
///
/// # Errors
/// If writing fails.
pub fn spectrum(file: &mut dyn Write, results: &Results) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Row<'a> {
        population: &'a str,
        frequency_hz: String,
        power_hz: Option<f64>,
        population_power_hz: f64,
    }
    let spectra =
        results.recorded().filter_map(|(p, recorded)| Some((p, recorded.spectrum.as_ref()?)));
    let frequencies = spectra.flat_map(|(population, spectrum)| {
        spectrum.population.iter().enumerate().map(move |(k, &population_power_hz)| Row {
            population: &population.name,
            frequency_hz: exact(tidied((k + 1) as f64 * spectrum.df_hz)),
            power_hz: spectrum.power.get(k).copied(),
            population_power_hz,
        })
    });
    file.write_all(&rows(frequencies, true)?).map_err(io_error)
}

/// `rate.csv`: the rate over time, a row per bin of the window (about 200) and population.
///
/// # Errors
/// If writing fails.
pub fn rate(file: &mut dyn Write, results: &Results) -> Result<(), Error> {
    #[derive(Serialize)]
    struct Row<'a> {
        population: &'a str,
        from_ms: String,
        to_ms: String,
        rate_hz: f64,
    }
    let [begin, end] = results.window.ends_ms(results.dt_ms);
    let bins = results.recorded().flat_map(|(population, recorded)| {
        let rate = &recorded.rate;
        let edge = move |bin: usize| exact(tidied((begin + bin as f64 * rate.bin_ms).min(end)));
        rate.hz.iter().enumerate().map(move |(bin, &rate_hz)| Row {
            population: &population.name,
            from_ms: edge(bin),
            to_ms: edge(bin + 1),
            rate_hz,
        })
    });
    file.write_all(&rows(bins, true)?).map_err(io_error)
}

/// The parameters in which neurons of some population differ: `tau_m`, `noise.sigma`.
pub fn differing(results: &Results) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for PopulationResults { population, .. } in &results.populations {
        let each = population.named_values().into_iter();
        let differing = each.filter(|(_, values)| matches!(values, Values::Each(_)));
        for (name, _) in differing {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// `parameters.csv`: a row per neuron, a column for each parameter in which neurons differ, in the model's units.
///
/// # Errors
/// If writing fails.
pub fn parameters(file: &mut dyn Write, results: &Results) -> Result<(), Error> {
    let names = differing(results);
    let mut csv = csv::Writer::from_writer(file);
    let header = ["population", "neuron"].into_iter().chain(names.iter().map(String::as_str));
    csv.write_record(header).map_err(io_error)?;
    for PopulationResults { population, .. } in &results.populations {
        let values = population.named_values();
        let columns: Vec<Option<&Values>> = names
            .iter()
            .map(|name| values.iter().find(|(known, _)| known == name).map(|(_, values)| *values))
            .collect();
        for neuron in 0..population.neurons {
            let value = |values: &Option<&Values>| match values.map(|values| values.of(neuron)) {
                Some(value) if value.is_finite() => exact(value),
                _ => String::new(),
            };
            let index = (population.first_neuron + neuron).to_string();
            let own = [population.name.clone(), index].into_iter();
            csv.write_record(own.chain(columns.iter().map(value))).map_err(io_error)?;
        }
    }
    csv.flush().map_err(io_error)
}

/// `compare.csv`: a row per cell of the grid. `_std` is the standard deviation over neurons, `_sem` the
/// standard error of the mean over neurons, `_ci95` half the width of its 95 % confidence interval (normal
/// approximation). `cv_mean` is the CV, the mean over `cv_neurons` neurons, from all their `intervals`; where
/// these are `under_sampled`, it is too low and has no confidence interval.
///
/// # Errors
/// If writing fails.
pub fn comparison(file: &mut dyn Write, results: &Results, sweeps: &[Sweep]) -> Result<(), Error> {
    let mut header = vec!["population"];
    header.extend(sweeps.iter().map(|sweep| sweep.key.as_str()));
    header.extend([
        "neurons",
        "spikes",
        "rate_mean_hz",
        "rate_std_hz",
        "rate_sem_hz",
        "rate_ci95_hz",
        "cv_mean",
        "cv_ci95",
        "cv_neurons",
        "intervals",
        "under_sampled",
        "cv_jackknife",
        "cv_pooled",
        "cv2_mean",
        "lv_mean",
        "lvr_mean",
        "fano_over_neurons",
        "fano_over_windows",
        "correlation_mean",
        "correlation_sem",
    ]);
    let mut csv = csv::Writer::from_writer(file);
    csv.write_record(header).map_err(io_error)?;
    let field = |x: Option<f64>| x.map(|x| x.to_string()).unwrap_or_default();
    for cell in &results.populations {
        let intervals = cell.recorded.as_ref().map(|recorded| &recorded.intervals);
        let number = |of: fn(&PopulationIntervals) -> Option<f64>| field(intervals.and_then(of));
        let counted = |of: fn(&PopulationIntervals) -> u64| {
            intervals.map(|intervals| of(intervals).to_string()).unwrap_or_default()
        };
        let hz = cell.rates.hz;
        let mut row = vec![cell.population.name.clone()];
        row.extend(cell.population.at.iter().map(|(_, value)| value.to_string()));
        row.push(cell.population.neurons.to_string());
        row.push(cell.rates.spikes.to_string());
        row.extend([hz.mean(), hz.std(), hz.sem(), hz.sem().map(|sem| Z95 * sem)].map(field));
        row.push(number(|intervals| intervals.cv.mean()));
        row.push(number(PopulationIntervals::cv_ci95));
        row.push(counted(|intervals| intervals.cv.count));
        row.push(counted(|intervals| intervals.pooled.count));
        row.push(intervals.map(|_| is_under_sampled(cell).to_string()).unwrap_or_default());
        row.push(number(|intervals| intervals.cv_jackknife.mean()));
        row.push(number(|intervals| intervals.pooled.cv()));
        row.push(number(|intervals| intervals.cv2_mean));
        row.push(number(|intervals| intervals.lv_mean));
        row.push(number(|intervals| intervals.lvr_mean));
        row.push(field(cell.rates.fano_over_neurons));
        let counts = cell.recorded.as_ref().and_then(|recorded| recorded.counts);
        row.push(field(counts.and_then(|counts| counts.fano.mean())));
        let correlation = counts.and_then(|counts| counts.correlation);
        row.push(field(correlation.map(|correlation| correlation.mean)));
        row.push(field(correlation.map(|correlation| correlation.sem)));
        csv.write_record(row).map_err(io_error)?;
    }
    csv.flush().map_err(io_error)
}
