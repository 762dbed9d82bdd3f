//! What steps neurons: the GPU ([`gpu`]) or the CPU ([`cpu`]).
//!
//! An engine starts a [`Run`] of an experiment; the run hands out blocks of spike bits, oldest
//! first, while it may compute later ones.
//!
//! ```
//! use loligo::engine::choice::{Adapters, Choice, Precision, choose};
//! use loligo::{Experiment, Plan, Record, simulate};
//!
//! let experiment = Experiment::builder().neurons(100).duration_ms(200.0).build()?;
//! let engine = choose(Choice::Cpu, Adapters::One, Precision::F64)?;
//! let done = simulate(engine.as_ref(), &experiment, Plan::new(Record::None), &mut |_| true)?;
//! assert!(done.counts.iter().sum::<u32>() > 500);
//! # Ok::<(), loligo::Error>(())
//! ```
//!
//! How neurons and time are cut up; no result depends on it:
//!
//! | neurons | what it is | where |
//! |---|---|---|
//! | population | neurons of one model, alike in all but values and noise | [`crate::population`] |
//! | batch | neighbouring populations with the same kernel, stepped together | [`Batch`] |
//! | shard | the neurons of a batch in one set of buffers and one dispatch | `gpu/shard.rs` |
//! | workgroup | invocations that are started together, 64 of them | [`gpu::Cut`] |
//! | invocation | one neuron, or four on a software device | [`gpu::Cut`] |
//! | chunk | 64 neurons that one thread of the CPU steps | `cpu/chunk.rs` |
//! | lane | a neuron's place in a vector: of a chunk, or of an invocation | `cpu/lanes.rs` |
//! | tile | up to 1024 neighbouring neurons of a raster, taken by one thread | [`RasterTile`] |
//!
//! | time | what it is | where |
//! |---|---|---|
//! | step | dt; spikes are at steps, counted from 0 in 32 bits | [`crate::window`] |
//! | turn | steps that a kernel does in one go of its loop: 2 on the GPU, 4 on the CPU | `kernel.wgsl`, `cpu/drive.rs` |
//! | word | 32 steps, a bit each in a raster | [`WORD`] |
//! | block | up to 64 words: what an engine hands out, and what Ctrl-C waits for | [`Blocks`] |
//! | window | the part of a run that statistics are of | [`crate::window::Window`] |

use std::ops::Range;
use std::time::Duration;

use crate::analysis::histogram::IntervalCounts;
use crate::analysis::sums::{CountWindows, TrainSums};
use crate::drive::Kernel;
use crate::error::{Error, Place, Problem};
use crate::experiment::Experiment;
use crate::population::Population;
use crate::raster::{RasterTile, WORD};
use crate::window::Window;
use ceilings::Ceilings;
use cost::Operation;

pub mod ceilings;
pub mod choice;
pub mod cost;
pub mod cpu;
pub mod gpu;
pub mod several;

/// Which engine it is, for people and for `summary.json`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct EngineInfo {
    /// `cpu` or `gpu`.
    pub kind: &'static str,
    /// The device's name.
    pub device: String,
    /// Whether a GPU is played by software.
    pub is_software: bool,
    /// `f32` or `f64`.
    pub precision: &'static str,
    /// Driver and graphics interface, or instruction set and threads.
    pub driver: String,
    /// Why this engine was taken.
    pub reason: String,
}

/// Something that steps neurons.
pub trait Engine: Send + Sync {
    /// Which engine it is.
    fn info(&self) -> &EngineInfo;

    /// Prepares an experiment: uploads parameters, compiles kernels. With many neurons, `go_on` is asked now and then.
    ///
    /// # Errors
    /// If the experiment does not fit the device, or the device fails, or `go_on` returns false.
    fn start<'a>(
        &'a self,
        experiment: &Experiment,
        blocks: Blocks,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Box<dyn Run + 'a>, Error>;

    /// Measures what it can do at best, of some operations; none if it is more than one device, or was told to end: `go_on` is
    /// asked now and then.
    ///
    /// # Errors
    /// If the device fails.
    fn ceilings(
        &self,
        _operations: &[Operation],
        _go_on: &dyn Fn() -> bool,
    ) -> Result<Option<Ceilings>, Error> {
        Ok(None)
    }

    /// How many operations of a kind it does per second at best, as its ceilings have it.
    ///
    /// # Errors
    /// If the device fails.
    fn rate(&self, _operation: Operation) -> Result<Option<f64>, Error> {
        Ok(None)
    }

    /// Limits of the device that cut neurons up, and its address on the bus, by their names.
    fn limits(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// What an engine hands out.
#[derive(Clone, Copy, Debug)]
pub struct Blocks {
    /// Whether the raster of each block is, or at the end only the number of spikes of each neuron.
    pub raster: bool,
    /// Length of a block in words of 32 steps; the engine chooses if none is given. The results do not depend on it.
    pub words: Option<usize>,
}

/// How an engine takes the sums of the spikes itself, in the place of showing them.
#[derive(Clone, Debug)]
pub struct Summing {
    /// The steps whose spikes count.
    pub window: Window,
    /// The windows in which spikes are counted.
    pub windows: CountWindows,
    /// Intervals of up to 2 to this power are told apart.
    pub exact: u32,
    /// The global indices of the neurons of each population.
    pub populations: Vec<Range<usize>>,
}

/// Sums of the spikes that an engine has taken itself.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// Of each neuron that is stepped.
    pub trains: Vec<TrainSums>,
    /// How often intervals of each length came, of each population, since that was asked last.
    pub intervals: Vec<IntervalCounts>,
}

/// What is done with each tile of a block.
pub type Show<'a> = dyn Fn(&RasterTile<'_>) + Sync + 'a;

/// An experiment being stepped.
pub trait Run {
    /// How many tiles the raster of a block comes in, where spikes are recorded.
    fn tiles(&self) -> usize;

    /// Waits for the oldest unfinished block and shows its spikes, from several threads: every tile
    /// once (none where spikes are not recorded). Returns the number of steps done so far, or none when
    /// there are no more blocks.
    ///
    /// # Errors
    /// If the device fails.
    fn next_block(&mut self, show: &Show<'_>) -> Result<Option<u32>, Error>;

    /// Starts no further blocks: those under way can still be taken.
    fn stop(&mut self);

    /// Starts no blocks from a step on, a multiple of 32, until it is told a later one: those before can be taken, and then
    /// there are none. A run that was stopped goes on.
    fn pause(&mut self, step: u32);

    /// What all neurons are at, once there are no more blocks: a row for each, of what it has counted, its state, its
    /// random streams and what drives it. All numbers are exact, and the same for all engines of a precision.
    ///
    /// # Errors
    /// If the device fails.
    fn save(&mut self) -> Result<Vec<f64>, Error>;

    /// Goes on from a step with the rows that a run of the same experiment has saved, before any block.
    ///
    /// # Errors
    /// If there are not as many numbers as there should be, or the device fails.
    fn load(&mut self, step: u32, rows: &[f64]) -> Result<(), Error>;

    /// The number of spikes of each neuron over the steps done.
    ///
    /// # Errors
    /// If the device fails.
    fn counts(&mut self) -> Result<Vec<u32>, Error>;

    /// The state of one neuron, given by its global index, in the order of the model's `State`,
    /// after the last whole word of 32 steps begun: as the kernel has it, see
    /// [`Population::observe`] for what it means.
    ///
    /// # Errors
    /// If the device fails.
    fn state(&mut self, neuron: usize) -> Result<Vec<f64>, Error>;

    /// Waits for the oldest unfinished block, without showing it: if that succeeds, nothing but memory keeps
    /// [`next_block`](Run::next_block) from it.
    ///
    /// # Errors
    /// If the device fails.
    fn wait(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// Whether it can take the sums of the spikes itself, and had better do: if a raster would be a long way.
    fn can_sum_up(&self, _summing: &Summing) -> bool {
        false
    }

    /// From now on, before any block, takes the sums of the spikes itself, going on with those of all neurons, if there are
    /// any, and shows no tiles. Only where it can.
    ///
    /// # Errors
    /// If the device fails.
    fn sum_up(&mut self, _summing: &Summing, _trains: &[TrainSums]) -> Result<(), Error> {
        Ok(())
    }

    /// Where it does: the spikes of each population at each step of the block that came last.
    fn activity(&mut self) -> Option<Vec<Vec<u32>>> {
        None
    }

    /// Where it does: the sums so far, once there are no more blocks.
    ///
    /// # Errors
    /// If the device fails.
    fn sums(&mut self) -> Result<Taken, Error> {
        Ok(Taken::default())
    }

    /// Memory of the neurons and of the rasters under way, in bytes.
    fn bytes(&self) -> usize;

    /// The device's own time over the blocks that were taken, where the device has a clock.
    fn device_time(&self) -> Option<Duration>;

    /// Global index of the first neuron whose state is no longer a finite number, if there is one.
    ///
    /// # Errors
    /// If the device fails.
    fn diverged(&mut self) -> Result<Option<usize>, Error>;
}

/// Neighbouring populations that share a kernel and are stepped together.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    populations: &'a [Population],
    /// Of their neurons, those that are stepped: the global index of the first, and how many.
    first_neuron: usize,
    neurons: usize,
}

impl<'a> Batch<'a> {
    /// Groups the populations of an experiment, of which some neurons are stepped.
    pub fn of(experiment: &'a Experiment) -> Vec<Batch<'a>> {
        let part = experiment.part();
        let batch = |populations: &'a [Population]| {
            let all = populations[0].first_neuron..populations[populations.len() - 1].range().end;
            let first_neuron = all.start.max(part.start);
            let neurons = all.end.min(part.end).saturating_sub(first_neuron);
            Batch { populations, first_neuron, neurons }
        };
        let batches = experiment.populations.chunk_by(Population::goes_with).map(batch);
        batches.filter(|batch| batch.neurons > 0).collect()
    }

    /// What the kernel must be specialised for.
    pub fn kernel(&self) -> Kernel {
        self.populations[0].kernel()
    }

    /// The populations.
    pub fn populations(&self) -> &'a [Population] {
        self.populations
    }

    /// Whether each neuron has one wave for a source, for which the CPU has code of its own.
    pub fn is_wave(&self) -> bool {
        self.populations.iter().all(Population::is_wave)
    }

    /// The values of the signal that is played to all of it, if one is.
    pub fn signal(&self) -> &'a [f64] {
        self.populations[0].signal.as_ref().map(|signal| signal.values()).unwrap_or_default()
    }

    /// Global index of the first neuron.
    pub fn first_neuron(&self) -> usize {
        self.first_neuron
    }

    /// How many neurons.
    pub fn neurons(&self) -> usize {
        self.neurons
    }

    /// The population a neuron is in, and its index there. A neuron past the end stands for the
    /// last one: such neurons fill vectors and workgroups up.
    pub fn locate(&self, neuron: usize) -> (&'a Population, usize) {
        let neuron = self.first_neuron() + neuron.min(self.neurons() - 1);
        let next = self.populations.partition_point(|population| population.first_neuron <= neuron);
        let population = &self.populations[next - 1];
        (population, neuron - population.first_neuron)
    }
}

/// The error of rows that are not those of an experiment.
pub(crate) fn foreign_rows() -> Error {
    let message = "the checkpoint does not fit the experiment";
    Problem::new(message, &Place::Default, "simulate it from the beginning").into()
}

/// The next block of a run: from which step, how many words.
pub(crate) fn next_words(first_step: u32, steps: u32, block_words: usize) -> usize {
    (steps.saturating_sub(first_step) as usize).div_ceil(WORD).min(block_words)
}
