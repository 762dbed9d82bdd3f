// The kernel: the only bindings, the only entry point.
//
// One invocation steps one neuron through one block of time. State and random stream stay in
// registers; the spikes of 32 consecutive steps are packed into one word, lowest bit first, and
// stored at raster[word * stride + neuron], so that neighbouring invocations write neighbouring
// words. Joined with the model's file, which has Params, State, spiked, reset and advance.

override workgroup_size: u32 = 64u;
override integrator: u32 = 0u;    // place in the model's list of integrators
override fine: bool = false;      // whether the step is fine, in the sense of the model
override stimulus_kind: u32 = 0u; // see stimulus.wgsl
override noise_kind: u32 = 0u;    // see noise.wgsl
override noise_shared: bool = false; // whether the population shares some of its noise
override record_raster: bool = true;

struct Block {
    first_step: u32, // a multiple of 32
    words: u32,      // the block's length, in words of 32 steps
    end_step: u32,   // spikes from this step on do not count
    stride: u32,     // neurons of this shard, padded to whole workgroups
}

struct Drive {
    stimulus: Stimulus,
    noise: Noise,
}

struct Source {
    own_stream: Stream,
    common_stream: Stream, // the same for all neurons of a population
    noise: f32, // noise current of the step before
}

@group(0) @binding(0) var<uniform> block: Block;
@group(0) @binding(1) var<storage, read> params: array<Params>;
@group(0) @binding(2) var<storage, read> drives: array<Drive>;
@group(0) @binding(3) var<storage, read_write> states: array<State>;
@group(0) @binding(4) var<storage, read_write> sources: array<Source>;
@group(0) @binding(5) var<storage, read_write> counts: array<u32>;
@group(0) @binding(6) var<storage, read_write> raster: array<u32>;
@group(0) @binding(7) var<storage, read> signal: array<f32>; // a value per step, where it is played

// Steps a neuron once: 1 if a spike falls on this step, else 0.
fn step_neuron(p: Params, s: ptr<function, State>, current: f32) -> u32 {
    let spike = spiked(p, *s);
    if spike {
        *s = reset(p, *s);
    }
    *s = advance(p, *s, current);
    return select(0u, 1u, spike);
}

@compute @workgroup_size(workgroup_size)
fn step_block(@builtin(global_invocation_id) id: vec3<u32>) {
    let neuron = id.x;
    let p = params[neuron];
    let drive = drives[neuron];
    var s = states[neuron];
    var own_stream = sources[neuron].own_stream;
    var common_stream = sources[neuron].common_stream;
    var noise = sources[neuron].noise;
    var count = counts[neuron];

    for (var word = 0u; word < block.words; word++) {
        let first = block.first_step + 32u * word;
        var bits = 0u;
        // Two steps a turn: normal deviates come in pairs.
        for (var k = 0u; k < 32u; k += 2u) {
            let stimuli = stimulus_currents(drive.stimulus, first + k);
            let currents = add_noise(drive.noise, stimuli, &noise, &own_stream, &common_stream);
            bits |= step_neuron(p, &s, currents.x) << k;
            bits |= step_neuron(p, &s, currents.y) << (k + 1u);
        }
        if first + 32u > block.end_step {
            bits &= (1u << (block.end_step - first)) - 1u;
        }
        count += countOneBits(bits);
        if record_raster {
            raster[word * block.stride + neuron] = bits;
        }
    }

    states[neuron] = s;
    sources[neuron] = Source(own_stream, common_stream, noise);
    counts[neuron] = count;
}
