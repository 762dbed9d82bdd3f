//! The crate spiking_neural_networks: its neurons, iterated in a loop with a current.
//!
//! What makes it fast: neurons depend on nothing, so a few at a time go through all their steps in the
//! nearest cache, and the threads share the neurons; the whole program is optimised at once and for
//! this processor; Xoshiro256++ with rand_distr's ziggurat in f32 draws the noise (the crate's own
//! `GaussianParameters` sets up a distribution and looks for the thread's generator at each call).
//!
//! Called by `spiking_neural_networks_peer.py` with `MODEL NEURONS STEPS THREADS SEED NOISE_STD
//! PARAMETER...`; prints the seconds of stepping and writes pairs (neuron, step) of u32 to the file
//! named last.

use std::time::Instant;

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, StandardNormal};
use spiking_neural_networks::neuron::hodgkin_huxley::HodgkinHuxleyNeuron;
use spiking_neural_networks::neuron::integrate_and_fire::LeakyIntegrateAndFireNeuron;
use spiking_neural_networks::neuron::iterate_and_spike::{
    ApproximateNeurotransmitter, ApproximateReceptor, DestexheNeurotransmitter, DestexheReceptor,
    IterateAndSpike,
};

/// Neurons that are stepped together: the processor overlaps their arithmetic.
const BLOCK: usize = 8;

/// What to do besides the neuron's own parameters.
#[derive(Clone, Copy)]
struct Work {
    neurons: u32,
    steps: u32,
    threads: u32,
    seed: u64,
    noise_std: f32,
    stimulus: f32,
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [model, neurons, steps, threads, seed, numbers @ .., file] = args.as_slice() else {
        panic!("too few arguments");
    };
    let p: Vec<f32> = numbers.iter().map(|number| number.parse().expect("a number")).collect();
    let count = |text: &String| text.parse().expect("a count");
    let work = Work {
        neurons: count(neurons),
        steps: count(steps),
        threads: count(threads),
        seed: seed.parse().expect("a seed"),
        noise_std: p[0],
        stimulus: p[1],
    };
    let (seconds, spikes) = match model.as_str() {
        "lif" => simulate(&lif(&p[2..]), work),
        _ => simulate(&hodgkin_huxley(&p[2..]), work),
    };
    let bytes: Vec<u8> = spikes.into_iter().flatten().flat_map(u32::to_ne_bytes).collect();
    std::fs::write(file, bytes).expect("the file can be written");
    println!("{seconds}");
}

type Lif = LeakyIntegrateAndFireNeuron<ApproximateNeurotransmitter, ApproximateReceptor>;

fn lif(p: &[f32]) -> Lif {
    Lif {
        dt: p[0],
        tau_m: p[1],
        g_l: p[2],
        e_l: p[3],
        v_th: p[4],
        v_reset: p[5],
        current_voltage: p[6],
        tref: p[7],
        ..Lif::default_impl()
    }
}

type HodgkinHuxley = HodgkinHuxleyNeuron<DestexheNeurotransmitter, DestexheReceptor>;

fn hodgkin_huxley(p: &[f32]) -> HodgkinHuxley {
    let mut neuron = HodgkinHuxley { dt: p[0], c_m: p[1], ..HodgkinHuxley::default_impl() };
    neuron.na_channel.g_na = p[2];
    neuron.k_channel.g_k = p[3];
    neuron.k_leak_channel.g_k_leak = p[4];
    neuron.na_channel.e_na = p[5];
    neuron.k_channel.e_k = p[6];
    neuron.k_leak_channel.e_k_leak = p[7];
    neuron.current_voltage = p[8];
    neuron.v_th = p[9];
    neuron.na_channel.m.state = p[10];
    neuron.na_channel.h.state = p[11];
    neuron.k_channel.n.state = p[12];
    neuron
}

/// The seconds that the stepping took, and each thread's spikes.
fn simulate<N: IterateAndSpike + Sync>(neuron: &N, work: Work) -> (f64, Vec<Vec<u32>>) {
    let start = Instant::now();
    let spikes = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..work.threads)
            .map(|thread| scope.spawn(move || part(neuron, work, thread)))
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread")).collect()
    });
    (start.elapsed().as_secs_f64(), spikes)
}

/// The spikes (neuron, step, neuron, step ...) of one thread's neurons.
fn part<N: IterateAndSpike>(neuron: &N, work: Work, thread: u32) -> Vec<u32> {
    let mut random = SmallRng::seed_from_u64(work.seed * 1000 + u64::from(thread));
    let mut spikes = Vec::new();
    let first = work.neurons * thread / work.threads;
    let end = work.neurons * (thread + 1) / work.threads;
    for block in (first..end).step_by(BLOCK) {
        let mut neurons = vec![neuron.clone(); BLOCK.min((end - block) as usize)];
        for step in 0..work.steps {
            for (index, neuron) in (block..).zip(&mut neurons) {
                let mut current = work.stimulus;
                if work.noise_std > 0.0 {
                    let normal: f32 = StandardNormal.sample(&mut random);
                    current += work.noise_std * normal;
                }
                if neuron.iterate_and_spike(current) {
                    spikes.extend([index, step]);
                }
            }
        }
    }
    spikes
}
