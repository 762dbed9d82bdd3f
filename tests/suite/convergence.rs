//! Does each integrator converge at its order? By regression of log error on log step, in f64.

use super::common::{experiment, final_state, oracle, order};

/// The membrane potential after `ms` ms.
fn v_after(ms: f64, dt: f64, settings: &str) -> f64 {
    final_state(
        &oracle(),
        &experiment(&format!("neurons=1 noise.kind=none duration={ms} dt={dt} {settings}")),
    )[0]
}

#[test]
fn lif_euler_is_of_first_order() {
    // Below threshold V(t) = e_l + R I (1 - exp(-t/tau)); 6.4 ms are whole words of every step.
    let exact = -75.0 + 10.0 * -(-0.64f64).exp_m1();
    let steps = [0.2, 0.1, 0.05, 0.025];
    let error = |dt| (v_after(6.4, dt, "stimulus.amplitude=100") - exact).abs();
    let p = order(&steps, &steps.map(error));
    assert!((p - 1.0).abs() < 0.05, "order {p}");
}

#[test]
fn lif_exact_has_no_error() {
    let exact = -75.0 + 10.0 * -(-0.64f64).exp_m1();
    for dt in [0.2, 0.1, 0.05, 0.025] {
        let v = v_after(6.4, dt, "stimulus.amplitude=100 integrator=exact");
        // 256 steps of a rounding each.
        assert!((v - exact).abs() < 1e-11, "dt {dt}: {v} is not {exact}");
    }
}

/// The order of an integrator of the Hodgkin-Huxley neuron, from the membrane potential at 10.24 ms
/// (after the first spike), against rk4 with a step a tenth of the smallest.
fn hodgkin_huxley_order(integrator: &str, steps: &[f64]) -> f64 {
    let settings = "model=hodgkin_huxley stimulus.amplitude=10";
    let exact = v_after(10.24, 0.0005, &format!("{settings} integrator=rk4"));
    let errors: Vec<f64> = steps
        .iter()
        .map(|&dt| {
            (v_after(10.24, dt, &format!("{settings} integrator={integrator}")) - exact).abs()
        })
        .collect();
    order(steps, &errors)
}

#[test]
fn hodgkin_huxley_converges_at_each_order() {
    let coarse = [0.04, 0.02, 0.01, 0.005];
    let fine = [0.02, 0.01, 0.005, 0.0025];
    for (integrator, expected, steps) in [
        ("staggered", 2.0, coarse),
        ("exponential_euler", 1.0, fine),
        ("euler", 1.0, fine),
        ("rk4", 4.0, coarse),
    ] {
        let p = hodgkin_huxley_order(integrator, &steps);
        assert!((p - expected).abs() < 0.15, "{integrator}: order {p}");
    }
}
