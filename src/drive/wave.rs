//! Sine waves whose frequency may change: what the sources `sine` and `chirp` give, in numbers.
//!
//! The phase is counted in turns, of which whole ones are left away: in double precision at the begin of each word of 32 steps,
//! in an engine's own within. So it is as exact after hours as at the begin.

use crate::raster::WORD;
use crate::real::Real;

/// The current `amplitude sin(2 pi (phase + frequency k + slope k^2))` at the step k, nothing from `end` on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wave {
    /// The largest current, in the model's unit.
    pub amplitude: f64,
    /// Turns at step 0.
    pub phase: f64,
    /// Turns per step at step 0.
    pub frequency: f64,
    /// Half of what that grows by with each step, without whole turns.
    pub slope: f64,
    /// The first step without it.
    pub end: u32,
}

/// A wave in a word of steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WaveOfWord<R> {
    /// The largest current.
    pub amplitude: R,
    /// Turns at its first step, less a quarter: of a cosine, which is folded in fewer operations.
    pub phase: R,
    /// Turns per step there.
    pub frequency: R,
    /// Half of what that grows by.
    pub slope: R,
    /// The step of the word from which on there is none.
    pub end: R,
}

impl Wave {
    /// The wave in the word that begins at the step `first`.
    #[inline(always)]
    pub fn of_word<R: Real>(&self, first: u32) -> WaveOfWord<R> {
        let k = f64::from(first);
        let turns = self.phase + k * (self.frequency + k * self.slope);
        let frequency = self.frequency + 2.0 * k * self.slope;
        WaveOfWord {
            amplitude: R::of(self.amplitude),
            phase: R::of(turns - turns.floor() - 0.25),
            // Of half a turn at most, in which it keeps all of its digits.
            frequency: R::of(frequency - (frequency + 0.5).floor()),
            slope: R::of(self.slope),
            end: R::of(f64::from(self.end.saturating_sub(first).min(WORD as u32))),
        }
    }
}

impl<R: Real> WaveOfWord<R> {
    /// A current with that of the wave at a step of the word; `IS_WHOLE` where it does not end within.
    #[inline(always)]
    pub fn on<const IS_WHOLE: bool>(&self, step: R, current: R) -> R {
        let turns = step.mul_add(step.mul_add(self.slope, self.frequency), self.phase);
        let wave = turns.cos_turns();
        let amplitude = if IS_WHOLE || step < self.end { self.amplitude } else { R::of(0.0) };
        amplitude.mul_add(wave, current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::real::{Number, Single};

    /// Ten hours of 0.01 ms: the phase is counted in whole numbers of 1e-10 turns.
    #[test]
    fn a_phase_is_exact_after_hours() {
        let of = |x: u32| <Single<true> as Number>::of(f64::from(x));
        for (frequency, slope) in [(2_000_000u128, 0u128), (7_000_000, 3), (0, 1)] {
            let wave = Wave {
                amplitude: 40.0,
                phase: 0.125,
                frequency: frequency as f64 * 1e-10,
                slope: slope as f64 * 1e-10,
                end: 3_600_000_011,
            };
            for k in [0u32, 31, 32, 999_983, 77_777_777, 3_599_999_999, 3_600_000_010] {
                let within = k % WORD as u32;
                let at = |k: u128| (1_250_000_000 + frequency * k + slope * k * k) % 10_000_000_000;
                let wanted =
                    40.0 * (std::f64::consts::TAU * at(u128::from(k)) as f64 * 1e-10).sin();
                let of_word = wave.of_word::<Single<true>>(k - within);
                let current = of_word.on::<false>(of(within), of(5)).to_f64();
                // The chirp of 1e9 turns is counted in double precision: to 2e-7 turns.
                assert!((current - 5.0 - wanted).abs() < 2e-4, "{k}: {current} {wanted}");
            }
            let of_word = wave.of_word::<Single<true>>(3_600_000_000);
            assert_eq!(of_word.on::<false>(of(11), of(5)).to_f64(), 5.0);
        }
    }
}
