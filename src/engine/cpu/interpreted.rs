//! Chunks of neurons of any model, by interpreting its tape.

use std::sync::Arc;

use super::chunk::{Span, Step, count, counted, made};
use super::drive::{DriveLanes, Driven, Scratch};
use super::exchange::Exchange;
use crate::engine::Batch;
use crate::raster::WORD;
use crate::real::Real;
use crate::tape::{Received, Stepped};

/// Neurons of a chunk where there are many: the time it takes to choose an operation is spread over them, and their
/// registers still fit the second-level cache.
pub const MANY: usize = 512;

/// Neurons of a chunk where there are few.
pub const FEW: usize = 64;

/// Whether there are few neurons.
pub fn are_few(neurons: usize) -> bool {
    neurons <= 4 * FEW
}

/// The neurons of a batch, cut into chunks; none if `go_on` says so.
pub fn chunks<R: Real>(
    batch: &Batch<'_>,
    dt: f64,
    seed: u64,
    has_waves: bool,
    go_on: &mut dyn FnMut() -> bool,
) -> Option<Vec<Box<dyn Step<R>>>> {
    match are_few(batch.neurons()) {
        true => chunks_of::<R, FEW>(batch, dt, seed, has_waves, go_on),
        false => chunks_of::<R, MANY>(batch, dt, seed, has_waves, go_on),
    }
}

fn chunks_of<R: Real, const L: usize>(
    batch: &Batch<'_>,
    dt: f64,
    seed: u64,
    has_waves: bool,
    go_on: &mut dyn FnMut() -> bool,
) -> Option<Vec<Box<dyn Step<R>>>> {
    let signal: Arc<[R]> = batch.signal().iter().map(|&x| R::of(x)).collect();
    let chunks = (0..batch.neurons().div_ceil(L)).collect();
    made(chunks, L, go_on, |chunk: usize| {
        Box::new(Interpreted::<R, L>::new(batch, &signal, chunk * L, (dt, seed), has_waves)) as _
    })
}

/// Neurons of one model.
#[derive(Debug)]
struct Interpreted<R, const L: usize> {
    model: Stepped<R, L>,
    drive: DriveLanes<R, L>,
    counts: Box<[u32; L]>,
}

impl<R: Real, const L: usize> Interpreted<R, L> {
    fn new(
        batch: &Batch<'_>,
        signal: &Arc<[R]>,
        first: usize,
        (dt, seed): (f64, u64),
        has_waves: bool,
    ) -> Self {
        let kernel = batch.kernel();
        let dynamics = kernel.model.dynamics;
        let tape = dynamics.tape(kernel.variant);
        let model = Stepped::new(
            &tape,
            |lane, [coefficients, states]| {
                let (population, neuron) = batch.locate(first + lane);
                let parameters = population.parameters_of(neuron);
                let by = population.stepping_of(neuron, dt);
                dynamics.coefficients(&parameters, &by, coefficients);
                dynamics.initial(&parameters, &by, states);
            },
            |lane, of| {
                let (population, neuron) = batch.locate(first + lane);
                population.stream_of(neuron, of, seed)
            },
        );
        let mut drive_lanes = DriveLanes::new(kernel, signal.clone());
        for lane in 0..L {
            let (population, neuron) = batch.locate(first + lane);
            let drive = population.drive_of(neuron, dt);
            let start = population.start_of(neuron, &drive.noise, seed);
            drive_lanes.set(lane, &drive, &start);
            if let Some(wave) = population.wave_of(neuron, dt).filter(|_| has_waves) {
                drive_lanes.set_wave(lane, &wave);
            }
        }
        Interpreted { model, drive: drive_lanes, counts: Box::new([0; L]) }
    }
}

impl<R: Real, const L: usize> Step<R> for Interpreted<R, L> {
    fn step(
        &mut self,
        span: Span,
        tile: &mut [u32],
        driven: Option<Driven<'_, R>>,
        scratch: &mut Scratch<R>,
    ) {
        let Some(mut inputs) = scratch.inputs() else { return };
        let nothing = [R::of(0.0); L];
        for word in 0..span.words {
            let first = span.first_step + (word * WORD) as u32;
            self.drive.fill(first, word == 0, &mut inputs, driven);
            let mut bits = [0; L];
            for (step, (current, exponential)) in
                inputs.currents.iter().zip(inputs.exponentials.iter()).enumerate()
            {
                let of_sources = driven.and_then(|driven| driven.conductance(step));
                let conductance = of_sources.unwrap_or(&nothing);
                let by = Received { current, conductance, exponential };
                self.model.step(first + step as u32, by, step as u32, &mut bits);
            }
            count(&mut bits, counted(first, span.end_step), &mut self.counts[..]);
            if let Some(row) = tile.chunks_exact_mut(L).nth(word) {
                row.copy_from_slice(&bits);
            }
        }
    }

    fn counts(&self) -> Vec<u32> {
        self.counts.to_vec()
    }

    fn state(&self, lane: usize) -> Vec<f64> {
        self.model.states().iter().map(|field| field[lane].to_f64()).collect()
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + self.model.bytes()
    }

    fn finite(&self) -> Vec<bool> {
        let states = self.model.states();
        let is_finite = |lane: usize| states.iter().all(|field| field[lane].to_f64().is_finite());
        (0..L).map(is_finite).collect()
    }

    fn lanes(&self) -> usize {
        L
    }

    fn exchange(&mut self, lane: usize, with: &mut dyn Exchange<R>) {
        with.whole(&mut self.counts[lane]);
        self.model.states_mut().iter_mut().for_each(|field| with.real(&mut field[lane]));
        self.drive.exchange(lane, with);
        self.model.stream_words(lane).for_each(|word| with.whole(word));
        self.drive.exchange_wave(lane, with);
    }
}
