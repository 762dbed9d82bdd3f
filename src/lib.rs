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
//! - [`input`]: recordings of other programs
//! - [`exercises`]: those that Loligo grew out of, beside their references
//! - [`cli`]: the command line
//!
//! ```
//! use loligo::engine::{Plan, Record, cpu};
//! use loligo::experiment::Experiment;
//! use loligo::setting::{Document, Setting};
//!
//! let flags = [
//!     Setting::assignment("neurons=1")?,
//!     Setting::assignment("duration=100 ms")?,
//!     Setting::assignment("noise.kind=none")?,
//!     Setting::assignment("stimulus.amplitude=210")?,
//! ];
//! let experiment = Experiment::new(&Document::default(), &flags)?;
//! let engine = cpu::single("an example");
//! let plan = Plan::new(Record::Spikes);
//! let simulated = loligo::simulation::simulate(engine.as_ref(), &experiment, plan, &mut |_| true)?;
//! assert_eq!(simulated.trains.unwrap().train(0).len(), 3);
//! # Ok::<(), loligo::error::Error>(())
//! ```

pub mod analysis;
pub mod benchmark;
pub mod cli;
pub mod comparison;
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
