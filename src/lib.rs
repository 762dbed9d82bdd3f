//! Loligo steps thousands to millions of independent noisy neurons at once, on the GPU or the CPU.
//!
//! The data's way, one direction only:
//!
//! ```text
//! Experiment -> Population -> Engine -> blocks of spike bits -> SpikeTrains
//!                                        -> intervals, spectrum, rate -> files and figures
//! ```
//!
//! - [`setting`], [`unit`](mod@unit), [`quantity`], [`experiment`]: what is to be simulated, checked once
//! - [`sweep`]: a grid of values, one population per cell
//! - [`model`]: the catalogue of neuron models; [`drive`]: stimulus and noise; [`random`], [`real`]
//! - [`population`]: one value of each parameter per neuron
//! - [`engine`]: the GPU and the CPU
//! - [`simulation`]: block after block, with progress and cancellation
//! - [`window`]: the part of a run that statistics are of
//! - [`trace`](mod@trace): a few neurons, step by step
//! - [`spikes`]: rasters and spike trains
//! - [`analysis`]: intervals, rates and spectra, pure functions
//! - [`output`], [`plot`]: files and figures
//! - [`diff`]: what differs between two folders of results
//! - [`input`]: recordings of other programs
//! - [`exercises`]: those that Loligo grew out of, beside their references
//!
//! The command line is the program's own, behind the feature `cli`.
//!
//! ```
//! use loligo::Experiment;
//!
//! let experiment = Experiment::builder()
//!     .neurons(200)
//!     .duration_ms(500.0)
//!     .noise("white")
//!     .set("noise.sigma", 3.0)
//!     .build()?;
//! let results = loligo::run(&experiment)?;
//! let population = &results.populations[0];
//! assert!(population.rates.hz.mean() > Some(40.0));
//! # Ok::<(), loligo::Error>(())
//! ```
//!
//! What is wrong is said with a remedy, and nothing is simulated:
//!
//! ```
//! let wrong = loligo::Experiment::builder().set("tau_m", "3 mV").build();
//! assert!(wrong.unwrap_err().to_string().contains("a voltage, but a time is wanted"));
//! ```

pub mod analysis;
pub mod benchmark;
pub mod comparison;
pub mod diff;
pub mod document;
pub mod drive;
pub mod engine;
pub mod error;
pub mod exercises;
pub mod experiment;
pub mod input;
pub mod model;
pub mod output;
pub mod plot;
pub mod population;
pub mod quantity;
pub mod random;
pub mod raster;
pub mod real;
pub mod results;
pub mod setting;
pub mod simulation;
pub mod spikes;
pub mod sweep;
pub mod trace;
pub mod unit;
pub mod window;

pub use engine::{Engine, Plan, Record};
pub use error::Error;
pub use experiment::Experiment;
pub use population::Population;
pub use results::{Analysis, Results};
pub use simulation::simulate;
pub use spikes::SpikeTrains;

/// Simulates an experiment on the best engine there is, a hardware GPU or else the CPU, and computes its statistics.
///
/// # Errors
/// If the experiment does not fit the engine, or the device fails.
pub fn run(experiment: &Experiment) -> Result<Results, Error> {
    use engine::choice::{Choice, Precision, choose};
    let engine = choose(Choice::Auto, None, Precision::F32)?;
    let plan = Plan::new(Record::Spikes);
    let simulated = simulate(engine.as_ref(), experiment, plan, &mut |_| true)?;
    let results = Results::new(experiment, &simulated, Analysis::default());
    match simulated.failure {
        Some(failure) => Err(failure),
        None => Ok(results),
    }
}
