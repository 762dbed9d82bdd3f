//! A file with recordings, in whatever format.

use std::cell::Cell;
use std::path::Path;

use super::format::{Contents, Format, Refusal};
use super::names::{is_time, with_unit};
use super::text::Options;
use super::variable::{Entry, Kind, MOST_NUMBERS, MOST_PER_BYTE, Variable, shortened};
use super::{hdf5, matlab, numpy, text};
use crate::error::{Error, Place, Problem, nearest};

/// Most bytes of a file itself.
const MOST_BYTES: u64 = 1 << 31;

/// Most variables that a message names.
const MOST_NAMED: usize = 8;

/// A file with recordings.
pub struct DataFile {
    place: Place,
    /// Its bytes.
    size: usize,
    entries: Vec<Entry>,
    format: Box<dyn Format>,
    /// How many numbers were taken from it.
    taken: Cell<usize>,
}

impl DataFile {
    /// Opens a file; the format is told by its content.
    ///
    /// # Errors
    /// If the file cannot be read, or is in none of the formats, or is broken.
    pub fn open(path: &Path, options: &Options) -> Result<Self, Error> {
        let place = Place::Flag(path.display().to_string());
        let problem =
            |message: String, remedy: &str| Error::from(Problem::new(message, &place, remedy));
        let metadata = std::fs::metadata(path);
        if metadata.as_ref().is_ok_and(|metadata| metadata.len() > MOST_BYTES) {
            return Err(problem("it is larger than 2 GiB".into(), "cut it into parts before"));
        }
        let bytes = match metadata {
            // A device or a pipe may never end.
            Ok(metadata) if !metadata.is_file() => Err(std::io::Error::other("it is no file")),
            Ok(_) => std::fs::read(path),
            Err(error) => Err(error),
        };
        let bytes = bytes.map_err(|error| {
            problem(format!("cannot be read: {error}"), "give a file that exists")
        })?;
        let file = DataFile::parse(bytes, options)
            .map_err(|Refusal { why, remedy }| problem(why, &remedy))?;
        Ok(DataFile { place, ..file })
    }

    /// Opens the bytes of a file.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(bytes: Vec<u8>, options: &Options) -> Result<Self, Refusal> {
        let size = bytes.len();
        let (entries, format) = contents(bytes, options)?;
        Ok(DataFile { place: Place::Default, size, entries, format, taken: Cell::new(0) })
    }

    /// What is in the file.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Reads the n-th variable.
    ///
    /// # Errors
    /// If it holds no numbers, more than are taken from one file (2^27 in all), or is broken.
    pub fn read(&self, n: usize) -> Result<Variable, Error> {
        let Some(entry) = self.entries.get(n) else {
            return Err(self.problem("there is no such variable", "choose another one"));
        };
        let name = shortened(&entry.name);
        match &entry.kind {
            Kind::Numbers => {}
            Kind::Other(what) => {
                let message = format!("`{name}` is no array of numbers, but {what}");
                return Err(self.problem(message, "choose another variable"));
            }
            Kind::Unreadable(why) => {
                return Err(self.problem(format!("`{name}` {why}"), "choose another variable"));
            }
        }
        let (rows, columns) = entry.shape;
        if entry.is_empty() {
            return Ok(Variable::vector(entry.name.clone(), Vec::new()));
        }
        let count = rows.saturating_mul(columns);
        if count > MOST_NUMBERS - self.taken.get() {
            let all = if self.taken.get() > 0 { ", with those read before it," } else { "," };
            let message = format!("`{name}` is {rows} x {columns}{all} more than 2^27 numbers");
            return Err(self.problem(message, "cut it into parts before"));
        }
        if count > self.size.saturating_mul(MOST_PER_BYTE) {
            let message = format!(
                "`{name}` is {rows} x {columns}, which a file of {} bytes cannot hold",
                self.size
            );
            return Err(self.problem(message, "choose another variable, or mend it"));
        }
        self.taken.set(self.taken.get() + count);
        self.format.read(n).map_err(|why| self.problem(why, "choose another variable, or mend it"))
    }

    /// The variable of a name, with its unit or without; without a name the only one that is asked for: of several
    /// that are no time, none is guessed. `flag` is how one is named.
    ///
    /// # Errors
    /// If there is no such variable, or several; those there are are listed.
    pub fn choose(&self, name: Option<&str>, flag: &str) -> Result<usize, Error> {
        let is_candidate = |entry: &Entry| match &entry.kind {
            Kind::Numbers => !entry.is_empty() && !is_time(&entry.name),
            Kind::Other(_) => false,
            Kind::Unreadable(_) => true,
        };
        self.chosen(name, flag, is_candidate)
    }

    /// As [`DataFile::choose`], where those that could be meant are told by the caller.
    pub(super) fn chosen(
        &self,
        name: Option<&str>,
        flag: &str,
        is_candidate: impl Fn(&Entry) -> bool,
    ) -> Result<usize, Error> {
        let Some(name) = name else {
            let mut candidates =
                self.entries.iter().enumerate().filter(|(_, entry)| is_candidate(entry));
            return match (candidates.next(), candidates.next()) {
                (Some((only, _)), None) => Ok(only),
                (None, _) if self.entries.len() <= 1 => {
                    Err(self.problem("there are no numbers in it", "give a file with numbers"))
                }
                _ => Err(self.problem(
                    "it holds several variables",
                    format!("choose one with {flag}: there is {}", self.listed()),
                )),
            };
        };
        let exact = self.entries.iter().position(|entry| entry.name == name);
        let mut without_unit =
            self.entries.iter().enumerate().filter(|(_, entry)| with_unit(&entry.name).0 == name);
        match (exact, without_unit.next(), without_unit.next()) {
            (Some(n), ..) => return Ok(n),
            (None, Some((n, _)), None) => return Ok(n),
            _ => {}
        }
        let names = self.entries.iter().map(|entry| entry.name.as_str());
        let near = nearest(name, names).map(|near| format!("did you mean `{near}`? "));
        let remedy = format!("{}there is {}", near.unwrap_or_default(), self.listed());
        Err(self.problem(format!("it has no variable `{}`", shortened(name)), remedy))
    }

    /// The variables in words, as many as can be read.
    fn listed(&self) -> String {
        let told: Vec<String> = self.entries.iter().take(MOST_NAMED).map(Entry::told).collect();
        match self.entries.len() {
            0 => "none".to_owned(),
            n if n > MOST_NAMED => {
                format!("{} and {} more", told.join(", "), n - MOST_NAMED)
            }
            _ => told.join(", "),
        }
    }

    pub(super) fn problem(&self, message: impl Into<String>, remedy: impl Into<String>) -> Error {
        Problem::new(message, &self.place, remedy).into()
    }
}

fn contents(bytes: Vec<u8>, options: &Options) -> Result<Contents, Refusal> {
    match &bytes[..] {
        [0x89, b'H', b'D', b'F', ..] => Ok(hdf5::open(bytes)?),
        [b'P', b'K', 3 | 5, ..] => Ok(numpy::open_npz(bytes)?),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Ok(numpy::open(bytes)?),
        _ if bytes.starts_with(b"MATLAB 7.3") => Ok(hdf5::open(bytes)?),
        _ if matlab::is_v5(&bytes) => Ok(matlab::open(bytes)?),
        _ => text::open(&bytes, options),
    }
}
