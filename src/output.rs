//! Files: a folder with a summary, spikes, tables and figures.

pub mod compare;
pub mod folder;
pub mod npz;
pub mod summary;
pub mod tables;

use std::path::PathBuf;

use rayon::prelude::*;

use crate::error::Error;
use crate::plot;
use crate::results::{PopulationResults, Results};
use folder::{Folder, Sink};
use summary::Summary;

/// Files that Loligo can write into a folder.
pub const FILES: [&str; 20] = [
    "summary.json",
    "spikes.npz",
    "intervals.csv",
    "histogram.csv",
    "spectrum.csv",
    "raster.png",
    "intervals.png",
    "spectrum.png",
    "compare.csv",
    "rate.png",
    "cv.png",
    "cv_rate.png",
    "rate_map.png",
    "cv_map.png",
    "trace.png",
    "trace.svg",
    "trace.npz",
    "trace.json",
    "spectrogram.png",
    "spectrogram.npz",
];

/// What it takes to fill a file.
type Fill<'a> = Box<dyn Fn(&mut dyn Sink) -> Result<(), Error> + Sync + 'a>;

/// Writes all files but the summary. A file that fails does not keep the others from being
/// written.
pub fn write(folder: &Folder, results: &Results) -> Written {
    let populations: Vec<&PopulationResults> = results.populations.iter().collect();
    let mut files: Vec<(&str, Fill<'_>)> =
        vec![("intervals.csv", Box::new(|file| tables::intervals(file, results)))];
    if results.are_recorded() {
        files.push(("spikes.npz", Box::new(|file| npz::write(file, results))));
    }
    if results.are_recorded() && results.window.steps() > 0 {
        files.push(("raster.png", Box::new(|file| plot::raster::draw(file, results))));
    }
    if results.recorded().any(|(_, recorded)| recorded.histogram.is_some()) {
        files.push(("histogram.csv", Box::new(|file| tables::histogram(file, results))));
        files.push(("intervals.png", Box::new(|file| plot::intervals::draw(file, &populations))));
    }
    if results.recorded().any(|(_, recorded)| recorded.spectrum.is_some()) {
        files.push(("spectrum.csv", Box::new(|file| tables::spectrum(file, results))));
        if results.populations.iter().any(|population| population.rates.spikes > 0) {
            files.push(("spectrum.png", Box::new(|file| plot::spectrum::draw(file, &populations))));
        }
    }
    fill_all(folder, &files)
}

/// The files written, and the first error.
pub type Written = (Vec<PathBuf>, Option<Error>);

/// Writes files in parallel.
fn fill_all(folder: &Folder, files: &[(&str, Fill<'_>)]) -> Written {
    let written: Vec<Result<PathBuf, Error>> =
        files.par_iter().map(|(name, fill)| folder.write(name, fill)).collect();
    let mut paths = Vec::new();
    let mut first_error = None;
    for file in written {
        match file {
            Ok(path) => paths.push(path),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    (paths, first_error)
}

/// Writes the summary, last: a folder with a summary is complete.
///
/// # Errors
/// If the file cannot be written.
pub fn write_summary(folder: &Folder, summary: &Summary) -> Result<PathBuf, Error> {
    let json = summary.to_json()?;
    folder.write("summary.json", |file| file.write_all(json.as_bytes()).map_err(folder::io_error))
}
