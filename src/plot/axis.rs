//! Axes: ranges, scales, and ticks at round numbers.

use crate::analysis::round_up;
use crate::unit::{tell, tidied};

/// How values lie along an axis.
#[derive(Clone, Debug, PartialEq)]
pub enum Scale {
    /// Equal distances for equal differences.
    Linear,
    /// Equal distances for equal ratios.
    Log,
    /// Linear, with ticks at values of their own.
    Named(Vec<(f64, String)>),
}

/// An axis.
#[derive(Clone, Debug)]
pub struct Axis {
    /// What is along it, with the unit.
    pub label: String,
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Its scale.
    pub scale: Scale,
    /// How numbers at ticks are written.
    pub format: fn(f64) -> String,
}

/// Axes are equal if the same is along them, from and to the same.
impl PartialEq for Axis {
    fn eq(&self, other: &Self) -> bool {
        let ends = |axis: &Axis| (axis.low, axis.high);
        self.label == other.label && ends(self) == ends(other) && self.scale == other.scale
    }
}

impl Axis {
    /// A linear axis; a range that is none is made one.
    pub fn linear(label: impl Into<String>, low: f64, high: f64) -> Self {
        let (low, high) = match (low.is_finite(), high.is_finite()) {
            (true, true) if high > low => (low, high),
            (true, _) => (low, low + 1.0),
            (false, true) => (high - 1.0, high),
            (false, false) => (0.0, 1.0),
        };
        Axis { label: label.into(), low, high, scale: Scale::Linear, format: number }
    }

    /// A linear axis from 0 to a round number above the highest value.
    pub fn from_zero(label: impl Into<String>, highest: f64) -> Self {
        let high = if highest > 0.0 && highest.is_finite() { highest } else { 1.0 };
        let step = tick_step(high, 8.0);
        let up = (1.02 * high / step).ceil() * step;
        Axis::linear(label, 0.0, tidied(up))
    }

    /// A logarithmic axis; both ends are above 0, at least a factor 10 apart.
    pub fn log(label: impl Into<String>, low: f64, high: f64) -> Self {
        let is_range = low > 0.0 && low.is_finite() && high.is_finite() && high >= low;
        let (low, high) = if is_range { (low, high) } else { (1.0, 10.0) };
        let high = high.max(10.0 * low);
        Axis { label: label.into(), low, high, scale: Scale::Log, format: number }
    }

    /// The same with a margin at both ends, so that what is there is not cut.
    #[must_use]
    pub fn padded(self) -> Self {
        const SHARE: f64 = 0.02;
        let (low, high) = match self.scale {
            Scale::Log => {
                let margin = (self.high / self.low).powf(SHARE);
                (self.low / margin, self.high * margin)
            }
            Scale::Linear | Scale::Named(_) => {
                let margin = SHARE * (self.high - self.low);
                (self.low - margin, self.high + margin)
            }
        };
        Axis { low, high, ..self }
    }

    /// An axis with names at values.
    pub fn named(label: impl Into<String>, high: f64, names: Vec<(f64, String)>) -> Self {
        Axis { scale: Scale::Named(names), ..Axis::linear(label, 0.0, high) }
    }

    /// Where a value lies, from 0 at the lower end to 1 at the upper.
    pub fn share(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Log => (value / self.low).ln() / (self.high / self.low).ln(),
            Scale::Linear | Scale::Named(_) => (value - self.low) / (self.high - self.low),
        }
    }

    /// Ticks with their labels, about `wanted` of them; small ticks have no label.
    pub fn ticks(&self, wanted: f64) -> Vec<(f64, String)> {
        match &self.scale {
            Scale::Linear => {
                let step = self.step(wanted);
                let (first, last) =
                    ((self.low / step - 1e-6).ceil(), (self.high / step + 1e-6).floor());
                let count = (last - first).clamp(0.0, 1000.0) as u32;
                let at = |k: u32| tidied((first + f64::from(k)) * step);
                (0..=count).map(|k| (at(k), (self.format)(at(k)))).collect()
            }
            Scale::Log => self.log_ticks(wanted),
            Scale::Named(names) => {
                let every = (names.len() as f64 / wanted.max(1.0)).ceil().max(1.0) as usize;
                names.iter().step_by(every).cloned().collect()
            }
        }
    }

    /// The distance of ticks: of round ones the first with which both ends have a tick, if there is one that is not much
    /// longer or shorter.
    fn step(&self, wanted: f64) -> f64 {
        let least = tick_step(self.high - self.low, wanted);
        let is_whole = |x: f64| (x - x.round()).abs() < 1e-6;
        let candidates = [1.0, 2.0, 2.5, 0.4].map(|longer| round_up(least * longer));
        let meets = |step: &f64| is_whole(self.low / step) && is_whole(self.high / step);
        candidates.into_iter().find(meets).unwrap_or(least)
    }

    fn log_ticks(&self, wanted: f64) -> Vec<(f64, String)> {
        let decades = (self.high / self.low).log10();
        let (first, last) = (self.low.log10().floor() as i32, self.high.log10().ceil() as i32);
        // Of many decades not all have a label; of one or two, 2 and 5 have one as well.
        let every = (decades / wanted.max(1.0)).ceil().max(1.0) as i32;
        let is_labelled = |digit: i32, decade: i32| match digit {
            1 => (decade - first) % every == 0,
            2 | 5 => decades <= 2.2,
            3 => decades <= 1.05,
            _ => false,
        };
        let mut ticks = Vec::new();
        for decade in first..=last {
            for digit in 1..=9 {
                // The double nearest to the decimal number.
                let value = format!("{digit}e{decade}").parse().unwrap_or(f64::NAN);
                if value >= self.low * (1.0 - 1e-9) && value <= self.high * (1.0 + 1e-9) {
                    let is_labelled = is_labelled(digit, decade);
                    let label = if is_labelled { (self.format)(value) } else { String::new() };
                    if decades <= 8.0 || digit == 1 {
                        ticks.push((value, label));
                    }
                }
            }
        }
        ticks
    }
}

/// A round distance (1, 2 or 5 times a power of ten) of about `wanted` ticks in a range.
fn tick_step(range: f64, wanted: f64) -> f64 {
    let least = range / wanted.max(1.0);
    if least.is_finite() && least > 0.0 { round_up(least) } else { 1.0 }
}

/// A number as a tick has it.
pub fn number(x: f64) -> String {
    // No minus in front of nothing; a true minus elsewhere.
    let x = tidied((x * 1e9).round() / 1e9 + 0.0);
    let text = if x == 0.0 { "0".to_owned() } else { tell(x) };
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis, wanted: f64) -> Vec<String> {
        axis.ticks(wanted).into_iter().map(|(_, label)| label).filter(|l| !l.is_empty()).collect()
    }

    #[test]
    fn ticks_are_round_and_reach_the_ends() {
        assert_eq!(labels(&Axis::linear("", 0.0, 200.0), 5.0), ["0", "50", "100", "150", "200"]);
        assert_eq!(labels(&Axis::linear("", -0.3, 0.1), 4.0), ["−0.3", "−0.2", "−0.1", "0", "0.1"]);
        assert_eq!(labels(&Axis::from_zero("", 57.3), 5.0), ["0", "20", "40", "60"]);
        assert_eq!(labels(&Axis::log("", 1.0, 1000.0), 6.0), ["1", "10", "100", "1000"]);
        assert_eq!(labels(&Axis::log("", 2.0, 30.0), 6.0), ["2", "5", "10", "20"]);
        // No decade is blank, and no label stands for another.
        assert_eq!(labels(&Axis::log("", 0.7, 2e6), 8.0).len(), 7);
        assert_eq!(Axis::log("", 1.0, 100.0).share(10.0), 0.5);
    }

    #[test]
    fn a_range_that_is_none_is_made_one() {
        for (low, high) in
            [(3.0, 3.0), (f64::NAN, 2.0), (f64::INFINITY, f64::NEG_INFINITY), (2.0, 1.0)]
        {
            let axis = Axis::linear("", low, high);
            assert!(axis.high > axis.low && axis.low.is_finite() && axis.high.is_finite());
            assert!(!axis.ticks(5.0).is_empty());
        }
        assert!(Axis::log("", 0.0, 5.0).low > 0.0);
        assert_eq!(Axis::from_zero("", 0.0).high, 1.2);
    }
}
