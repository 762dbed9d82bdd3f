// hodgkin_huxley: Squid giant axon: sodium, potassium and leak currents with voltage-gated conductances.
// Integrator staggered.
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
    let spike = ((p.v_spike <= s.v) & (s.v_before < p.v_spike)) & (s.locked <= Real(0.0));
    let x_1 = select(s.locked, p.lockout, spike);
    let x_2 = s.v + Real(65.0);
    let x_3 = select(x_2, Real(-870.0), x_2 < Real(-870.0));
    let u = select(x_3, Real(1000.0), Real(1000.0) < x_3);
    let exp_80 = exp(u * Real(-0.0125));
    let exp_40 = exp_80 * exp_80;
    let exp_20 = exp_40 * exp_40;
    let exp_10 = exp_20 * exp_20;
    let exp_18 = exp(u * Real(-0.055555556));
    let x_4 = fma(u, Real(-0.1), Real(2.5));
    let alpha_m = p.dt * exprelr(x_4, fma(exp_10, Real(12.182494), Real(-1.0)));
    let beta_m = p.beta_m * exp_18;
    let alpha_h = p.alpha_h * exp_20;
    let beta_h = p.dt / fma(exp_10, Real(20.085537), Real(1.0));
    let x_5 = exprelr(x_4 - Real(1.5), fma(exp_10, Real(2.7182817), Real(-1.0)));
    let alpha_n = p.alpha_n * x_5;
    let beta_n = p.beta_n * exp_80;
    let x_6 = alpha_m + beta_m;
    let next_m = fma(fma(-x_6, s.m, alpha_m), phi(x_6), s.m);
    let x_7 = alpha_h + beta_h;
    let next_h = fma(fma(-x_7, s.h, alpha_h), phi(x_7), s.h);
    let x_8 = alpha_n + beta_n;
    let next_n = fma(fma(-x_8, s.n, alpha_n), phi(x_8), s.n);
    let x_9 = next_n * next_n;
    let g_na = p.g_na * ((next_m * next_m) * (next_m * next_h));
    let g_k = p.g_k * (x_9 * x_9);
    let x_10 = fma(g_k, p.e_k - s.v, fma(p.g_l, p.e_l - s.v, p.dt_per_c * input.current));
    let next_v = fma(fma(g_na, p.e_na - s.v, x_10), phi((g_na + g_k) + p.g_l), s.v);
    let next_locked = select(x_1, x_1 - Real(1.0), Real(0.0) < x_1);
    return Step(spike, State(next_v, next_m, next_h, next_n, s.v, next_locked));
}
