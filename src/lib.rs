//! Loligo steps thousands to millions of independent noisy neurons at once, on the GPU or the CPU.
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
//!
//! # A tour
//!
//! The data's way, one direction only; each stop is a type that can be looked at:
//!
//! ```text
//! Experiment -> Population -> Engine -> blocks of spike bits -> SpikeTrains
//!                                        -> intervals, spectrum, rate -> files and figures
//! ```
//!
//! - [`Experiment::builder`]: what is to be simulated, checked once; [`sweep`]: a grid of it. What can be said is in
//!   [`model`] (the catalogue), [`drive`] (stimulus and noise), [`quantity`] (values, lists, distributions), [`mod@unit`]
//! - [`run()`]: simulates on the best engine there is; [`engine`] and [`simulate`] where that is to be chosen, or watched
//! - [`Results`]: rates, intervals, correlations and spectra of each [`Population`]; [`analysis`] has them as pure
//!   functions of [`SpikeTrains`], and [`input`] reads recordings of other programs for the same
//! - [`mod@trace`]: a few neurons, step by step
//! - [`output`], [`plot`]: files and figures; [`diff`]: what differs between two folders of them
//! - [`exercises`], [`benchmark`]: what the commands of those names do
//!
//! Below these are [`document`] and [`setting`] (an experiment as text, with the place of each word for messages),
//! [`window`] and [`raster`] (time and spikes as the engines have them), [`random`] and [`real`] (the deviates and
//! numbers of both engines), [`pick`], [`comparison`] and [`results`].
//!
//! The command line is the program's own, behind the feature `cli`: without it, no crate for flags is built.

pub mod analysis;
pub mod benchmark;
pub mod checkpoint;
pub mod comparison;
pub mod diff;
pub mod document;
pub mod drive;
pub mod engine;
mod equations;
pub mod error;
pub mod exercises;
pub mod experiment;
pub mod input;
pub mod integrator;
pub mod memory;
pub mod model;
pub mod output;
pub mod pick;
pub mod plot;
pub mod population;
pub mod quantity;
pub mod random;
pub mod raster;
pub mod real;
pub mod results;
pub mod setting;
pub mod shard;
pub mod simulation;
pub mod sink;
pub mod source;
pub mod spikes;
pub mod study;
pub mod sweep;
pub mod tape;
pub mod trace;
pub mod unit;
pub mod window;

pub use analysis::Analysis;
pub use engine::Engine;
pub use error::Error;
pub use experiment::Experiment;
pub use population::Population;
pub use results::Results;
pub use simulation::{Plan, simulate};
pub use sink::Record;
pub use spikes::SpikeTrains;

/// Simulates an experiment on the best engine there is, a hardware GPU or else the CPU, and computes its statistics.
///
/// # Errors
/// If the experiment does not fit the engine, or the device fails.
pub fn run(experiment: &Experiment) -> Result<Results, Error> {
    use engine::choice::{Adapters, Choice, Precision, choose};
    let engine = choose(Choice::Auto, Adapters::One, Precision::F32)?;
    let plan = Plan::new(Record::Spikes);
    let simulated = simulate(engine.as_ref(), experiment, plan, &mut |_| true)?;
    let results = Results::new(experiment, &simulated, Analysis::default());
    match simulated.failure {
        Some(failure) => Err(failure),
        None => Ok(results),
    }
}
