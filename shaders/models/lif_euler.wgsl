// lif: Leaky integrate-and-fire neuron: a leaky capacitor with a threshold, a reset and a refractory period.
// Integrator euler.
//
//     tau_m dV/dt = -(V - e_l) + I / g_l
//     V >= v_th: a spike; then V = v_reset for t_ref
//
// Lapicque 1907; Gerstner, Kistler, Naud and Paninski, Neuronal Dynamics, 2014, section 1.3
//
// Printed from the model: do not edit.

struct Coefficients {
    relaxation: Real,
    gain: Real,
    first_gain: Real,
    v_reset: Real,
    hold: Real,
}

struct State {
    v: Real,
    refractory: Real,
}

struct Step {
    spike: Mask,
    state: State,
}

fn step(p: Coefficients, s: State, input: Input) -> Step {
    let spike = (s.refractory <= Real(0.0)) & not_negative(s.v);
    let x_1 = select(s.refractory, p.hold, spike);
    let x_2 = Real(0.0) < x_1;
    let v = select(select(s.v, p.v_reset, spike), p.v_reset, x_2);
    let next_refractory = select(x_1, x_1 - Real(1.0), x_2);
    let next_v = fma(p.gain, input.current, fma(-p.relaxation, v, v));
    return Step(spike, State(next_v, next_refractory));
}
