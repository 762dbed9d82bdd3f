//! Do noisy populations fire as theory and independent simulations say?

use super::common::{
    cpu, engines, experiment, final_states, mean_and_error, mills_ratio, number, rates, reference,
    spikes_of,
};
use loligo::analysis::intervals::of_population;
use loligo::engine::Engine;

/// Rate (mean and error over neurons) and pooled CV of the intervals.
fn measure(engine: &dyn Engine, settings: &str) -> (f64, f64, f64) {
    let experiment = experiment(settings);
    let trains = spikes_of(engine, &experiment);
    let (rate, error) = mean_and_error(&rates(&trains, &experiment));
    let cv = of_population(&trains, experiment.dt_ms()).pooled.cv().unwrap();
    (rate, error, cv)
}

/// Whether a measured rate and CV are those of a reference row, within four standard errors of
/// both together. The CV's relative error over n intervals is about 1/sqrt(2 n), times at most 2
/// for the skew of interval distributions.
fn fits((rate, error, cv): (f64, f64, f64), row: &serde_json::Value, seconds: f64) -> bool {
    let neurons = number(&row["neurons"]);
    let their_rate = number(&row["rate_hz"]);
    let rate_error = error.hypot(number(&row["rate_sem_hz"]));
    let their_cv = number(&row["cv_isi_pooled"]);
    let cv_error = 2.0 * 2f64.sqrt() * their_cv / (2.0 * neurons * seconds * their_rate).sqrt();
    (rate - their_rate).abs() < 4.0 * rate_error && (cv - their_cv).abs() < 4.0 * cv_error
}

#[test]
fn lif_fires_as_the_reference() {
    for row in reference("noise.json")["lif"]["rows"].as_array().unwrap() {
        let settings = format!(
            "neurons=1000 duration=20s seed=11 stimulus.amplitude={} noise.sigma={}",
            row["mu_pA"], row["sigma_pA_sqrt_s"]
        );
        for engine in engines() {
            let measured = measure(engine.as_ref(), &settings);
            assert!(fits(measured, row, 20.0), "{row}: {measured:?} on {:?}", engine.info());
        }
        let wrong = measure(&cpu(), &format!("{settings} t_ref=2.1"));
        assert!(!fits(wrong, row, 20.0), "one refractory step more is not noticed: {wrong:?}");
    }
}

#[test]
fn hodgkin_huxley_fires_as_the_reference() {
    for row in reference("noise.json")["hodgkin_huxley"]["rows"].as_array().unwrap() {
        // The reference: exponential Euler with the current of a step held, e_l as in its file.
        let settings = format!(
            "model=hodgkin_huxley neurons=400 duration=5s seed=12 integrator=exponential_euler \
             e_l=-54.387 stimulus.amplitude={} noise.sigma={}",
            row["I"], row["sigma"]
        );
        let mut expected = row["lockout_2ms"].clone();
        expected["neurons"] = 400.into();
        for engine in engines() {
            let measured = measure(engine.as_ref(), &settings);
            assert!(fits(measured, &expected, 5.0), "{row}: {measured:?} on {:?}", engine.info());
        }
        let wrong = measure(&cpu(), &format!("{settings} e_l=-52"));
        assert!(!fits(wrong, &expected, 5.0), "a wrong e_l is not noticed: {wrong:?}");
    }
}

#[test]
fn without_lockout_every_crossing_counts() {
    // The reference has both definitions of a spike; at sigma 0.1 the raw crossings are few enough
    // to depend little on the integrator.
    let row = &reference("noise.json")["hodgkin_huxley"]["rows"][0];
    let mut expected = row["raw_upward_crossings_0mV"].clone();
    expected["neurons"] = 400.into();
    let settings = "model=hodgkin_huxley neurons=400 duration=5s seed=12 e_l=-54.387 \
                    integrator=exponential_euler noise.sigma=0.1 t_lockout=0";
    let measured = measure(&cpu(), settings);
    assert!(fits(measured, &expected, 5.0), "{measured:?}");
}

/// The rate of the white-noise LIF neuron in continuous time (Siegert 1951; Brunel and Hakim 1999):
/// 1/r = t_ref + tau sqrt(pi) int exp(x^2) (1 + erf(x)) dx from (V_r - mu)/s to (V_th - mu)/s, with
/// s = sqrt(2) times the standard deviation of the free membrane potential.
fn siegert(mu_pa: f64, sigma_pa: f64) -> f64 {
    let (tau_s, g_l) = (0.01f64, 10.0);
    let mean = -75.0 + mu_pa / g_l;
    let s = sigma_pa / (g_l * tau_s.sqrt());
    let (from, to) = ((-75.0 - mean) / s, (-55.0 - mean) / s);
    // exp(x^2) (1 + erf(x)) = 2 exp(x^2) cdf(sqrt(2) x), in a form that cannot overflow; Simpson.
    let f = |x: f64| (2.0 / std::f64::consts::PI).sqrt() * mills_ratio(-2f64.sqrt() * x);
    let n = 20_000;
    let h = (to - from) / f64::from(n);
    let inner: f64 =
        (1..n).map(|k| f(from + f64::from(k) * h) * if k % 2 == 1 { 4.0 } else { 2.0 }).sum();
    let integral = h / 3.0 * (f(from) + inner + f(to));
    1.0 / (0.002 + tau_s * std::f64::consts::PI.sqrt() * integral)
}

#[test]
fn the_siegert_formula_is_that_of_the_reference() {
    for row in reference("noise.json")["lif"]["rows"].as_array().unwrap() {
        let rate = siegert(number(&row["mu_pA"]), number(&row["sigma_pA_sqrt_s"]));
        assert!((rate - number(&row["siegert_hz"])).abs() < 1e-6, "{row}: {rate}");
    }
}

#[test]
fn the_rate_tends_to_siegerts_as_dt_tends_to_0() {
    // Crossings between steps are missed, which lowers the rate by c sqrt(dt) + O(dt): a step a
    // fourth as long halves the bias, and 2 r(dt/4) - r(dt) is free of it. At sigma 3 the bias is
    // -0.84 Hz at 0.1 ms, -0.21 Hz at 0.00625 ms.
    let at = |dt: f64| {
        let settings = format!("neurons=1000 duration=20s seed=13 noise.sigma=3 dt={dt}");
        measure(&cpu(), &settings)
    };
    let (coarse, middle, fine) = (at(0.1), at(0.025), at(0.00625));
    let limit = siegert(250.0, 3.0);
    let bias = |(rate, ..): (f64, f64, f64)| limit - rate;
    assert!(bias(coarse) > 0.7 && bias(coarse) < 1.0, "{coarse:?}");
    assert!(bias(middle) > 0.3 && bias(middle) < 0.5, "{middle:?}");
    let extrapolated = 2.0 * fine.0 - middle.0;
    let error = (2.0 * fine.1).hypot(middle.1);
    // O(dt): the difference of the dt-corrected formula and simulation at 0.1 ms, 0.17 Hz, shrinks
    // to 0.01 Hz at dt/16, and its extrapolation is below 0.04 Hz.
    assert!((extrapolated - limit).abs() < 4.0 * error + 0.04, "{extrapolated} is not {limit}");
    assert!(
        (extrapolated - siegert(250.0, 3.3)).abs() > 4.0 * error + 0.04,
        "sigma 3.3 is not noticed"
    );
}

/// Mean and variance of the membrane potentials of 3000 neurons that never spike, after 20 tau.
fn free_membrane(engine: &dyn Engine, settings: &str) -> (f64, f64) {
    let fixed = "neurons=3000 duration=204.8 stimulus.amplitude=0 v_th=1000 seed=14";
    let experiment = experiment(&format!("{fixed} {settings}"));
    let states = final_states(engine, &experiment, 3000);
    let potentials: Vec<f64> = states.iter().map(|state| state[0]).collect();
    let mean = potentials.iter().sum::<f64>() / 3000.0;
    (mean, potentials.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 3000.0)
}

/// Whether mean and variance are those expected, within 4 standard errors: of the mean, and of the
/// variance (relative sqrt(2/n)).
fn is_free_membrane((mean, variance): (f64, f64), expected: f64) -> bool {
    (mean + 75.0).abs() < 4.0 * (expected / 3000.0).sqrt()
        && (variance / expected - 1.0).abs() < 4.0 * (2.0 / 3000f64).sqrt()
}

#[test]
fn the_free_membrane_has_the_variance_of_theory() {
    // White noise through a leaky membrane: var V = sigma^2 / (2 tau g_l^2), tau in s, times
    // 1 / (1 - dt / (2 tau)) for Euler's step.
    let (sigma, tau, dt) = (3.0f64, 0.01, 0.1e-3);
    let white = sigma * sigma / (2.0 * tau * 100.0) / (1.0 - dt / (2.0 * tau));
    // OU noise: var V = (sigma / g_l)^2 tau_noise / (tau_noise + tau_m); steps of 0.1 ms change it by
    // less than 1 %, an eighth of the tolerance.
    let ou = |tau_noise: f64| 16.0 * tau_noise / (tau_noise + 10.0);
    for engine in engines() {
        let of = |settings: &str| free_membrane(engine.as_ref(), settings);
        assert!(is_free_membrane(of("noise.sigma=3"), white), "{:?}", engine.info());
        for tau in [5.0, 10.0, 30.0] {
            let settings = format!("noise.kind=ou noise.sigma=40 noise.tau={tau}");
            assert!(is_free_membrane(of(&settings), ou(tau)), "{settings} on {:?}", engine.info());
        }
        // Half the correlation time, as by a decay squared, is noticed.
        let wrong = of("noise.kind=ou noise.sigma=40 noise.tau=5");
        assert!(!is_free_membrane(wrong, ou(10.0)), "{wrong:?}");
    }
}
