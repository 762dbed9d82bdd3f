//! Recordings: signals and spike times from files of other programs.
//!
//! A file is read into named arrays of numbers. Nothing a file declares is believed: sizes are
//! compared with the bytes there are before anything is reserved.

mod csv;
mod matlab;
mod matlab73;
mod npy;
pub mod numpy_noise;
pub mod signal;

use std::path::Path;

use crate::error::{Error, Place, Problem};
use crate::experiment::nearest;

/// A named array of a file.
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

    /// The numbers of one row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..][..self.columns]
    }
}

/// Most numbers read from one file: 2 GiB of them. Compressed files could claim any.
const MOST_NUMBERS: usize = 1 << 28;

/// What a reader says of a file it cannot read.
type Read = Result<Vec<Variable>, String>;

/// Reads all arrays of a file; the format is told by its content, or by its name (CSV).
///
/// # Errors
/// If the file cannot be read, or is in none of the formats, or is broken.
pub fn read(path: &Path) -> Result<Vec<Variable>, Error> {
    let place = Place::Flag(path.display().to_string());
    let problem =
        |message: String, remedy: &str| Error::from(Problem::new(message, &place, remedy));
    let bytes = std::fs::read(path)
        .map_err(|error| problem(format!("cannot be read: {error}"), "give a file that exists"))?;
    let variables = parse(&bytes).map_err(|why| {
        problem(why, "give a MATLAB .mat file (v5 or v7.3), .npy, .npz, or .csv with numbers")
    })?;
    if variables.iter().all(|variable| variable.values.is_empty()) {
        return Err(problem("there are no numbers in it".into(), "give a file with numbers"));
    }
    Ok(variables)
}

/// Reads all arrays from the bytes of a file.
///
/// # Errors
/// A sentence that says what is wrong with them.
pub fn parse(bytes: &[u8]) -> Read {
    match bytes {
        [0x89, b'H', b'D', b'F', ..] => matlab73::parse(bytes),
        [b'P', b'K', 3 | 5, ..] => npy::parse_npz(bytes),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => npy::parse(bytes, "").map(|v| vec![v]),
        _ if bytes.starts_with(b"MATLAB 7.3") => matlab73::parse(bytes),
        _ if matlab::is_v5(bytes) => matlab::parse(bytes),
        _ => csv::parse(bytes),
    }
}

/// The variable of a name; without a name, the only one that is not time. `flag` is how one is named.
///
/// # Errors
/// If there is no such variable, or several; those there are are listed.
pub fn choose<'a>(
    variables: &'a [Variable],
    name: Option<&str>,
    path: &Path,
    flag: &str,
) -> Result<&'a Variable, Error> {
    let names = || variables.iter().map(|variable| variable.name.as_str());
    let listed = || {
        let told = variables.iter().map(|v| format!("`{}` ({} x {})", v.name, v.rows, v.columns));
        told.collect::<Vec<_>>().join(", ")
    };
    let place = Place::Flag(path.display().to_string());
    let Some(name) = name else {
        let others: Vec<_> = variables.iter().filter(|variable| !is_time(variable)).collect();
        return match &others[..] {
            [only] => Ok(only),
            _ => Err(Problem::new(
                "it holds several variables",
                &place,
                format!("choose one with {flag}: there is {}", listed()),
            )
            .into()),
        };
    };
    variables.iter().find(|variable| variable.name == name).ok_or_else(|| {
        let near = nearest(name, names()).map(|near| format!("did you mean `{near}`? "));
        let remedy = format!("{}there is {}", near.unwrap_or_default(), listed());
        Problem::new(format!("it has no variable `{name}`"), &place, remedy).into()
    })
}

/// Whether a variable is a time vector, by its name.
fn is_time(variable: &Variable) -> bool {
    ["t", "time", "time_s", "times"].contains(&variable.name.as_str())
}
