//! Does the benchmark measure what it says, tell what limits it, and find what is wrong?

use std::fs;
use std::path::Path;

use super::cli::{loligo, text};
use super::common::{cpu, engines};
use loligo::benchmark::soak::{Soak, is_wrong};
use loligo::benchmark::verify::verify;
use loligo::benchmark::{Case, report::Report};
use loligo::engine::ceilings::Ceilings;
use loligo::engine::cost::Operation;
use loligo::engine::{Blocks, Engine, EngineInfo, Run};
use loligo::experiment::Experiment;
use loligo::model::Model;

fn bench(flags: &str) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    let output = loligo(folder.path(), &format!("bench --quick --json {flags}"));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_engine_and_model_is_measured_and_judged() {
    let report = bench("--neurons 200,100 --verify");
    let results = report["results"].as_array().unwrap();
    assert_eq!(results.len(), engines().len() * 2 * 2);
    assert_eq!((&report["interrupted"], &report["report"]), (&false.into(), &1.into()));
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
        let attained = speed / number("attainable_neuron_steps_per_s");
        assert!((number("attained") / attained - 1.0).abs() < 1e-9, "{row}");
        assert!(row["limit"].is_string() && number("steps_of_a_block") >= 32.0, "{row}");
        assert!(row["verified"]["coincidence"].as_f64().unwrap() > 0.98, "{row}");
        assert!(row["verified"]["spikes"].as_u64().unwrap() > 500, "{row}");
    }
    // In ascending order.
    assert_eq!((&results[0]["neurons"], &results[1]["neurons"]), (&100.into(), &200.into()));
    let of_engines = report["engines"].as_array().unwrap();
    assert_eq!(of_engines.len(), engines().len());
    for engine in of_engines {
        let ceilings = &engine["ceilings"];
        assert!(ceilings["memory_bytes_per_s"].as_f64().unwrap() > 0.0, "{engine}");
        assert!(ceilings["launch_s"].as_f64().unwrap() > 0.0, "{engine}");
        let roots = ceilings["operations_per_s"].as_array().unwrap();
        assert!(roots.iter().any(|of| of["operation"] == "square_root"), "{engine}");
        assert!(engine["limits"].is_object() && engine["before"].is_object(), "{engine}");
    }
    assert!(report["machine"]["threads"].as_u64().unwrap() > 0);
    assert!(report["machine"]["memory_bytes"].as_u64().unwrap() > 1 << 20);
}

#[test]
fn flags_choose_what_is_measured() {
    let report =
        bench("--engine cpu --models lif --noise none,ou --neurons 64 --record none --plot b.png");
    let results = report["results"].as_array().unwrap();
    let noises: Vec<_> = results.iter().map(|row| row["noise"].as_str().unwrap()).collect();
    assert_eq!(noises, ["none", "ou"]);
    assert!(results.iter().all(|row| row["recording"] == "none" && row["engine"] == "cpu"));

    let report =
        bench("--engine cpu --models lif --integrators all --record none,spikes --neurons 64");
    let of = |row: &serde_json::Value| {
        [&row["integrator"], &row["recording"]].map(|value| value.as_str().unwrap().to_owned())
    };
    let all: Vec<_> = report["results"].as_array().unwrap().iter().map(of).collect();
    assert_eq!(all.len(), 6);
    assert_eq!(all[1], ["euler", "spikes"]);
    assert_eq!(all[4], ["bridge", "none"]);

    let report = bench("--precision f64 --models lif --neurons 64 --verify");
    let results = report["results"].as_array().unwrap();
    assert_eq!((results.len(), &results[0]["precision"]), (1, &"f64".into()));
}

#[test]
fn a_figure_a_table_and_csv_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let flags = "bench --quick --engine cpu --models lif --neurons 64,128 --plot";
    let output = loligo(folder.path(), flags);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let told = text(&output.stdout);
    assert!(told.contains("G neuron-steps/s") && told.contains("at best: float"), "{told}");
    assert!(told.contains("a step of lif euler white: "), "{told}");
    assert!(image::open(folder.path().join("bench.png")).is_ok());
    let output =
        loligo(folder.path(), "bench --quick --engine cpu --models lif --neurons 64,128 --csv");
    let mut csv = csv::Reader::from_reader(output.stdout.as_slice());
    let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    let column = csv.headers().unwrap().iter().position(|name| name == "neurons").unwrap();
    assert_eq!((&rows[0][column], &rows[1][column]), ("64", "128"));
}

#[test]
fn what_does_not_fit_is_told_beside_what_does() {
    let folder = tempfile::tempdir().unwrap();
    let flags =
        "bench --quick --json --engine cpu --models lif --neurons 64,4000000000 --report r.json";
    let output = loligo(folder.path(), flags);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("4000000000 neurons"), "{}", text(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["results"].as_array().unwrap().len(), 1);
    assert!(report["failures"][0].as_str().unwrap().contains("4000000000 neurons"));
    // The file has the same.
    let file: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    assert_eq!(file, report);
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    // Neither a folder nor a place within a file is a name for a figure: said before anything is measured.
    fs::create_dir(folder.path().join("folder")).unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for flags in [
        "--models squid",
        "--noise numpy",
        "--noise purple",
        "--neurons 0",
        "--plot folder",
        "--plot file/bench.png",
        "--report folder",
        "--report file/r.json",
        "--report /dev/null",
        "--integrators leapfrog",
        "--soak 0",
        "--soak 3mV",
        "--record everything",
        "--engine gpu --precision f64",
        "--full",
    ] {
        let output = loligo(folder.path(), &format!("bench --quick {flags}"));
        assert_eq!(output.status.code(), Some(2), "{flags}: {}", text(&output.stderr));
        let flag = flags.rsplit("--").next().unwrap();
        assert!(
            text(&output.stderr).contains(flag.split(' ').next().unwrap()),
            "{}",
            text(&output.stderr)
        );
        assert!(output.stdout.is_empty(), "{flags}: {}", text(&output.stdout));
    }
}

/// An engine that takes another experiment for its own.
struct Wrong<'a> {
    engine: &'a dyn Engine,
    change: fn(&Experiment) -> Experiment,
}

impl Engine for Wrong<'_> {
    fn info(&self) -> &EngineInfo {
        self.engine.info()
    }

    fn start<'a>(
        &'a self,
        experiment: &Experiment,
        blocks: Blocks,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Box<dyn Run + 'a>, loligo::Error> {
        self.engine.start(&(self.change)(experiment), blocks, go_on)
    }

    fn ceilings(
        &self,
        _: &[Operation],
        _: &dyn Fn() -> bool,
    ) -> Result<Option<Ceilings>, loligo::Error> {
        Ok(None)
    }
}

/// The same but for the noise.
fn noiseless(experiment: &Experiment) -> Experiment {
    let amplitude = "uniform(225, 375)";
    let builder = Experiment::builder().noise("none").set("stimulus.amplitude", amplitude);
    let builder = builder.duration_ms(experiment.duration_ms());
    builder.set("neurons", experiment.neurons() as f64).build().unwrap()
}

#[test]
fn a_device_whose_spikes_are_wrong_is_found() {
    let cpu = cpu();
    let wrong = Wrong { engine: &cpu, change: noiseless };
    for noise in ["white", "none"] {
        let case = Case::new(Model::named("lif").unwrap(), noise);
        let right = verify(&cpu, &case, &|| true).unwrap();
        assert!(right.is_enough() && right.spikes > 10_000, "{right:?}");
        let found = verify(&wrong, &case, &|| true).unwrap();
        assert_eq!(found.is_enough(), noise == "none", "{found:?}");
        assert_eq!(found.check(cpu.info(), &case).is_ok(), noise == "none");
    }
}

#[test]
fn a_soak_compares_all_neurons_with_the_first_round_and_some_with_the_oracle() {
    let case = Case::new(Model::named("lif").unwrap(), "white");
    let cpu = cpu();
    let begin = std::time::Instant::now();
    let mut soak = Soak::new(&cpu, &case, 200, &|| true).unwrap();
    for _ in 0..4 {
        let round = soak.round(begin, &|| true).unwrap();
        assert!(!is_wrong(&round), "{round:?}");
    }
    let wrong = Wrong { engine: &cpu, change: noiseless };
    let mut soak = Soak::new(&wrong, &case, 200, &|| true).unwrap();
    let round = soak.round(begin, &|| true).unwrap();
    // The first round is that of a wrong engine; the oracle tells.
    assert!(is_wrong(&round) && round.changed_neurons == 0, "{round:?}");
}

#[test]
fn a_soak_is_told_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let flags = "bench --soak 2s --engine cpu --models lif --neurons 1000 --report r.json";
    let output = loligo(folder.path(), flags);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("wrong: 0"), "{}", text(&output.stdout));
    let report = Report::read(&folder.path().join("r.json")).unwrap();
    assert!(!report.soaks[0].rounds.is_empty());
    assert_eq!(report.soaks[0].outcome.wrong, 0);
}

/// A report as a file, and its text changed.
fn reports(folder: &Path) {
    let flags = "bench --quick --engine cpu --models lif --neurons 64,128 --report a.json";
    assert_eq!(loligo(folder, flags).status.code(), Some(0));
    let text = fs::read_to_string(folder.join("a.json")).unwrap();
    let mut report: serde_json::Value = serde_json::from_str(&text).unwrap();
    for row in report["results"].as_array_mut().unwrap() {
        row["device"] = "llvmpipe (LLVM 15.0.6, 256 bits)".into();
        row["engine"] = "gpu".into();
        row["is_software"] = true.into();
        row["driver"] = "Vulkan, llvmpipe".into();
        for key in ["neuron_steps_per_s", "slowest", "fastest"] {
            row[key] = (0.5 * row[key].as_f64().unwrap()).into();
        }
    }
    fs::write(folder.join("b.json"), report.to_string()).unwrap();
    fs::write(folder.join("old.json"), text.replace("\"report\": 1", "\"report\": 0")).unwrap();
    let slowest = text.find("\"slowest\"").unwrap();
    let end = slowest + text[slowest..].find(',').unwrap();
    let nan = format!("{}\"slowest\": NaN{}", &text[..slowest], &text[end..]);
    fs::write(folder.join("nan.json"), nan).unwrap();
}

#[test]
fn reports_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    reports(folder.path());
    let output =
        loligo(folder.path(), "bench compare a.json b.json --plot both.svg --page page.md");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let told = text(&output.stdout);
    assert!(told.contains("software Vulkan (llvmpipe)") && told.contains("0.50 x ("), "{told}");
    // The figure names the devices, and which are played.
    let figure = fs::read_to_string(folder.path().join("both.svg")).unwrap();
    assert!(figure.contains("<svg"));
    let page = fs::read_to_string(folder.path().join("page.md")).unwrap();
    assert!(page.contains("| 128 |") && page.contains("[b](b.json)"), "{page}");
    assert!(folder.path().join("devices.svg").is_file());
    let output = loligo(folder.path(), "bench compare a.json b.json --json");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["rows"][0]["cells"][1]["ratio"], 0.5);
    assert!(json["rows"][0]["cells"][1]["ratio_spread"][0].as_f64().unwrap() <= 0.5);
    let output = loligo(folder.path(), "bench compare a.json b.json --csv");
    assert_eq!(csv::Reader::from_reader(output.stdout.as_slice()).records().count(), 4);
}

#[test]
fn reports_that_are_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    reports(folder.path());
    fs::write(folder.path().join("text.json"), "neurons,speed\n1,2\n").unwrap();
    for (file, message) in [
        ("old.json", "a report of version 0"),
        ("nan.json", "no report of a benchmark"),
        ("text.json", "no report of a benchmark"),
        ("absent.json", "cannot read"),
    ] {
        let output = loligo(folder.path(), &format!("bench compare a.json {file}"));
        let code = if file == "absent.json" { 1 } else { 2 };
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
        let told = text(&output.stderr);
        assert!(told.contains(message) && told.contains(file), "{told}");
        assert!(output.stdout.is_empty());
    }
    fs::write(folder.path().join("peers.jsonl"), "{\"peer\": \"CUDA\"}\n").unwrap();
    let flags = "bench --quick --engine cpu --neurons 64 --report r.json --peers peers.jsonl";
    let output = loligo(folder.path(), flags);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no result of another program"));
}

#[test]
fn the_page_of_results_is_the_one_that_the_reports_make() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/results");
    let folder = tempfile::tempdir().unwrap();
    let mut reports: Vec<_> =
        fs::read_dir(&results).unwrap().map(|entry| entry.unwrap().path()).collect();
    reports.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    reports.sort();
    assert!(!reports.is_empty());
    let names = reports.iter().map(|path| path.to_str().unwrap()).collect::<Vec<_>>().join(" ");
    let output = loligo(folder.path(), &format!("bench compare {names} --page README.md"));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for file in ["README.md", "devices.svg"] {
        let made = fs::read_to_string(folder.path().join(file)).unwrap();
        let kept = fs::read_to_string(results.join(file)).unwrap();
        assert!(made == kept, "docs/results/{file} is not up to date");
    }
}
