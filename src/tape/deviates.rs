//! Random numbers of a tape's streams, for the neurons of a chunk.

use multiversion::multiversion;

use super::stream::{Deviates, Kind};
use crate::random::{Stream, Words};
use crate::real::Real;

/// The streams of the neurons of a chunk, and the random numbers of two steps.
#[derive(Debug)]
pub struct DeviateLanes<R, const L: usize> {
    streams: Vec<(Deviates, Box<[[u32; L]; 4]>)>,
    rows: [Vec<Box<[R; L]>>; 2],
}

impl<R: Real, const L: usize> DeviateLanes<R, L> {
    /// Lanes to be [`set`](Self::set).
    pub fn new(streams: &[Deviates]) -> Self {
        let rows = || streams.iter().map(|_| Box::new([R::of(0.0); L])).collect();
        DeviateLanes {
            streams: streams.iter().map(|of| (of.clone(), Box::new([[0; L]; 4]))).collect(),
            rows: [rows(), rows()],
        }
    }

    /// Gives a lane its neuron, by the stream that this has of each.
    pub fn set(&mut self, lane: usize, stream: impl Fn(&Deviates) -> Stream) {
        for (of, words) in &mut self.streams {
            words.iter_mut().zip(stream(of).state).for_each(|(row, word)| row[lane] = word);
        }
    }

    /// The words of all streams of a lane.
    pub fn words(&mut self, lane: usize) -> impl Iterator<Item = &mut u32> {
        self.streams
            .iter_mut()
            .flat_map(move |(_, words)| words.iter_mut().map(move |row| &mut row[lane]))
    }

    /// The random numbers of a step, a row for each stream; steps come one after the other.
    pub fn of(&mut self, step: u32) -> &[Box<[R; L]>] {
        if step.is_multiple_of(2) {
            let [first, second] = &mut self.rows;
            for (((of, words), first), second) in self.streams.iter_mut().zip(first).zip(second) {
                match of.kind {
                    Kind::Normal => two_steps::<R, true, L>(words, first, second),
                    Kind::Uniform => two_steps::<R, false, L>(words, first, second),
                }
            }
        }
        &self.rows[step as usize % 2]
    }
}

/// The random numbers of two steps, of each lane.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn two_steps<R: Real, const NORMAL: bool, const L: usize>(
    words: &mut [[u32; L]; 4],
    first: &mut [R; L],
    second: &mut [R; L],
) {
    let kind = if NORMAL { Kind::Normal } else { Kind::Uniform };
    let [s0, s1, s2, s3] = words;
    for lane in 0..L {
        let mut stream = Stream { state: [s0[lane], s1[lane], s2[lane], s3[lane]] };
        [first[lane], second[lane]] = kind.pair(Words::next(&mut stream));
        [s0[lane], s1[lane], s2[lane], s3[lane]] = stream.state;
    }
}
