// The stimulus: what is injected into a neuron besides noise, in the model's unit of current.
//
// Twin: src/drive.rs.

struct Stimulus {
    amplitude: f32,
    from_step: u32, // on from this step ...
    to_step: u32,   // ... up to, not with, this one
    gain: f32,      // factor of the signal that is played
}

const PULSE = 1u;
const FILE = 2u;

fn stimulus_current(p: Stimulus, step: u32) -> f32 {
    if stimulus_kind == PULSE {
        return select(0.0, p.amplitude, step >= p.from_step && step < p.to_step);
    }
    if stimulus_kind == FILE {
        return fma(p.gain, signal[step], p.amplitude);
    }
    return p.amplitude;
}

// The currents of two steps.
fn stimulus_currents(p: Stimulus, step: u32) -> vec2<f32> {
    return vec2(stimulus_current(p, step), stimulus_current(p, step + 1u));
}
