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

// Two deviates of the standard deviation `scale`, for two steps.
fn normals(stream: ptr<function, Stream>, scale: f32) -> NormalPair {
    let pair = normal_pair(stream);
    return NormalPair(scale * pair.radius, pair.direction);
}

// What is left of Ornstein-Uhlenbeck noise after a step.
fn fade(noise: f32, leak: f32) -> f32 {
    return fma(-leak, noise, noise);
}

// One deviate of each pair (its radius and coordinate) on top of `base`.
fn normals_on(base: f32, own: vec2<f32>, joint: vec2<f32>) -> f32 {
    return fma(own.x, own.y, select(base, fma(joint.x, joint.y, base), noise_shared));
}

// Adds the noise of two steps to their stimuli. `noise` is the noise current of the step before.
fn add_noise(
    p: Noise,
    stimuli: vec2<f32>,
    noise: ptr<function, f32>,
    own_stream: ptr<function, Stream>,
    common_stream: ptr<function, Stream>,
) -> vec2<f32> {
    if noise_kind == NO_NOISE {
        return stimuli;
    }
    let own = normals(own_stream, p.scale);
    var joint = own;
    if noise_shared {
        joint = normals(common_stream, p.common_scale);
    }
    let first_own = vec2(own.radius, own.direction.x);
    let second_own = vec2(own.radius, own.direction.y);
    let first_joint = vec2(joint.radius, joint.direction.x);
    let second_joint = vec2(joint.radius, joint.direction.y);
    if noise_kind == WHITE {
        return vec2(
            normals_on(stimuli.x, first_own, first_joint),
            normals_on(stimuli.y, second_own, second_joint),
        );
    }
    let first = normals_on(fade(*noise, p.leak), first_own, first_joint);
    *noise = normals_on(fade(first, p.leak), second_own, second_joint);
    return stimuli + vec2(first, *noise);
}
