// Leaky integrate-and-fire neuron (Lapicque 1907; Gerstner et al. 2014, section 1.3).
//
//     tau_m dV/dt = -(V - E_l) + I / g_l
//     V >= V_th: a spike, then V = V_reset for t_ref
//
// Twin: src/model/lif.rs. Potentials in mV, counted from V_th; currents in pA, counted from the one that
// holds V at V_th. With bridge, the unit of potentials is 1/sqrt(2) of a step's noise.

struct Coefficients {
    relaxation: Real, // fraction of the way to the steady potential gone in one step
    gain: Real,       // what a current adds to the potential in one step
    first_gain: Real, // the same in the first step after the refractory period, which is longer with bridge
    v_reset: Real,    // membrane potential after a spike; with bridge, for that longer step
    hold: Real,       // steps that a spike takes: its own and the refractory ones
}

struct State {
    v: Real,          // membrane potential
    refractory: Real, // steps left in which the potential is held at v_reset
}

const BRIDGE = 2u;

// By its bits, s.v >= 0 is true of 0 and false of -0, where a device may end that flushes small numbers: a
// potential that approaches the threshold from below does not reach it.
fn spiked(p: Coefficients, s: State) -> Mask {
    return (s.refractory <= Real(0.0)) & (bitcast<Ints>(s.v) >= Ints(0));
}

fn reset(p: Coefficients, s: State) -> State {
    return State(p.v_reset, p.hold);
}

// All integrators (euler, exact, bridge) are the same step: euler and exact differ in relaxation and gain
// only; bridge has another first step after the refractory period, and may cross the threshold within a
// step.
fn advance(p: Coefficients, s: State, input: Input) -> State {
    let held = s.refractory > Real(0.0);
    let v = select(s.v, p.v_reset, held);
    let refractory = select(s.refractory, s.refractory - 1.0, held);
    let gain = select(p.gain, p.first_gain, held & Mask(integrator == BRIDGE));
    let next = fma(gain, input.current, fma(-p.relaxation, v, v));
    if integrator != BRIDGE {
        return State(next, refractory);
    }
    // A Brownian bridge from v to next of variance s^2 crosses 0 with the probability exp(-2 v next / s^2).
    let crossed = v * next < input.exponential;
    return State(select(next, Real(0.0), crossed), refractory);
}
