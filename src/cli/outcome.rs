//! How a command ends that does not fail.

/// What a command that went well says: whether it was interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Interrupted,
}

/// Exit code of a command that was ended by Ctrl-C, as shells have it: 128 + SIGINT.
pub const INTERRUPTED: u8 = 130;
