//! Rasters: a bit per neuron and step, as an engine hands them out, and the recorder that turns them
//! into spike trains.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use multiversion::multiversion;
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
    steps: u32,
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

/// A spike in four bytes: its step within the block times [`MOST_COLUMNS`], plus its neuron's index in the
/// tile.
type TileSpike = u32;

/// The most neurons of a tile.
pub const MOST_COLUMNS: usize = 1024;

/// The most words of a block: a step within it and a column fit 32 bits, with a word to spare.
pub const MOST_WORDS: usize = u32::MAX as usize / MOST_COLUMNS / WORD;

/// Room for the spikes that are found before they are stored.
const BUFFER: usize = 256;

impl Recorder {
    /// A recorder of a number of tiles; `steps` is how long the run will be, or 0 if that is not known.
    pub fn new(tiles: usize, steps: u32) -> Self {
        Recorder {
            steps,
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
        let rows: Vec<&[u32]> = raster.bits.chunks(raster.stride).take(raster.words).collect();
        // Two words of a neuron at a time: most hold no spike, so that looking is what costs.
        for (first_word, pair) in (0..).step_by(2).zip(rows.chunks(2)) {
            let early = &pair[0][..raster.neurons];
            let late = pair.get(1).map_or(&NO_SPIKES[..], |late| late);
            find(early, late, first_word, &mut found, &mut tile.spikes);
        }
        let after = tile.spikes.len();
        tile.blocks.push((raster.first_step, after));
        if before == 0 {
            // As if the rest were like the first block, and some more: to grow costs copies. Only what is
            // used takes memory, and less serves too.
            let blocks = self.steps as usize / (raster.words * WORD).max(1) + 1;
            let _ = tile.spikes.try_reserve_exact((after * blocks).saturating_mul(11) / 10);
        }
        self.spikes.fetch_add(after - before, Ordering::Relaxed);
    }

    /// How many spikes were taken so far.
    pub fn spikes(&self) -> usize {
        self.spikes.load(Ordering::Relaxed)
    }

    /// The spike trains of all neurons.
    pub fn into_trains(self) -> SpikeTrains {
        let tile =
            |tile: Mutex<Tile>| tile.into_inner().unwrap_or_else(|poison| poison.into_inner());
        let tiles: Vec<Tile> = self.tiles.into_iter().map(tile).collect();
        let counts: Vec<Vec<u32>> = tiles.par_iter().map(Tile::counts).collect();
        let mut starts = Vec::with_capacity(counts.iter().map(Vec::len).sum::<usize>() + 1);
        let mut start = 0;
        starts.push(start);
        for &count in counts.iter().flatten() {
            start += count as usize;
            starts.push(start);
        }
        let mut steps = vec![0; start];
        let mut rest = &mut steps[..];
        let mut indices = Vec::with_capacity(tiles.len());
        for tile in &tiles {
            indices.push(rest.split_off_mut(..tile.spikes.len()).unwrap_or_default());
        }
        let tiles = tiles.into_par_iter().zip(counts).zip(indices);
        tiles.for_each(|((tile, counts), steps)| tile.sort(&counts, steps));
        SpikeTrains::new(starts, steps)
    }
}

/// A row of words without a spike.
const NO_SPIKES: [u32; MOST_COLUMNS] = [0; MOST_COLUMNS];

/// Appends the spikes of two words of each neuron; `found` is room to work in.
#[multiversion(targets("x86_64+bmi1"))]
fn find(
    early: &[u32],
    late: &[u32],
    first_word: u32,
    found: &mut [TileSpike; BUFFER],
    spikes: &mut Vec<TileSpike>,
) {
    let mut count = 0;
    for (column, (&early, &late)) in (0..).zip(early.iter().zip(late)) {
        let bits = u64::from(early) | u64::from(late) << WORD;
        let spike = |step: u32| (first_word * WORD as u32 + step) * MOST_COLUMNS as u32 + column;
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
        if count > BUFFER - 2 * WORD {
            spikes.extend_from_slice(&found[..count]);
            count = 0;
        }
    }
    spikes.extend_from_slice(&found[..count]);
}

impl Tile {
    /// The number of spikes of each neuron.
    fn counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.neurons];
        for &spike in &self.spikes {
            counts[column(spike)] += 1;
        }
        counts
    }

    /// Sorts the spikes by neuron; those of one neuron are in order of time and stay so.
    fn sort(self, counts: &[u32], steps: &mut [u32]) {
        let mut next = Vec::with_capacity(counts.len());
        let mut start = 0;
        for &count in counts {
            next.push(start);
            start += count as usize;
        }
        let mut begin = 0;
        for (first_step, end) in self.blocks {
            for &spike in &self.spikes[begin..end] {
                let index = &mut next[column(spike)];
                steps[*index] = first_step + spike / MOST_COLUMNS as u32;
                *index += 1;
            }
            begin = end;
        }
    }
}

/// The index of a spike's neuron in the tile.
fn column(spike: TileSpike) -> usize {
    spike as usize % MOST_COLUMNS
}
