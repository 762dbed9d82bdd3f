// Leaky integrate-and-fire neuron (Lapicque 1907; Gerstner et al. 2014, section 1.3).
//
//     tau_m dV/dt = -(V - E_l) + I / g_l
//     V >= V_th: a spike, then V = V_reset for t_ref
//
// Twin: src/model/lif.rs. Potentials in mV, currents in pA.

struct Params {
    relaxation: Real, // fraction of the way to the steady potential gone in one step
    r_l: Real,        // 1 / g_l [GOhm]: pA to mV
    e_l: Real,        // leak reversal potential
    v_th: Real,       // spike threshold
    v_reset: Real,    // membrane potential after a spike
    hold: Real,       // steps that a spike takes: its own and the refractory ones
}

struct State {
    v: Real,          // membrane potential
    refractory: Real, // steps left in which the potential is held at v_reset
}

fn spiked(p: Params, s: State) -> Mask {
    return (s.refractory <= Real(0.0)) & (s.v >= p.v_th);
}

fn reset(p: Params, s: State) -> State {
    return State(p.v_reset, p.hold);
}

// Both integrators (euler, exact) are the same step: they differ in p.relaxation only.
fn advance(p: Params, s: State, current: Real) -> State {
    let held = s.refractory > Real(0.0);
    let v = select(s.v, p.v_reset, held);
    let refractory = select(s.refractory, s.refractory - 1.0, held);
    let v_steady = fma(p.r_l, current, p.e_l);
    return State(fma(p.relaxation, v_steady - v, v), refractory);
}
