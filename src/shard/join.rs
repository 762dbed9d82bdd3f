//! Files of spikes of many shards, made one.

use std::ops::Range;
use std::path::PathBuf;

use rayon::prelude::*;

use crate::error::{Error, Place, Problem};
use crate::sink::{Content, Spool, SpoolReader};
use crate::spikes::Spikes;

/// Steps whose spikes are put together at a time.
const STRETCH: u32 = 2048;

/// The file of spikes of a shard.
#[derive(Clone, Debug)]
pub struct SpikesOf {
    /// Where it is.
    pub path: PathBuf,
    /// What is in it.
    pub content: Content,
    /// The neurons that it has spikes of.
    pub neurons: Range<usize>,
}

/// Files that are read at a time: a process may have 256 open on some systems.
const FILES: usize = 200;

/// Puts the spikes of shards together, in the order of their neurons; those of each are in order. Of very many, some at a
/// time are put together beside `spool` first. `go_on` is asked now and then.
///
/// # Errors
/// If reading or writing fails, or a file is not what was written, or `go_on` returns false.
pub fn join_spikes(
    files: &[SpikesOf],
    steps: u32,
    spool: &mut Spool,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<(), Error> {
    if files.len() <= FILES {
        return join_some(files, steps, spool, go_on);
    }
    // They are there as long as this is.
    let mut joined = Joined(Vec::new());
    for (n, some) in files.chunks(FILES).enumerate() {
        // Another name for each, in each round: there are fewer files in the next.
        let path = spool.path().with_extension(format!("{}-{n}.spool", files.len()));
        let mut into = Spool::create(&path)?.kept();
        let neurons = some[0].neurons.start..some[some.len() - 1].neurons.end;
        joined.0.push(SpikesOf { path, content: Content::default(), neurons });
        join_spikes(some, steps, &mut into, go_on)?;
        if let Some(last) = joined.0.last_mut() {
            last.content = into.content();
        }
    }
    join_spikes(&joined.0, steps, spool, go_on)
}

/// Files that are gone with this.
struct Joined(Vec<SpikesOf>);

impl Drop for Joined {
    fn drop(&mut self) {
        for file in &self.0 {
            let _ = std::fs::remove_file(&file.path);
        }
    }
}

fn join_some(
    files: &[SpikesOf],
    steps: u32,
    spool: &mut Spool,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<(), Error> {
    let open = |file: &SpikesOf| SpoolReader::open(&file.path, &file.content);
    let mut readers = files.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    let mut pending: Vec<Spikes> = readers.iter().map(|_| Spikes::default()).collect();
    // To the end of all files, whatever is in them.
    let mut first = 0u32;
    loop {
        if !go_on() {
            return Err(Error::Ended);
        }
        let is_last = first >= steps;
        let end = if is_last { u32::MAX } else { first.saturating_add(STRETCH) };
        for ((reader, pending), file) in readers.iter_mut().zip(&mut pending).zip(files) {
            while pending.steps.last().is_none_or(|last| *last < end)
                && let Some(some) = reader.next_block()?
            {
                let is_own = |neuron: &u32| file.neurons.contains(&(*neuron as usize));
                let is_within = some.steps.last().is_none_or(|last| *last < steps);
                if !is_within || !some.neurons.iter().all(is_own) {
                    let place = Place::Flag(file.path.display().to_string());
                    let message = "its spikes are not those of this shard";
                    return Err(Problem::new(message, &place, "simulate it once more").into());
                }
                pending.neurons.extend_from_slice(&some.neurons);
                pending.steps.extend_from_slice(&some.steps);
            }
        }
        if is_last {
            return Ok(());
        }
        let mut all: Vec<(u32, u32)> = Vec::new();
        for pending in &mut pending {
            let own = pending.steps.partition_point(|step| *step < end);
            all.extend(pending.steps.drain(..own).zip(pending.neurons.drain(..own)));
        }
        all.par_sort_unstable();
        let (steps, neurons) = all.into_iter().unzip();
        spool.append(&Spikes { neurons, steps })?;
        first = end;
    }
}
