//! What can go wrong, as values: each says what was wrong, where, and what would be right.

use std::borrow::Cow;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Where a wrong input was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On the command line: the flag and its value.
    Flag(String),
    /// In a file.
    File {
        /// The file.
        path: PathBuf,
        /// Its text.
        text: Arc<str>,
        /// The bytes to point at.
        span: Range<usize>,
    },
    /// A default, or something in Rust.
    Default,
}

/// A wrong input.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What is wrong.
    pub message: String,
    /// Where it was written.
    pub place: Place,
    /// What would be right.
    pub remedy: String,
}

impl Problem {
    /// A problem at a place. What is told of foreign text is shown without control characters, and not at length.
    pub fn new(message: impl Into<String>, place: &Place, remedy: impl Into<String>) -> Self {
        Problem {
            message: brief(&message.into()),
            place: place.clone(),
            remedy: brief(&remedy.into()),
        }
    }
}

/// A text as messages show it: escaped, and no longer than can be read.
fn brief(text: &str) -> String {
    const MOST: usize = 1000;
    let end = text.char_indices().nth(MOST).map(|(end, _)| end);
    let dots = if end.is_some() { ".." } else { "" };
    escaped(&text[..end.unwrap_or(text.len())]).into_owned() + dots
}

/// As it stands before a message: with a colon and a blank, or nothing.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Flag(flag) => write!(f, "{}: ", brief(flag)),
            Place::File { path, text, span } => {
                let line = text[..span.start.min(text.len())].matches('\n').count() + 1;
                write!(f, "{}:{line}: ", brief(&path.display().to_string()))
            }
            Place::Default => Ok(()),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}; {}", self.place, self.message, self.remedy)
    }
}

/// Everything that can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A wrong input.
    #[error("{0}")]
    Input(Box<Problem>),
    /// The experiment does not fit.
    #[error("{what} needs {needed}, but {available}; {remedy}")]
    TooLarge {
        /// What needs it.
        what: String,
        /// How much is needed.
        needed: String,
        /// How much there is.
        available: String,
        /// What lowers the need.
        remedy: String,
    },
    /// There is no device of the kind asked for.
    #[error("{0}")]
    NoDevice(String),
    /// The device failed.
    #[error("the device {device} failed: {message}")]
    Device {
        /// The device.
        device: String,
        /// What it said.
        message: String,
    },
    /// It was ended before there was anything to keep.
    #[error("ended before there was anything to keep")]
    Ended,
    /// A neuron's state is no longer a finite number: its results mean nothing.
    #[error(
        "neuron {neuron} of `{population}` diverged{}: its state is no longer a finite number ({parameters}); shorten \
         --dt, or look for a parameter far off",
        step.map_or(String::new(), |step| format!(" at step {step}"))
    )]
    Diverged {
        /// The population.
        population: String,
        /// The neuron's index in the population.
        neuron: usize,
        /// The step at which it did, if that is known.
        step: Option<u32>,
        /// Its parameters.
        parameters: String,
    },
    /// A file could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Values of exercises are off their references.
    #[error("{off} values of the exercises are off")]
    Off {
        /// How many.
        off: usize,
    },
    /// A figure could not be drawn.
    #[error("cannot draw {figure}: {message}")]
    Figure {
        /// Which figure.
        figure: String,
        /// Why.
        message: String,
    },
}

/// Text of others, such as names from a file, with control characters shown and not sent: a terminal would obey them.
pub fn escaped(text: &str) -> Cow<'_, str> {
    let is_harmless = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    if text.chars().all(is_harmless) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| match is_harmless(c) {
        true => c.to_string(),
        false => c.escape_default().to_string(),
    };
    Cow::Owned(text.chars().map(shown).collect())
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Error::Input(Box::new(problem))
    }
}

/// The name most like a wrong one, if any is like it: as a whole, or without its group
/// (`sigma` for `noise.sigma`).
pub fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const ALIKE: f64 = 0.85;
    let wrong = wrong.trim().to_lowercase();
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        let name = name.as_str();
        let last = name.rsplit('.').next().unwrap_or(name);
        // Two letters swapped or one wrong is like enough, also in a short name.
        let slip = strsim::damerau_levenshtein(&wrong, name) == 1 && name.len() > 2;
        let slip = if slip { ALIKE } else { 0.0 };
        strsim::jaro_winkler(&wrong, name).max(strsim::jaro_winkler(&wrong, last)).max(slip)
    };
    names
        .map(|name| (likeness(name), name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}
