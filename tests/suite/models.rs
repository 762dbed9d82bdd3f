//! Are the catalogue's models right, and the same on every engine?

use super::common::{coincidence, cpu, experiment, gpu, oracle, spikes, spikes_of};
use loligo::engine::cpu::Cpu;
use loligo::model::{Model, Stepping, Variant, models};
use loligo::real::Single;
use loligo::tape::{Values, evaluate};

#[test]
fn the_catalogue_is_whole() {
    let names: Vec<&str> = models().iter().map(|model| model.name).collect();
    assert!(names.len() >= 18, "{names:?}");
    for model in models() {
        assert!(!model.about.is_empty() && !model.source.is_empty(), "{}", model.name);
        assert!(model.parameters.iter().all(|p| !p.about.is_empty()), "{}", model.name);
        assert!(model.states.iter().all(|state| !state.about.is_empty()), "{}", model.name);
        for preset in model.presets {
            let settings =
                format!("model={} preset={} neurons=1 duration=5", model.name, preset.name);
            let population = experiment(&settings).populations()[0].clone();
            let (n, value) = preset.values[0];
            assert_eq!(population.parameters()[n].of(0), value, "{settings}");
        }
    }
}

/// The models of equations without noise inside.
fn deterministic() -> impl Iterator<Item = &'static Model> {
    let of = |model: &&Model| {
        let tape = model.dynamics.tape(Variant { integrator: 0, fine: false });
        model.text.is_some() && tape.streams.is_empty()
    };
    models().into_iter().filter(of)
}

/// Spike times without noise against SciPy's, which finds them within a step: `tests/data/models.py`.
#[test]
fn spikes_are_where_scipy_has_them() {
    const DT: f64 = 0.005;
    let reference = include_str!("../data/models.json");
    let reference: serde_json::Value = serde_json::from_str(reference).unwrap();
    let mut checked = 0;
    for model in deterministic() {
        let reference = &reference[model.name];
        let list = |value: &serde_json::Value| -> Vec<f64> {
            value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
        };
        let amplitudes = list(&reference["amplitude"]);
        let written: Vec<String> = amplitudes.iter().map(f64::to_string).collect();
        // A fourth-order method at a fine step: what is left is that spikes are looked for at the steps only.
        let settings = format!(
            "model={} integrator=rk4 neurons=3 dt={DT} duration=300 noise.kind=none stimulus.amplitude={}",
            model.name,
            written.join(",")
        );
        let trains = spikes(&oracle(), &settings);
        for (neuron, times) in reference["spike_times_ms"].as_array().unwrap().iter().enumerate() {
            let (times, ours) = (list(times), trains.train(neuron));
            // The reference ends after 40 spikes.
            let until =
                times.last().map_or(300.0, |last| if times.len() >= 40 { *last } else { 300.0 });
            let in_time = ours.iter().filter(|step| f64::from(**step) * DT < until + DT).count();
            // A spike of the last moment may come too late.
            let is_counted = in_time == times.len()
                || in_time + 1 == times.len()
                    && times.last().is_some_and(|last| *last > 299.0 || times.len() >= 40);
            assert!(
                is_counted,
                "{} at {}: {in_time}, not {}",
                model.name,
                amplitudes[neuron],
                times.len()
            );
            for (n, (time, step)) in times.iter().zip(ours).enumerate() {
                // Each spike that resets is late by a step at most, a refractory period by another; adaptation makes it
                // no more. The slow manifold of bursts amplifies it: 30 steps were seen, 60 are allowed.
                let late = f64::from(*step) * DT - time;
                let slack = match model.name {
                    "hindmarsh_rose" | "morris_lecar" => 60.0,
                    _ => 2.5 * (n as f64 + 1.0),
                };
                assert!(
                    late.abs() < slack * DT,
                    "{} spike {n} at {}: {late} ms off",
                    model.name,
                    amplitudes[neuron]
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 500, "{checked}");
}

/// NEST steps the same grid: it has the spikes of Euler's method step by step where it uses that, and elsewhere solves
/// each step to rounding, as a fourth-order method does at 0.01 ms.
#[test]
fn nest_has_the_same_spikes() {
    const DT: f64 = 0.01;
    let reference = include_str!("../data/models_by_nest.json");
    let reference: serde_json::Value = serde_json::from_str(reference).unwrap();
    let list = |value: &serde_json::Value| -> Vec<f64> {
        value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
    };
    let mut checked = 0;
    for (name, reference) in reference.as_object().unwrap() {
        let integrator = match name.as_str() {
            "izhikevich" => "euler",
            name if name.starts_with("glif") => "exact",
            _ => "rk4",
        };
        let amplitudes = list(&reference["amplitude"]);
        let written: Vec<String> = amplitudes.iter().map(f64::to_string).collect();
        let settings = format!(
            "model={name} integrator={integrator} neurons=3 dt={DT} duration=300 noise.kind=none stimulus.amplitude={}",
            written.join(",")
        );
        let trains = spikes(&oracle(), &settings);
        for (neuron, times) in reference["spike_times_ms"].as_array().unwrap().iter().enumerate() {
            let (theirs, ours) = (list(times), trains.train(neuron));
            // One spike may be beyond the end.
            assert!(theirs.len().abs_diff(ours.len()) < 2, "{name}: {}", ours.len());
            for (n, (time, step)) in theirs.iter().zip(ours).enumerate() {
                let late = (time / DT).round() as i64 - i64::from(*step);
                let n = n as i64;
                let expected = match name.as_str() {
                    "izhikevich" => 0..=0,
                    // The generator's current comes 2 steps after time 0.
                    "glif1" | "glif3" => 2..=2,
                    // Their threshold is what it was at the start of the step: a quarter of a step late at a spike.
                    "glif2" | "glif4" | "glif5" => 2..=3 + n / 4,
                    // Its spike is the peak, a tenth of a millisecond after the crossing of 0 mV.
                    "traub_miles" => 9..=11,
                    // It resets within a step, where we reset at its end: half a step early at a spike.
                    _ => -n - 1..=0,
                };
                assert!(
                    expected.contains(&late),
                    "{name} spike {n} at {}: {late}",
                    amplitudes[neuron]
                );
            }
            checked += theirs.len();
        }
    }
    assert!(checked > 300, "{checked}");
}

/// What is compiled and what is interpreted are the same operations.
#[test]
fn compiled_and_interpreted_spikes_are_the_same() {
    for (model, size) in
        [("lif", "neurons=300 duration=500"), ("hodgkin_huxley", "neurons=70 duration=150")]
    {
        let model = models().into_iter().find(|other| other.name == model).unwrap();
        for integrator in model.integrators {
            for noise in ["none", "white", "ou"] {
                let settings = format!(
                    "model={} integrator={} noise.kind={noise} {size}",
                    model.name, integrator.name
                );
                let experiment = experiment(&settings);
                let interpreting = Cpu::<Single<true>>::new("a test").interpreting();
                let (ours, interpreted) =
                    (spikes_of(&cpu(), &experiment), spikes_of(&interpreting, &experiment));
                assert!(ours.spikes() > 0 || noise == "none", "{settings}");
                // Products of constants are rounded once more on a tape.
                let share = coincidence(&interpreted, &ours, 2);
                assert!(share > 0.995, "{settings}: {share}");
            }
        }
    }
}

/// The same spikes in single and double precision and on the GPU, for every model, integrator and noise.
#[test]
fn engines_agree_on_every_model() {
    let gpu = gpu();
    for model in models().into_iter().filter(|model| model.text.is_some()) {
        for integrator in model.integrators {
            for noise in ["none", "white", "ou"] {
                let settings = format!(
                    "model={} integrator={} noise.kind={noise} neurons=40 duration=120 stimulus.amplitude=uniform({},{})",
                    model.name,
                    integrator.name,
                    0.8 * model.amplitude,
                    1.6 * model.amplitude + 1e-3
                );
                let experiment = experiment(&settings);
                let exact = spikes_of(&oracle(), &experiment);
                let single = spikes_of(&cpu(), &experiment);
                let share = coincidence(&single, &exact, 2);
                assert!(share > 0.97, "{settings}: {share} of {} spikes", exact.spikes());
                if let Some(gpu) = &gpu {
                    let share = coincidence(&spikes_of(gpu, &experiment), &exact, 2);
                    assert!(share > 0.97, "{settings} on the GPU: {share} of {}", exact.spikes());
                }
            }
        }
    }
}

/// The equations of the compiled models as text: the same spikes.
#[test]
fn equations_as_text_give_the_spikes_of_the_compiled_models() {
    let folder = tempfile::tempdir().unwrap();
    for (name, toml, size) in [
        ("lif", LIF, "neurons=100 duration=1000 integrator=euler"),
        ("lif", LIF, "neurons=100 duration=1000 integrator=exact"),
        ("lif", LIF, "neurons=100 duration=1000 integrator=bridge"),
        ("lif", LIF, "neurons=100 duration=1000 integrator=bridge t_ref=1.93"),
        ("lif", LIF, "neurons=100 duration=1000 integrator=bridge noise.common=0.5"),
        ("lif", LIF, "neurons=100 duration=1000 integrator=bridge noise.kind=ou"),
        ("hodgkin_huxley", HODGKIN_HUXLEY, "neurons=30 duration=200 integrator=staggered"),
    ] {
        let path = folder.path().join(format!("{name}_text.toml"));
        std::fs::write(&path, toml).unwrap();
        let compiled = spikes(&oracle(), &format!("model={name} {size}"));
        let own = spikes(&oracle(), &format!("model={} {size}", path.display()));
        assert!(compiled.spikes() > 300, "{name}: {}", compiled.spikes());
        // In double precision rounding moves next to nothing.
        assert_eq!(own, compiled, "{name}");
    }
}

pub(super) const LIF: &str = r#"
current = "pA"
amplitude = 250
noise = { white = 3, ou = 40 }
dt = "0.1 ms"
[parameters]
tau_m = "10 ms"
g_l = "10 nS"
e_l = "-75 mV"
v_th = "-55 mV"
v_reset = "-75 mV"
t_ref = "2 ms"
[state.v]
unit = "mV"
start = "e_l"
"dv/dt" = "(e_l - v + I/g_l)/tau_m"
[spike]
when = "v >= v_th"
reset = { v = "v_reset" }
refractory = "t_ref"
hold = "v"
"#;

const HODGKIN_HUXLEY: &str = r#"
current = "uA/cm2"
dt = "0.01 ms"
integrator = "staggered"
[parameters]
c_m = "1 uF/cm2"
g_na = "120 mS/cm2"
g_k = "36 mS/cm2"
g_l = "0.3 mS/cm2"
[definitions]
u = "(v + 65 mV)/mV"
alpha_m = "1/ms/exprel(2.5 - 0.1*u)"
beta_m = "4/ms*exp(-u/18)"
alpha_h = "0.07/ms*exp(-u/20)"
beta_h = "1/ms/(exp(3 - 0.1*u) + 1)"
alpha_n = "0.1/ms/exprel(1 - 0.1*u)"
beta_n = "0.125/ms*exp(-u/80)"
[state.v]
unit = "mV"
start = "-65 mV"
"dv/dt" = "(I - g_na*m^3*h*(v - 50 mV) - g_k*n^4*(v + 77 mV) - g_l*(v + 54.4 mV))/c_m"
[state.m]
start = "alpha_m/(alpha_m + beta_m)"
"dm/dt" = "alpha_m*(1 - m) - beta_m*m"
[state.h]
start = "alpha_h/(alpha_h + beta_h)"
"dh/dt" = "alpha_h*(1 - h) - beta_h*h"
[state.n]
start = "alpha_n/(alpha_n + beta_n)"
"dn/dt" = "alpha_n*(1 - n) - beta_n*n"
[spike]
when = "v >= 0 mV"
upward = true
lockout = "2 ms"
"#;

/// Solved over a step, linear equations do not know of the step: those of GLIF 5 against their closed forms.
#[test]
fn exact_steps_are_the_solution() {
    let model = models().into_iter().find(|model| model.name == "glif5").unwrap();
    let of = |name: &str| {
        let parameter = model.parameters.iter().find(|p| p.name == name).unwrap();
        parameter.default
    };
    let [c_m, g_l, a, b] = ["c_m", "g_l", "a_v", "b_v"].map(of);
    let [k_1, k_2] = ["k_1", "k_2"].map(of);
    let parameters: Vec<f64> = model.parameters.iter().map(|p| p.default).collect();
    let integrator = model.integrators.iter().position(|i| i.name == "exact").unwrap();
    // Decays of up to exp(-90) a step; t = 1, 10, 1000 ms.
    for (dt, steps) in [(0.01, 100), (0.05, 200), (1.0, 10), (10.0, 100), (1000.0, 1)] {
        let by = Stepping { integrator, dt, white_noise: 0.0 };
        let (mut coefficients, mut state) = (Vec::new(), Vec::new());
        model.dynamics.coefficients(&parameters, &by, &mut coefficients);
        model.dynamics.initial(&parameters, &by, &mut state);
        // Currents after a spike, without one.
        let names = &model.dynamics.tape(Variant { integrator, fine: false });
        let index = |name: &str| names.states.iter().position(|state| state == name).unwrap();
        (state[index("i_1")], state[index("i_2")]) = (-30.0, 20.0);
        let current = 150.0;
        for _ in 0..steps {
            let values = Values { current, ..Values::new(&coefficients, &state) };
            let results = evaluate(&names.ops, values);
            state = names.next.iter().map(|id| results[*id]).collect();
        }
        let t = dt * f64::from(steps);
        // c dv/dt = -g v + sum of I_k exp(-k t), each a current of its own, and th' = a v - b th after it.
        let leak = g_l / c_m;
        let relaxed = |rate: f64, k: f64| ((-k * t).exp() - (-rate * t).exp()) / (rate - k);
        let sources = [(0.0, current), (k_1, -30.0), (k_2, 20.0)];
        let v: f64 = sources.iter().map(|(k, i)| i / c_m * relaxed(leak, *k)).sum();
        let th: f64 = sources
            .iter()
            .map(|(k, i)| a * i / c_m / (leak - k) * (relaxed(b, *k) - relaxed(b, leak)))
            .sum();
        let is = [state[index("v")] - of("e_l"), state[index("th_v")]];
        for (is, wanted) in is.into_iter().zip([v, th]) {
            // 4096 products round to 1e-13.
            assert!((is / wanted - 1.0).abs() < 1e-11, "{is}, not {wanted} after {steps} of {dt}");
        }
    }
}

/// The rate in white noise does not know of the step where noise may cross the threshold between two.
#[test]
fn the_bridge_has_the_rate_of_continuous_time() {
    for model in ["glif1", "glif5"] {
        let rate = |integrator: &str, dt: f64| {
            let settings = format!(
                "model={model} integrator={integrator} dt={dt} neurons=2000 duration=2000 stimulus.amplitude=260 noise.sigma=4"
            );
            spikes(&cpu(), &settings).spikes() as f64 / 4000.0
        };
        let (fine, coarse) = (rate("bridge", 0.02), rate("bridge", 0.1));
        // 2000 neurons of some 20 spikes and a CV below 1: 0.5 % is more than one standard error of each.
        assert!((coarse / fine - 1.0).abs() < 0.015, "{model}: {fine} Hz, {coarse} Hz");
        let missed = rate("exact", 0.1) / fine - 1.0;
        assert!(missed < -0.03, "{model}: {missed}");
    }
}

/// Published facts: where firing begins, and how.
#[test]
fn models_fire_as_their_papers_say() {
    let rates = |settings: &str| -> Vec<f64> {
        let trains = spikes(&oracle(), &format!("{settings} noise.kind=none"));
        let train = |n| trains.train(n).iter().filter(|step| **step > 20_000).count();
        (0..trains.neurons()).map(|n| train(n) as f64).collect()
    };
    // Wang and Buzsaki: firing begins at 0.16 uA/cm2 at any rate (type I); Hodgkin and Huxley's at 50 Hz at once (II).
    let wb = rates(
        "model=wang_buzsaki neurons=3 dt=0.05 duration=3000 stimulus.amplitude=0.15,0.165,0.18",
    );
    assert!(wb[0] == 0.0 && wb[1] > 0.0 && wb[1] < 20.0 && wb[2] > wb[1], "{wb:?}");
    let hh = rates("model=hodgkin_huxley neurons=2 dt=0.05 duration=2000 stimulus.amplitude=6,6.6");
    assert!(hh[0] == 0.0 && hh[1] > 45.0, "{hh:?}");
    // The last interval over the first; Izhikevich's fast-spiking neurons fire faster than regular ones.
    let ratio = |settings: &str| {
        let trains =
            spikes(&oracle(), &format!("{settings} noise.kind=none neurons=1 duration=500"));
        let t = trains.train(0);
        f64::from(t[t.len() - 1] - t[t.len() - 2]) / f64::from(t[1] - t[0])
    };
    let count = |settings: &str| {
        spikes(&oracle(), &format!("{settings} noise.kind=none neurons=1")).spikes()
    };
    let fast = count("model=izhikevich preset=fast_spiking stimulus.amplitude=10");
    assert!(fast > 2 * count("model=izhikevich stimulus.amplitude=10"), "{fast}");
    // Bursts: intervals within a burst and between bursts differ by a factor.
    let spread = |settings: &str| {
        let trains =
            spikes(&oracle(), &format!("{settings} noise.kind=none neurons=1 duration=1000"));
        let intervals: Vec<u32> =
            trains.train(0).windows(2).map(|pair| pair[1] - pair[0]).collect();
        let late = &intervals[intervals.len() / 2..];
        f64::from(*late.iter().max().unwrap()) / f64::from(*late.iter().min().unwrap())
    };
    assert!(spread("model=izhikevich preset=chattering stimulus.amplitude=10") > 4.0);
    assert!(
        spread("model=adaptive_exponential preset=regular_bursting stimulus.amplitude=210") > 3.0
    );
    assert!(spread("model=hindmarsh_rose stimulus.amplitude=2") > 3.0);
    // Adaptation of the exponential neuron: intervals grow.
    assert!(ratio("model=adaptive_exponential preset=adapting stimulus.amplitude=500") > 1.5);
}

/// The default integrator at the default step: intervals are within a percent of SciPy's.
#[test]
fn defaults_are_within_a_percent() {
    let reference = include_str!("../data/models.json");
    let reference: serde_json::Value = serde_json::from_str(reference).unwrap();
    let list = |value: &serde_json::Value| -> Vec<f64> {
        value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
    };
    for model in deterministic() {
        let reference = &reference[model.name];
        // The middle one of three currents.
        let (amplitude, times) =
            (list(&reference["amplitude"])[1], list(&reference["spike_times_ms"][1]));
        let settings = format!(
            "model={} neurons=1 duration=300 noise.kind=none stimulus.amplitude={amplitude}",
            model.name
        );
        let trains = spikes(&oracle(), &settings);
        let count = trains.spikes().min(times.len());
        if count < 2 {
            continue;
        }
        let ours = f64::from(trains.train(0)[count - 1] - trains.train(0)[0]) * model.dt_ms;
        let error = ours / (times[count - 1] - times[0]) - 1.0;
        assert!(error.abs() < 0.01, "{}: {error}", model.name);
    }
}
