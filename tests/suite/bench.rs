//! Does the benchmark measure what it says?

use super::cli::{loligo, text};
use super::common::engines;

fn bench(flags: &str) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    let output = loligo(folder.path(), &format!("bench --quick --json {flags}"));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_engine_and_model_is_measured() {
    let report = bench("--neurons 200,100");
    let results = report["results"].as_array().unwrap();
    assert_eq!(results.len(), engines().len() * 2 * 2);
    assert_eq!(report["interrupted"], false);
    for row in results {
        assert!(["cpu", "gpu"].contains(&row["engine"].as_str().unwrap()), "{row}");
        assert!(!row["device"].as_str().unwrap().is_empty(), "{row}");
        assert_eq!((&row["noise"], &row["recording"]), (&"white".into(), &"spikes".into()));
        let number = |key: &str| row[key].as_f64().unwrap();
        // No speed is asserted, but what follows from it.
        let speed = number("neuron_steps_per_s");
        assert!(speed > 0.0 && number("slowest") <= speed && speed <= number("fastest"), "{row}");
        let dt_s = if row["model"] == "lif" { 1e-4 } else { 1e-5 };
        let times = speed / number("neurons") * dt_s;
        assert!((number("times_real_time") / times - 1.0).abs() < 1e-9, "{row}");
        assert!(number("steps") >= 3.0 * 32.0 && number("memory_bytes") > 0.0, "{row}");
        assert!(row["limit"].is_string(), "{row}");
    }
    // In ascending order.
    assert_eq!((&results[0]["neurons"], &results[1]["neurons"]), (&100.into(), &200.into()));
}

#[test]
fn flags_choose_what_is_measured() {
    let report =
        bench("--engine cpu --models lif --noise none,ou --neurons 64 --record none --plot b.png");
    let results = report["results"].as_array().unwrap();
    let noises: Vec<_> = results.iter().map(|row| row["noise"].as_str().unwrap()).collect();
    assert_eq!(noises, ["none", "ou"]);
    assert!(results.iter().all(|row| row["recording"] == "none" && row["engine"] == "cpu"));
}

#[test]
fn a_figure_and_a_table_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let flags = "bench --quick --engine cpu --models lif --neurons 64,128 --plot";
    let output = loligo(folder.path(), flags);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("G neuron-steps/s"), "{}", text(&output.stdout));
    assert!(image::open(folder.path().join("bench.png")).is_ok());
}

#[test]
fn what_does_not_fit_is_told_beside_what_does() {
    let folder = tempfile::tempdir().unwrap();
    let flags = "bench --quick --json --engine cpu --models lif --neurons 64,4000000000";
    let output = loligo(folder.path(), flags);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("4000000000 neurons"), "{}", text(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["results"].as_array().unwrap().len(), 1);
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    // Neither a folder nor a place within a file is a name for a figure: said before anything is measured.
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    for flags in [
        "--models squid",
        "--noise numpy",
        "--noise purple",
        "--neurons 0",
        "--plot folder",
        "--plot file/bench.png",
    ] {
        let output = loligo(folder.path(), &format!("bench --quick {flags}"));
        assert_eq!(output.status.code(), Some(2), "{flags}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(flags), "{}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{flags}: {}", text(&output.stdout));
    }
}
