// hodgkin_huxley: Squid giant axon: sodium, potassium and leak currents with voltage-gated conductances.
// Integrator rk4.
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
    let x_6 = s.n * s.n;
    let g_na = p.g_na * ((s.m * s.m) * (s.m * s.h));
    let g_k = p.g_k * (x_6 * x_6);
    let x_7 = p.dt_per_c * input.current;
    let x_8 = fma(g_na, p.e_na - s.v, fma(g_k, p.e_k - s.v, fma(p.g_l, p.e_l - s.v, x_7)));
    let x_9 = fma(-(alpha_m + beta_m), s.m, alpha_m);
    let x_10 = fma(-(alpha_h + beta_h), s.h, alpha_h);
    let x_11 = fma(-(alpha_n + beta_n), s.n, alpha_n);
    let x_12 = s.v + (Real(0.5) * x_8);
    let x_13 = s.m + (Real(0.5) * x_9);
    let x_14 = s.h + (Real(0.5) * x_10);
    let x_15 = s.n + (Real(0.5) * x_11);
    let x_16 = x_12 + Real(65.0);
    let x_17 = select(x_16, Real(-870.0), x_16 < Real(-870.0));
    let u_1 = select(x_17, Real(1000.0), Real(1000.0) < x_17);
    let exp_80_1 = exp(u_1 * Real(-0.0125));
    let exp_40_1 = exp_80_1 * exp_80_1;
    let exp_20_1 = exp_40_1 * exp_40_1;
    let exp_10_1 = exp_20_1 * exp_20_1;
    let exp_18_1 = exp(u_1 * Real(-0.055555556));
    let x_18 = fma(u_1, Real(-0.1), Real(2.5));
    let alpha_m_1 = p.dt * exprelr(x_18, fma(exp_10_1, Real(12.182494), Real(-1.0)));
    let beta_m_1 = p.beta_m * exp_18_1;
    let alpha_h_1 = p.alpha_h * exp_20_1;
    let beta_h_1 = p.dt / fma(exp_10_1, Real(20.085537), Real(1.0));
    let x_19 = exprelr(x_18 - Real(1.5), fma(exp_10_1, Real(2.7182817), Real(-1.0)));
    let alpha_n_1 = p.alpha_n * x_19;
    let beta_n_1 = p.beta_n * exp_80_1;
    let x_20 = x_15 * x_15;
    let g_na_1 = p.g_na * ((x_13 * x_13) * (x_13 * x_14));
    let g_k_1 = p.g_k * (x_20 * x_20);
    let x_21 = fma(g_na_1, p.e_na - x_12, fma(g_k_1, p.e_k - x_12, fma(p.g_l, p.e_l - x_12, x_7)));
    let x_22 = fma(-(alpha_m_1 + beta_m_1), x_13, alpha_m_1);
    let x_23 = fma(-(alpha_h_1 + beta_h_1), x_14, alpha_h_1);
    let x_24 = fma(-(alpha_n_1 + beta_n_1), x_15, alpha_n_1);
    let x_25 = s.v + (Real(0.5) * x_21);
    let x_26 = s.m + (Real(0.5) * x_22);
    let x_27 = s.h + (Real(0.5) * x_23);
    let x_28 = s.n + (Real(0.5) * x_24);
    let x_29 = x_25 + Real(65.0);
    let x_30 = select(x_29, Real(-870.0), x_29 < Real(-870.0));
    let u_2 = select(x_30, Real(1000.0), Real(1000.0) < x_30);
    let exp_80_2 = exp(u_2 * Real(-0.0125));
    let exp_40_2 = exp_80_2 * exp_80_2;
    let exp_20_2 = exp_40_2 * exp_40_2;
    let exp_10_2 = exp_20_2 * exp_20_2;
    let exp_18_2 = exp(u_2 * Real(-0.055555556));
    let x_31 = fma(u_2, Real(-0.1), Real(2.5));
    let alpha_m_2 = p.dt * exprelr(x_31, fma(exp_10_2, Real(12.182494), Real(-1.0)));
    let beta_m_2 = p.beta_m * exp_18_2;
    let alpha_h_2 = p.alpha_h * exp_20_2;
    let beta_h_2 = p.dt / fma(exp_10_2, Real(20.085537), Real(1.0));
    let x_32 = exprelr(x_31 - Real(1.5), fma(exp_10_2, Real(2.7182817), Real(-1.0)));
    let alpha_n_2 = p.alpha_n * x_32;
    let beta_n_2 = p.beta_n * exp_80_2;
    let x_33 = x_28 * x_28;
    let g_na_2 = p.g_na * ((x_26 * x_26) * (x_26 * x_27));
    let g_k_2 = p.g_k * (x_33 * x_33);
    let x_34 = fma(g_na_2, p.e_na - x_25, fma(g_k_2, p.e_k - x_25, fma(p.g_l, p.e_l - x_25, x_7)));
    let x_35 = fma(-(alpha_m_2 + beta_m_2), x_26, alpha_m_2);
    let x_36 = fma(-(alpha_h_2 + beta_h_2), x_27, alpha_h_2);
    let x_37 = fma(-(alpha_n_2 + beta_n_2), x_28, alpha_n_2);
    let x_38 = s.v + x_34;
    let x_39 = s.m + x_35;
    let x_40 = s.h + x_36;
    let x_41 = s.n + x_37;
    let x_42 = x_38 + Real(65.0);
    let x_43 = select(x_42, Real(-870.0), x_42 < Real(-870.0));
    let u_3 = select(x_43, Real(1000.0), Real(1000.0) < x_43);
    let exp_80_3 = exp(u_3 * Real(-0.0125));
    let exp_40_3 = exp_80_3 * exp_80_3;
    let exp_20_3 = exp_40_3 * exp_40_3;
    let exp_10_3 = exp_20_3 * exp_20_3;
    let exp_18_3 = exp(u_3 * Real(-0.055555556));
    let x_44 = fma(u_3, Real(-0.1), Real(2.5));
    let alpha_m_3 = p.dt * exprelr(x_44, fma(exp_10_3, Real(12.182494), Real(-1.0)));
    let beta_m_3 = p.beta_m * exp_18_3;
    let alpha_h_3 = p.alpha_h * exp_20_3;
    let beta_h_3 = p.dt / fma(exp_10_3, Real(20.085537), Real(1.0));
    let x_45 = exprelr(x_44 - Real(1.5), fma(exp_10_3, Real(2.7182817), Real(-1.0)));
    let alpha_n_3 = p.alpha_n * x_45;
    let beta_n_3 = p.beta_n * exp_80_3;
    let x_46 = x_41 * x_41;
    let g_na_3 = p.g_na * ((x_39 * x_39) * (x_39 * x_40));
    let g_k_3 = p.g_k * (x_46 * x_46);
    let x_47 = fma(g_na_3, p.e_na - x_38, fma(g_k_3, p.e_k - x_38, fma(p.g_l, p.e_l - x_38, x_7)));
    let x_48 = (s.v + (Real(0.16666667) * x_8)) + (Real(0.33333334) * x_21);
    let x_49 = (s.m + (Real(0.16666667) * x_9)) + (Real(0.33333334) * x_22);
    let x_50 = (s.h + (Real(0.16666667) * x_10)) + (Real(0.33333334) * x_23);
    let x_51 = (s.n + (Real(0.16666667) * x_11)) + (Real(0.33333334) * x_24);
    let next_v = (x_48 + (Real(0.33333334) * x_34)) + (Real(0.16666667) * x_47);
    let x_52 = Real(0.16666667) * fma(-(alpha_m_3 + beta_m_3), x_39, alpha_m_3);
    let next_m = (x_49 + (Real(0.33333334) * x_35)) + x_52;
    let x_53 = Real(0.16666667) * fma(-(alpha_h_3 + beta_h_3), x_40, alpha_h_3);
    let next_h = (x_50 + (Real(0.33333334) * x_36)) + x_53;
    let x_54 = Real(0.16666667) * fma(-(alpha_n_3 + beta_n_3), x_41, alpha_n_3);
    let next_n = (x_51 + (Real(0.33333334) * x_37)) + x_54;
    let next_locked = select(x_1, x_1 - Real(1.0), Real(0.0) < x_1);
    return Step(spike, State(next_v, next_m, next_h, next_n, s.v, next_locked));
}
