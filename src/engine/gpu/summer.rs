//! Sums of the spikes of a shard, taken on the device: its raster stays there (`sums.wgsl`).

use std::ops::Range;

use super::device::Device;
use super::readback::Readback;
use crate::analysis::histogram::IntervalCounts;
use crate::analysis::sums::TrainSums;
use crate::engine::Summing;
use crate::error::Error;
use crate::raster::WORD;

/// The WGSL.
const TEXT: &str = include_str!("../../../shaders/sums.wgsl");

/// Neurons of a workgroup, as the WGSL has it.
const WORKGROUP: usize = 64;

/// Words of a `Train` there.
const TRAIN_WORDS: usize = 16;

/// Units of contrasts in fixed point, and of those by the sum of two intervals.
const CONTRAST: f64 = (1u64 << 31) as f64;
const HASTY: f64 = (1u64 << 37) as f64;

/// How much there is to be summed up.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The neurons of the shard, by their global indices.
    neurons: Range<usize>,
    /// The populations that they are in, by their indices.
    populations: Range<usize>,
    /// Bins of intervals, of each population.
    bins: usize,
}

impl Shape {
    /// Of some neurons.
    pub fn new(summing: &Summing, neurons: Range<usize>) -> Self {
        let of = |neuron: usize| summing.populations.partition_point(|p| p.end <= neuron);
        let populations = of(neurons.start)..of(neurons.end - 1) + 1;
        let bins = IntervalCounts::bin(summing.exact, summing.window.steps()) + 1;
        Shape { neurons, populations, bins }
    }

    /// Words of the counters of intervals, and the longest of each population.
    fn counters(&self) -> usize {
        self.populations.len() * (self.bins + 1)
    }

    /// Words of the activity of a block.
    fn activity(&self, words: usize) -> usize {
        self.populations.len() * words * WORD
    }

    /// Whether a device takes that at a time, in blocks of up to `words`.
    pub fn fits(&self, device: &Device, words: usize) -> bool {
        let limits = device.limits();
        let largest =
            (TRAIN_WORDS * self.neurons.len()).max(self.counters()).max(self.activity(words));
        let most = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size) / 4;
        let workgroups = self.neurons.len().div_ceil(WORKGROUP);
        largest as u64 <= most && workgroups <= limits.max_compute_workgroups_per_dimension as usize
    }
}

/// What takes the sums of a shard.
#[derive(Debug)]
pub struct Summer {
    summing: Summing,
    shape: Shape,
    /// From a word of a neuron in the raster to its next one.
    stride: usize,
    pipeline: wgpu::ComputePipeline,
    /// For each buffer of the raster, and for each of the activity.
    groups: Vec<Vec<wgpu::BindGroup>>,
    uniform: wgpu::Buffer,
    trains: wgpu::Buffer,
    intervals: wgpu::Buffer,
    activity: Readback,
}

/// The pipeline of all shards.
///
/// # Errors
/// If the device fails.
pub fn pipeline(device: &Device) -> Result<wgpu::ComputePipeline, Error> {
    device.compile("sums", TEXT, "sum_up", &[])
}

impl Summer {
    /// For the neurons of a shard, whose rasters are in some buffers, in blocks of up to `words`.
    ///
    /// # Errors
    /// If the device has no room for it.
    pub fn new(
        device: &Device,
        pipeline: &wgpu::ComputePipeline,
        summing: &Summing,
        neurons: Range<usize>,
        (stride, words, slots, copied): (usize, usize, usize, bool),
        rasters: &[wgpu::Buffer],
    ) -> Result<Self, Error> {
        use wgpu::BufferUsages as Usage;
        let shape = Shape::new(summing, neurons.clone());
        let first =
            |population: &Range<usize>| population.start.saturating_sub(neurons.start) as u32;
        let firsts: Vec<u32> =
            summing.populations[shape.populations.clone()].iter().map(first).collect();
        let kept = Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST;
        let uniform = device.buffer("summing", 48, Usage::UNIFORM | Usage::COPY_DST);
        let firsts = device.buffer_of("first neurons", &firsts, Usage::STORAGE);
        let trains = device.buffer("trains", 4 * TRAIN_WORDS * neurons.len(), kept);
        let intervals = device.buffer("intervals", 4 * shape.counters(), kept);
        let activity = Readback::new(device, shape.activity(words), slots, copied);
        device.check()?;
        let group = |raster, activity| {
            let buffers = [&uniform, raster, &firsts, &trains, &intervals, activity];
            device.bind(pipeline, &buffers)
        };
        let groups = rasters
            .iter()
            .map(|raster| activity.written().iter().map(|own| group(raster, own)).collect())
            .collect();
        device.check()?;
        let (summing, pipeline) = (summing.clone(), pipeline.clone());
        Ok(Summer {
            summing,
            shape,
            stride,
            pipeline,
            groups,
            uniform,
            trains,
            intervals,
            activity,
        })
    }

    /// Bytes of the activity of a block.
    fn activity_bytes(&self, words: usize) -> u64 {
        4 * self.shape.activity(words) as u64
    }

    /// Adds to an encoder what takes the spikes of a block.
    pub fn encode(
        &self,
        device: &Device,
        encoder: &mut wgpu::CommandEncoder,
        (first_step, words, slot): (u32, usize, usize),
    ) {
        let Summing { window, windows, exact, .. } = self.summing;
        let uniform = [
            first_step,
            words as u32,
            self.shape.neurons.len() as u32,
            self.stride as u32,
            window.from,
            window.to,
            windows.length(),
            exact,
            self.shape.bins as u32,
            self.shape.populations.len() as u32,
            0,
            0,
        ];
        device.write(&self.uniform, bytemuck::cast_slice(&uniform));
        let bytes = self.activity_bytes(words);
        self.activity.clear(encoder, slot, bytes);
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&self.pipeline);
            let of_raster = &self.groups[slot % self.groups.len()];
            pass.set_bind_group(0, &of_raster[slot % of_raster.len()], &[]);
            pass.dispatch_workgroups(self.shape.neurons.len().div_ceil(WORKGROUP) as u32, 1, 1);
        }
        self.activity.copy(encoder, slot, bytes);
    }

    /// Asks for a block's activity to be mapped once the block is done.
    pub fn map(&self, slot: usize, words: usize) {
        self.activity.map(slot, self.activity_bytes(words));
    }

    /// Adds the activity of a block that is done, step by step, to that of all populations, and frees its slot.
    ///
    /// # Errors
    /// If the device fails.
    pub fn activity(
        &self,
        device: &Device,
        slot: usize,
        words: usize,
        all: &mut [Vec<u32>],
    ) -> Result<(), Error> {
        self.activity.show(device, slot, self.activity_bytes(words), |counts| {
            let each = all[self.shape.populations.clone()].iter_mut();
            for (population, own) in each.zip(counts.chunks(words * WORD)) {
                population.iter_mut().zip(own).for_each(|(sum, count)| *sum += count);
            }
        })
    }

    /// Goes on with what was taken of the neurons before.
    pub fn load(&self, device: &Device, trains: &[TrainSums]) {
        let words: Vec<u32> = trains.iter().flat_map(words_of).collect();
        device.write(&self.trains, bytemuck::cast_slice(&words));
    }

    /// Appends the sums of the neurons, and adds the intervals since this was asked last to those of the populations.
    ///
    /// # Errors
    /// If the device fails.
    pub fn take(
        &self,
        device: &Device,
        trains: &mut Vec<TrainSums>,
        intervals: &mut [IntervalCounts],
    ) -> Result<(), Error> {
        trains.extend(device.read(&self.trains)?.chunks_exact(TRAIN_WORDS).map(sums_of));
        self.take_intervals(device, intervals)
    }

    /// The second half of that.
    ///
    /// # Errors
    /// If the device fails.
    pub fn take_intervals(
        &self,
        device: &Device,
        intervals: &mut [IntervalCounts],
    ) -> Result<(), Error> {
        let counts = device.read(&self.intervals)?;
        let (counts, longest) = counts.split_at(self.shape.populations.len() * self.shape.bins);
        let each = counts
            .chunks(self.shape.bins)
            .zip(longest)
            .zip(&mut intervals[self.shape.populations.clone()]);
        for ((counts, &longest), all) in each {
            let exact = self.summing.exact;
            let used = IntervalCounts::bin(exact, longest) + 1;
            let counts = counts[..used].iter().map(|&count| u64::from(count)).collect();
            let own = IntervalCounts { exact, longest, counts };
            *all = std::mem::take(all).merge(own);
        }
        device.write(&self.intervals, &vec![0; self.intervals.size() as usize]);
        Ok(())
    }

    /// Bytes of all buffers.
    pub fn bytes(&self) -> usize {
        let buffers = [&self.uniform, &self.trains, &self.intervals];
        self.activity.bytes() + buffers.iter().map(|buffer| buffer.size() as usize).sum::<usize>()
    }
}

fn two_words(number: u64) -> [u32; 2] {
    [number as u32, (number >> 32) as u32]
}

/// A train as the WGSL has it.
fn words_of(train: &TrainSums) -> [u32; TRAIN_WORDS] {
    let fixed = |x: f64, unit: f64| two_words((x * unit).round() as u64);
    let [squares, contrasts, squared, hasty, window_squares] = [
        two_words(train.squares),
        fixed(train.contrasts, CONTRAST),
        fixed(train.squared_contrasts, CONTRAST),
        fixed(train.hasty, HASTY),
        two_words(train.window_squares),
    ];
    let mut words = [0; TRAIN_WORDS];
    words[..4].copy_from_slice(&[train.count, train.first, train.last, train.interval]);
    for (place, pair) in words[4..12].chunks_mut(2).zip([squares, contrasts, squared, hasty]) {
        place.copy_from_slice(&pair);
    }
    words[12..14].copy_from_slice(&[train.window, train.in_window]);
    words[14..].copy_from_slice(&window_squares);
    words
}

/// The train of such words.
fn sums_of(words: &[u32]) -> TrainSums {
    let long = |n: usize| u64::from(words[n + 1]) << 32 | u64::from(words[n]);
    TrainSums {
        count: words[0],
        first: words[1],
        last: words[2],
        interval: words[3],
        squares: long(4),
        contrasts: long(6) as f64 / CONTRAST,
        squared_contrasts: long(8) as f64 / CONTRAST,
        hasty: long(10) as f64 / HASTY,
        window: words[12],
        in_window: words[13],
        window_squares: long(14),
    }
}

/// What is known of sums that are taken on the device.
pub struct OnDevice {
    /// How many populations.
    pub populations: usize,
    /// Spikes of each at each step of the block that came last.
    pub activity: Vec<Vec<u32>>,
    /// Intervals that are not on the device any more.
    pub intervals: Vec<IntervalCounts>,
    /// No more than so many are there.
    pub spikes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trains_come_back_as_they_went() {
        let train = TrainSums {
            count: 7,
            first: 3,
            last: 4_000_000_000,
            interval: 12,
            squares: 1 << 60 | 5,
            contrasts: 1e6 + 0.25,
            squared_contrasts: 3e5 + 0.125,
            hasty: 0.75,
            window: 9,
            in_window: 2,
            window_squares: 1 << 33 | 1,
        };
        assert_eq!(sums_of(&words_of(&train)), train);
    }
}
