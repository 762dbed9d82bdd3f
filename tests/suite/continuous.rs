//! Does the integrator `bridge` fire as in continuous time, and do the others as the law says they do?
//!
//! Reference values: `tests/data/continuous.json`, by `continuous.py` beside it (Siegert 1951; Brunel 2000;
//! Lindner, Schimansky-Geier and Longtin 2002).

use super::common::{cpu, engines, experiment, number, numbers, oracle, reference, spikes_of};
use loligo::analysis::intervals::of_population;
use loligo::analysis::spectrum::{self, Method};
use loligo::engine::Engine;

/// Rate, CV of all intervals together, and relative standard error of the rate (that of a renewal process,
/// CV over the root of the number of spikes), after 1 s.
fn measure(engine: &dyn Engine, settings: &str) -> (f64, f64, f64) {
    let experiment = experiment(&format!("{settings} from=1s"));
    let trains = spikes_of(engine, &experiment).within(experiment.window());
    let spikes = trains.spikes() as f64;
    let seconds = 1e-3 * experiment.window().duration_ms(experiment.dt_ms());
    let cv = of_population(&trains, experiment.dt_ms()).pooled.cv().unwrap();
    (spikes / trains.neurons() as f64 / seconds, cv, cv / spikes.sqrt())
}

fn settings(point: &serde_json::Value) -> String {
    let (mu, sigma) = (number(&point["mu_pA"]), number(&point["sigma_pA_sqrt_s"]));
    format!("duration=21s seed=7 stimulus.amplitude={mu} noise.sigma={sigma}")
}

#[test]
fn bridge_has_the_rate_and_the_cv_of_continuous_time() {
    for (n, point) in reference("continuous.json")["points"].as_array().unwrap().iter().enumerate()
    {
        let mut engines = engines();
        if n < 3 {
            engines.push(Box::new(oracle()));
        }
        let (rate, cv) = (number(&point["rate_hz"]), number(&point["cv"]));
        // Few spikes need more neurons for the same error: a standard error of 0.1 % or less.
        let neurons = if rate < 40.0 { 4000 } else { 1000 };
        let settings = format!("neurons={neurons} integrator=bridge {}", settings(point));
        for engine in &engines {
            let (ours, our_cv, error) = measure(engine.as_ref(), &settings);
            // 0.3 and 0.5 % are the goal; four standard errors of the simulation on top, the CV's being 1 / root
            // of 2 n, twice that for the skew. Times are on a grid of 0.1 ms, which adds dt^2 / 12 to the variance.
            assert!((ours / rate - 1.0).abs() < 0.003 + 4.0 * error, "{point}: {ours} Hz");
            let cv_error = 2.0 * error / cv / 2f64.sqrt();
            assert!((our_cv / cv - 1.0).abs() < 0.005 + 4.0 * cv_error, "{point}: CV {our_cv}");
        }
    }
    // A step looked at its ends only is noticed, and so is a spike seen half a step late.
    let point = &reference("continuous.json")["points"][0];
    let neurons = "neurons=1000 integrator=exact";
    let exact = measure(&cpu(), &format!("{neurons} {}", settings(point))).0;
    assert!(exact / number(&point["rate_hz"]) < 0.985, "{exact}");
    let late = "neurons=1000 integrator=bridge t_ref=2.05";
    let late = measure(&cpu(), &format!("{late} {}", settings(point))).0;
    assert!(late / number(&point["rate_hz"]) < 0.998, "{late}");
}

#[test]
fn bridge_holds_up_to_a_fiftieth_of_the_time_constant() {
    for point in &reference("continuous.json")["points"].as_array().unwrap()[..3] {
        let settings = format!("neurons=4000 integrator=bridge dt=0.2 {}", settings(point));
        let (rate, _, error) = measure(&cpu(), &settings);
        let expected = number(&point["rate_hz"]);
        assert!((rate / expected - 1.0).abs() < 0.003 + 4.0 * error, "{point}: {rate} Hz");
    }
}

#[test]
fn without_noise_bridge_rounds_intervals_to_the_nearest_step() {
    // t_ref + tau ln(R I / (R I - 20)): exact rounds it up, bridge to the nearest step, parts of steps of the
    // refractory period included.
    for (current, t_ref) in [(210.0, 2.0), (250.0, 2.0), (250.0, 2.03), (400.0, 0.0), (300.0, 1.26)]
    {
        let r_i = current / 10.0;
        let period = t_ref + 10.0 * f64::ln(r_i / (r_i - 20.0));
        let of = format!(
            "neurons=1 noise.kind=none duration=1s integrator=bridge stimulus.amplitude={current} t_ref={t_ref}"
        );
        for engine in engines() {
            let trains = spikes_of(engine.as_ref(), &experiment(&of));
            let train = trains.train(0);
            let steps = f64::from(train[train.len() - 1] - train[1]) / (train.len() - 2) as f64;
            assert!((0.1 * steps - period).abs() < 0.0501, "{of}: {steps} steps, not {period} ms");
        }
    }
}

#[test]
fn the_others_miss_what_the_law_says() {
    for point in reference("continuous.json")["points"].as_array().unwrap() {
        for integrator in ["euler", "exact"] {
            let settings = format!("neurons=1000 integrator={integrator} {}", settings(point));
            let missed = experiment(&settings).populations()[0].missed_crossings(0.1).unwrap();
            let siegert = number(&point["rate_hz"]);
            assert!((missed.continuous_rate_hz / siegert - 1.0).abs() < 1e-5, "{missed:?}");
            if integrator == "euler" {
                let expected = number(&point["rate_euler_0.1ms_hz"]) / siegert - 1.0;
                assert!((missed.rate_error - expected).abs() < 1e-5, "{point}: {missed:?}");
            }
            // The law is of first order in the root of dt: a quarter of what it says. Of first order in dt, a
            // spike is seen half a step late, and Euler's potential is ahead.
            let (rate, _, error) = measure(&cpu(), &settings);
            let ours = rate / siegert - 1.0;
            let half_a_step = 0.5 * 1e-4 * siegert;
            let tolerance = 0.25 * missed.rate_error.abs() + half_a_step + 4.0 * error;
            assert!((ours - missed.rate_error).abs() < tolerance, "{settings}: {ours}, {missed:?}");
        }
    }
    let none = |settings: &str| experiment(settings).populations()[0].missed_crossings(0.1);
    for settings in [
        "integrator=bridge",
        "noise.kind=ou",
        "noise.kind=none",
        "noise.sigma=0",
        "v_th=normal(-55,1)",
        "stimulus.kind=pulse",
    ] {
        assert_eq!(none(settings), None, "{settings}");
    }
}

#[test]
fn the_spectrum_is_that_of_theory() {
    for case in reference("continuous.json")["spectra"].as_array().unwrap() {
        let settings = format!(
            "neurons=4000 integrator=bridge duration=11s from=1s seed=5 stimulus.amplitude={} noise.sigma={}",
            case["mu_pA"], case["sigma_pA_sqrt_s"]
        );
        // The peak of 300 pA and sigma 1 is narrower (1.3 Hz) than segments of 1 s can tell.
        let peak = if number(&case["mu_pA"]) == 300.0 { 68.0..82.0 } else { 0.0..0.0 };
        let wide = if number(&case["mu_pA"]) == 300.0 { 145.0..165.0 } else { 0.0..0.0 };
        for engine in engines() {
            let experiment = experiment(&settings);
            let trains = spikes_of(engine.as_ref(), &experiment);
            let of =
                |method| spectrum::of_trains(&trains, experiment.window(), 0.1, method).unwrap();
            let ours = of(Method::default());
            let at = |spectrum: &spectrum::Spectrum, hz: f64| spectrum.power[hz as usize - 1];
            let pairs = numbers(&case["hz"]).into_iter().zip(numbers(&case["power_hz"]));
            for (hz, expected) in pairs.clone() {
                if hz >= 5.0 && !peak.contains(&hz) && !wide.contains(&hz) {
                    // At least 2000 neurons of ten independent segments: 0.7 %.
                    let power = at(&ours, hz);
                    assert!((power / expected - 1.0).abs() < 0.03, "{settings}, {hz} Hz: {power}");
                }
            }
            let five = pairs.clone().find(|(hz, _)| *hz == 5.0).unwrap().1;
            if number(&case["mu_pA"]) == 300.0 {
                let boxcar = of(Method { taper: spectrum::Taper::Boxcar, ..Method::default() });
                assert!(at(&boxcar, 5.0) > 1.5 * five, "a boxcar's leakage is not noticed");
            }
        }
    }
}

#[test]
fn longer_segments_resolve_a_narrow_peak() {
    let case = &reference("continuous.json")["spectra"][1];
    let settings = "neurons=400 integrator=bridge duration=41s from=1s seed=5 stimulus.amplitude=300 noise.sigma=1";
    let experiment = experiment(settings);
    let trains = spikes_of(&cpu(), &experiment);
    let method = Method { segment_ms: 8000.0, ..Method::default() };
    let ours = spectrum::of_trains(&trains, experiment.window(), 0.1, method).unwrap();
    let place = numbers(&case["hz"]).iter().position(|hz| *hz == 77.0).unwrap();
    let expected = numbers(&case["power_hz"])[place];
    // Three neighbouring points of 400 neurons and five segments: 1.5 %; the taper lowers the peak by 1 %; half
    // a step of 0.1 ms moves it by 0.03 Hz, 2 % of its height.
    let power = (615..=617).map(|k| ours.power[k - 1]).sum::<f64>() / 3.0;
    assert!((power / expected - 1.0).abs() < 0.08, "{power} is not {expected}");
}

#[test]
fn neurons_that_share_all_their_noise_cross_together() {
    for engine in engines() {
        let of = |more: &str| {
            let settings = format!("neurons=5 duration=2s integrator=bridge noise.sigma=5 {more}");
            spikes_of(engine.as_ref(), &experiment(&settings))
        };
        let all = of("noise.common=1");
        assert!(all.spikes() > 500 && all.iter().all(|train| train == all.train(0)));
        let frozen = of("noise.frozen=true");
        assert!(frozen.iter().all(|train| train == frozen.train(0)));
        assert!(of("noise.common=0.5").iter().skip(1).all(|train| train != all.train(0)));
    }
}
