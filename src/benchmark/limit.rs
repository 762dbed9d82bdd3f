//! What limits a throughput: the roofline of a device (Williams, Waterman and Patterson 2009), and what keeps a kernel below it.

use serde::{Deserialize, Serialize};

use super::throughput::Throughput;
use crate::engine::ceilings::Ceilings;
use crate::engine::cost::{Cost, Operation};

/// What keeps a throughput from being higher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Too few neurons to fill the device: more would be faster.
    FewNeurons,
    /// Handing over work: a block is hardly longer than that takes.
    Launch,
    /// Sums, products, and operations on bits.
    Arithmetic,
    /// Exponentials, roots, quotients and the like.
    SpecialFunctions,
    /// Memory: fewer neurons would be faster, or nothing but reading and writing takes as long.
    Memory,
    /// Taking the spikes from the device.
    Readback,
    /// What the host does with the spikes.
    Host,
}

impl Limit {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Limit::FewNeurons => "few neurons",
            Limit::Launch => "launch",
            Limit::Arithmetic => "arithmetic",
            Limit::SpecialFunctions => "special functions",
            Limit::Memory => "memory",
            Limit::Readback => "readback",
            Limit::Host => "host",
        }
    }
}

/// A throughput from this share of the best on is as good as the best.
const SATURATED: f64 = 0.9;

/// A block of which the launch takes this share is too short.
const LAUNCH: f64 = 0.2;

/// A host that is busy for this share of the time is what all wait for.
const BUSY: f64 = 0.8;

/// The least seconds that each part of a device needs for a neuron-step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    /// Sums, products, and operations on bits.
    pub arithmetic: f64,
    /// What is done beside that by units of their own: special functions, or quotients and roots only.
    pub special: f64,
    /// Reading and writing memory.
    pub memory: f64,
    /// Bringing the raster to the host.
    pub readback: f64,
}

impl Bounds {
    /// What a step costs against what a device can do at best, in blocks of so many steps.
    pub fn new(cost: &Cost, ceilings: &Ceilings, steps_of_a_block: f64) -> Self {
        let per = |count: f64, rate: Option<f64>| match rate {
            Some(rate) if rate > 0.0 => count / rate,
            _ => 0.0,
        };
        let of = |operation| per(cost.of(operation), ceilings.of(operation));
        let all = |beside: bool| -> f64 {
            let is_basic = |operation: &Operation| {
                [Operation::Float, Operation::MultiplyAdd, Operation::Integer].contains(operation)
            };
            Operation::ALL
                .into_iter()
                .filter(|operation| !is_basic(operation))
                .filter(|operation| operation.is_beside(ceilings.is_graphics) == beside)
                .map(of)
                .sum()
        };
        // A multiply-add is as long as a sum, but for devices that do it as two.
        let floats = of(Operation::Float) + of(Operation::MultiplyAdd);
        let sums = floats * ceilings.of(Operation::Float).unwrap_or_default();
        let issued = per(sums + cost.of(Operation::Integer), Some(ceilings.mixed_per_s));
        let arithmetic = floats.max(of(Operation::Integer)).max(issued) + all(false);
        // The raster is cleared before it is written.
        let bytes = cost.bytes_per_block / steps_of_a_block.max(1.0) + 2.0 * cost.raster_bytes;
        Bounds {
            arithmetic,
            special: all(true),
            memory: per(bytes, Some(ceilings.memory_bytes_per_s)),
            readback: per(cost.raster_bytes, ceilings.readback_bytes_per_s),
        }
    }

    /// The most neuron-steps per second that the device could do.
    pub fn attainable(&self) -> f64 {
        self.arithmetic.max(self.special).max(self.memory).max(self.readback).recip()
    }

    /// The part that needs longest.
    pub fn longest(&self) -> Limit {
        let parts = [
            (self.arithmetic, Limit::Arithmetic),
            (self.special, Limit::SpecialFunctions),
            (self.memory, Limit::Memory),
            (self.readback, Limit::Readback),
        ];
        parts
            .into_iter()
            .reduce(|a, b| if b.0 > a.0 { b } else { a })
            .map_or(Limit::Arithmetic, |part| part.1)
    }
}

/// A throughput that is judged.
#[derive(Clone, Copy, Debug)]
pub struct Point<'a> {
    /// How many neurons.
    pub neurons: usize,
    /// What was measured.
    pub throughput: &'a Throughput,
    /// What the device's parts need, where its ceilings were measured.
    pub bounds: Option<Bounds>,
    /// Seconds to hand over work of no length.
    pub launch: f64,
    /// Whether spikes are taken to the host.
    pub records: bool,
}

/// What limits each of the throughputs of one engine and case at several numbers of neurons, in ascending order. `beyond` is
/// the throughput of more neurons than the last has, where that was tried.
pub fn limits(points: &[Point<'_>], beyond: Option<f64>) -> Vec<Limit> {
    let speeds = points.iter().map(|point| point.throughput.median());
    let best = speeds.chain(beyond).fold(0.0, f64::max);
    let saturated = points.iter().position(|p| p.throughput.median() >= SATURATED * best);
    let limit = |(index, point): (usize, &Point<'_>)| {
        let throughput = point.throughput;
        let speed = throughput.median();
        let block = point.neurons as f64 * throughput.steps_of_a_block() / speed.max(1e-9);
        let waits = throughput.device.is_some_and(|own| speed < SATURATED * own);
        let longest = point.bounds.map_or(Limit::Arithmetic, |bounds| bounds.longest());
        if saturated.is_none_or(|saturated| index < saturated) {
            if point.launch > LAUNCH * block { Limit::Launch } else { Limit::FewNeurons }
        } else if throughput.host > BUSY {
            Limit::Host
        } else if waits && (point.launch > LAUNCH * block || !point.records) {
            Limit::Launch
        } else if waits {
            Limit::Readback
        } else if speed < SATURATED * best {
            Limit::Memory
        } else {
            longest
        }
    };
    points.iter().enumerate().map(limit).collect()
}

/// The number of neurons from which on an engine is at nine tenths of its best.
pub fn saturation(points: &[(f64, f64)]) -> Option<f64> {
    let best = points.iter().map(|point| point.1).fold(0.0, f64::max);
    points.iter().find(|point| point.1 >= SATURATED * best).map(|point| point.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cost::Amount;

    fn throughput(median: f64, device: Option<f64>, host: f64) -> Throughput {
        Throughput {
            windows: vec![median],
            device,
            host,
            steps: 64,
            blocks: 1,
            ..Default::default()
        }
    }

    fn point(neurons: usize, throughput: &Throughput) -> Point<'_> {
        Point { neurons, throughput, bounds: None, launch: 0.0, records: true }
    }

    #[test]
    fn limits_follow_from_the_sizes_and_the_clocks() {
        let of = |speed, device, host| throughput(speed, device, host);
        let all = [
            of(10.0, None, 0.0),
            of(95.0, None, 0.0),
            of(100.0, Some(150.0), 0.1),
            of(100.0, Some(150.0), 0.9),
            of(80.0, None, 0.0),
        ];
        let sizes = [1, 10, 100, 1000, 10_000];
        let points: Vec<_> = sizes.into_iter().zip(&all).map(|(n, t)| point(n, t)).collect();
        let expected =
            [Limit::FewNeurons, Limit::Arithmetic, Limit::Readback, Limit::Host, Limit::Memory];
        assert_eq!(limits(&points, None), expected);
        assert_eq!(saturation(&[(1.0, 10.0), (10.0, 95.0), (100.0, 100.0)]), Some(10.0));
        assert_eq!(saturation(&[]), None);
    }

    #[test]
    fn a_single_size_is_judged_by_more_neurons() {
        let one = throughput(100.0, None, 0.0);
        let points = [point(1000, &one)];
        assert_eq!(limits(&points, Some(105.0)), [Limit::Arithmetic]);
        assert_eq!(limits(&points, Some(150.0)), [Limit::FewNeurons]);
        // A block of 64 steps takes 640 s at this speed.
        // A device that waits where nothing is taken from it waits for work.
        let waiting = throughput(100.0, Some(150.0), 0.1);
        let counted = [Point { records: false, ..point(1000, &waiting) }];
        assert_eq!(limits(&counted, None), [Limit::Launch]);
        let launched = [Point { launch: 200.0, ..points[0] }];
        assert_eq!(limits(&launched, Some(150.0)), [Limit::Launch]);
    }

    /// 6 sums, 4 multiply-adds, 4 operations on bits, an exponential and a root.
    fn cost() -> Cost {
        let mut cost = Cost { bytes_per_block: 640.0, raster_bytes: 0.125, ..Cost::default() };
        cost.add(Operation::Float, 6.0);
        cost.add(Operation::MultiplyAdd, 4.0);
        cost.add(Operation::Integer, 4.0);
        cost.add(Operation::Exponential, 1.0);
        cost.add(Operation::SquareRoot, 1.0);
        cost
    }

    fn ceilings(root: f64, multiply_add: f64, is_graphics: bool) -> Ceilings {
        let amount = |operation, count| Amount { operation, count };
        Ceilings {
            operations_per_s: vec![
                amount(Operation::Float, 100.0),
                amount(Operation::MultiplyAdd, multiply_add),
                amount(Operation::Integer, 100.0),
                amount(Operation::Exponential, 20.0),
                amount(Operation::SquareRoot, root),
            ],
            mixed_per_s: 100.0,
            memory_bytes_per_s: 1000.0,
            readback_bytes_per_s: Some(10.0),
            launch_s: 0.0,
            is_graphics,
        }
    }

    fn close(a: f64, b: f64) -> bool {
        (a / b - 1.0).abs() < 1e-12
    }

    #[test]
    fn the_roofline_is_the_slowest_part() {
        // 14 operations take 0.14 s, an exponential 0.05 s, a root 0.1 s. On a graphics processor both are done beside.
        let graphics = Bounds::new(&cost(), &ceilings(10.0, 100.0, true), 64.0);
        assert!(close(graphics.arithmetic, 0.14) && close(graphics.special, 0.15));
        assert!(close(graphics.attainable(), 1.0 / 0.15));
        assert_eq!(graphics.longest(), Limit::SpecialFunctions);
        // On another processor an exponential is arithmetic.
        let processor = Bounds::new(&cost(), &ceilings(10.0, 100.0, false), 64.0);
        assert!(close(processor.arithmetic, 0.19) && close(processor.special, 0.1));
        assert!(close(processor.attainable(), 1.0 / 0.19));
        assert_eq!(processor.longest(), Limit::Arithmetic);
        // 640 bytes over 64 steps, and 0.125 that are cleared and written.
        assert!(close(processor.memory, 10.25 / 1000.0) && close(processor.readback, 0.0125));
        // A device that does a multiply-add as two: 18 operations.
        let unfused = Bounds::new(&cost(), &ceilings(10.0, 50.0, false), 64.0);
        assert!(close(unfused.arithmetic, 0.18 + 0.05));
        // In blocks of a step, memory is slowest.
        let short = Bounds::new(&cost(), &ceilings(10.0, 100.0, false), 1.0);
        assert_eq!(short.longest(), Limit::Memory);
    }
}
