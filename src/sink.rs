//! What becomes of the spikes of a run, as they come.
//!
//! An engine hands out the raster of a block in tiles, from several threads; a sink keeps the spikes
//! ([`Recorder`]), some of them ([`Sample`]), or statistics of them ([`Sums`]). A list of sinks is one.

mod recorder;
mod sample;
mod scan;
mod spool;
mod sums;

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::raster::RasterTile;

pub use recorder::Recorder;
pub use sample::{Sample, spread};
pub use spool::{Spool, SpoolReader};
pub use sums::{PartSums, PopulationSums, RATE_BINS, Summed, Sums};

/// What is recorded of the spikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// Every spike.
    Spikes,
    /// Statistics while stepping, and no spikes.
    Intervals,
    /// The same, and the spikes of some neurons, evenly spread.
    Sample(usize),
    /// Only the number of spikes of each neuron.
    None,
}

impl Record {
    /// How each is written.
    pub const NAMES: &str = "spikes, intervals, sample:N or none";

    /// Whether every spike is kept.
    pub fn is_all(self) -> bool {
        self == Record::Spikes
    }

    /// Whether statistics are taken while stepping.
    pub fn is_summed(self) -> bool {
        matches!(self, Record::Intervals | Record::Sample(_))
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Record::Spikes => f.write_str("spikes"),
            Record::Intervals => f.write_str("intervals"),
            Record::Sample(neurons) => write!(f, "sample:{neurons}"),
            Record::None => f.write_str("none"),
        }
    }
}

impl FromStr for Record {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "spikes" => Ok(Record::Spikes),
            "intervals" => Ok(Record::Intervals),
            "none" => Ok(Record::None),
            _ => {
                let number = text.strip_prefix("sample:").and_then(|number| number.parse().ok());
                let sample = number.filter(|neurons| *neurons > 0).map(Record::Sample);
                sample.ok_or_else(|| format!("there is no record `{text}`: use {}", Record::NAMES))
            }
        }
    }
}

/// Takes the spikes of a run.
pub trait Sink: Sync {
    /// Takes a tile, from any thread. The blocks of a tile come in order of time.
    fn tile(&self, tile: &RasterTile<'_>);

    /// Is told that all tiles of the steps before `end` were taken.
    ///
    /// # Errors
    /// If the run must end here: what was taken is kept, and so is what still comes of blocks under way.
    fn block(&mut self, end: u32) -> Result<(), Error>;
}

impl Sink for Vec<&mut dyn Sink> {
    fn tile(&self, tile: &RasterTile<'_>) {
        self.iter().for_each(|sink| sink.tile(tile));
    }

    fn block(&mut self, end: u32) -> Result<(), Error> {
        self.iter_mut().try_for_each(|sink| sink.block(end))
    }
}
