//! Runs with checkpoints: from the beginning or from the last one, on one engine or on the next if a device fails.

use std::fs;
use std::path::Path;
use std::time::Instant;

use tracing::{info, warn};

use super::definition::{Checkpoint, Every, FILE, SPIKES};
use crate::engine::{Blocks, Engine, EngineInfo, foreign_rows};
use crate::error::{Error, Place, Problem};
use crate::experiment::Experiment;
use crate::raster::WORD;
use crate::real::{Real, Single};
use crate::shard::{Done, Shard};
use crate::simulation::{Plan, diverged, sample_of, step, sum_up};
use crate::sink::{Record, Sample, Sink, Spool, Sums};

/// How a run with checkpoints ended.
#[derive(Debug)]
pub enum Ended {
    /// It is done.
    Done(Box<Finished>),
    /// It was ended after some steps: the last checkpoint is of them.
    Early(u32),
}

/// A run with checkpoints that is done.
#[derive(Debug)]
pub struct Finished {
    /// What came of it.
    pub done: Done,
    /// The time of stepping (s), up to checkpoints that were gone on from, and to the end.
    pub stepping_s: f64,
    /// All spikes, where they go to a file.
    pub spool: Option<Spool>,
    /// The engine that ended it.
    pub engine: EngineInfo,
}

/// The engine to go on with after some failures of devices in a row without a checkpoint between, the last of which is told;
/// none if that is enough.
pub type Engines<'a> = dyn FnMut(usize, &Error) -> Result<Option<Box<dyn Engine>>, Error> + 'a;

/// A run with checkpoints.
#[derive(Clone, Debug)]
pub struct Checkpointed<'a> {
    /// What is simulated.
    pub experiment: &'a Experiment,
    /// What is recorded, and how.
    pub plan: Plan,
    /// Whether all spikes go to a file beside the checkpoint.
    pub has_spool: bool,
    /// How often there is a checkpoint.
    pub every: Every,
    /// The experiment as a file.
    pub text: &'a str,
    /// What the command line said besides the experiment.
    pub flags: &'a str,
    /// Where checkpoints are written.
    pub folder: &'a Path,
}

impl Checkpointed<'_> {
    /// Simulates, from the beginning or from a checkpoint. Where a device fails, `engines` tells what goes on from the last
    /// checkpoint. `go_on` is told the steps done after each block; if it returns false, a last checkpoint is written.
    ///
    /// # Errors
    /// If the experiment does not fit the engine, or the checkpoint the experiment, or the device, the file of spikes or the
    /// arithmetic fails: the last checkpoint stays.
    pub fn simulate(
        &self,
        engine: Box<dyn Engine>,
        from: Option<Checkpoint>,
        engines: &mut Engines<'_>,
        go_on: &mut dyn FnMut(u32) -> bool,
    ) -> Result<Ended, Error> {
        let (mut engine, mut from) = (engine, from);
        let mut failures = 0;
        loop {
            let begin = from.as_ref().map_or(0, |from| from.shard.steps);
            let failure = match self.attempt(engine.as_ref(), from, go_on) {
                Err(failure @ Error::Device { .. }) => failure,
                ended => return ended,
            };
            from = match self.folder.join(FILE).is_file() {
                true => Some(Checkpoint::read(self.folder)?),
                false => None,
            };
            let has_moved = from.as_ref().is_some_and(|from| from.shard.steps > begin);
            failures = if has_moved { 1 } else { failures + 1 };
            warn!(failures, %failure, "a device failed");
            match engines(failures, &failure) {
                Ok(Some(next)) => engine = next,
                // What failed first is what is wrong.
                Ok(None) | Err(_) => return Err(failure),
            }
        }
    }

    /// The file of spikes, as it is at a checkpoint.
    fn spool(&self, from: Option<&Checkpoint>) -> Result<Option<Spool>, Error> {
        let path = self.folder.join(SPIKES);
        match (self.has_spool, from) {
            (false, _) => Ok(None),
            (true, None) => {
                // That of an attempt without a checkpoint.
                let _ = fs::remove_file(&path);
                Ok(Some(Spool::create(&path)?.kept()))
            }
            (true, Some(Checkpoint { shard, .. })) => {
                Spool::resume(&path, &shard.spikes.unwrap_or_default(), shard.steps).map(Some)
            }
        }
    }

    /// Simulates on one engine, to the end, or until it fails.
    fn attempt(
        &self,
        engine: &dyn Engine,
        from: Option<Checkpoint>,
        go_on: &mut dyn FnMut(u32) -> bool,
    ) -> Result<Ended, Error> {
        let experiment = self.experiment;
        let Plan { record, analysis, block_words, .. } = self.plan;
        let precision = engine.info().precision;
        if precision == <Single<true> as Real>::PRECISION {
            experiment.check_single_precision()?;
        }
        let mut spool = self.spool(from.as_ref())?;
        let raster = record != Record::None || spool.is_some();
        let blocks = Blocks { raster, words: block_words };
        let mut run = engine.start(experiment, blocks, &mut || go_on(0))?;
        let mut sums = record.is_summed().then(|| Sums::new(run.tiles(), experiment, analysis));
        let mut sample = sample_of(experiment, record);
        let (mut steps, mut before) = (0, 0.0);
        let start = Instant::now();
        if let Some(checkpoint) = from {
            check_fits(&checkpoint, experiment, precision, sums.as_ref(), sample.as_ref())?;
            (steps, before) = (checkpoint.shard.steps, checkpoint.stepping_s);
            run.load(steps, &checkpoint.rows)?;
            info!(steps, "going on from a checkpoint");
            if let (Some(sums), Some(part)) = (&mut sums, checkpoint.shard.sums) {
                sums.restore(part, steps)?;
            }
            if let (Some(sample), Some((_, trains))) = (&mut sample, checkpoint.shard.sample) {
                sample.restore(&trains);
            }
        }
        let on_engine = match &sums {
            Some(sums) if spool.is_none() && sample.is_none() => sum_up(run.as_mut(), sums)?,
            _ => false,
        };
        let mut last = Instant::now();
        while steps < experiment.steps() {
            run.pause(self.every.next(steps));
            let mut sinks: Vec<&mut dyn Sink> = Vec::new();
            sinks.extend(spool.as_mut().map(|sink| sink as &mut dyn Sink));
            sinks.extend(sums.as_mut().map(|sink| sink as &mut dyn Sink));
            sinks.extend(sample.as_mut().map(|sink| sink as &mut dyn Sink));
            let mut goes_on = true;
            let mut until = |steps| {
                goes_on &= go_on(steps);
                let is_due = match self.every {
                    Every::Steps(_) => false,
                    Every::Seconds(seconds) => last.elapsed().as_secs_f64() >= seconds,
                };
                goes_on && !is_due
            };
            let (done, failure) = step(run.as_mut(), &mut until, &mut sinks);
            if let Some(failure) = failure {
                return Err(failure);
            }
            if let Some(failure) = diverged(run.as_mut(), experiment, precision)? {
                return Err(failure);
            }
            if let Some(sums) = sums.as_mut().filter(|_| on_engine) {
                sums.take_over(run.sums()?);
            }
            steps = done.max(steps);
            if steps >= experiment.steps() {
                break;
            }
            let checkpoint = Checkpoint {
                precision: precision.to_owned(),
                rows: run.save()?,
                shard: Shard {
                    index: [0, 1],
                    neurons: experiment.part(),
                    steps,
                    counts: Vec::new(),
                    sums: sums.as_ref().map(Sums::part),
                    spikes: spool.as_mut().map(Spool::synced).transpose()?,
                    sample: sample.as_ref().map(Sample::trains),
                },
                stepping_s: before + start.elapsed().as_secs_f64(),
                every: self.every,
                experiment: self.text.to_owned(),
                flags: self.flags.to_owned(),
            };
            let begin = Instant::now();
            checkpoint.write(self.folder)?;
            let spikes = checkpoint.shard.spikes.map(|content| content.spikes);
            info!(steps, ?spikes, took = ?begin.elapsed(), "wrote a checkpoint");
            if !goes_on {
                return Ok(Ended::Early(steps));
            }
            last = Instant::now();
        }
        let counts = if raster { Vec::new() } else { run.counts()? };
        let (sums, sample) = (sums.map(Sums::finish), sample.map(Sample::into_trains));
        let stepping_s = before + start.elapsed().as_secs_f64();
        let done = Done { steps, counts, sums, sample };
        let engine = engine.info().clone();
        Ok(Ended::Done(Box::new(Finished { done, stepping_s, spool, engine })))
    }
}

/// Refuses a checkpoint that is not of this experiment, or of another precision.
fn check_fits(
    checkpoint: &Checkpoint,
    experiment: &Experiment,
    precision: &str,
    sums: Option<&Sums>,
    sample: Option<&Sample>,
) -> Result<(), Error> {
    if checkpoint.precision != precision {
        let own = &checkpoint.precision;
        let message = format!("the checkpoint is of {own} numbers, the engine of {precision}");
        let remedy = "choose the engine and precision that the run had";
        return Err(Problem::new(message, &Place::Default, remedy).into());
    }
    let Shard { steps, sums: of_sums, sample: of_sample, .. } = &checkpoint.shard;
    let is_foreign = *steps > experiment.steps()
        || !steps.is_multiple_of(WORD as u32)
        || of_sums.is_some() != sums.is_some()
        || of_sample.as_ref().map(|(neurons, _)| &neurons[..]) != sample.map(Sample::neurons);
    if is_foreign { Err(foreign_rows()) } else { Ok(()) }
}
