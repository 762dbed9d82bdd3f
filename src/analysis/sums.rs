//! A spike train without its spikes: sums that its interval statistics follow from.
//!
//! With intervals I in steps and contrasts c = (I_(i+1) - I_i) / (I_(i+1) + I_i):
//!
//! ```text
//! mean(I) = (last - first) / n          var(I) = sum I^2 / n - mean^2
//! CV2 = 2 mean |c|     LV = 3 mean c^2     LvR = 3 (mean c^2 + 4 R mean c^2 / (I_(i+1) + I_i))
//! ```
//!
//! The sums of intervals are whole numbers, and exact: none is above the square of the run's steps.

use super::Moments;
use super::intervals::{LVR_REFRACTORY_MS, TrainIntervals};
use crate::window::Window;

/// The sums of a spike train.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TrainSums {
    /// How many spikes.
    pub count: u32,
    /// The step of the first.
    pub first: u32,
    /// The step of the last.
    pub last: u32,
    /// The last interval.
    pub interval: u32,
    /// Sum of squared intervals.
    pub squares: u64,
    /// Sum of the contrasts' sizes.
    pub contrasts: f64,
    /// Sum of squared contrasts.
    pub squared_contrasts: f64,
    /// Sum of squared contrasts by the sum of both intervals (1/step).
    pub hasty: f64,
    /// The window of counts that the last spike is in.
    pub window: u32,
    /// Spikes in it.
    pub in_window: u32,
    /// Sum of squared counts of the windows before.
    pub window_squares: u64,
}

/// Windows in which spikes are counted: they tile the analysis window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountWindows {
    /// Where the first begins.
    pub from: u32,
    /// Their length in steps.
    pub length: u32,
}

impl CountWindows {
    /// The window of a step.
    pub fn of(self, step: u32) -> u32 {
        (step - self.from) / self.length
    }

    /// How many are complete after some steps of the run.
    pub fn complete(self, end: u32) -> u32 {
        end.saturating_sub(self.from) / self.length
    }
}

impl TrainSums {
    /// The sums of a train.
    pub fn of(train: &[u32], windows: CountWindows) -> Self {
        let mut sums = TrainSums::default();
        for &step in train {
            sums.push(step, windows);
        }
        sums
    }

    /// Adds a spike; tells the interval that it ends.
    #[inline]
    pub fn push(&mut self, step: u32, windows: CountWindows) -> Option<u32> {
        // The division only where a window ends.
        if step - windows.from - self.window * windows.length >= windows.length {
            self.window_squares += u64::from(self.in_window) * u64::from(self.in_window);
            self.window = windows.of(step);
            self.in_window = 0;
        }
        self.in_window += 1;
        let before = std::mem::replace(&mut self.last, step);
        self.count += 1;
        if self.count == 1 {
            self.first = step;
            return None;
        }
        let interval = step - before;
        let last = std::mem::replace(&mut self.interval, interval);
        self.squares += u64::from(interval) * u64::from(interval);
        if self.count > 2 {
            let per_sum = 1.0 / (f64::from(interval) + f64::from(last));
            let contrast = (f64::from(interval) - f64::from(last)) * per_sum;
            let square = contrast * contrast;
            self.contrasts += contrast.abs();
            self.squared_contrasts += square;
            self.hasty += square * per_sum;
        }
        Some(interval)
    }

    /// The statistics of the intervals, in ms; without the jackknife, which needs the intervals themselves.
    pub fn intervals(&self, dt_ms: f64) -> TrainIntervals {
        let intervals = u64::from(self.count.saturating_sub(1));
        let sum = u64::from(self.last - self.first);
        let pairs = intervals.saturating_sub(1);
        let mean = |sum: f64| (pairs > 0).then(|| sum / pairs as f64);
        let refractory = LVR_REFRACTORY_MS / dt_ms;
        TrainIntervals {
            moments: Moments::of_whole(intervals, sum, self.squares, dt_ms),
            cv2: mean(2.0 * self.contrasts),
            lv: mean(3.0 * self.squared_contrasts),
            lvr: mean(3.0 * (self.squared_contrasts + 4.0 * refractory * self.hasty)),
            cv_jackknife: None,
        }
    }

    /// The number of spikes in the first `windows` windows, and the sum of their squared counts.
    pub fn counts(&self, windows: u32) -> (u64, u64) {
        let last = u64::from(self.in_window);
        // The last window that has spikes may be one too many, cut short by the end; there is none after it.
        match self.window < windows {
            true => (u64::from(self.count), self.window_squares + last * last),
            false => (u64::from(self.count) - last, self.window_squares),
        }
    }
}

/// The windows of a length that tile an analysis window; none if fewer than two fit.
pub fn windows(window: Window, dt_ms: f64, window_ms: f64) -> CountWindows {
    CountWindows { from: window.from, length: (window_ms / dt_ms).round().max(1.0) as u32 }
}
