//! Rasters: a bit per neuron and step, as an engine hands them out, and the recorder that turns them
//! into spike trains.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::spikes::SpikeTrains;

/// How many steps a word of spike bits holds.
pub const WORD: usize = 32;

/// The spike bits of some neighbouring neurons over some words of 32 steps.
///
/// Bit `b` of `bits[word * stride + column]` is step `first_step + 32 * word + b` of neuron
/// `first_neuron + column`.
#[derive(Clone, Copy, Debug)]
pub struct RasterTile<'a> {
    /// Number of the tile: the same neurons have the same number in every block of a run, and neurons
    /// with higher indices a higher one.
    pub tile: usize,
    /// Global index of the first neuron.
    pub first_neuron: usize,
    /// How many neurons; columns past them are not theirs.
    pub neurons: usize,
    /// The step of the lowest bit of the first word.
    pub first_step: u32,
    /// How many words per neuron.
    pub words: usize,
    /// From a word of a neuron to its next one.
    pub stride: usize,
    /// The bits.
    pub bits: &'a [u32],
}

/// Takes the tiles of a run, from any thread, and keeps their spikes.
#[derive(Debug)]
pub struct Recorder {
    tiles: Vec<Mutex<Tile>>,
    spikes: AtomicUsize,
}

/// The spikes of a tile so far, block after block.
#[derive(Debug, Default)]
struct Tile {
    first_neuron: usize,
    neurons: usize,
    spikes: Vec<TileSpike>,
}

/// A spike, with its neuron counted within the tile.
#[derive(Clone, Copy, Debug, Default)]
struct TileSpike {
    step: u32,
    column: u32,
}

/// Columns that are read at a time, so that their spikes fit a small buffer.
const COLUMNS: usize = 64;

impl Recorder {
    /// A recorder of a number of tiles.
    pub fn new(tiles: usize) -> Self {
        Recorder {
            tiles: (0..tiles).map(|_| Mutex::default()).collect(),
            spikes: AtomicUsize::new(0),
        }
    }

    /// Keeps the spikes of a tile. The blocks of one tile must come in order of time.
    ///
    /// # Panics
    /// If the tile's number is not below that of [`new`](Self::new).
    pub fn take(&self, raster: &RasterTile<'_>) {
        // A thread that panicked within leaves nothing half done.
        let mut tile = self.tiles[raster.tile].lock().unwrap_or_else(|poison| poison.into_inner());
        (tile.first_neuron, tile.neurons) = (raster.first_neuron, raster.neurons);
        let before = tile.spikes.len();
        let mut found = [TileSpike::default(); COLUMNS * WORD];
        let rows = raster.bits.chunks(raster.stride).take(raster.words);
        for (first_step, row) in (raster.first_step..).step_by(WORD).zip(rows) {
            for (column, words) in (0..).step_by(COLUMNS).zip(row[..raster.neurons].chunks(COLUMNS))
            {
                let count = find(words, first_step, column, &mut found);
                tile.spikes.extend_from_slice(&found[..count]);
            }
        }
        self.spikes.fetch_add(tile.spikes.len() - before, Ordering::Relaxed);
    }

    /// How many spikes were taken so far.
    pub fn spikes(&self) -> usize {
        self.spikes.load(Ordering::Relaxed)
    }

    /// The spike trains of all neurons.
    pub fn into_trains(self) -> SpikeTrains {
        let tiles: Vec<SpikeTrains> = self
            .tiles
            .into_par_iter()
            .map(|tile| {
                tile.into_inner().unwrap_or_else(|poison| poison.into_inner()).into_trains()
            })
            .collect();
        SpikeTrains::concat(&tiles)
    }
}

/// Finds the spikes of at most [`COLUMNS`] neighbouring words; returns how many there are.
fn find(
    words: &[u32],
    first_step: u32,
    column: u32,
    found: &mut [TileSpike; COLUMNS * WORD],
) -> usize {
    let mut count = 0;
    for (column, &word) in (column..).zip(words) {
        // Most words have no spike and almost all of the others one: it is written in any case and
        // counted if it is there, so that there is no branch to guess wrong.
        found[count] = TileSpike { step: first_step + word.trailing_zeros(), column };
        count += usize::from(word != 0);
        let mut others = word & word.wrapping_sub(1);
        while others != 0 {
            found[count] = TileSpike { step: first_step + others.trailing_zeros(), column };
            count += 1;
            others &= others - 1;
        }
    }
    count
}

impl Tile {
    /// Sorts the spikes by neuron; those of one neuron are in order of time and stay so.
    fn into_trains(self) -> SpikeTrains {
        let mut starts = vec![0; self.neurons + 1];
        for spike in &self.spikes {
            starts[spike.column as usize + 1] += 1;
        }
        for neuron in 0..self.neurons {
            starts[neuron + 1] += starts[neuron];
        }
        let mut next = starts.clone();
        let mut steps = vec![0; self.spikes.len()];
        for spike in &self.spikes {
            let place = &mut next[spike.column as usize];
            steps[*place] = spike.step;
            *place += 1;
        }
        SpikeTrains::new(starts, steps)
    }
}
