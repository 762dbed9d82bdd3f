//! Writes all spikes to a file as they come: block after block, in order of time, then of neurons.
//!
//! The file is Loligo's own, and in the folder of results only as long as the run lasts: when it is over, the formats that
//! were asked for are made of it ([`crate::output::formats`]). Memory holds the spikes of one block.
//!
//! A block is the number of its spikes (u64), the neurons of all (u32 each), and their steps, little-endian.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;

use super::definition::Sink;
use super::scan::{TileSpike, column, scan, step};
use crate::error::{Error, Place, Problem};
use crate::raster::RasterTile;
use crate::spikes::Spikes;

/// What is in a file of spikes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// How many spikes.
    pub spikes: u64,
    /// Its length.
    pub bytes: u64,
    /// Its checksum (CRC-32).
    pub checksum: u32,
}

impl Content {
    /// As numbers of an archive.
    pub fn numbers(&self) -> [u64; 3] {
        [self.spikes, self.bytes, u64::from(self.checksum)]
    }

    /// From such numbers; none if they are not three, or too large.
    pub fn of(numbers: &[u64]) -> Option<Self> {
        let [spikes, bytes, checksum] = <[u64; 3]>::try_from(numbers).ok()?;
        Some(Content { spikes, bytes, checksum: u32::try_from(checksum).ok()? })
    }
}

/// What went through so far.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    spikes: u64,
    bytes: u64,
    checksum: Checksum,
}

impl Seen {
    fn content(&self) -> Content {
        Content { spikes: self.spikes, bytes: self.bytes, checksum: self.checksum.0 }
    }
}

/// A CRC-32 that grows.
#[derive(Clone, Copy, Debug, Default)]
struct Checksum(u32);

impl Checksum {
    fn update(&mut self, bytes: &[u8]) {
        let mut hasher = crc32fast::Hasher::new_with_initial(self.0);
        hasher.update(bytes);
        self.0 = hasher.finalize();
    }
}

/// Writes all spikes to a file.
#[derive(Debug)]
pub struct Spool {
    path: PathBuf,
    file: File,
    /// What was written.
    kept: Seen,
    /// The first step that was not taken.
    end: u32,
    /// The tiles of the block that is being taken.
    tiles: Mutex<Vec<Tile>>,
    /// Whether the file stays when this is gone.
    stays: bool,
    /// Whether writing has failed: the file ends before that.
    has_failed: bool,
}

/// The spikes of a tile in a block.
#[derive(Debug)]
struct Tile {
    first_neuron: usize,
    spikes: Vec<TileSpike>,
}

impl Spool {
    /// Bytes that a spike takes.
    pub const BYTES_PER_SPIKE: f64 = 8.0;

    /// A new file.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn create(path: &Path) -> Result<Self, Error> {
        // Never through a link that somebody left there.
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        let file = file.map_err(|source| io(path, source))?;
        let path = path.to_owned();
        let (kept, tiles) = (Seen::default(), Mutex::default());
        Ok(Spool { path, file, kept, end: 0, tiles, stays: false, has_failed: false })
    }

    /// A file that there is, to go on after what was in it at the step `end`: what is behind that is cut off.
    ///
    /// # Errors
    /// If it is shorter, or other than it was, or cannot be changed.
    pub fn resume(path: &Path, kept: &Content, end: u32) -> Result<Self, Error> {
        let file = OpenOptions::new().append(true).open(path).map_err(|source| io(path, source))?;
        let mut reader = SpoolReader::open(path, kept)?;
        while reader.next_block()?.is_some() {}
        file.set_len(kept.bytes).map_err(|source| io(path, source))?;
        let (path, kept) = (path.to_owned(), reader.seen);
        let tiles = Mutex::default();
        Ok(Spool { path, file, kept, end, tiles, stays: true, has_failed: false })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many spikes there are.
    pub fn spikes(&self) -> u64 {
        self.kept.spikes
    }

    /// Whether writing has failed: spikes after some block are missing.
    pub fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// What is in the file.
    pub fn content(&self) -> Content {
        self.kept.content()
    }

    /// Brings all spikes so far to the disk, and tells what is in the file.
    ///
    /// # Errors
    /// If that fails.
    pub fn synced(&mut self) -> Result<Content, Error> {
        self.file.sync_data().map_err(|source| io(&self.path, source))?;
        Ok(self.content())
    }

    /// The file stays when this is gone.
    #[must_use]
    pub fn kept(self) -> Self {
        let mut spool = self;
        spool.stays = true;
        spool
    }

    /// Adds spikes that are in order of time, then of neurons, after those before.
    ///
    /// # Errors
    /// If writing fails: then the file ends with the spikes before, and no others are taken.
    pub fn append(&mut self, some: &Spikes) -> Result<(), Error> {
        if self.has_failed {
            return Ok(());
        }
        let mut kept = self.kept;
        let mut write = |bytes: &[u8]| {
            kept.checksum.update(bytes);
            kept.bytes += bytes.len() as u64;
            self.file.write_all(bytes)
        };
        let written = write(&(some.steps.len() as u64).to_le_bytes()).and_then(|()| {
            [&some.neurons, &some.steps].into_iter().try_for_each(|numbers| {
                match cfg!(target_endian = "little") {
                    true => write(bytemuck::cast_slice(numbers)),
                    false => {
                        write(&numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>())
                    }
                }
            })
        });
        if let Err(error) = written {
            self.has_failed = true;
            // A part of a block would make all before it unreadable.
            let _ = self.file.set_len(self.kept.bytes);
            return Err(io(&self.path, error));
        }
        kept.spikes += some.steps.len() as u64;
        self.kept = kept;
        Ok(())
    }

    /// Hands out all spikes, some at a time: blocks as they were written.
    ///
    /// # Errors
    /// If the file cannot be read, or `take` fails.
    pub fn read(&self, take: &mut dyn FnMut(&Spikes) -> Result<(), Error>) -> Result<(), Error> {
        let mut reader = SpoolReader::open(&self.path, &self.content())?;
        while let Some(some) = reader.next_block()? {
            take(some)?;
        }
        Ok(())
    }
}

/// Reads such a file, block after block, up to what is known to be in it.
#[derive(Debug)]
pub struct SpoolReader {
    path: PathBuf,
    file: BufReader<File>,
    content: Content,
    seen: Seen,
    /// The last step that was read: others must not be before it.
    last_step: u32,
    some: Spikes,
}

impl SpoolReader {
    /// Opens a file.
    ///
    /// # Errors
    /// If there is none, or it is too short.
    pub fn open(path: &Path, content: &Content) -> Result<Self, Error> {
        let io = |source| Error::Io { action: "read", path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        let reader = SpoolReader {
            path: path.to_owned(),
            file: BufReader::with_capacity(1 << 18, file),
            content: *content,
            seen: Seen::default(),
            last_step: 0,
            some: Spikes::default(),
        };
        if length < content.bytes { Err(reader.broken()) } else { Ok(reader) }
    }

    fn broken(&self) -> Error {
        let place = Place::Flag(self.path.display().to_string());
        Problem::new("this file of spikes is broken", &place, "simulate it once more").into()
    }

    /// The spikes of the next block; none after the last.
    ///
    /// # Errors
    /// If the file cannot be read, or is not what was written.
    pub fn next_block(&mut self) -> Result<Option<&Spikes>, Error> {
        let left = self.content.bytes - self.seen.bytes;
        if left == 0 {
            return match self.seen.content() == self.content {
                true => Ok(None),
                false => Err(self.broken()),
            };
        }
        let path = self.path.clone();
        let io = |source| Error::Io { action: "read", path: path.clone(), source };
        let mut count = [0; 8];
        self.file.read_exact(&mut count).map_err(io)?;
        self.seen.checksum.update(&count);
        let count = u64::from_le_bytes(count);
        // Before memory is asked for.
        let bytes = count.checked_mul(8).and_then(|bytes| bytes.checked_add(8));
        let bytes = bytes.filter(|bytes| *bytes <= left).ok_or_else(|| self.broken())?;
        let Spikes { neurons, steps } = &mut self.some;
        for numbers in [neurons, steps] {
            numbers.resize(count as usize, 0);
            self.file.read_exact(bytemuck::cast_slice_mut(numbers)).map_err(io)?;
            self.seen.checksum.update(bytemuck::cast_slice(numbers));
            numbers.iter_mut().for_each(|number| *number = u32::from_le(*number));
        }
        self.seen.bytes += bytes;
        self.seen.spikes += count;
        let steps = &self.some.steps;
        if let (Some(&first), Some(&last)) = (steps.first(), steps.last()) {
            if first < self.last_step || !steps.is_sorted() {
                return Err(self.broken());
            }
            self.last_step = last;
        }
        Ok(Some(&self.some))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if !self.stays {
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
