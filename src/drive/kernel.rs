//! What a kernel is specialised for.

use crate::model::{Model, Variant};
use crate::source::Sources;

/// What a kernel is specialised for: populations with the same one are stepped together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kernel {
    /// The model.
    pub model: &'static Model,
    /// Which of its steps.
    pub variant: Variant,
    /// Whether a signal is played.
    pub plays: bool,
    /// The noise that is not on a tape.
    pub noise: NoiseForm,
    /// Whether some of the noise is shared by the population.
    pub shared: bool,
    /// What drives the neurons besides, on a tape.
    pub sources: Option<&'static Sources>,
    /// Whether a step takes an exponential deviate, see [`Input`](crate::model::Input).
    pub draws: bool,
}

/// Noise that engines have code of their own for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum NoiseForm {
    /// No such noise.
    #[default]
    None = 0,
    /// Gaussian white noise.
    White = 1,
    /// An Ornstein-Uhlenbeck process.
    Ou = 2,
}
