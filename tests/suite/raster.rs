//! Are raster bits and spike trains the same spikes?

use loligo::raster::{RasterTile, WORD};
use loligo::sink::{Recorder, Sink};
use loligo::spikes::{SpikeTrains, Spikes, by_time};
use proptest::prelude::*;

/// Up to 70 neurons with spikes at any of up to 200 steps.
fn trains() -> impl Strategy<Value = (u32, Vec<Vec<u32>>)> {
    (1u32..200).prop_flat_map(|steps| {
        let train = prop::collection::btree_set(0..steps, 0..20);
        let trains = prop::collection::vec(train.prop_map(|set| set.into_iter().collect()), 1..70);
        (Just(steps), trains)
    })
}

/// The spikes as bits, in the plain layout `bits[word * neurons + neuron]`.
fn bits(trains: &SpikeTrains, steps: u32) -> Vec<u32> {
    let neurons = trains.neurons();
    let mut bits = vec![0; (steps as usize).div_ceil(WORD) * neurons];
    for (neuron, train) in trains.iter().enumerate() {
        for &step in train {
            bits[step as usize / WORD * neurons + neuron] |= 1 << (step as usize % WORD);
        }
    }
    bits
}

proptest! {
    #[test]
    fn trains_survive_the_way_through_bits(
        (steps, trains) in trains(),
        width in 1usize..80,
        words in 1usize..4,
    ) {
        let trains = SpikeTrains::from_trains(&trains);
        let neurons = trains.neurons();
        let bits = bits(&trains, steps);
        let recorder = Recorder::new(neurons.div_ceil(width), steps, usize::MAX);
        for (block, rows) in bits.chunks(words * neurons).enumerate() {
            for first in (0..neurons).step_by(width) {
                // The columns of the next tile follow: they must not be looked at.
                recorder.tile(&RasterTile {
                    tile: first / width,
                    first_neuron: first,
                    neurons: width.min(neurons - first),
                    first_step: (block * words * 32) as u32,
                    words: rows.len() / neurons,
                    stride: neurons,
                    bits: &rows[first..],
                });
            }
        }
        prop_assert_eq!(recorder.spikes(), trains.spikes());
        prop_assert_eq!(&recorder.into_trains(), &trains);
    }

    #[test]
    fn sorting_by_time_keeps_every_spike((_, trains) in trains(), later in prop::sample::select(vec![0, 1 << 28])) {
        // Both ways to sort: few spikes in a long time are compared.
        let mut trains = trains;
        if let Some(last) = trains.last_mut().filter(|_| later > 0) {
            last.push(later);
        }
        let trains: Vec<&[u32]> = trains.iter().map(Vec::as_slice).collect();
        let Spikes { neurons, steps } = by_time(&trains);
        let spikes: Vec<(u32, u32)> = steps.into_iter().zip(neurons).collect();
        prop_assert!(spikes.windows(2).all(|pair| pair[0] < pair[1]));
        for (neuron, train) in (0..).zip(trains) {
            let ours = spikes.iter().filter(|spike| spike.1 == neuron);
            prop_assert!(ours.map(|spike| spike.0).eq(train.iter().copied()));
        }
    }
}
