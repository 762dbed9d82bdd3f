//! Spike trains: the spikes of many neurons as lists of steps, one list per neuron, each in ascending
//! order. Time is an integer step; step k is the time k dt.
//!
//! ```
//! use loligo::SpikeTrains;
//! use loligo::window::Window;
//!
//! let trains = SpikeTrains::from_trains(&[vec![3, 17, 40], vec![], vec![8]]);
//! assert_eq!((trains.neurons(), trains.spikes(), trains.train(0)), (3, 4, &[3, 17, 40][..]));
//! assert_eq!(trains.within(Window { from: 10, to: 40 }).train(0), [17]);
//! ```

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use crate::window::Window;

/// The spike trains of many neurons: the steps of each neuron's spikes, ascending.
#[derive(Clone, Debug)]
pub struct SpikeTrains {
    /// Where each neuron's train begins in `steps`, and the end of the last: neurons + 1 numbers.
    starts: Vec<usize>,
    /// The steps of these neurons, and maybe of others that share the memory.
    steps: Arc<Vec<u32>>,
}

impl PartialEq for SpikeTrains {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for SpikeTrains {}

impl SpikeTrains {
    /// Trains from where each begins in `steps` (and the end of the last), and the steps.
    pub(crate) fn new(starts: Vec<usize>, steps: Vec<u32>) -> Self {
        SpikeTrains { starts, steps: Arc::new(steps) }
    }

    /// Puts trains together, one per neuron.
    pub fn from_trains<T: AsRef<[u32]>>(trains: &[T]) -> Self {
        let mut starts = vec![0];
        let mut steps = Vec::new();
        for train in trains {
            steps.extend_from_slice(train.as_ref());
            starts.push(steps.len());
        }
        SpikeTrains::new(starts, steps)
    }

    /// How many neurons.
    pub fn neurons(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// How many spikes, of all neurons together.
    pub fn spikes(&self) -> usize {
        self.starts.last().map_or(0, |end| end - self.starts[0])
    }

    /// The steps of one neuron's spikes, ascending.
    pub fn train(&self, neuron: usize) -> &[u32] {
        &self.steps[self.starts[neuron]..self.starts[neuron + 1]]
    }

    /// The trains of all neurons.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> + Clone {
        self.starts.windows(2).map(|ends| &self.steps[ends[0]..ends[1]])
    }

    /// The trains of some neurons; they are not copied.
    pub fn slice(&self, neurons: Range<usize>) -> SpikeTrains {
        let starts = self.starts[neurons.start..=neurons.end].to_vec();
        SpikeTrains { starts, steps: self.steps.clone() }
    }

    /// The trains within a window; where that is all of them, they are not copied.
    pub fn within(&self, window: Window) -> SpikeTrains {
        let is_all = |train: &[u32]| {
            let ends = train.first().zip(train.last());
            ends.is_none_or(|(&first, &last)| first >= window.from && last < window.to)
        };
        if self.iter().all(is_all) {
            return self.clone();
        }
        let mut starts = vec![0];
        let mut steps = Vec::with_capacity(self.spikes());
        for train in self.iter() {
            steps.extend_from_slice(window.of(train));
            starts.push(steps.len());
        }
        SpikeTrains::new(starts, steps)
    }
}

/// Spikes as they are stored in `spikes.npz`: sorted by step, then neuron.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spikes {
    /// Whose each spike is, as a index in the list of trains.
    pub neurons: Vec<u32>,
    /// When, as a step.
    pub steps: Vec<u32>,
}

/// The spikes of trains (one per neuron, ascending) in order of time.
pub fn by_time(trains: &[&[u32]]) -> Spikes {
    let spikes: usize = trains.iter().map(|train| train.len()).sum();
    let end = trains.iter().filter_map(|train| train.last()).max().map_or(0, |&last| last + 1);
    // Few spikes in a long time: a index for every step would take longer than to compare.
    if end as usize > 4 * spikes + (1 << 20) {
        return sorted(trains);
    }
    // Some time for each task, so that the spikes of a task are written near to each other.
    let tasks = rayon::current_num_threads() as u32;
    let length = end.div_ceil(tasks).max(1);
    let times: Vec<Range<u32>> =
        (0..end).step_by(length as usize).map(|from| from..(from + length).min(end)).collect();
    let counts: Vec<Vec<usize>> =
        times.par_iter().map(|time| spikes_per_step(trains, time)).collect();

    let mut sorted = Spikes { neurons: vec![0; spikes], steps: vec![0; spikes] };
    let (mut neurons, mut steps) = (&mut sorted.neurons[..], &mut sorted.steps[..]);
    let mut indices = Vec::new();
    for counts in &counts {
        let spikes = counts.iter().sum();
        indices.push((
            neurons.split_off_mut(..spikes).unwrap_or_default(),
            steps.split_off_mut(..spikes).unwrap_or_default(),
        ));
    }
    times.into_par_iter().zip(counts).zip(indices).for_each(
        |((time, counts), (neurons, steps))| {
            let mut next = Vec::with_capacity(counts.len());
            let mut start = 0;
            for (step, count) in time.clone().zip(counts) {
                steps[start..start + count].fill(step);
                next.push(start);
                start += count;
            }
            for (neuron, train) in (0..).zip(trains) {
                for &step in within(train, &time) {
                    let index = &mut next[(step - time.start) as usize];
                    neurons[*index] = neuron;
                    *index += 1;
                }
            }
        },
    );
    sorted
}

/// The spikes of a train that fall into a time.
fn within<'a>(train: &'a [u32], time: &Range<u32>) -> &'a [u32] {
    let from = train.partition_point(|&step| step < time.start);
    let to = train.partition_point(|&step| step < time.end);
    &train[from..to]
}

/// The number of spikes at each step of a time.
fn spikes_per_step(trains: &[&[u32]], time: &Range<u32>) -> Vec<usize> {
    let mut counts = vec![0; time.len()];
    for &step in trains.iter().flat_map(|train| within(train, time)) {
        counts[(step - time.start) as usize] += 1;
    }
    counts
}

/// The spikes in order of time, by comparing them.
fn sorted(trains: &[&[u32]]) -> Spikes {
    let mut spikes: Vec<(u32, u32)> = (0..)
        .zip(trains)
        .flat_map(|(neuron, train)| train.iter().map(move |&step| (step, neuron)))
        .collect();
    spikes.par_sort_unstable();
    let (steps, neurons) = spikes.into_iter().unzip();
    Spikes { neurons, steps }
}
