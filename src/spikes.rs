//! Spike trains: the spikes of many neurons as lists of steps, one list per neuron, each in ascending
//! order. Time is an integer step; step k is the time k dt.

use rayon::prelude::*;

use crate::raster::WORD;

/// One spike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spike {
    /// When, as a step.
    pub step: u32,
    /// Whose, as a global index.
    pub neuron: u32,
}

/// The spike trains of many neurons: the steps of each neuron's spikes, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpikeTrains {
    /// Where each neuron's train begins in `steps`, and the end of the last: neurons + 1 numbers.
    starts: Vec<usize>,
    steps: Vec<u32>,
}

impl SpikeTrains {
    /// Trains from where each begins in `steps` (and the end of the last), and the steps.
    pub(crate) fn new(starts: Vec<usize>, steps: Vec<u32>) -> Self {
        SpikeTrains { starts, steps }
    }

    /// The trains of several sets of neurons, one set after the other.
    pub fn concat(parts: &[SpikeTrains]) -> Self {
        let mut starts =
            Vec::with_capacity(parts.iter().map(SpikeTrains::neurons).sum::<usize>() + 1);
        let mut steps = Vec::with_capacity(parts.iter().map(SpikeTrains::spikes).sum());
        starts.push(0);
        for part in parts {
            let before = steps.len();
            starts.extend(part.starts.iter().skip(1).map(|start| before + start));
            steps.extend_from_slice(&part.steps);
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
        let by_neuron = || {
            self.iter().enumerate().flat_map(|(neuron, train)| {
                train.iter().map(move |&step| Spike { step, neuron: neuron as u32 })
            })
        };
        let steps = self.steps.iter().max().map_or(0, |&last| last as usize + 1);
        // Few spikes in a long time: a place for every step would take longer than to compare.
        if steps > 4 * self.spikes() + (1 << 20) {
            let mut spikes: Vec<Spike> = by_neuron().collect();
            spikes.par_sort_unstable();
            return spikes;
        }
        let mut next = vec![0; steps + 1];
        for &step in &self.steps {
            next[step as usize + 1] += 1;
        }
        for step in 0..steps {
            next[step + 1] += next[step];
        }
        let mut spikes = vec![Spike { step: 0, neuron: 0 }; self.spikes()];
        for spike in by_neuron() {
            let place = &mut next[spike.step as usize];
            spikes[*place] = spike;
            *place += 1;
        }
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
