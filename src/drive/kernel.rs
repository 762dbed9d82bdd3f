//! What a kernel is specialised for.

use super::kind::{NoiseKind, StimulusKind};

/// What a kernel is specialised for: populations with the same one are stepped together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kernel {
    /// Name of the model.
    pub model: &'static str,
    /// Index of the integrator in the model's list.
    pub integrator: usize,
    /// Whether the step is [`fine`](crate::model::Neuron::fine) for every neuron.
    pub fine: bool,
    /// Form of the stimulus.
    pub stimulus: StimulusKind,
    /// Form of the noise.
    pub noise: NoiseKind,
    /// Whether some of the noise is shared by the population.
    pub shared: bool,
    /// Whether a step takes an exponential deviate, see [`Input`](crate::model::Input).
    pub draws: bool,
}
