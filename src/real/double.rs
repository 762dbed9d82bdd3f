//! Double precision, by the standard library.

use super::number::{NormalPair, Number, Reach, Real};
use crate::random::Words;

impl Number for f64 {
    type Mask = bool;

    #[inline(always)]
    fn of(x: f64) -> Self {
        x
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        self * factor + term
    }

    #[inline(always)]
    fn exp_times(self, factor: f64) -> Self {
        (factor * self).exp()
    }

    #[inline(always)]
    fn exprelr(self, _exp_m1: Self) -> Self {
        // The next term, x^2 / 12, is below the last digit.
        if self.abs() < 1e-8 { 1.0 - 0.5 * self } else { self / self.exp_m1() }
    }

    #[inline(always)]
    fn phi(self, _reach: Reach) -> Self {
        (-self).exprelr(0.0).recip()
    }

    #[inline(always)]
    fn below(self, other: Self) -> bool {
        self < other
    }

    #[inline(always)]
    fn at_most(self, other: Self) -> bool {
        self <= other
    }

    #[inline(always)]
    fn above(self, other: Self) -> bool {
        self > other
    }

    #[inline(always)]
    fn at_least(self, other: Self) -> bool {
        self >= other
    }

    #[inline(always)]
    fn not_negative(self) -> bool {
        self >= Self::of(0.0)
    }

    #[inline(always)]
    fn choose(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }
}

impl Real for f64 {
    const PRECISION: &'static str = "f64";

    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }

    #[inline(always)]
    fn exp(self) -> Self {
        f64::exp(self)
    }

    #[inline(always)]
    fn exp_m1(self) -> Self {
        f64::exp_m1(self)
    }

    #[inline(always)]
    fn ln(self) -> Self {
        f64::ln(self)
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }

    #[inline(always)]
    fn tanh(self) -> Self {
        f64::tanh(self)
    }

    #[inline(always)]
    fn sin(self) -> Self {
        f64::sin(self)
    }

    #[inline(always)]
    fn sin_turns(self) -> Self {
        (std::f64::consts::TAU * self).sin()
    }

    #[inline(always)]
    fn cos_turns(self) -> Self {
        (std::f64::consts::TAU * self).cos()
    }

    #[inline(always)]
    fn cos(self) -> Self {
        f64::cos(self)
    }

    #[inline(always)]
    fn floor(self) -> Self {
        f64::floor(self)
    }

    #[inline(always)]
    fn pow(self, power: Self) -> Self {
        self.powf(power)
    }

    #[inline(always)]
    fn fraction(bits: u32) -> Self {
        f64::from((bits >> 1) | 1) / 2_147_483_648.0
    }

    #[inline(always)]
    fn normal_pair(Words { radius, angle }: Words) -> NormalPair<Self> {
        let u = 1.0 - f64::from((radius & 0x7fff_ffff) | 1) / 2_147_483_648.0;
        let radius = (-2.0 * u.ln()).sqrt();
        let t = f64::from(angle & 0x007f_ffff) / 4_194_304.0 - 1.0;
        let (s, c) = (t * std::f64::consts::FRAC_PI_4).sin_cos();
        let c = if angle & 0x8000_0000 == 0 { c } else { -c };
        let (cos, sin) = if angle & 0x4000_0000 == 0 { (c, s) } else { (s, c) };
        NormalPair { radius, cos, sin }
    }

    #[inline(always)]
    fn exponential(odd: u32) -> Self {
        -(f64::from(odd) / 16_384.0).ln()
    }
}
