//! Are raster bits and spike trains the same spikes?

use loligo::raster::{RasterTile, Recorder};
use loligo::spikes::SpikeTrains;
use proptest::prelude::*;

/// Up to 70 neurons with spikes at any of up to 200 steps.
fn trains() -> impl Strategy<Value = (u32, Vec<Vec<u32>>)> {
    (1u32..200).prop_flat_map(|steps| {
        let train = prop::collection::btree_set(0..steps, 0..20);
        let trains = prop::collection::vec(train.prop_map(|set| set.into_iter().collect()), 1..70);
        (Just(steps), trains)
    })
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
        let bits = trains.to_bits(steps);
        let recorder = Recorder::new(neurons.div_ceil(width));
        for (block, rows) in bits.chunks(words * neurons).enumerate() {
            for first in (0..neurons).step_by(width) {
                // The columns of the next tile follow: they must not be looked at.
                recorder.take(&RasterTile {
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
    fn sorting_by_step_keeps_every_spike((_, trains) in trains()) {
        let trains = SpikeTrains::from_trains(&trains);
        let sorted = trains.sorted_by_step();
        prop_assert!(sorted.windows(2).all(|pair| (pair[0].step, pair[0].neuron) < (pair[1].step, pair[1].neuron)));
        for (neuron, train) in trains.iter().enumerate() {
            let ours = sorted.iter().filter(|spike| spike.neuron as usize == neuron);
            prop_assert!(ours.map(|spike| spike.step).eq(train.iter().copied()));
        }
    }
}
