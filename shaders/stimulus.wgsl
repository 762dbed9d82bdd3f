// The stimulus: what is injected into a neuron besides noise, in the model's unit of current.
//
// Twin: src/drive.rs.

struct Stimulus {
    amplitude: Real, // counted from the model's zero, as is
    off: Real,       // no injected current
    from_step: Bits, // on from this step ...
    to_step: Bits,   // ... up to, not with, this one
    gain: Real,      // factor of the signal that is played
    row: Bits,       // where the neuron's row begins in the signal
}

const PULSE = 1u;
const FILE = 2u;

fn stimulus_current(p: Stimulus, step: u32) -> Real {
    if stimulus_kind == PULSE {
        let on = (p.from_step <= Bits(step)) & (Bits(step) < p.to_step);
        return select(p.off, p.amplitude, on);
    }
    if stimulus_kind == FILE {
        return fma(p.gain, played(p.row + Bits(step)), p.amplitude);
    }
    return p.amplitude;
}
