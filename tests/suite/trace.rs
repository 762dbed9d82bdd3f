//! Does a trace show what a run does?

use super::cli::{loligo, text};
use super::common::{cpu, experiment, number, numbers, oracle, reference, spikes_of};
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
        let samples = Samples { from: 0, to: experiment.steps, every: 1 };
        let (single, double) = (spikes_of(&cpu(), &experiment), spikes_of(&oracle(), &experiment));
        assert!(single.spikes() > 10, "{settings}");
        for neuron in 0..3 {
            let population = &experiment.populations[0];
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
    assert_eq!(on("cpu"), on("gpu"));
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
