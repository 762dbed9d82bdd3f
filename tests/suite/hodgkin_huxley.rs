//! Is the Hodgkin-Huxley neuron that of the exercises, and that of an independent solver?

use super::common::{
    cpu, engines, experiment, final_state, number, numbers, oracle, reference, spikes,
};

const START: &str = "v_init=-70 m_init=0.05 h_init=0.54 n_init=0.34";

fn settings(current: f64, duration: f64, more: &str) -> String {
    format!(
        "model=hodgkin_huxley neurons=1 noise.kind=none stimulus.amplitude={current} duration={duration} {more}"
    )
}

#[test]
fn euler_is_that_of_the_exercises() {
    for case in reference("hodgkin_huxley.json")["cases"].as_array().unwrap() {
        let (current, duration) = (number(&case["I0"]), number(&case["T0_ms"]));
        let settings = settings(current, duration, &format!("integrator=euler {START}"));
        let times = numbers(&case["spike_times_euler_ms"]);
        let trains = spikes(&oracle(), &settings);
        let ours: Vec<f64> = trains.train(0).iter().map(|&step| f64::from(step) * 0.01).collect();
        // The reference gives times to 0.01 ms, which is the step.
        assert_eq!(ours.len(), times.len(), "{current}: {ours:?}");
        for (a, b) in ours.iter().zip(&times) {
            assert!((a - b).abs() < 1e-6, "{current}: {a} is not {b}");
        }
        // In f32 a spike may fall beside by a step.
        for engine in engines() {
            let trains = spikes(engine.as_ref(), &settings);
            assert_eq!(trains.train(0).len(), times.len());
            for (&step, time) in trains.train(0).iter().zip(&times) {
                assert!(
                    (f64::from(step) * 0.01 - time).abs() < 0.0101,
                    "{current}: {step} is not {time}"
                );
            }
        }
    }
}

#[test]
fn euler_ends_where_the_exercises_end() {
    // The reference takes the last of N samples, so N - 1 steps; 9984 = 312 words are before that,
    // and at rest the state no longer moves: 0.1 ms change V by less than 1e-6 mV.
    let case = &reference("hodgkin_huxley.json")["cases"][0];
    let experiment = experiment(&settings(0.0, 99.84, &format!("integrator=euler {START}")));
    let rest = &case["final"];
    let close = |state: &[f64], tolerance: f64| {
        let pairs = [("V", 0, 100.0), ("m", 1, 1.0), ("h", 2, 1.0), ("n", 3, 1.0)];
        pairs.iter().all(|(name, field, scale)| {
            (state[*field] - number(&rest[*name])).abs() < tolerance * scale
        })
    };
    assert!(close(&final_state(&oracle(), &experiment), 1e-6));
    for engine in engines() {
        // f32: the last digit of V is 4e-6 mV, of a gate 6e-8; 10,000 steps stall within 1e-4.
        assert!(close(&final_state(engine.as_ref(), &experiment), 1e-4));
    }
    let other = super::common::experiment(&settings(
        0.0,
        99.84,
        &format!("integrator=euler g_l=0.303 {START}"),
    ));
    assert!(!close(&final_state(&oracle(), &other), 1e-4), "a wrong leak is not noticed");
}

#[test]
fn the_default_follows_an_independent_solver_from_the_exercises_start() {
    for case in reference("hodgkin_huxley.json")["cases"].as_array().unwrap() {
        let (current, duration) = (number(&case["I0"]), number(&case["T0_ms"]));
        let times = numbers(&case["spike_times_exact_ms"]);
        let trains = spikes(&oracle(), &settings(current, duration, START));
        assert_eq!(trains.train(0).len(), times.len(), "{current}");
        for (&step, time) in trains.train(0).iter().zip(&times) {
            let late = f64::from(step) * 0.01 - time;
            assert!((-0.1..0.1).contains(&late), "{current}: a spike at {time} is {late} ms late");
        }
    }
}

/// The largest distance from LSODA's spikes over 1 s [ms]; infinite if the number differs.
fn distance_from_lsoda(
    engine: &dyn loligo::engine::Engine,
    case: &serde_json::Value,
    more: &str,
) -> f64 {
    let times = numbers(&case["spike_times_ms"]);
    let trains = spikes(engine, &settings(number(&case["I0"]), 1000.0, more));
    if trains.train(0).len() != times.len() {
        return f64::INFINITY;
    }
    let late = trains
        .train(0)
        .iter()
        .zip(&times)
        .map(|(&step, time)| (f64::from(step) * 0.01 - time).abs());
    late.fold(0.0, f64::max)
}

#[test]
fn the_default_stays_within_a_tenth_of_a_millisecond_over_a_second() {
    for case in reference("hodgkin_huxley_1s.json")["cases"].as_array().unwrap() {
        let distance = distance_from_lsoda(&oracle(), case, "");
        assert!(distance < 0.1, "I = {}: {distance} ms", case["I0"]);
        // f32 has the same bound here.
        for engine in engines() {
            let distance = distance_from_lsoda(engine.as_ref(), case, "");
            assert!(distance < 0.1, "I = {}: {distance} ms on {:?}", case["I0"], engine.info());
        }
        // The first-order integrators drift by milliseconds; fourth order does not.
        assert!(distance_from_lsoda(&cpu(), case, "integrator=exponential_euler") > 1.0);
        assert!(distance_from_lsoda(&oracle(), case, "integrator=rk4") < 0.02);
        assert!(
            distance_from_lsoda(&oracle(), case, "g_k=36.36") > 0.1,
            "a wrong g_k is not noticed"
        );
    }
}

#[test]
fn at_rest_it_stays_at_rest() {
    // From the steady state without current, at the potential where the ionic currents balance.
    for engine in engines() {
        for integrator in ["staggered", "exponential_euler", "euler", "rk4"] {
            let more = format!("integrator={integrator}");
            let state = final_state(engine.as_ref(), &experiment(&settings(0.0, 64.0, &more)));
            // The leak potential of the exercises is rounded: rest is at -65.0 within 0.01 mV.
            assert!((state[0] + 65.0).abs() < 0.01, "{integrator}: {state:?}");
        }
    }
}

#[test]
fn the_singular_potentials_give_no_nan() {
    // alpha_n and alpha_m are 0/0 at exactly -55 and -40 mV.
    for engine in engines() {
        for v in [-55, -40] {
            let more = format!("v_init={v}");
            let state = final_state(engine.as_ref(), &experiment(&settings(0.0, 0.32, &more)));
            assert!(state.iter().all(|x| x.is_finite()), "{v}: {state:?}");
        }
    }
}
