//! The leaky integrate-and-fire neuron (Lapicque 1907; as in Gerstner et al. 2014, section 1.3).
//!
//! ```text
//! tau_m dV/dt = -(V - E_l) + I / g_l
//! V >= V_th: a spike, then V = V_reset for t_ref
//! ```
//!
//! The kernel counts V from the threshold and I from the current that holds V there: single precision is
//! finest near 0, and a neuron just above threshold moves by very little in a step. With the integrator
//! `bridge`, its unit of V is that of a step's noise, else the mV.

mod siegert;

use super::info::{Info, Integrator, Variable};
use super::neuron::{
    Complaint, Input, MOST_COUNTED, MissedCrossings, Neuron, Stepping, too_fine, too_long,
};
use super::row::{parameters, row};
use crate::real::Number;
use crate::unit::tell;

parameters! {
    tau_m   ["ms"] = 10.0,  Positive,    "membrane time constant";
    g_l     ["nS"] = 10.0,  Positive,    "leak conductance";
    e_l     ["mV"] = -75.0, Finite,      "leak reversal potential";
    v_th    ["mV"] = -55.0, Finite,      "spike threshold";
    v_reset ["mV"] = -75.0, Finite,      "membrane potential after a spike";
    v_init  ["mV"] = -75.0, Finite,      "membrane potential at time 0";
    t_ref   ["ms"] = 2.0,   NotNegative, "refractory period";
}

row! {
    /// What the kernel reads; `shaders/models/lif.wgsl` has the same.
    pub struct Coefficients {
        /// Fraction of the way to the steady potential gone in one step.
        relaxation,
        /// What a current adds to the potential in one step (unit of V per pA).
        gain,
        /// The same in the first step after the refractory period, which is longer with `bridge`.
        first_gain,
        /// Membrane potential after a spike, from v_th (unit of V); with `bridge`, so much nearer to the steady one
        /// without current that its first step is longer.
        v_reset,
        /// Steps that a spike takes: its own and the refractory ones.
        hold,
    }
}

row! {
    /// The state; `shaders/models/lif.wgsl` has the same.
    pub struct State {
        /// Membrane potential from v_th (unit of V).
        v,
        /// Steps left in which the potential is held at v_reset.
        refractory,
    }
}

/// The leaky integrate-and-fire neuron.
#[derive(Clone, Copy, Debug)]
pub struct Lif;

const EULER: usize = 0;
const BRIDGE: usize = 2;

/// The unit of V (mV): s / sqrt(2), s^2 the variance of a step's white noise in V. A Brownian bridge from V0
/// to V1 of that variance crosses 0 with the probability exp(-2 V0 V1 / s^2), which is exp(-V0 V1) then.
/// Where there is no noise, nothing crosses between steps: a small unit, far from underflow.
fn unit_of(p: &Parameters<f64>, by: &Stepping) -> f64 {
    const NO_NOISE: f64 = 1e-15;
    match by.integrator {
        BRIDGE => {
            let noise = relaxation(p, by, 1.0) / p.g_l * by.white_noise;
            (noise * std::f64::consts::FRAC_1_SQRT_2).max(NO_NOISE)
        }
        _ => 1.0,
    }
}

/// Fraction of the way to the steady potential gone in some steps.
fn relaxation(p: &Parameters<f64>, by: &Stepping, steps: f64) -> f64 {
    let decay = steps * by.dt / p.tau_m;
    if by.integrator == EULER { decay } else { -(-decay).exp_m1() }
}

impl Neuron for Lif {
    const EQUATIONS: &'static str = include_str!("../../models/compiled/lif.toml");

    const INFO: Info = Info {
        name: "lif",
        about: "Leaky integrate-and-fire neuron: a leaky capacitor with a threshold, a reset and a refractory period.",
        equations: &[
            "tau_m dV/dt = -(V - e_l) + I / g_l",
            "V >= v_th: a spike; then V = v_reset for t_ref",
        ],
        source: "Lapicque 1907; Gerstner, Kistler, Naud and Paninski, Neuronal Dynamics, 2014, section 1.3",
        parameters: PARAMETERS,
        states: &[Variable { name: "v", unit: "mV", about: "membrane potential" }],
        observables: &[],
        integrators: &[
            Integrator {
                name: "euler",
                about: "forward Euler: first order; the threshold is looked at at the steps",
                draws: false,
            },
            Integrator {
                name: "exact",
                about: "the membrane equation solved over the step, the current held; the threshold is looked at at the steps",
                draws: false,
            },
            Integrator {
                name: "bridge",
                about: "exact, and white noise may cross the threshold between two steps: the rate of continuous time",
                draws: true,
            },
        ],
        remarks: &["\
In white noise, euler and exact fire too little: they look at the threshold at the steps only, and miss what
crosses it between two steps and comes back. They fire as if v_th were 0.5826 s higher, s = sigma sqrt(dt) /
(g_l tau_m) (dt and tau_m in s) the standard deviation of a step's noise in V (Broadie, Glasserman and Kou,
Math Finance 7:325, 1997). At 0.1 ms that is 1.5 % at 57 Hz and a CV of 0.2, and 10 % at 12 Hz and a CV of
0.8; at a quarter of the step it is half as much. A run's summary.json has the size that is expected
(missed_crossings). bridge lets it cross between two steps (a Brownian bridge): it has the rate of continuous time
within 0.3 % for steps up to tau_m / 50, as long as v_reset is some s below v_th. Noise of the kinds ou and
numpy, and none, cross nothing between two steps; bridge then differs from exact only in that a spike does not
come half a step late."],
        in_steps: &["t_ref"],
        presets: &[],
        current_unit: "pA",
        dt_ms: 0.1,
        amplitude: 250.0,
        sigma_white: 3.0,
        sigma_ou: 40.0,
    };

    type Parameters = Parameters<f64>;
    type Coefficients<R: Number> = Coefficients<R>;
    type State<R: Number> = State<R>;

    fn check(p: &Parameters<f64>, _integrator: usize, dt: f64) -> Result<(), Complaint> {
        if p.v_reset >= p.v_th {
            return Err(Complaint {
                key: "v_reset",
                cause: "v_th",
                message: format!(
                    "v_reset ({} mV) is not below v_th ({} mV): every spike would set off the next",
                    tell(p.v_reset),
                    tell(p.v_th)
                ),
                remedy: "set v_reset below v_th".into(),
            });
        }
        // Up to here a step goes less than half of the way to the steady potential, so that the
        // potential's decay is resolved by Euler (error (dt/tau)^2/2 a step) and threshold
        // crossings are seen.
        if dt > p.tau_m / 2.0 {
            return Err(Complaint {
                key: "dt",
                cause: "tau_m",
                message: format!(
                    "dt = {} ms is too coarse for tau_m = {} ms: the step may be at most tau_m / 2 = {} ms",
                    tell(dt),
                    tell(p.tau_m),
                    tell(p.tau_m / 2.0)
                ),
                remedy: format!("use --dt {}, or another tau_m", tell(p.tau_m / 100.0)),
            });
        }
        Ok(())
    }

    /// At dt = 1e-5 tau_m a step is 80 units in the last digit of the potential or more, and there are as
    /// many spikes as in double precision, from 1e-5 above rheobase on (measured over 600 ms).
    fn check_single(p: &Parameters<f64>, dt: f64) -> Result<(), Complaint> {
        let finest = 1e-5 * p.tau_m;
        if dt < finest * 0.999 {
            return Err(too_fine(dt, finest));
        }
        if p.t_ref / dt >= MOST_COUNTED {
            return Err(too_long("t_ref", p.t_ref / dt));
        }
        Ok(())
    }

    /// The current whose steady potential is the threshold.
    fn zero_current(p: &Parameters<f64>) -> Option<f64> {
        Some(p.g_l * (p.v_th - p.e_l))
    }

    fn derive(p: &Parameters<f64>, by: &Stepping) -> Coefficients<f64> {
        let steps = p.t_ref / by.dt;
        // A part of a step counts as a whole one, rounding errors of the division do not.
        let held = (steps - 1e-6).ceil().max(0.0);
        // A crossing between two steps is seen at the second one: half a step late on average. The first
        // step after the refractory period makes up for it, and for the rest of a part of a step.
        let first = match by.integrator {
            BRIDGE => relaxation(p, by, 1.5 + (held - steps).max(0.0)),
            _ => relaxation(p, by, 1.0),
        };
        let relaxation = relaxation(p, by, 1.0);
        let per_unit = 1.0 / unit_of(p, by);
        Coefficients {
            relaxation,
            gain: per_unit * relaxation / p.g_l,
            first_gain: per_unit * first / p.g_l,
            v_reset: per_unit * (p.v_reset - p.v_th) * ((1.0 - first) / (1.0 - relaxation)),
            // The countdown of the exercises starts at t_ref / dt after the step of the spike.
            hold: 1.0 + held,
        }
    }

    fn initial(p: &Parameters<f64>, by: &Stepping) -> State<f64> {
        State { v: (p.v_init - p.v_th) / unit_of(p, by), refractory: 0.0 }
    }

    fn observe(p: &Parameters<f64>, by: &Stepping, s: &State<f64>) -> Vec<f64> {
        let held = s.refractory > 0.0;
        vec![if held { p.v_reset } else { p.v_th + unit_of(p, by) * s.v }]
    }

    /// A threshold that is looked at at the steps only is one that is higher by 0.5826 standard deviations of
    /// a step's noise (Broadie, Glasserman and Kou 1997).
    fn missed_crossings(
        p: &Parameters<f64>,
        by: &Stepping,
        current: f64,
    ) -> Option<MissedCrossings> {
        const SHIFT: f64 = 0.5826;
        if by.integrator == BRIDGE {
            return None;
        }
        let threshold_shift_mv = SHIFT * relaxation(p, by, 1.0) / p.g_l * by.white_noise;
        let mean = p.e_l + current / p.g_l;
        // Of the free membrane: sigma / (g_l sqrt(2 tau_m)), with sigma = sqrt(dt) times the noise of a step.
        let std = by.white_noise * (0.5 * by.dt / p.tau_m).sqrt() / p.g_l;
        let rate = |v_th: f64| siegert::rate(p.tau_m, p.t_ref, (p.v_reset, v_th), (mean, std));
        let continuous_rate_hz = rate(p.v_th)?;
        let rate_error = rate(p.v_th + threshold_shift_mv)? / continuous_rate_hz - 1.0;
        Some(MissedCrossings { threshold_shift_mv, continuous_rate_hz, rate_error })
    }

    #[inline(always)]
    fn spiked<R: Number>(_p: &Coefficients<R>, s: &State<R>) -> R::Mask {
        s.refractory.at_most(R::of(0.0)) & s.v.not_negative()
    }

    #[inline(always)]
    fn reset<R: Number>(p: &Coefficients<R>, _s: State<R>) -> State<R> {
        State { v: p.v_reset, refractory: p.hold }
    }

    /// All integrators are the same step: euler and exact differ in `relaxation` and `gain` only; bridge
    /// has another first step after the refractory period, and may cross the threshold within a step.
    #[inline(always)]
    fn advance<R: Number, const INTEGRATOR: usize, const FINE: bool>(
        p: &Coefficients<R>,
        s: State<R>,
        input: Input<R>,
    ) -> State<R> {
        let held = s.refractory.above(R::of(0.0));
        let v = R::choose(held, p.v_reset, s.v).named("v");
        let refractory = R::choose(held, s.refractory - R::of(1.0), s.refractory);
        let towards = |gain: R| gain.mul_add(input.current, (-p.relaxation).mul_add(v, v));
        if INTEGRATOR != BRIDGE {
            return State { v: towards(p.gain), refractory };
        }
        let next = towards(R::choose(held, p.first_gain, p.gain)).named("next");
        // With the probability exp(-v next), see `unit_of`.
        let crossed = (v * next).below(input.exponential);
        State { v: R::choose(crossed, R::of(0.0), next), refractory }
    }
}
