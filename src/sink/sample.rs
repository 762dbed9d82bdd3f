//! Keeps the spikes of some neurons, as trains.

use std::sync::Mutex;

use super::definition::Sink;
use crate::error::Error;
use crate::raster::{RasterTile, WORD};
use crate::spikes::SpikeTrains;

/// Keeps the spikes of some neurons.
#[derive(Debug)]
pub struct Sample {
    /// Their global indices, ascending.
    neurons: Vec<usize>,
    trains: Vec<Mutex<Vec<u32>>>,
}

impl Sample {
    /// A sample of neurons, given by their global indices in ascending order.
    pub fn new(neurons: Vec<usize>) -> Self {
        let trains = neurons.iter().map(|_| Mutex::default()).collect();
        Sample { neurons, trains }
    }

    /// Their global indices, ascending.
    pub fn neurons(&self) -> &[usize] {
        &self.neurons
    }

    /// Goes on with the trains that there were.
    pub fn restore(&mut self, trains: &SpikeTrains) {
        for (own, train) in self.trains.iter_mut().zip(trains.iter()) {
            *own.get_mut().unwrap_or_else(|poison| poison.into_inner()) = train.to_vec();
        }
    }

    /// The neurons, and a train for each so far.
    pub fn trains(&self) -> (Vec<usize>, SpikeTrains) {
        let train =
            |train: &Mutex<Vec<u32>>| train.lock().unwrap_or_else(|p| p.into_inner()).clone();
        let trains: Vec<Vec<u32>> = self.trains.iter().map(train).collect();
        (self.neurons.clone(), SpikeTrains::from_trains(&trains))
    }

    /// The neurons, and a train for each.
    pub fn into_trains(self) -> (Vec<usize>, SpikeTrains) {
        let train = |train: Mutex<Vec<u32>>| train.into_inner().unwrap_or_else(|p| p.into_inner());
        let trains: Vec<Vec<u32>> = self.trains.into_iter().map(train).collect();
        (self.neurons, SpikeTrains::from_trains(&trains))
    }
}

impl Sink for Sample {
    fn tile(&self, tile: &RasterTile<'_>) {
        let index = |neuron: usize| self.neurons.partition_point(|&sampled| sampled < neuron);
        for n in index(tile.first_neuron)..index(tile.first_neuron + tile.neurons) {
            let column = self.neurons[n] - tile.first_neuron;
            let mut train = self.trains[n].lock().unwrap_or_else(|poison| poison.into_inner());
            for word in 0..tile.words {
                let mut bits = tile.bits[word * tile.stride + column];
                while bits != 0 {
                    let step = (word * WORD) as u32 + bits.trailing_zeros();
                    train.push(tile.first_step + step);
                    bits &= bits - 1;
                }
            }
        }
    }

    fn block(&mut self, _end: u32) -> Result<(), Error> {
        Ok(())
    }
}

/// `n` of some neurons, evenly spread; all, if there are not more.
pub fn spread(neurons: std::ops::Range<usize>, n: usize) -> Vec<usize> {
    let all = neurons.len();
    (0..n.min(all)).map(|k| neurons.start + k * all / n.min(all)).collect()
}
