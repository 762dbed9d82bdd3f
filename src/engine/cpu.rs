//! The CPU engine: vector lanes over neurons, threads over chunks of neurons.
//!
//! It is the default where there is no GPU, the oracle (in `f64`), and the baseline of the
//! benchmark.

mod ceilings;
mod chunk;
mod drive;
mod exchange;
mod interpreted;
mod lanes;
mod sourced;
mod waves;

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use tracing::{info, trace};

use super::ceilings::Ceilings;
use super::cost::Operation;
use super::{Batch, Blocks, Engine, EngineInfo, Run, Show, foreign_rows, next_words};
use crate::error::Error;
use crate::experiment::Experiment;
use crate::model::{Neuron, Visitor};
use crate::raster::{MOST_WORDS, RasterTile, WORD};
use crate::real::{self, Real, Single};
use chunk::{Chunk, Span, Step, made};
use drive::Scratch;
use exchange::{Loading, Saving};
use lanes::LANES;

/// Most words of a block: enough to amortise what is done per block, few enough that the raster of a
/// chunk stays in the cache.
const BLOCK_WORDS: usize = 64;

/// Neuron-steps of the first block: few, since it is not known how long they take.
const FIRST_STEPS: usize = 1 << 26;

/// A block is shorter than this, so that an interruption is soon heard ...
const LONGEST: Duration = Duration::from_millis(300);

/// ... and longer than this, where it can be.
const SHORTEST: Duration = Duration::from_millis(50);

/// The CPU engine in one precision.
#[derive(Debug)]
pub struct Cpu<R> {
    info: EngineInfo,
    /// Whether the steps of all models are interpreted, also of those that are compiled.
    interprets: bool,
    precision: PhantomData<R>,
}

impl<R: Real> Cpu<R> {
    /// The engine, with the reason why it was taken.
    pub fn new(reason: impl Into<String>) -> Self {
        let threads = rayon::current_num_threads();
        let info = EngineInfo {
            kind: "cpu",
            device: device_name(),
            is_software: false,
            precision: R::PRECISION,
            driver: format!(
                "{}, {threads} thread{}",
                chunk::instruction_set(),
                if threads == 1 { "" } else { "s" }
            ),
            reason: reason.into(),
        };
        Cpu { info, interprets: false, precision: PhantomData }
    }
}

impl<R> Cpu<R> {
    /// The engine that interprets the steps of all models: to hold it against the compiled ones.
    #[must_use]
    pub fn interpreting(self) -> Self {
        Cpu { interprets: true, ..self }
    }
}

/// The CPU engine in single precision, with the fused multiply-add if this processor has it.
pub fn single(reason: impl Into<String>) -> Box<dyn Engine> {
    match real::fused_here() {
        true => Box::new(Cpu::<Single<true>>::new(reason)),
        false => Box::new(Cpu::<Single<false>>::new(reason)),
    }
}

/// The CPU engine in double precision.
pub fn double(reason: impl Into<String>) -> Box<dyn Engine> {
    Box::new(Cpu::<f64>::new(reason))
}

/// The processor's name, as the operating system tells it.
fn device_name() -> String {
    let system = sysinfo::System::new_with_specifics(
        sysinfo::RefreshKind::nothing().with_cpu(sysinfo::CpuRefreshKind::nothing()),
    );
    let brand = |system: sysinfo::System| Some(system.cpus().first()?.brand().trim().to_owned());
    let name = system.ok().and_then(brand).unwrap_or_default();
    if name.is_empty() { std::env::consts::ARCH.to_owned() } else { name }
}

impl<R: Real> Engine for Cpu<R> {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn start<'a>(
        &'a self,
        experiment: &Experiment,
        blocks: Blocks,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Box<dyn Run + 'a>, Error> {
        let mut batches = Vec::new();
        for batch in Batch::of(experiment) {
            let (dt, seed) = (experiment.dt_ms, experiment.seed);
            let models = match self.interprets {
                true => interpreted::chunks::<R>(&batch, dt, seed, false, go_on),
                false => chunks::<R>(&batch, dt, seed, go_on),
            };
            let models = models.ok_or(Error::Ended)?;
            let is_wave = batch.is_wave() && !self.interprets;
            let chunks = match batch.kernel().sources {
                Some(sources) if !is_wave => {
                    sourced::chunks(&batch, sources, models, (dt, seed), go_on)
                        .ok_or(Error::Ended)?
                }
                _ => models,
            };
            let (first_neuron, neurons) = (batch.first_neuron(), batch.neurons());
            batches.push(BatchRun { first_neuron, neurons, chunks });
        }
        let words = (FIRST_STEPS / WORD / experiment.part().len().max(1)).clamp(1, BLOCK_WORDS);
        let block_words = blocks.words.unwrap_or(words).clamp(1, MOST_WORDS);
        let run = CpuRun {
            batches,
            raster: blocks.raster,
            block_words,
            is_cut: blocks.words.is_some(),
            next_step: 0,
            steps: experiment.steps,
            pause: u32::MAX,
            stopped: false,
        };
        info!(
            device = self.info.device,
            neurons = experiment.part().len(),
            batches = run.batches.len(),
            threads = rayon::current_num_threads(),
            steps_of_the_first_block = block_words * WORD,
            bytes = run.bytes(),
            "ready on the CPU"
        );
        Ok(Box::new(run))
    }

    fn ceilings(
        &self,
        operations: &[Operation],
        go_on: &dyn Fn() -> bool,
    ) -> Result<Option<Ceilings>, Error> {
        Ok(ceilings::measure::<R>(operations, go_on))
    }

    fn rate(&self, operation: Operation) -> Result<Option<f64>, Error> {
        Ok(Some(ceilings::rate::<R>(operation)))
    }
}

/// The neurons of a batch, cut into chunks; none if `go_on` says so.
fn chunks<R: Real>(
    batch: &Batch<'_>,
    dt: f64,
    seed: u64,
    go_on: &mut dyn FnMut() -> bool,
) -> Option<Vec<Box<dyn Step<R>>>> {
    struct Build<'a, R> {
        batch: &'a Batch<'a>,
        dt: f64,
        seed: u64,
        go_on: &'a mut dyn FnMut() -> bool,
        precision: PhantomData<R>,
    }
    impl<R: Real> Visitor for Build<'_, R> {
        type Output = Option<Vec<Box<dyn Step<R>>>>;
        fn visit<N: Neuron>(self) -> Self::Output {
            let Build { batch, dt, seed, .. } = self;
            let signal: Arc<[R]> = batch.signal().iter().map(|&x| R::of(x)).collect();
            let chunks = (0..batch.neurons().div_ceil(LANES)).collect();
            made(chunks, LANES, self.go_on, |chunk: usize| {
                Box::new(Chunk::<N, R>::new(batch, &signal, chunk * LANES, dt, seed)) as _
            })
        }
    }
    let model = batch.populations()[0].model;
    let build = Build { batch, dt, seed, go_on: &mut *go_on, precision: PhantomData::<R> };
    match model.visit(build) {
        Some(chunks) => chunks,
        None => interpreted::chunks::<R>(batch, dt, seed, batch.is_wave(), go_on),
    }
}

struct BatchRun<R> {
    first_neuron: usize,
    neurons: usize,
    chunks: Vec<Box<dyn Step<R>>>,
}

struct CpuRun<R> {
    batches: Vec<BatchRun<R>>,
    raster: bool,
    block_words: usize,
    /// Whether the length of blocks was given.
    is_cut: bool,
    next_step: u32,
    steps: u32,
    /// No block begins from here on.
    pause: u32,
    stopped: bool,
}

impl<R: Real> Run for CpuRun<R> {
    fn tiles(&self) -> usize {
        self.batches.iter().map(|batch| batch.chunks.len()).sum()
    }

    fn next_block(&mut self, show: &Show<'_>) -> Result<Option<u32>, Error> {
        let words = next_words(self.next_step, self.steps.min(self.pause), self.block_words);
        if words == 0 || self.stopped {
            return Ok(None);
        }
        let start = Instant::now();
        let first_step = self.next_step;
        let end_step = self.steps;
        let raster = self.raster;
        let mut first_tile = 0;
        for batch in &mut self.batches {
            let (first_neuron, neurons) = (batch.first_neuron, batch.neurons);
            batch.chunks.par_iter_mut().enumerate().for_each_init(
                || (Vec::new(), Scratch::default()),
                |(bits, scratch), (index, chunk)| {
                    // The raster of a chunk is read while it is in the cache.
                    let lanes = chunk.lanes();
                    bits.resize(if raster { words * lanes } else { 0 }, 0);
                    chunk.step(Span { first_step, end_step, words }, bits, None, scratch);
                    if raster {
                        show(&RasterTile {
                            tile: first_tile + index,
                            first_neuron: first_neuron + index * lanes,
                            neurons: lanes.min(neurons - index * lanes),
                            first_step,
                            words,
                            stride: lanes,
                            bits,
                        });
                    }
                },
            );
            first_tile += batch.chunks.len();
        }
        self.next_step = first_step.saturating_add((words * WORD) as u32);
        trace!(first_step, steps = words * WORD, took = ?start.elapsed(), "a block");
        match start.elapsed() {
            _ if self.is_cut => {}
            took if took > LONGEST => self.block_words = (self.block_words / 2).max(1),
            took if took < SHORTEST => self.block_words = (2 * self.block_words).min(BLOCK_WORDS),
            _ => {}
        }
        Ok(Some(self.next_step.min(self.steps)))
    }

    fn stop(&mut self) {
        self.stopped = true;
    }

    fn pause(&mut self, step: u32) {
        self.pause = step;
        self.stopped = false;
    }

    fn save(&mut self) -> Result<Vec<f64>, Error> {
        let mut rows = Vec::new();
        for batch in &mut self.batches {
            let mut left = batch.neurons;
            for chunk in &mut batch.chunks {
                let lanes = chunk.lanes().min(left);
                (0..lanes).for_each(|lane| chunk.exchange(lane, &mut Saving(&mut rows)));
                left -= lanes;
            }
        }
        Ok(rows)
    }

    fn load(&mut self, step: u32, rows: &[f64]) -> Result<(), Error> {
        let mut loading = Loading(rows.iter());
        for batch in &mut self.batches {
            let mut left = batch.neurons;
            for chunk in &mut batch.chunks {
                let lanes = chunk.lanes().min(left);
                for lane in 0..lanes {
                    if loading.0.as_slice().is_empty() {
                        return Err(foreign_rows());
                    }
                    chunk.exchange(lane, &mut loading);
                }
                left -= lanes;
            }
        }
        self.next_step = step;
        if loading.0.as_slice().is_empty() { Ok(()) } else { Err(foreign_rows()) }
    }

    fn counts(&mut self) -> Result<Vec<u32>, Error> {
        let mut counts = Vec::new();
        for batch in &self.batches {
            let lanes = batch.chunks.iter().flat_map(|chunk| chunk.counts());
            counts.extend(lanes.take(batch.neurons));
        }
        Ok(counts)
    }

    fn state(&mut self, neuron: usize) -> Result<Vec<f64>, Error> {
        let in_batch = |batch: &&BatchRun<R>| neuron < batch.first_neuron + batch.neurons;
        let state = self.batches.iter().find(in_batch).map(|batch| {
            let index = neuron - batch.first_neuron;
            let lanes = batch.chunks[0].lanes();
            batch.chunks[index / lanes].state(index % lanes)
        });
        Ok(state.unwrap_or_default())
    }

    fn bytes(&self) -> usize {
        let chunks = self.batches.iter().flat_map(|batch| &batch.chunks);
        chunks.map(|chunk| chunk.bytes()).sum()
    }

    fn device_time(&self) -> Option<Duration> {
        None
    }

    fn diverged(&mut self) -> Result<Option<usize>, Error> {
        let of_batch = |batch: &BatchRun<R>| {
            let lanes = batch.chunks.iter().flat_map(|chunk| chunk.finite()).take(batch.neurons);
            lanes.into_iter().position(|finite| !finite).map(|neuron| batch.first_neuron + neuron)
        };
        Ok(self.batches.iter().find_map(of_batch))
    }
}
