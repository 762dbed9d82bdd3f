// The noise: a random current of zero mean, in the model's unit of current.
//
// Twin: src/drive.rs, where the factors are derived.

struct Noise {
    scale: f32,        // factor of the neuron's own deviate
    common_scale: f32, // factor of the deviate that the population shares
    leak: f32,         // ou: 1 - exp(-dt / tau)
}

const NO_NOISE = 0u;
const WHITE = 1u;

// The noise current of one step, from that of the step before and two standard normal deviates.
fn noise_current(p: Noise, before: f32, own: f32, joint: f32) -> f32 {
    var normal = p.scale * own;
    if noise_shared {
        normal += p.common_scale * joint;
    }
    if noise_kind == WHITE {
        return normal;
    }
    return before + (normal - p.leak * before);
}
