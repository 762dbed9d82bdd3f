//! What can go wrong, as values: each says what was wrong, where, and what would be right.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

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
    /// A problem at a place.
    pub fn new(message: impl Into<String>, place: &Place, remedy: impl Into<String>) -> Self {
        Problem { message: message.into(), place: place.clone(), remedy: remedy.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            Place::Flag(flag) => write!(f, "{flag}: ")?,
            Place::File { path, text, span } => {
                let line = text[..span.start.min(text.len())].matches('\n').count() + 1;
                write!(f, "{}:{line}: ", path.display())?;
            }
            Place::Default => {}
        }
        write!(f, "{}; {}", self.message, self.remedy)
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
    /// A figure could not be drawn.
    #[error("cannot draw {figure}: {message}")]
    Figure {
        /// Which figure.
        figure: String,
        /// Why.
        message: String,
    },
}

impl Error {
    /// 2 for wrong input, 1 for anything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Input(_) | Error::TooLarge { .. } | Error::NoDevice(_) => 2,
            _ => 1,
        }
    }

    /// The message for a terminal; a place in a file is shown.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let (message, place, remedy) = match self {
            Error::Input(problem) => {
                (problem.message.clone(), &problem.place, problem.remedy.clone())
            }
            other => (other.to_string(), &Place::Default, String::new()),
        };
        let message = match place {
            Place::Flag(flag) => format!("{flag}: {message}"),
            _ => message,
        };
        let title = Level::ERROR.primary_title(message);
        let mut group = match place {
            Place::File { path, text, span } => {
                let end = span.end.min(text.len());
                let span = span.start.min(end)..end;
                title.element(
                    Snippet::source(text.as_ref())
                        .path(path.display().to_string())
                        .annotation(AnnotationKind::Primary.span(span)),
                )
            }
            _ => annotate_snippets::Group::with_title(title),
        };
        if !remedy.is_empty() {
            group = group.element(Level::HELP.message(remedy));
        }
        renderer.render(&[group])
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Error::Input(Box::new(problem))
    }
}
