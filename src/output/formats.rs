//! Spikes in formats that others read: NumPy's npz, Parquet for tables, SONATA for simulators, NWB for recordings.
//!
//! All hold the same spikes, sorted by time, then by neuron (NWB: by neuron, then by time), and with them the experiment, its seed and the version. They are
//! written piece by piece: memory does not grow with the number of spikes.

mod by_time;
mod npz;
mod nwb;
mod parquet;
mod sonata;

use std::path::Path;
use std::sync::OnceLock;

use super::folder::Folder;
use crate::error::Error;
use crate::population::Population;
use crate::results::Results;
use crate::sink::Spool;
use crate::spikes::Spikes;
use crate::window::time_ms;
use by_time::ByTime;

/// A format for spikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum SpikeFormat {
    /// `spikes.npz`: arrays for NumPy.
    Npz,
    /// `spikes.parquet`: a table for pandas, polars, R, DuckDB; the smallest.
    Parquet,
    /// `spikes.h5`: a spike file as SONATA has it, for libsonata, BMTK, NetPyNE.
    Sonata,
    /// `spikes.nwb`: a unit for each neuron, as in Neurodata Without Borders, for pynwb, pynapple, SpikeInterface.
    Nwb,
}

impl SpikeFormat {
    /// All of them.
    pub const ALL: [SpikeFormat; 4] =
        [SpikeFormat::Npz, SpikeFormat::Parquet, SpikeFormat::Sonata, SpikeFormat::Nwb];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            SpikeFormat::Npz => "npz",
            SpikeFormat::Parquet => "parquet",
            SpikeFormat::Sonata => "sonata",
            SpikeFormat::Nwb => "nwb",
        }
    }

    /// The name of the file.
    pub fn file(self) -> &'static str {
        match self {
            SpikeFormat::Npz => "spikes.npz",
            SpikeFormat::Parquet => "spikes.parquet",
            SpikeFormat::Sonata => "spikes.h5",
            SpikeFormat::Nwb => "spikes.nwb",
        }
    }

    /// About how many bytes of memory it takes to write some spikes that are in a file (measured).
    pub fn memory(self, spikes: f64) -> f64 {
        match self {
            SpikeFormat::Parquet => 6e7,
            SpikeFormat::Npz | SpikeFormat::Sonata => 1.5e7,
            SpikeFormat::Nwb => 1.5e7 + 4.0 * spikes.min(nwb::AT_ONCE as f64),
        }
    }

    /// About how many bytes a spike takes.
    pub fn bytes(self) -> f64 {
        match self {
            SpikeFormat::Npz => 8.0,
            SpikeFormat::Parquet => 2.0,
            SpikeFormat::Sonata => 16.0,
            SpikeFormat::Nwb => 8.0,
        }
    }
}

/// Spikes to be written, with what is told beside them.
pub struct Table<'a> {
    /// The results that they belong to.
    pub results: &'a Results,
    /// The experiment as a file.
    pub experiment: &'a str,
    /// The spikes, where they came in a file; else those that the results keep.
    pub spool: Option<&'a Spool>,
    /// Those that the results keep, once they are looked for.
    kept: OnceLock<ByTime<'a>>,
}

impl<'a> Table<'a> {
    /// A table of the spikes that came in a file, or else of those that the results keep.
    pub fn new(results: &'a Results, experiment: &'a str, spool: Option<&'a Spool>) -> Self {
        Table { results, experiment, spool, kept: OnceLock::new() }
    }

    /// Writes a file into a folder.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, folder: &Folder, format: SpikeFormat) -> Result<std::path::PathBuf, Error> {
        match format {
            SpikeFormat::Npz => folder.write(format.file(), |file| npz::write(file, self)),
            SpikeFormat::Parquet => folder.write(format.file(), |file| parquet::write(file, self)),
            SpikeFormat::Sonata => {
                folder.fill(format.file(), |path: &Path| sonata::write(path, self))
            }
            SpikeFormat::Nwb => folder.fill(format.file(), |path: &Path| nwb::write(path, self)),
        }
    }

    /// How many spikes.
    fn spikes(&self) -> u64 {
        match self.spool {
            Some(spool) => spool.spikes(),
            None => self.results.kept().map(|(_, kept)| kept.whole_trains.spikes() as u64).sum(),
        }
    }

    /// Hands out all spikes in their order, some at a time.
    fn each(&self, take: &mut dyn FnMut(&Spikes) -> Result<(), Error>) -> Result<(), Error> {
        match self.spool {
            Some(spool) => spool.read(take),
            None => self.kept().each(take),
        }
    }

    /// Hands out the neurons of all spikes in their order, some at a time.
    fn each_neuron(
        &self,
        take: &mut dyn FnMut(&Vec<u32>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self.spool {
            Some(spool) => spool.read(&mut |spikes| take(&spikes.neurons)),
            None => self.kept().neurons(take),
        }
    }

    /// Hands out the steps of all spikes in their order, some at a time.
    fn each_step(&self, take: &mut dyn FnMut(&Vec<u32>) -> Result<(), Error>) -> Result<(), Error> {
        match self.spool {
            Some(spool) => spool.read(&mut |spikes| take(&spikes.steps)),
            None => self.kept().steps(take),
        }
    }

    /// The spikes that the results keep.
    fn kept(&self) -> &ByTime<'a> {
        self.kept.get_or_init(|| {
            let kept = || self.results.kept().map(|(_, kept)| kept);
            let neurons = kept().flat_map(|kept| &kept.neurons);
            ByTime::new(
                kept().flat_map(|kept| kept.whole_trains.iter()).collect(),
                neurons.map(|&neuron| neuron as u32).collect(),
            )
        })
    }

    /// The neurons whose spikes were kept, ascending, where they are not all.
    fn sample(&self) -> Option<Vec<u32>> {
        let kept = self.results.kept().flat_map(|(_, kept)| kept.neurons.iter());
        let kept: Vec<u32> = kept.map(|&neuron| neuron as u32).collect();
        (self.spool.is_none() && kept.len() < self.results.neurons()).then_some(kept)
    }

    /// The populations, in the order of their neurons.
    fn populations(&self) -> impl Iterator<Item = &Population> {
        self.results.populations.iter().map(|results| &results.population)
    }

    /// The index of the population that a neuron is in.
    fn population_of(&self, neuron: u32) -> usize {
        let first = |p: &crate::results::PopulationResults| p.population.first_neuron;
        self.results.populations.partition_point(|p| first(p) <= neuron as usize) - 1
    }
}

/// The times of steps in order (ms): the same step, the same time.
fn times_ms(steps: &[u32], dt_ms: f64) -> Vec<f64> {
    let mut times = Vec::with_capacity(steps.len());
    for equal in steps.chunk_by(|a, b| a == b) {
        times.resize(times.len() + equal.len(), time_ms(equal[0], dt_ms));
    }
    times
}
