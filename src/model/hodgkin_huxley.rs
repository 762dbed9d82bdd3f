//! The squid giant axon (Hodgkin and Huxley 1952), potentials absolute with the rest at -65 mV.
//!
//! ```text
//! C dV/dt = I - g_na m^3 h (V - E_na) - g_k n^4 (V - E_k) - g_l (V - E_l)
//! dx/dt   = alpha_x(V) (1 - x) - beta_x(V) x,   x = m, h, n
//! ```

use super::{Complaint, Integrator, MOST_COUNTED, Model, Neuron, Variable, too_fine, too_long};
use crate::real::{PHI_LIMIT, PHI_NEAR_0_LIMIT, Real};
use crate::unit::tell;

/// Stands for a gate's steady state at v_init where the user gives no value.
const STEADY: f64 = f64::NAN;

parameters! {
    c_m       ["uF/cm2"] = 1.0,    Positive,    "membrane capacitance";
    g_na      ["mS/cm2"] = 120.0,  NotNegative, "sodium conductance, all channels open";
    g_k       ["mS/cm2"] = 36.0,   NotNegative, "potassium conductance, all channels open";
    g_l       ["mS/cm2"] = 0.3,    Positive,    "leak conductance";
    e_na      ["mV"]     = 50.0,   Finite,      "sodium reversal potential";
    e_k       ["mV"]     = -77.0,  Finite,      "potassium reversal potential";
    e_l       ["mV"]     = -54.4,  Finite,      "leak reversal potential";
    v_init    ["mV"]     = -65.0,  Finite,      "membrane potential at time 0";
    m_init    ["1"]      = STEADY, Fraction,    "sodium activation at time 0 (without a value: the steady state at v_init)";
    h_init    ["1"]      = STEADY, Fraction,    "sodium inactivation at time 0 (without a value: the steady state at v_init)";
    n_init    ["1"]      = STEADY, Fraction,    "potassium activation at time 0 (without a value: the steady state at v_init)";
    v_spike   ["mV"]     = 0.0,    Finite,      "a spike is an upward crossing of this potential";
    t_lockout ["ms"]     = 2.0,    NotNegative, "crossings sooner than this after a spike belong to it";
}

row! {
    /// What the kernel reads; `shaders/models/hodgkin_huxley.wgsl` has the same.
    pub struct Params {
        /// Time step (ms).
        dt,
        /// Time step over capacitance: dt / c_m (ms cm2/uF).
        dt_per_c,
        /// Sodium conductance (mS/cm2).
        g_na,
        /// Potassium conductance (mS/cm2).
        g_k,
        /// Leak conductance (mS/cm2).
        g_l,
        /// Sodium reversal potential (mV).
        e_na,
        /// Potassium reversal potential (mV).
        e_k,
        /// Leak reversal potential (mV).
        e_l,
        /// Potential whose upward crossing is a spike (mV).
        v_spike,
        /// Steps for which a spike locks further ones out.
        lockout,
    }
}

row! {
    /// The state; `shaders/models/hodgkin_huxley.wgsl` has the same. With the staggered
    /// integrator the gates are half a step behind v.
    pub struct State {
        /// Membrane potential (mV).
        v,
        /// Sodium activation.
        m,
        /// Sodium inactivation.
        h,
        /// Potassium activation.
        n,
        /// Membrane potential one step ago (mV).
        v_before,
        /// Steps left in which no spike counts.
        locked,
    }
}

/// The Hodgkin-Huxley neuron.
#[derive(Clone, Copy, Debug)]
pub struct HodgkinHuxley;

const STAGGERED: usize = 0;
const EXPONENTIAL_EULER: usize = 1;
const EULER: usize = 2;

/// The largest step of each integrator (ms) for the squid's conductances. At it the interval between
/// spikes errs by 0.6 % (staggered), 1.3 % (exponential_euler), 0.4 % (euler) and below 0.01 % (rk4;
/// all at 7 to 20 uA/cm2, against LSODA); euler and rk4 become unstable soon after, as the membrane's
/// rate reaches 37/ms in a spike.
const DT_LIMITS_MS: [f64; 4] = [0.1, 0.025, 0.025, 0.05];

/// Largest membrane rate (g_na + g_k + g_l) / c_m of the squid axon (1/ms).
const SQUID_RATE: f64 = 156.3;

impl Neuron for HodgkinHuxley {
    const MODEL: Model = Model {
        name: "hodgkin_huxley",
        about: "Squid giant axon: sodium, potassium and leak currents with voltage-gated conductances.",
        equations: &[
            "c_m dV/dt = I - g_na m^3 h (V - e_na) - g_k n^4 (V - e_k) - g_l (V - e_l)",
            "dx/dt = alpha_x (1 - x) - beta_x x  for x = m, h, n;  u = V + 65 mV",
            "alpha_m = (2.5 - 0.1u) / (exp(2.5 - 0.1u) - 1)    beta_m = 4 exp(-u/18)",
            "alpha_h = 0.07 exp(-u/20)                         beta_h = 1 / (exp(3 - 0.1u) + 1)",
            "alpha_n = (0.1 - 0.01u) / (exp(1 - 0.1u) - 1)     beta_n = 0.125 exp(-u/80)",
            "a spike: V crosses v_spike upwards, at least t_lockout after the last one",
        ],
        source: "Hodgkin and Huxley, J Physiol 117:500-544, 1952",
        wgsl: include_str!("../../shaders/models/hodgkin_huxley.wgsl"),
        parameters: PARAMETERS,
        states: &[
            Variable { name: "v", unit: "mV", about: "membrane potential" },
            Variable { name: "m", unit: "1", about: "sodium activation" },
            Variable { name: "h", unit: "1", about: "sodium inactivation" },
            Variable { name: "n", unit: "1", about: "potassium activation" },
        ],
        observables: &[
            Variable { name: "g_na", unit: "mS/cm2", about: "sodium conductance" },
            Variable { name: "g_k", unit: "mS/cm2", about: "potassium conductance" },
            Variable { name: "i_na", unit: "uA/cm2", about: "sodium current, outward positive" },
            Variable { name: "i_k", unit: "uA/cm2", about: "potassium current, outward positive" },
            Variable { name: "i_l", unit: "uA/cm2", about: "leak current, outward positive" },
        ],
        integrators: &[
            Integrator {
                name: "staggered",
                about: "gates half a step ahead of V, each solved exactly with the other held (Hines 1984): second order",
            },
            Integrator {
                name: "exponential_euler",
                about: "V and gates solved exactly with the others held at the old values: first order",
            },
            Integrator { name: "euler", about: "forward Euler, as in the exercises: first order" },
            Integrator { name: "rk4", about: "classical Runge-Kutta: fourth order, four times the work" },
        ],
        current_unit: "uA/cm2",
        dt_ms: 0.01,
        amplitude: 10.0,
        sigma_white: 0.3,
        sigma_ou: 3.0,
    };

    type Parameters = Parameters<f64>;
    type Params<R: Real> = Params<R>;
    type State<R: Real> = State<R>;

    fn check(p: &Parameters<f64>, integrator: usize, dt: f64) -> Result<(), Complaint> {
        let rate = (p.g_na + p.g_k + p.g_l) / p.c_m;
        let limit = DT_LIMITS_MS[integrator.min(3)] * (SQUID_RATE / rate).min(1.0);
        if dt > limit {
            let name = Self::MODEL.integrators[integrator.min(3)].name;
            return Err(Complaint {
                key: "dt",
                cause: "c_m",
                message: format!(
                    "dt = {} ms is too coarse for hodgkin_huxley with the integrator {name}: the step may be at most {} ms for these conductances",
                    tell(dt),
                    tell(limit)
                ),
                remedy: format!("use --dt {}", tell(limit.min(0.01))),
            });
        }
        Ok(())
    }

    /// At dt = 2e-5 ms intervals are 0.5 % too short (measured at 10 uA/cm2).
    fn check_single(p: &Parameters<f64>, dt: f64) -> Result<(), Complaint> {
        const FINEST_MS: f64 = 1e-4;
        if dt < FINEST_MS {
            return Err(too_fine(dt, FINEST_MS));
        }
        if p.t_lockout / dt >= MOST_COUNTED {
            return Err(too_long("t_lockout", p.t_lockout / dt));
        }
        Ok(())
    }

    /// Neither the membrane, its channels all open, nor a gate goes further in a step than
    /// [`Real::phi`] reaches.
    fn fine(p: &Parameters<f64>, integrator: usize, dt: f64) -> bool {
        let membrane = (p.g_na + p.g_k + p.g_l) / p.c_m;
        integrator <= EXPONENTIAL_EULER
            && dt * membrane.max(FASTEST_M) <= PHI_LIMIT
            && dt * FASTEST_H_OR_N <= PHI_NEAR_0_LIMIT
    }

    fn derive(p: &Parameters<f64>, _integrator: usize, dt: f64) -> Params<f64> {
        Params {
            dt,
            dt_per_c: dt / p.c_m,
            g_na: p.g_na,
            g_k: p.g_k,
            g_l: p.g_l,
            e_na: p.e_na,
            e_k: p.e_k,
            e_l: p.e_l,
            v_spike: p.v_spike,
            lockout: (p.t_lockout / dt - 1e-6).ceil().max(0.0),
        }
    }

    fn initial(p: &Parameters<f64>, integrator: usize, dt: f64) -> State<f64> {
        let rates = rates::<f64, false>(p.v_init);
        let start = |given: f64, (alpha, beta): (f64, f64)| {
            let steady = alpha / (alpha + beta);
            let gate = if given.is_nan() { steady } else { given };
            if integrator != STAGGERED {
                return gate;
            }
            // Half a step back, so that the first step reaches dt / 2 from time 0.
            let back = steady + (gate - steady) * (0.5 * dt * (alpha + beta)).exp();
            back.clamp(0.0, 1.0)
        };
        State {
            v: p.v_init,
            m: start(p.m_init, rates.m),
            h: start(p.h_init, rates.h),
            n: start(p.n_init, rates.n),
            v_before: p.v_init,
            locked: 0.0,
        }
    }

    fn observe(p: &Params<f64>, s: &State<f64>, integrator: usize) -> Vec<f64> {
        // Staggered gates are half a step behind V.
        let lag = if integrator == STAGGERED { 0.5 * p.dt } else { 0.0 };
        let (m, h, n) = relax_gates::<f64, true>(s, &rates::<f64, false>(s.v), lag);
        let (g_na, g_k) = (p.g_na * m.powi(3) * h, p.g_k * n.powi(4));
        let (i_na, i_k) = (g_na * (s.v - p.e_na), g_k * (s.v - p.e_k));
        vec![s.v, m, h, n, g_na, g_k, i_na, i_k, p.g_l * (s.v - p.e_l)]
    }

    #[inline(always)]
    fn spiked<R: Real>(p: &Params<R>, s: &State<R>) -> bool {
        (s.v >= p.v_spike) & (s.v_before < p.v_spike) & (s.locked <= R::of(0.0))
    }

    #[inline(always)]
    fn reset<R: Real>(p: &Params<R>, s: State<R>) -> State<R> {
        State { locked: p.lockout, ..s }
    }

    #[inline(always)]
    fn advance<R: Real, const INTEGRATOR: usize, const FINE: bool>(
        p: &Params<R>,
        s: State<R>,
        current: R,
    ) -> State<R> {
        let next = match INTEGRATOR {
            STAGGERED => staggered::<R, FINE>(p, s, current),
            EXPONENTIAL_EULER => exponential_euler::<R, FINE>(p, s, current),
            EULER => euler(p, s, current),
            _ => rk4(p, s, current),
        };
        let locked = if s.locked > R::of(0.0) { s.locked - R::of(1.0) } else { s.locked };
        State { v_before: s.v, locked, ..next }
    }
}

/// Opening and closing rates (alpha, beta) of the three gates (1/ms).
struct Rates<R> {
    m: (R, R),
    h: (R, R),
    n: (R, R),
}

/// The range of u = V + 65 mV in which the rates follow V; beyond, they stay as they are at its end
/// (at -131 mV, for fine steps, where m and n are closed within 1e-5 and 2e-3, h open within 1e-4).
const LOWEST: f64 = -870.0;
const LOWEST_FINE: f64 = -66.0;
const HIGHEST: f64 = 1000.0;

/// The largest rates alpha + beta in the range for fine steps (1/ms): beta_m = 4 exp(66/18) of m, and of
/// h and n alpha_n at its other end.
const FASTEST_M: f64 = 156.5;
const FASTEST_H_OR_N: f64 = 9.91;

/// The rates at a membrane potential. All six need two exponentials only: with
/// a = exp(-u/80), exp(-u/20) = a^4 and exp(-u/10) = a^8, which costs at most 8 times the
/// relative error of `exp` (3e-6 in single precision).
#[inline(always)]
fn rates<R: Real, const FINE: bool>(v: R) -> Rates<R> {
    let lowest = R::of(if FINE { LOWEST_FINE } else { LOWEST });
    let u = v + R::of(65.0);
    let u = if u < lowest { lowest } else { u };
    let u = if u > R::of(HIGHEST) { R::of(HIGHEST) } else { u };
    let exp_80 = u.exp_times(-1.0 / 80.0);
    let exp_40 = exp_80 * exp_80;
    let exp_20 = exp_40 * exp_40;
    let exp_10 = exp_20 * exp_20;
    let exp_18 = u.exp_times(-1.0 / 18.0);
    let m = u.mul_add(R::of(-0.1), R::of(2.5));
    let n = u.mul_add(R::of(-0.1), R::of(1.0));
    Rates {
        m: (m.exprelr(exp_10.mul_add(R::of(EXP_2_5), R::of(-1.0))), R::of(4.0) * exp_18),
        h: (R::of(0.07) * exp_20, R::of(1.0) / exp_10.mul_add(R::of(EXP_3), R::of(1.0))),
        n: (R::of(0.1) * n.exprelr(exp_10.mul_add(R::of(EXP_1), R::of(-1.0))), R::of(0.125) * exp_80),
    }
}

/// exp(1), exp(2.5) and exp(3).
const EXP_1: f64 = std::f64::consts::E;
const EXP_2_5: f64 = 12.182_493_960_703_473;
const EXP_3: f64 = 20.085_536_923_187_668;

/// x after a step towards a steady state: dx/dt = source - rate x, solved with both held. `source` and
/// `rate` are per step; `phi` is [`Real::phi`] for a fine step, or its like for a rate that is lower.
#[inline(always)]
fn relax<R: Real, const FINE: bool>(x: R, source: R, rate: R, phi: impl Fn(R) -> R) -> R {
    if FINE {
        return (-rate).mul_add(x, source).mul_add(phi(rate), x);
    }
    let steady = source / rate;
    let rate = if rate > R::of(87.0) { R::of(87.0) } else { rate };
    (x - steady).mul_add(rate.exp_times(-1.0), steady)
}

/// The gates after `dt`, with their rates held.
#[inline(always)]
fn relax_gates<R: Real, const FINE: bool>(s: &State<R>, rates: &Rates<R>, dt: R) -> (R, R, R) {
    let relax = |gate: R, (alpha, beta): (R, R), phi: fn(R) -> R| {
        relax::<R, FINE>(gate, dt * alpha, dt * (alpha + beta), phi)
    };
    (
        relax(s.m, rates.m, R::phi),
        relax(s.h, rates.h, R::phi_near_0),
        relax(s.n, rates.n, R::phi_near_0),
    )
}

/// The membrane potential after a step, with its gates held.
#[inline(always)]
fn relax_v<R: Real, const FINE: bool>(p: &Params<R>, v: R, (m, h, n): (R, R, R), current: R) -> R {
    let n2 = n * n;
    let g_na = p.g_na * ((m * m) * (m * h));
    let g_k = p.g_k * (n2 * n2);
    let source = g_na.mul_add(p.e_na, g_k.mul_add(p.e_k, p.g_l.mul_add(p.e_l, current)));
    relax::<R, FINE>(v, p.dt_per_c * source, p.dt_per_c * (g_na + g_k + p.g_l), R::phi)
}

/// Gates over the step around t, with V(t) held; then V over the step from t, with the gates of
/// its middle held (Hines 1984, Int J Biomed Comput 15:69-76).
#[inline(always)]
fn staggered<R: Real, const FINE: bool>(p: &Params<R>, s: State<R>, current: R) -> State<R> {
    let (m, h, n) = relax_gates::<R, FINE>(&s, &rates::<R, FINE>(s.v), p.dt);
    State { v: relax_v::<R, FINE>(p, s.v, (m, h, n), current), m, h, n, ..s }
}

/// V and gates over the step, each with the others' old values held.
#[inline(always)]
fn exponential_euler<R: Real, const FINE: bool>(p: &Params<R>, s: State<R>, current: R) -> State<R> {
    let v = relax_v::<R, FINE>(p, s.v, (s.m, s.h, s.n), current);
    let (m, h, n) = relax_gates::<R, FINE>(&s, &rates::<R, FINE>(s.v), p.dt);
    State { v, m, h, n, ..s }
}

/// The right-hand sides, as changes per step: dt times the derivatives of (v, m, h, n).
#[inline(always)]
fn slope<R: Real>(p: &Params<R>, [v, m, h, n]: [R; 4], current: R) -> [R; 4] {
    let rates = rates::<R, false>(v);
    let open = |gate: R, (alpha, beta): (R, R)| p.dt * (alpha * (R::of(1.0) - gate) - beta * gate);
    let n2 = n * n;
    let i_na = p.g_na * m * m * m * h * (v - p.e_na);
    let i_k = p.g_k * n2 * n2 * (v - p.e_k);
    let i_l = p.g_l * (v - p.e_l);
    [
        p.dt_per_c * (current - i_na - i_k - i_l),
        open(m, rates.m),
        open(h, rates.h),
        open(n, rates.n),
    ]
}

/// A state moved along a slope by a fraction of the step.
#[inline(always)]
fn along<R: Real>(x: [R; 4], slope: [R; 4], fraction: f64) -> [R; 4] {
    std::array::from_fn(|i| x[i] + R::of(fraction) * slope[i])
}

#[inline(always)]
fn euler<R: Real>(p: &Params<R>, s: State<R>, current: R) -> State<R> {
    let x = [s.v, s.m, s.h, s.n];
    let [v, m, h, n] = along(x, slope(p, x, current), 1.0);
    State { v, m, h, n, ..s }
}

#[inline(always)]
fn rk4<R: Real>(p: &Params<R>, s: State<R>, current: R) -> State<R> {
    let x = [s.v, s.m, s.h, s.n];
    let k1 = slope(p, x, current);
    let k2 = slope(p, along(x, k1, 0.5), current);
    let k3 = slope(p, along(x, k2, 0.5), current);
    let k4 = slope(p, along(x, k3, 1.0), current);
    let x = along(along(along(along(x, k1, 1.0 / 6.0), k2, 1.0 / 3.0), k3, 1.0 / 3.0), k4, 1.0 / 6.0);
    State { v: x[0], m: x[1], h: x[2], n: x[3], ..s }
}

#[cfg(test)]
mod tests;
