//! Simulates: block after block, spikes into trains, progress out, cancellation in.

use std::time::{Duration, Instant};

use crate::engine::{Engine, Plan, Record, Run};
use crate::error::Error;
use crate::experiment::Experiment;
use crate::raster::Recorder;
use crate::real::{Real, Single, fused_here};
use crate::spikes::SpikeTrains;
use crate::trace::divergence;

/// What a simulation gives.
#[derive(Debug)]
pub struct Simulated {
    /// Steps done: fewer than asked for if the simulation was stopped or failed.
    pub steps: u32,
    /// The number of spikes of each neuron.
    pub counts: Vec<u32>,
    /// The spike trains, where spikes are recorded.
    pub trains: Option<SpikeTrains>,
    /// What went wrong, if anything did; the rest is what was done before.
    pub failure: Option<Error>,
    /// Time to upload parameters and compile kernels.
    pub setup: Duration,
    /// Time to step all blocks and take their spikes.
    pub stepping: Duration,
}

/// Simulates an experiment. `go_on` is told the number of steps done after each block; if it
/// returns false, no further block is started, and what is done is kept.
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
    if engine.info().precision == <Single<true> as Real>::PRECISION {
        experiment.check_single_precision()?;
    }
    let start = Instant::now();
    let mut run = engine.start(experiment, plan)?;
    let setup = start.elapsed();

    let start = Instant::now();
    let recorder = Recorder::new(run.tiles(), experiment.steps);
    let (steps, mut failure) = step(run.as_mut(), plan, go_on, &recorder);
    if let Some(error) = failure.take_if(|_| steps == 0) {
        return Err(error);
    }
    let (counts, trains) = match plan.record {
        // A device that failed before does not tell them: its first error is the one that counts.
        Record::None => match run.counts() {
            Ok(counts) => (counts, None),
            Err(error) => return Err(failure.unwrap_or(error)),
        },
        Record::Spikes => {
            let trains = recorder.into_trains();
            let counts = trains.iter().map(|train| train.len() as u32).collect();
            (counts, Some(trains))
        }
    };
    if failure.is_none() {
        failure = diverged(run.as_mut(), experiment, engine.info().precision).unwrap_or_else(Some);
    }
    Ok(Simulated { steps, counts, trains, failure, setup, stepping: start.elapsed() })
}

/// Takes block after block; returns the steps done and what went wrong.
fn step(
    run: &mut dyn Run,
    plan: Plan,
    go_on: &mut dyn FnMut(u32) -> bool,
    recorder: &Recorder,
) -> (u32, Option<Error>) {
    let mut steps = 0;
    let mut failure = None;
    loop {
        match run.next_block(&|tile| recorder.take(tile)) {
            Ok(Some(done)) => steps = done,
            Ok(None) => return (steps, failure),
            Err(error) => return (steps, Some(error)),
        }
        if !go_on(steps) {
            run.stop();
        }
        let spikes = recorder.spikes();
        if spikes > plan.most_spikes && failure.is_none() {
            run.stop();
            failure = Some(Error::TooLarge {
                what: format!("{spikes} spikes in {steps} steps"),
                needed: "more memory than is free".into(),
                available: "the run was ended there".into(),
                remedy:
                    "lower --neurons or --duration, or keep only spike counts with --record none"
                        .into(),
            });
        }
    }
}

/// The error for the first neuron whose state is no longer a finite number.
fn diverged(
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
