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
    for after in ["zero", "hold", "repeat"] {
        let played = currents(
            folder.path(),
            &format!(
                "--duration 100 --set stimulus.file=ramp.csv --set stimulus.gain=2 \
                 --set stimulus.amplitude=5 --set stimulus.after={after}"
            ),
        );
        for (step, current) in played[0].iter().enumerate() {
            let t = step as f64 * 0.1;
            // The last sample lasts until the next one would come.
            let signal = match after {
                "zero" if t >= 41.0 - 1e-9 => 0.0,
                "repeat" if t % 41.0 <= 40.0 => 10.0 * (t % 41.0),
                "repeat" => 400.0 - 400.0 * (t % 41.0 - 40.0),
                _ => 10.0 * t.min(40.0),
            };
            let expected = 5.0 + 2.0 * signal;
            assert!(
                (current - expected).abs() < 1e-3,
                "{after}, {t} ms: {current}, not {expected}"
            );
        }
    }
}

/// The injected currents of all neurons of a trace without noise.
fn currents(folder: &std::path::Path, arguments: &str) -> Vec<Vec<f64>> {
    let output = loligo(folder, &format!("trace --noise none --json {arguments}"));
    assert!(output.status.success(), "{arguments}: {}", text(&output.stderr));
    let trace: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    trace["neurons"].as_array().unwrap().iter().map(|n| numbers(&n["current"])).collect()
}

#[test]
fn the_recordings_own_time_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    // 50 samples of 7 at 5.0, 5.1, ... 9.9 ms.
    let samples: String = (50..100).map(|k| format!("{},7\n", f64::from(k) * 1e-4)).collect();
    std::fs::write(folder.path().join("late.csv"), format!("t,i\n{samples}")).unwrap();
    let late = currents(folder.path(), "--duration 10 --set stimulus.file=late.csv");
    for (step, current) in late[0].iter().enumerate() {
        let expected = if step >= 50 { 7.0 } else { 0.0 };
        assert!((current - expected).abs() < 1e-4, "{step}: {current}");
    }
    let run = "trace --noise none --json --duration 10 --set stimulus.file=late.csv";
    let said = text(&loligo(folder.path(), run).stderr);
    assert!(said.contains("note: the recording begins at 5 ms"), "{said}");
    // A time step that is told takes its place: in ms, as a rate, with a unit.
    for told in ["dt=0.1", "dt=100us", "rate=10000", "rate=10kHz"] {
        let flags = format!("--duration 5 --set stimulus.file=late.csv --set stimulus.{told}");
        let current = &currents(folder.path(), &flags)[0];
        assert!(current.iter().all(|i| (i - 7.0).abs() < 1e-4), "{told}: {current:?}");
    }
    let slow = currents(
        folder.path(),
        "--duration 500 --set stimulus.file=late.csv --set stimulus.dt=10 --set stimulus.gain=3",
    );
    assert!(slow[0].iter().all(|i| (i - 21.0).abs() < 1e-4));
}

#[test]
fn there_is_a_row_for_all_neurons_or_one_for_each() {
    let folder = tempfile::tempdir().unwrap();
    // Currents 210, 230, ... of 70 neurons, constant over 400 ms.
    let rows: Vec<f64> = (0..70).map(|neuron| 210.0 + 20.0 * f64::from(neuron)).collect();
    let values: Vec<f64> = rows.iter().flat_map(|&i| [i; 400]).collect();
    write_npy(&folder.path().join("rows.npy"), &[70, 400], &values);
    let played =
        "--neurons 70 --duration 400 --noise none --set stimulus.file=rows.npy --set stimulus.dt=1";
    let list = rows.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
    let constant =
        format!("--neurons 70 --duration 400 --noise none --set stimulus.amplitude={list}");
    for engine in engines() {
        for integrator in ["euler", "bridge"] {
            let more = format!("--engine {engine} --integrator {integrator}");
            let (ours, theirs) = (
                population(folder.path(), &format!("{played} {more}")),
                population(folder.path(), &format!("{constant} {more}")),
            );
            assert_eq!(ours["spikes"], theirs["spikes"], "{more}");
            assert_eq!(ours["rate_hz"], theirs["rate_hz"], "{more}");
        }
    }
    let traced = currents(
        folder.path(),
        "--neurons 70 --duration 10 --set stimulus.file=rows.npy --set stimulus.dt=1",
    );
    assert!((0..70).all(|n| traced[n].iter().all(|i| (i - rows[n]).abs() < 1e-3)));
    let wrong =
        "run --neurons 71 --duration 10 --set stimulus.file=rows.npy --set stimulus.dt=1 --json";
    let refused = loligo(folder.path(), wrong);
    assert_eq!(refused.status.code(), Some(2));
    let said = text(&refused.stderr);
    assert!(said.contains("70 rows, but there are 71 neurons"), "{said}");
}

/// Writes an array for NumPy.
fn write_npy(path: &std::path::Path, shape: &[u64], values: &[f64]) {
    use npyz::WriterBuilder as _;
    let file = std::fs::File::create(path).unwrap();
    let mut writer =
        npyz::WriteOptions::new().default_dtype().shape(shape).writer(file).begin_nd().unwrap();
    writer.extend(values.iter().copied()).unwrap();
    writer.finish().unwrap();
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
        let recording = &played["stimulus"]["recording"];
        assert!(recording["file"].as_str().unwrap().ends_with("flat.csv"), "{recording}");
        assert_eq!((number(&recording["dt_ms"]), number(&recording["samples"])), (1.0, 500.0));
    }
}

#[test]
fn wrong_signals_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.csv"), "t,x\n0,1\n0.001,nan\n").unwrap();
    let short: String = (0..9999).map(|k| format!("{k}\n")).collect();
    std::fs::write(folder.path().join("n.csv"), format!("x\n{short}")).unwrap();
    std::fs::write(folder.path().join("y.csv"), "x\n1\n2\n3\n").unwrap();
    std::fs::write(folder.path().join("yz.csv"), "t,x,y\n0,1,1\n0.001,2,2\n").unwrap();
    std::fs::write(folder.path().join("far.csv"), "t,x\n1000,1\n1000.001,2\n").unwrap();
    for (arguments, said) in [
        ("--stimulus file", "there is no file to play"),
        ("--set stimulus.file=missing.csv", "cannot be read"),
        ("--set stimulus.file=x.csv", "NaN at index 1"),
        ("--set stimulus.file=x.csv --set stimulus.variable=y", "no variable `y`"),
        ("--set stimulus.file=x.csv --set stimulus.dt=3mV", "a voltage"),
        (
            "--set stimulus.file=x.csv --set stimulus.dt=-1",
            "stimulus.dt must be a finite number above 0",
        ),
        ("--set stimulus.file=x.csv --set stimulus.rate=3s", "a time, but a frequency"),
        (
            "--set stimulus.file=x.csv --set stimulus.dt=1 --set stimulus.rate=5",
            "leave one of them out",
        ),
        ("--set stimulus.file=y.csv", "stimulus.dt (in ms) or stimulus.rate (in Hz)"),
        ("--set stimulus.file=yz.csv", "choose one with stimulus.variable"),
        (
            "--set stimulus.file=y.csv --set stimulus.dt=1",
            "the recording ends at 3 ms, but the run lasts 1000 ms",
        ),
        (
            "--set stimulus.file=n.csv --set stimulus.dt=0.1",
            "the recording ends at 999.9 ms, but the run lasts 1000 ms",
        ),
        (
            "--set stimulus.file=y.csv --set stimulus.dt=1 --set stimulus.after=wrap",
            "zero, hold, repeat",
        ),
        (
            "--set stimulus.file=far.csv",
            "say stimulus.dt (in ms) to play it from its first sample on",
        ),
        ("--set stimulus.after=hold", "belongs to the stimulus `file`"),
        (
            "--noise numpy --neurons 1 --integrator bridge",
            "`bridge` draws from a neuron's own stream",
        ),
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
