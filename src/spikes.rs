//! Spikes: bits from an engine, or spike trains.
//!
//! A raster is a bit per neuron and step. Spike trains are the same spikes as lists of steps, one
//! list per neuron, each in ascending order. Time is an integer step; step k is the time k dt.

use rayon::prelude::*;

/// How many steps a word of spike bits holds.
pub const WORD: usize = 32;

/// The spike bits of some neurons over some words of 32 steps, as an engine hands them out.
///
/// Bit `b` of `bits[tile * tile_words + word * tile_width + column]` is step
/// `first_step + 32 * word + b` of a neuron, where tiles of `tile` neurons follow each other. An
/// engine with one tile has the plain layout `bits[word * neurons + neuron]`.
#[derive(Clone, Copy, Debug)]
pub struct RasterBlock<'a> {
    /// Global index of the first neuron.
    pub first_neuron: usize,
    /// How many neurons; columns past them are padding.
    pub neurons: usize,
    /// The step of the lowest bit of the first word.
    pub first_step: u32,
    /// How many words per neuron.
    pub words: usize,
    /// Neurons of a tile.
    pub tile: usize,
    /// The bits: whole tiles.
    pub bits: &'a [u32],
}

/// One spike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spike {
    /// When, as a step.
    pub step: u32,
    /// Whose, as a global index.
    pub neuron: u32,
}

impl RasterBlock<'_> {
    /// All spikes; those of one neuron in order of time.
    pub fn spikes(&self) -> Vec<Spike> {
        // Rows are shared out in runs long enough to be worth a task.
        let rows_per_task = (1_usize << 16).div_ceil(self.tile);
        let tasks: Vec<Vec<Spike>> = self
            .bits
            .par_chunks(self.tile * rows_per_task)
            .enumerate()
            .map(|(task, rows)| {
                let mut spikes = Vec::new();
                for (row, bits) in rows.chunks(self.tile).enumerate() {
                    self.row_spikes(task * rows_per_task + row, bits, &mut spikes);
                }
                spikes
            })
            .collect();
        tasks.concat()
    }

    /// The spikes of one row: a word of each neuron of a tile.
    fn row_spikes(&self, row: usize, bits: &[u32], spikes: &mut Vec<Spike>) {
        let first_column = row / self.words * self.tile;
        let first_step = self.first_step + (row % self.words * WORD) as u32;
        let columns = self.neurons.saturating_sub(first_column).min(self.tile);
        for (column, &word) in bits[..columns].iter().enumerate() {
            let mut word = word;
            while word != 0 {
                spikes.push(Spike {
                    step: first_step + word.trailing_zeros(),
                    neuron: (self.first_neuron + first_column + column) as u32,
                });
                word &= word - 1;
            }
        }
    }
}

/// The spike trains of many neurons: the steps of each neuron's spikes, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpikeTrains {
    /// Where each neuron's train begins in `steps`, and the end of the last: neurons + 1 numbers.
    starts: Vec<usize>,
    steps: Vec<u32>,
}

impl SpikeTrains {
    /// Sorts spikes into trains. The spikes of one neuron must come in order of time.
    ///
    /// # Panics
    /// If a spike is of a neuron that is not among `neurons`.
    pub fn collect(neurons: usize, blocks: &[Vec<Spike>]) -> Self {
        let mut starts = vec![0; neurons + 1];
        for spike in blocks.iter().flatten() {
            starts[spike.neuron as usize + 1] += 1;
        }
        for neuron in 0..neurons {
            starts[neuron + 1] += starts[neuron];
        }
        let mut next = starts.clone();
        let mut steps = vec![0; starts[neurons]];
        for spike in blocks.iter().flatten() {
            let place = &mut next[spike.neuron as usize];
            steps[*place] = spike.step;
            *place += 1;
        }
        SpikeTrains { starts, steps }
    }

    /// Puts trains together, one per neuron.
    pub fn from_trains<T: AsRef<[u32]>>(trains: &[T]) -> Self {
        let mut starts = vec![0];
        let mut steps = Vec::new();
        for train in trains {
            steps.extend_from_slice(train.as_ref());
            starts.push(steps.len());
        }
        SpikeTrains { starts, steps }
    }

    /// How many neurons.
    pub fn neurons(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// How many spikes, of all neurons together.
    pub fn spikes(&self) -> usize {
        self.steps.len()
    }

    /// The steps of one neuron's spikes, ascending.
    pub fn train(&self, neuron: usize) -> &[u32] {
        &self.steps[self.starts[neuron]..self.starts[neuron + 1]]
    }

    /// The trains of all neurons.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> + Clone {
        self.starts.windows(2).map(|ends| &self.steps[ends[0]..ends[1]])
    }

    /// The trains of some neurons.
    pub fn slice(&self, neurons: std::ops::Range<usize>) -> SpikeTrains {
        let begin = self.starts[neurons.start];
        let starts = self.starts[neurons.start..=neurons.end].iter().map(|s| s - begin).collect();
        SpikeTrains { starts, steps: self.steps[begin..self.starts[neurons.end]].to_vec() }
    }

    /// All spikes, sorted by step, then neuron: the order of `spikes.npz`.
    pub fn sorted_by_step(&self) -> Vec<Spike> {
        let mut spikes: Vec<Spike> = self
            .iter()
            .enumerate()
            .flat_map(|(neuron, train)| {
                train.iter().map(move |&step| Spike { step, neuron: neuron as u32 })
            })
            .collect();
        spikes.par_sort_unstable();
        spikes
    }

    /// The spikes as bits, in the plain layout `bits[word * neurons + neuron]`.
    pub fn to_bits(&self, steps: u32) -> Vec<u32> {
        let neurons = self.neurons();
        let mut bits = vec![0; (steps as usize).div_ceil(WORD) * neurons];
        for (neuron, train) in self.iter().enumerate() {
            for &step in train {
                bits[step as usize / WORD * neurons + neuron] |= 1 << (step as usize % WORD);
            }
        }
        bits
    }
}
