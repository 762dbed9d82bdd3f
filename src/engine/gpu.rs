//! The GPU engine: one invocation per neuron, blocks of many steps, at least two blocks under way.
//!
//! This module and those below it are the only ones that name `wgpu`.

pub mod adapter;
mod ceilings;
mod clock;
pub mod count;
mod cut;
pub mod device;
mod exchange;
mod hardware;
mod memory;
mod moment;
mod readback;
mod rows;
pub mod shader;
mod shard;
mod summer;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tracing::{info, trace};

use super::{
    Batch, Blocks, Engine, EngineInfo, Run, Show, Summing, Taken, foreign_rows, next_words,
};
use crate::analysis::histogram::IntervalCounts;
use crate::analysis::sums::TrainSums;
use crate::drive::Kernel;
use crate::engine::ceilings::Ceilings;
use crate::engine::cost::Operation;
use crate::error::Error;
use crate::experiment::Experiment;
use crate::raster::WORD;
use clock::Clock;
use device::Device;
use shard::Shard;
use summer::OnDevice;

pub use cut::Cut;

/// Blocks computed or waiting while the host takes the spikes of an older one.
const IN_FLIGHT: usize = 3;

/// Most words of a block: 64 words are 2048 steps, 1088 loop iterations of an invocation.
pub(super) const MOST_WORDS: usize = 64;

/// Neuron-steps of a block: long enough that neither the launch nor loading the state counts, short
/// enough for the watchdogs of desktop drivers (2 s) and for Ctrl-C, even where a processor plays the
/// device (a quarter of a second).
const BLOCK_STEPS: usize = 1 << 27;

/// The GPU engine.
#[derive(Debug)]
pub struct Gpu {
    device: Device,
    info: EngineInfo,
    cut: Cut,
}

impl Gpu {
    /// The engine on a device, with the reason why it was taken.
    pub fn new(device: Device, cut: Cut, reason: impl Into<String>) -> Self {
        let info = EngineInfo {
            kind: "gpu",
            device: device.name().to_owned(),
            is_software: device.is_software(),
            precision: "f32",
            driver: device.driver(),
            reason: reason.into(),
        };
        Gpu { device, info, cut }
    }

    /// The device.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Runs each kernel for no steps: some drivers compile it only now, which belongs to the setup.
    fn warm_up(&self, shards: &[Shard]) -> Result<(), Error> {
        let nothing = shard::Block { first_step: 0, end_step: 0, words: 0, slot: 0 };
        let mut encoder = self.device.encoder();
        for shard in shards {
            shard.encode(&self.device, &mut encoder, nothing, None);
        }
        let index = self.device.submit(encoder);
        self.device.check()?;
        self.device.wait(index)
    }
}

impl Engine for Gpu {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn start<'a>(
        &'a self,
        experiment: &Experiment,
        blocks: Blocks,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Box<dyn Run + 'a>, Error> {
        let words = blocks.words.unwrap_or(block_words(experiment.part().len()));
        let block_words = words.clamp(1, MOST_WORDS);
        let slots = if blocks.raster { IN_FLIGHT } else { 0 };
        let lanes = self.cut.lanes.unwrap_or(self.device.lanes());
        let size = shard::Size {
            workgroup: self.cut.workgroup_size as usize * lanes as usize,
            lanes: lanes as usize,
            words: block_words,
            slots,
            copied: self.cut.copied || !self.device.maps_storage(),
        };
        let mut shards = Vec::new();
        let mut pipelines: HashMap<Kernel, wgpu::ComputePipeline> = HashMap::new();
        for batch in Batch::of(experiment) {
            // A kernel is compiled once, however many batches it steps.
            let pipeline = match pipelines.entry(batch.kernel()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let size = self.cut.workgroup_size;
                    let pipeline = self.device.pipeline(new.key(), lanes, size, blocks.raster)?;
                    new.insert(pipeline)
                }
            };
            let most = shard::most_neurons(&self.device, &batch, size, self.cut);
            let mut first = 0;
            while first < batch.neurons() {
                if first > 0 && !go_on() {
                    return Err(Error::Ended);
                }
                let neurons = first..batch.neurons().min(first + most);
                first = neurons.end;
                shards.push(Shard::new(&self.device, pipeline, &batch, neurons, experiment, size)?);
            }
        }
        self.warm_up(&shards)?;
        info!(
            neurons = experiment.part().len(),
            kernels = pipelines.len(),
            shards = shards.len(),
            neurons_of_an_invocation = lanes as usize,
            workgroup = self.cut.workgroup_size,
            steps_of_a_block = block_words * WORD,
            bytes = shards.iter().map(Shard::bytes).sum::<usize>(),
            "ready on the GPU"
        );
        Ok(Box::new(GpuRun {
            device: &self.device,
            clock: Clock::new(&self.device, IN_FLIGHT),
            shards,
            block_words,
            steps: experiment.steps,
            next_step: 0,
            pause: u32::MAX,
            blocks: 0,
            in_flight: VecDeque::new(),
            stopped: false,
            is_far: size.copied,
            sums: None,
        }))
    }

    fn ceilings(
        &self,
        operations: &[Operation],
        go_on: &dyn Fn() -> bool,
    ) -> Result<Option<Ceilings>, Error> {
        ceilings::measure(&self.device, operations, go_on)
    }

    fn rate(&self, operation: Operation) -> Result<Option<f64>, Error> {
        ceilings::rate(&self.device, [operation; 2]).map(Some)
    }

    fn limits(&self) -> Vec<(&'static str, String)> {
        self.device.told_limits()
    }
}

/// The length of a block of so many neurons, in words of 32 steps.
pub(super) fn block_words(neurons: usize) -> usize {
    (BLOCK_STEPS / WORD / neurons.max(1)).clamp(1, MOST_WORDS)
}

/// A block handed to the device.
struct Submitted {
    index: wgpu::SubmissionIndex,
    slot: usize,
    first_step: u32,
    words: usize,
}

struct GpuRun<'a> {
    device: &'a Device,
    clock: Option<Clock>,
    shards: Vec<Shard>,
    block_words: usize,
    steps: u32,
    next_step: u32,
    /// No block begins from here on.
    pause: u32,
    blocks: usize,
    in_flight: VecDeque<Submitted>,
    stopped: bool,
    /// Whether a raster has a long way to the host.
    is_far: bool,
    /// Where sums of the spikes are taken on the device.
    sums: Option<OnDevice>,
}

impl GpuRun<'_> {
    /// Hands out blocks until as many are under way as may be.
    fn submit_all(&mut self) -> Result<(), Error> {
        while self.in_flight.len() < IN_FLIGHT && !self.stopped {
            match next_words(self.next_step, self.steps.min(self.pause), self.block_words) {
                0 => break,
                words => self.submit(words)?,
            }
        }
        Ok(())
    }

    /// Hands the next block to the device.
    fn submit(&mut self, words: usize) -> Result<(), Error> {
        let slot = self.blocks % IN_FLIGHT;
        let mut encoder = self.device.encoder();
        let last = self.shards.len() - 1;
        for (index, shard) in self.shards.iter().enumerate() {
            let clock = self.clock.as_ref();
            let writes = clock.and_then(|clock| clock.writes(slot, index == 0, index == last));
            let block =
                shard::Block { first_step: self.next_step, end_step: self.steps, words, slot };
            shard.encode(self.device, &mut encoder, block, writes);
        }
        if let Some(clock) = &self.clock {
            clock.encode(&mut encoder, slot);
        }
        let index = self.device.submit(encoder);
        for shard in &self.shards {
            shard.map(slot, words);
        }
        if let Some(clock) = &self.clock {
            clock.map(slot);
        }
        self.device.check()?;
        self.in_flight.push_back(Submitted { index, slot, first_step: self.next_step, words });
        self.next_step += (words * WORD) as u32;
        self.blocks += 1;
        Ok(())
    }

    /// Takes the activity of a block from the device, and the intervals before their counters could be full.
    fn take_activity(&mut self, slot: usize, words: usize) -> Result<(), Error> {
        /// Debug builds take them often, so that this is tested.
        const MOST: u64 = if cfg!(debug_assertions) { 1 << 10 } else { 1 << 31 };
        let Some(sums) = &mut self.sums else { return Ok(()) };
        sums.activity = vec![vec![0; words * WORD]; sums.populations];
        for summer in self.shards.iter().filter_map(Shard::summed) {
            summer.activity(self.device, slot, words, &mut sums.activity)?;
        }
        sums.spikes += sums.activity.iter().flatten().map(|&count| u64::from(count)).sum::<u64>();
        if sums.spikes > MOST {
            for summer in self.shards.iter().filter_map(Shard::summed) {
                summer.take_intervals(self.device, &mut sums.intervals)?;
            }
            sums.spikes = 0;
        }
        Ok(())
    }
}

impl Run for GpuRun<'_> {
    fn tiles(&self) -> usize {
        self.shards.iter().map(Shard::tiles).sum()
    }

    fn next_block(&mut self, show: &Show<'_>) -> Result<Option<u32>, Error> {
        self.submit_all()?;
        let Some(block) = self.in_flight.pop_front() else { return Ok(None) };
        self.device.wait(block.index)?;
        trace!(first_step = block.first_step, steps = block.words * WORD, "a block");
        if let Some(clock) = &mut self.clock {
            clock.take(block.slot);
        }
        let Submitted { slot, first_step, words, .. } = block;
        if self.sums.is_some() {
            self.take_activity(slot, words)?;
        } else {
            let mut first_tile = 0;
            for shard in &self.shards {
                shard.show(self.device, slot, first_step, words, first_tile, show)?;
                first_tile += shard.tiles();
            }
        }
        Ok(Some((block.first_step + (block.words * WORD) as u32).min(self.steps)))
    }

    fn stop(&mut self) {
        self.stopped = true;
    }

    fn pause(&mut self, step: u32) {
        // What is under way is not taken back.
        self.pause = step.max(self.next_step);
        self.stopped = false;
    }

    fn save(&mut self) -> Result<Vec<f64>, Error> {
        let mut rows = Vec::new();
        for shard in &self.shards {
            shard.save(self.device, &mut rows)?;
        }
        Ok(rows)
    }

    fn load(&mut self, step: u32, rows: &[f64]) -> Result<(), Error> {
        let mut rows = rows;
        for shard in &self.shards {
            rows = shard.load(self.device, rows)?;
        }
        self.next_step = step;
        if rows.is_empty() { Ok(()) } else { Err(foreign_rows()) }
    }

    fn counts(&mut self) -> Result<Vec<u32>, Error> {
        let mut counts = Vec::new();
        for shard in &self.shards {
            counts.extend(shard.counts(self.device)?);
        }
        Ok(counts)
    }

    fn state(&mut self, neuron: usize) -> Result<Vec<f64>, Error> {
        match self.shards.iter().find(|shard| shard.range().contains(&neuron)) {
            Some(shard) => shard.state(self.device, neuron),
            None => Ok(Vec::new()),
        }
    }

    fn wait(&mut self) -> Result<(), Error> {
        self.submit_all()?;
        match self.in_flight.front() {
            Some(block) => self.device.wait(block.index.clone()),
            None => Ok(()),
        }
    }

    // A processor that plays the device takes them faster in Rust (measured: 0.7 and 0.4 of the speed of none).
    fn can_sum_up(&self, summing: &Summing) -> bool {
        self.is_far && self.shards.iter().all(|shard| shard.can_sum_up(self.device, summing))
    }

    fn sum_up(&mut self, summing: &Summing, trains: &[TrainSums]) -> Result<(), Error> {
        let pipeline = summer::pipeline(self.device)?;
        let mut rest = trains;
        for shard in &mut self.shards {
            let (own, others) = rest.split_at(shard.range().len().min(rest.len()));
            shard.sum_up(self.device, &pipeline, summing, own)?;
            rest = others;
        }
        let populations = summing.populations.len();
        self.sums = Some(OnDevice {
            populations,
            activity: Vec::new(),
            intervals: vec![IntervalCounts::new(summing.exact); populations],
            spikes: 0,
        });
        Ok(())
    }

    fn activity(&mut self) -> Option<Vec<Vec<u32>>> {
        self.sums.as_mut().map(|sums| std::mem::take(&mut sums.activity))
    }

    fn sums(&mut self) -> Result<Taken, Error> {
        let Some(sums) = &mut self.sums else { return Ok(Taken::default()) };
        let mut taken = Taken { trains: Vec::new(), intervals: Vec::new() };
        let empty = sums.intervals.iter().map(|of| IntervalCounts::new(of.exact)).collect();
        taken.intervals = std::mem::replace(&mut sums.intervals, empty);
        sums.spikes = 0;
        for summer in self.shards.iter().filter_map(Shard::summed) {
            summer.take(self.device, &mut taken.trains, &mut taken.intervals)?;
        }
        Ok(taken)
    }

    fn bytes(&self) -> usize {
        self.shards.iter().map(Shard::bytes).sum()
    }

    fn device_time(&self) -> Option<Duration> {
        self.clock.as_ref().map(Clock::total)
    }

    fn diverged(&mut self) -> Result<Option<usize>, Error> {
        for shard in &self.shards {
            if let Some(neuron) = shard.diverged(self.device)? {
                return Ok(Some(neuron));
            }
        }
        Ok(None)
    }
}
