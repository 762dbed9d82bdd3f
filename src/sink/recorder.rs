//! Keeps all spikes, as trains.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::definition::Sink;
use super::scan::{TileSpike, column, scan, step};
use crate::error::Error;
use crate::raster::{RasterTile, WORD};
use crate::spikes::SpikeTrains;

/// Takes the tiles of a run, from any thread, and keeps their spikes.
#[derive(Debug)]
pub struct Recorder {
    steps: u32,
    tiles: Vec<Mutex<Tile>>,
    spikes: AtomicUsize,
    /// More do not fit the memory.
    most_spikes: usize,
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

impl Recorder {
    /// A recorder of a number of tiles; `steps` is how long the run will be, or 0 if that is not known. With more than
    /// `most_spikes` it ends the run.
    pub fn new(tiles: usize, steps: u32, most_spikes: usize) -> Self {
        Recorder {
            steps,
            tiles: (0..tiles).map(|_| Mutex::default()).collect(),
            spikes: AtomicUsize::new(0),
            most_spikes,
        }
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

impl Sink for Recorder {
    /// # Panics
    /// If the tile's number is not below that of [`new`](Recorder::new), or it has too many neurons or words.
    fn tile(&self, raster: &RasterTile<'_>) {
        // A thread that panicked within leaves nothing half done.
        let mut tile = self.tiles[raster.tile].lock().unwrap_or_else(|poison| poison.into_inner());
        tile.neurons = raster.neurons;
        let before = tile.spikes.len();
        scan(raster, &mut tile.spikes);
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

    fn block(&mut self, end: u32) -> Result<(), Error> {
        let spikes = self.spikes();
        if spikes <= self.most_spikes {
            return Ok(());
        }
        Err(Error::TooLarge {
            what: format!("{spikes} spikes in {end} steps"),
            needed: "more memory than is free".into(),
            available: "the run was ended there".into(),
            remedy: "lower --neurons or --duration, or keep statistics without spikes with --record intervals".into(),
        })
    }
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
                steps[*index] = first_step + step(spike);
                *index += 1;
            }
            begin = end;
        }
    }
}
