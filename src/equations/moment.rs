//! Polynomials of the time: exact in single precision, however many steps there were.
//!
//! The time of a step is its number times dt. Single precision holds the number by its digits ([`clock`](crate::tape::clock)),
//! not the time: so what is linear in it is kept as `offset + slope k`, with factors that the host computes, until a number
//! is needed. Then `k` is counted from where the number is 0, or, within a sine, only the part of a turn is computed.

use crate::tape::{Builder, DIGIT, Id, Op};

/// `offset + slope k + curve k^2` at the step k. The factors are the same in every step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// At time 0.
    pub(super) offset: Id,
    /// From step to step.
    pub(super) slope: Id,
    /// With the square of the step.
    pub(super) curve: Id,
}

/// The smallest part of a step that is one: less is the rounding of a division.
const ROUNDING: f64 = 1e-6;

/// Numbers of steps have 32 bits.
const LAST: f64 = u32::MAX as f64;

impl Moment {
    /// The time of a step.
    pub fn time(b: &mut Builder, dt: Id) -> Self {
        let zero = b.constant(0.0);
        Moment { offset: zero, slope: dt, curve: zero }
    }

    pub(super) fn is_linear(self, b: &Builder) -> bool {
        b.as_constant(self.curve) == Some(0.0)
    }

    /// Times what is the same in every step.
    #[must_use]
    pub fn times(self, b: &mut Builder, by: Id) -> Self {
        let [offset, slope, curve] =
            [self.offset, self.slope, self.curve].map(|x| b.push(Op::Mul(x, by)));
        Moment { offset, slope, curve }
    }

    pub(super) fn over(self, b: &mut Builder, by: Id) -> Self {
        let [offset, slope, curve] =
            [self.offset, self.slope, self.curve].map(|x| b.push(Op::Div(x, by)));
        Moment { offset, slope, curve }
    }

    pub(super) fn plus(self, b: &mut Builder, other: Moment) -> Self {
        let mut sum = |x, y| b.push(Op::Add(x, y));
        Moment {
            offset: sum(self.offset, other.offset),
            slope: sum(self.slope, other.slope),
            curve: sum(self.curve, other.curve),
        }
    }

    pub(super) fn product(self, b: &mut Builder, other: Moment) -> Self {
        let offset = b.push(Op::Mul(self.offset, other.offset));
        let slope = b.push(Op::Mul(self.slope, other.offset));
        let slope = b.push(Op::Fma(self.offset, other.slope, slope));
        let curve = b.push(Op::Mul(self.slope, other.slope));
        Moment { offset, slope, curve }
    }

    /// The number in the step that is made. Steps are counted from the one that is nearest to where it is 0: there it is
    /// most exact.
    pub fn now(self, b: &mut Builder) -> Id {
        if !self.is_linear(b) {
            // Horner, each time as it is.
            let zero = b.constant(0.0);
            let slope = Moment { offset: self.slope, slope: self.curve, curve: zero }.now(b);
            let one = b.constant(1.0);
            let steps = Moment { offset: zero, slope: one, curve: zero }.now(b);
            return b.push(Op::Fma(slope, steps, self.offset));
        }
        let (zero, one) = (b.constant(0.0), b.constant(1.0));
        let [clock_0, clock_1, clock_2] = [0, 1, 2].map(|n| b.push(Op::Clock(n)));
        let digit = f64::from(1 << DIGIT);
        let (base, high, per, per_high) = (
            b.constant(digit),
            b.constant(digit * digit),
            b.constant(1.0 / digit),
            b.constant(1.0 / (digit * digit)),
        );
        // The step where it is 0; any where the slope is.
        let is_flat = {
            let below = b.push(Op::AtMost(self.slope, zero));
            let above = b.push(Op::AtMost(zero, self.slope));
            b.push(Op::And(below, above))
        };
        let divisor = b.push(Op::Choose(is_flat, one, self.slope));
        let root = b.push(Op::Div(self.offset, divisor));
        let half = b.constant(0.5);
        let root = b.push(Op::Sub(half, root));
        let root = b.push(Op::Floor(root));
        let last = b.constant(LAST);
        let root = b.push(Op::Max(root, zero));
        let root = b.push(Op::Min(root, last));
        let root = b.push(Op::Choose(is_flat, zero, root));
        let rest = b.push(Op::Fma(self.slope, root, self.offset));
        let part = {
            let minus = b.push(Op::Neg(self.slope));
            let size = b.push(Op::Max(self.slope, minus));
            let least = b.constant(ROUNDING);
            b.push(Op::Mul(size, least))
        };
        let is_small = {
            let minus = b.push(Op::Neg(rest));
            let size = b.push(Op::Max(rest, minus));
            b.push(Op::Below(size, part))
        };
        let rest = b.push(Op::Choose(is_small, zero, rest));
        // Its digits.
        let root_2 = b.push(Op::Mul(root, per_high));
        let root_2 = b.push(Op::Floor(root_2));
        let minus_high = b.push(Op::Neg(high));
        let low = b.push(Op::Fma(root_2, minus_high, root));
        let root_1 = b.push(Op::Mul(low, per));
        let root_1 = b.push(Op::Floor(root_1));
        let minus_base = b.push(Op::Neg(base));
        let root_0 = b.push(Op::Fma(root_1, minus_base, low));
        let way = [(clock_0, root_0), (clock_1, root_1), (clock_2, root_2)]
            .map(|(clock, root)| b.push(Op::Sub(clock, root)));
        let steps = b.push(Op::Mul(way[2], high));
        let steps = b.push(Op::Fma(way[1], base, steps));
        let steps = b.push(Op::Add(steps, way[0]));
        b.push(Op::Fma(self.slope, steps, rest))
    }

    /// The part of a turn, between -1/2 and 1/2, of a number of turns; none if it would have to be counted from step to
    /// step, where nothing can be.
    pub(super) fn part_of_turn(
        self,
        b: &mut Builder,
        accumulators: Option<&mut Accumulators>,
    ) -> Option<Id> {
        let phase = match self.is_linear(b) {
            true => self.linear_part(b),
            false => accumulators?.phase(b, self.slope, self.curve),
        };
        let offset = fract(b, self.offset);
        let phase = b.push(Op::Add(phase, offset));
        let half = b.constant(0.5);
        let nearest = b.push(Op::Add(phase, half));
        let nearest = b.push(Op::Floor(nearest));
        Some(b.push(Op::Sub(phase, nearest)))
    }

    /// Slope times step without whole turns, by digits: a digit of 11 bits times the 12 upper bits of a part of a turn is
    /// exact, and so are two of them together.
    fn linear_part(self, b: &mut Builder) -> Id {
        let (fine, coarse) = (b.constant(4096.0), b.constant(1.0 / 4096.0));
        let mut scaled = self.slope;
        let mut parts = Vec::new();
        for n in 0..3 {
            let part = fract(b, scaled);
            let upper = b.push(Op::Mul(part, fine));
            let upper = b.push(Op::Floor(upper));
            let upper = b.push(Op::Mul(upper, coarse));
            let lower = b.push(Op::Sub(part, upper));
            parts.push((b.push(Op::Clock(n)), upper, lower));
            let base = b.constant(f64::from(1 << DIGIT));
            scaled = b.push(Op::Mul(part, base));
        }
        let mut sum = b.push(Op::Mul(parts[0].0, parts[0].1));
        sum = b.push(Op::Fma(parts[1].0, parts[1].1, sum));
        sum = fract(b, sum);
        sum = b.push(Op::Fma(parts[2].0, parts[2].1, sum));
        sum = fract(b, sum);
        for (clock, _, lower) in parts {
            sum = b.push(Op::Fma(clock, lower, sum));
        }
        sum
    }
}

/// A number without its whole part.
pub fn fract(b: &mut Builder, x: Id) -> Id {
    let floor = b.push(Op::Floor(x));
    b.push(Op::Sub(x, floor))
}

/// Phases whose frequency changes in time, kept as states: a turn has 2^69 parts, in numbers of 23 bits that single
/// precision has exactly. The frequency takes three of them, of the phase two are enough.
#[derive(Debug, Default)]
pub struct Accumulators {
    /// Index of the first state that is free.
    first: usize,
    /// Values at time 0 and in the next step.
    pub states: Vec<(Id, Id)>,
    /// The phases by their slopes and curves.
    known: Vec<((Id, Id), Id)>,
}

impl Accumulators {
    /// None yet; their states come from this index on.
    pub fn from_state(first: usize) -> Self {
        Accumulators { first, ..Accumulators::default() }
    }
}

/// Bits of a part.
const PART: f64 = 8_388_608.0;

impl Accumulators {
    /// The part of a turn of `slope k + curve k^2`.
    fn phase(&mut self, b: &mut Builder, slope: Id, curve: Id) -> Id {
        if let Some((_, phase)) = self.known.iter().find(|(of, _)| *of == (slope, curve)) {
            return *phase;
        }
        // From a step to the next, the phase goes on by slope + curve (2 k + 1).
        let two = b.constant(2.0);
        let faster = b.push(Op::Mul(two, curve));
        let begin = b.push(Op::Add(slope, curve));
        let (begin, faster) = (parts(b, begin), parts(b, faster));
        let first = self.first + self.states.len();
        let leaf: Vec<Id> = (0..5).map(|n| b.push(Op::State(first + n))).collect();
        let (phase, frequency) = ([leaf[0], leaf[1]], [leaf[2], leaf[3], leaf[4]]);
        let zero = b.constant(0.0);
        let next_phase = sum(b, &phase, &frequency[..2]);
        let next_frequency = sum(b, &frequency, &faster);
        let starts = [zero, zero, begin[0], begin[1], begin[2]];
        self.states.extend(starts.into_iter().zip(next_phase.into_iter().chain(next_frequency)));
        let (coarse, fine) = (b.constant(1.0 / PART), b.constant(1.0 / (PART * PART)));
        let upper = b.push(Op::Mul(phase[0], coarse));
        let part = b.push(Op::Fma(phase[1], fine, upper));
        self.known.push(((slope, curve), part));
        part
    }
}

/// A part of a turn as three numbers of 23 bits, the highest first.
fn parts(b: &mut Builder, turns: Id) -> [Id; 3] {
    let scale = b.constant(PART);
    let mut rest = fract(b, turns);
    [0, 1, 2].map(|_| {
        let scaled = b.push(Op::Mul(rest, scale));
        let part = b.push(Op::Floor(scaled));
        rest = b.push(Op::Sub(scaled, part));
        part
    })
}

/// The sum of two parts of a turn, without whole turns; the highest number first.
fn sum(b: &mut Builder, x: &[Id], y: &[Id]) -> Vec<Id> {
    let (per, minus) = (b.constant(1.0 / PART), b.constant(-PART));
    let mut carry = None;
    let mut digits = Vec::new();
    for (x, y) in x.iter().zip(y).rev() {
        let mut digit = b.push(Op::Add(*x, *y));
        if let Some(carry) = carry {
            digit = b.push(Op::Add(digit, carry));
        }
        let over = b.push(Op::Mul(digit, per));
        let over = b.push(Op::Floor(over));
        digits.push(b.push(Op::Fma(over, minus, digit)));
        carry = Some(over);
    }
    digits.reverse();
    digits
}
