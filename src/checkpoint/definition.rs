//! Checkpoints: what a run needs to go on where it was, on the same or the other engine.
//!
//! A checkpoint is one archive of arrays, with a checksum each: what all neurons are at ([`Run::save`](crate::engine::Run)),
//! the sums and samples so far, how long the file of spikes is, and the experiment. It is written beside the last one, brought
//! to the disk, and takes its place: whenever a run is killed, one of them is whole.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::error::{Error, Place, Problem};
use crate::output::npz::{Archive, Arrays};
use crate::raster::WORD;
use crate::shard::Shard;

/// The file in the folder of an unfinished run.
pub const FILE: &str = "checkpoint.npz";

/// The experiment of an unfinished run.
pub const EXPERIMENT: &str = "checkpoint.toml";

/// The spikes of an unfinished run.
pub const SPIKES: &str = "checkpoint.spikes";

/// Whether a file is one of an unfinished run, which is of no use once it is finished.
pub fn is_of_unfinished(name: &str) -> bool {
    [FILE, EXPERIMENT, SPIKES].contains(&name)
}

/// How often there is a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Every {
    /// After so many steps, a multiple of 32 (one word of spikes).
    Steps(u32),
    /// After so much time by the clock (s).
    Seconds(f64),
}

impl Every {
    /// After a time of the model (ms).
    pub fn model_time(time_ms: f64, dt_ms: f64) -> Self {
        let words = (time_ms / dt_ms / WORD as f64).ceil().max(1.0);
        Every::Steps((words.min(f64::from(u32::MAX / WORD as u32)) * WORD as f64) as u32)
    }

    /// The step at which the block that begins with a step has to end.
    pub(super) fn next(self, step: u32) -> u32 {
        match self {
            Every::Steps(steps) => (step / steps + 1).saturating_mul(steps),
            Every::Seconds(_) => u32::MAX,
        }
    }

    fn numbers(self) -> [f64; 2] {
        match self {
            Every::Steps(steps) => [f64::from(steps), 0.0],
            Every::Seconds(seconds) => [0.0, seconds],
        }
    }

    fn of_numbers(numbers: &[f64]) -> Option<Self> {
        match *numbers {
            [steps, 0.0] if steps >= WORD as f64 => Some(Every::Steps(steps as u32)),
            [0.0, seconds] if seconds > 0.0 => Some(Every::Seconds(seconds)),
            _ => None,
        }
    }
}

/// What a run needs to go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// `f32` or `f64`: the numbers are exact in that precision only.
    pub precision: String,
    /// A row for each neuron.
    pub rows: Vec<f64>,
    /// Sums and samples of the steps done.
    pub shard: Shard,
    /// The time that it has taken so far (s).
    pub stepping_s: f64,
    /// How often there is a checkpoint.
    pub every: Every,
    /// The experiment as a file.
    pub experiment: String,
    /// What the command line said besides the experiment.
    pub flags: String,
}

impl Checkpoint {
    /// Writes it into a folder, in the place of the one before.
    ///
    /// # Errors
    /// If writing fails: the one before is whole then.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(FILE);
        let beside = folder.join("checkpoint.new");
        let io = |source| Error::Io { action: "write", path: path.clone(), source };
        let mut file = BufWriter::new(File::create(&beside).map_err(io)?);
        self.fill(Archive::new(&mut file)).map_err(|error| match error {
            // An archive does not know its name.
            Error::Io { source, .. } => io(source),
            other => other,
        })?;
        file.flush().map_err(io)?;
        file.get_ref().sync_all().map_err(io)?;
        drop(file);
        fs::rename(&beside, &path).map_err(io)?;
        // The name is on the disk as well, where folders can be brought there.
        File::open(folder).and_then(|folder| folder.sync_all()).or_else(|error| match cfg!(unix) {
            true => Err(io(error)),
            false => Ok(()),
        })
    }

    fn fill(&self, mut archive: Archive<'_>) -> Result<(), Error> {
        archive.texts("precision", &[&self.precision], false)?;
        archive.begin::<f64>("rows", &[self.rows.len() as u64])?;
        archive.more(&self.rows)?;
        archive.array("stepping_s", &[], [self.stepping_s])?;
        archive.array("every", &[2], self.every.numbers())?;
        archive.texts("experiment", &[&self.experiment], false)?;
        archive.texts("flags", &[&self.flags], false)?;
        self.shard.fill(&mut archive)?;
        archive.finish()
    }

    /// Reads the one in a folder.
    ///
    /// # Errors
    /// If there is none, or it is broken.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(FILE);
        let broken = |why: String| {
            let place = Place::Flag(path.display().to_string());
            let message = format!("this checkpoint is broken: {why}");
            Error::from(Problem::new(
                message,
                &place,
                "simulate it from the beginning, with --force",
            ))
        };
        let read = || -> Result<Self, Error> {
            let mut arrays = Arrays::open(&path)?;
            Ok(Checkpoint {
                precision: arrays.text("precision")?,
                rows: arrays.get("rows")?,
                shard: Shard::of_arrays(&mut arrays)?,
                stepping_s: arrays.get::<f64>("stepping_s")?.first().copied().unwrap_or_default(),
                every: Every::of_numbers(&arrays.get("every")?)
                    .ok_or_else(|| broken("how often there is one".into()))?,
                experiment: arrays.text("experiment")?,
                flags: arrays.text("flags")?,
            })
        };
        read().map_err(|error| match error {
            Error::Io { source, .. } => broken(source.to_string()),
            other => other,
        })
    }
}
