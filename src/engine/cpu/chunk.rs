//! A chunk of neurons that one thread steps: one array of lanes per field, all in the first-level
//! cache, with loops over lanes that the compiler turns into vector instructions.

use std::any::type_name;

use multiversion::multiversion;

use crate::drive::{NoiseKind, StimulusKind};
use crate::engine::Batch;
use crate::model::{Neuron, Row};
use crate::random::{Purpose, Stream};
use crate::real::Real;
use crate::spikes::WORD;

/// Neurons of a chunk: four AVX-512 vectors of f32, so that independent work hides latency.
pub const LANES: usize = 64;

type Lanes<T> = [T; LANES];

/// What steps a chunk, whatever its model and precision.
pub trait Step: Send + Sync {
    /// Steps through `words` words of 32 steps. The spike bits go to `tile`, word after word, a
    /// lane each; an empty tile records nothing. Spikes from `end_step` on do not count.
    fn step(&mut self, first_step: u32, end_step: u32, words: usize, tile: &mut [u32]);

    /// The number of spikes of each lane so far.
    fn counts(&self) -> &[u32];

    /// The state of a lane.
    fn state(&self, lane: usize) -> Vec<f64>;

    /// Whether all of the state of each lane is a finite number.
    fn finite(&self) -> [bool; LANES];
}

/// Neurons of one model.
#[derive(Debug)]
pub struct Chunk<N, R> {
    integrator: usize,
    params: Vec<Lanes<R>>,
    states: Vec<Lanes<R>>,
    drive: DriveLanes<R>,
    counts: Lanes<u32>,
    model: std::marker::PhantomData<N>,
}

/// What drives the neurons of a chunk.
#[derive(Debug)]
struct DriveLanes<R> {
    stimulus_kind: StimulusKind,
    noise_kind: NoiseKind,
    amplitude: Lanes<R>,
    from_step: Lanes<u32>,
    to_step: Lanes<u32>,
    scale: Lanes<R>,
    decay: Lanes<R>,
    noise: Lanes<R>,
    stream: [Lanes<u32>; 4],
}

impl<N: Neuron, R: Real> Chunk<N, R> {
    /// The neurons of a batch from `first` on.
    pub fn new(batch: &Batch<'_>, first: usize, dt: f64, seed: u64) -> Self {
        let kernel = batch.kernel();
        let zero = [R::of(0.0); LANES];
        let mut chunk = Chunk {
            integrator: kernel.integrator,
            params: vec![zero; N::Params::<R>::NAMES.len()],
            states: vec![zero; N::State::<R>::NAMES.len()],
            drive: DriveLanes {
                stimulus_kind: kernel.stimulus,
                noise_kind: kernel.noise,
                amplitude: zero,
                from_step: [0; LANES],
                to_step: [0; LANES],
                scale: zero,
                decay: zero,
                noise: zero,
                stream: [[0; LANES]; 4],
            },
            counts: [0; LANES],
            model: std::marker::PhantomData,
        };
        for lane in 0..LANES {
            let (population, neuron) = batch.locate(first + lane);
            let global = (population.first_neuron + neuron) as u32;
            let parameters = population.parameters_of::<N>(neuron);
            N::derive(&parameters, kernel.integrator, dt)
                .for_each(|field, value| chunk.params[field][lane] = R::of(value));
            N::initial(&parameters, kernel.integrator, dt)
                .for_each(|field, value| chunk.states[field][lane] = R::of(value));
            let drive = population.drive_of(neuron, dt);
            chunk.drive.amplitude[lane] = R::of(drive.stimulus.amplitude);
            chunk.drive.from_step[lane] = drive.stimulus.from_step;
            chunk.drive.to_step[lane] = drive.stimulus.to_step;
            chunk.drive.scale[lane] = R::of(drive.noise.scale);
            chunk.drive.decay[lane] = R::of(drive.noise.decay);
            chunk.drive.noise[lane] = R::of(drive.noise.start(seed, global));
            let stream = Stream::new(seed, global, Purpose::Noise, 0);
            for (words, word) in chunk.drive.stream.iter_mut().zip(stream.state) {
                words[lane] = word;
            }
        }
        chunk
    }
}

impl<N: Neuron, R: Real> Step for Chunk<N, R> {
    fn step(&mut self, first_step: u32, end_step: u32, words: usize, tile: &mut [u32]) {
        let mut currents = [[R::of(0.0); LANES]; WORD];
        for word in 0..words {
            let first = first_step + (word * WORD) as u32;
            let drive = &mut self.drive;
            match (drive.stimulus_kind, drive.noise_kind) {
                (StimulusKind::Constant, NoiseKind::None) => {
                    fill::<R, 0, 0>(drive, first, &mut currents)
                }
                (StimulusKind::Constant, NoiseKind::White) => {
                    fill::<R, 0, 1>(drive, first, &mut currents)
                }
                (StimulusKind::Constant, NoiseKind::Ou) => {
                    fill::<R, 0, 2>(drive, first, &mut currents)
                }
                (StimulusKind::Pulse, NoiseKind::None) => {
                    fill::<R, 1, 0>(drive, first, &mut currents)
                }
                (StimulusKind::Pulse, NoiseKind::White) => {
                    fill::<R, 1, 1>(drive, first, &mut currents)
                }
                (StimulusKind::Pulse, NoiseKind::Ou) => {
                    fill::<R, 1, 2>(drive, first, &mut currents)
                }
            }
            let mut bits = [0; LANES];
            let (params, states) = (&self.params, &mut self.states);
            match self.integrator {
                0 => advance::<N, R, 0>(params, states, &currents, &mut bits),
                1 => advance::<N, R, 1>(params, states, &currents, &mut bits),
                2 => advance::<N, R, 2>(params, states, &currents, &mut bits),
                _ => advance::<N, R, 3>(params, states, &currents, &mut bits),
            }
            let counted = match end_step - first {
                steps if steps < WORD as u32 => (1 << steps) - 1,
                _ => u32::MAX,
            };
            for (bits, count) in bits.iter_mut().zip(&mut self.counts) {
                *bits &= counted;
                *count += bits.count_ones();
            }
            if let Some(row) = tile.chunks_exact_mut(LANES).nth(word) {
                row.copy_from_slice(&bits);
            }
        }
    }

    fn counts(&self) -> &[u32] {
        &self.counts
    }

    fn state(&self, lane: usize) -> Vec<f64> {
        self.states.iter().map(|field| field[lane].to_f64()).collect()
    }

    fn finite(&self) -> [bool; LANES] {
        std::array::from_fn(|lane| self.states.iter().all(|field| field[lane].to_f64().is_finite()))
    }
}

/// The injected currents of the 32 steps from `first` on.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn fill<R: Real, const STIMULUS: u32, const NOISE: u32>(
    drive: &mut DriveLanes<R>,
    first: u32,
    currents: &mut [Lanes<R>; WORD],
) {
    let DriveLanes { amplitude, from_step, to_step, scale, decay, noise, stream, .. } = drive;
    let [s0, s1, s2, s3] = stream;
    let (pairs, _) = currents.as_chunks_mut::<2>();
    for (pair, [even, odd]) in pairs.iter_mut().enumerate() {
        let step = first + 2 * pair as u32;
        for lane in 0..LANES {
            let stimulus = |step: u32| {
                let on = (step >= from_step[lane]) & (step < to_step[lane]);
                if STIMULUS == StimulusKind::Constant as u32 || on {
                    amplitude[lane]
                } else {
                    R::of(0.0)
                }
            };
            let mut current = [stimulus(step), stimulus(step + 1)];
            if NOISE != NoiseKind::None as u32 {
                let mut words = Stream { state: [s0[lane], s1[lane], s2[lane], s3[lane]] };
                let (radius_bits, angle_bits) = (words.next_u32(), words.next_u32());
                [s0[lane], s1[lane], s2[lane], s3[lane]] = words.state;
                let normals = R::normal_pair(radius_bits, angle_bits);
                if NOISE == NoiseKind::White as u32 {
                    current[0] = current[0] + scale[lane] * normals.0;
                    current[1] = current[1] + scale[lane] * normals.1;
                } else {
                    let first = decay[lane] * noise[lane] + scale[lane] * normals.0;
                    noise[lane] = decay[lane] * first + scale[lane] * normals.1;
                    current[0] = current[0] + first;
                    current[1] = current[1] + noise[lane];
                }
            }
            [even[lane], odd[lane]] = current;
        }
    }
}

/// Steps the model through 32 steps; bit k of `bits` is a spike at step k.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn advance<N: Neuron, R: Real, const INTEGRATOR: usize>(
    params: &[Lanes<R>],
    states: &mut [Lanes<R>],
    currents: &[Lanes<R>; WORD],
    bits: &mut Lanes<u32>,
) {
    // Told once, so that no index into the fields is checked inside the loops.
    assert!(params.len() == N::Params::<R>::NAMES.len(), "{}", type_name::<N>());
    assert!(states.len() == N::State::<R>::NAMES.len(), "{}", type_name::<N>());
    for (step, current) in currents.iter().enumerate() {
        for lane in 0..LANES {
            let p = N::Params::<R>::from_fn(|field| params[field][lane]);
            let mut s = N::State::<R>::from_fn(|field| states[field][lane]);
            let spike = N::spiked(&p, &s);
            if spike {
                s = N::reset(&p, s);
            }
            bits[lane] |= u32::from(spike) << step;
            N::advance::<R, INTEGRATOR>(&p, s, current[lane])
                .for_each(|field, value| states[field][lane] = value);
        }
    }
}

/// The instruction set the kernels run with here.
pub fn instruction_set() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
    {
        return "AVX-512";
    } else if is_x86_feature_detected!("avx2") {
        return "AVX2";
    }
    std::env::consts::ARCH
}
