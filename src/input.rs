//! Recordings: signals and spike times from files of other programs.
//!
//! A file is opened as a list of its variables; numbers are read of those that are asked for only. Nothing a file
//! declares is believed: sizes are compared with the bytes there are, and with a budget, before anything is
//! reserved. A variable that cannot be read is never passed over for another one.
//!
//! ```
//! use loligo::input::DataFile;
//! use loligo::input::text::Options;
//!
//! let table = b"# exported\ntime (ms);v [mV]\n0;-65,5\n1;-65,25\n";
//! let file = DataFile::parse(table.to_vec(), &Options::unknown("--")).unwrap();
//! let v = file.read(file.choose(Some("v"), "--variable")?)?;
//! assert_eq!(v.values, [-65.5, -65.25]);
//! # Ok::<(), loligo::Error>(())
//! ```

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
