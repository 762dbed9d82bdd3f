//! The segments that a window is cut into, and the taper that each is multiplied with.

use crate::window::Window;

/// What a segment is multiplied with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Taper {
    /// Hann's taper: next to no leakage.
    #[default]
    Hann,
    /// None: a line in the spectrum leaks to all frequencies.
    Boxcar,
}

impl Taper {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Taper::Hann => "hann",
            Taper::Boxcar => "boxcar",
        }
    }
}

/// A weight of 1 as an integer: sums of products of weights do not depend on their order then, and so not on
/// the threads.
pub const ONE: f64 = 32_768.0;

/// The segments of a window.
#[derive(Debug)]
pub struct Cut {
    /// The first step of each.
    pub starts: Vec<u32>,
    /// How many steps each has.
    pub length: u32,
    /// The taper at each step.
    pub weights: Vec<f64>,
    /// The same as integers, in units of 1 / [`ONE`].
    pub whole_weights: Vec<u16>,
    /// The taper.
    pub taper: Taper,
}

impl Cut {
    /// Cuts a window into segments of `length` steps, which reach from its begin to its end.
    pub fn new(window: Window, length: u32, taper: Taper) -> Self {
        let rest = window.steps() - length;
        // No more than half of a tapered segment, or a whole untapered one, to the next.
        let step = match taper {
            Taper::Hann => (length / 2).max(1),
            Taper::Boxcar => length,
        };
        let gaps = rest.div_ceil(step);
        let start = |n: u32| match gaps {
            0 => 0,
            gaps => (u64::from(rest) * u64::from(n) / u64::from(gaps)) as u32,
        };
        let turn = 2.0 * std::f64::consts::PI / f64::from(length);
        let weight = |k: u32| match taper {
            Taper::Hann => 0.5 - 0.5 * (turn * f64::from(k)).cos(),
            Taper::Boxcar => 1.0,
        };
        let weights: Vec<f64> = (0..length).map(weight).collect();
        Cut {
            starts: (0..=gaps).map(|n| window.from + start(n)).collect(),
            length,
            whole_weights: weights.iter().map(|weight| (ONE * weight).round() as u16).collect(),
            weights,
            taper,
        }
    }

    /// The spikes of a train that are in each segment, with its first step.
    pub fn segments<'a>(&'a self, train: &'a [u32]) -> impl Iterator<Item = Segment<'a>> {
        self.starts.iter().map(move |&first| {
            let window = Window { from: first, to: first + self.length };
            Segment { spikes: window.of(train), first }
        })
    }

    /// The integral of the squared taper (s).
    pub fn energy_s(&self, dt_ms: f64) -> f64 {
        self.weights.iter().map(|weight| weight * weight).sum::<f64>() * dt_ms * 1e-3
    }

    /// The length of a segment.
    pub fn steps(&self) -> usize {
        self.length as usize
    }
}

/// The spikes of a train in a segment.
#[derive(Clone, Copy)]
pub struct Segment<'a> {
    /// Their steps in the run.
    pub spikes: &'a [u32],
    /// The first step of the segment.
    pub first: u32,
}

impl Segment<'_> {
    /// The steps of the spikes within the segment.
    pub fn indices(&self) -> impl ExactSizeIterator<Item = usize> + Clone + '_ {
        self.spikes.iter().map(|step| (step - self.first) as usize)
    }

    /// How many pairs of spikes.
    pub fn pairs(&self) -> usize {
        self.spikes.len() * self.spikes.len().saturating_sub(1) / 2
    }

    /// Whether it takes longer to compare all pairs of spikes than to transform the segment.
    pub fn is_dense(&self, length: usize) -> bool {
        self.pairs() > length
    }
}
