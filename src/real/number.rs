//! What models are generic over.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::random::Words;

/// A floating point number that models are generic over: `f32` or `f64`.
pub trait Real:
    Copy
    + Debug
    + Default
    + PartialOrd
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + 'static
{
    /// Name of the precision on the command line and in `summary.json`.
    const PRECISION: &'static str;

    /// The nearest number of this precision.
    fn of(x: f64) -> Self;

    /// This number in double precision, exactly.
    fn to_f64(self) -> f64;

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

impl<R: Real> NormalPair<R> {
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

/// How large the argument of [`Real::phi`] may be: the smaller, the fewer operations it takes.
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
