// hodgkin_huxley: Squid giant axon: sodium, potassium and leak currents with voltage-gated conductances.
// Integrator staggered, for steps within the reach of its polynomials.
//
//     c_m dV/dt = I - g_na m^3 h (V - e_na) - g_k n^4 (V - e_k) - g_l (V - e_l)
//     dx/dt = alpha_x (1 - x) - beta_x x  for x = m, h, n;  u = V + 65 mV
//     alpha_m = (2.5 - 0.1u) / (exp(2.5 - 0.1u) - 1)    beta_m = 4 exp(-u/18)
//     alpha_h = 0.07 exp(-u/20)                         beta_h = 1 / (exp(3 - 0.1u) + 1)
//     alpha_n = (0.1 - 0.01u) / (exp(1 - 0.1u) - 1)     beta_n = 0.125 exp(-u/80)
//     a spike: V crosses v_spike upwards, at least t_lockout after the last one
//
// Hodgkin and Huxley, J Physiol 117:500-544, 1952
//
// Printed from the model: do not edit.

struct Coefficients {
    dt: Real,
    beta_m: Real,
    alpha_h: Real,
    alpha_n: Real,
    beta_n: Real,
    dt_per_c: Real,
    g_na: Real,
    g_k: Real,
    g_l: Real,
    e_na: Real,
    e_k: Real,
    e_l: Real,
    v_spike: Real,
    lockout: Real,
}

struct State {
    v: Real,
    m: Real,
    h: Real,
    n: Real,
    v_before: Real,
    locked: Real,
}

struct Step {
    spike: Mask,
    state: State,
}

fn step(p: Coefficients, s: State, input: Input) -> Step {
    let x_1 = (((p.v_spike <= s.v) & (s.v_before < p.v_spike)) & (s.locked <= Real(0.0)));
    let x_2 = select(s.locked, p.lockout, x_1);
    let x_3 = (s.v + Real(65.0));
    let x_4 = select(x_3, Real(-66.0), (x_3 < Real(-66.0)));
    let u = select(x_4, Real(1000.0), (Real(1000.0) < x_4));
    let exp_80 = exp((u * Real(-0.0125)));
    let exp_40 = (exp_80 * exp_80);
    let exp_20 = (exp_40 * exp_40);
    let exp_10 = (exp_20 * exp_20);
    let exp_18 = exp((u * Real(-0.055555556)));
    let x_5 = fma(u, Real(-0.1), Real(2.5));
    let x_6 = (p.dt * exprelr(x_5, fma(exp_10, Real(12.182494), Real(-1.0))));
    let x_7 = (p.alpha_h * exp_20);
    let x_8 = exprelr((x_5 - Real(1.5)), fma(exp_10, Real(2.7182817), Real(-1.0)));
    let x_9 = (p.alpha_n * x_8);
    let x_10 = (x_6 + (p.beta_m * exp_18));
    let x_11 = fma(fma((-x_10), s.m, x_6), phi_near(x_10), s.m);
    let x_12 = (x_7 + (p.dt / fma(exp_10, Real(20.085537), Real(1.0))));
    let x_13 = fma(fma((-x_12), s.h, x_7), phi_nearest(x_12), s.h);
    let x_14 = (x_9 + (p.beta_n * exp_80));
    let x_15 = fma(fma((-x_14), s.n, x_9), phi_nearest(x_14), s.n);
    let x_16 = (x_15 * x_15);
    let x_17 = (p.g_na * ((x_11 * x_11) * (x_11 * x_13)));
    let x_18 = (p.g_k * (x_16 * x_16));
    let x_19 = fma(x_18, (p.e_k - s.v), fma(p.g_l, (p.e_l - s.v), (p.dt_per_c * input.current)));
    let x_20 = fma(fma(x_17, (p.e_na - s.v), x_19), phi_far(((x_17 + x_18) + p.g_l)), s.v);
    return Step(x_1, State(x_20, x_11, x_13, x_15, s.v, select(x_2, (x_2 - Real(1.0)), (Real(0.0) < x_2))));
}
