// The stimulus: what is injected into a neuron besides noise and sources, in the model's unit of current.
//
// Twin: src/drive.rs.

struct Stimulus {
    amplitude: Real, // counted from the model's zero
    gain: Real,      // factor of the signal that is played
    row: Bits,       // where the neuron's row begins in the signal
}

fn stimulus_current(p: Stimulus, step: u32) -> Real {
    if plays {
        return fma(p.gain, played(p.row + Bits(step)), p.amplitude);
    }
    return p.amplitude;
}
