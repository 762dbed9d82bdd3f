//! Chunks of neurons of any model, by interpreting its tape.

use std::sync::Arc;

use rayon::prelude::*;

use super::chunk::{Step, count, counted};
use super::drive::{DriveLanes, Inputs};
use crate::engine::Batch;
use crate::raster::WORD;
use crate::real::Real;
use crate::tape::{Given, Machine, Program};

/// Neurons of a chunk where there are many: the time it takes to choose an operation is spread over them, and their
/// registers still fit the second-level cache.
const MANY: usize = 512;

/// Neurons of a chunk where there are few.
const FEW: usize = 64;

/// The neurons of a batch, cut into chunks.
pub fn chunks<R: Real>(batch: &Batch<'_>, dt: f64, seed: u64) -> Vec<Box<dyn Step>> {
    match batch.neurons() {
        n if n <= 4 * FEW => chunks_of::<R, FEW>(batch, dt, seed),
        _ => chunks_of::<R, MANY>(batch, dt, seed),
    }
}

fn chunks_of<R: Real, const L: usize>(batch: &Batch<'_>, dt: f64, seed: u64) -> Vec<Box<dyn Step>> {
    let signal: Arc<[R]> = batch.signal().iter().map(|&x| R::of(x)).collect();
    (0..batch.neurons().div_ceil(L))
        .into_par_iter()
        .map(|chunk| {
            Box::new(Interpreted::<R, L>::new(batch, &signal, chunk * L, dt, seed)) as Box<dyn Step>
        })
        .collect()
}

/// Neurons of one model.
#[derive(Debug)]
struct Interpreted<R, const L: usize> {
    machine: Machine<R, L>,
    coefficients: Vec<Box<[R; L]>>,
    states: Vec<Box<[R; L]>>,
    drive: DriveLanes<R, L>,
    counts: Box<[u32; L]>,
}

impl<R: Real, const L: usize> Interpreted<R, L> {
    fn new(batch: &Batch<'_>, signal: &Arc<[R]>, first: usize, dt: f64, seed: u64) -> Self {
        let kernel = batch.kernel();
        let dynamics = kernel.model.dynamics;
        let tape = dynamics.tape(kernel.variant);
        let rows = |n: usize| vec![vec![0.0; L]; n];
        let (mut coefficients, mut states) =
            (rows(tape.coefficients.len()), rows(tape.states.len()));
        let mut drive_lanes = DriveLanes::new(kernel, signal.clone());
        let mut values = Vec::new();
        for lane in 0..L {
            let (population, neuron) = batch.locate(first + lane);
            let parameters = population.parameters_of(neuron);
            let by = population.stepping_of(neuron, dt);
            values.clear();
            dynamics.coefficients(&parameters, &by, &mut values);
            values.iter().zip(&mut coefficients).for_each(|(value, row)| row[lane] = *value);
            values.clear();
            dynamics.initial(&parameters, &by, &mut values);
            values.iter().zip(&mut states).for_each(|(value, row)| row[lane] = *value);
            let drive = population.drive_of(neuron, dt);
            let start = population.start_of(neuron, &drive.noise, seed);
            drive_lanes.set(lane, &drive, &start);
        }
        let same = |row: &Vec<f64>| row.iter().all(|x| *x == row[0]).then(|| row[0]);
        let same: Vec<Option<f64>> = coefficients.iter().map(same).collect();
        let lanes = |row: &Vec<f64>| Box::new(std::array::from_fn(|lane| R::of(row[lane])));
        Interpreted {
            machine: Machine::new(Program::new(&tape, &same)),
            coefficients: coefficients.iter().map(lanes).collect(),
            states: states.iter().map(lanes).collect(),
            drive: drive_lanes,
            counts: Box::new([0; L]),
        }
    }
}

impl<R: Real, const L: usize> Step for Interpreted<R, L> {
    fn step(&mut self, first_step: u32, end_step: u32, words: usize, tile: &mut [u32]) {
        let mut inputs = Box::new(Inputs::<R, L>::new());
        for word in 0..words {
            let first = first_step + (word * WORD) as u32;
            self.drive.fill(first, word == 0, &mut inputs);
            let mut bits = [0; L];
            for (step, (current, exponential)) in
                (0..).zip(inputs.currents.iter().zip(&inputs.exponentials))
            {
                let given = Given { coefficients: &self.coefficients, current, exponential };
                self.machine.step(&mut self.states, given, step, &mut bits);
            }
            count(&mut bits, counted(first, end_step), &mut self.counts[..]);
            if let Some(row) = tile.chunks_exact_mut(L).nth(word) {
                row.copy_from_slice(&bits);
            }
        }
    }

    fn counts(&self) -> &[u32] {
        &self.counts[..]
    }

    fn state(&self, lane: usize) -> Vec<f64> {
        self.states.iter().map(|field| field[lane].to_f64()).collect()
    }

    fn bytes(&self) -> usize {
        let fields = self.coefficients.len() + self.states.len();
        size_of::<Self>() + fields * size_of::<[R; L]>() + self.machine.bytes()
    }

    fn finite(&self) -> Vec<bool> {
        let is_finite =
            |lane: usize| self.states.iter().all(|field| field[lane].to_f64().is_finite());
        (0..L).map(is_finite).collect()
    }

    fn lanes(&self) -> usize {
        L
    }
}
