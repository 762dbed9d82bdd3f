//! How a command ends that does not fail.

use super::terminal;

/// What a command that went well says: whether it was interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Interrupted,
}

/// The outcome of a command that was ended before it had anything to keep; what that leaves is told, unless nothing is to be.
pub fn ended(quiet: bool, leaves: &str) -> Outcome {
    if !quiet {
        terminal::say(&format!("ended: {leaves}"));
    }
    Outcome::Interrupted
}

/// Exit code of a command that was ended by Ctrl-C, as shells have it: 128 + SIGINT.
pub const INTERRUPTED: u8 = 130;
