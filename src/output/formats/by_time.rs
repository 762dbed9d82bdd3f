//! Spikes that are kept as trains, in order of time: some at a time, in memory that is used again.

use crate::error::Error;
use crate::spikes::{Spikes, by_time};

/// Spikes that are handed out at a time, unless more come at one step.
const AT_ONCE: usize = 1 << 20;

/// Spike trains whose spikes are handed out in order of time, then of neurons.
pub struct ByTime<'a> {
    trains: Vec<&'a [u32]>,
    /// The neuron of each train.
    neurons: Vec<u32>,
    /// Spikes at each step; none where there are many steps for few spikes.
    counts: Option<Vec<u32>>,
}

/// What spikes are handed out to.
type Take<'a, T> = &'a mut dyn FnMut(&T) -> Result<(), Error>;

impl<'a> ByTime<'a> {
    /// The trains of some neurons, which ascend.
    pub fn new(trains: Vec<&'a [u32]>, neurons: Vec<u32>) -> Self {
        let spikes: usize = trains.iter().map(|train| train.len()).sum();
        let last = trains.iter().filter_map(|train| train.last()).max();
        let steps = last.map_or(0, |&last| last as usize + 1);
        let counts = (steps <= 4 * spikes + AT_ONCE).then(|| {
            let mut counts = vec![0; steps];
            trains.iter().copied().flatten().for_each(|&step| counts[step as usize] += 1);
            counts
        });
        ByTime { trains, neurons, counts }
    }

    /// Hands out all spikes.
    pub fn each(&self, take: Take<'_, Spikes>) -> Result<(), Error> {
        let Some(counts) = &self.counts else { return take(&self.all()) };
        let mut spikes = Spikes::default();
        let mut sorter = Sorter::new(self);
        for piece in pieces(counts) {
            put_steps(piece, &mut spikes.steps);
            sorter.put_neurons(piece, &mut spikes.neurons);
            take(&spikes)?;
        }
        Ok(())
    }

    /// Hands out the neurons of all spikes.
    pub fn neurons(&self, take: Take<'_, Vec<u32>>) -> Result<(), Error> {
        let Some(counts) = &self.counts else { return take(&self.all().neurons) };
        let (mut neurons, mut sorter) = (Vec::new(), Sorter::new(self));
        for piece in pieces(counts) {
            sorter.put_neurons(piece, &mut neurons);
            take(&neurons)?;
        }
        Ok(())
    }

    /// Hands out the steps of all spikes.
    pub fn steps(&self, take: Take<'_, Vec<u32>>) -> Result<(), Error> {
        let Some(counts) = &self.counts else { return take(&self.all().steps) };
        let mut steps = Vec::new();
        for piece in pieces(counts) {
            put_steps(piece, &mut steps);
            take(&steps)?;
        }
        Ok(())
    }

    /// All spikes at once.
    fn all(&self) -> Spikes {
        let mut spikes = by_time(&self.trains);
        spikes.neurons.iter_mut().for_each(|neuron| *neuron = self.neurons[*neuron as usize]);
        spikes
    }
}

/// Goes through trains, piece by piece of time.
struct Sorter<'a> {
    by_time: &'a ByTime<'a>,
    /// Of each train, how many spikes were handed out.
    done: Vec<u32>,
    /// Of each step of a piece, where its next spike goes.
    next: Vec<u32>,
}

impl<'a> Sorter<'a> {
    fn new(by_time: &'a ByTime<'a>) -> Self {
        Sorter { by_time, done: vec![0; by_time.trains.len()], next: Vec::new() }
    }

    /// Puts the neurons of the next piece in their order.
    fn put_neurons(&mut self, (first, counts): Piece<'_>, neurons: &mut Vec<u32>) {
        let Sorter { by_time, done, next } = self;
        let mut start = 0;
        next.clear();
        for &count in counts {
            next.push(start);
            start += count;
        }
        neurons.resize(start as usize, 0);
        let trains = by_time.trains.iter().zip(&by_time.neurons);
        for ((train, &neuron), done) in trains.zip(done) {
            let rest = &train[*done as usize..];
            let mut count = 0;
            for &step in rest {
                let Some(next) = next.get_mut((step - first) as usize) else { break };
                neurons[*next as usize] = neuron;
                *next += 1;
                count += 1;
            }
            *done += count;
        }
    }
}

/// Puts the steps of the spikes of a piece in their order.
fn put_steps((first, counts): Piece<'_>, steps: &mut Vec<u32>) {
    steps.clear();
    for (step, &count) in (first..).zip(counts) {
        steps.resize(steps.len() + count as usize, step);
    }
}

/// Steps whose spikes are handed out together: the first of them, and the spikes of each.
type Piece<'a> = (u32, &'a [u32]);

fn pieces(counts: &[u32]) -> impl Iterator<Item = Piece<'_>> {
    let mut first = 0;
    std::iter::from_fn(move || {
        let rest = counts.get(first..).filter(|rest| !rest.is_empty())?;
        let mut spikes = 0;
        let steps = rest.iter().take_while(|&&count| {
            spikes += count as usize;
            spikes <= AT_ONCE
        });
        let own = &rest[..steps.count().max(1)];
        let piece = (first as u32, own);
        first += own.len();
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Trains of `neurons` that fire at every `apart`-th step of some, and one that is silent.
    fn trains(neurons: u32, apart: usize, steps: u32) -> Vec<Vec<u32>> {
        let train = |k: u32| (k % 7..steps).step_by(apart).collect();
        (0..neurons).map(train).chain([Vec::new()]).collect()
    }

    #[test]
    fn pieces_are_the_whole_in_order() {
        // Several pieces, a single one, one step with more than a piece, and a few spikes in a long time.
        let many = vec![vec![5, 6]; AT_ONCE + 1];
        let rare = vec![vec![3, 9_000_000], vec![3]];
        for trains in [trains(3000, 9, 8000), trains(3, 5, 100), many, rare, Vec::new()] {
            let trains: Vec<&[u32]> = trains.iter().map(|train| &train[..]).collect();
            let neurons: Vec<u32> = (0..trains.len() as u32).map(|n| 2 * n + 1).collect();
            let mut whole = by_time(&trains);
            whole.neurons.iter_mut().for_each(|neuron| *neuron = 2 * *neuron + 1);
            let by_time = ByTime::new(trains, neurons);
            let (mut spikes, mut pieces) = (Spikes::default(), 0);
            let (mut neurons, mut steps): (Vec<u32>, Vec<u32>) = Default::default();
            by_time
                .each(&mut |some| {
                    pieces += 1;
                    spikes.neurons.extend(&some.neurons);
                    spikes.steps.extend(&some.steps);
                    Ok(())
                })
                .unwrap();
            by_time
                .neurons(&mut |some| {
                    neurons.extend(some);
                    Ok(())
                })
                .unwrap();
            by_time
                .steps(&mut |some| {
                    steps.extend(some);
                    Ok(())
                })
                .unwrap();
            assert!(spikes == whole && neurons == whole.neurons && steps == whole.steps);
            assert!(pieces <= whole.steps.len() / AT_ONCE + 2);
        }
    }
}
