//! The interval statistics of one spike train, as [`intervals`](super::intervals) defines them.

use super::Moments;

/// The interval statistics of one spike train.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TrainIntervals {
    /// Number, mean and standard deviation of the intervals.
    pub moments: Moments,
    /// Local irregularity CV2, of at least two intervals.
    pub cv2: Option<f64>,
    /// Local variation LV, of at least two intervals.
    pub lv: Option<f64>,
    /// Local variation revised for the refractory period, LvR, of at least two intervals.
    pub lvr: Option<f64>,
    /// The jackknifed CV, of at least three intervals.
    pub cv_jackknife: Option<f64>,
}

/// The constant R of LvR (ms).
pub const LVR_REFRACTORY_MS: f64 = 5.0;
