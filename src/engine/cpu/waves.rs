//! Waves of the neurons of a chunk.

use multiversion::multiversion;

use crate::drive::{Wave, WaveOfWord};
use crate::raster::WORD;
use crate::real::Real;

/// A wave for each lane.
#[derive(Debug)]
pub struct WaveLanes<R, const L: usize> {
    amplitude: [f64; L],
    phase: [f64; L],
    frequency: [f64; L],
    slope: [f64; L],
    end: [u32; L],
    /// What other engines keep of a source: its current in the step before, of no use here.
    pub kept: [R; L],
}

impl<R: Real, const L: usize> WaveLanes<R, L> {
    /// Lanes without waves.
    pub fn new() -> Self {
        let zero = [0.0; L];
        WaveLanes {
            amplitude: zero,
            phase: zero,
            frequency: zero,
            slope: zero,
            end: [0; L],
            kept: [R::of(0.0); L],
        }
    }

    /// Gives a lane its wave.
    pub fn set(&mut self, lane: usize, wave: &Wave) {
        self.amplitude[lane] = wave.amplitude;
        self.phase[lane] = wave.phase;
        self.frequency[lane] = wave.frequency;
        self.slope[lane] = wave.slope;
        self.end[lane] = wave.end;
    }

    /// The constant currents with the waves of 32 steps.
    pub fn fill(&self, first: u32, constant: &[R; L], currents: &mut [[R; L]; WORD]) {
        let last = first.saturating_add(WORD as u32);
        match self.end.iter().all(|end| *end >= last) {
            true => fill::<R, L, true>(self, first, constant, currents),
            false => fill::<R, L, false>(self, first, constant, currents),
        }
    }
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn fill<R: Real, const L: usize, const IS_WHOLE: bool>(
    waves: &WaveLanes<R, L>,
    first: u32,
    constant: &[R; L],
    currents: &mut [[R; L]; WORD],
) {
    let zero = [R::of(0.0); L];
    let (mut amplitude, mut phase, mut frequency) = (zero, zero, zero);
    let (mut slope, mut end) = (zero, zero);
    for lane in 0..L {
        let wave = Wave {
            amplitude: waves.amplitude[lane],
            phase: waves.phase[lane],
            frequency: waves.frequency[lane],
            slope: waves.slope[lane],
            end: waves.end[lane],
        };
        let of_word = wave.of_word::<R>(first);
        (amplitude[lane], phase[lane]) = (of_word.amplitude, of_word.phase);
        (frequency[lane], slope[lane]) = (of_word.frequency, of_word.slope);
        end[lane] = of_word.end;
    }
    for (step, currents) in (0u8..).zip(currents) {
        let step = R::of(f64::from(step));
        for lane in 0..L {
            let wave = WaveOfWord {
                amplitude: amplitude[lane],
                phase: phase[lane],
                frequency: frequency[lane],
                slope: slope[lane],
                end: end[lane],
            };
            currents[lane] = wave.on::<IS_WHOLE>(step, constant[lane]);
        }
    }
}
