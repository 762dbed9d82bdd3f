//! Does single precision fire as double precision, where a step changes next to nothing?

use super::common::{device, engines, experiment, final_state, gpu, oracle, spikes};
use loligo::engine::Engine;
use loligo::engine::cpu::Cpu;
use loligo::engine::gpu::shader::{PerInvocation, types};
use loligo::real::Single;

/// All engines in f32, the CPU without fused multiply-adds among them.
fn singles() -> Vec<Box<dyn Engine>> {
    let mut singles = engines();
    singles.push(Box::new(Cpu::<Single<false>>::new("a test")));
    singles
}

/// The spikes of each neuron.
fn counts(engine: &dyn Engine, settings: &str) -> Vec<usize> {
    spikes(engine, settings).iter().map(<[u32]>::len).collect()
}

#[test]
fn neurons_just_above_threshold_fire_as_in_double_precision() {
    // Currents from 1e-5 above rheobase on, at dt / tau_m from 1e-5 on.
    for (dt, duration) in [(0.0001, 200), (0.001, 600), (0.01, 1000)] {
        for (rheobase, more) in [(200.0, ""), (140.0, "g_l=7"), (150.0, "v_th=-60")] {
            let currents: Vec<String> = [1e-5, 1e-4, 1e-3, 0.005, 0.1]
                .iter()
                .map(|above: &f64| (rheobase * (1.0 + above)).to_string())
                .collect();
            for integrator in ["euler", "exact"] {
                let settings = format!(
                    "neurons=5 noise.kind=none dt={dt} duration={duration} integrator={integrator} \
                     stimulus.amplitude={} {more}",
                    currents.join(",")
                );
                let exact = counts(&oracle(), &settings);
                assert!(exact.iter().all(|&count| count > 0), "{settings}: {exact:?}");
                for engine in singles() {
                    let ours = counts(engine.as_ref(), &settings);
                    assert_eq!(ours, exact, "{settings} on {:?}", engine.info());
                }
            }
        }
    }
    // 5 spikes, 55.03 ms apart.
    let case = "neurons=1 noise.kind=none dt=0.0001 duration=300 stimulus.amplitude=201";
    for engine in singles() {
        let trains = spikes(engine.as_ref(), case);
        let train = trains.train(0);
        assert_eq!(train.len(), 5);
        let interval = 1e-4 * f64::from(train[4] - train[0]) / 4.0;
        assert!((interval - 55.04).abs() < 0.02, "{interval}");
    }
}

#[test]
fn a_neuron_at_threshold_never_fires() {
    // For 300 time constants it comes nearer, below what single precision can hold. 5.1 * 25 is 127.5 but for
    // rounding; a threshold at e_l is approached from v_reset; so is one at which a recording is played.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flat.csv");
    std::fs::write(&path, "t,i\n0,200\n10,200\n").unwrap();
    for engine in singles() {
        let at = "neurons=1 noise.kind=none duration=3s stimulus.amplitude=200";
        assert_eq!(counts(engine.as_ref(), at), [0], "{:?}", engine.info());
        for more in ["stimulus.amplitude=127.5 g_l=5.1 v_th=-50", "stimulus.amplitude=0 e_l=-55"] {
            let settings = format!("neurons=1 noise.kind=none duration=3s {more}");
            assert_eq!(counts(engine.as_ref(), &settings), [0], "{more} on {:?}", engine.info());
        }
        let played =
            format!("neurons=1 noise.kind=none duration=3s stimulus.file={}", path.display());
        assert_eq!(counts(engine.as_ref(), &played), [0], "{:?}", engine.info());
        let pulse = "stimulus.kind=pulse stimulus.from=1 stimulus.to=2999";
        assert_eq!(counts(engine.as_ref(), &format!("{at} {pulse}")), [0], "{:?}", engine.info());
    }
}

#[test]
fn slow_noise_keeps_its_strength() {
    // dt / noise.tau down to 2e-8: what the noise loses in a step is less than half a unit in its last digit.
    for (tau, dt, duration) in
        [(10_000.0, 0.0002, 1000), (1000.0, 0.0001, 500), (100.0, 0.001, 1000)]
    {
        let settings = format!(
            "neurons=64 noise.kind=ou noise.tau={tau} noise.sigma=5 stimulus.amplitude=199 dt={dt} \
             duration={duration}"
        );
        let exact = spikes(&oracle(), &settings).spikes() as f64;
        assert!(exact > 200.0, "{settings}: {exact}");
        for engine in singles() {
            let ours = spikes(engine.as_ref(), &settings).spikes() as f64;
            // Rounding moves a spike across the end here and there.
            assert!((ours - exact).abs() <= 0.01 * exact, "{settings}: {ours} of {exact}");
        }
    }
}

#[test]
fn hodgkin_huxley_fires_as_in_double_precision_at_its_finest_step() {
    // The onset of firing is between 6.2 and 6.3 uA/cm2.
    for integrator in ["staggered", "exponential_euler", "euler", "rk4"] {
        let settings = format!(
            "model=hodgkin_huxley neurons=5 noise.kind=none dt=0.001 duration=150 integrator={integrator} \
             stimulus.amplitude=6.2,6.3,6.5,7,10"
        );
        let exact = counts(&oracle(), &settings);
        for engine in singles() {
            let ours = counts(engine.as_ref(), &settings);
            assert_eq!(ours, exact, "{settings} on {:?}", engine.info());
        }
    }
}

#[test]
fn a_membrane_with_next_to_no_conductance_is_a_capacitor() {
    // dV/dt = (I - g_l (V - e_l)) / c_m: 1 mV/ms for 9.6 ms.
    for (integrator, dt, g_l) in [
        ("staggered", 0.05, 1e-5),
        ("staggered", 0.05, 1e-8),
        ("staggered", 0.02, 1e-6),
        ("staggered", 0.1, 1e-9),
        ("exponential_euler", 0.02, 1e-6),
    ] {
        let settings = format!(
            "model=hodgkin_huxley neurons=1 noise.kind=none dt={dt} g_na=0 g_k=0 g_l={g_l} \
             stimulus.amplitude=1 duration=9.6 integrator={integrator}"
        );
        for engine in singles() {
            let v = final_state(engine.as_ref(), &experiment(&settings))[0];
            // The leak draws less than 1e-5 * 10 mV * 10 ms; the last digit of -65 in f32 is 7.6e-6, half of
            // which may be lost in each of 480 steps.
            assert!((v + 65.0 - 9.6).abs() < 4e-3, "{settings}: {v} on {:?}", engine.info());
        }
    }
}

#[test]
fn phi_in_wgsl_is_right_from_1e_minus_9_on() {
    let Some(device) = device() else { return };
    let text = format!(
        "{}\n{}\n\
         @group(0) @binding(0) var<storage, read_write> words: array<u32>;\n\
         @compute @workgroup_size(64)\n\
         fn evaluate(@builtin(global_invocation_id) id: vec3<u32>) {{\n\
             words[id.x] = bitcast<u32>(phi(bitcast<f32>(words[id.x])));\n\
         }}",
        types(PerInvocation::One),
        include_str!("../../shaders/math.wgsl")
    );
    let y: Vec<f32> = (0..6400).map(|k| 10f64.powf(-9.0 + f64::from(k) * 0.0017) as f32).collect();
    let words: Vec<u32> = y.iter().map(|y| y.to_bits()).collect();
    let phi = device.evaluate(&text, "evaluate", &words, 100).unwrap();
    for (y, phi) in y.into_iter().map(f64::from).zip(phi) {
        let (ours, exact) = (f64::from(f32::from_bits(phi)), -(-y).exp_m1() / y);
        // WGSL's exp may err by (3 + 2 y) units in its last digit, of which little is left beyond 1.6.
        assert!((ours / exact - 1.0).abs() < 5e-6, "{y}: {ours} is not {exact}");
    }
}

#[test]
fn the_gpu_computes_what_the_cpu_does_between_steps() {
    // The exponential deviates decide crossings: one that is wrong moves every other spike.
    let Some(gpu) = gpu() else { return };
    let settings = "neurons=300 duration=1s integrator=bridge noise.sigma=5";
    let (ours, exact) = (spikes(&gpu, settings), spikes(&oracle(), settings));
    assert!(super::common::coincidence(&ours, &exact, 2) > 0.98);
}
