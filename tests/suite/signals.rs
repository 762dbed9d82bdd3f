//! Are recordings played, and is the course's noise NumPy's?

use super::cli::{engines, loligo, text};
use super::common::{number, numbers};

/// The first population of a run's summary.
fn population(folder: &std::path::Path, arguments: &str) -> serde_json::Value {
    let output = loligo(folder, &format!("run {arguments} --json"));
    assert!(output.status.success(), "{arguments}: {}", text(&output.stderr));
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    summary["populations"][0].clone()
}

#[test]
fn the_courses_numbers_come_out() {
    let folder = tempfile::tempdir().unwrap();
    for engine in engines() {
        for (settings, spikes, cv) in [
            ("--set noise.sigma=0.5 --set stimulus.amplitude=250", 55, 0.042_841),
            ("--set noise.sigma=3 --set stimulus.amplitude=250", 57, 0.222_289),
            ("--set noise.sigma=40 --set noise.tau=10 --set stimulus.amplitude=200", 28, 0.551_299),
        ] {
            let run = format!("--neurons 1 --noise numpy --seed 2020 --engine {engine} {settings}");
            let ours = population(folder.path(), &run);
            assert_eq!(ours["spikes"], spikes, "{run}");
            assert!(
                (number(&ours["isi_ms"]["cv_mean"]) - cv).abs() < 1e-6,
                "{run}: {}",
                ours["isi_ms"]
            );
        }
    }
}

#[test]
fn a_recording_is_played_between_its_samples() {
    let folder = tempfile::tempdir().unwrap();
    // A ramp of 10 per ms, sampled each ms, for 40 ms.
    let ramp: String = (0..=40).map(|k| format!("{},{}\n", f64::from(k) * 1e-3, k * 10)).collect();
    std::fs::write(folder.path().join("ramp.csv"), format!("t,x\n{ramp}")).unwrap();
    let run = "trace --noise none --duration 60 --set stimulus.file=ramp.csv --set stimulus.gain=2 \
               --set stimulus.amplitude=5 --json";
    let output = loligo(folder.path(), run);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let trace: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let current = numbers(&trace["neurons"][0]["current"]);
    for (step, current) in current.iter().enumerate() {
        let t = step as f64 * 0.1;
        let expected = if t <= 40.0 { 5.0 + 2.0 * 10.0 * t } else { 5.0 };
        assert!((current - expected).abs() < 1e-4, "{t} ms: {current} is not {expected}");
    }
}

#[test]
fn a_played_constant_is_a_constant() {
    let folder = tempfile::tempdir().unwrap();
    let samples: String = (0..500).map(|k| format!("{},50\n", f64::from(k) * 1e-3)).collect();
    std::fs::write(folder.path().join("flat.csv"), format!("t,x\n{samples}")).unwrap();
    let toml = "duration = 400\nneurons = 70\nstimulus = { file = 'flat.csv', gain = 5 }\n";
    std::fs::write(folder.path().join("flat.toml"), toml).unwrap();
    for engine in engines() {
        let played = population(folder.path(), &format!("flat.toml --engine {engine}"));
        let constant = population(
            folder.path(),
            &format!("--neurons 70 --duration 400 --set stimulus.amplitude=250 --engine {engine}"),
        );
        assert_eq!(played["spikes"], constant["spikes"]);
        assert_eq!(played["stimulus"]["kind"], "file");
    }
}

#[test]
fn wrong_signals_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.csv"), "t,x\n0,1\n0.001,nan\n").unwrap();
    for (arguments, said) in [
        ("--stimulus file", "there is no file to play"),
        ("--set stimulus.file=missing.csv", "cannot be read"),
        ("--set stimulus.file=x.csv", "NaN at place 1"),
        ("--set stimulus.file=x.csv --set stimulus.variable=y", "no variable `y`"),
        ("--set stimulus.file=x.csv --set stimulus.dt=3mV", "no time above 0"),
        ("--noise numpy", "of one neuron"),
        ("--noise numpy --neurons 1 --seed 5000000000", "32 bits"),
        ("--noise numpy --neurons 1 --stimulus pulse", "constant stimulus only"),
        ("--set noise.common=2", "between 0 and 1"),
        ("--set noise.frozen=maybe", "false, true"),
        ("--noise none --set noise.common=0.5", "belongs to the noise"),
    ] {
        let output = loligo(folder.path(), &format!("run {arguments} --json"));
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {message}");
        assert!(message.contains(said), "{arguments}: {message}");
    }
}
