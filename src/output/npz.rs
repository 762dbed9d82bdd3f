//! `spikes.npz`: all spikes, for NumPy.
//!
//! Arrays `neuron` and `step` (u32, one entry per spike, sorted by step, then neuron) and the
//! scalars `dt_ms`, `neurons`, `steps`, `seed`. Neurons are counted through all populations.

use std::io::{Cursor, Write};

use npyz::{AutoSerialize, WriterBuilder};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::folder::io_error;
use crate::analysis::signal::Spectrogram;
use crate::error::Error;
use crate::results::Results;
use crate::spikes::Spike;
use crate::trace::Trace;

/// Writes the spikes of all populations.
///
/// # Errors
/// If writing fails.
pub fn write(file: &mut dyn Write, results: &Results) -> Result<(), Error> {
    let mut spikes: Vec<Spike> = Vec::new();
    for (population, recorded) in results.recorded() {
        let first = population.first_neuron as u32;
        let own = recorded.trains.sorted_by_step();
        spikes.extend(own.into_iter().map(|spike| Spike { neuron: spike.neuron + first, ..spike }));
    }
    if results.populations.len() > 1 {
        spikes.sort_unstable();
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    array(&mut zip, "neuron", &[spikes.len() as u64], spikes.iter().map(|spike| spike.neuron))?;
    array(&mut zip, "step", &[spikes.len() as u64], spikes.iter().map(|spike| spike.step))?;
    array(&mut zip, "dt_ms", &[], [results.dt_ms].into_iter())?;
    array(&mut zip, "neurons", &[], [results.neurons() as u64].into_iter())?;
    array(&mut zip, "steps", &[], [u64::from(results.steps)].into_iter())?;
    array(&mut zip, "seed", &[], [results.seed].into_iter())?;
    let bytes = zip.finish().map_err(io_error)?.into_inner();
    file.write_all(&bytes).map_err(io_error)
}

/// Adds an array to the archive; an empty shape is a scalar.
fn array<T: AutoSerialize>(
    zip: &mut ZipWriter<Cursor<Vec<u8>>>,
    name: &str,
    shape: &[u64],
    values: impl Iterator<Item = T>,
) -> Result<(), Error> {
    // No date, so that the same experiment gives the same bytes. Not compressed, as by numpy.savez:
    // compressing spikes takes longer than simulating them.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .large_file(true);
    zip.start_file(format!("{name}.npy"), options).map_err(io_error)?;
    let mut writer = npyz::WriteOptions::new()
        .default_dtype()
        .shape(shape)
        .writer(&mut *zip)
        .begin_nd()
        .map_err(io_error)?;
    writer.extend(values).map_err(io_error)?;
    writer.finish().map_err(io_error)
}

/// Writes traces: `t_ms` (one per sample), and per variable and `current` an array of a row per
/// neuron; `spike_neuron` and `spike_step`.
///
/// # Errors
/// If writing fails.
pub fn write_traces(file: &mut dyn Write, t_ms: &[f64], traces: &[Trace]) -> Result<(), Error> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    array(&mut zip, "t_ms", &[t_ms.len() as u64], t_ms.iter().copied())?;
    let shape = [traces.len() as u64, t_ms.len() as u64];
    let variables = traces.first().map(|trace| &trace.variables[..]).unwrap_or_default();
    for (row, variable) in variables.iter().enumerate() {
        // Populations of other models have other variables.
        let same =
            traces.iter().all(|t| t.variables.get(row).is_some_and(|v| v.name == variable.name));
        if same {
            let values = traces.iter().flat_map(|trace| trace.values[row].iter().copied());
            array(&mut zip, variable.name, &shape, values)?;
        }
    }
    array(&mut zip, "current", &shape, traces.iter().flat_map(|t| t.current.iter().copied()))?;
    let spikes: Vec<(u32, u32)> = (0u32..)
        .zip(traces)
        .flat_map(|(neuron, trace)| trace.spike_steps.iter().map(move |&step| (neuron, step)))
        .collect();
    let shape = [spikes.len() as u64];
    array(&mut zip, "spike_neuron", &shape, spikes.iter().map(|spike| spike.0))?;
    array(&mut zip, "spike_step", &shape, spikes.iter().map(|spike| spike.1))?;
    let bytes = zip.finish().map_err(io_error)?.into_inner();
    file.write_all(&bytes).map_err(io_error)
}

/// Writes a spectrogram: `frequency_hz`, `time_s`, and `power` with a row per time.
///
/// # Errors
/// If writing fails.
pub fn write_spectrogram(file: &mut dyn Write, spectrogram: &Spectrogram) -> Result<(), Error> {
    let Spectrogram { df_hz, time_s: (first, step), columns } = spectrogram;
    let rows = columns.first().map_or(0, Vec::len);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    array(&mut zip, "frequency_hz", &[rows as u64], (0..rows).map(|k| k as f64 * df_hz))?;
    let times = (0..columns.len()).map(|n| first + n as f64 * step);
    array(&mut zip, "time_s", &[columns.len() as u64], times)?;
    let shape = [columns.len() as u64, rows as u64];
    array(&mut zip, "power", &shape, columns.iter().flatten().copied())?;
    let bytes = zip.finish().map_err(io_error)?.into_inner();
    file.write_all(&bytes).map_err(io_error)
}
