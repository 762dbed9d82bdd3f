//! Tables as CSV, a header line each. An undefined quantity is an empty field.

use std::io::Write;

use super::folder::io_error;
use crate::comparison::{Z95, cv};
use crate::error::Error;
use crate::results::{PopulationResults, Results};
use crate::sweep::Sweep;

/// Writes records under a header.
fn table<R: IntoIterator<Item = String>>(
    file: &mut dyn Write,
    header: &[&str],
    records: impl Iterator<Item = R>,
) -> Result<(), Error> {
    let mut csv = csv::Writer::from_writer(file);
    csv.write_record(header).map_err(io_error)?;
    for record in records {
        csv.write_record(record).map_err(io_error)?;
    }
    csv.flush().map_err(io_error)
}

fn field(x: Option<f64>) -> String {
    x.map(|x| x.to_string()).unwrap_or_default()
}

/// `intervals.csv`: a row per neuron.
///
/// # Errors
/// If writing fails.
pub fn intervals(file: &mut dyn Write, results: &Results) -> Result<(), Error> {
    let header = [
        "population",
        "neuron",
        "spikes",
        "rate_hz",
        "isi_mean_ms",
        "isi_std_ms",
        "cv",
        "cv2",
        "lv",
    ];
    let per_second = 1e3 / results.duration_ms();
    let rows = results.populations.iter().flat_map(|results| {
        let PopulationResults { population, counts, recorded, .. } = results;
        population.range().zip(counts).enumerate().map(move |(place, (neuron, count))| {
            // Without recorded spikes there are counts only.
            let stats = recorded.as_ref().map(|recorded| recorded.intervals.trains[place]);
            let stats = stats.unwrap_or_default();
            [
                population.name.clone(),
                neuron.to_string(),
                count.to_string(),
                (f64::from(*count) * per_second).to_string(),
                field(stats.moments.mean()),
                field(stats.moments.std()),
                field(stats.moments.cv()),
                field(stats.cv2),
                field(stats.lv),
            ]
        })
    });
    table(file, &header, rows)
}

/// `histogram.csv`: a row per bin of the histogram of intervals.
///
/// # Errors
/// If writing fails.
pub fn histogram(file: &mut dyn Write, results: &Results) -> Result<(), Error> {
    let header = ["population", "from_ms", "to_ms", "intervals", "density_per_ms"];
    let histograms =
        results.recorded().filter_map(|(p, recorded)| Some((p, recorded.histogram.as_ref()?)));
    let rows = histograms.flat_map(|(population, histogram)| {
        let edge = |bin: usize| crate::unit::tell(bin as f64 * histogram.bin_ms);
        let bins = histogram.counts.iter().zip(histogram.density()).enumerate();
        bins.map(move |(bin, (count, density))| {
            [
                population.name.clone(),
                edge(bin),
                edge(bin + 1),
                count.to_string(),
                density.to_string(),
            ]
        })
    });
    table(file, &header, rows)
}

/// `spectrum.csv`: a row per frequency.
///
/// # Errors
/// If writing fails.
pub fn spectrum(file: &mut dyn Write, results: &Results) -> Result<(), Error> {
    let header = ["population", "frequency_hz", "power_hz", "population_power_hz"];
    let spectra =
        results.recorded().filter_map(|(p, recorded)| Some((p, recorded.spectrum.as_ref()?)));
    let rows = spectra.flat_map(|(population, spectrum)| {
        let powers = spectrum.power.iter().zip(&spectrum.population).enumerate();
        powers.map(move |(k, (power, activity))| {
            [
                population.name.clone(),
                crate::unit::tell((k + 1) as f64 * spectrum.df_hz),
                power.to_string(),
                activity.to_string(),
            ]
        })
    });
    table(file, &header, rows)
}

/// `compare.csv`: a row per cell of the grid. Half widths are of 95 % confidence intervals of means
/// over neurons (normal approximation).
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
        "cv_pooled",
        "cv2_mean",
        "lv_mean",
        "fano",
        "correlation",
    ]);
    let rows = results.populations.iter().map(|cell| {
        let intervals = cell.recorded.as_ref().map(|recorded| &recorded.intervals);
        let hz = cell.rates.hz;
        let (cv_mean, cv_ci95) = cv(cell);
        let mut row = vec![cell.population.name.clone()];
        row.extend(cell.population.at.iter().map(|(_, value)| value.to_string()));
        row.push(cell.population.neurons.to_string());
        row.push(cell.rates.spikes.to_string());
        row.extend([hz.mean(), hz.std(), hz.sem(), hz.sem().map(|sem| Z95 * sem)].map(field));
        row.extend([cv_mean, cv_ci95].map(field));
        row.push(field(intervals.and_then(|i| i.pooled.cv())));
        row.push(field(intervals.and_then(|i| i.cv2_mean)));
        row.push(field(intervals.and_then(|i| i.lv_mean)));
        row.push(field(cell.rates.fano));
        let correlation = cell.recorded.as_ref().and_then(|recorded| recorded.correlation);
        row.push(field(correlation.map(|correlation| correlation.mean)));
        row
    });
    table(file, &header, rows)
}
