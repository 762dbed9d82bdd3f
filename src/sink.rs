//! What becomes of the spikes of a run, as they come.
//!
//! An engine hands out the raster of a block in tiles, from several threads; a sink keeps the spikes
//! ([`Recorder`]), some of them ([`Sample`]), or statistics of them ([`Sums`]). A list of sinks is one.

mod definition;
mod record;
mod recorder;
mod sample;
mod scan;
mod spool;
mod sums;

pub use definition::Sink;
pub use record::Record;
pub use recorder::Recorder;
pub use sample::{Sample, spread};
pub use spool::{Content, Spool, SpoolReader};
pub use sums::{PartSums, PopulationSums, RATE_BINS, Summed, Sums};
