//! The memory of a device: buffers, and the ways between them and the host.

use super::device::Device;
use crate::error::Error;

impl Device {
    /// Whether the host reads a storage buffer as it is, without a copy and without delay.
    pub(super) fn maps_storage(&self) -> bool {
        self.device.features().contains(wgpu::Features::MAPPABLE_PRIMARY_BUFFERS)
    }

    pub(super) fn write(&self, buffer: &wgpu::Buffer, data: &[u8]) {
        self.queue.write_buffer(buffer, 0, data);
    }

    pub(super) fn buffer(
        &self,
        label: &str,
        size: usize,
        usage: wgpu::BufferUsages,
    ) -> wgpu::Buffer {
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: size as u64,
            usage,
            mapped_at_creation: false,
        })
    }

    pub(super) fn buffer_of(
        &self,
        label: &str,
        words: &[u32],
        usage: wgpu::BufferUsages,
    ) -> wgpu::Buffer {
        let buffer = self.buffer(label, 4 * words.len(), usage | wgpu::BufferUsages::COPY_DST);
        // A buffer that there was no memory for must not be written to; the error is kept.
        if self.check().is_ok() {
            self.write(&buffer, bytemuck::cast_slice(words));
        }
        buffer
    }

    /// A buffer of words that the host fills before the device reads it: in memory that is `copied` for the device then, or
    /// in the device's own where that is the host's as well.
    pub(super) fn mapped(
        &self,
        label: &str,
        words: usize,
        usage: wgpu::BufferUsages,
        copied: bool,
    ) -> wgpu::Buffer {
        let own = wgpu::BufferUsages::MAP_WRITE;
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: 4 * words as u64,
            usage: if copied { usage } else { usage | own },
            mapped_at_creation: true,
        })
    }

    /// Fills a part of such a buffer, from the word `first` on, before it is unmapped.
    pub(super) fn fill(
        &self,
        buffer: &wgpu::Buffer,
        first: usize,
        words: &[u32],
    ) -> Result<(), Error> {
        let bytes = 4 * first as u64..4 * (first + words.len()) as u64;
        let view = buffer.get_mapped_range_mut(bytes).map_err(|error| self.error(error));
        view.map(|mut view| view.copy_from_slice(bytemuck::cast_slice(words)))
    }

    /// The words of a buffer, copied to the host.
    pub(super) fn read(&self, buffer: &wgpu::Buffer) -> Result<Vec<u32>, Error> {
        let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
        let staging = self.buffer("read", buffer.size() as usize, usage);
        let mut encoder = self.encoder();
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, buffer.size());
        let index = self.submit(encoder);
        staging.map_async(wgpu::MapMode::Read, .., |_| {});
        self.wait(index)?;
        let view = staging.get_mapped_range(..).map_err(|error| self.error(error))?;
        Ok(bytemuck::cast_slice(&view).to_vec())
    }
}
