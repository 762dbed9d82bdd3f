//! The numbers a model computes with: `f32` on the fast path, `f64` as the oracle.
//!
//! A model is written once, generic over [`Real`]. The `f32` functions here are branch-free
//! polynomials, so that the compiler can turn a loop over neurons into vector instructions; the
//! `f64` functions are the standard library's, so that the oracle shares no approximation with
//! what it judges.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

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

    /// e to the power of `self`, within 3e-7 (relative, `f32`) for -87 <= x <= 88.
    fn exp(self) -> Self;

    /// Two independent standard normal deviates from two uniform 32-bit words (Box and Muller
    /// 1958): `radius_bits` gives the distance from the origin, `angle_bits` the direction.
    fn normal_pair(radius_bits: u32, angle_bits: u32) -> (Self, Self);

    /// x / (exp(x) - 1), given exp(x): the shape of the rates alpha_m and alpha_n of
    /// Hodgkin and Huxley (1952), smooth at 0. Within 2e-6 (relative, `f32`).
    fn exprelr(x: Self, exp_x: Self) -> Self;
}

impl Real for f32 {
    const PRECISION: &'static str = "f32";

    #[inline(always)]
    fn of(x: f64) -> Self {
        x as f32
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }

    /// exp(x) = 2^n 2^r with n the integer nearest to x log2(e) and abs(r) <= 1/2; the degree-5
    /// minimax polynomial of 2^r errs by 7.5e-8.
    #[inline(always)]
    fn exp(self) -> Self {
        // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
        const SHIFT: f32 = 12_582_912.0;
        // ln 2 in two parts, so that x - n ln 2 keeps its digits (Cody and Waite 1980).
        const LN_2_HIGH: f32 = 0.693_359_4;
        const LN_2_LOW: f32 = -2.121_944_4e-4;
        let x = if self < -87.0 { -87.0 } else { self };
        let x = if x > 88.0 { 88.0 } else { x };
        let shifted = x * std::f32::consts::LOG2_E + SHIFT;
        let n = shifted - SHIFT;
        let r = ((x - n * LN_2_HIGH) - n * LN_2_LOW) * std::f32::consts::LOG2_E;
        let p = 0.001_327_647_3;
        let p = p * r + 0.009_675_541;
        let p = p * r + 0.055_507_133;
        let p = p * r + 0.240_221_2;
        let p = p * r + 0.693_146_97;
        let p = p * r + 1.0;
        f32::from_bits(p.to_bits().wrapping_add(shifted.to_bits() << 23))
    }

    /// For abs(x) < 1 the quotient loses digits (and is 0/0 at 0), so the Taylor series serves
    /// there: the first term left out is x^8 / 1209600, below 9e-7.
    #[inline(always)]
    fn exprelr(x: Self, exp_x: Self) -> Self {
        let x2 = x * x;
        let tail = x2 * (1.0 / 12.0 - x2 * (1.0 / 720.0 - x2 * (1.0 / 30240.0)));
        let series = 1.0 - 0.5 * x + tail;
        let far = x2 > 1.0;
        let quotient = x / if far { exp_x - 1.0 } else { 1.0 };
        if far { quotient } else { series }
    }

    /// The same polynomials as `shaders/random.wgsl`, so that the two engines agree to a few ulp.
    #[inline(always)]
    fn normal_pair(radius_bits: u32, angle_bits: u32) -> (Self, Self) {
        let radius = (-2.0 * ln_uniform(radius_bits)).max(0.0).sqrt();
        let (cos, sin) = direction(angle_bits);
        (radius * cos, radius * sin)
    }
}

/// ln(u) of the uniform deviate u = (bits + 1/2) / 2^32, never 0: the deviate 1/2^33 gives the
/// largest radius, 6.76.
///
/// u = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); the degree-7 minimax polynomial of
/// ln(1 + f) / f errs by 1.7e-7 (relative).
#[inline(always)]
fn ln_uniform(bits: u32) -> f32 {
    const SQRT_HALF: u32 = 0x3f35_04f3;
    let u = bits as f32 * (1.0 / 4_294_967_296.0) + 0.5 / 4_294_967_296.0;
    let above = u.to_bits().wrapping_sub(SQRT_HALF);
    let e = ((above as i32) >> 23) as f32;
    let f = f32::from_bits((above & 0x007f_ffff) + SQRT_HALF) - 1.0;
    let p = -0.101_068_94;
    let p = p * f + 0.162_225_79;
    let p = p * f - 0.172_508_3;
    let p = p * f + 0.199_001_66;
    let p = p * f - 0.249_699_09;
    let p = p * f + 0.333_350_6;
    let p = p * f - 0.500_003_65;
    let p = p * f + 0.999_999_94;
    e * std::f32::consts::LN_2 + f * p
}

/// A point on the unit circle, uniformly distributed, as (cos, sin).
///
/// The low 30 bits choose an angle in [-pi/4, pi/4), where short minimax polynomials hold
/// (cos: 2.8e-8, sin: 2.4e-9); the two high bits choose the quadrant, by a change of sign and a swap.
#[inline(always)]
fn direction(bits: u32) -> (f32, f32) {
    let t = ((bits << 2) as i32) as f32 * (1.0 / 2_147_483_648.0);
    let t2 = t * t;
    let s = -3.595_451e-5;
    let s = s * t2 + 0.002_490_007;
    let s = s * t2 - 0.080_745_436;
    let s = (s * t2 + std::f32::consts::FRAC_PI_4) * t;
    let c = -3.188_805e-4;
    let c = c * t2 + 0.015_849_916;
    let c = c * t2 - 0.308_424_26;
    let c = c * t2 + 0.999_999_97;
    let c = f32::from_bits(c.to_bits() ^ (bits & 0x8000_0000));
    if bits & 0x4000_0000 == 0 { (c, s) } else { (s, c) }
}

impl Real for f64 {
    const PRECISION: &'static str = "f64";

    #[inline(always)]
    fn of(x: f64) -> Self {
        x
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }

    #[inline(always)]
    fn exp(self) -> Self {
        f64::exp(self)
    }

    #[inline(always)]
    fn exprelr(x: Self, _exp_x: Self) -> Self {
        // The next term, x^2 / 12, is below the last digit.
        if x.abs() < 1e-8 { 1.0 - 0.5 * x } else { x / x.exp_m1() }
    }

    #[inline(always)]
    fn normal_pair(radius_bits: u32, angle_bits: u32) -> (Self, Self) {
        let u = (f64::from(radius_bits) + 0.5) / 4_294_967_296.0;
        let radius = (-2.0 * u.ln()).sqrt();
        let t = f64::from((angle_bits << 2) as i32) / 2_147_483_648.0;
        let (s, c) = (t * std::f64::consts::FRAC_PI_4).sin_cos();
        let c = if angle_bits & 0x8000_0000 == 0 { c } else { -c };
        let (x, y) = if angle_bits & 0x4000_0000 == 0 { (c, s) } else { (s, c) };
        (radius * x, radius * y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_f32_stays_within_its_bound() {
        // 3e-7: polynomial 7.5e-8, plus at most four roundings of 6e-8 each.
        for k in -86_990..=87_990 {
            let x = k as f32 * 1e-3;
            let exact = f64::from(x).exp();
            let error = (f64::from(Real::exp(x)) / exact - 1.0).abs();
            assert!(error < 3e-7, "exp({x}) errs by {error:e}");
        }
    }

    #[test]
    fn exprelr_is_smooth_through_zero() {
        for k in -4000..=4000 {
            let x = k as f32 * 1e-3;
            let x64 = f64::from(x);
            let exact = if x == 0.0 { 1.0 } else { x64 / x64.exp_m1() };
            // 2e-6: the series' remainder 9e-7 at abs(x) = 1; beyond, exp's 3e-7 grows by
            // e / (e - 1) < 1.6 in the difference.
            let value = f64::from(f32::exprelr(x, Real::exp(x)));
            assert!((value / exact - 1.0).abs() < 2e-6, "{x}: {value} is not {exact}");
        }
    }

    #[test]
    fn normal_pairs_agree_between_precisions() {
        // The f32 deviate may differ by its polynomials (2e-7 relative each) and by roundings: 2e-6
        // covers a radius up to 6.8.
        let mut bits = 1u32;
        for _ in 0..200_000 {
            bits = bits.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let angle = bits.rotate_left(13) ^ 0x9e37_79b9;
            let (x, y) = f32::normal_pair(bits, angle);
            let (x64, y64) = f64::normal_pair(bits, angle);
            // Near u = 1 the 24 bits of an f32 resolve u only to 6e-8: the radius is small there
            // and absolute error is what counts.
            let tolerance = 2e-6 + 4e-8 / (x64 * x64 + y64 * y64).sqrt().max(1e-4);
            assert!(
                (f64::from(x) - x64).abs() < tolerance,
                "{bits:#x} {angle:#x}: {x} is not {x64}"
            );
            assert!(
                (f64::from(y) - y64).abs() < tolerance,
                "{bits:#x} {angle:#x}: {y} is not {y64}"
            );
        }
    }
}
