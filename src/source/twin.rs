//! Sources that engines have code of their own for: what nearly all neurons are driven by.

use super::file::Definition;

/// What engines have code of their own for. It does what the equations of the same kind do, from the neuron's own stream of
/// random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twin {
    /// The stimulus that is the same all the time.
    Constant,
    /// A signal that is played.
    Played,
    /// The white noise.
    White,
    /// The Ornstein-Uhlenbeck noise.
    Ou,
    /// A sine wave: on the CPU only, and where it is the only one; else it is on a tape.
    Sine,
    /// A sine wave whose frequency changes, as that.
    Chirp,
}

impl Twin {
    /// The twin of a source by its name and kind: a neuron has one stimulus and one noise of its own, and recordings, which add
    /// up to one.
    pub(super) fn of(name: &str, kind: &str, definition: &Definition) -> Option<Self> {
        match (name, kind) {
            _ if definition.plays => Some(Twin::Played),
            ("stimulus", "constant") => Some(Twin::Constant),
            ("noise", "white") => Some(Twin::White),
            ("noise", "ou") => Some(Twin::Ou),
            (_, "sine") => Some(Twin::Sine),
            (_, "chirp") => Some(Twin::Chirp),
            _ => None,
        }
    }

    /// Whether it is on a tape, too: not all engines have code of their own for it.
    pub fn is_on_tape(self) -> bool {
        matches!(self, Twin::Sine | Twin::Chirp)
    }
}
