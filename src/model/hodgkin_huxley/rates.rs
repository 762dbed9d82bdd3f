//! The rates of the gates (Hodgkin and Huxley 1952), all six from two exponentials.

use super::Coefficients;
use crate::real::Number;

/// Opening and closing rates (alpha, beta) of the three gates, per step.
pub struct Rates<R> {
    /// Of sodium activation.
    pub m: (R, R),
    /// Of sodium inactivation.
    pub h: (R, R),
    /// Of potassium activation.
    pub n: (R, R),
}

impl Rates<f64> {
    /// The rates per half a step.
    pub fn half(&self) -> Self {
        let half = |(alpha, beta): (f64, f64)| (0.5 * alpha, 0.5 * beta);
        Rates { m: half(self.m), h: half(self.h), n: half(self.n) }
    }
}

/// The range of u = V + 65 mV in which the rates follow V; beyond, they stay as they are at its end
/// (at -131 mV, for fine steps, where m and n are closed within 1e-5 and 2e-3, h open within 1e-4).
const LOWEST: f64 = -870.0;
const LOWEST_FINE: f64 = -66.0;
const HIGHEST: f64 = 1000.0;

/// The largest rates alpha + beta in the range for fine steps (1/ms): beta_m = 4 exp(66/18) of m, and of
/// h and n alpha_n at its other end.
pub const FASTEST_M: f64 = 156.5;
pub const FASTEST_H_OR_N: f64 = 9.91;

/// The rates at a membrane potential. All six need two exponentials only: with
/// a = exp(-u/80), exp(-u/20) = a^4 and exp(-u/10) = a^8, which costs at most 8 times the
/// relative error of `exp` (3e-6 in single precision).
#[inline(always)]
pub fn rates<R: Number, const FINE: bool>(p: &Coefficients<R>, v: R) -> Rates<R> {
    let lowest = R::of(if FINE { LOWEST_FINE } else { LOWEST });
    let u = v + R::of(65.0);
    let u = R::choose(u.below(lowest), lowest, u);
    let u = R::choose(u.above(R::of(HIGHEST)), R::of(HIGHEST), u).named("u");
    let exp_80 = u.exp_times(-1.0 / 80.0).named("exp_80");
    let exp_40 = (exp_80 * exp_80).named("exp_40");
    let exp_20 = (exp_40 * exp_40).named("exp_20");
    let exp_10 = (exp_20 * exp_20).named("exp_10");
    let exp_18 = u.exp_times(-1.0 / 18.0).named("exp_18");
    let m = u.mul_add(R::of(-0.1), R::of(2.5));
    let n = m - R::of(1.5);
    let exp_m1 = |factor: f64| exp_10.mul_add(R::of(factor), R::of(-1.0));
    Rates {
        m: (
            (p.dt * m.exprelr(exp_m1(EXP_2_5))).named("alpha_m"),
            (p.beta_m * exp_18).named("beta_m"),
        ),
        h: (
            (p.alpha_h * exp_20).named("alpha_h"),
            (p.dt / exp_10.mul_add(R::of(EXP_3), R::of(1.0))).named("beta_h"),
        ),
        n: (
            (p.alpha_n * n.exprelr(exp_m1(EXP_1))).named("alpha_n"),
            (p.beta_n * exp_80).named("beta_n"),
        ),
    }
}

/// exp(1), exp(2.5) and exp(3).
const EXP_1: f64 = std::f64::consts::E;
const EXP_2_5: f64 = 12.182_493_960_703_473;
const EXP_3: f64 = 20.085_536_923_187_668;
