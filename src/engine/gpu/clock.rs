//! The device's own time: timestamps around the dispatches of a block.

use std::time::Duration;

use super::device::Device;

/// Bytes between the timestamps of two slots: where a device may resolve queries to.
const SLOT: u64 = wgpu::QUERY_RESOLVE_BUFFER_ALIGNMENT;

/// Bytes of two timestamps.
const PAIR: u64 = 16;

/// Timestamps at the begin and at the end of each block under way.
#[derive(Debug)]
pub struct Clock {
    queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    staging: Vec<wgpu::Buffer>,
    /// Nanoseconds of a tick.
    period: f64,
    total: Duration,
}

impl Clock {
    /// A clock for some blocks at a time; none where the device has no timestamps.
    pub fn new(device: &Device, slots: usize) -> Option<Self> {
        use wgpu::BufferUsages as Usage;
        let queries = device.timestamps(2 * slots as u32)?;
        let resolved = Usage::QUERY_RESOLVE | Usage::COPY_SRC;
        let staging = Usage::MAP_READ | Usage::COPY_DST;
        Some(Clock {
            queries,
            resolved: device.buffer("timestamps", (SLOT as usize) * slots, resolved),
            staging: (0..slots).map(|_| device.buffer("read", PAIR as usize, staging)).collect(),
            period: device.timestamp_period(),
            total: Duration::ZERO,
        })
    }

    /// What a pass must write: its begin if it is the first of a block, its end if it is the last.
    pub fn writes(
        &self,
        slot: usize,
        first: bool,
        last: bool,
    ) -> Option<wgpu::ComputePassTimestampWrites<'_>> {
        let begin = 2 * slot as u32;
        (first || last).then_some(wgpu::ComputePassTimestampWrites {
            query_set: &self.queries,
            beginning_of_pass_write_index: first.then_some(begin),
            end_of_pass_write_index: last.then_some(begin + 1),
        })
    }

    /// Adds to an encoder what brings a block's timestamps to the host.
    pub fn encode(&self, encoder: &mut wgpu::CommandEncoder, slot: usize) {
        let (begin, offset) = (2 * slot as u32, SLOT * slot as u64);
        encoder.resolve_query_set(&self.queries, begin..begin + 2, &self.resolved, offset);
        encoder.copy_buffer_to_buffer(&self.resolved, offset, &self.staging[slot], 0, PAIR);
    }

    /// Asks for the timestamps of a block to be mapped once it is done.
    pub fn map(&self, slot: usize) {
        // A failure shows when the mapped range is taken.
        self.staging[slot].map_async(wgpu::MapMode::Read, .., |_| {});
    }

    /// Adds the time of a block that is done.
    pub fn take(&mut self, slot: usize) {
        let staging = &self.staging[slot];
        if let Ok(view) = staging.get_mapped_range(..) {
            let ticks: &[u64] = bytemuck::cast_slice(&view);
            // Some drivers' clocks go back now and then.
            let ticks = ticks[1].saturating_sub(ticks[0]);
            self.total += Duration::from_nanos((ticks as f64 * self.period) as u64);
            drop(view);
            staging.unmap();
        }
    }

    /// The time of all blocks that are done.
    pub fn total(&self) -> Duration {
        self.total
    }
}
