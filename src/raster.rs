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

/// The spikes of a tile so far: block after block, and in a block word after word, so that those of one
/// neuron are in order of time.
#[derive(Debug, Default)]
struct Tile {
    neurons: usize,
    /// The first step of each block, and how many spikes there were at its end.
    blocks: Vec<(u32, usize)>,
    spikes: Vec<TileSpike>,
}

/// A spike in four bytes: its step within the block times [`MOST_COLUMNS`], plus its neuron's place in the
/// tile.
type TileSpike = u32;

/// The most neurons of a tile.
pub const MOST_COLUMNS: usize = 1024;

/// The most words of a block: a step within it and a column fit 32 bits, with a word to spare.
pub const MOST_WORDS: usize = u32::MAX as usize / MOST_COLUMNS / WORD;

/// Room for the spikes that are found before they are stored.
const BUFFER: usize = 256;

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
    /// If the tile's number is not below that of [`new`](Self::new), or it has more than
    /// [`MOST_COLUMNS`] neurons or [`MOST_WORDS`] words.
    pub fn take(&self, raster: &RasterTile<'_>) {
        assert!(raster.neurons <= MOST_COLUMNS && raster.words <= MOST_WORDS);
        // A thread that panicked within leaves nothing half done.
        let mut tile = self.tiles[raster.tile].lock().unwrap_or_else(|poison| poison.into_inner());
        tile.neurons = raster.neurons;
        let before = tile.spikes.len();
        let mut found = [0; BUFFER];
        let rows = raster.bits.chunks(raster.stride).take(raster.words);
        for (word, row) in (0..).zip(rows) {
            find(&row[..raster.neurons], word, &mut found, &mut tile.spikes);
        }
        let after = tile.spikes.len();
        tile.blocks.push((raster.first_step, after));
        self.spikes.fetch_add(after - before, Ordering::Relaxed);
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

/// Appends the spikes of a row of words; `found` is room to work in.
fn find(row: &[u32], word: u32, found: &mut [TileSpike; BUFFER], spikes: &mut Vec<TileSpike>) {
    let mut count = 0;
    for (column, &bits) in (0..).zip(row) {
        let spike = |step: u32| (word * WORD as u32 + step) * MOST_COLUMNS as u32 + column;
        // Most words have no spike and almost all of the others one: it is written in any case and
        // counted if it is there, so that there is no branch to guess wrong.
        found[count] = spike(bits.trailing_zeros());
        count += usize::from(bits != 0);
        let mut others = bits & bits.wrapping_sub(1);
        while others != 0 {
            found[count] = spike(others.trailing_zeros());
            count += 1;
            others &= others - 1;
        }
        if count > BUFFER - WORD {
            spikes.extend_from_slice(&found[..count]);
            count = 0;
        }
    }
    spikes.extend_from_slice(&found[..count]);
}

impl Tile {
    /// Sorts the spikes by neuron; those of one neuron are in order of time and stay so.
    fn into_trains(self) -> SpikeTrains {
        let column = |spike: TileSpike| spike as usize % MOST_COLUMNS;
        let mut starts = vec![0; self.neurons + 1];
        for &spike in &self.spikes {
            starts[column(spike) + 1] += 1;
        }
        for neuron in 0..self.neurons {
            starts[neuron + 1] += starts[neuron];
        }
        let mut next = starts.clone();
        let mut steps = vec![0; self.spikes.len()];
        let mut begin = 0;
        for (first_step, end) in self.blocks {
            for &spike in &self.spikes[begin..end] {
                let place = &mut next[column(spike)];
                steps[*place] = first_step + spike / MOST_COLUMNS as u32;
                *place += 1;
            }
            begin = end;
        }
        SpikeTrains::new(starts, steps)
    }
}
