//! The rows of neurons, as a kernel's buffers hold them.

use std::ops::Range;

use rayon::prelude::*;

use super::device::Device;
use super::moment;
use crate::drive::Kernel;
use crate::engine::Batch;
use crate::error::Error;
use crate::experiment::Experiment;
use crate::tape::Tape;

/// Words of a `Drive` and of a `NoiseState` in `kernel.wgsl`, besides those of sources and streams.
const DRIVE_WORDS: usize = 6;
const NOISE_WORDS: usize = 9;

/// Neurons whose rows a task makes, in memory that stays in the cache: whole workgroups.
const TASK: usize = 1024;

/// The rows of a shard on the device.
pub struct Uploaded {
    pub coefficients: wgpu::Buffer,
    pub drives: wgpu::Buffer,
    pub states: wgpu::Buffer,
    pub noises: wgpu::Buffer,
}

impl Uploaded {
    /// Makes the rows where the device reads them, or where it copies them from: on the way there is no other memory, of which
    /// touching it for the first time would take most of the time. Rows past the end of the batch repeat its last neuron.
    ///
    /// # Errors
    /// If the device has no room for them.
    pub fn new(
        device: &Device,
        batch: &Batch<'_>,
        range: Range<usize>,
        (lanes, copied): (usize, bool),
        experiment: &Experiment,
    ) -> Result<Self, Error> {
        use wgpu::BufferUsages as Usage;
        // Built once: it takes as long as the rows of a task.
        let tape = batch.kernel().model.dynamics.tape(batch.kernel().variant);
        let row = RowWords::of(batch.kernel());
        let buffer = |label, words, usage| device.mapped(label, range.len() * words, usage, copied);
        let kept = Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST;
        let uploaded = Uploaded {
            coefficients: buffer("coefficients", row.coefficients, Usage::STORAGE),
            drives: buffer("drives", row.drive, Usage::STORAGE),
            states: buffer("states", row.state, kept),
            noises: buffer("noises", row.noise, kept),
        };
        // Memory that there was none of must not be written to.
        device.check()?;
        let Uploaded { coefficients, drives, states, noises } = &uploaded;
        range.clone().into_par_iter().step_by(TASK).try_for_each(|first| {
            let task = first..range.end.min(first + TASK);
            let rows = Rows::new(batch, (&tape, &row), task, lanes, experiment);
            let before = first - range.start;
            device.fill(coefficients, before * row.coefficients, &rows.coefficients)?;
            device.fill(drives, before * row.drive, &rows.drives)?;
            device.fill(states, before * row.state, &rows.states)?;
            device.fill(noises, before * row.noise, &rows.noises)
        })?;
        [coefficients, drives, states, noises].into_iter().for_each(wgpu::Buffer::unmap);
        device.check()?;
        Ok(uploaded)
    }
}

/// The rows of some neurons as words, in the layout of the WGSL structs: the lanes of an invocation next to
/// each other, field by field.
struct Rows {
    coefficients: Vec<u32>,
    drives: Vec<u32>,
    states: Vec<u32>,
    noises: Vec<u32>,
}

impl Rows {
    fn new(
        batch: &Batch<'_>,
        (tape, row): (&Tape, &RowWords),
        range: Range<usize>,
        lanes: usize,
        experiment: &Experiment,
    ) -> Self {
        let (dt, seed) = (experiment.dt_ms, experiment.seed);
        let kernel = batch.kernel();
        let mut rows = Rows {
            coefficients: vec![0; range.len() * row.coefficients],
            drives: vec![0; range.len() * row.drive],
            states: vec![0; range.len() * row.state],
            noises: vec![0; range.len() * row.noise],
        };
        let word = |x: f64| (x as f32).to_bits();
        let groups = (0..range.len() / lanes)
            .zip(rows.coefficients.chunks_mut(lanes * row.coefficients))
            .zip(rows.drives.chunks_mut(lanes * row.drive))
            .zip(rows.states.chunks_mut(lanes * row.state))
            .zip(rows.noises.chunks_mut(lanes * row.noise));
        let values = &mut Vec::new();
        groups.for_each(|((((group, coefficients), drives), states), noises)| {
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
                let kept = moment::streams(tape, kernel.sources)
                    .flat_map(|of| population.stream_of(neuron, of, seed).state);
                let unused = usize::from(moment::streams(tape, kernel.sources).count() == 0);
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
        });
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
