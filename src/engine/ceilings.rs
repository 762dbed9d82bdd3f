//! What a device can do at best: measured with small kernels that do nothing else.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::cost::{Amount, Operation};

/// The ceilings of a device: rates that nothing can exceed by much.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ceilings {
    /// Operations of a kind per second, of independent chains that stay in registers. A special function comes with a sum.
    pub operations_per_s: Vec<Amount>,
    /// Sums and operations on bits together per second, in turn: what is issued where both are done.
    pub mixed_per_s: f64,
    /// Bytes read and written per second, of more memory than caches hold.
    pub memory_bytes_per_s: f64,
    /// Bytes per second from the device to the host; none where the host reads the device's memory as it is.
    pub readback_bytes_per_s: Option<f64>,
    /// Seconds from handing over work of no length to knowing that it is done.
    pub launch_s: f64,
    /// Whether it is a graphics processor, which does special functions beside the arithmetic, by units of their own.
    pub is_graphics: bool,
}

impl Ceilings {
    /// How many operations of a kind per second; none if that was not measured.
    pub fn of(&self, operation: Operation) -> Option<f64> {
        let found = self.operations_per_s.iter().find(|amount| amount.operation == operation);
        found.map(|amount| amount.count)
    }
}

/// Time that a small kernel runs at least, so that its launch does not count.
const LONG: Duration = Duration::from_millis(20);

/// How often it is measured: the best counts, since nothing makes a device faster than it is.
const TIMES: usize = 10;

/// The highest rate of work that is done in turns, `per_turn` in each. `run` does some turns, `most` at most.
///
/// # Errors
/// Those of `run`.
pub fn highest_rate<E>(
    per_turn: f64,
    most: u32,
    mut run: impl FnMut(u32) -> Result<(), E>,
) -> Result<f64, E> {
    let mut timed = |turns: u32| {
        let start = Instant::now();
        run(turns)?;
        Ok(start.elapsed().max(Duration::from_nanos(1)))
    };
    let mut turns = 1;
    let mut took = timed(turns)?;
    while took < LONG && turns < most {
        turns = turns.saturating_mul(4).min(most);
        took = timed(turns)?;
    }
    let mut best = took;
    for _ in 1..TIMES {
        best = best.min(timed(turns)?);
    }
    Ok(per_turn * f64::from(turns) / best.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_rate_is_that_of_the_fastest_time() {
        let mut all = Vec::new();
        let rate = highest_rate(3.0, 64, |turns| {
            all.push(turns);
            std::thread::sleep(Duration::from_micros(500) * turns);
            Ok::<(), ()>(())
        });
        // Turns of half a millisecond and no less: 64 of them are more than is wanted.
        assert!(rate.unwrap() <= 3.0 / 500e-6);
        assert_eq!(all[..4], [1, 4, 16, 64]);
        assert_eq!(all[4..], [64; TIMES - 1]);
        let failed = highest_rate(1.0, 64, |turns| if turns > 4 { Err(turns) } else { Ok(()) });
        assert_eq!(failed, Err(16));
    }
}
