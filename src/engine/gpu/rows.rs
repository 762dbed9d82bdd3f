//! The rows of neurons, as a kernel's buffers hold them.

use std::ops::Range;

use rayon::prelude::*;

use super::moment;
use crate::drive::Kernel;
use crate::engine::Batch;
use crate::experiment::Experiment;

/// Words of a `Drive` and of a `NoiseState` in `kernel.wgsl`, besides those of sources and streams.
const DRIVE_WORDS: usize = 6;
const NOISE_WORDS: usize = 9;

/// The rows of a shard as words, in the layout of the WGSL structs: the lanes of an invocation next to
/// each other, field by field. Rows past the end of the batch repeat its last neuron.
pub struct Rows {
    pub coefficients: Vec<u32>,
    pub drives: Vec<u32>,
    pub states: Vec<u32>,
    pub noises: Vec<u32>,
}

impl Rows {
    pub fn new(
        batch: &Batch<'_>,
        range: Range<usize>,
        lanes: usize,
        experiment: &Experiment,
    ) -> Self {
        let (dt, seed) = (experiment.dt_ms, experiment.seed);
        let kernel = batch.kernel();
        let row = RowWords::of(kernel);
        let tape = kernel.model.dynamics.tape(kernel.variant);
        let mut rows = Rows {
            coefficients: vec![0; range.len() * row.coefficients],
            drives: vec![0; range.len() * row.drive],
            states: vec![0; range.len() * row.state],
            noises: vec![0; range.len() * row.noise],
        };
        let word = |x: f64| (x as f32).to_bits();
        let groups = (0..range.len() / lanes)
            .into_par_iter()
            .zip(rows.coefficients.par_chunks_mut(lanes * row.coefficients))
            .zip(rows.drives.par_chunks_mut(lanes * row.drive))
            .zip(rows.states.par_chunks_mut(lanes * row.state))
            .zip(rows.noises.par_chunks_mut(lanes * row.noise))
            .with_min_len(1024);
        groups.for_each_init(
            Vec::new,
            |values, ((((group, coefficients), drives), states), noises)| {
                for lane in 0..lanes {
                    let (population, neuron) = batch.locate(range.start + group * lanes + lane);
                    let parameters = population.parameters_of(neuron);
                    let by = population.stepping_of(neuron, dt);
                    let dynamics = population.model.dynamics;
                    let put = |words: &mut [u32], field: usize, value| {
                        words[field * lanes + lane] = value;
                    };
                    values.clear();
                    dynamics.coefficients(&parameters, &by, values);
                    values.iter().enumerate().for_each(|(f, x)| put(coefficients, f, word(*x)));
                    values.clear();
                    dynamics.initial(&parameters, &by, values);
                    values.iter().enumerate().for_each(|(f, x)| put(states, f, word(*x)));
                    let drive = population.drive_of(neuron, dt);
                    let drive_row = [
                        word(drive.stimulus.amplitude),
                        word(drive.stimulus.gain),
                        drive.stimulus.row,
                        word(drive.noise.scale),
                        word(drive.noise.common_scale),
                        word(drive.noise.leak),
                    ];
                    let (mut of_sources, mut at) = (Vec::new(), Vec::new());
                    population.sources_of(neuron, dt, seed, &mut of_sources, &mut at);
                    let kept = moment::streams(&tape, kernel.sources)
                        .flat_map(|of| population.stream_of(neuron, of, seed).state);
                    let unused = usize::from(moment::streams(&tape, kernel.sources).count() == 0);
                    let start = population.start_of(neuron, &drive.noise, seed);
                    let noise_row = start
                        .own
                        .state
                        .into_iter()
                        .chain(start.common.state)
                        .chain([word(start.noise)])
                        .chain(kept)
                        .chain(std::iter::repeat_n(0, unused))
                        .chain(at.iter().map(|x| word(*x)));
                    let of_sources = of_sources.iter().map(|x| word(*x));
                    drive_row
                        .into_iter()
                        .chain(of_sources)
                        .enumerate()
                        .for_each(|(f, x)| put(drives, f, x));
                    noise_row.enumerate().for_each(|(f, x)| put(noises, f, x));
                }
            },
        );
        rows
    }
}

/// Words of a neuron's rows. A struct of WGSL has at least one.
pub struct RowWords {
    pub coefficients: usize,
    pub state: usize,
    pub drive: usize,
    pub noise: usize,
}

impl RowWords {
    pub fn of(kernel: Kernel) -> Self {
        let tape = kernel.model.dynamics.tape(kernel.variant);
        RowWords {
            coefficients: tape.coefficients.len().max(1),
            state: tape.states.len().max(1),
            drive: DRIVE_WORDS + moment::coefficient_words(kernel.sources),
            noise: NOISE_WORDS + moment::kept_words(&tape, kernel.sources),
        }
    }
}
