//! The error bounds of fine steps.

use super::*;
use crate::model::Row;
use crate::real::Single;

#[test]
fn fine_steps_are_those_of_exact_solutions() {
    // Relative errors of single precision: 3e-6 of the rates, 1.6e-6 of phi, a few roundings; m and n
    // are nearly closed at the low end, so that what counts is the error of their change.
    type F = Single<true>;
    for k in -1300..=600 {
        let v = 0.1 * f64::from(k);
        let (ours, exact) = (rates::<F, true>(F::of(v)), rates::<f64, false>(v));
        for (ours, exact) in [(ours.m, exact.m), (ours.h, exact.h), (ours.n, exact.n)] {
            let (alpha, beta) = (ours.0.to_f64(), ours.1.to_f64());
            assert!((alpha / exact.0 - 1.0).abs() < 5e-6, "alpha at {v}: {alpha}");
            assert!((beta / exact.1 - 1.0).abs() < 5e-6, "beta at {v}: {beta}");
            let after = relax_gate::<F, true>(F::of(0.5), ours, F::of(0.01)).to_f64();
            let exact = relax_gate::<f64, false>(0.5, exact, 0.01);
            assert!((after - exact).abs() < 1e-5 * (exact - 0.5).abs() + 1e-7, "{v}: {after}");
        }
    }
}

#[test]
fn beyond_the_range_of_fine_steps_the_gates_are_closed_or_open() {
    let steady = |(alpha, beta): (f64, f64)| alpha / (alpha + beta);
    for v in [-131.0, -200.0, -800.0] {
        let held = rates::<f64, true>(v);
        assert!(steady(held.m) < 1e-5 && steady(held.n) < 2e-3 && steady(held.h) > 0.9999);
    }
}

#[test]
fn the_step_of_the_squid_is_fine_where_phi_holds() {
    let squid = Parameters::from_fn(|parameter| PARAMETERS[parameter].default);
    assert!(HodgkinHuxley::fine(&squid, STAGGERED, 0.01));
    assert!(!HodgkinHuxley::fine(&squid, STAGGERED, 0.011));
    assert!(!HodgkinHuxley::fine(&squid, EULER, 0.01));
    let rate = |v| {
        let rates = rates::<f64, true>(v);
        [rates.m, rates.h, rates.n].map(|(alpha, beta)| alpha + beta).into_iter().fold(0.0, f64::max)
    };
    for v in [-1000.0, -131.0, -65.0, 0.0, 100.0, 1000.0, 1e30] {
        assert!(rate(v) <= FASTEST_GATE + 0.1, "{v}: {}", rate(v));
    }
    assert!(0.01 * rate(-131.0) <= PHI_LIMIT);
}
