// The noise: a random current of zero mean, in the model's unit of current.
//
// Twin: src/drive.rs, where the factors are derived.

struct Noise {
    scale: Real,        // standard deviation of the neuron's own deviate
    common_scale: Real, // standard deviation of the deviate that the population shares
    leak: Real,         // ou: 1 - exp(-dt / tau)
}

const NO_NOISE = 0u;
const WHITE = 1u;

// Two deviates of the standard deviation `scale`, for two steps.
fn normals(stream: ptr<function, Stream>, scale: Real) -> NormalPair {
    let pair = normal_pair(stream);
    return NormalPair(scale * pair.radius, pair.cos, pair.sin);
}

fn first_on(base: Real, own: NormalPair, joint: NormalPair) -> Real {
    if noise_shared {
        return fma(own.radius, own.cos, fma(joint.radius, joint.cos, base));
    }
    return fma(own.radius, own.cos, base);
}

fn second_on(base: Real, own: NormalPair, joint: NormalPair) -> Real {
    if noise_shared {
        return fma(own.radius, own.sin, fma(joint.radius, joint.sin, base));
    }
    return fma(own.radius, own.sin, base);
}

// What is left of Ornstein-Uhlenbeck noise after a step.
fn fade(noise: Real, leak: Real) -> Real {
    return fma(-leak, noise, noise);
}

// The injected currents of two steps.
struct Currents {
    first: Real,
    second: Real,
}

// Adds the noise of two steps to their stimuli. `noise` is the noise current of the step before.
fn add_noise(
    p: Noise,
    stimuli: Currents,
    noise: ptr<function, Real>,
    own_stream: ptr<function, Stream>,
    common_stream: ptr<function, Stream>,
) -> Currents {
    if noise_kind == NO_NOISE {
        return stimuli;
    }
    let own = normals(own_stream, p.scale);
    var joint = own;
    if noise_shared {
        joint = normals(common_stream, p.common_scale);
    }
    if noise_kind == WHITE {
        return Currents(
            first_on(stimuli.first, own, joint),
            second_on(stimuli.second, own, joint),
        );
    }
    let first = first_on(fade(*noise, p.leak), own, joint);
    *noise = second_on(fade(first, p.leak), own, joint);
    return Currents(stimuli.first + first, stimuli.second + *noise);
}
