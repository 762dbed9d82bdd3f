//! A shard: as many neurons of a batch as fit one set of buffers and one dispatch.

use std::ops::Range;

use rayon::prelude::*;

use super::cut::Cut;
use super::device::Device;
use super::exchange::{Buffers, Exchanged};
use super::readback::Readback;
use super::rows::{RowWords, Uploaded};
use super::summer::{self, Summer};
use crate::analysis::sums::TrainSums;
use crate::engine::{Batch, Show, Summing};
use crate::error::Error;
use crate::experiment::Experiment;
use crate::raster::{MOST_COLUMNS, RasterTile, WORD};

/// Neurons of a tile: enough work for a task, few enough for many tasks.
const TILE: usize = MOST_COLUMNS;

/// The sizes that shards of a run share.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Neurons of a workgroup.
    pub workgroup: usize,
    /// Neurons of an invocation.
    pub lanes: usize,
    /// Most words of a block.
    pub words: usize,
    /// Blocks whose raster is under way; none where it is not recorded.
    pub slots: usize,
    /// Whether the raster is copied for the host.
    pub copied: bool,
}

/// A block of time.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// The first step.
    pub first_step: u32,
    /// Spikes from this step on do not count.
    pub end_step: u32,
    /// Its length in words of 32 steps.
    pub words: usize,
    /// The index of its raster.
    pub slot: usize,
}

/// Neurons with their buffers on the device.
#[derive(Debug)]
pub struct Shard {
    first_neuron: usize,
    neurons: usize,
    /// Neurons with those that fill the last workgroup up.
    stride: usize,
    lanes: usize,
    workgroups: u32,
    pipeline: wgpu::ComputePipeline,
    /// One for each buffer that the raster is written to.
    groups: Vec<wgpu::BindGroup>,
    block: wgpu::Buffer,
    coefficients: wgpu::Buffer,
    drives: wgpu::Buffer,
    states: wgpu::Buffer,
    noises: wgpu::Buffer,
    counts: wgpu::Buffer,
    raster: Readback,
    signal: wgpu::Buffer,
    words: Exchanged,
    size: Size,
    /// What takes the sums of the spikes, where the raster stays on the device.
    summer: Option<Summer>,
}

/// The most neurons a shard may have: its largest binding and its number of workgroups must be
/// within the device's limits.
pub fn most_neurons(device: &Device, batch: &Batch<'_>, size: Size, cut: Cut) -> usize {
    let limits = device.limits();
    let row = RowWords::of(batch.kernel());
    let words = row.coefficients.max(row.state).max(row.drive).max(row.noise).max(size.words);
    let binding = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
    let by_size = (binding / 4) as usize / words;
    let workgroup = size.workgroup;
    let by_dispatch = limits.max_compute_workgroups_per_dimension as usize * workgroup;
    let most = by_size.min(by_dispatch).min(cut.most_neurons.max(1));
    // Whole workgroups, since rows are padded to them.
    (most / workgroup * workgroup).max(workgroup.min(most))
}

impl Shard {
    /// Uploads the neurons of a batch in `range`.
    ///
    /// # Errors
    /// If the device has no room for the buffers.
    pub fn new(
        device: &Device,
        pipeline: &wgpu::ComputePipeline,
        batch: &Batch<'_>,
        range: Range<usize>,
        experiment: &Experiment,
        size: Size,
    ) -> Result<Self, Error> {
        use wgpu::BufferUsages as Usage;
        let most = device.limits().max_storage_buffer_binding_size;
        if 4 * batch.signal().len() as u64 > most {
            return Err(Error::TooLarge {
                what: format!("a signal of {} values", batch.signal().len()),
                needed: format!("{} bytes", 4 * batch.signal().len()),
                available: format!("{} takes {most} at a time", device.name()),
                remedy: "use --engine cpu, or play it into fewer neurons or for a shorter time"
                    .into(),
            });
        }
        let neurons = range.len();
        let workgroups = neurons.div_ceil(size.workgroup);
        let stride = workgroups * size.workgroup;
        let rows = range.start..range.start + stride;
        let Uploaded { coefficients, drives, states, noises } =
            Uploaded::new(device, batch, rows, (size.lanes, size.copied), experiment)?;
        // A buffer cannot be empty.
        let raster_words = if size.slots == 0 { size.lanes } else { size.words * stride };

        let block = device.buffer("block", 16, Usage::UNIFORM | Usage::COPY_DST);
        let kept = Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST;
        let counts = device.buffer("counts", 4 * stride, kept);
        let raster = Readback::new(device, raster_words, size.slots, size.copied);
        // A buffer cannot be empty.
        let signal: Vec<u32> = batch.signal().iter().map(|&x| (x as f32).to_bits()).collect();
        let signal = if signal.is_empty() { vec![0] } else { signal };
        let signal = device.buffer_of("signal", &signal, Usage::STORAGE);
        device.check()?;
        let group = |raster: &wgpu::Buffer| {
            let buffers =
                [&block, &coefficients, &drives, &states, &noises, &counts, raster, &signal];
            device.bind(pipeline, &buffers)
        };
        let groups = raster.written().iter().map(group).collect();
        device.check()?;
        Ok(Shard {
            first_neuron: batch.first_neuron() + range.start,
            neurons,
            stride,
            lanes: size.lanes,
            workgroups: workgroups as u32,
            pipeline: pipeline.clone(),
            groups,
            block,
            coefficients,
            drives,
            states,
            noises,
            counts,
            raster,
            signal,
            words: Exchanged::of(batch.kernel()),
            size,
            summer: None,
        })
    }

    /// Bytes of the raster of a block.
    fn raster_bytes(&self, words: usize) -> u64 {
        4 * (words * self.stride) as u64
    }

    /// Adds a block to an encoder: the dispatch, and what brings the raster to the host. `words` is at most
    /// the shard's size.
    pub fn encode(
        &self,
        device: &Device,
        encoder: &mut wgpu::CommandEncoder,
        block: Block,
        timestamp_writes: Option<wgpu::ComputePassTimestampWrites<'_>>,
    ) {
        let Block { first_step, end_step, words, slot } = block;
        let block = [first_step, words as u32, end_step, (self.stride / self.lanes) as u32];
        device.write(&self.block, bytemuck::cast_slice(&block));
        self.raster.clear(encoder, slot, self.raster_bytes(words));
        {
            let label = Some("step_block");
            let descriptor = wgpu::ComputePassDescriptor { label, timestamp_writes };
            let mut pass = encoder.begin_compute_pass(&descriptor);
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, &self.groups[slot % self.groups.len()], &[]);
            pass.dispatch_workgroups(self.workgroups, 1, 1);
        }
        match &self.summer {
            Some(summer) => summer.encode(device, encoder, (first_step, words, slot)),
            None => self.raster.copy(encoder, slot, self.raster_bytes(words)),
        }
    }

    /// Whether the device takes as much at a time as sums of the spikes need.
    pub fn can_sum_up(&self, device: &Device, summing: &Summing) -> bool {
        summer::Shape::new(summing, self.range()).fits(device, self.size.words)
    }

    /// Takes the sums of the spikes on the device from now on, going on with those of its neurons, if there are any.
    ///
    /// # Errors
    /// If the device has no room for it.
    pub fn sum_up(
        &mut self,
        device: &Device,
        pipeline: &wgpu::ComputePipeline,
        summing: &Summing,
        trains: &[TrainSums],
    ) -> Result<(), Error> {
        let Size { words, slots, copied, .. } = self.size;
        let (rasters, shape) = (self.raster.written(), (self.stride, words, slots, copied));
        let summer = Summer::new(device, pipeline, summing, self.range(), shape, rasters)?;
        summer.load(device, trains);
        self.summer = Some(summer);
        Ok(())
    }

    /// What takes the sums of the spikes, where that is done.
    pub fn summed(&self) -> Option<&Summer> {
        self.summer.as_ref()
    }

    /// Asks for a block's raster to be mapped once the block is done.
    pub fn map(&self, slot: usize, words: usize) {
        match &self.summer {
            Some(summer) => summer.map(slot, words),
            None => self.raster.map(slot, self.raster_bytes(words)),
        }
    }

    /// Shows the raster of a block that is done, and frees its slot.
    ///
    /// # Errors
    /// If the device fails.
    pub fn show(
        &self,
        device: &Device,
        slot: usize,
        first_step: u32,
        words: usize,
        first_tile: usize,
        show: &Show<'_>,
    ) -> Result<(), Error> {
        let tile = |tile: usize, bits: &[u32]| {
            let first = tile * TILE;
            show(&RasterTile {
                tile: first_tile + tile,
                first_neuron: self.first_neuron + first,
                neurons: TILE.min(self.neurons - first),
                first_step,
                words,
                stride: self.stride,
                bits: &bits[first..],
            });
        };
        let tiles = (0..self.tiles()).into_par_iter();
        self.raster.show(device, slot, self.raster_bytes(words), |bits| {
            tiles.for_each(|index| tile(index, bits));
        })
    }

    /// Bytes of all buffers.
    pub fn bytes(&self) -> usize {
        let rows = [&self.block, &self.coefficients, &self.drives, &self.states, &self.noises];
        let buffers = rows.into_iter().chain([&self.counts, &self.signal]);
        let of_sums = self.summer.as_ref().map_or(0, Summer::bytes);
        of_sums + self.raster.bytes() + buffers.map(|buffer| buffer.size() as usize).sum::<usize>()
    }

    /// How many tiles the raster comes in.
    pub fn tiles(&self) -> usize {
        self.neurons.div_ceil(TILE)
    }

    /// The number of spikes of each neuron so far.
    pub fn counts(&self, device: &Device) -> Result<Vec<u32>, Error> {
        let mut counts = device.read(&self.counts)?;
        counts.truncate(self.neurons);
        Ok(counts)
    }

    /// The global indices of the neurons.
    pub fn range(&self) -> Range<usize> {
        self.first_neuron..self.first_neuron + self.neurons
    }

    /// The state of one neuron, given by its global index.
    pub fn state(&self, device: &Device, neuron: usize) -> Result<Vec<f64>, Error> {
        let words = device.read(&self.states)?;
        let fields = words.len() / self.stride;
        let index = neuron - self.first_neuron;
        let group = words.chunks(fields * self.lanes).nth(index / self.lanes).unwrap_or_default();
        let row = group.iter().skip(index % self.lanes).step_by(self.lanes);
        Ok(row.map(|&word| f64::from(f32::from_bits(word))).collect())
    }

    /// Appends what the neurons are at, a row for each.
    pub fn save(&self, device: &Device, rows: &mut Vec<f64>) -> Result<(), Error> {
        self.buffers().save(device, &self.words, rows)
    }

    /// Takes rows from the front of some, and returns the others.
    pub fn load<'a>(&self, device: &Device, rows: &'a [f64]) -> Result<&'a [f64], Error> {
        self.buffers().load(device, &self.words, rows)
    }

    fn buffers(&self) -> Buffers<'_> {
        let Shard { neurons, stride, lanes, counts, states, noises, .. } = self;
        Buffers { neurons: *neurons, stride: *stride, lanes: *lanes, counts, states, noises }
    }

    /// Global index of the first neuron whose state is no longer a finite number.
    pub fn diverged(&self, device: &Device) -> Result<Option<usize>, Error> {
        let words = device.read(&self.states)?;
        let fields = words.len() / self.stride;
        let broken = |(_, word): &(usize, &u32)| !f32::from_bits(**word).is_finite();
        let neurons = words
            .iter()
            .enumerate()
            .filter(broken)
            .map(|(index, _)| index / (fields * self.lanes) * self.lanes + index % self.lanes);
        let first = neurons.filter(|&neuron| neuron < self.neurons).min();
        Ok(first.map(|neuron| self.first_neuron + neuron))
    }
}

const _: () = assert!(WORD == u32::BITS as usize);
