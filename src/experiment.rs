//! The experiment: what is to be simulated, checked once, here, before anything runs.
//!
//! Settings come from a TOML file and from flags. A flag counts before the file, a
//! `[[population]]` before the top of the file, anything before the defaults.

mod build;
mod builder;
mod check;
mod complete;
mod convention;
mod definition;
mod keys;
mod kind;
mod notes;
mod played;
mod reader;
mod signal;
mod values;

pub use builder::Builder;
pub use complete::complete;
pub use definition::{DURATION_MS, Experiment, NEURONS, SEED};
