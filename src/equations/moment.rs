//! Polynomials of the time: exact in single precision, however many steps there were.
//!
//! The time of a step is its number times dt. Single precision holds the number by its digits ([`clock`](crate::tape::clock)),
//! not the time: so what is linear in it is kept as `offset + slope k`, with factors that the host computes, until a number
//! is needed. Then `k` is counted from where the number is 0, or, within a sine, only the part of a turn is computed.

use crate::tape::{Builder, DIGIT_BITS, Id, Op, PLACES, STEP_BITS};

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
pub const ROUNDING: f64 = 1e-6;

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
        let (zero, one, half) = (b.constant(0.0), b.constant(1.0), b.constant(0.5));
        if !self.is_linear(b) {
            // Horner, each time as it is.
            let slope = Moment { offset: self.slope, slope: self.curve, curve: zero }.now(b);
            let steps = Moment { offset: zero, slope: one, curve: zero }.now(b);
            return b.push(Op::Fma(slope, steps, self.offset));
        }
        // The step where it is 0; any where the slope is.
        let is_flat = {
            let below = b.push(Op::AtMost(self.slope, zero));
            let above = b.push(Op::AtMost(zero, self.slope));
            b.push(Op::And(below, above))
        };
        let divisor = b.push(Op::Choose(is_flat, one, self.slope));
        let root = b.push(Op::Div(self.offset, divisor));
        let root = b.push(Op::Sub(half, root));
        let root = b.push(Op::Floor(root));
        let last = b.constant(LAST);
        let root = b.push(Op::Max(root, zero));
        let root = b.push(Op::Min(root, last));
        let root = b.push(Op::Choose(is_flat, zero, root));
        let rest = b.push(Op::Fma(self.slope, root, self.offset));
        let size = |b: &mut Builder, x: Id| {
            let minus = b.push(Op::Neg(x));
            b.push(Op::Max(x, minus))
        };
        let least = b.constant(ROUNDING);
        let part = size(b, self.slope);
        let part = b.push(Op::Mul(part, least));
        let rest_size = size(b, rest);
        let is_small = b.push(Op::Below(rest_size, part));
        let rest = b.push(Op::Choose(is_small, zero, rest));
        // Its digits, from the highest; and how far it is to go, in whole steps.
        let mut left = root;
        let mut way = zero;
        for (n, (begin, _)) in PLACES.into_iter().enumerate().rev() {
            let place = 2f64.powi(begin as i32);
            let (per, minus) = (b.constant(1.0 / place), b.constant(-place));
            let digit = b.push(Op::Mul(left, per));
            let digit = b.push(Op::Floor(digit));
            left = b.push(Op::Fma(digit, minus, left));
            let clock = b.push(Op::Clock(n));
            // Within a word, one sum is left.
            way = match n {
                0 => {
                    let of_word = b.push(Op::Sub(way, digit));
                    b.push(Op::Add(of_word, clock))
                }
                _ => {
                    let place = b.constant(place);
                    let steps = b.push(Op::Sub(clock, digit));
                    b.push(Op::Fma(steps, place, way))
                }
            };
        }
        b.push(Op::Fma(self.slope, way, rest))
    }

    /// A number of turns in the step that is made, but for whole ones: with the step k = 32 K + j it is
    /// `p + (w + curve j) j`, of which p and w are of the word and have no whole turns.
    pub fn turns(self, b: &mut Builder) -> Id {
        let of_step = f64::from(1 << STEP_BITS);
        let [once, twice, square] =
            [of_step, 2.0 * of_step, of_step * of_step].map(|x| b.constant(x));
        let slope = b.push(Op::Mul(self.slope, once));
        let of_word = linear(b, slope);
        let offset = centred(b, self.offset);
        let mut phase = b.push(Op::Add(of_word, offset));
        let mut speed = self.slope;
        if !self.is_linear(b) {
            let curve = b.push(Op::Mul(self.curve, square));
            let of_square = quadratic(b, curve);
            phase = b.push(Op::Add(phase, of_square));
            let faster = b.push(Op::Mul(self.curve, twice));
            let faster = linear(b, faster);
            let begin = centred(b, self.slope);
            speed = b.push(Op::Add(faster, begin));
        }
        let phase = centred(b, phase);
        let speed = centred(b, speed);
        let clock = b.push(Op::Clock(0));
        let mut per_step = speed;
        if !self.is_linear(b) {
            let curve = centred(b, self.curve);
            per_step = b.push(Op::Fma(curve, clock, speed));
        }
        b.push(Op::Fma(per_step, clock, phase))
    }
}

/// Parts of a turn are multiplied in two: the upper bits of a part, so many that the product with a digit is exact, and the
/// rest.
const UPPER: f64 = 4096.0;

/// A digit times a number of turns that is the same in every step, on top of a sum, but for most whole turns.
fn digit_times(b: &mut Builder, digit: Id, turns: Id, sum: Id) -> Id {
    let (fine, coarse) = (b.constant(UPPER), b.constant(1.0 / UPPER));
    let part = fract(b, turns);
    let upper = b.push(Op::Mul(part, fine));
    let upper = b.push(Op::Floor(upper));
    let upper = b.push(Op::Mul(upper, coarse));
    let lower = b.push(Op::Sub(part, upper));
    // The sum may have small parts: it comes last. A dozen of these are some turns, in single precision to 1e-6.
    let product = b.push(Op::Mul(digit, upper));
    let product = fract(b, product);
    let product = b.push(Op::Fma(digit, lower, product));
    b.push(Op::Add(sum, product))
}

/// Digits of a word's number, each with what it is a multiple of.
fn digits(b: &mut Builder) -> Vec<(Id, f64)> {
    let digit = |(n, (begin, _)): (usize, (u32, u32))| {
        (b.push(Op::Clock(n)), 2f64.powi((begin - STEP_BITS) as i32))
    };
    PLACES.into_iter().enumerate().skip(1).map(digit).collect()
}

/// Turns times the word's number, but for whole ones.
fn linear(b: &mut Builder, turns: Id) -> Id {
    let mut sum = b.constant(0.0);
    for (digit, place) in digits(b) {
        let place = b.constant(place);
        let scaled = b.push(Op::Mul(turns, place));
        let more = digit_times(b, digit, scaled, sum);
        sum = centred(b, more);
    }
    sum
}

/// Turns times the square of the word's number, but for whole ones: the product of two digits has 22 bits, and is two digits
/// again.
fn quadratic(b: &mut Builder, turns: Id) -> Id {
    let mut sum = b.constant(0.0);
    let all = digits(b);
    let base = f64::from(1 << DIGIT_BITS);
    let (up, down, minus) = (b.constant(base), b.constant(1.0 / base), b.constant(-base));
    for (n, (x, x_place)) in all.iter().enumerate() {
        for (m, (y, y_place)) in all.iter().enumerate().skip(n) {
            let times = if n == m { 1.0 } else { 2.0 };
            let place = b.constant(times * x_place * y_place);
            let scaled = b.push(Op::Mul(turns, place));
            let product = b.push(Op::Mul(*x, *y));
            let high = b.push(Op::Mul(product, down));
            let high = b.push(Op::Floor(high));
            let low = b.push(Op::Fma(high, minus, product));
            sum = digit_times(b, low, scaled, sum);
            let scaled = b.push(Op::Mul(scaled, up));
            sum = digit_times(b, high, scaled, sum);
        }
    }
    sum
}

/// A number of turns without whole ones, between -1/2 and 1/2.
fn centred(b: &mut Builder, turns: Id) -> Id {
    let half = b.constant(0.5);
    let nearest = b.push(Op::Add(turns, half));
    let nearest = b.push(Op::Floor(nearest));
    b.push(Op::Sub(turns, nearest))
}

/// A number without its whole part.
pub fn fract(b: &mut Builder, x: Id) -> Id {
    let floor = b.push(Op::Floor(x));
    b.push(Op::Sub(x, floor))
}
