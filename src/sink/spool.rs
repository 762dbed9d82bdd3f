//! Writes all spikes to a file as they come: block after block, in order of time, then of neurons.
//!
//! The file is Loligo's own, and in the folder of results only as long as the run lasts: when it is over, the formats that
//! were asked for are made of it ([`crate::output::formats`]). Memory holds the spikes of one block.
//!
//! A block is the number of its spikes (u64), the neurons of all (u32 each), and their steps, little-endian.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;

use super::definition::Sink;
use super::scan::{TileSpike, column, scan, step};
use crate::error::Error;
use crate::raster::RasterTile;
use crate::spikes::Spikes;

/// Writes all spikes to a file.
#[derive(Debug)]
pub struct Spool {
    path: PathBuf,
    file: File,
    spikes: u64,
    /// The first step that was not taken.
    end: u32,
    /// The tiles of the block that is being taken.
    tiles: Mutex<Vec<Tile>>,
    /// Whether the file stays when this is gone.
    is_kept: bool,
}

/// The spikes of a tile in a block.
#[derive(Debug)]
struct Tile {
    first_neuron: usize,
    spikes: Vec<TileSpike>,
}

impl Spool {
    /// A new file.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).open(path);
        let file = file.map_err(|source| io(path, source))?;
        let path = path.to_owned();
        Ok(Spool { path, file, spikes: 0, end: 0, tiles: Mutex::default(), is_kept: false })
    }

    /// A file that there is, to go on after some spikes: how many, and in how many bytes; those up to the step `end`.
    ///
    /// # Errors
    /// If it is shorter, or cannot be changed.
    pub fn resume(path: &Path, [spikes, bytes]: [u64; 2], end: u32) -> Result<Self, Error> {
        let file = OpenOptions::new().append(true).open(path).map_err(|source| io(path, source))?;
        let length = file.metadata().map_err(|source| io(path, source))?.len();
        if length < bytes {
            return Err(io(path, ErrorKind::UnexpectedEof.into()));
        }
        file.set_len(bytes).map_err(|source| io(path, source))?;
        let path = path.to_owned();
        Ok(Spool { path, file, spikes, end, tiles: Mutex::default(), is_kept: true })
    }

    /// Brings all spikes so far to the disk: how many, and in how many bytes.
    ///
    /// # Errors
    /// If that fails.
    pub fn synced(&mut self) -> Result<[u64; 2], Error> {
        self.file.sync_data().map_err(|source| io(&self.path, source))?;
        let length = self.file.metadata().map_err(|source| io(&self.path, source))?.len();
        Ok([self.spikes, length])
    }

    /// The file stays when this is gone.
    #[must_use]
    pub fn kept(self) -> Self {
        let mut spool = self;
        spool.is_kept = true;
        spool
    }

    /// Adds spikes that are in order of time, then of neurons, after those before.
    ///
    /// # Errors
    /// If writing fails.
    pub fn append(&mut self, some: &Spikes) -> Result<(), Error> {
        let mut write =
            |bytes: &[u8]| self.file.write_all(bytes).map_err(|error| io(&self.path, error));
        write(&(some.steps.len() as u64).to_le_bytes())?;
        for numbers in [&some.neurons, &some.steps] {
            match cfg!(target_endian = "little") {
                true => write(bytemuck::cast_slice(numbers))?,
                false => write(&numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>())?,
            }
        }
        self.spikes += some.steps.len() as u64;
        Ok(())
    }

    /// How many spikes there are.
    pub fn spikes(&self) -> u64 {
        self.spikes
    }

    /// Hands out all spikes, some at a time: blocks as they were written.
    ///
    /// # Errors
    /// If the file cannot be read, or `take` fails.
    pub fn read(&self, take: &mut dyn FnMut(&Spikes) -> Result<(), Error>) -> Result<(), Error> {
        let mut reader = SpoolReader::open(&self.path)?;
        while let Some(some) = reader.next_block()? {
            take(some)?;
        }
        Ok(())
    }
}

/// Reads such a file, block after block.
#[derive(Debug)]
pub struct SpoolReader {
    path: PathBuf,
    file: BufReader<File>,
    /// Bytes that are left.
    left: u64,
    some: Spikes,
}

impl SpoolReader {
    /// Opens a file.
    ///
    /// # Errors
    /// If there is none.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let io = |source| Error::Io { action: "read", path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        let left = file.metadata().map_err(io)?.len();
        let file = BufReader::with_capacity(1 << 20, file);
        Ok(SpoolReader { path: path.to_owned(), file, left, some: Spikes::default() })
    }

    /// The spikes of the next block; none after the last.
    ///
    /// # Errors
    /// If the file cannot be read, or ends within a block.
    pub fn next_block(&mut self) -> Result<Option<&Spikes>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        let io = |source| Error::Io { action: "read", path: self.path.clone(), source };
        let cut = || io(ErrorKind::UnexpectedEof.into());
        let mut count = [0; 8];
        self.file.read_exact(&mut count).map_err(io)?;
        let count = u64::from_le_bytes(count);
        // Before memory is asked for.
        let bytes = count.checked_mul(8).and_then(|bytes| bytes.checked_add(8)).ok_or_else(cut)?;
        self.left = self.left.checked_sub(bytes).ok_or_else(cut)?;
        let Spikes { neurons, steps } = &mut self.some;
        for numbers in [neurons, steps] {
            numbers.resize(count as usize, 0);
            self.file.read_exact(bytemuck::cast_slice_mut(numbers)).map_err(io)?;
            numbers.iter_mut().for_each(|number| *number = u32::from_le(*number));
        }
        Ok(Some(&self.some))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if !self.is_kept {
            // It is of no use to anybody else.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn io(path: &Path, source: std::io::Error) -> Error {
    Error::Io { action: "write spikes to", path: path.to_owned(), source }
}

impl Sink for Spool {
    fn tile(&self, tile: &RasterTile<'_>) {
        let mut spikes = Vec::new();
        scan(tile, &mut spikes);
        // By step, then by neuron.
        spikes.sort_unstable();
        let tile = Tile { first_neuron: tile.first_neuron, spikes };
        self.tiles.lock().unwrap_or_else(|poison| poison.into_inner()).push(tile);
    }

    fn block(&mut self, end: u32) -> Result<(), Error> {
        let tiles = self.tiles.get_mut().unwrap_or_else(|poison| poison.into_inner());
        let mut tiles = std::mem::take(tiles);
        tiles.sort_unstable_by_key(|tile| tile.first_neuron);
        let first_step = std::mem::replace(&mut self.end, end);
        self.append(&in_order(&tiles, first_step, end - first_step))
    }
}

/// The spikes of all tiles together. Each thread has some of the steps.
fn in_order(tiles: &[Tile], first_step: u32, steps: u32) -> Spikes {
    let spikes = tiles.iter().map(|tile| tile.spikes.len()).sum();
    let mut all = Spikes { neurons: vec![0; spikes], steps: vec![0; spikes] };
    let parts = (4 * rayon::current_num_threads() as u32).min(steps.max(1));
    let length = steps.div_ceil(parts).max(1);
    let (mut neurons, mut times) = (&mut all.neurons[..], &mut all.steps[..]);
    let mut tasks = Vec::new();
    for from in (0..steps).step_by(length as usize) {
        let to = (from + length).min(steps);
        let of = |tile: &'_ Tile| {
            let index = |end: u32| tile.spikes.partition_point(|&spike| step(spike) < end);
            index(from)..index(to)
        };
        let ranges: Vec<std::ops::Range<usize>> = tiles.iter().map(of).collect();
        let count = ranges.iter().map(ExactSizeIterator::len).sum();
        tasks.push((
            from,
            ranges,
            neurons.split_off_mut(..count).unwrap_or_default(),
            times.split_off_mut(..count).unwrap_or_default(),
        ));
    }
    tasks.into_par_iter().for_each(|(from, ranges, neurons, times)| {
        let mut next = vec![0usize; length as usize + 1];
        for (tile, range) in tiles.iter().zip(&ranges) {
            tile.spikes[range.clone()]
                .iter()
                .for_each(|&spike| next[(step(spike) - from) as usize + 1] += 1);
        }
        for step in 1..next.len() {
            next[step] += next[step - 1];
        }
        for (tile, range) in tiles.iter().zip(ranges) {
            for &spike in &tile.spikes[range] {
                let index = &mut next[(step(spike) - from) as usize];
                neurons[*index] = (tile.first_neuron + column(spike)) as u32;
                times[*index] = first_step + step(spike);
                *index += 1;
            }
        }
    });
    all
}
