//! Simulates: block after block, spikes into trains, progress out, cancellation in.

use std::time::{Duration, Instant};

use crate::engine::{Engine, Plan, Record};
use crate::error::Error;
use crate::experiment::Experiment;
use crate::spikes::{Spike, SpikeTrains};

/// What a simulation gives.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// Steps done: fewer than asked for if the simulation was stopped.
    pub steps: u32,
    /// The number of spikes of each neuron.
    pub counts: Vec<u32>,
    /// The spike trains, where spikes are recorded.
    pub trains: Option<SpikeTrains>,
    /// Time to upload parameters and compile kernels.
    pub setup: Duration,
    /// Time to step all blocks and take their spikes.
    pub stepping: Duration,
}

/// Simulates an experiment. `go_on` is told the number of steps done after each block; if it
/// returns false, no further block is started, and what is done is kept.
///
/// # Errors
/// If the experiment does not fit the engine, or the device fails.
pub fn simulate(
    engine: &dyn Engine,
    experiment: &Experiment,
    plan: Plan,
    go_on: &mut dyn FnMut(u32) -> bool,
) -> Result<Simulated, Error> {
    let start = Instant::now();
    let mut run = engine.start(experiment, plan)?;
    let setup = start.elapsed();

    let start = Instant::now();
    let mut steps = 0;
    let mut blocks: Vec<Vec<Spike>> = Vec::new();
    while let Some(done) = run.next_block(&mut |raster| blocks.push(raster.spikes()))? {
        steps = done;
        if !go_on(steps) {
            run.stop();
        }
    }
    let (counts, trains) = match plan.record {
        Record::None => (run.counts()?, None),
        Record::Spikes => {
            let trains = SpikeTrains::collect(experiment.neurons(), &blocks);
            let counts = trains.iter().map(|train| train.len() as u32).collect();
            (counts, Some(trains))
        }
    };
    Ok(Simulated { steps, counts, trains, setup, stepping: start.elapsed() })
}
