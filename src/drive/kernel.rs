//! What a kernel is specialised for.

use super::kind::{NoiseKind, StimulusKind};
use crate::model::{Model, Variant};
use crate::source::Sources;

/// What a kernel is specialised for: populations with the same one are stepped together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kernel {
    /// The model.
    pub model: &'static Model,
    /// Which of its steps.
    pub variant: Variant,
    /// Form of the stimulus.
    pub stimulus: StimulusKind,
    /// Form of the noise.
    pub noise: NoiseKind,
    /// Whether some of the noise is shared by the population.
    pub shared: bool,
    /// What drives the neurons besides stimulus and noise.
    pub sources: Option<&'static Sources>,
    /// Whether a step takes an exponential deviate, see [`Input`](crate::model::Input).
    pub draws: bool,
}
