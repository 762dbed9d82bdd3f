//! Does `loligo compare` compare: a grid of cells, each as if run alone?

use super::cli::{engines, loligo, text};
use super::common::{cpu, number, spikes};

/// The summary of a comparison.
fn compare(arguments: &str) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    let output = loligo(folder.path(), &format!("compare {arguments} --json"));
    assert!(output.status.success(), "{arguments}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The cells of a grid of stimulus.amplitude and noise.sigma.
fn cells(summary: &serde_json::Value) -> Vec<(f64, f64, &serde_json::Value)> {
    let cell = |cell: &'_ serde_json::Value| {
        let at = &cell["at"];
        (number(&at["stimulus.amplitude"]), number(&at["noise.sigma"]))
    };
    let populations = summary["populations"].as_array().unwrap();
    populations
        .iter()
        .map(|population| (cell(population).0, cell(population).1, population))
        .collect()
}

#[test]
fn noise_makes_the_curve_smooth_and_the_trains_irregular() {
    for engine in engines() {
        let summary = compare(&format!(
            "--model lif --neurons 200 --duration 2s --noise white --engine {engine} \
             --sweep stimulus.amplitude=100:400:20 --sweep noise.sigma=0,1,3,5"
        ));
        assert_eq!(summary["sweep"][0]["key"], "stimulus.amplitude");
        assert_eq!(summary["sweep"][1]["values"], serde_json::json!([0.0, 1.0, 3.0, 5.0]));
        let cells = cells(&summary);
        assert_eq!(cells.len(), 16 * 4);
        let rate = |mu: f64, sigma: f64| {
            let cell = cells.iter().find(|cell| (cell.0, cell.1) == (mu, sigma)).unwrap();
            number(&cell.2["rate_hz"]["mean"])
        };
        let cv = |mu: f64, sigma: f64| {
            let cell = cells.iter().find(|cell| (cell.0, cell.1) == (mu, sigma)).unwrap();
            number(&cell.2["isi_ms"]["cv_mean"])
        };
        // Below threshold only noise makes a neuron fire.
        assert_eq!(rate(180.0, 0.0), 0.0);
        assert!([0.0, 1.0, 3.0, 5.0].windows(2).all(|s| rate(180.0, s[0]) < rate(180.0, s[1])));
        // Above it, the CV rises with the noise and falls with the stimulus.
        for mu in [240.0, 300.0, 360.0] {
            assert!([0.0, 1.0, 3.0, 5.0].windows(2).all(|s| cv(mu, s[0]) < cv(mu, s[1])));
        }
        for sigma in [1.0, 3.0, 5.0] {
            assert!([240.0, 300.0, 360.0].windows(2).all(|m| cv(m[0], sigma) > cv(m[1], sigma)));
        }
    }
}

#[test]
fn without_noise_a_cell_is_the_deterministic_neuron() {
    let summary = compare(
        "--neurons 20 --duration 1s --sweep stimulus.amplitude=150:400:50 --sweep noise.sigma=0,3",
    );
    for (mu, sigma, cell) in cells(&summary) {
        if sigma == 0.0 {
            let alone = format!("neurons=1 duration=1s noise.kind=none stimulus.amplitude={mu}");
            let expected = 20 * spikes(&cpu(), &alone).spikes();
            assert_eq!(cell["spikes"].as_u64(), Some(expected as u64), "{mu}");
        }
    }
}

#[test]
fn a_comparison_writes_a_table_and_the_figures_that_fit() {
    let folder = tempfile::tempdir().unwrap();
    let names = |out: &str| {
        let entries = std::fs::read_dir(folder.path().join(out)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let grid = "compare --neurons 20 --duration 300 --sweep noise.sigma=1,3 \
                --sweep stimulus.amplitude=220,260,300 --out grid";
    assert!(loligo(folder.path(), grid).status.success());
    assert_eq!(
        names("grid"),
        [
            "compare.csv",
            "cv.png",
            "cv_map.png",
            "cv_rate.png",
            "experiment.toml",
            "intervals.png",
            "rate.png",
            "rate_map.png",
            "spectrum.png",
            "summary.json"
        ]
    );
    let table = std::fs::read_to_string(folder.path().join("grid/compare.csv")).unwrap();
    assert_eq!(table.lines().count(), 1 + 6);
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let header = rows.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|field| field == name).unwrap();
    for row in rows.records().map(Result::unwrap) {
        let value = |name: &str| row[place(name)].parse::<f64>().unwrap();
        // The standard error belongs to the spread: std (ddof 0) over sqrt(n - 1).
        let sem = value("rate_std_hz") / 19f64.sqrt();
        assert!((value("rate_sem_hz") - sem).abs() < 1e-9);
        assert!((value("rate_ci95_hz") - 1.959_964 * sem).abs() < 1e-4);
    }
    // A sweep of one key has no map; one of names no curves; counts have no CV.
    assert!(
        loligo(folder.path(), "compare --neurons 5 --duration 200 --sweep tau_m=5,10 --out one")
            .status
            .success()
    );
    assert!(
        !names("one").contains(&"rate_map.png".into()) && names("one").contains(&"rate.png".into())
    );
    assert!(
        loligo(
            folder.path(),
            "compare --neurons 5 --duration 50 --sweep model=lif,hodgkin_huxley --out two"
        )
        .status
        .success()
    );
    assert!(!names("two").contains(&"rate.png".into()));
    let counts =
        "compare --neurons 5 --duration 50 --sweep noise.sigma=0,1 --record none --out three";
    assert!(loligo(folder.path(), counts).status.success());
    assert_eq!(names("three"), ["compare.csv", "experiment.toml", "rate.png", "summary.json"]);
}

#[test]
fn a_file_can_sweep_too_and_a_flag_counts_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let toml = "neurons = 5\nduration = 100\n[sweep]\nnoise.sigma = [1, 2]\n\
                'stimulus.amplitude' = '200:300:50'\n";
    std::fs::write(folder.path().join("grid.toml"), toml).unwrap();
    let cells = |more: &str| {
        let output = loligo(folder.path(), &format!("compare grid.toml --json {more}"));
        assert!(output.status.success(), "{}", text(&output.stderr));
        let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        summary["populations"].as_array().unwrap().len()
    };
    assert_eq!(cells(""), 6);
    assert_eq!(cells("--sweep noise.sigma=1,2,3,4"), 12);
    let refused = loligo(folder.path(), "run grid.toml");
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("loligo compare"), "{}", text(&refused.stderr));
}

#[test]
fn wrong_sweeps_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, said) in [
        ("", "nothing to compare"),
        ("--sweep noise.sigma", "not KEY=LIST"),
        ("--sweep nose.sigma=1,2", "did you mean `noise.sigma`"),
        ("--sweep noise.sigma=-1,2", "noise.sigma must be 0 or above"),
        ("--sweep noise.sigma=1,1", "twice in the list"),
        ("--sweep noise.sigma=1 --sweep noise.sigma=2", "swept twice"),
        ("--sweep dt=0.1,0.2", "cannot be swept"),
        ("--sweep tau_m=1:1e6:1", "more than"),
        ("--sweep model=lif,lfi", "did you mean `lif`"),
    ] {
        let output = loligo(folder.path(), &format!("compare {arguments}"));
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {message}");
        assert!(message.contains(said), "{arguments}: {message}");
    }
}
