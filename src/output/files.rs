//! Files to be written, tables and figures, all at once.

use std::path::PathBuf;

use rayon::prelude::*;

use super::folder::{self, Folder, WriteSeek};
use crate::error::Error;
use crate::plot::{self, Figure, Format};

/// What came of files to be written.
#[derive(Debug)]
pub struct Written {
    /// Those that are there.
    pub paths: Vec<PathBuf>,
    /// Why others are not: the first of the errors.
    pub failure: Option<Error>,
}

/// What it takes to fill a file.
type Fill<'a> = Box<dyn Fn(&mut dyn WriteSeek) -> Result<(), Error> + Sync + 'a>;

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
        fill: impl Fn(&mut dyn WriteSeek) -> Result<(), Error> + Sync + 'a,
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
        Written { paths, failure: first_error }
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
