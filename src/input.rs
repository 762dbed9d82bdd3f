//! Recordings: signals and spike times from files of other programs.
//!
//! A file is opened as a list of its variables; numbers are read of those that are asked for only. Nothing a file
//! declares is believed: sizes are compared with the bytes there are, and with a budget, before anything is
//! reserved. A variable that cannot be read is never passed over for another one.

mod hdf5;
mod matlab;
mod numpy;
pub mod numpy_noise;
pub mod own;
pub mod signal;
pub mod spike_times;
pub mod text;
mod time_axis;

use std::cell::Cell;
use std::path::Path;

use crate::error::{Error, Place, Problem, nearest};
use crate::unit::{Dimension, measure};
use text::Options;

/// A named array of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name; empty where the format has none.
    pub name: String,
    /// Rows and columns; a vector is one row.
    pub rows: usize,
    /// Numbers in each row.
    pub columns: usize,
    /// The numbers, row after row.
    pub values: Vec<f64>,
}

impl Variable {
    /// A vector.
    pub fn vector(name: impl Into<String>, values: Vec<f64>) -> Self {
        Variable { name: name.into(), rows: 1, columns: values.len(), values }
    }

    /// A matrix whose numbers lie row after row. One column is a vector.
    fn matrix(name: &str, rows: usize, columns: usize, values: Vec<f64>) -> Self {
        if rows <= 1 || columns == 1 {
            return Variable::vector(name, values);
        }
        Variable { name: name.to_owned(), rows, columns, values }
    }

    /// The numbers of one row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..][..self.columns]
    }
}

/// What a variable of a file holds, by the file's own marks.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Real numbers in at most two dimensions.
    Numbers,
    /// No numbers at all: text, a structure, a list of others. Nobody means it by naming nothing.
    Other(&'static str),
    /// Numbers that cannot be read, and why: it stands for itself and is not passed over.
    Unreadable(String),
}

/// A variable of a file, before it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name; empty where the format has none.
    pub name: String,
    /// Rows and columns.
    pub shape: (usize, usize),
    /// What it holds.
    pub kind: Kind,
}

impl Entry {
    fn numbers(name: impl Into<String>, rows: usize, columns: usize) -> Self {
        Entry { name: name.into(), shape: (rows, columns), kind: Kind::Numbers }
    }

    fn other(name: impl Into<String>, what: &'static str) -> Self {
        Entry { name: name.into(), shape: (0, 0), kind: Kind::Other(what) }
    }

    fn unreadable(name: impl Into<String>, why: impl Into<String>) -> Self {
        Entry { name: name.into(), shape: (0, 0), kind: Kind::Unreadable(why.into()) }
    }

    fn is_empty(&self) -> bool {
        self.kind == Kind::Numbers && (self.shape.0 == 0 || self.shape.1 == 0)
    }

    /// The entry in words, for lists.
    fn told(&self) -> String {
        let what = match &self.kind {
            Kind::Numbers => format!("{} x {}", self.shape.0, self.shape.1),
            Kind::Other(what) => (*what).to_owned(),
            Kind::Unreadable(_) => "cannot be read".to_owned(),
        };
        format!("`{}` ({what})", shortened(&self.name))
    }
}

/// What a format can do once its variables are known.
trait Format {
    /// The numbers of the n-th variable, whose kind is [`Kind::Numbers`] and whose size fits the budget.
    fn read(&self, n: usize) -> Result<Variable, String>;
}

/// The variables of a file and a way to their numbers.
type Contents = (Vec<Entry>, Box<dyn Format>);

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

/// Why a file cannot be opened, and what would be right.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// What is wrong.
    pub why: String,
    /// What would be right.
    pub remedy: String,
}

impl Refusal {
    fn new(why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Refusal { why: why.into(), remedy: remedy.into() }
    }
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        Refusal::new(why, FORMATS)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; {}", self.why, self.remedy)
    }
}

/// Most numbers taken from a file, of all variables together: 1 GiB of them, however small they are in the file.
const MOST_NUMBERS: usize = 1 << 27;

/// Most numbers that a byte of a file can hold, packed by deflate: what declares more is no data.
const MOST_PER_BYTE: usize = 1032;

/// Most bytes of a file itself.
const MOST_BYTES: u64 = 1 << 31;

/// Most variables that a message names.
const MOST_NAMED: usize = 8;

/// Names under which time vectors go, without their unit.
const TIMES: [&str; 5] = ["t", "time", "times", "timestamp", "timestamps"];

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
    fn chosen(
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

    fn problem(&self, message: impl Into<String>, remedy: impl Into<String>) -> Error {
        Problem::new(message, &self.place, remedy).into()
    }
}

/// The formats, for remedies.
const FORMATS: &str =
    "give a MATLAB .mat file (v5 to v7.3), .npy, .npz, HDF5, or text with numbers (.csv)";

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

/// Variables that are in memory already.
struct Loaded(Vec<Variable>);

impl Format for Loaded {
    fn read(&self, n: usize) -> Result<Variable, String> {
        self.0.get(n).cloned().ok_or_else(|| "it is not there".to_owned())
    }
}

/// Of several variables with one name, the last: as MATLAB and NumPy load them.
fn last_of_each<T>(variables: Vec<(Entry, T)>) -> Vec<(Entry, T)> {
    let mut seen = std::collections::HashSet::new();
    let mut kept: Vec<(Entry, T)> =
        variables.into_iter().rev().filter(|(entry, _)| seen.insert(entry.name.clone())).collect();
    kept.reverse();
    kept
}

/// A name without its unit, and the unit: `time (ms)`, `v [mV]`, `t_ms`, `t/ms`.
fn with_unit(name: &str) -> (&str, Option<&str>) {
    let name = name.trim();
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some((base, unit)) = name.strip_suffix(close).and_then(|rest| rest.rsplit_once(open))
            && measure(unit).is_some()
        {
            return (base.trim_end(), Some(unit.trim()));
        }
    }
    let is_time = |unit: &str| matches!(measure(unit), Some((Dimension::Time, _)));
    match name.rsplit_once(['_', '/', ' ']) {
        Some((base, unit)) if !base.is_empty() && is_time(unit) => (base, Some(unit)),
        _ => (name, None),
    }
}

/// Whether a variable is a time vector, by its name.
fn is_time(name: &str) -> bool {
    TIMES.contains(&with_unit(name).0.to_lowercase().as_str())
}

/// Seconds in the unit of a variable of times; a bare name means seconds.
///
/// # Errors
/// A sentence, if the unit is none of time.
fn seconds(name: &str) -> Result<f64, String> {
    match with_unit(name) {
        (_, None) => Ok(1.0),
        (_, Some(unit)) => match measure(unit) {
            Some((Dimension::Time, size)) => Ok(size),
            Some((other, _)) => {
                Err(format!("`{}` is {other} by its unit, not a time", shortened(name)))
            }
            None => Ok(1.0),
        },
    }
}

/// A name as messages show it: no longer than a line.
fn shortened(name: &str) -> String {
    const MOST: usize = 60;
    match name.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}..", &name[..end]),
        None => name.to_owned(),
    }
}

/// Turns columns, one after the other, into rows.
fn transposed(columns_first: &[f64], columns: usize, rows: usize) -> Vec<f64> {
    (0..rows)
        .flat_map(|row| (0..columns).map(move |column| columns_first[column * rows + row]))
        .collect()
}
