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
fn normals(words: Words, scale: Real) -> NormalPair {
    let pair = normal_pair(words);
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

// Ornstein-Uhlenbeck noise after a step, in which it loses the share `leak` and gets a kick. Loss and kick
// meet first: alone, the loss of a slow noise is less than half a unit in its last digit. Written as a
// difference, since Mesa brings a sum of the three into the other order.
fn relaxed(noise: Real, leak: Real, kick: Real) -> Real {
    return noise - fma(leak, noise, -kick);
}

// The inputs of two steps.
struct Inputs {
    first: Input,
    second: Input,
}

// Adds the noise of two steps to their stimuli. `noise` is the noise current of the step before.
fn add_noise(
    p: Noise,
    early: Real,
    late: Real,
    noise: ptr<function, Real>,
    own_stream: ptr<function, Stream>,
    common_stream: ptr<function, Stream>,
) -> Inputs {
    var inputs = Inputs(Input(early, Real(1.0)), Input(late, Real(1.0)));
    if noise_form == NO_NOISE {
        return inputs;
    }
    var words = next_words(own_stream);
    let own = normals(words, p.scale);
    var joint = own;
    if noise_shared {
        let common_words = next_words(common_stream);
        joint = normals(common_words, p.common_scale);
        // Neurons that are alike stay alike if all of their noise is common.
        let all_common = p.scale == Real(0.0);
        words.radius = select(words.radius, common_words.radius, all_common);
        words.angle = select(words.angle, common_words.angle, all_common);
    }
    if draws {
        inputs.first.exponential = exponential(early_odd(words));
        inputs.second.exponential = exponential(late_odd(words));
    }
    if noise_form == WHITE {
        inputs.first.current = first_on(early, own, joint);
        inputs.second.current = second_on(late, own, joint);
        return inputs;
    }
    let first = relaxed(*noise, p.leak, first_on(Real(0.0), own, joint));
    *noise = relaxed(first, p.leak, second_on(Real(0.0), own, joint));
    inputs.first.current = early + first;
    inputs.second.current = late + *noise;
    return inputs;
}
