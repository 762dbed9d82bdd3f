// hodgkin_huxley: Squid giant axon: sodium, potassium and leak currents with voltage-gated conductances.
// Integrator exponential_euler.
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
    let x_3 = (s.n * s.n);
    let x_4 = (p.g_na * ((s.m * s.m) * (s.m * s.h)));
    let x_5 = (p.g_k * (x_3 * x_3));
    let x_6 = fma(x_5, (p.e_k - s.v), fma(p.g_l, (p.e_l - s.v), (p.dt_per_c * input.current)));
    let x_7 = fma(fma(x_4, (p.e_na - s.v), x_6), phi(((x_4 + x_5) + p.g_l)), s.v);
    let x_8 = (s.v + Real(65.0));
    let x_9 = select(x_8, Real(-870.0), (x_8 < Real(-870.0)));
    let u = select(x_9, Real(1000.0), (Real(1000.0) < x_9));
    let exp_80 = exp((u * Real(-0.0125)));
    let exp_40 = (exp_80 * exp_80);
    let exp_20 = (exp_40 * exp_40);
    let exp_10 = (exp_20 * exp_20);
    let exp_18 = exp((u * Real(-0.055555556)));
    let x_10 = fma(u, Real(-0.1), Real(2.5));
    let x_11 = (p.dt * exprelr(x_10, fma(exp_10, Real(12.182494), Real(-1.0))));
    let x_12 = (p.alpha_h * exp_20);
    let x_13 = exprelr((x_10 - Real(1.5)), fma(exp_10, Real(2.7182817), Real(-1.0)));
    let x_14 = (p.alpha_n * x_13);
    let x_15 = (x_11 + (p.beta_m * exp_18));
    let x_16 = (x_12 + (p.dt / fma(exp_10, Real(20.085537), Real(1.0))));
    let x_17 = (x_14 + (p.beta_n * exp_80));
    return Step(x_1, State(x_7, fma(fma((-x_15), s.m, x_11), phi(x_15), s.m), fma(fma((-x_16), s.h, x_12), phi(x_16), s.h), fma(fma((-x_17), s.n, x_14), phi(x_17), s.n), s.v, select(x_2, (x_2 - Real(1.0)), (Real(0.0) < x_2))));
}
