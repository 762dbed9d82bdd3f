//! The leaky integrate-and-fire neuron (Lapicque 1907; as in Gerstner et al. 2014, section 1.3).
//!
//! ```text
//! tau_m dV/dt = -(V - E_l) + I / g_l
//! V >= V_th: a spike, then V = V_reset for t_ref
//! ```

use super::{Complaint, Integrator, MOST_COUNTED, Model, Neuron, Variable, too_fine, too_long};
use crate::real::Real;
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
    pub struct Params {
        /// Fraction of the way to the steady potential gone in one step.
        relaxation,
        /// 1 / g_l (GOhm): pA to mV.
        r_l,
        /// Leak reversal potential (mV).
        e_l,
        /// Spike threshold (mV).
        v_th,
        /// Membrane potential after a spike (mV).
        v_reset,
        /// Steps that a spike takes: its own and the refractory ones.
        hold,
    }
}

row! {
    /// The state; `shaders/models/lif.wgsl` has the same.
    pub struct State {
        /// Membrane potential (mV).
        v,
        /// Steps left in which the potential is held at v_reset.
        refractory,
    }
}

/// The leaky integrate-and-fire neuron.
#[derive(Clone, Copy, Debug)]
pub struct Lif;

const EXACT: usize = 1;

impl Neuron for Lif {
    const MODEL: Model = Model {
        name: "lif",
        about: "Leaky integrate-and-fire neuron: a leaky capacitor with a threshold, a reset and a refractory period.",
        equations: &[
            "tau_m dV/dt = -(V - e_l) + I / g_l",
            "V >= v_th: a spike; then V = v_reset for t_ref",
        ],
        source: "Lapicque 1907; Gerstner, Kistler, Naud and Paninski, Neuronal Dynamics, 2014, section 1.3",
        wgsl: include_str!("../../shaders/models/lif.wgsl"),
        parameters: PARAMETERS,
        states: &[Variable { name: "v", unit: "mV", about: "membrane potential" }],
        observables: &[],
        integrators: &[
            Integrator { name: "euler", about: "forward Euler: first order" },
            Integrator {
                name: "exact",
                about: "the membrane equation solved over the step, the current held",
            },
        ],
        current_unit: "pA",
        dt_ms: 0.1,
        amplitude: 250.0,
        sigma_white: 3.0,
        sigma_ou: 40.0,
    };

    type Parameters = Parameters<f64>;
    type Params<R: Real> = Params<R>;
    type State<R: Real> = State<R>;

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

    /// At dt = 1e-5 tau_m intervals are 0.03 % too long (measured at 210 pA); at a tenth of it, 2 %.
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

    fn derive(p: &Parameters<f64>, integrator: usize, dt: f64) -> Params<f64> {
        let decay = dt / p.tau_m;
        Params {
            relaxation: if integrator == EXACT { -(-decay).exp_m1() } else { decay },
            r_l: 1.0 / p.g_l,
            e_l: p.e_l,
            v_th: p.v_th,
            v_reset: p.v_reset,
            // The countdown of the exercises starts at t_ref / dt after the step of the spike; a
            // part of a step counts as a whole one, rounding errors of the division do not.
            hold: 1.0 + (p.t_ref / dt - 1e-6).ceil().max(0.0),
        }
    }

    fn initial(p: &Parameters<f64>, _integrator: usize, _dt: f64) -> State<f64> {
        State { v: p.v_init, refractory: 0.0 }
    }

    fn observe(_p: &Params<f64>, s: &State<f64>, _integrator: usize) -> Vec<f64> {
        vec![s.v]
    }

    #[inline(always)]
    fn spiked<R: Real>(p: &Params<R>, s: &State<R>) -> bool {
        (s.refractory <= R::of(0.0)) & (s.v >= p.v_th)
    }

    #[inline(always)]
    fn reset<R: Real>(p: &Params<R>, _s: State<R>) -> State<R> {
        State { v: p.v_reset, refractory: p.hold }
    }

    /// Both integrators are the same step: they differ in `relaxation` only.
    #[inline(always)]
    fn advance<R: Real, const INTEGRATOR: usize, const FINE: bool>(
        p: &Params<R>,
        s: State<R>,
        current: R,
    ) -> State<R> {
        let held = s.refractory > R::of(0.0);
        let v = if held { p.v_reset } else { s.v };
        let refractory = if held { s.refractory - R::of(1.0) } else { s.refractory };
        let v_steady = p.r_l.mul_add(current, p.e_l);
        State { v: p.relaxation.mul_add(v_steady - v, v), refractory }
    }
}
