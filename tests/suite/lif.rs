//! Is the leaky integrate-and-fire neuron that of the exercises, and of the textbook?

use super::common::{engines, experiment, final_state, number, oracle, reference, spikes};

/// Deterministic spikes in f32 may fall one step beside the float64 reference, never two.
fn beside(ours: &[u32], reference: &[f64], within: f64) -> bool {
    ours.len() == reference.len()
        && ours.iter().zip(reference).all(|(a, b)| (f64::from(*a) - b).abs() <= within)
}

fn settings(case: &serde_json::Value) -> String {
    let mut settings = format!(
        "neurons=1 noise.kind=none stimulus.amplitude={} duration={}",
        case["I_pA"], case["T_ms"]
    );
    for (theirs, ours) in [("tau_m", "tau_m"), ("tref", "t_ref"), ("V_th", "v_th"), ("g_L", "g_l")]
    {
        if let Some(value) = case[theirs].as_f64() {
            settings += &format!(" {ours}={value}");
        }
    }
    settings
}

#[test]
fn spikes_are_those_of_the_reference() {
    let reference = reference("lif.json");
    for case in reference["cases"].as_array().unwrap() {
        let steps = super::common::numbers(&case["spike_steps"]);
        let exact = spikes(&oracle(), &settings(case));
        assert!(beside(exact.train(0), &steps, 0.0), "{case}: {:?}", exact.train(0));
        for engine in engines() {
            let ours = spikes(engine.as_ref(), &settings(case));
            assert!(beside(ours.train(0), &steps, 1.0), "{case}: {:?}", ours.train(0));
        }
        // A time constant off by a hundredth is noticed wherever there are spikes.
        if !steps.is_empty() {
            let tau_m = 1.01 * case["tau_m"].as_f64().unwrap_or(10.0);
            let wrong = spikes(&oracle(), &format!("{} tau_m={tau_m}", settings(case)));
            assert!(!beside(wrong.train(0), &steps, 1.0), "{case}");
        }
    }
}

#[test]
fn the_dc_curve_is_that_of_the_reference() {
    let reference = reference("lif.json");
    let curve = reference["dc_curve"].as_array().unwrap();
    let currents: Vec<String> = curve.iter().map(|point| point["I_pA"].to_string()).collect();
    let settings = format!(
        "neurons={} noise.kind=none duration=400 stimulus.amplitude={}",
        currents.len(),
        currents.join(",")
    );
    for engine in engines() {
        let trains = spikes(engine.as_ref(), &settings);
        for (point, train) in curve.iter().zip(trains.iter()) {
            assert_eq!(train.len() as f64, number(&point["spikes"]), "{point}");
        }
    }
}

#[test]
fn a_pulse_below_threshold_gives_no_spike() {
    let pulse = &reference("lif.json")["pulse"];
    let settings = "neurons=1 noise.kind=none duration=400 stimulus.kind=pulse stimulus.from=100 \
                    stimulus.to=300 stimulus.amplitude=100";
    assert_eq!(number(&pulse["spikes"]), 0.0);
    for engine in engines() {
        assert_eq!(spikes(engine.as_ref(), settings).spikes(), 0);
    }
    // 4000 steps are 125 words. The reference's last sample is before the last step, in which the
    // distance to rest shrinks by 1 - dt / tau. In f32 the last digit of -75 is 7.6e-6, and the decay
    // stalls within half of it over dt / tau = 0.01: 4e-4.
    let expected = -75.0 + 0.99 * (number(&pulse["v_end"]) + 75.0);
    let v_end = final_state(&oracle(), &experiment(settings))[0];
    assert!((v_end - expected).abs() < 1e-9, "{v_end}");
    for engine in engines() {
        let v_end = final_state(engine.as_ref(), &experiment(settings))[0];
        assert!((v_end - expected).abs() < 4e-4, "{v_end}");
    }
}

#[test]
fn a_pulse_is_on_from_its_first_to_before_its_last_step() {
    // Above threshold only during the pulse; with tau_m = 0.2 ms the steady potential is reached
    // within a few steps: spikes begin and end with it.
    let settings = "neurons=1 noise.kind=none duration=100 tau_m=0.2 t_ref=0 stimulus.kind=pulse \
                    stimulus.from=20 stimulus.to=40 stimulus.amplitude=1000";
    for engine in engines() {
        let trains = spikes(engine.as_ref(), settings);
        let train = trains.train(0);
        // Driven from step 200 on, V is above threshold after one step; the last driven step is 399.
        assert_eq!((train.first(), train.last()), (Some(&201), Some(&400)));
    }
}

#[test]
fn the_exact_integrator_has_the_textbook_period() {
    // t_ref + tau ln((R I) / (R I - (v_th - e_l))); crossings are seen at the next step.
    for (current, r_i) in [(210.0, 21.0f64), (250.0, 25.0), (400.0, 40.0)] {
        let period = 2.0 + 10.0 * (r_i / (r_i - 20.0)).ln();
        let settings = format!(
            "neurons=1 noise.kind=none duration=1s integrator=exact dt=0.01 stimulus.amplitude={current}"
        );
        for engine in [&oracle() as &dyn loligo::engine::Engine, &super::common::cpu()] {
            let trains = spikes(engine, &settings);
            let train = trains.train(0);
            let mean =
                f64::from(train[train.len() - 1] - train[0]) * 0.01 / (train.len() - 1) as f64;
            // Each period is rounded up to a step of 0.01 ms.
            assert!(
                mean - period >= -1e-3 && mean - period < 0.0101,
                "{current}: {mean} is not {period}"
            );
        }
    }
}

#[test]
fn parameters_can_differ_from_neuron_to_neuron() {
    let together = "neurons=3 duration=300 noise.kind=none stimulus.amplitude=210,250,300 tau_m=10,20,30 t_ref=1,2,3";
    for engine in engines() {
        let trains = spikes(engine.as_ref(), together);
        for (neuron, (i, (tau, t_ref))) in
            [(210, (10, 1)), (250, (20, 2)), (300, (30, 3))].into_iter().enumerate()
        {
            let alone = format!(
                "neurons=1 duration=300 noise.kind=none stimulus.amplitude={i} tau_m={tau} t_ref={t_ref}"
            );
            assert_eq!(spikes(engine.as_ref(), &alone).train(0), trains.train(neuron));
        }
    }
}
