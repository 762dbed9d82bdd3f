//! Checkpoints: what a run needs to go on where it was, on the same or the other engine.
//!
//! A checkpoint is one archive of arrays, with a checksum each: what all neurons are at ([`Run::save`](crate::engine::Run)),
//! the sums and samples so far, how long the file of spikes is, and the experiment. It is written beside the last one, brought
//! to the disk, and takes its place: whenever a run is killed, one of them is whole.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use crate::engine::{Blocks, Engine, foreign_rows};
use crate::error::{Error, Place, Problem};
use crate::experiment::Experiment;
use crate::output::npz::{Archive, Arrays};
use crate::raster::WORD;
use crate::real::{Real, Single};
use crate::shard::{Done, Shard};
use crate::simulation::{Plan, diverged, sample_of, step};
use crate::sink::{Record, Sample, Sink, Spool, Sums};

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

/// What a run needs to go on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    /// `f32` or `f64`: the numbers are exact in that precision only.
    pub precision: String,
    /// A row for each neuron.
    pub rows: Vec<f64>,
    /// Sums and samples of the steps done.
    pub shard: Shard,
    /// The time that it has taken so far (s).
    pub stepping_s: f64,
    /// How often there is a checkpoint (steps).
    pub every: u32,
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
        archive.array("every", &[], [self.every])?;
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
                every: arrays.get::<u32>("every")?.first().copied().unwrap_or_default(),
                experiment: arrays.text("experiment")?,
                flags: arrays.text("flags")?,
            })
        };
        let checkpoint = read().map_err(|error| match error {
            Error::Io { source, .. } => broken(source.to_string()),
            other => other,
        })?;
        if checkpoint.every == 0 {
            return Err(broken("it has no steps".into()));
        }
        Ok(checkpoint)
    }
}

/// How a run with checkpoints ended.
#[derive(Debug)]
pub enum Ended {
    /// It is done, in a time of stepping (s).
    Done(Done, f64),
    /// It was ended after some steps: the last checkpoint is of them.
    Early(u32),
}

/// What is as it is in all checkpoints of a run.
#[derive(Clone, Debug)]
pub struct Kept<'a> {
    /// How often there is one (steps), a multiple of 32.
    pub every: u32,
    /// The experiment as a file.
    pub experiment: &'a str,
    /// What the command line said besides the experiment.
    pub flags: &'a str,
    /// Where they are written.
    pub folder: &'a Path,
}

/// The number of steps of a time, as a multiple of 32 (one word of spikes).
pub fn every(time_ms: f64, dt_ms: f64) -> u32 {
    let words = (time_ms / dt_ms / WORD as f64).ceil().max(1.0);
    (words.min(f64::from(u32::MAX / WORD as u32)) * WORD as f64) as u32
}

/// Simulates an experiment with checkpoints, from the beginning or from one. All spikes go to `spool`, if there is one.
///
/// # Errors
/// If the experiment does not fit the engine, or the checkpoint the experiment, or the device, the spool or the arithmetic
/// fails: the last checkpoint stays.
pub fn simulate(
    engine: &dyn Engine,
    experiment: &Experiment,
    plan: Plan,
    mut spool: Option<&mut Spool>,
    from: Option<Checkpoint>,
    kept: &Kept<'_>,
    go_on: &mut dyn FnMut(u32) -> bool,
) -> Result<Ended, Error> {
    let precision = engine.info().precision;
    if precision == <Single<true> as Real>::PRECISION {
        experiment.check_single_precision()?;
    }
    let Plan { record, analysis, block_words, .. } = plan;
    let blocks = Blocks { raster: record != Record::None || spool.is_some(), words: block_words };
    let mut run = engine.start(experiment, blocks)?;
    let mut sums = record.is_summed().then(|| Sums::new(run.tiles(), experiment, analysis));
    let mut sample = sample_of(experiment, record);
    let (mut steps, mut before) = (0, 0.0);
    let start = Instant::now();
    if let Some(checkpoint) = from {
        if checkpoint.precision != precision {
            let message = format!(
                "the checkpoint is of {} numbers, the engine of {precision}",
                checkpoint.precision
            );
            let remedy = "choose the engine and precision that the run had";
            return Err(Problem::new(message, &Place::Default, remedy).into());
        }
        let Shard { sums: of_sums, sample: of_sample, .. } = checkpoint.shard;
        let is_foreign = checkpoint.shard.steps > experiment.steps()
            || of_sums.is_some() != sums.is_some()
            || of_sample.as_ref().map(|(neurons, _)| &neurons[..])
                != sample.as_ref().map(Sample::neurons);
        if is_foreign {
            return Err(foreign_rows());
        }
        (steps, before) = (checkpoint.shard.steps, checkpoint.stepping_s);
        run.load(steps, &checkpoint.rows)?;
        if let (Some(sums), Some(part)) = (&mut sums, of_sums) {
            sums.restore(part, steps)?;
        }
        if let (Some(sample), Some((_, trains))) = (&mut sample, of_sample) {
            sample.restore(&trains);
        }
    }
    while steps < experiment.steps() {
        run.pause((steps / kept.every + 1).saturating_mul(kept.every));
        let mut sinks: Vec<&mut dyn Sink> = Vec::new();
        sinks.extend(spool.as_deref_mut().map(|sink| sink as &mut dyn Sink));
        sinks.extend(sums.as_mut().map(|sink| sink as &mut dyn Sink));
        sinks.extend(sample.as_mut().map(|sink| sink as &mut dyn Sink));
        let mut goes_on = true;
        let (done, failure) = step(
            run.as_mut(),
            &mut |steps| {
                goes_on &= go_on(steps);
                goes_on
            },
            &mut sinks,
        );
        if let Some(failure) = failure {
            return Err(failure);
        }
        if let Some(failure) = diverged(run.as_mut(), experiment, precision)? {
            return Err(failure);
        }
        steps = done.max(steps);
        if steps >= experiment.steps() {
            break;
        }
        let spikes = spool.as_deref_mut().map(Spool::synced).transpose()?;
        let (neurons, index) = (experiment.part(), [0, 1]);
        let (of_sums, counts) = (sums.as_ref().map(Sums::part), Vec::new());
        let of_sample = sample.as_ref().map(Sample::trains);
        let checkpoint = Checkpoint {
            precision: precision.to_owned(),
            rows: run.save()?,
            shard: Shard {
                index,
                neurons,
                steps,
                counts,
                sums: of_sums,
                spikes,
                sample: of_sample,
            },
            stepping_s: before + start.elapsed().as_secs_f64(),
            every: kept.every,
            experiment: kept.experiment.to_owned(),
            flags: kept.flags.to_owned(),
        };
        checkpoint.write(kept.folder)?;
        if !goes_on {
            return Ok(Ended::Early(steps));
        }
    }
    let counts = if blocks.raster { Vec::new() } else { run.counts()? };
    let (sums, sample) = (sums.map(Sums::finish), sample.map(Sample::into_trains));
    let took = before + start.elapsed().as_secs_f64();
    Ok(Ended::Done(Done { steps, counts, sums, sample }, took))
}
