//! What changes of the neurons of a shard, read out or written in: for checkpoints.

use super::device::Device;
use super::moment;
use crate::drive::Kernel;
use crate::engine::foreign_rows;
use crate::error::Error;

/// What a word holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Whole,
    Real,
    /// Nothing: a struct of WGSL has at least one field.
    Unused,
}

/// The words of a neuron that change, as they are exchanged with other engines.
#[derive(Debug)]
pub struct Exchanged {
    /// Fields of the state.
    states: usize,
    /// The words of a `NoiseState`.
    kept: Vec<Word>,
}

impl Exchanged {
    /// Those of a kernel.
    pub fn of(kernel: Kernel) -> Self {
        let tape = kernel.model.dynamics.tape(kernel.variant);
        let streams = 4 * moment::streams(&tape, kernel.sources).count();
        let sources = kernel.sources.map_or(0, |sources| sources.tape.states.len());
        let some = |word: Word, count: usize| match count {
            0 => vec![Word::Unused],
            count => vec![word; count],
        };
        let mut kept = vec![Word::Whole; 8];
        kept.push(Word::Real);
        kept.extend(some(Word::Whole, streams));
        kept.extend(some(Word::Real, sources));
        Exchanged { states: tape.states.len(), kept }
    }
}

/// The buffers of a shard that change.
#[derive(Debug)]
pub struct Buffers<'a> {
    pub neurons: usize,
    pub stride: usize,
    pub lanes: usize,
    pub counts: &'a wgpu::Buffer,
    pub states: &'a wgpu::Buffer,
    pub noises: &'a wgpu::Buffer,
}

impl Buffers<'_> {
    /// Appends what the neurons are at, a row for each.
    pub fn save(
        &self,
        device: &Device,
        words: &Exchanged,
        rows: &mut Vec<f64>,
    ) -> Result<(), Error> {
        let [counts, states, noises] =
            [self.counts, self.states, self.noises].map(|buffer| device.read(buffer));
        let (counts, states, noises) = (counts?, states?, noises?);
        for neuron in 0..self.neurons {
            rows.push(f64::from(counts[neuron]));
            rows.extend((0..words.states).map(|field| {
                f64::from(f32::from_bits(states[self.index(&states, neuron, field)]))
            }));
            rows.extend(words.kept.iter().enumerate().filter_map(|(field, kind)| {
                let word = noises[self.index(&noises, neuron, field)];
                match kind {
                    Word::Whole => Some(f64::from(word)),
                    Word::Real => Some(f64::from(f32::from_bits(word))),
                    Word::Unused => None,
                }
            }));
        }
        Ok(())
    }

    /// Takes rows from the front of some, and returns the others.
    pub fn load<'a>(
        &self,
        device: &Device,
        words: &Exchanged,
        rows: &'a [f64],
    ) -> Result<&'a [f64], Error> {
        let used = words.kept.iter().filter(|kind| **kind != Word::Unused).count();
        let width = 1 + words.states + used;
        let (own, rest) = rows.split_at_checked(self.neurons * width).ok_or_else(foreign_rows)?;
        let (mut states, mut noises) = (device.read(self.states)?, device.read(self.noises)?);
        let mut counts = vec![0; self.stride];
        for (neuron, row) in own.chunks_exact(width).enumerate() {
            let real = |x: f64| (x as f32).to_bits();
            counts[neuron] = row[0] as u32;
            let mut values = row[1..].iter();
            for (field, value) in (0..words.states).zip(values.by_ref()) {
                let index = self.index(&states, neuron, field);
                states[index] = real(*value);
            }
            let kept = words.kept.iter().enumerate().filter(|(_, kind)| **kind != Word::Unused);
            for ((field, kind), value) in kept.zip(values) {
                let index = self.index(&noises, neuron, field);
                noises[index] = if *kind == Word::Real { real(*value) } else { *value as u32 };
            }
        }
        device.write(self.states, bytemuck::cast_slice(&states));
        device.write(self.noises, bytemuck::cast_slice(&noises));
        device.write(self.counts, bytemuck::cast_slice(&counts));
        device.check()?;
        Ok(rest)
    }

    /// Where a field of a neuron's row is in a buffer.
    fn index(&self, all: &[u32], neuron: usize, field: usize) -> usize {
        let fields = all.len() / self.stride;
        let (group, lane) = (neuron / self.lanes, neuron % self.lanes);
        (group * fields + field) * self.lanes + lane
    }
}
