//! A shard: what it gives, how it is simulated, and how all of them are put together.
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::analysis::Analysis;
use crate::analysis::histogram::IntervalCounts;
use crate::engine::{Blocks, Engine};
use crate::error::{Error, Place, Problem};
use crate::experiment::Experiment;
use crate::memory::{self, needs};
use crate::output::folder::Folder;
use crate::output::npz::{Archive, Arrays};
use crate::real::{Real, Single};
use crate::simulation::{Plan, Simulated, diverged, sample_of, step, sum_up};
use crate::sink::{Content, PartSums, Record, Sample, Sink, Spool, Summed, Sums};
use crate::spikes::SpikeTrains;

/// The file of counts and sums.
pub const ARRAYS: &str = "shard.npz";

/// The file of spikes.
pub const SPIKES: &str = "shard.spikes";

/// What a shard gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shard {
    /// Its index, from 0, and how many there are.
    pub index: [usize; 2],
    /// The global indices of its neurons.
    pub neurons: Range<usize>,
    /// Steps done.
    pub steps: u32,
    /// The number of spikes of each neuron, where nothing else is recorded.
    pub counts: Vec<u32>,
    /// The sums, where statistics are taken while stepping.
    pub sums: Option<PartSums>,
    /// What is in its file of spikes, if it has one.
    pub spikes: Option<Content>,
    /// The neurons of the sample that are its own, and their trains, where a sample is kept.
    pub sample: Option<(Vec<usize>, SpikeTrains)>,
}

impl Shard {
    /// Writes counts and sums into a folder.
    ///
    /// # Errors
    /// If writing fails.
    pub fn write(&self, folder: &Folder) -> Result<PathBuf, Error> {
        folder.write(ARRAYS, |file| {
            let mut archive = Archive::new(file);
            self.fill(&mut archive)?;
            archive.finish()
        })
    }

    /// Adds counts and sums to an archive.
    pub(crate) fn fill(&self, archive: &mut Archive<'_>) -> Result<(), Error> {
        let list = |archive: &mut Archive<'_>, name: &str, values: &[u64]| {
            archive.array(name, &[values.len() as u64], values.iter().copied())
        };
        list(archive, "shard", &self.index.map(|n| n as u64))?;
        list(archive, "neurons", &[self.neurons.start as u64, self.neurons.end as u64])?;
        list(archive, "steps", &[u64::from(self.steps)])?;
        archive.array("counts", &[self.counts.len() as u64], self.counts.iter().copied())?;
        if let Some(spikes) = &self.spikes {
            list(archive, "spikes", &spikes.numbers())?;
        }
        if let Some(sums) = &self.sums {
            archive.begin::<u64>("sums", &[sums.trains.len() as u64, 8])?;
            archive.more(&sums.trains)?;
            let all =
                |of: fn(&IntervalCounts) -> u64| sums.intervals.iter().map(of).collect::<Vec<_>>();
            list(archive, "intervals_exact", &all(|i| u64::from(i.exact)))?;
            list(archive, "intervals_longest", &all(|i| u64::from(i.longest)))?;
            list(archive, "intervals_lengths", &all(|i| i.counts.len() as u64))?;
            let counts: Vec<u64> = sums.intervals.iter().flat_map(|i| i.counts.clone()).collect();
            list(archive, "intervals", &counts)?;
            let lengths: Vec<u64> = sums.activity.iter().map(|a| a.len() as u64).collect();
            list(archive, "activity_lengths", &lengths)?;
            archive.begin::<u64>("activity", &[lengths.iter().sum()])?;
            sums.activity.iter().try_for_each(|activity| archive.more(activity))?;
        }
        if let Some((neurons, trains)) = &self.sample {
            list(archive, "sample", &neurons.iter().map(|n| *n as u64).collect::<Vec<_>>())?;
            let lengths: Vec<u64> = trains.iter().map(|train| train.len() as u64).collect();
            list(archive, "sample_lengths", &lengths)?;
            archive.begin::<u32>("sample_steps", &[lengths.iter().sum()])?;
            trains.iter().try_for_each(|train| archive.more(train))?;
        }
        Ok(())
    }

    /// Reads counts and sums from a folder.
    ///
    /// # Errors
    /// If they are not there, or broken.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        Self::of_arrays(&mut Arrays::open(&folder.join(ARRAYS))?)
    }

    /// Takes counts and sums out of an archive.
    pub(crate) fn of_arrays(arrays: &mut Arrays) -> Result<Self, Error> {
        let path = arrays.path().to_owned();
        let broken = || {
            let place = Place::Flag(path.display().to_string());
            Error::from(Problem::new("this file is broken", &place, "simulate it once more"))
        };
        let pair = |values: Vec<u64>| <[u64; 2]>::try_from(values).map_err(|_| broken());
        let index = pair(arrays.get("shard")?)?.map(|n| n as usize);
        // What is counted through below.
        const MOST: usize = 1 << 24;
        if index[0] >= index[1] || index[1] > MOST {
            return Err(broken());
        }
        let [first, end] = pair(arrays.get("neurons")?)?.map(|n| n as usize);
        let steps = arrays.get::<u64>("steps")?.first().copied();
        let steps = steps.and_then(|steps| u32::try_from(steps).ok()).ok_or_else(broken)?;
        let counts: Vec<u32> = arrays.get("counts")?;
        let sums =
            match arrays.has("sums") {
                false => None,
                true => {
                    let words: Vec<u64> = arrays.get("sums")?;
                    let trains = bytemuck::try_cast_slice(&words).map_err(|_| broken())?.to_vec();
                    let exact: Vec<u64> = arrays.get("intervals_exact")?;
                    let longest: Vec<u64> = arrays.get("intervals_longest")?;
                    let counts = cut(arrays.get("intervals")?, &arrays.get("intervals_lengths")?)
                        .ok_or_else(broken)?;
                    let of = |((exact, longest), counts): ((&u64, &u64), Vec<u64>)| {
                        IntervalCounts { exact: *exact as u32, longest: *longest as u32, counts }
                    };
                    let intervals = exact.iter().zip(&longest).zip(counts).map(of).collect();
                    let activity = cut(arrays.get("activity")?, &arrays.get("activity_lengths")?)
                        .ok_or_else(broken)?;
                    Some(PartSums { trains, intervals, activity })
                }
            };
        let sample = match arrays.has("sample") {
            false => None,
            true => {
                let neurons =
                    arrays.get::<u64>("sample")?.into_iter().map(|n| n as usize).collect();
                let trains =
                    cut(arrays.get::<u32>("sample_steps")?, &arrays.get("sample_lengths")?);
                Some((neurons, SpikeTrains::from_trains(&trains.ok_or_else(broken)?)))
            }
        };
        let spikes = match arrays.has("spikes") {
            false => None,
            true => Some(Content::of(&arrays.get::<u64>("spikes")?).ok_or_else(broken)?),
        };
        Ok(Shard { index, neurons: first..end, steps, counts, sums, spikes, sample })
    }

    /// Whether it has all that a shard of an experiment has, where this is recorded in memory and all spikes in a file or not.
    pub fn fits(&self, experiment: &Experiment, plan: Plan, has_spikes: bool) -> bool {
        let [index, of] = self.index;
        if index >= of || of > experiment.neurons() || self.steps != experiment.steps {
            return false;
        }
        let part = experiment.shard(index, of);
        let neurons = part.part();
        let record = plan.record;
        let has_counts = record == Record::None && !has_spikes;
        let sample = sample_of(&part, record).map(Sample::into_trains);
        let counts = if has_counts { neurons.len() } else { 0 };
        self.neurons == neurons
            && self.counts.len() == counts
            && self.spikes.is_some() == has_spikes
            && self.sums.is_some() == record.is_summed()
            && self.sums.as_ref().is_none_or(|sums| {
                Sums::new(0, &part, plan.analysis).of_part().fits(sums, neurons.len())
            })
            && self.sample.as_ref().map(|(neurons, trains)| (neurons.clone(), trains.neurons()))
                == sample.map(|(neurons, trains)| (neurons, trains.neurons()))
    }
}

/// Simulates a shard, which `part` is: [`Experiment::shard`]. All spikes go to `spool`, if there is one.
///
/// # Errors
/// If the experiment does not fit the engine, or the device, the spool or the arithmetic fails: a shard is whole or none.
pub fn simulate_shard(
    engine: &dyn Engine,
    part: &Experiment,
    index: [usize; 2],
    plan: Plan,
    mut spool: Option<&mut Spool>,
    go_on: &mut dyn FnMut(u32) -> bool,
) -> Result<Shard, Error> {
    if engine.info().precision == <Single<true> as Real>::PRECISION {
        part.check_single_precision()?;
    }
    let Plan { record, analysis, block_words, .. } = plan;
    let blocks = Blocks { raster: record != Record::None || spool.is_some(), words: block_words };
    let mut run = engine.start(part, blocks, &mut || go_on(0))?;
    let sums = record.is_summed().then(|| Sums::new(run.tiles(), part, analysis).of_part());
    let mut sums = sums;
    let mut sample = sample_of(part, record);
    let on_engine = match &sums {
        Some(sums) if spool.is_none() && sample.is_none() => sum_up(run.as_mut(), sums)?,
        _ => false,
    };
    let mut sinks: Vec<&mut dyn Sink> = Vec::new();
    sinks.extend(spool.as_deref_mut().map(|sink| sink as &mut dyn Sink));
    sinks.extend(sums.as_mut().map(|sink| sink as &mut dyn Sink));
    sinks.extend(sample.as_mut().map(|sink| sink as &mut dyn Sink));
    let (steps, failure) = step(run.as_mut(), go_on, &mut sinks);
    let failure = match failure {
        None => diverged(run.as_mut(), part, engine.info().precision)?,
        failure => failure,
    };
    if let Some(error) = failure {
        return Err(error);
    }
    if let Some(sums) = sums.as_mut().filter(|_| on_engine) {
        sums.take_over(run.sums()?);
    }
    let counts = if blocks.raster { Vec::new() } else { run.counts()? };
    let (sums, sample) = (sums.as_ref().map(Sums::part), sample.map(Sample::into_trains));
    let spikes = spool.map(|spool| spool.synced()).transpose()?;
    Ok(Shard { index, neurons: part.part(), steps, counts, sums, spikes, sample })
}

/// A list cut into pieces of some lengths; none if they do not add up.
fn cut<T: Clone>(all: Vec<T>, lengths: &[u64]) -> Option<Vec<Vec<T>>> {
    let mut rest = &all[..];
    let mut pieces = Vec::new();
    for length in lengths {
        let (piece, later) = rest.split_at_checked(*length as usize)?;
        pieces.push(piece.to_vec());
        rest = later;
    }
    rest.is_empty().then_some(pieces)
}

/// Puts all shards of an experiment together, in the order of their neurons; `spool` has their spikes, if there are any.
///
/// # Errors
/// If the spikes cannot be read.
pub fn together(
    experiment: &Experiment,
    analysis: Analysis,
    record: Record,
    shards: Vec<Shard>,
    spool: Option<&Spool>,
) -> Result<Simulated, Error> {
    let steps = shards.iter().map(|shard| shard.steps).min().unwrap_or_default();
    let mut counts = Vec::new();
    let mut parts = Vec::new();
    let mut sample: Option<(Vec<usize>, Vec<Vec<u32>>)> = None;
    for shard in shards {
        counts.extend(shard.counts);
        parts.extend(shard.sums);
        if let Some((neurons, trains)) = shard.sample {
            let (all, of_all) = sample.get_or_insert_default();
            all.extend(neurons);
            of_all.extend(trains.iter().map(<[u32]>::to_vec));
        }
    }
    let sums = (!parts.is_empty()).then(|| Sums::of_parts(experiment, analysis, parts));
    let sample = sample.map(|(neurons, trains)| (neurons, SpikeTrains::from_trains(&trains)));
    done(experiment, record, Done { steps, counts, sums, sample }, spool)
}

/// What was simulated, but for the spikes.
#[derive(Debug)]
pub struct Done {
    /// Steps done.
    pub steps: u32,
    /// The number of spikes of each neuron, where nothing else is recorded.
    pub counts: Vec<u32>,
    /// The statistics, where they are taken while stepping.
    pub sums: Option<Summed>,
    /// The neurons of a sample, and their trains.
    pub sample: Option<(Vec<usize>, SpikeTrains)>,
}

/// What was simulated, with the spikes from a file, if they belong into memory.
///
/// # Errors
/// If they cannot be read, or do not fit the memory.
pub fn done(
    experiment: &Experiment,
    record: Record,
    done: Done,
    spool: Option<&Spool>,
) -> Result<Simulated, Error> {
    let Done { steps, counts, sums, sample } = done;
    let trains = match (record.is_all(), spool) {
        (true, Some(spool)) => {
            check_spikes(experiment, spool.spikes())?;
            Some(trains(spool, experiment.neurons())?)
        }
        _ => None,
    };
    let counts = match (&trains, &sums) {
        (Some(trains), _) => trains.iter().map(|train| train.len() as u32).collect(),
        (None, Some(sums)) => sums.counts(),
        (None, None) => counts,
    };
    let (setup, stepping) = Default::default();
    Ok(Simulated { steps, counts, trains, sums, sample, failure: None, setup, stepping })
}

/// Refuses spikes in a file that are to come into memory, if they do not fit it.
///
/// # Errors
/// If they do not.
pub fn check_spikes(experiment: &Experiment, spikes: u64) -> Result<(), Error> {
    // What is in memory at a time: trains, and what is made of them.
    let bytes = needs::BYTES_PER_SPIKE * spikes as f64
        + needs::BYTES_PER_STATISTICS * experiment.neurons() as f64;
    let remedy = "do this where there is more memory: what was simulated stays";
    memory::check(bytes, || format!("the statistics of {spikes} spikes"), remedy)
}

/// The spike trains of some neurons.
fn trains(spool: &Spool, neurons: usize) -> Result<SpikeTrains, Error> {
    let mut starts = vec![0usize; neurons + 1];
    spool.read(&mut |some| {
        some.neurons.iter().for_each(|&neuron| starts[neuron as usize + 1] += 1);
        Ok(())
    })?;
    for neuron in 0..neurons {
        starts[neuron + 1] += starts[neuron];
    }
    let mut next = starts.clone();
    let mut steps = vec![0; starts[neurons]];
    spool.read(&mut |some| {
        for (&neuron, &step) in some.neurons.iter().zip(&some.steps) {
            steps[next[neuron as usize]] = step;
            next[neuron as usize] += 1;
        }
        Ok(())
    })?;
    Ok(SpikeTrains::new(starts, steps))
}
