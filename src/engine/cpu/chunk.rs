//! A chunk of neurons that one thread steps: one array of lanes per field, all in the first-level
//! cache, with loops over lanes that the compiler turns into vector instructions.

use rayon::prelude::*;

use std::any::type_name;
use std::sync::Arc;

use multiversion::multiversion;

use super::drive::{DriveLanes, Driven, Inputs, Scratch};
use super::exchange::Exchange;
use super::lanes::{LANES, Lanes};
use crate::engine::Batch;
use crate::model::{Input, Neuron, Row};
use crate::raster::WORD;
use crate::real::Real;

/// Some words of 32 steps.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The first step.
    pub first_step: u32,
    /// Spikes from this step on do not count.
    pub end_step: u32,
    /// How many words.
    pub words: usize,
}

/// What steps a chunk, whatever its model.
pub trait Step<R>: Send + Sync {
    /// Steps through a span. The spike bits go to `tile`, word after word, a lane each; an empty tile records
    /// nothing. What is `driven` by sources is that of one word.
    fn step(
        &mut self,
        span: Span,
        tile: &mut [u32],
        driven: Option<Driven<'_, R>>,
        scratch: &mut Scratch<R>,
    );

    /// The number of spikes of each lane so far.
    fn counts(&self) -> Vec<u32>;

    /// The state of a lane.
    fn state(&self, lane: usize) -> Vec<f64>;

    /// Memory of the neurons, in bytes.
    fn bytes(&self) -> usize;

    /// Whether all of the state of each lane is a finite number.
    fn finite(&self) -> Vec<bool>;

    /// How many lanes there are.
    fn lanes(&self) -> usize;

    /// Goes through all that changes of a lane: the number of its spikes, its state, its random streams, what drives it.
    fn exchange(&mut self, lane: usize, with: &mut dyn Exchange<R>);
}

/// Neurons of one model.
#[derive(Debug)]
pub struct Chunk<N, R> {
    advance: Advance<R>,
    coefficients: Vec<Lanes<R>>,
    states: Vec<Lanes<R>>,
    drive: DriveLanes<R, LANES>,
    counts: Lanes<u32>,
    model: std::marker::PhantomData<N>,
}

impl<N: Neuron, R: Real> Chunk<N, R> {
    /// The neurons of a batch from `first` on; `signal` is the batch's.
    pub fn new(batch: &Batch<'_>, signal: &Arc<[R]>, first: usize, dt: f64, seed: u64) -> Self {
        let kernel = batch.kernel();
        let zero = [R::of(0.0); LANES];
        let mut chunk = Chunk {
            advance: match (kernel.variant.integrator, kernel.variant.fine) {
                (0, false) => advance::<N, R, 0, false>,
                (0, true) => advance::<N, R, 0, true>,
                (1, false) => advance::<N, R, 1, false>,
                (1, true) => advance::<N, R, 1, true>,
                (2, _) => advance::<N, R, 2, false>,
                _ => advance::<N, R, 3, false>,
            },
            coefficients: vec![zero; N::Coefficients::<R>::NAMES.len()],
            states: vec![zero; N::State::<R>::NAMES.len()],
            drive: DriveLanes::new(kernel, signal.clone()),
            counts: [0; LANES],
            model: std::marker::PhantomData,
        };
        let has_waves = batch.is_wave();
        for lane in 0..LANES {
            let (population, neuron) = batch.locate(first + lane);
            let parameters = N::Parameters::from_fn(|n| population.parameters[n].of(neuron));
            let by = population.stepping_of(neuron, dt);
            N::derive(&parameters, &by)
                .for_each(|field, value| chunk.coefficients[field][lane] = R::of(value));
            N::initial(&parameters, &by)
                .for_each(|field, value| chunk.states[field][lane] = R::of(value));
            let drive = population.drive_of(neuron, dt);
            let start = population.start_of(neuron, &drive.noise, seed);
            chunk.drive.set(lane, &drive, &start);
            if let Some(wave) = population.wave_of(neuron, dt).filter(|_| has_waves) {
                chunk.drive.set_wave(lane, &wave);
            }
        }
        chunk
    }
}

impl<N: Neuron, R: Real> Step<R> for Chunk<N, R> {
    fn step(
        &mut self,
        span: Span,
        tile: &mut [u32],
        driven: Option<Driven<'_, R>>,
        scratch: &mut Scratch<R>,
    ) {
        let Some(mut inputs) = scratch.inputs() else { return };
        for word in 0..span.words {
            let first = span.first_step + (word * WORD) as u32;
            self.drive.fill(first, word == 0, &mut inputs, driven);
            let mut bits = [0; LANES];
            (self.advance)(&self.coefficients, &mut self.states, &inputs, &mut bits);
            count(&mut bits, counted(first, span.end_step), &mut self.counts);
            if let Some(row) = tile.chunks_exact_mut(LANES).nth(word) {
                row.copy_from_slice(&bits);
            }
        }
    }

    fn counts(&self) -> Vec<u32> {
        self.counts.to_vec()
    }

    fn state(&self, lane: usize) -> Vec<f64> {
        self.states.iter().map(|field| field[lane].to_f64()).collect()
    }

    fn bytes(&self) -> usize {
        let fields = self.coefficients.len() + self.states.len();
        size_of::<Self>() + fields * size_of::<Lanes<R>>()
    }

    fn finite(&self) -> Vec<bool> {
        let is_finite =
            |lane: usize| self.states.iter().all(|field| field[lane].to_f64().is_finite());
        (0..LANES).map(is_finite).collect()
    }

    fn lanes(&self) -> usize {
        LANES
    }

    fn exchange(&mut self, lane: usize, with: &mut dyn Exchange<R>) {
        with.whole(&mut self.counts[lane]);
        self.states.iter_mut().for_each(|field| with.real(&mut field[lane]));
        self.drive.exchange(lane, with);
        self.drive.exchange_wave(lane, with);
    }
}

/// Steps a model through 32 steps.
type Advance<R> = fn(&[Lanes<R>], &mut [Lanes<R>], &Inputs<'_, R, LANES>, &mut Lanes<u32>);

/// Steps the model through 32 steps; bit k of `bits` is a spike at step k.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn advance<N: Neuron, R: Real, const INTEGRATOR: usize, const FINE: bool>(
    coefficients: &[Lanes<R>],
    states: &mut [Lanes<R>],
    inputs: &Inputs<'_, R, LANES>,
    bits: &mut Lanes<u32>,
) {
    // Told once, so that no index into the fields is checked inside the loops.
    assert!(coefficients.len() == N::Coefficients::<R>::NAMES.len(), "{}", type_name::<N>());
    assert!(states.len() == N::State::<R>::NAMES.len(), "{}", type_name::<N>());
    // Small models keep their parameters and state in registers for two steps; of a large one, the
    // processor has two lanes under way at a time, and more steps of the same lane would only wait for
    // each other.
    if N::State::<R>::NAMES.len() <= 3 {
        turns::<N, R, INTEGRATOR, FINE, 2>(coefficients, states, inputs, bits);
    } else {
        turns::<N, R, INTEGRATOR, FINE, 1>(coefficients, states, inputs, bits);
    }
}

/// Steps the model through 32 steps, `STEPS` of one lane at a time.
#[inline(always)]
fn turns<N: Neuron, R: Real, const INTEGRATOR: usize, const FINE: bool, const STEPS: usize>(
    coefficients: &[Lanes<R>],
    states: &mut [Lanes<R>],
    inputs: &Inputs<'_, R, LANES>,
    bits: &mut Lanes<u32>,
) {
    let (turns, _) = inputs.currents.as_chunks::<STEPS>();
    for (turn, currents) in turns.iter().enumerate() {
        for lane in 0..LANES {
            let p = N::Coefficients::<R>::from_fn(|field| coefficients[field][lane]);
            let mut s = N::State::<R>::from_fn(|field| states[field][lane]);
            let mut spikes = 0;
            for (step, current) in currents.iter().enumerate() {
                let spike = N::spiked(&p, &s);
                let fired = N::reset(&p, s);
                let draws = const { N::INFO.draws(INTEGRATOR) };
                let exponential = match draws {
                    true => inputs.exponentials[turn * STEPS + step][lane],
                    false => R::of(1.0),
                };
                let input = Input { current: current[lane], exponential };
                let step_from = |s| N::advance::<R, INTEGRATOR, FINE>(&p, s, input);
                s = match (STEPS > 1 && !draws, spike) {
                    // Both outcomes are under way before the comparison is done: the next step waits for
                    // it, and the steps of a small model are cheap.
                    (true, true) => step_from(fired),
                    (true, false) => step_from(s),
                    (false, spike) => step_from(if spike { fired } else { s }),
                };
                spikes |= u32::from(spike) << step;
            }
            bits[lane] |= spikes << (turn * STEPS);
            s.for_each(|field, value| states[field][lane] = value);
        }
    }
}

/// The steps of the word from `first` on that count, as bits: those before `end_step`.
pub fn counted(first: u32, end_step: u32) -> u32 {
    match end_step - first {
        steps if steps < WORD as u32 => (1 << steps) - 1,
        _ => u32::MAX,
    }
}

/// Counts the spikes among the steps whose bits are set in `counted`, and drops the others.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
pub fn count(bits: &mut [u32], counted: u32, counts: &mut [u32]) {
    for (bits, count) in bits.iter_mut().zip(counts) {
        *bits &= counted;
        *count += bits.count_ones();
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

/// Makes chunks of some neurons from others, on all threads; none if `go_on`, which is asked now and then, says so.
pub fn made<S: Send, T: Send>(
    from: Vec<S>,
    neurons: usize,
    go_on: &mut dyn FnMut() -> bool,
    make: impl Fn(S) -> T + Sync,
) -> Option<Vec<T>> {
    /// Neurons that are made at once: at most some 0.1 s of work, of models that take the longest.
    const AT_ONCE: usize = 1 << 16;
    let at_once = (AT_ONCE / neurons).max(1);
    let (mut chunks, mut from) = (Vec::with_capacity(from.len()), from.into_iter());
    loop {
        let some: Vec<S> = from.by_ref().take(at_once).collect();
        chunks.par_extend(some.into_par_iter().map(&make));
        match from.len() {
            0 => return Some(chunks),
            _ if !go_on() => return None,
            _ => {}
        }
    }
}
