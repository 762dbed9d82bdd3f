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
        return p.amplitude + p.gain * signal[step];
    }
    return p.amplitude;
}
