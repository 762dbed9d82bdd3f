//! `spikes.npz`: all spikes, for NumPy.
//!
//! Arrays `neuron` and `step` (u32, one entry per spike, sorted by step, then neuron) and the scalars `dt_ms`, `neurons`,
//! `steps`, `seed`. Neurons are counted through all populations: that of the index p in `population` (names) has the neurons
//! from `first_neuron[p]` on. `experiment` is the experiment as TOML, `loligo` the version. Where the spikes of some neurons
//! were kept only, `sample` has their indices (u32, ascending).

use super::Table;
use crate::error::Error;
use crate::output::folder::WriteSeek;
use crate::output::npz::Archive;

/// Writes the spikes.
pub fn write(file: &mut dyn WriteSeek, table: &Table<'_>) -> Result<(), Error> {
    let mut archive = Archive::new(file);
    let shape = [table.spikes()];
    archive.begin::<u32>("neuron", &shape)?;
    table.each_neuron(&mut |neurons| archive.more(neurons))?;
    archive.begin::<u32>("step", &shape)?;
    table.each_step(&mut |steps| archive.more(steps))?;
    let results = table.results;
    archive.array("dt_ms", &[], [results.dt_ms])?;
    archive.array("neurons", &[], [results.neurons() as u64])?;
    archive.array("steps", &[], [u64::from(results.steps)])?;
    archive.array("seed", &[], [results.seed])?;
    if let Some(sample) = table.sample() {
        archive.array("sample", &[sample.len() as u64], sample)?;
    }
    let first: Vec<u64> = table.populations().map(|p| p.first_neuron as u64).collect();
    archive.array("first_neuron", &[first.len() as u64], first)?;
    archive.texts(
        "population",
        &table.populations().map(|p| p.name()).collect::<Vec<_>>(),
        true,
    )?;
    archive.texts("experiment", &[table.experiment], false)?;
    archive.texts("loligo", &[env!("CARGO_PKG_VERSION")], false)?;
    archive.finish()
}
