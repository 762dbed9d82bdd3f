// Sums of the spikes of a block, taken where its raster is: what interval statistics follow from.
//
// One invocation takes the spikes of one neuron. Whole numbers are exact; contrasts of intervals,
// c = (I_(i+1) - I_i) / (I_(i+1) + I_i), are rounded to fixed point, so that sums do not depend on the order of blocks:
// |c| and c^2 in units of 2^-31, c^2 / (I_(i+1) + I_i), which is below 0.075, in units of 2^-37. Numbers of 64 bits are two words, the low one first.

struct Summing {
    first_step: u32,
    words: u32,       // the block's length, in words of 32 steps
    neurons: u32,
    stride: u32,      // from a word of a neuron to its next one
    begin: u32,       // spikes from this step on count
    end: u32,         // those from this one on do not
    count_window: u32, // steps of a window in which spikes are counted
    exact: u32,       // intervals of up to 2 to this power have a bin each
    bins: u32,        // of each population
    populations: u32,
}

// TrainSums in Rust.
struct Train {
    count: u32,
    first: u32,
    last: u32,
    interval: u32,
    squares: vec2<u32>,
    contrasts: vec2<u32>,
    squared_contrasts: vec2<u32>,
    hasty: vec2<u32>,
    window: u32,
    in_window: u32,
    window_squares: vec2<u32>,
}

@group(0) @binding(0) var<uniform> summing: Summing;
@group(0) @binding(1) var<storage, read> raster: array<u32>;
@group(0) @binding(2) var<storage, read> first_neurons: array<u32>; // of each population
@group(0) @binding(3) var<storage, read_write> trains: array<Train>;
@group(0) @binding(4) var<storage, read_write> intervals: array<atomic<u32>>; // bins of each population, then the longest of each
@group(0) @binding(5) var<storage, read_write> activity: array<atomic<u32>>; // steps of the block of each population

fn plus(sum: vec2<u32>, term: vec2<u32>) -> vec2<u32> {
    let low = sum.x + term.x;
    return vec2(low, sum.y + term.y + select(0u, 1u, low < term.x));
}

// x^2 = a^2 2^32 + a b 2^17 + b^2, of the upper and lower half a and b.
fn squared(x: u32) -> vec2<u32> {
    let a = x >> 16u;
    let b = x & 0xffffu;
    let low = (a * b) << 17u;
    return plus(vec2(b * b, a * a + ((a * b) >> 15u)), vec2(low, 0u));
}

// The population of a neuron: the last that does not begin after it.
fn population_of(neuron: u32) -> u32 {
    var low = 0u;
    var high = summing.populations;
    while high - low > 1u {
        let middle = (low + high) / 2u;
        if first_neurons[middle] <= neuron {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

// Beyond the exact ones, bins are a half of 2^exact in every octave.
fn bin_of(interval: u32) -> u32 {
    if (interval >> summing.exact) == 0u {
        return interval;
    }
    let octave = firstLeadingBit(interval) - summing.exact;
    let within = (interval - (1u << (summing.exact + octave))) >> (octave + 1u);
    return (1u << summing.exact) + octave * (1u << (summing.exact - 1u)) + within;
}

fn add_spike(train: ptr<function, Train>, step: u32, population: u32) {
    let window = (step - summing.begin) / summing.count_window;
    if window != (*train).window {
        (*train).window_squares = plus((*train).window_squares, squared((*train).in_window));
        (*train).window = window;
        (*train).in_window = 0u;
    }
    (*train).in_window += 1u;
    let count = (*train).count;
    (*train).count = count + 1u;
    if count == 0u {
        (*train).first = step;
        (*train).last = step;
        return;
    }
    let now = step - (*train).last;
    let before = (*train).interval;
    (*train).last = step;
    (*train).interval = now;
    (*train).squares = plus((*train).squares, squared(now));
    atomicAdd(&intervals[population * summing.bins + bin_of(now)], 1u);
    atomicMax(&intervals[summing.populations * summing.bins + population], now);
    if count == 1u {
        return;
    }
    let sum = f32(now) + f32(before);
    let contrast = f32(max(now, before) - min(now, before)) / sum;
    let square = contrast * contrast;
    (*train).contrasts = plus((*train).contrasts, vec2(u32(contrast * 2147483648.0 + 0.5), 0u));
    (*train).squared_contrasts = plus((*train).squared_contrasts, vec2(u32(square * 2147483648.0 + 0.5), 0u));
    let hasty = floor(square / sum * 137438953472.0 + 0.5);
    let high = u32(hasty / 4294967296.0);
    (*train).hasty = plus((*train).hasty, vec2(u32(hasty - f32(high) * 4294967296.0), high));
}

@compute @workgroup_size(64)
fn sum_up(@builtin(global_invocation_id) id: vec3<u32>) {
    let neuron = id.x;
    if neuron >= summing.neurons {
        return;
    }
    let population = population_of(neuron);
    let steps = 32u * summing.words;
    var train = trains[neuron];
    for (var word = 0u; word < summing.words; word++) {
        var bits = raster[word * summing.stride + neuron];
        while bits != 0u {
            let within = 32u * word + firstTrailingBit(bits);
            bits &= bits - 1u;
            let step = summing.first_step + within;
            if step >= summing.begin && step < summing.end {
                add_spike(&train, step, population);
                atomicAdd(&activity[population * steps + within], 1u);
            }
        }
    }
    trains[neuron] = train;
}
