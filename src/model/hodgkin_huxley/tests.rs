//! The error bounds of fine steps.

use super::*;
use crate::model::Row;
use crate::real::{Real, Single};

/// A state whose gates are half open.
fn half<R: Number>() -> State<R> {
    State::from_fn(|_| R::of(0.5))
}

/// The squid's parameters.
fn squid() -> Parameters<f64> {
    Parameters::from_fn(|parameter| PARAMETERS[parameter].default)
}

/// The squid's parameters as the kernel reads them, for steps of `dt`.
fn coefficients<R: Number>(dt: f64) -> Coefficients<R> {
    let by = Stepping { integrator: STAGGERED, dt, white_noise: 0.0 };
    let mut values = Vec::new();
    HodgkinHuxley::derive(&squid(), &by).for_each(|_, value| values.push(value));
    Coefficients::from_fn(|field| R::of(values[field]))
}

#[test]
fn fine_steps_are_those_of_exact_solutions() {
    type F = Single<true>;
    for k in -1300..=600 {
        let v = 0.1 * f64::from(k);
        let ours = rates::<F, true>(&coefficients(0.01), F::of(v));
        let exact = rates::<f64, false>(&coefficients(0.01), v);
        // 3e-6 by the powers of exp, 1e-6 by exprelr, a few roundings.
        for (ours, exact) in [(ours.m, exact.m), (ours.h, exact.h), (ours.n, exact.n)] {
            let (alpha, beta) = (ours.0.to_f64(), ours.1.to_f64());
            assert!((alpha / exact.0 - 1.0).abs() < 5e-6, "alpha at {v}: {alpha}");
            assert!((beta / exact.1 - 1.0).abs() < 5e-6, "beta at {v}: {beta}");
        }
        // Of the change of a gate: the error of both rates, and 1.8e-6 by phi. The gate itself is rounded.
        let (m, h, n) = relax_gates::<F, true>(&half(), &ours);
        let after = relax_gates::<f64, false>(&half(), &exact);
        for (ours, exact) in [(m, after.0), (h, after.1), (n, after.2)] {
            let error = (ours.to_f64() - exact).abs();
            assert!(error < 1e-5 * (exact - 0.5).abs() + 1e-7, "{v}: {ours:?} is not {exact}");
        }
    }
}

#[test]
fn beyond_the_range_of_fine_steps_the_gates_are_closed_or_open() {
    let steady = |(alpha, beta): (f64, f64)| alpha / (alpha + beta);
    for v in [-131.0, -200.0, -800.0] {
        let held = rates::<f64, true>(&coefficients(0.01), v);
        assert!(steady(held.m) < 1e-5 && steady(held.n) < 2e-3 && steady(held.h) > 0.9999);
    }
}

#[test]
fn the_step_of_the_squid_is_fine_where_phi_holds() {
    let fine = HodgkinHuxley::fine;
    assert!(fine(&squid(), STAGGERED, 0.01));
    assert!(!fine(&squid(), STAGGERED, 0.011));
    assert!(!fine(&squid(), EULER, 0.01));
    // Conductances that differ between neurons leave the step fine, up to 2.2 times those of the squid.
    assert!(fine(&Parameters { c_m: 0.45, ..squid() }, STAGGERED, 0.01));
    assert!(!fine(&Parameters { c_m: 0.44, ..squid() }, STAGGERED, 0.01));
    assert!(fine(&Parameters { g_na: 300.0, ..squid() }, STAGGERED, 0.01));
    assert!(!fine(&Parameters { g_na: 320.0, ..squid() }, STAGGERED, 0.01));
    let fastest = |of: fn(Rates<f64>) -> [(f64, f64); 2]| {
        let all = [-1e30, -1000.0, -131.0, -65.0, 0.0, 100.0, 900.0, 935.0, 1e30];
        let rates = all.into_iter().flat_map(|v| of(rates::<f64, true>(&coefficients(1.0), v)));
        rates.map(|(alpha, beta)| alpha + beta).fold(0.0, f64::max)
    };
    let m = fastest(|rates| [rates.m; 2]);
    let h_or_n = fastest(|rates| [rates.h, rates.n]);
    assert!((m - FASTEST_M).abs() < 0.1, "{m}");
    assert!((h_or_n - FASTEST_H_OR_N).abs() < 0.02, "{h_or_n}");
}
