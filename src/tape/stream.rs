//! Random numbers that a step takes: streams of their own, keyed by their names.

use crate::random::{Purpose, Stream, Words, index_of};
use crate::real::Real;

/// How random numbers are distributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Standard normal.
    Normal,
    /// Uniform between 0 and 1, never 0.
    Uniform,
}

/// Which neurons have the same random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sharing {
    /// None: each its own.
    Own,
    /// Those of a population.
    Population,
    /// All, in every run.
    Frozen,
}

impl Sharing {
    /// What holds for random numbers that are common, or frozen.
    pub fn of(is_common: bool, is_frozen: bool) -> Self {
        match (is_frozen, is_common) {
            (true, _) => Sharing::Frozen,
            (false, true) => Sharing::Population,
            (false, false) => Sharing::Own,
        }
    }
}

/// A stream of random numbers, one a step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Deviates {
    /// The name: streams of other names, or of other neurons, are independent.
    pub name: String,
    /// How they are distributed.
    pub kind: Kind,
    /// Which neurons have the same ones.
    pub sharing: Sharing,
}

/// The seed of frozen noise: the same in every run.
const FROZEN_SEED: u64 = 0;

impl Deviates {
    /// The stream of a neuron, given by its global index, in a population whose first one is `first`.
    pub fn stream(&self, seed: u64, neuron: u32, first: u32) -> Stream {
        self.keyed((seed, neuron, first), [Purpose::Deviate, Purpose::CommonDeviate])
    }

    /// The random number before step 0, for what starts at random.
    pub fn at_start(&self, seed: u64, neuron: u32, first: u32) -> f64 {
        let purposes = [Purpose::DeviateStart, Purpose::CommonDeviateStart];
        let mut stream = self.keyed((seed, neuron, first), purposes);
        self.pair::<f64>(Words::next(&mut stream))[0]
    }

    fn keyed(&self, (seed, neuron, first): (u64, u32, u32), [own, common]: [Purpose; 2]) -> Stream {
        let index = index_of(&self.name);
        match self.sharing {
            Sharing::Own => Stream::new(seed, neuron, own, index),
            Sharing::Population => Stream::new(seed, first, common, index),
            Sharing::Frozen => Stream::new(FROZEN_SEED, u32::MAX, common, index),
        }
    }

    /// The random numbers of two steps.
    #[inline(always)]
    pub fn pair<R: Real>(&self, words: Words) -> [R; 2] {
        self.kind.pair(words)
    }
}

impl Kind {
    /// The random numbers of two steps.
    #[inline(always)]
    pub fn pair<R: Real>(self, words: Words) -> [R; 2] {
        match self {
            Kind::Normal => {
                let pair = R::normal_pair(words);
                [pair.radius * pair.cos, pair.radius * pair.sin]
            }
            Kind::Uniform => [words.radius, words.angle].map(R::fraction),
        }
    }
}
