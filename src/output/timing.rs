//! Where the time of a run went.

use std::time::Duration;

use serde::Serialize;

/// Where the time went (s).
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Timing {
    /// Choosing the engine, uploading parameters, compiling kernels.
    pub setup_s: f64,
    /// Stepping, and taking the spikes.
    pub stepping_s: f64,
    /// Statistics.
    pub analysis_s: f64,
    /// Files and figures, the summary aside.
    pub output_s: f64,
    /// Neurons times steps over the time of stepping.
    pub neuron_steps_per_s: f64,
}

impl Timing {
    /// Puts the times of a run together.
    pub fn new(phases: [Duration; 4], neuron_steps: f64) -> Self {
        let [setup_s, stepping_s, analysis_s, output_s] = phases.map(|phase| phase.as_secs_f64());
        Timing {
            setup_s,
            stepping_s,
            analysis_s,
            output_s,
            neuron_steps_per_s: neuron_steps / stepping_s.max(1e-9),
        }
    }
}
