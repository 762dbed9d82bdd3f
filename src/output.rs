//! Files: a folder with a summary, spikes, tables and figures.
//!
//! ```no_run
//! use std::path::Path;
//! use loligo::output::{self, folder::Folder};
//! use loligo::plot::Format;
//!
//! let results = loligo::run(&loligo::Experiment::builder().build()?)?;
//! let folder = Folder::at(Path::new("results"), false)?;
//! let written = output::of_run(&results).write(&folder, &[Format::Svg]);
//! folder.finish()?;
//! # Ok::<(), loligo::Error>(())
//! ```

pub mod compare;
mod files;
pub mod folder;
pub mod formats;
mod names;
pub mod npz;
mod places;
pub mod summary;
pub mod tables;
mod timing;

use std::path::PathBuf;

use crate::error::Error;
use crate::plot;
use crate::results::{PopulationResults, Results};
use folder::Folder;
use summary::Summary;

/// The experiment in a folder of results, as a file.
pub const EXPERIMENT: &str = "experiment.toml";

/// The summary of a folder of results.
pub const SUMMARY: &str = "summary.json";

pub use files::{Files, Written, write_figure};
pub use names::{PAGE, is_known};

/// All files of a run but the summary and the spikes.
pub fn of_run(results: &Results) -> Files<'_> {
    let populations = || results.populations.iter().map(named).collect::<Vec<_>>();
    let mut files = Files::default();
    files.table("intervals.csv", |file| tables::intervals(file, results));
    if !tables::differing(results).is_empty() {
        files.table("parameters.csv", |file| tables::parameters(file, results));
    }
    if results.are_recorded() && results.window.steps() > 0 {
        files.table("rate.csv", |file| tables::rate(file, results));
        if results.kept().next().is_some() {
            files.figure(|| plot::raster::figure(results));
        }
    }
    if results.recorded().any(|(_, recorded)| recorded.histogram.is_some()) {
        files.table("histogram.csv", |file| tables::histogram(file, results));
        files.figure(move || plot::intervals::figure(&populations(), ""));
    }
    if results.recorded().any(|(_, recorded)| recorded.spectrum.is_some()) {
        files.table("spectrum.csv", |file| tables::spectrum(file, results));
        if results.populations.iter().any(|population| population.rates.spikes > 0) {
            files.figure(move || plot::spectrum::figure(&plot::spectrum::of(&populations()), ""));
        }
    }
    files
}

/// A population under its name.
pub fn named(results: &PopulationResults) -> (String, &PopulationResults) {
    (results.population.name.clone(), results)
}

/// Writes the summary, last: a folder with a summary is complete.
///
/// # Errors
/// If the file cannot be written.
pub fn write_summary(folder: &Folder, summary: &Summary) -> Result<PathBuf, Error> {
    let json = summary.to_json()?;
    folder.write(SUMMARY, |file| file.write_all(json.as_bytes()).map_err(folder::io_error))
}
