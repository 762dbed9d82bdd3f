// The noise: a random current of zero mean, in the model's unit of current.
//
// Twin: src/drive.rs, where `scale` and `decay` are derived.

struct Noise {
    scale: f32, // white: sigma / sqrt(dt); ou: sigma sqrt(1 - decay^2)
    decay: f32, // ou: exp(-dt / tau)
}

const NO_NOISE = 0u;
const WHITE = 1u;

// The noise current of one step, from that of the step before and a standard normal deviate.
fn noise_current(p: Noise, before: f32, normal: f32) -> f32 {
    if noise_kind == WHITE {
        return p.scale * normal;
    }
    return p.decay * before + p.scale * normal;
}
