//! What models are generic over: numbers, and the masks that comparing them gives.

use std::fmt::Debug;
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

use crate::random::Words;

/// A number of a model: in single or double precision, or a [`Symbol`](crate::tape::Symbol), which writes down what is
/// done to it.
pub trait Number:
    Copy
    + Debug
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + 'static
{
    /// What comparing gives: yes or no, for each lane where there are several.
    type Mask: Copy
        + Debug
        + BitAnd<Output = Self::Mask>
        + BitOr<Output = Self::Mask>
        + Not<Output = Self::Mask>;

    /// The nearest number of this precision.
    fn of(x: f64) -> Self;

    /// `self` times `factor`, plus `term`.
    fn mul_add(self, factor: Self, term: Self) -> Self;

    /// exp(x), x = `factor` times `self`. In single precision only for -87 <= x <= 88, with a relative error
    /// below 2.5e-7 + 1.2e-7 abs(x).
    fn exp_times(self, factor: f64) -> Self;

    /// x / (exp(x) - 1), given exp(x) - 1: the shape of the rates alpha_m and alpha_n of
    /// Hodgkin and Huxley (1952), smooth at 0. Within 2e-6 (relative), where exp(x) is exact.
    fn exprelr(self, exp_m1: Self) -> Self;

    /// (1 - exp(-y)) / y for 0 <= y up to the limit of `reach`: what is left of a step of the length y
    /// towards a steady state that is approached meanwhile (the phi function of exponential integrators,
    /// Hochbruck and Ostermann 2010). Within 2.2e-6 (relative).
    fn phi(self, reach: Reach) -> Self;

    /// Whether `self` < `other`.
    fn below(self, other: Self) -> Self::Mask;

    /// Whether `self` <= `other`.
    fn at_most(self, other: Self) -> Self::Mask;

    /// Whether `self` > `other`.
    #[inline(always)]
    fn above(self, other: Self) -> Self::Mask {
        other.below(self)
    }

    /// Whether `self` >= `other`.
    #[inline(always)]
    fn at_least(self, other: Self) -> Self::Mask {
        other.at_most(self)
    }

    /// Whether it is 0 or above. Where a device may flush small numbers, -0 is below: what approaches 0 from below does
    /// not reach it.
    fn not_negative(self) -> Self::Mask;

    /// One of two: the first where the mask holds.
    fn choose(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// The same under a name that printed code shows.
    #[inline(always)]
    #[must_use]
    fn named(self, _name: &'static str) -> Self {
        self
    }
}

/// A number that an engine computes with: of single or double precision.
pub trait Real: Number<Mask = bool> + Default + PartialOrd {
    /// Name of the precision on the command line and in `summary.json`.
    const PRECISION: &'static str;

    /// This number in double precision, exactly.
    fn to_f64(self) -> f64;

    /// e^x. In single precision x is held between -87 and 88, where the result is a number of it.
    fn exp(self) -> Self;

    /// e^x - 1.
    fn exp_m1(self) -> Self;

    /// The natural logarithm.
    fn ln(self) -> Self;

    /// The square root.
    fn sqrt(self) -> Self;

    /// The hyperbolic tangent.
    fn tanh(self) -> Self;

    /// The sine.
    fn sin(self) -> Self;

    /// sin(2 pi x). In single precision within 2e-7, where whole turns are exact: x is some turns at most.
    fn sin_turns(self) -> Self;

    /// cos(2 pi x), as that, in fewer operations.
    fn cos_turns(self) -> Self;

    /// The cosine.
    fn cos(self) -> Self;

    /// x to a power, for x >= 0.
    fn pow(self, power: Self) -> Self;

    /// The largest whole number that is not larger.
    fn floor(self) -> Self;

    /// A uniform deviate between 0 and 1, never 0, from a uniform 32-bit word: an odd multiple of 2^-31, rounded.
    fn fraction(bits: u32) -> Self;

    /// Two independent standard normal deviates from two uniform 32-bit words.
    fn normal_pair(words: Words) -> NormalPair<Self>;

    /// An exponential deviate of mean 1, -ln(odd / 2^14), from an odd number below 2^14: 9.7 at most. In single
    /// precision within 0.01, so that it may be that much below 0; probabilities exp(-x) above 6e-5 come out within
    /// 1 % of theirs, up and down, and right on average, others as 0.
    fn exponential(odd: u32) -> Self;
}

/// Two independent standard normal deviates as a point of the plane in polar coordinates (Box and Muller
/// 1958): the deviates are `radius * cos` and `radius * sin`. A factor of both is applied once, to the
/// radius.
#[derive(Clone, Copy, Debug)]
pub struct NormalPair<R> {
    /// The distance from the origin.
    pub radius: R,
    /// The first coordinate of the direction.
    pub cos: R,
    /// The second coordinate of the direction.
    pub sin: R,
}

impl<R: Number> NormalPair<R> {
    /// The first deviate on top of `base`.
    #[inline(always)]
    pub fn first_on(&self, base: R) -> R {
        self.radius.mul_add(self.cos, base)
    }

    /// The second deviate on top of `base`.
    #[inline(always)]
    pub fn second_on(&self, base: R) -> R {
        self.radius.mul_add(self.sin, base)
    }
}

/// How large the argument of [`Number::phi`] may be: the smaller, the fewer operations it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Any number: beyond 1.6 by an exponential and a division.
    Any,
    /// 3.5.
    Far,
    /// 1.6.
    Near,
    /// 0.1.
    Nearest,
}

impl Reach {
    /// The largest argument.
    pub const fn limit(self) -> f64 {
        match self {
            Reach::Any => f64::INFINITY,
            Reach::Far => 3.5,
            Reach::Near => 1.6,
            Reach::Nearest => 0.1,
        }
    }
}
