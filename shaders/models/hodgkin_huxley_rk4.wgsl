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
    let x_1 = (((p.v_spike <= s.v) & (s.v_before < p.v_spike)) & (s.locked <= Real(0.0)));
    let x_2 = select(s.locked, p.lockout, x_1);
    let x_3 = (s.v + Real(65.0));
    let x_4 = select(x_3, Real(-870.0), (x_3 < Real(-870.0)));
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
    let x_10 = (s.n * s.n);
    let x_11 = (p.dt_per_c * input.current);
    let x_12 = fma((p.g_k * (x_10 * x_10)), (p.e_k - s.v), fma(p.g_l, (p.e_l - s.v), x_11));
    let x_13 = fma((p.g_na * ((s.m * s.m) * (s.m * s.h))), (p.e_na - s.v), x_12);
    let x_14 = fma((-(x_6 + (p.beta_m * exp_18))), s.m, x_6);
    let x_15 = fma((-(x_7 + (p.dt / fma(exp_10, Real(20.085537), Real(1.0))))), s.h, x_7);
    let x_16 = fma((-(x_9 + (p.beta_n * exp_80))), s.n, x_9);
    let x_17 = (s.v + (Real(0.5) * x_13));
    let x_18 = (s.m + (Real(0.5) * x_14));
    let x_19 = (s.h + (Real(0.5) * x_15));
    let x_20 = (s.n + (Real(0.5) * x_16));
    let x_21 = (x_17 + Real(65.0));
    let x_22 = select(x_21, Real(-870.0), (x_21 < Real(-870.0)));
    let u_1 = select(x_22, Real(1000.0), (Real(1000.0) < x_22));
    let exp_80_1 = exp((u_1 * Real(-0.0125)));
    let exp_40_1 = (exp_80_1 * exp_80_1);
    let exp_20_1 = (exp_40_1 * exp_40_1);
    let exp_10_1 = (exp_20_1 * exp_20_1);
    let exp_18_1 = exp((u_1 * Real(-0.055555556)));
    let x_23 = fma(u_1, Real(-0.1), Real(2.5));
    let x_24 = (p.dt * exprelr(x_23, fma(exp_10_1, Real(12.182494), Real(-1.0))));
    let x_25 = (p.alpha_h * exp_20_1);
    let x_26 = exprelr((x_23 - Real(1.5)), fma(exp_10_1, Real(2.7182817), Real(-1.0)));
    let x_27 = (p.alpha_n * x_26);
    let x_28 = (x_20 * x_20);
    let x_29 = fma((p.g_k * (x_28 * x_28)), (p.e_k - x_17), fma(p.g_l, (p.e_l - x_17), x_11));
    let x_30 = fma((p.g_na * ((x_18 * x_18) * (x_18 * x_19))), (p.e_na - x_17), x_29);
    let x_31 = fma((-(x_24 + (p.beta_m * exp_18_1))), x_18, x_24);
    let x_32 = (-(x_25 + (p.dt / fma(exp_10_1, Real(20.085537), Real(1.0)))));
    let x_33 = fma(x_32, x_19, x_25);
    let x_34 = fma((-(x_27 + (p.beta_n * exp_80_1))), x_20, x_27);
    let x_35 = (s.v + (Real(0.5) * x_30));
    let x_36 = (s.m + (Real(0.5) * x_31));
    let x_37 = (s.h + (Real(0.5) * x_33));
    let x_38 = (s.n + (Real(0.5) * x_34));
    let x_39 = (x_35 + Real(65.0));
    let x_40 = select(x_39, Real(-870.0), (x_39 < Real(-870.0)));
    let u_2 = select(x_40, Real(1000.0), (Real(1000.0) < x_40));
    let exp_80_2 = exp((u_2 * Real(-0.0125)));
    let exp_40_2 = (exp_80_2 * exp_80_2);
    let exp_20_2 = (exp_40_2 * exp_40_2);
    let exp_10_2 = (exp_20_2 * exp_20_2);
    let exp_18_2 = exp((u_2 * Real(-0.055555556)));
    let x_41 = fma(u_2, Real(-0.1), Real(2.5));
    let x_42 = (p.dt * exprelr(x_41, fma(exp_10_2, Real(12.182494), Real(-1.0))));
    let x_43 = (p.alpha_h * exp_20_2);
    let x_44 = exprelr((x_41 - Real(1.5)), fma(exp_10_2, Real(2.7182817), Real(-1.0)));
    let x_45 = (p.alpha_n * x_44);
    let x_46 = (x_38 * x_38);
    let x_47 = fma((p.g_k * (x_46 * x_46)), (p.e_k - x_35), fma(p.g_l, (p.e_l - x_35), x_11));
    let x_48 = fma((p.g_na * ((x_36 * x_36) * (x_36 * x_37))), (p.e_na - x_35), x_47);
    let x_49 = fma((-(x_42 + (p.beta_m * exp_18_2))), x_36, x_42);
    let x_50 = (-(x_43 + (p.dt / fma(exp_10_2, Real(20.085537), Real(1.0)))));
    let x_51 = fma(x_50, x_37, x_43);
    let x_52 = fma((-(x_45 + (p.beta_n * exp_80_2))), x_38, x_45);
    let x_53 = (s.v + x_48);
    let x_54 = (s.m + x_49);
    let x_55 = (s.h + x_51);
    let x_56 = (s.n + x_52);
    let x_57 = (x_53 + Real(65.0));
    let x_58 = select(x_57, Real(-870.0), (x_57 < Real(-870.0)));
    let u_3 = select(x_58, Real(1000.0), (Real(1000.0) < x_58));
    let exp_80_3 = exp((u_3 * Real(-0.0125)));
    let exp_40_3 = (exp_80_3 * exp_80_3);
    let exp_20_3 = (exp_40_3 * exp_40_3);
    let exp_10_3 = (exp_20_3 * exp_20_3);
    let exp_18_3 = exp((u_3 * Real(-0.055555556)));
    let x_59 = fma(u_3, Real(-0.1), Real(2.5));
    let x_60 = (p.dt * exprelr(x_59, fma(exp_10_3, Real(12.182494), Real(-1.0))));
    let x_61 = (p.alpha_h * exp_20_3);
    let x_62 = exprelr((x_59 - Real(1.5)), fma(exp_10_3, Real(2.7182817), Real(-1.0)));
    let x_63 = (p.alpha_n * x_62);
    let x_64 = (x_56 * x_56);
    let x_65 = fma((p.g_k * (x_64 * x_64)), (p.e_k - x_53), fma(p.g_l, (p.e_l - x_53), x_11));
    let x_66 = fma((p.g_na * ((x_54 * x_54) * (x_54 * x_55))), (p.e_na - x_53), x_65);
    let x_67 = (-(x_61 + (p.dt / fma(exp_10_3, Real(20.085537), Real(1.0)))));
    let x_68 = ((s.v + (Real(0.16666667) * x_13)) + (Real(0.33333334) * x_30));
    let x_69 = ((s.m + (Real(0.16666667) * x_14)) + (Real(0.33333334) * x_31));
    let x_70 = ((s.h + (Real(0.16666667) * x_15)) + (Real(0.33333334) * x_33));
    let x_71 = ((s.n + (Real(0.16666667) * x_16)) + (Real(0.33333334) * x_34));
    let x_72 = ((x_68 + (Real(0.33333334) * x_48)) + (Real(0.16666667) * x_66));
    let x_73 = (Real(0.16666667) * fma((-(x_60 + (p.beta_m * exp_18_3))), x_54, x_60));
    let x_74 = ((x_70 + (Real(0.33333334) * x_51)) + (Real(0.16666667) * fma(x_67, x_55, x_61)));
    let x_75 = (Real(0.16666667) * fma((-(x_63 + (p.beta_n * exp_80_3))), x_56, x_63));
    return Step(x_1, State(x_72, ((x_69 + (Real(0.33333334) * x_49)) + x_73), x_74, ((x_71 + (Real(0.33333334) * x_52)) + x_75), s.v, select(x_2, (x_2 - Real(1.0)), (Real(0.0) < x_2))));
}
