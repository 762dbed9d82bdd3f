//! What goes to the terminal: results to stdout, all else to stderr.

use std::io::Write;

use clap::ValueEnum;

use super::report;
use loligo::error::{Error, escaped};

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl From<Color> for anstream::ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
    }
}

/// Writes to stdout. A reader that has seen enough (`| head`) is no error.
pub fn print(text: &str) -> Result<(), Error> {
    match anstream::stdout().write_all(escaped(text).as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|source| Error::Io {
            action: "write to",
            path: "standard output".into(),
            source,
        }),
    }
}

/// Writes a line to stderr, without colours where they are not wanted. Where nobody can read it,
/// nothing is to be done.
pub fn say(line: &str) {
    say_styled(&escaped(line));
}

/// The same for a line with colours of its own.
pub fn say_styled(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Prints an error; without colours where NO_COLOR is set or stderr is no terminal.
pub fn say_error(error: &Error) {
    say_styled(&report::render(error, true));
}
