//! Are raster bits and spike trains the same spikes?

use loligo::spikes::{RasterBlock, SpikeTrains};
use proptest::prelude::*;

/// Up to 70 neurons with spikes at any of up to 200 steps.
fn trains() -> impl Strategy<Value = (u32, Vec<Vec<u32>>)> {
    (1u32..200).prop_flat_map(|steps| {
        let train = prop::collection::btree_set(0..steps, 0..20);
        let trains = prop::collection::vec(train.prop_map(|set| set.into_iter().collect()), 1..70);
        (Just(steps), trains)
    })
}

/// Bits in tiles, as the CPU engine has them, from the plain layout.
fn tiled(bits: &[u32], neurons: usize, words: usize, tile: usize) -> Vec<u32> {
    let tiles = neurons.div_ceil(tile);
    // Padding columns hold rubbish: they must not be looked at.
    let mut tiled = vec![u32::MAX; tiles * words * tile];
    for word in 0..words {
        for neuron in 0..neurons {
            tiled[(neuron / tile * words + word) * tile + neuron % tile] =
                bits[word * neurons + neuron];
        }
    }
    tiled
}

proptest! {
    #[test]
    fn trains_survive_the_way_through_bits((steps, trains) in trains(), tile in 1usize..80) {
        let trains = SpikeTrains::from_trains(&trains);
        let neurons = trains.neurons();
        let words = (steps as usize).div_ceil(32);
        let bits = tiled(&trains.to_bits(steps), neurons, words, tile);
        let block = RasterBlock { first_neuron: 0, neurons, first_step: 0, words, tile, bits: &bits };
        let spikes = block.spikes();
        prop_assert_eq!(spikes.len(), trains.spikes());
        prop_assert_eq!(&SpikeTrains::collect(neurons, &[spikes]), &trains);
    }

    #[test]
    fn blocks_and_shards_add_up((steps, trains) in trains(), cut in 0usize..70, words in 1usize..4) {
        let trains = SpikeTrains::from_trains(&trains);
        let neurons = trains.neurons();
        let cut = cut.min(neurons);
        let bits = trains.to_bits(steps);
        let mut blocks = Vec::new();
        for (block, rows) in bits.chunks(words * neurons).enumerate() {
            for (first, last) in [(0, cut), (cut, neurons)] {
                if first == last {
                    continue;
                }
                let shard: Vec<u32> =
                    rows.chunks(neurons).flat_map(|row| row[first..last].to_vec()).collect();
                let raster = RasterBlock {
                    first_neuron: first,
                    neurons: last - first,
                    first_step: (block * words * 32) as u32,
                    words: rows.len() / neurons,
                    tile: last - first,
                    bits: &shard,
                };
                blocks.push(raster.spikes());
            }
        }
        prop_assert_eq!(&SpikeTrains::collect(neurons, &blocks), &trains);
    }

    #[test]
    fn sorting_by_step_keeps_every_spike((_, trains) in trains()) {
        let trains = SpikeTrains::from_trains(&trains);
        let sorted = trains.sorted_by_step();
        prop_assert!(sorted.windows(2).all(|pair| (pair[0].step, pair[0].neuron) < (pair[1].step, pair[1].neuron)));
        prop_assert_eq!(&SpikeTrains::collect(trains.neurons(), &[sorted]), &trains);
    }
}
