//! Simulates: block after block, spikes into trains, progress out, cancellation in.

use std::time::{Duration, Instant};

use crate::analysis::Analysis;
use crate::engine::{Blocks, Engine, Run};
use crate::error::Error;
use crate::experiment::Experiment;
use crate::real::{Real, Single, fused_here};
use crate::sink::{Record, Recorder, Sample, Sink, Summed, Sums, spread};
use crate::spikes::SpikeTrains;
use crate::trace::divergence;

/// What a simulation gives.
#[derive(Debug)]
pub struct Simulated {
    /// Steps done: fewer than asked for if the simulation was stopped or failed.
    pub steps: u32,
    /// The number of spikes of each neuron: of those in the window, where statistics are taken while stepping.
    pub counts: Vec<u32>,
    /// The spike trains, where spikes are recorded.
    pub trains: Option<SpikeTrains>,
    /// The statistics, where they are taken while stepping.
    pub sums: Option<Summed>,
    /// The neurons of a sample, by their global indices, and their spike trains.
    pub sample: Option<(Vec<usize>, SpikeTrains)>,
    /// What went wrong, if anything did; the rest is what was done before.
    pub failure: Option<Error>,
    /// Time to upload parameters and compile kernels.
    pub setup: Duration,
    /// Time to step all blocks and take their spikes.
    pub stepping: Duration,
}

/// How an experiment is simulated.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What is recorded.
    pub record: Record,
    /// How statistics are taken, where they are taken while stepping.
    pub analysis: Analysis,
    /// Length of a block in words of 32 steps; the engine chooses if none is given. The results do not depend on it.
    pub block_words: Option<usize>,
    /// More spikes than this do not fit the memory: the run ends early, what is done is kept.
    pub most_spikes: usize,
}

impl Plan {
    /// A plan that leaves the cutting to the engine and takes any number of spikes.
    pub fn new(record: Record) -> Self {
        Plan { record, analysis: Analysis::default(), block_words: None, most_spikes: usize::MAX }
    }
}

/// Simulates an experiment. `go_on` is told the number of steps done after each block, and now and then before the first; if
/// it returns false, no further block is started, and what is done is kept.
///
/// # Errors
/// If the experiment does not fit the engine, or the device fails before anything is done. A later
/// failure is told beside what was done.
pub fn simulate(
    engine: &dyn Engine,
    experiment: &Experiment,
    plan: Plan,
    go_on: &mut dyn FnMut(u32) -> bool,
) -> Result<Simulated, Error> {
    simulate_into(engine, experiment, plan, Vec::new(), go_on)
}

/// The same, with sinks besides those that the plan asks for.
///
/// # Errors
/// Those of [`simulate`].
pub fn simulate_into(
    engine: &dyn Engine,
    experiment: &Experiment,
    plan: Plan,
    besides: Vec<&mut dyn Sink>,
    go_on: &mut dyn FnMut(u32) -> bool,
) -> Result<Simulated, Error> {
    if engine.info().precision == <Single<true> as Real>::PRECISION {
        experiment.check_single_precision()?;
    }
    let Plan { record, analysis, block_words, most_spikes } = plan;
    let start = Instant::now();
    let blocks =
        Blocks { raster: record != Record::None || !besides.is_empty(), words: block_words };
    let mut run = engine.start(experiment, blocks, &mut || go_on(0))?;
    let setup = start.elapsed();

    let start = Instant::now();
    let mut recorder =
        record.is_all().then(|| Recorder::new(run.tiles(), experiment.steps, most_spikes));
    let mut sums = record.is_summed().then(|| Sums::new(run.tiles(), experiment, analysis));
    let mut sample = sample_of(experiment, record);
    let on_engine = match &sums {
        Some(sums) if besides.is_empty() && sample.is_none() => sum_up(run.as_mut(), sums)?,
        _ => false,
    };
    let mut sinks: Vec<&mut dyn Sink> = Vec::new();
    sinks.extend(besides.into_iter().map(|sink| sink as &mut dyn Sink));
    sinks.extend(recorder.as_mut().map(|sink| sink as &mut dyn Sink));
    sinks.extend(sums.as_mut().map(|sink| sink as &mut dyn Sink));
    sinks.extend(sample.as_mut().map(|sink| sink as &mut dyn Sink));
    let (steps, mut failure) = step(run.as_mut(), go_on, &mut sinks);
    if let Some(error) = failure.take_if(|_| steps == 0) {
        return Err(error);
    }
    let trains = recorder.map(Recorder::into_trains);
    if let Some(sums) = sums.as_mut().filter(|_| on_engine) {
        match run.sums() {
            Ok(taken) => sums.take_over(taken),
            // A device that failed before does not tell them.
            Err(error) => return Err(failure.unwrap_or(error)),
        }
    }
    let sums = sums.map(Sums::finish);
    let counts = match (&trains, &sums) {
        (Some(trains), _) => trains.iter().map(|train| train.len() as u32).collect(),
        (None, Some(sums)) => sums.counts(),
        // A device that failed before does not tell them: its first error is the one that counts.
        (None, None) => match run.counts() {
            Ok(counts) => counts,
            Err(error) => return Err(failure.unwrap_or(error)),
        },
    };
    if failure.is_none() {
        failure = diverged(run.as_mut(), experiment, engine.info().precision).unwrap_or_else(Some);
    }
    let sample = sample.map(Sample::into_trains);
    let stepping = start.elapsed();
    Ok(Simulated { steps, counts, trains, sums, sample, failure, setup, stepping })
}

/// The sample of an experiment's neurons that is recorded, if one is: those that are stepped.
pub(crate) fn sample_of(experiment: &Experiment, record: Record) -> Option<Sample> {
    let Record::Sample(neurons) = record else { return None };
    let (all, part) = (spread(0..experiment.neurons(), neurons), experiment.part());
    Some(Sample::new(all.into_iter().filter(|neuron| part.contains(neuron)).collect()))
}

/// Lets an engine take sums itself, if it does.
pub(crate) fn sum_up(run: &mut dyn Run, sums: &Sums) -> Result<bool, Error> {
    let (summing, trains) = sums.summing();
    let can = run.can_sum_up(&summing);
    if can {
        run.sum_up(&summing, trains)?;
    }
    Ok(can)
}

/// Takes the next block into sinks, and tells the steps done; none if there is none.
pub(crate) fn take(
    run: &mut dyn Run,
    sinks: &mut Vec<&mut dyn Sink>,
) -> Result<Option<u32>, Error> {
    let done = run.next_block(&|tile| sinks.tile(tile))?;
    if done.is_some()
        && let Some(populations) = run.activity()
    {
        sinks.activity(&populations);
    }
    Ok(done)
}

/// Takes block after block; returns the steps done and what went wrong.
pub(crate) fn step(
    run: &mut dyn Run,
    go_on: &mut dyn FnMut(u32) -> bool,
    sinks: &mut Vec<&mut dyn Sink>,
) -> (u32, Option<Error>) {
    let mut steps = 0;
    let mut failure = None;
    loop {
        match take(run, sinks) {
            Ok(Some(done)) => steps = done,
            Ok(None) => return (steps, failure),
            Err(error) => return (steps, failure.or(Some(error))),
        }
        let taken = sinks.block(steps);
        if !go_on(steps) || taken.is_err() {
            run.stop();
        }
        failure = failure.or(taken.err());
    }
}

/// The error for the first neuron whose state is no longer a finite number.
pub(crate) fn diverged(
    run: &mut dyn Run,
    experiment: &Experiment,
    precision: &str,
) -> Result<Option<Error>, Error> {
    let Some(neuron) = run.diverged()? else { return Ok(None) };
    let population = experiment.populations.iter().find(|p| p.range().contains(&neuron));
    Ok(population.map(|population| {
        let neuron = neuron - population.first_neuron;
        let found = match (precision, fused_here()) {
            ("f64", _) => divergence::<f64>,
            (_, true) => divergence::<Single<true>>,
            (_, false) => divergence::<Single<false>>,
        };
        found(experiment, population, neuron, experiment.steps)
    }))
}
