//! Times of steps, and the analysis window: the part of a run that statistics are of.

use crate::unit::tidied;

/// The time of a step (ms), without the last digits' rounding errors.
pub fn time_ms(step: u32, dt_ms: f64) -> f64 {
    tidied(f64::from(step) * dt_ms)
}

/// The steps from `from` to before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first step.
    pub from: u32,
    /// The step after the last.
    pub to: u32,
}

impl Window {
    /// The window of a whole run.
    pub fn whole(steps: u32) -> Self {
        Window { from: 0, to: steps }
    }

    /// What of the window has been simulated after some steps.
    #[must_use]
    pub fn until(self, steps: u32) -> Self {
        Window { from: self.from.min(steps), to: self.to.min(steps) }
    }

    /// How many steps.
    pub fn steps(self) -> u32 {
        self.to.saturating_sub(self.from)
    }

    /// How long (ms).
    pub fn duration_ms(self, dt_ms: f64) -> f64 {
        time_ms(self.steps(), dt_ms)
    }

    /// Its ends (ms).
    pub fn ends_ms(self, dt_ms: f64) -> [f64; 2] {
        [time_ms(self.from, dt_ms), time_ms(self.to, dt_ms)]
    }

    /// The spikes of a train (ascending) that fall into it.
    pub fn of(self, train: &[u32]) -> &[u32] {
        let index = |step: u32| train.partition_point(|&spike| spike < step);
        &train[index(self.from)..index(self.to)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_its_first_step_and_not_its_last() {
        let window = Window { from: 10, to: 20 };
        assert_eq!(window.of(&[3, 9, 10, 15, 19, 20, 40]), [10, 15, 19]);
        assert_eq!(window.of(&[3, 40]), [] as [u32; 0]);
        assert_eq!((window.steps(), window.ends_ms(0.1)), (10, [1.0, 2.0]));
        // A run that was ended early.
        assert_eq!(window.until(15), Window { from: 10, to: 15 });
        assert_eq!(window.until(5).steps(), 0);
    }
}
