//! `spikes.h5`: spikes as SONATA has them (github.com/AllenInstitute/sonata).
//!
//! `/spikes/NAME/timestamps` (f64, ms) and `/spikes/NAME/node_ids` (u64) of each population, sorted by time, then by neuron;
//! nodes are counted within their population. `/loligo` has the version, seed, dt and steps as attributes, and `experiment`,
//! the bytes of a TOML file. Not compressed, since libsonata's wheel reads no compressed data, and in chunks of at most
//! 32,768 numbers, since HDF5 2.0 refuses chunks above 65,535.

use std::collections::HashSet;
use std::path::Path;

use hdf5_pure::{AttrValue, File, FileAccessProperties, FileBuilder, MaxExtent, SyncPolicy};

use super::{Table, times_ms};
use crate::error::Error;
use crate::output::folder::io_error;

/// Numbers of a chunk; of many populations fewer, since each has chunks in memory.
const CHUNK: usize = 32_768;

/// A spike file begins with these.
const MAGIC: u32 = 0x0A7A;
const VERSION: [u32; 2] = [0, 1];

/// Spikes of a population that are not written yet.
#[derive(Default)]
struct Pending {
    times: Vec<f64>,
    nodes: Vec<u64>,
}

/// Writes the spikes into a file that is not there yet.
pub fn write(path: &Path, table: &Table<'_>) -> Result<(), Error> {
    let wrong = |error: hdf5_pure::Error| io_error(std::io::Error::other(error.to_string()));
    let populations: Vec<_> = table.populations().collect();
    let chunk = (64 * CHUNK / populations.len()).clamp(1024, CHUNK);
    let names = names(populations.iter().map(|p| p.name()));
    empty(table, &names, chunk).write(path).map_err(wrong)?;
    let properties = FileAccessProperties::new().with_sync_policy(SyncPolicy::OnClose);
    let file = File::open_rw_with_options(path, properties).map_err(wrong)?;
    let write = |population: usize, pending: &mut Pending| -> Result<(), Error> {
        let of = |column: &str| file.dataset(&format!("spikes/{}/{column}", names[population]));
        of("timestamps").and_then(|mut set| set.append(&pending.times)).map_err(wrong)?;
        of("node_ids").and_then(|mut set| set.append(&pending.nodes)).map_err(wrong)?;
        *pending = Pending::default();
        Ok(())
    };
    let mut pending: Vec<Pending> = populations.iter().map(|_| Pending::default()).collect();
    table.each(&mut |spikes| {
        let times = times_ms(&spikes.steps, table.results.dt_ms);
        for (&neuron, &time) in spikes.neurons.iter().zip(&times) {
            let population = table.population_of(neuron);
            let own = &mut pending[population];
            own.times.push(time);
            own.nodes.push(u64::from(neuron) - populations[population].first_neuron as u64);
            if own.times.len() == chunk {
                write(population, own)?;
            }
        }
        Ok(())
    })?;
    for (population, own) in pending.iter_mut().enumerate() {
        if !own.times.is_empty() {
            write(population, own)?;
        }
    }
    file.close().map_err(wrong)
}

/// Names as links of HDF5: they are no paths, and each is another.
fn names<'a>(populations: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut taken = HashSet::new();
    for name in populations {
        let plain = match name.replace('/', "_") {
            dots if matches!(&*dots, "" | "." | "..") => format!("population_{dots}"),
            plain => plain,
        };
        let numbered = (2..).map(|n| format!("{plain}_{n}"));
        let free =
            std::iter::once(plain.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
        names.extend(free);
    }
    names
}

/// The file without spikes.
fn empty(table: &Table<'_>, names: &[String], chunk: usize) -> FileBuilder {
    let results = table.results;
    let mut builder = FileBuilder::new();
    builder.set_attr("magic", AttrValue::U32(MAGIC));
    builder.set_attr("version", AttrValue::U32Array(VERSION.to_vec()));
    let mut about = builder.create_group("loligo");
    about.set_attr("version", AttrValue::String(env!("CARGO_PKG_VERSION").into()));
    about.set_attr("seed", AttrValue::U64(results.seed));
    about.set_attr("dt_ms", AttrValue::F64(results.dt_ms));
    about.set_attr("steps", AttrValue::U32(results.steps));
    about.create_dataset("experiment").with_u8_data(table.experiment.as_bytes());
    builder.add_group(about.finish());
    let mut spikes = builder.create_group("spikes");
    for name in names {
        let mut population = spikes.create_group(name);
        let growing = |set: &mut hdf5_pure::DatasetBuilder| {
            set.with_shape(&[0])
                .with_maxshape(&[MaxExtent::Unlimited])
                .with_chunks(&[chunk as u64]);
        };
        let times = population.create_dataset("timestamps").with_f64_data(&[]);
        times.set_attr("units", AttrValue::String("ms".into()));
        growing(times);
        growing(population.create_dataset("node_ids").with_u64_data(&[]));
        spikes.add_group(population.finish());
    }
    builder.add_group(spikes.finish());
    builder
}
