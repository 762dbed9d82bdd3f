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
use super::divisor::Divisor;
use super::train::{LVR_REFRACTORY_MS, TrainIntervals};
use crate::window::Window;

/// The sums of a spike train.
#[derive(Clone, Copy, Debug, Default, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
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
    from: u32,
    length: Divisor,
}

impl CountWindows {
    /// Windows of `length` steps from the step `from` on.
    pub fn new(from: u32, length: u32) -> Self {
        CountWindows { from, length: Divisor::new(length) }
    }

    /// The length of a window in steps.
    pub fn length(self) -> u32 {
        self.length.value
    }

    /// The window of a step.
    #[inline]
    pub fn of(self, step: u32) -> u32 {
        self.length.quotient(step - self.from)
    }

    /// How many are complete after some steps of the run.
    pub fn complete(self, end: u32) -> u32 {
        end.saturating_sub(self.from) / self.length.value
    }
}

/// How two neighbouring intervals differ: c = (now - before) / (now + before).
#[derive(Clone, Copy, Debug, Default)]
pub struct Contrast {
    /// |c|
    size: f64,
    /// c^2
    square: f64,
    /// c^2 / (now + before), by steps.
    hasty: f64,
}

impl Contrast {
    /// Of an interval and the one before (steps).
    #[inline]
    pub fn of([now, before]: [u32; 2]) -> Self {
        Contrast::of_steps((&f64::from(now), &f64::from(before)))
    }

    /// The same of numbers of steps.
    #[inline(always)]
    pub fn of_steps((now, before): (&f64, &f64)) -> Self {
        // Of the first spike, both are 0.
        let per_sum = 1.0 / (now + before).max(1.0);
        let contrast = (now - before) * per_sum;
        let square = contrast * contrast;
        Contrast { size: contrast.abs(), square, hasty: square * per_sum }
    }
}

impl TrainSums {
    /// Whether it can be what a train has come to before the step `end`, where spikes count from `from` on.
    pub fn fits(&self, from: u32, end: u32, windows: CountWindows) -> bool {
        let TrainSums { count, first, last, interval, window, in_window, .. } = *self;
        match count {
            0 => *self == TrainSums::default(),
            _ => {
                (from..=last).contains(&first)
                    && last < end
                    && interval <= last - first
                    && window == windows.of(last)
                    && (1..=count).contains(&in_window)
            }
        }
    }

    /// Adds a spike to the whole numbers; tells the interval that it ends and the one before: twice the same if there is
    /// none before, 0 for the first spike. Without a branch, which would be hard to foresee.
    #[inline]
    pub fn advance(&mut self, step: u32, windows: CountWindows) -> [u32; 2] {
        let window = windows.of(step);
        let ends = u32::from(window != std::mem::replace(&mut self.window, window));
        self.window_squares += u64::from(ends * self.in_window) * u64::from(self.in_window);
        self.in_window = (1 - ends) * self.in_window + 1;
        let count = self.count;
        self.count += 1;
        self.first = if count == 0 { step } else { self.first };
        let interval = if count == 0 { 0 } else { step - self.last };
        self.last = step;
        let before = if count < 2 { interval } else { self.interval };
        self.interval = interval;
        self.squares += u64::from(interval) * u64::from(interval);
        [interval, before]
    }

    /// Adds the contrast of two intervals.
    #[inline(always)]
    pub fn add(&mut self, contrast: Contrast) {
        self.contrasts += contrast.size;
        self.squared_contrasts += contrast.square;
        self.hasty += contrast.hasty;
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

/// The windows of a length that tile an analysis window.
pub fn windows(window: Window, dt_ms: f64, window_ms: f64) -> CountWindows {
    CountWindows::new(window.from, (window_ms / dt_ms).round().max(1.0) as u32)
}
