//! Files: a folder with a summary, spikes, tables and figures.

pub mod compare;
pub mod folder;
pub mod npz;
pub mod summary;
pub mod tables;

use std::path::PathBuf;

use rayon::prelude::*;

use crate::error::Error;
use crate::plot::{self, Figure, Format};
use crate::results::{PopulationResults, Results};
use folder::{Folder, Sink};
use summary::Summary;

/// Files that Loligo can write into a folder, figures aside.
const TABLES: [&str; 12] = [
    "parameters.csv",
    "rate.csv",
    "summary.json",
    "experiment.toml",
    "spikes.npz",
    "intervals.csv",
    "histogram.csv",
    "spectrum.csv",
    "compare.csv",
    "trace.npz",
    "trace.json",
    "spectrogram.npz",
];

/// Names of the figures, without their endings.
const FIGURES: [&str; 10] = [
    "raster",
    "intervals",
    "spectrum",
    "rate",
    "cv",
    "cv_rate",
    "rate_map",
    "cv_map",
    "trace",
    "spectrogram",
];

/// Whether a file of this name is one that Loligo writes into a folder: of results, or of the exercises.
pub fn is_known(name: &str) -> bool {
    if TABLES.contains(&name) || name == PAGE {
        return true;
    }
    let known = [Format::Png, Format::Svg, Format::Pdf];
    let is_format = |ending: &str| known.iter().any(|format| format.ending() == ending);
    let Some((figure, _)) = name.rsplit_once('.').filter(|(_, ending)| is_format(ending)) else {
        return false;
    };
    // Figures of exercises have a number: 08_current_rate.
    let is_numbered = figure.len() > 3
        && figure.as_bytes()[..2].iter().all(u8::is_ascii_digit)
        && figure.as_bytes()[2] == b'_';
    FIGURES.contains(&figure) || is_numbered
}

/// The page of the exercises.
pub const PAGE: &str = "index.html";

/// What it takes to fill a file.
type Fill<'a> = Box<dyn Fn(&mut dyn Sink) -> Result<(), Error> + Sync + 'a>;

/// What it takes to make a figure.
type Draw<'a> = Box<dyn Fn() -> Figure + Sync + 'a>;

/// Files to be written: tables by their names, and figures in all formats that are asked for.
#[derive(Default)]
pub struct Files<'a> {
    tables: Vec<(&'static str, Fill<'a>)>,
    figures: Vec<Draw<'a>>,
}

impl<'a> Files<'a> {
    /// Adds a table.
    pub fn table(
        &mut self,
        name: &'static str,
        fill: impl Fn(&mut dyn Sink) -> Result<(), Error> + Sync + 'a,
    ) {
        self.tables.push((name, Box::new(fill)));
    }

    /// Adds a figure.
    pub fn figure(&mut self, draw: impl Fn() -> Figure + Sync + 'a) {
        self.figures.push(Box::new(draw));
    }

    /// The figures, as values.
    pub fn draw(&self) -> Vec<Figure> {
        self.figures.iter().map(|draw| draw()).collect()
    }

    /// Writes the files, in parallel. A file that fails does not keep the others from being written.
    pub fn write(&self, folder: &Folder, formats: &[Format]) -> Written {
        let tables = || {
            let each = self.tables.par_iter();
            each.map(|(name, fill)| folder.write(name, fill)).collect::<Vec<_>>()
        };
        let draw = |draw: &Draw<'a>| write_figure(folder, &draw(), formats);
        let figures = || match formats {
            [] => Vec::new(),
            _ => self.figures.par_iter().flat_map_iter(draw).collect::<Vec<_>>(),
        };
        let (tables, figures) = rayon::join(tables, figures);
        let mut paths = Vec::new();
        let mut first_error = None;
        for file in tables.into_iter().chain(figures) {
            match file {
                Ok(path) => paths.push(path),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        (paths, first_error)
    }
}

/// Writes a figure in some formats.
pub fn write_figure(
    folder: &Folder,
    figure: &Figure,
    formats: &[Format],
) -> Vec<Result<PathBuf, Error>> {
    let files = match plot::files(figure, formats) {
        Ok(files) => files,
        Err(error) => return vec![Err(error)],
    };
    let write = |(name, bytes): (String, Vec<u8>)| {
        folder.write(&name, |file| file.write_all(&bytes).map_err(folder::io_error))
    };
    files.into_iter().map(write).collect()
}

/// All files of a run but the summary.
pub fn of_run(results: &Results) -> Files<'_> {
    let populations = || results.populations.iter().map(named).collect::<Vec<_>>();
    let mut files = Files::default();
    files.table("intervals.csv", |file| tables::intervals(file, results));
    if results.are_recorded() {
        files.table("spikes.npz", |file| npz::write(file, results));
    }
    if !tables::differing(results).is_empty() {
        files.table("parameters.csv", |file| tables::parameters(file, results));
    }
    if results.are_recorded() && results.window.steps() > 0 {
        files.table("rate.csv", |file| tables::rate(file, results));
        files.figure(|| plot::raster::figure(results));
    }
    if results.recorded().any(|(_, recorded)| recorded.histogram.is_some()) {
        files.table("histogram.csv", |file| tables::histogram(file, results));
        files.figure(move || plot::intervals::figure(&populations(), ""));
    }
    if results.recorded().any(|(_, recorded)| recorded.spectrum.is_some()) {
        files.table("spectrum.csv", |file| tables::spectrum(file, results));
        if results.populations.iter().any(|population| population.rates.spikes > 0) {
            files.figure(move || plot::spectrum::figure(&populations(), ""));
        }
    }
    files
}

/// A population under its name.
pub fn named(results: &PopulationResults) -> (String, &PopulationResults) {
    (results.population.name.clone(), results)
}

/// The files written, and the first error.
pub type Written = (Vec<PathBuf>, Option<Error>);

/// Writes the summary, last: a folder with a summary is complete.
///
/// # Errors
/// If the file cannot be written.
pub fn write_summary(folder: &Folder, summary: &Summary) -> Result<PathBuf, Error> {
    let json = summary.to_json()?;
    folder.write("summary.json", |file| file.write_all(json.as_bytes()).map_err(folder::io_error))
}
