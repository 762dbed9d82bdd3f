//! The way of a raster from the device to the host.

use super::device::Device;
use crate::error::Error;

/// The raster's buffers: those that the kernel writes, and those that the host reads. Each block under way
/// has a slot of its own.
#[derive(Debug)]
pub struct Readback {
    /// One for each slot, which the host reads as it is, where a processor plays the device: its memory is
    /// the host's. Else a single one, since blocks are computed one after the other.
    written: Vec<wgpu::Buffer>,
    /// For each slot, the copy that the host reads; none where it reads what the kernel has written.
    staging: Vec<wgpu::Buffer>,
}

impl Readback {
    /// Buffers of some words for a number of slots: none, if the raster is not recorded. `copied` if the host
    /// cannot or shall not read what the kernel has written.
    pub fn new(device: &Device, words: usize, slots: usize, copied: bool) -> Self {
        use wgpu::BufferUsages as Usage;
        let buffers = |label: &str, count: usize, usage: Usage| -> Vec<_> {
            (0..count).map(|_| device.buffer(label, 4 * words, usage)).collect()
        };
        let written = Usage::STORAGE | Usage::COPY_DST;
        if slots > 0 && !copied {
            let written = buffers("raster", slots, written | Usage::MAP_READ);
            return Readback { written, staging: Vec::new() };
        }
        Readback {
            written: buffers("raster", 1, written | Usage::COPY_SRC),
            staging: buffers("staging", slots, Usage::MAP_READ | Usage::COPY_DST),
        }
    }

    /// The buffers that the kernel writes: the block of slot k the k-th, if there is more than one.
    pub fn written(&self) -> &[wgpu::Buffer] {
        &self.written
    }

    /// The buffer that the host reads.
    fn read(&self, slot: usize) -> Option<&wgpu::Buffer> {
        match self.written.len() {
            1 => self.staging.get(slot),
            _ => self.written.get(slot),
        }
    }

    /// Adds to an encoder that a slot's raster is empty: the kernel stores only words with a spike.
    pub fn clear(&self, encoder: &mut wgpu::CommandEncoder, slot: usize, bytes: u64) {
        if self.read(slot).is_some() && bytes > 0 {
            encoder.clear_buffer(&self.written[slot % self.written.len()], 0, Some(bytes));
        }
    }

    /// Adds the copy of a slot's raster to an encoder, where there is one.
    pub fn copy(&self, encoder: &mut wgpu::CommandEncoder, slot: usize, bytes: u64) {
        if let Some(staging) = self.staging.get(slot) {
            encoder.copy_buffer_to_buffer(&self.written[0], 0, staging, 0, bytes);
        }
    }

    /// Asks for a slot's raster to be mapped once its block is done.
    pub fn map(&self, slot: usize, bytes: u64) {
        if let Some(buffer) = self.read(slot) {
            // A failure shows when the mapped range is taken.
            buffer.map_async(wgpu::MapMode::Read, ..bytes, |_| {});
        }
    }

    /// Shows a slot's raster, once its block is done, and frees the slot.
    ///
    /// # Errors
    /// If the device fails.
    pub fn show(
        &self,
        device: &Device,
        slot: usize,
        bytes: u64,
        show: impl FnOnce(&[u32]),
    ) -> Result<(), Error> {
        let Some(buffer) = self.read(slot) else { return Ok(()) };
        let view = buffer.get_mapped_range(..bytes).map_err(|error| device.error(error))?;
        show(bytemuck::cast_slice(&view));
        drop(view);
        buffer.unmap();
        Ok(())
    }

    /// Bytes of all buffers.
    pub fn bytes(&self) -> usize {
        self.written.iter().chain(&self.staging).map(|buffer| buffer.size() as usize).sum()
    }
}
