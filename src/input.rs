//! Recordings: signals and spike times from files of other programs.
//!
//! A file is opened as a list of its variables; numbers are read of those that are asked for only. Nothing a file
//! declares is believed: sizes are compared with the bytes there are, and with a budget, before anything is
//! reserved. A variable that cannot be read is never passed over for another one.

mod file;
mod format;
mod hdf5;
mod matlab;
mod names;
mod numpy;
pub mod numpy_noise;
pub mod own;
pub mod signal;
pub mod spike_times;
pub mod text;
mod time_axis;
mod variable;

pub use file::DataFile;
pub use format::Refusal;
pub use variable::{Entry, Kind, Variable};
