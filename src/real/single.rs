//! Single precision by branch-free polynomials, with the error bound of each.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Sub};

use super::number::{NormalPair, Number, Reach, Real};
use crate::random::Words;

/// Single precision. `FUSED` tells whether a product and a sum are rounded once (fused multiply-add, an
/// instruction of every processor with AVX2, AVX-512 or NEON) or twice; see [`fused_here`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(transparent)]
pub struct Single<const FUSED: bool>(f32);

/// Whether this processor has a fused multiply-add that the kernels use.
pub fn fused_here() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("fma") && is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    return cfg!(target_arch = "aarch64");
}

/// Passes an operator on to the number within.
macro_rules! operator {
    ($($operator:ident::$function:ident),+) => {
        $(impl<const FUSED: bool> $operator for Single<FUSED> {
            type Output = Self;
            #[inline(always)]
            fn $function(self, other: Self) -> Self {
                Single($operator::$function(self.0, other.0))
            }
        })+
    };
}
operator!(Add::add, Sub::sub, Mul::mul, Div::div);

/// Each comparison is passed on as it is: made of `partial_cmp`, as by `derive`, it would be a branch.
impl<const FUSED: bool> PartialOrd for Single<FUSED> {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.0.partial_cmp(&other.0)
    }
    #[inline(always)]
    fn lt(&self, other: &Self) -> bool {
        self.0 < other.0
    }
    #[inline(always)]
    fn le(&self, other: &Self) -> bool {
        self.0 <= other.0
    }
    #[inline(always)]
    fn gt(&self, other: &Self) -> bool {
        self.0 > other.0
    }
    #[inline(always)]
    fn ge(&self, other: &Self) -> bool {
        self.0 >= other.0
    }
}

impl<const FUSED: bool> Neg for Single<FUSED> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Single(-self.0)
    }
}

impl<const FUSED: bool> Number for Single<FUSED> {
    type Mask = bool;

    #[inline(always)]
    fn of(x: f64) -> Self {
        Single(x as f32)
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        Single(if FUSED { self.0.mul_add(factor.0, term.0) } else { self.0 * factor.0 + term.0 })
    }

    /// exp(x) = 2^n 2^r with n the integer nearest to x log2(e) and abs(r) <= 1/2; the degree-5
    /// minimax polynomial of 2^r errs by 7.5e-8.
    #[inline(always)]
    fn exp_times(self, factor: f64) -> Self {
        // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
        const SHIFT: f32 = 12_582_912.0;
        let x = self * Single::of(factor * std::f64::consts::LOG2_E);
        let shifted = x + Single(SHIFT);
        let r = x - (shifted - Single(SHIFT));
        let p = r.even_odd([
            0.001_327_647_3,
            0.009_675_541,
            0.055_507_133,
            0.240_221_2,
            0.693_146_97,
            1.000_000_1,
        ]);
        Single(f32::from_bits(p.0.to_bits().wrapping_add(shifted.0.to_bits() << 23)))
    }

    /// For abs(x) <= 1 the quotient loses digits (and is 0/0 at 0): there, x / (exp(x) - 1) + x/2 =
    /// (x/2) coth(x/2) is even, and its minimax polynomial of degree 2 in x^2 errs by 9.9e-7.
    #[inline(always)]
    fn exprelr(self, exp_m1: Self) -> Self {
        let x2 = self * self;
        let even = x2.polynomial([-0.001_340_742_9, 0.083_315_48, 1.000_001]);
        let near = self.mul_add(Single(-0.5), even);
        let far = self / exp_m1;
        if x2.0 > 1.0 { far } else { near }
    }

    /// Minimax polynomials that are 1 at 0: of degree 7 (error 9.0e-7), 5 (1.4e-6) and 2 (1.6e-6).
    #[inline(always)]
    fn phi(self, reach: Reach) -> Self {
        match reach {
            Reach::Any => {
                let y = if self.0 > 87.0 { Single(87.0) } else { self };
                // Of a small y the exponential is a difference of near numbers.
                let near = y.phi_near();
                let far = (Single(1.0) - y.exp_times(-1.0)) / self;
                if self.0 > Reach::Near.limit() as f32 { far } else { near }
            }
            Reach::Far => self.polynomial([
                -5.527_273e-6,
                1.152_096_7e-4,
                -0.001_172_439_6,
                0.008_000_625,
                -0.041_380_577,
                0.166_545_73,
                -0.499_982_04,
                1.0,
            ]),
            Reach::Near => self.phi_near(),
            Reach::Nearest => self.polynomial([0.160_976_56, -0.499_824_38, 1.0]),
        }
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

impl<const FUSED: bool> Real for Single<FUSED> {
    const PRECISION: &'static str = "f32";

    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self.0)
    }

    #[inline(always)]
    fn exp(self) -> Self {
        let low = if self.0 < -87.0 { Single(-87.0) } else { self };
        let x = if low.0 > 88.0 { Single(88.0) } else { low };
        x.exp_times(1.0)
    }

    /// By [`exprelr`](Number::exprelr)'s polynomial for abs(x) <= 1.
    #[inline(always)]
    fn exp_m1(self) -> Self {
        let x2 = self * self;
        let even = x2.polynomial([-0.001_340_742_9, 0.083_315_48, 1.000_001]);
        let near = self / self.mul_add(Single(-0.5), even);
        let far = Real::exp(self) - Single(1.0);
        if x2.0 > 1.0 { far } else { near }
    }

    /// (exp(2x) - 1) / (exp(2x) + 1).
    #[inline(always)]
    fn tanh(self) -> Self {
        let twice = self + self;
        let held = if twice.0 > 20.0 { Single(20.0) } else { twice };
        let m1 = Real::exp_m1(held);
        m1 / (m1 + Single(2.0))
    }

    #[inline(always)]
    fn ln(self) -> Self {
        Single(self.0.ln())
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Single(self.0.sqrt())
    }

    #[inline(always)]
    fn sin(self) -> Self {
        Single(self.0.sin())
    }

    /// Folded to a quarter of a turn.
    #[inline(always)]
    fn sin_turns(self) -> Self {
        let x = self.0 - (self.0 + 0.5).floor();
        let half = if x < 0.5 - x { x } else { 0.5 - x };
        let y = Single(if half > -0.5 - x { half } else { -0.5 - x });
        y.sin_of_quarter()
    }

    /// The sine of what is left to a quarter of a turn.
    #[inline(always)]
    fn cos_turns(self) -> Self {
        let part = self.0 - self.0.round_ties_even();
        Single(0.25 - part.abs()).sin_of_quarter()
    }

    #[inline(always)]
    fn cos(self) -> Self {
        Single(self.0.cos())
    }

    #[inline(always)]
    fn floor(self) -> Self {
        Single(self.0.floor())
    }

    #[inline(always)]
    fn pow(self, power: Self) -> Self {
        Single(self.0.powf(power.0))
    }

    /// The same polynomials as `shaders/random.wgsl`, so that the two engines agree to a few ulp.
    #[inline(always)]
    fn normal_pair(Words { radius, angle }: Words) -> NormalPair<Self> {
        let (cos, sin) = direction::<FUSED>(angle);
        NormalPair { radius: Single(radius_squared::<FUSED>(radius).0.sqrt()), cos, sin }
    }

    /// Signed integers convert faster.
    #[inline(always)]
    fn fraction(bits: u32) -> Self {
        Single(((bits >> 1) | 1) as i32 as f32 * (1.0 / 2_147_483_648.0))
    }

    /// The bits of a float are a logarithm already, if the mantissa f stands for log2(1 + f): it is short
    /// by 0.0861 at most and 0.0573 on average. Taken of the fourth power, it is a quarter of that.
    #[inline(always)]
    fn exponential(odd: u32) -> Self {
        let odd = odd as i32 as f32;
        let square = odd * odd;
        let log = (square * square).to_bits() as i32 as f32;
        Single(log).mul_add(Single::of(LOG_SLOPE), Single::of(LOG_START))
    }
}

/// -ln(2) / 4 for each 2^23 of the bits of a fourth power; and what is left at 2^14, whose fourth power has an
/// exponent of 56 in a bias of 127, with the mean of what is short.
const LOG_SLOPE: f64 = -std::f64::consts::LN_2 / 4.0 / 8_388_608.0;
const LOG_START: f64 = std::f64::consts::LN_2 / 4.0 * (127.0 + 56.0 - 0.0573);

impl<const FUSED: bool> Single<FUSED> {
    /// sin(2 pi x) of a quarter of a turn at most: a polynomial of the smallest relative error, 6e-9, so that rounding decides.
    #[inline(always)]
    fn sin_of_quarter(self) -> Self {
        let square = self * self;
        let mut p = Single(39.710_92);
        for factor in [-76.574_99, 81.602_23, -41.341_68, std::f32::consts::TAU] {
            p = p.mul_add(square, Single(factor));
        }
        p * self
    }

    /// A polynomial of degree 5 of `self`, the highest coefficient first, by even and odd powers: the
    /// result is there after three multiply-adds in a row, not five, for a product more. What is faster
    /// was measured for each polynomial.
    #[inline(always)]
    fn even_odd(self, [c5, c4, c3, c2, c1, c0]: [f32; 6]) -> Self {
        let pair = |odd: f32, even: f32| self.mul_add(Single(odd), Single(even));
        let square = self * self;
        pair(c5, c4).mul_add(square, pair(c3, c2)).mul_add(square, pair(c1, c0))
    }

    /// [`Real::phi`] up to the limit of [`Reach::Near`].
    #[inline(always)]
    fn phi_near(self) -> Self {
        self.polynomial([
            -7.142_414e-4,
            0.007_263_451,
            -0.040_839_01,
            0.166_376_42,
            -0.499_965_9,
            1.0,
        ])
    }

    /// A polynomial of `self` by Horner's rule, the highest coefficient first.
    #[inline(always)]
    fn polynomial<const N: usize>(self, coefficients: [f32; N]) -> Self {
        let mut sum = Single(coefficients[0]);
        for coefficient in &coefficients[1..] {
            sum = sum.mul_add(self, Single(*coefficient));
        }
        sum
    }
}

/// -2 ln(u) of the uniform deviate u = 1 - (2 floor(bits / 2) + 1) / 2^31, without the highest bit: never
/// 0, and 1 only by rounding. The deviate 2^-31 gives the largest radius, 6.56.
///
/// u = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); the degree-5 minimax polynomial of
/// ln(1 + f) / f errs by 7.4e-6 (relative), the radius by half of that, up and down: the variance is off
/// by 1e-8.
#[inline(always)]
fn radius_squared<const FUSED: bool>(bits: u32) -> Single<FUSED> {
    const SQRT_HALF: u32 = 0x3f35_04f3;
    // Negative, since signed integers convert faster: the sign is one bit that is always there.
    const SIGN: u32 = 1 << 31;
    let odd = (bits | SIGN | 1) as i32 as f32;
    let above = odd.to_bits().wrapping_sub(SIGN + SQRT_HALF + (31 << 23));
    let e = Single(((above as i32) >> 23) as f32);
    let f = Single(f32::from_bits((above & 0x007f_ffff) + SQRT_HALF)) - Single(1.0);
    let p = f.even_odd([
        0.285_841_55,
        -0.441_118_75,
        0.508_065_4,
        -0.665_160_5,
        0.999_804_4,
        -2.000_009,
    ]);
    e.mul_add(Single(-2.0 * std::f32::consts::LN_2), f * p)
}

/// A point on the unit circle, uniformly distributed, as (cos, sin).
///
/// The low 23 bits choose an angle t pi/4 in [-pi/4, pi/4), where short minimax polynomials hold
/// (cos: 1.0e-5, sin: 5.7e-7, which costs the variance 4e-7); the two high bits choose the quadrant, by a
/// change of sign and a swap.
#[inline(always)]
fn direction<const FUSED: bool>(bits: u32) -> (Single<FUSED>, Single<FUSED>) {
    // As the mantissa of a number in [2, 4).
    let t = Single(f32::from_bits((bits & 0x007f_ffff) | 0x4000_0000)) - Single(3.0);
    let t2 = t * t;
    let s = t2.polynomial([0.002_427_122_5, -0.080_714_02, 0.785_394_24]) * t;
    let c = t2.polynomial([0.015_371_815, -0.308_245_1, 0.999_990_03]);
    let c = Single(f32::from_bits(c.0.to_bits() ^ (bits & 0x8000_0000)));
    if bits & 0x4000_0000 == 0 { (c, s) } else { (s, c) }
}

#[cfg(test)]
mod tests;
