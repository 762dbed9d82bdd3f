//! Does a trace show what a run does?

use super::cli::{loligo, text};
use super::common::{cpu, experiment, final_states, number, numbers, oracle, reference, spikes_of};
use loligo::engine::Engine;
use loligo::engine::cpu::Cpu;
use loligo::real::Single;
use loligo::trace::{Samples, trace};

fn json(arguments: &str) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    let output = loligo(folder.path(), &format!("trace {arguments} --json"));
    assert!(output.status.success(), "{arguments}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_spikes_are_those_of_a_run() {
    for settings in [
        "neurons=3 duration=500 noise.sigma=5",
        "neurons=3 duration=500 noise.kind=ou tau_m=5,10,20 stimulus.kind=pulse stimulus.from=50 stimulus.to=400",
        "neurons=3 duration=100 model=hodgkin_huxley noise.sigma=1",
        "neurons=3 duration=100 model=hodgkin_huxley integrator=rk4 noise.kind=none",
    ] {
        let experiment = experiment(settings);
        let samples = Samples { from: 0, to: experiment.steps(), every: 1 };
        let (single, double) = (spikes_of(&cpu(), &experiment), spikes_of(&oracle(), &experiment));
        assert!(single.spikes() > 10, "{settings}");
        for neuron in 0..3 {
            let population = &experiment.populations()[0];
            let traced = trace::<Single<true>>(&experiment, population, neuron, samples);
            assert_eq!(traced.spike_steps, single.train(neuron), "{settings}");
            let traced = trace::<f64>(&experiment, population, neuron, samples);
            assert_eq!(traced.spike_steps, double.train(neuron), "{settings}");
        }
    }
}

#[test]
fn the_trace_of_the_exercise_has_the_samples_of_the_reference() {
    for case in reference("hodgkin_huxley.json")["cases"].as_array().unwrap() {
        let trace = json(&format!(
            "--model hodgkin_huxley --integrator euler --noise none --precision f64 --duration {} \
             --set stimulus.amplitude={} --set v_init=-70 --set m_init=0.05 --set h_init=0.54 --set n_init=0.34",
            case["T0_ms"], case["I0"]
        ));
        let neuron = &trace["neurons"][0];
        for sample in case["samples"].as_array().unwrap() {
            let step = (number(&sample["t_ms"]) / 0.01).round() as usize;
            for (theirs, ours) in [("V", "v"), ("m", "m"), ("h", "h"), ("n", "n")] {
                let (a, b) = (number(&neuron[ours][step]), number(&sample[theirs]));
                assert!((a - b).abs() < 1e-9 * b.abs().max(1.0), "{theirs} at {sample}: {a}");
            }
        }
        for (variable, field) in [("V", "v"), ("m", "m"), ("h", "h"), ("n", "n")] {
            let values = numbers(&neuron[field]);
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let extremes = numbers(&case["extremes"][variable]);
            assert!(
                (low - extremes[0]).abs() < 1e-8 && (high - extremes[1]).abs() < 1e-8,
                "{variable}"
            );
        }
    }
}

#[test]
fn charge_is_conserved() {
    // c dV/dt = I - i_na - i_k - i_l at every step: central differences of V, error O(dt^2).
    let trace =
        json("--model hodgkin_huxley --noise none --duration 40 --precision f64 --dt 0.001");
    let neuron = &trace["neurons"][0];
    let of = |name: &str| numbers(&neuron[name]);
    let (v, i, i_na, i_k, i_l) = (of("v"), of("current"), of("i_na"), of("i_k"), of("i_l"));
    let (g_na, g_k) = (of("g_na"), of("g_k"));
    for k in 1..v.len() - 1 {
        let slope = (v[k + 1] - v[k - 1]) / 0.002;
        let flow = i[k] - i_na[k] - i_k[k] - i_l[k];
        assert!((slope - flow).abs() < 0.05 + 1e-3 * flow.abs(), "step {k}: {slope} is not {flow}");
        assert!((i_na[k] - g_na[k] * (v[k] - 50.0)).abs() < 1e-9);
        assert!((i_k[k] - g_k[k] * (v[k] + 77.0)).abs() < 1e-9);
    }
}

#[test]
fn the_noise_in_the_current_is_that_asked_for() {
    // White: sigma / sqrt(dt). 20,000 samples: standard error of the deviation 1/sqrt(2 n).
    let currents =
        numbers(&json("--duration 2s --noise white --set noise.sigma=3")["neurons"][0]["current"]);
    let n = currents.len() as f64;
    let mean = currents.iter().sum::<f64>() / n;
    let std = (currents.iter().map(|i| (i - mean).powi(2)).sum::<f64>() / n).sqrt();
    assert!((std / 300.0 - 1.0).abs() < 5.0 / (2.0 * n).sqrt(), "{std}");
    assert!((mean - 250.0).abs() < 5.0 * 300.0 / n.sqrt(), "{mean}");
}

/// Mean, variance and autocorrelation at a lag of one correlation time of an OU current.
fn ou(precision: &str, neurons: usize) -> (f64, f64, f64) {
    // 60 s of tau 10 ms, sampled every 1 ms: 6000 correlation times for each neuron.
    let trace = json(&format!(
        "--neurons {neurons} --duration 60s --noise ou --set noise.sigma=40 --set noise.tau=10 \
         --set stimulus.amplitude=0 --every 1ms --precision {precision}"
    ));
    let all: Vec<Vec<f64>> = trace["neurons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|neuron| numbers(&neuron["current"]))
        .collect();
    let n = all.iter().map(Vec::len).sum::<usize>() as f64;
    let mean = all.iter().flatten().sum::<f64>() / n;
    let variance = all.iter().flatten().map(|i| (i - mean).powi(2)).sum::<f64>() / n;
    let pairs = all.iter().flat_map(|row| row.iter().zip(&row[10..]));
    let covariance =
        pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / (n - 10.0 * neurons as f64);
    (mean, variance, covariance / variance)
}

#[test]
fn ornstein_uhlenbeck_noise_has_its_mean_variance_and_correlation() {
    for precision in ["f32", "f64"] {
        let (mean, variance, correlation) = ou(precision, 5);
        // 5 neurons x 60 s hold 30,000 correlation times: T / (2 tau) = 15,000 independent means,
        // T / tau = 30,000 independent squares. Four standard errors.
        assert!(mean.abs() < 4.0 * 40.0 / 15_000f64.sqrt(), "{precision}: mean {mean}");
        let error = 4.0 * (2.0 / 30_000f64).sqrt();
        assert!((variance / 1600.0 - 1.0).abs() < error, "{precision}: variance {variance}");
        assert!(
            (correlation - (-1.0f64).exp()).abs() < error,
            "{precision}: correlation {correlation}"
        );
    }
}

#[test]
fn ornstein_uhlenbeck_noise_starts_stationary() {
    // The first sample of 100 neurons has the stationary deviation already: relative error
    // 1/sqrt(2 x 100) = 7 %, four of them.
    let trace = json(
        "--neurons 100 --duration 1 --noise ou --set noise.sigma=40 --set stimulus.amplitude=0",
    );
    let first =
        trace["neurons"].as_array().unwrap().iter().map(|neuron| number(&neuron["current"][0]));
    let std = (first.map(|i| i * i).sum::<f64>() / 100.0).sqrt();
    assert!((std / 40.0 - 1.0).abs() < 0.28, "{std}");
}

#[test]
fn a_trace_takes_the_flags_of_a_run() {
    let on =
        |engine: &str| json(&format!("--neurons 1 --duration 50 --noise none --engine {engine}"));
    let (cpu, gpu) = (on("cpu"), on("gpu"));
    let of = |trace: &serde_json::Value, name: &str| numbers(&trace["neurons"][0][name]);
    assert_eq!(of(&cpu, "spike_steps"), of(&gpu, "spike_steps"));
    // A device that makes two operations of a product and a sum may differ in the last digits.
    for (a, b) in of(&cpu, "v").into_iter().zip(of(&gpu, "v")) {
        assert!((a - b).abs() < 1e-4, "{a} is not {b}");
    }
}

#[test]
fn a_trace_is_computed_as_its_engine_computes() {
    // Without fused multiply-adds the last digits differ, and the trace is that of the engine, bit for bit. The
    // run's state is that after its last step, which a longer trace begins its next step with.
    let run = experiment("neurons=8 duration=320 noise.sigma=5");
    let longer = experiment("neurons=8 duration=323.2 noise.sigma=5");
    let samples = Samples { from: run.steps(), to: run.steps() + 1, every: 1 };
    let traced = |fused: bool| -> Vec<f64> {
        let trace = if fused { trace::<Single<true>> } else { trace::<Single<false>> };
        let of = |n| trace(&longer, &longer.populations()[0], n, samples).values[0][0];
        (0..8).map(of).collect()
    };
    assert_ne!(traced(true), traced(false));
    let fused: &dyn Engine = &Cpu::<Single<true>>::new("a test");
    let split: &dyn Engine = &Cpu::<Single<false>>::new("a test");
    for (engine, is_fused) in [(fused, true), (split, false)] {
        let states = final_states(engine, &run, 8);
        let states: Vec<f64> = states.iter().map(|state| state[0]).collect();
        // A neuron that is about to spike shows its reset in the trace.
        let pairs = states.iter().zip(traced(is_fused)).filter(|(v, _)| **v < -55.0);
        assert!(pairs.clone().count() > 4 && pairs.clone().all(|(a, b)| *a == b), "{is_fused}");
    }
}

#[test]
fn the_potential_is_held_at_reset_for_the_refractory_period() {
    for noise in ["none", "white"] {
        let trace = json(&format!(
            "--noise {noise} --duration 40 --set stimulus.amplitude=2000 --set v_reset=-65"
        ));
        let neuron = &trace["neurons"][0];
        let (v, spikes) = (numbers(&neuron["v"]), numbers(&neuron["spike_steps"]));
        assert!(spikes.len() > 5);
        for spike in spikes {
            let held = &v[spike as usize..v.len().min(spike as usize + 21)];
            assert!(held.iter().all(|v| *v == -65.0), "{noise}, {spike}: {held:?}");
        }
    }
}

#[test]
fn every_sample_is_that_of_the_courses_loop() {
    // run_LIF of the Neuromatch tutorial: 4000 samples at 250 pA.
    let trace = json("--noise none --duration 400 --precision f64");
    let ours = numbers(&trace["neurons"][0]["v"]);
    let (mut v, mut refractory) = (vec![-75.0; 4001], 0.0);
    for it in 0..4000 {
        if refractory > 0.0 {
            v[it] = -75.0;
            refractory -= 1.0;
        } else if v[it] >= -55.0 {
            v[it] = -75.0;
            refractory = 2.0 / 0.1;
        }
        let slope: f64 = -(v[it] + 75.0) + 250.0 / 10.0;
        v[it + 1] = v[it] + slope * 0.1 / 10.0;
    }
    for (step, (ours, theirs)) in ours.iter().zip(&v).enumerate() {
        assert!((ours - theirs).abs() < 1e-9, "step {step}: {ours} is not {theirs}");
    }
}

#[test]
fn a_trace_that_diverges_says_so() {
    let folder = tempfile::tempdir().unwrap();
    for current in ["-50", "-80"] {
        let run = format!(
            "--model hodgkin_huxley --noise none --integrator rk4 --duration 20 --set stimulus.amplitude={current} \
             --json"
        );
        let traced = loligo(folder.path(), &format!("trace {run}"));
        assert_eq!(traced.status.code(), Some(1), "{current}");
        let said = text(&traced.stderr);
        assert!(said.contains("neuron 0 of `hodgkin_huxley` diverged"), "{current}: {said}");
        // What was before is kept; after, there is nothing, and no spike.
        let trace: serde_json::Value = serde_json::from_slice(&traced.stdout).unwrap();
        let neuron = &trace["neurons"][0];
        let v = neuron["v"].as_array().unwrap();
        assert!(v[0].is_f64() && v[v.len() - 1].is_null(), "{current}");
        let first = v.iter().position(serde_json::Value::is_null).unwrap() as f64;
        assert!(numbers(&neuron["spike_steps"]).iter().all(|step| *step < first), "{current}");
        let ran = loligo(folder.path(), &format!("run --neurons 1 {run}"));
        assert_eq!(ran.status.code(), Some(1));
        assert_eq!(text(&ran.stderr).lines().last(), said.lines().last());
    }
}

/// Three populations, the second of which differs in its noise, the third in its membrane.
const THREE: &str = "duration = 300\n[[population]]\nname = 'a'\nneurons = 50\n[[population]]\nname = 'b: c'\n\
                     neurons = 50\nnoise.sigma = 5\n[[population]]\nname = 'd'\nneurons = 50\n\
                     tau_m = 'normal(20, 2)'\n";

#[test]
fn neurons_are_picked_by_their_index_in_the_experiment() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("three.toml"), THREE).unwrap();
    let document = loligo::document::parse_toml("three.toml".as_ref(), THREE).unwrap();
    let experiment = loligo::experiment::Experiment::new(&document, &[]).unwrap();
    let trains = spikes_of(&cpu(), &experiment);
    let picked = |arguments: &[&str]| {
        let mut command = super::cli::command(folder.path(), "trace three.toml --json --quiet");
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        let trace: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let neurons = trace["neurons"].as_array().unwrap().clone();
        for neuron in &neurons {
            let index = number(&neuron["neuron"]) as usize;
            let name = ["a", "b: c", "d"][index / 50];
            assert_eq!(neuron["population"], name, "{index}");
            let spikes: Vec<f64> = trains.train(index).iter().map(|&s| f64::from(s)).collect();
            assert_eq!(numbers(&neuron["spike_steps"]), spikes, "{index}");
        }
        neurons.iter().map(|neuron| number(&neuron["neuron"]) as usize).collect::<Vec<_>>()
    };
    assert_eq!(picked(&["--pick", "0,73,149"]), [0, 73, 149]);
    assert_eq!(picked(&["--pick", "b: c:0-2,9"]), [50, 51, 52, 59]);
    assert_eq!(picked(&["--pick", "d:1", "--pick", "7-8,101,8"]), [101, 7, 8]);
    assert_eq!(picked(&["--pick", "3,a:1-2,5,d:0"]), [3, 1, 2, 5, 100]);
    // Some of each, under their own indices; the first of each unless told.
    assert_eq!(picked(&["--neurons", "2"]), [0, 1, 50, 51, 100, 101]);
    assert_eq!(picked(&[]), [0, 50, 100]);
    for (arguments, said) in [
        (["--pick", "150"], "there is no neuron 150: the experiment has 150"),
        (["--pick", "a:50"], "`a` has 50 neurons"),
        (["--pick", "e:0"], "there is no population `e`"),
        (["--pick", "b:c:0"], "there is no population `c`"),
        (["--pick", "3-1"], "no index and no range"),
        (["--pick", "x"], "no index and no range"),
        (["--pick", "-1"], "no index and no range"),
        (["--neurons", "0"], "no whole number from 1 on"),
        (["--pick=0 --neurons", "2"], "how many of each do not count"),
    ] {
        let joined = format!("{}={}", arguments[0], arguments[1]);
        let arguments: Vec<&str> = joined.split(" --").collect();
        let arguments: Vec<String> = arguments
            .iter()
            .enumerate()
            .map(|(n, a)| if n == 0 { (*a).to_owned() } else { format!("--{a}") })
            .collect();
        let mut command = super::cli::command(folder.path(), "trace three.toml --json");
        let output = command.args(&arguments).output().unwrap();
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(said) && output.stdout.is_empty(), "{arguments:?}: {message}");
    }
}

#[test]
fn a_trace_writes_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let run = "trace --model hodgkin_huxley --neurons 2 --duration 50 --from 10 --to 40 --every 0.1ms --out t";
    let output = loligo(folder.path(), run);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for file in ["trace.png", "trace.svg", "trace.npz", "trace.json"] {
        assert!(folder.path().join("t").join(file).exists(), "{file}");
    }
    let json = std::fs::read(folder.path().join("t/trace.json")).unwrap();
    let trace: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let t = numbers(&trace["t_ms"]);
    assert_eq!((t.len(), t[0], t[1]), (300, 10.0, 10.1));
    assert_eq!(trace["neurons"].as_array().unwrap().len(), 2);
    let svg = std::fs::read_to_string(folder.path().join("t/trace.svg")).unwrap();
    assert!(svg.contains("V [mV]") && svg.contains("time [ms]"));
    for (arguments, said) in [
        ("--from 300", "not within"),
        ("--from 50 --to 20", "ends before it begins"),
        ("--neurons 1000", "too many to trace"),
        ("--every 3mV", "a voltage"),
    ] {
        let refused = loligo(folder.path(), &format!("trace {arguments}"));
        assert_eq!(refused.status.code(), Some(2), "{arguments}");
        assert!(text(&refused.stderr).contains(said), "{arguments}: {}", text(&refused.stderr));
    }
}
