// The kernel: the only bindings, the only entry point.
//
// One invocation steps one neuron, or a few neighbouring ones (lanes), through one block of time. State
// and random streams stay in registers; the spikes of 32 consecutive steps are packed into one word, lowest
// bit first, and stored at raster[word * stride + neuron], so that neighbouring invocations write
// neighbouring words. The raster is clear before: words without a spike, as most are, are not stored.
//
// Joined with the model's step as it is printed, which has Coefficients, State, Step and step; with what a moment brings
// and sources drive (Moment, Kept, SourceCoefficients, begin_word, begin_moments, driven, step_at), printed too; with
// played(indices) that takes each lane's value of the signal; and with the types of a value per lane: Real, Bits, Ints
// and Mask are f32, u32, i32 and bool, or vectors of them.

override workgroup_size: u32 = 64u;
override plays: bool = false;    // whether a signal is played
override noise_form: u32 = 0u;   // see noise.wgsl
override noise_shared: bool = false; // whether the population shares some of its noise
override draws: bool = false; // whether a step takes an exponential deviate
override record_raster: bool = true;

struct Block {
    first_step: u32, // a multiple of 32
    words: u32,      // the block's length, in words of 32 steps
    end_step: u32,   // spikes from this step on do not count
    stride: u32,     // invocations of this shard: neurons padded to whole workgroups, over lanes
}

struct Drive {
    stimulus: Stimulus,
    noise: Noise,
    sources: SourceCoefficients,
}

// What a neuron receives in a step.
struct Input {
    current: Real,     // injected current, counted from the model's zero
    exponential: Real, // an exponential deviate of mean 1 where the kernel draws, else 1
}

struct NoiseState {
    own_stream: Stream,
    common_stream: Stream, // the same for all neurons of a population
    noise: Real, // noise current of the step before
    kept: Kept,
}

@group(0) @binding(0) var<uniform> block: Block;
@group(0) @binding(1) var<storage, read> coefficients: array<Coefficients>;
@group(0) @binding(2) var<storage, read> drives: array<Drive>;
@group(0) @binding(3) var<storage, read_write> states: array<State>;
@group(0) @binding(4) var<storage, read_write> noises: array<NoiseState>;
@group(0) @binding(5) var<storage, read_write> counts: array<Bits>;
@group(0) @binding(6) var<storage, read_write> raster: array<Bits>;
@group(0) @binding(7) var<storage, read> signal: array<f32>; // rows of a value per step, where it is played

// Steps a neuron once: 1 if a spike falls on this step, else 0.
fn step_neuron(p: Coefficients, s: ptr<function, State>, input: Input, moment: Moment) -> Bits {
    let next = step_at(p, *s, input, moment);
    *s = next.state;
    return select(Bits(0u), Bits(1u), next.spike);
}

@compute @workgroup_size(workgroup_size)
fn step_block(@builtin(global_invocation_id) id: vec3<u32>) {
    let lanes = id.x;
    let p = coefficients[lanes];
    let drive = drives[lanes];
    var s = states[lanes];
    var own_stream = noises[lanes].own_stream;
    var common_stream = noises[lanes].common_stream;
    var noise = noises[lanes].noise;
    var streams = noises[lanes].kept.streams;
    var sources = noises[lanes].kept.sources;
    var count = counts[lanes];

    for (var word = 0u; word < block.words; word++) {
        let first = block.first_step + 32u * word;
        let of_word = begin_word(drive.sources, first);
        var bits = Bits(0u);
        // Two steps a turn: normal deviates come in pairs.
        for (var k = 0u; k < 32u; k += 2u) {
            let moments = begin_moments(&streams, first + k);
            var now = moments[0];
            var then = moments[1];
            let early = driven(drive.sources, &sources, of_word, &now, stimulus_current(drive.stimulus, first + k));
            let late = driven(drive.sources, &sources, of_word, &then, stimulus_current(drive.stimulus, first + k + 1u));
            let inputs = add_noise(drive.noise, early, late, &noise, &own_stream, &common_stream);
            bits |= step_neuron(p, &s, inputs.first, now) << Bits(k);
            bits |= step_neuron(p, &s, inputs.second, then) << Bits(k + 1u);
        }
        if first + 32u > block.end_step {
            bits &= Bits((1u << (block.end_step - first)) - 1u);
        }
        count += countOneBits(bits);
        if record_raster && any(bits != Bits(0u)) {
            raster[word * block.stride + lanes] = bits;
        }
    }

    states[lanes] = s;
    noises[lanes] = NoiseState(own_stream, common_stream, noise, Kept(streams, sources));
    counts[lanes] = count;
}
