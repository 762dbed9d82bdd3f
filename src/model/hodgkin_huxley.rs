//! The squid giant axon (Hodgkin and Huxley 1952), potentials absolute with the rest at -65 mV.
//!
//! ```text
//! C dV/dt = I - g_na m^3 h (V - E_na) - g_k n^4 (V - E_k) - g_l (V - E_l)
//! dx/dt   = alpha_x(V) (1 - x) - beta_x(V) x,   x = m, h, n
//! ```

mod rates;
#[cfg(test)]
mod tests;

use super::info::{Info, Integrator, Variable};
use super::neuron::{Complaint, Input, MOST_COUNTED, Neuron, Stepping, too_fine, too_long};
use super::row::{parameters, row};
use crate::real::{Number, Reach};
use crate::unit::tell;
use rates::{FASTEST_H_OR_N, FASTEST_M, Rates, rates};

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
    m_init    ["1"]      = STEADY, Fraction,    "sodium activation at time 0", without: "the steady state at v_init";
    h_init    ["1"]      = STEADY, Fraction,    "sodium inactivation at time 0", without: "the steady state at v_init";
    n_init    ["1"]      = STEADY, Fraction,    "potassium activation at time 0", without: "the steady state at v_init";
    v_spike   ["mV"]     = 0.0,    Finite,      "a spike is an upward crossing of this potential";
    t_lockout ["ms"]     = 2.0,    NotNegative, "crossings sooner than this after a spike belong to it";
}

row! {
    /// What the kernel reads; `shaders/models/hodgkin_huxley.wgsl` has the same. Rates and conductances are
    /// per step.
    pub struct Coefficients {
        /// Time step (ms).
        dt,
        /// Factor of the rate beta_m: 4/ms dt.
        beta_m,
        /// Factor of alpha_h: 0.07/ms dt.
        alpha_h,
        /// Factor of alpha_n: 0.1/ms dt.
        alpha_n,
        /// Factor of beta_n: 0.125/ms dt.
        beta_n,
        /// dt / c_m (ms cm2/uF): a current's change of the potential in a step.
        dt_per_c,
        /// Sodium conductance, all channels open, times dt / c_m.
        g_na,
        /// Potassium conductance, all channels open, times dt / c_m.
        g_k,
        /// Leak conductance times dt / c_m.
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

/// Largest rate of the membrane, all channels open (1/ms).
fn membrane_rate(p: &Parameters<f64>) -> f64 {
    (p.g_na + p.g_k + p.g_l) / p.c_m
}

impl Neuron for HodgkinHuxley {
    const EQUATIONS: &'static str = include_str!("../../models/compiled/hodgkin_huxley.toml");

    const INFO: Info = Info {
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
                draws: false,
            },
            Integrator {
                name: "exponential_euler",
                about: "V and gates solved exactly with the others held at the old values: first order",
                draws: false,
            },
            Integrator {
                name: "euler",
                about: "forward Euler, as in the exercises: first order",
                draws: false,
            },
            Integrator {
                name: "rk4",
                about: "classical Runge-Kutta: fourth order, four times the work",
                draws: false,
            },
        ],
        remarks: &[],
        in_steps: &["t_lockout"],
        presets: &[],
        current_unit: "uA/cm2",
        dt_ms: 0.01,
        amplitude: 10.0,
        sigma_white: 0.3,
        sigma_ou: 3.0,
    };

    type Parameters = Parameters<f64>;
    type Coefficients<R: Number> = Coefficients<R>;
    type State<R: Number> = State<R>;

    fn check(p: &Parameters<f64>, integrator: usize, dt: f64) -> Result<(), Complaint> {
        let limit = DT_LIMITS_MS[integrator.min(3)] * (SQUID_RATE / membrane_rate(p)).min(1.0);
        if dt > limit {
            let name = Self::INFO.integrators[integrator.min(3)].name;
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

    /// At 1e-3 ms every integrator gives as many spikes as in double precision, from just above the onset
    /// of firing (6.25 to 10 uA/cm2, measured over 300 ms); at 5e-4 ms rk4 gives one of 81 too many, at
    /// 1e-4 ms ten.
    fn check_single(p: &Parameters<f64>, dt: f64) -> Result<(), Complaint> {
        const FINEST_MS: f64 = 1e-3;
        let finest = FINEST_MS * (SQUID_RATE / membrane_rate(p)).min(1.0);
        if dt < finest * 0.999 {
            return Err(too_fine(dt, finest));
        }
        if p.t_lockout / dt >= MOST_COUNTED {
            return Err(too_long("t_lockout", p.t_lockout / dt));
        }
        Ok(())
    }

    /// Neither the membrane, its channels all open, nor a gate goes further in a step than
    /// [`Number::phi`] reaches.
    fn fine(p: &Parameters<f64>, integrator: usize, dt: f64) -> bool {
        integrator <= EXPONENTIAL_EULER
            && dt * membrane_rate(p) <= Reach::Far.limit()
            && dt * FASTEST_M <= Reach::Near.limit()
            && dt * FASTEST_H_OR_N <= Reach::Nearest.limit()
    }

    fn derive(p: &Parameters<f64>, by: &Stepping) -> Coefficients<f64> {
        let dt = by.dt;
        let dt_per_c = dt / p.c_m;
        Coefficients {
            dt,
            beta_m: 4.0 * dt,
            alpha_h: 0.07 * dt,
            alpha_n: 0.1 * dt,
            beta_n: 0.125 * dt,
            dt_per_c,
            g_na: p.g_na * dt_per_c,
            g_k: p.g_k * dt_per_c,
            g_l: p.g_l * dt_per_c,
            e_na: p.e_na,
            e_k: p.e_k,
            e_l: p.e_l,
            v_spike: p.v_spike,
            lockout: (p.t_lockout / dt - 1e-6).ceil().max(0.0),
        }
    }

    fn initial(p: &Parameters<f64>, by: &Stepping) -> State<f64> {
        let rates = rates::<f64, false>(&Self::derive(p, by), p.v_init);
        let start = |given: f64, (alpha, beta): (f64, f64)| {
            let steady = alpha / (alpha + beta);
            let gate = if given.is_nan() { steady } else { given };
            if by.integrator != STAGGERED {
                return gate;
            }
            // Half a step back, so that the first step reaches dt / 2 from time 0.
            let back = steady + (gate - steady) * (0.5 * (alpha + beta)).exp();
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

    fn observe(p: &Parameters<f64>, by: &Stepping, s: &State<f64>) -> Vec<f64> {
        // Staggered gates are half a step behind V.
        let (m, h, n) = match by.integrator {
            STAGGERED => {
                let rates = rates::<f64, false>(&Self::derive(p, by), s.v);
                relax_gates::<f64, true>(s, &rates.half())
            }
            _ => (s.m, s.h, s.n),
        };
        let g_na = p.g_na * m.powi(3) * h;
        let g_k = p.g_k * n.powi(4);
        let (i_na, i_k) = (g_na * (s.v - p.e_na), g_k * (s.v - p.e_k));
        vec![s.v, m, h, n, g_na, g_k, i_na, i_k, p.g_l * (s.v - p.e_l)]
    }

    #[inline(always)]
    fn spiked<R: Number>(p: &Coefficients<R>, s: &State<R>) -> R::Mask {
        s.v.at_least(p.v_spike) & s.v_before.below(p.v_spike) & s.locked.at_most(R::of(0.0))
    }

    #[inline(always)]
    fn reset<R: Number>(p: &Coefficients<R>, s: State<R>) -> State<R> {
        State { locked: p.lockout, ..s }
    }

    #[inline(always)]
    fn advance<R: Number, const INTEGRATOR: usize, const FINE: bool>(
        p: &Coefficients<R>,
        s: State<R>,
        input: Input<R>,
    ) -> State<R> {
        let current = input.current;
        let next = match INTEGRATOR {
            STAGGERED => staggered::<R, FINE>(p, s, current),
            EXPONENTIAL_EULER => exponential_euler::<R, FINE>(p, s, current),
            EULER => euler(p, s, current),
            _ => rk4(p, s, current),
        };
        let is_locked = s.locked.above(R::of(0.0));
        let locked = R::choose(is_locked, s.locked - R::of(1.0), s.locked);
        State { v_before: s.v, locked, ..next }
    }
}

/// What is left of a step of the length `rate` towards a steady state: [`Number::phi`], with a reach that
/// holds in fine steps.
#[inline(always)]
fn phi<R: Number, const FINE: bool>(rate: R, reach: Reach) -> R {
    rate.phi(if FINE { reach } else { Reach::Any })
}

/// What a gate opens in a step, if its slope stayed as it is.
#[inline(always)]
fn drift<R: Number>(gate: R, (alpha, beta): (R, R)) -> R {
    (-(alpha + beta)).mul_add(gate, alpha)
}

/// The gates after a step, with their rates held.
#[inline(always)]
fn relax_gates<R: Number, const FINE: bool>(s: &State<R>, rates: &Rates<R>) -> (R, R, R) {
    let relax = |gate: R, (alpha, beta): (R, R), reach: Reach| {
        drift(gate, (alpha, beta)).mul_add(phi::<R, FINE>(alpha + beta, reach), gate)
    };
    (
        relax(s.m, rates.m, Reach::Near),
        relax(s.h, rates.h, Reach::Nearest),
        relax(s.n, rates.n, Reach::Nearest),
    )
}

/// The conductances of sodium and potassium, per step.
#[inline(always)]
fn conductances<R: Number>(p: &Coefficients<R>, (m, h, n): (R, R, R)) -> (R, R) {
    let n2 = n * n;
    ((p.g_na * ((m * m) * (m * h))).named("g_na"), (p.g_k * (n2 * n2)).named("g_k"))
}

/// The change of the membrane potential in a step, if its slope stayed as it is.
#[inline(always)]
fn drift_of_v<R: Number>(p: &Coefficients<R>, v: R, (g_na, g_k): (R, R), current: R) -> R {
    let leak = p.g_l.mul_add(p.e_l - v, p.dt_per_c * current);
    g_na.mul_add(p.e_na - v, g_k.mul_add(p.e_k - v, leak))
}

/// The membrane potential after a step, with its gates held.
#[inline(always)]
fn relax_v<R: Number, const FINE: bool>(
    p: &Coefficients<R>,
    v: R,
    gates: (R, R, R),
    current: R,
) -> R {
    let g = conductances(p, gates);
    let rate = g.0 + g.1 + p.g_l;
    drift_of_v(p, v, g, current).mul_add(phi::<R, FINE>(rate, Reach::Far), v)
}

/// Gates over the step around t, with V(t) held; then V over the step from t, with the gates of
/// its middle held (Hines 1984, Int J Biomed Comput 15:69-76).
#[inline(always)]
fn staggered<R: Number, const FINE: bool>(
    p: &Coefficients<R>,
    s: State<R>,
    current: R,
) -> State<R> {
    let (m, h, n) = relax_gates::<R, FINE>(&s, &rates::<R, FINE>(p, s.v));
    State { v: relax_v::<R, FINE>(p, s.v, (m, h, n), current), m, h, n, ..s }
}

/// V and gates over the step, each with the others' old values held.
#[inline(always)]
fn exponential_euler<R: Number, const FINE: bool>(
    p: &Coefficients<R>,
    s: State<R>,
    current: R,
) -> State<R> {
    let v = relax_v::<R, FINE>(p, s.v, (s.m, s.h, s.n), current);
    let (m, h, n) = relax_gates::<R, FINE>(&s, &rates::<R, FINE>(p, s.v));
    State { v, m, h, n, ..s }
}

/// The right-hand sides, as changes per step: dt times the derivatives of (v, m, h, n).
#[inline(always)]
fn slope<R: Number>(p: &Coefficients<R>, [v, m, h, n]: [R; 4], current: R) -> [R; 4] {
    let rates = rates::<R, false>(p, v);
    let g = conductances(p, (m, h, n));
    [drift_of_v(p, v, g, current), drift(m, rates.m), drift(h, rates.h), drift(n, rates.n)]
}

/// A state moved along a slope by a fraction of the step.
#[inline(always)]
fn along<R: Number>(x: [R; 4], slope: [R; 4], fraction: f64) -> [R; 4] {
    std::array::from_fn(|i| x[i] + R::of(fraction) * slope[i])
}

#[inline(always)]
fn euler<R: Number>(p: &Coefficients<R>, s: State<R>, current: R) -> State<R> {
    let x = [s.v, s.m, s.h, s.n];
    let [v, m, h, n] = along(x, slope(p, x, current), 1.0);
    State { v, m, h, n, ..s }
}

#[inline(always)]
fn rk4<R: Number>(p: &Coefficients<R>, s: State<R>, current: R) -> State<R> {
    let x = [s.v, s.m, s.h, s.n];
    let k1 = slope(p, x, current);
    let k2 = slope(p, along(x, k1, 0.5), current);
    let k3 = slope(p, along(x, k2, 0.5), current);
    let k4 = slope(p, along(x, k3, 1.0), current);
    let x =
        along(along(along(along(x, k1, 1.0 / 6.0), k2, 1.0 / 3.0), k3, 1.0 / 3.0), k4, 1.0 / 6.0);
    State { v: x[0], m: x[1], h: x[2], n: x[3], ..s }
}
