//! Does the command do what it says: files, exit codes, messages?

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::CommandCargoExt;

pub fn command(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::cargo_bin("loligo").unwrap();
    command.current_dir(folder).args(arguments.split_whitespace()).env("NO_COLOR", "1");
    command
}

pub fn loligo(folder: &Path, arguments: &str) -> Output {
    command(folder, arguments).output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The summary that a run with --json prints.
fn summary(arguments: &str) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    let output = loligo(folder.path(), &format!("run {arguments} --json"));
    assert!(output.status.success(), "{arguments}: {}", text(&output.stderr));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "--json writes no file");
    // Nothing but one JSON document.
    serde_json::from_slice(&output.stdout).unwrap()
}

pub fn engines() -> &'static [&'static str] {
    if super::common::device().is_some() { &["cpu", "gpu"] } else { &["cpu"] }
}

#[test]
fn the_contract_of_the_lif_neuron() {
    for engine in engines() {
        let spikes = |more: &str| {
            let fixed = "--model lif --neurons 1 --duration 100 --noise none --engine";
            summary(&format!("{fixed} {engine} {more}"))["populations"][0]["spikes"]
                .as_u64()
                .unwrap()
        };
        assert_eq!(spikes("--set stimulus.amplitude=210"), 3);
        assert_eq!(spikes("--set stimulus.amplitude=210 --set tau_m=30"), 1);
        assert_eq!(spikes("--set stimulus.amplitude=200"), 0);
    }
}

#[test]
fn the_contract_of_the_noisy_rate() {
    for engine in engines() {
        let summary = summary(&format!(
            "--model lif --neurons 2000 --duration 20s --noise white --set stimulus.amplitude=250 \
             --set noise.sigma=3 --engine {engine}"
        ));
        let rate = summary["populations"][0]["rate_hz"]["mean"].as_f64().unwrap();
        assert!((rate / 56.65 - 1.0).abs() < 0.005, "{engine}: {rate} Hz");
        assert_eq!(summary["engine"]["kind"], *engine);
    }
}

#[test]
fn the_summary_has_the_fields_of_its_contract() {
    let summary = summary("--neurons 20 --duration 200 --seed 7 --engine cpu");
    for (field, value) in [("neurons", 20), ("steps", 2000), ("seed", 7)] {
        assert_eq!(summary[field], value, "{field}");
    }
    assert_eq!(
        (summary["dt_ms"].as_f64(), summary["duration_ms"].as_f64()),
        (Some(0.1), Some(200.0))
    );
    assert_eq!(
        (&summary["engine"]["kind"], &summary["engine"]["precision"]),
        (&"cpu".into(), &"f32".into())
    );
    for field in ["setup_s", "stepping_s", "analysis_s", "output_s", "neuron_steps_per_s"] {
        assert!(summary["timing"][field].is_f64(), "{field}");
    }
    let population = &summary["populations"][0];
    assert_eq!((&population["name"], &population["model"]), (&"lif".into(), &"lif".into()));
    assert_eq!(population["parameters"]["tau_m"], 10.0);
    for field in ["mean", "std", "cv_pooled", "cv_mean", "cv2_mean", "lv_mean"] {
        assert!(population["isi_ms"][field].is_f64(), "{field}");
    }
    assert!(population["isi_ms"]["count"].is_u64() && population["fano"].is_f64());
    assert!(population["rate_hz"]["mean"].is_f64() && population["rate_hz"]["std"].is_f64());
}

#[test]
fn what_is_not_defined_is_null() {
    let silent = summary("--neurons 5 --duration 100 --noise none --set stimulus.amplitude=0");
    let population = &silent["populations"][0];
    assert_eq!(population["rate_hz"]["mean"], 0.0);
    assert_eq!(population["isi_ms"]["count"], 0);
    for field in ["mean", "std", "cv_pooled", "cv_mean", "cv2_mean", "lv_mean"] {
        assert!(population["isi_ms"][field].is_null(), "{field}");
    }
    assert!(population["fano"].is_null());
    let counted = summary("--neurons 5 --duration 100 --record none");
    assert!(counted["populations"][0]["isi_ms"]["mean"].is_null());
}

/// A file of an npz archive: type as NumPy writes it, and bytes.
fn array(path: &Path, name: &str) -> (String, Vec<u8>) {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut bytes = Vec::new();
    std::io::copy(&mut archive.by_name(&format!("{name}.npy")).unwrap(), &mut bytes).unwrap();
    let file = npyz::NpyFile::new(&bytes[..]).unwrap();
    let header = bytes.len() - file.dtype().num_bytes().unwrap() * file.len() as usize;
    (file.dtype().descr().replace('\'', ""), bytes[header..].to_vec())
}

#[test]
fn a_run_writes_its_files_whole_and_the_same_each_time() {
    let folder = tempfile::tempdir().unwrap();
    for engine in engines() {
        for out in ["a", "b"] {
            let run =
                format!("run --neurons 300 --duration 200 --engine {engine} --out {out} --force");
            assert!(loligo(folder.path(), &run).status.success());
        }
        let mut names: Vec<String> = std::fs::read_dir(folder.path().join("a"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let expected = [
            "experiment.toml",
            "histogram.csv",
            "intervals.csv",
            "intervals.png",
            "raster.png",
            "rate.csv",
            "spectrum.csv",
            "spectrum.png",
            "spikes.npz",
            "summary.json",
        ];
        assert_eq!(names, expected);
        for name in names.iter().filter(|name| *name != "summary.json") {
            let read = |out: &str| std::fs::read(folder.path().join(out).join(name)).unwrap();
            assert!(read("a") == read("b"), "{name} differs from run to run");
        }
    }
}

#[test]
fn the_spikes_in_the_file_are_those_of_the_summary() {
    let folder = tempfile::tempdir().unwrap();
    let run = "run --neurons 300 --duration 200 --engine cpu --seed 5 --out out --json";
    let summary: serde_json::Value =
        serde_json::from_slice(&loligo(folder.path(), run).stdout).unwrap();
    let path = folder.path().join("out/spikes.npz");
    let words = |name: &str| -> Vec<u32> {
        let (kind, bytes) = array(&path, name);
        assert_eq!(kind, "<u4");
        bytes.chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect()
    };
    let spikes: Vec<(u32, u32)> = words("step").into_iter().zip(words("neuron")).collect();
    assert_eq!(spikes.len() as u64, summary["populations"][0]["spikes"].as_u64().unwrap());
    assert!(spikes.is_sorted(), "sorted by step, then neuron");
    assert!(spikes.iter().all(|(step, neuron)| *step < 2000 && *neuron < 300));
    let long = |name: &str| u64::from_le_bytes(array(&path, name).1.try_into().unwrap());
    assert_eq!((long("neurons"), long("steps"), long("seed")), (300, 2000, 5));
    assert_eq!(f64::from_le_bytes(array(&path, "dt_ms").1.try_into().unwrap()), 0.1);
    // The spikes are those of the library.
    let trains = super::common::spikes(&super::common::cpu(), "neurons=300 duration=200 seed=5");
    let ours = loligo::spikes::by_time(&trains.iter().collect::<Vec<_>>());
    assert_eq!(ours.steps.into_iter().zip(ours.neurons).collect::<Vec<_>>(), spikes);
    let table = std::fs::read_to_string(folder.path().join("out/intervals.csv")).unwrap();
    assert_eq!(table.lines().count(), 301);
}

#[test]
fn results_are_not_overwritten_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let run = "run --neurons 3 --duration 50 --out out";
    assert!(loligo(folder.path(), run).status.success());
    let before = std::fs::read(folder.path().join("out/summary.json")).unwrap();
    let refused = loligo(folder.path(), run);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("--force"), "{}", text(&refused.stderr));
    assert_eq!(std::fs::read(folder.path().join("out/summary.json")).unwrap(), before);
    // With --force, nothing of the old run stays.
    assert!(loligo(folder.path(), &format!("{run} --force --record none")).status.success());
    assert!(!folder.path().join("out/spikes.npz").exists());
}

#[test]
fn a_plain_run_makes_numbered_folders_and_a_table() {
    let folder = tempfile::tempdir().unwrap();
    for number in ["0001", "0002"] {
        let output = loligo(folder.path(), "run --neurons 3 --duration 50 --engine cpu");
        assert!(output.status.success());
        assert!(folder.path().join("loligo-out").join(number).join("summary.json").exists());
        let table = text(&output.stdout);
        assert!(table.contains("population") && table.contains(number), "{table}");
        let told = text(&output.stderr);
        assert!(told.starts_with("cpu engine: ") && told.contains("as asked for"), "{told}");
    }
    let quiet = loligo(folder.path(), "run --neurons 3 --duration 50 --quiet");
    assert!(quiet.stdout.is_empty() && quiet.stderr.is_empty());
}

#[test]
fn wrong_input_is_refused_with_place_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, said) in [
        ("--set tau_mm=3", &["--set tau_mm=3", "no key `tau_mm`", "did you mean `tau_m`"][..]),
        ("--set noise.sgma=3", &["did you mean `noise.sigma`"]),
        ("--set tau_m=0", &["tau_m must be above 0", "0 ms"]),
        ("--set tau_m=-3", &["tau_m must be above 0", "-3 ms"]),
        ("--set tau_m=3mV", &["a voltage, but a time is wanted"]),
        ("--set tau_m", &["KEY=VALUE"]),
        ("--dt 0", &["--dt 0", "above 0"]),
        ("--dt -0.1", &["above 0"]),
        ("--dt nan", &["--dt nan", "not a number"]),
        ("--dt 6", &["too coarse", "tau_m", "at most"]),
        ("--model hodgkin_huxley --dt 0.2", &["too coarse", "staggered", "at most 0.1 ms"]),
        ("--duration 0", &["--duration 0", "above 0"]),
        ("--duration 0.01", &["shorter than one step"]),
        ("--duration 1e9s", &["2^32 steps"]),
        ("--duration -5ms", &["--duration -5ms", "above 0", "-5 ms"]),
        ("--dt -1us", &["--dt -1us", "above 0"]),
        ("--window -2.5ms", &["--window -2.5ms", "-2.5 ms is not above 0", "50ms"]),
        ("--segment -1s", &["--segment -1s", "not above 0"]),
        ("--from -1s", &["--from -1s", "not within the 1000 ms"]),
        ("--neurons -3k", &["--neurons -3k", "whole number from 1"]),
        ("--duration --json", &["--duration --json", "not a number"]),
        ("--neurons 0", &["--neurons 0", "whole number from 1"]),
        ("--neurons 2.5", &["whole number"]),
        ("--neurons 2 --set tau_m=1,2,3", &["3 values", "2 neurons"]),
        ("--neurons 2 --set v_reset=-60,-50", &["v_reset (-50 mV)", "not below v_th", "neuron 1"]),
        ("--set v_th=-80", &["v_reset", "not below v_th (-80 mV)"]),
        ("--set tau_m=normal(10,5)", &["as drawn for neuron", "min="]),
        ("--set tau_m=gamma(1,2)", &["`gamma` is not a distribution"]),
        ("--set g_l=1e-320", &["single precision"]),
        ("--set v_th=1e300", &["v_th must be between"]),
        ("--model lfi", &["no model `lfi`", "did you mean `lif`"]),
        ("--integrator rk4", &["no integrator `rk4`", "euler, exact"]),
        ("--noise plink", &["no noise `plink`", "did you mean `pink`"]),
        ("--noise white --set noise.tau=3", &["belongs to the noise `ou`"]),
        ("--set t_lockout=3", &["belongs to the model `hodgkin_huxley`"]),
        ("--set m_init=3 --model hodgkin_huxley", &["between 0 and 1"]),
        ("--stimulus pulse --set stimulus.from=30 --set stimulus.to=20", &["ends (20 ms)"]),
        ("--seed x", &["the seed `x`"]),
        ("--neurons 4000000000 --duration 1000s", &["GiB of memory", "--neurons", "--record none"]),
        ("--precision f64 --engine gpu", &["f32 only"]),
        ("--engine gpu --adapter abacus", &["adapter"]),
        ("--engine cpu --adapter abacus", &["leave --adapter out"]),
        ("--precision f64 --adapters all", &["leave --adapters out"]),
        ("missing.toml", &["missing.toml"]),
    ] {
        let output = loligo(folder.path(), &format!("run {arguments} --json"));
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {message}");
        assert!(output.stdout.is_empty(), "{arguments}");
        for part in said {
            assert!(message.contains(part), "{arguments}: `{part}` is not in: {message}");
        }
        assert!(!message.contains("panicked"), "{arguments}: {message}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was written");
    for usage in ["run --frobnicate", "run --engine abacus", "frobnicate", ""] {
        assert_eq!(loligo(folder.path(), usage).status.code(), Some(2), "{usage}");
    }
}

#[test]
fn wrong_files_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    for (toml, line, said) in [
        ("neurons = 5\ntau_mm = 3\n", 2, "did you mean `tau_m`"),
        ("[[population]]\nmodel = 'lif'\nnoise.sigma = '3 mV'\n", 3, "a voltage"),
        ("[[population]]\nduration = 3\n", 2, "same for all populations"),
        ("population = 3\n", 1, "[[population]]"),
        ("neurons = \n", 1, "not TOML"),
        ("neurons = true\n", 1, "whole number"),
        ("[[population]]\nname = 'a'\n[[population]]\nname = 'a'\n", 4, "two populations"),
        ("seed = -1\n", 1, "the seed"),
        // At the second of the two.
        ("tau_m = 20\n[parameters]\ntau_m = 30\n", 3, "given twice"),
        ("tau_m = [1, 2]\nneurons = 3\n", 1, "2 values"),
        ("tau_m = { distribution = 'normal', mean = 1 }\n", 1, "needs mean and std"),
    ] {
        std::fs::write(folder.path().join("wrong.toml"), toml).unwrap();
        let output = loligo(folder.path(), "run wrong.toml --json");
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{toml}: {message}");
        assert!(message.contains(said), "{toml}: {message}");
        assert!(message.contains(&format!("wrong.toml:{line}:")), "{toml}: {message}");
    }
}

#[test]
fn an_experiment_in_a_file_is_the_one_of_its_flags() {
    let folder = tempfile::tempdir().unwrap();
    let toml = "duration = '0.2 s'\nseed = 9\n\n[[population]]\nname = 'quiet'\nneurons = 10\n\
                noise = 'none'\n\n[[population]]\nname = 'noisy'\nneurons = 20\ntau_m = 20\n\
                noise = { kind = 'ou', sigma = '0.05 nA', tau = 15 }\n\
                [population.parameters]\nt_ref = { distribution = 'uniform', low = 1, high = '3 ms' }\n";
    std::fs::write(folder.path().join("two.toml"), toml).unwrap();
    let output = loligo(folder.path(), "run two.toml --json --set g_l=9");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let [quiet, noisy] = [0, 1].map(|n| &summary["populations"][n]);
    assert_eq!((summary["seed"].as_u64(), summary["steps"].as_u64()), (Some(9), Some(2000)));
    assert_eq!((&quiet["name"], &quiet["noise"]["kind"]), (&"quiet".into(), &"none".into()));
    assert_eq!((&noisy["noise"]["sigma"], &noisy["noise"]["tau"]), (&50.0.into(), &15.0.into()));
    assert_eq!(
        (&quiet["parameters"]["g_l"], &noisy["parameters"]["g_l"]),
        (&9.0.into(), &9.0.into())
    );
    let t_ref = &noisy["parameters"]["t_ref"];
    assert!(
        t_ref["min"].as_f64().unwrap() >= 1.0 && t_ref["max"].as_f64().unwrap() <= 3.0,
        "{t_ref}"
    );
}

#[test]
fn a_neuron_that_diverges_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let run = "run --model hodgkin_huxley --integrator euler --neurons 5 --duration 20 --set noise.sigma=1e30 --json";
    for engine in engines() {
        let output = loligo(folder.path(), &format!("{run} --engine {engine}"));
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains("diverged"), "{}", text(&output.stderr));
        // What was computed is still there.
        let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(summary["neurons"], 5);
    }
}

#[test]
fn f64_is_the_cpu_and_says_so() {
    let summary = summary("--neurons 5 --duration 100 --precision f64");
    assert_eq!(
        (&summary["engine"]["kind"], &summary["engine"]["precision"]),
        (&"cpu".into(), &"f64".into())
    );
}

#[test]
fn engines_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let output = loligo(folder.path(), "engines");
    assert!(output.status.success());
    let list = text(&output.stdout);
    assert!(list.starts_with("cpu ") && list.contains("--engine auto takes the"), "{list}");
    assert_eq!(list.lines().any(|line| line.starts_with("gpu ")), engines().len() > 1, "{list}");
}

#[test]
fn models_tell_what_they_declare() {
    let folder = tempfile::tempdir().unwrap();
    let list = text(&loligo(folder.path(), "models").stdout);
    for model in loligo::model::models() {
        assert!(list.contains(model.name) && list.contains(model.about), "{list}");
        let told = text(&loligo(folder.path(), &format!("models {}", model.name)).stdout);
        let parameters = model.parameters.iter().flat_map(|p| [p.name, p.unit, p.about]);
        let integrators = model.integrators.iter().flat_map(|i| [i.name, i.about]);
        let all = parameters.chain(integrators).chain(model.equations.iter().copied());
        for part in all.filter(|part| *part != "1") {
            assert!(told.contains(part), "{}: {part}", model.name);
        }
    }
    let json: serde_json::Value =
        serde_json::from_slice(&loligo(folder.path(), "models --json").stdout).unwrap();
    for (told, model) in json["models"].as_array().unwrap().iter().zip(loligo::model::models()) {
        assert_eq!(told["name"], model.name);
        assert_eq!(told["parameters"].as_array().unwrap().len(), model.parameters.len());
    }
    assert_eq!(json["models"][0]["parameters"][0]["default"], 10.0);
    let refused = loligo(folder.path(), "models lfi");
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("did you mean `lif`"));
}

#[test]
fn help_names_units_and_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let help = text(&loligo(folder.path(), "run --help").stdout);
    for part in ["--neurons", "default: 4096", "bare number is in ms", "hodgkin_huxley", "--set"] {
        assert!(help.contains(part), "{part}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_is_done() {
    let folder = tempfile::tempdir().unwrap();
    for engine in engines() {
        // An hour of model time: minutes of work.
        let run =
            format!("run --neurons 500 --duration 3600s --engine {engine} --out {engine} --json");
        let mut child = command(folder.path(), &run)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Once the engine is told, steps are under way.
        let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        std::io::BufRead::read_line(&mut stderr, &mut line).unwrap();
        assert!(line.contains("engine"), "{line}");
        std::thread::sleep(Duration::from_millis(700));
        let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let deadline = Instant::now() + Duration::from_secs(120);
        while child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::sleep(Duration::from_millis(50));
        }
        let output = child.wait_with_output().unwrap();
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut stderr, &mut rest).unwrap();
        assert_eq!(output.status.code(), Some(130), "{rest}");
        let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(summary["interrupted"], true);
        let steps = summary["steps"].as_u64().unwrap();
        assert!(steps > 0 && steps < 36_000_000, "{steps}");
        assert!(rest.contains("what was done is kept"), "{rest}");
        assert!(folder.path().join(engine).join("spikes.npz").exists());
    }
}

#[test]
fn the_files_do_not_depend_on_the_threads() {
    // Sums of many different numbers would show another order of adding.
    let folder = tempfile::tempdir().unwrap();
    let files = |threads: &str| {
        let run = "run --neurons 2000 --duration 1s --noise none --engine cpu --out out --force \
                   --set stimulus.amplitude=uniform(200,400)";
        let output =
            command(folder.path(), run).env("RAYON_NUM_THREADS", threads).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let read = |name: &str| std::fs::read(folder.path().join("out").join(name)).unwrap();
        ["spectrum.csv", "intervals.csv", "spikes.npz", "raster.png", "spectrum.png"].map(read)
    };
    let once = files("1");
    for threads in ["2", "3", "8"] {
        assert!(files(threads) == once, "{threads} threads give other files");
    }
}

#[test]
fn figures_of_next_to_nothing_are_drawn() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        // No spike, one spike, spikes in the tail that segments leave out, no frequency below 1 kHz.
        "run --noise none --set stimulus.amplitude=0 --neurons 5 --duration 100",
        "run --noise none --set stimulus.amplitude=210 --neurons 1 --duration 40",
        "run --noise none --neurons 5 --duration 1.9s --stimulus pulse --set stimulus.from=1200 --set stimulus.to=1900",
        "run --noise none --neurons 5 --duration 0.9 --set v_init=-50",
        "run --neurons 1 --duration 0.1",
        "compare --sweep stimulus.amplitude=0,1 --noise none --duration 100 --neurons 3",
        "compare --sweep noise.sigma=0,1 --sweep tau_m=5,10 --set stimulus.amplitude=0 --duration 50 --neurons 3",
        "trace --duration 0.1",
        "trace --noise none --set stimulus.amplitude=0 --set v_init=-75",
    ] {
        let mut child = command(folder.path(), &format!("{arguments} --out out --force --quiet"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while child.try_wait().unwrap().is_none() {
            if Instant::now() > deadline {
                child.kill().unwrap();
                panic!("{arguments}: it does not end");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", text(&output.stderr));
    }
}

#[test]
fn counts_are_told_where_spikes_are_not_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let rows = |record: &str| {
        let run = format!("run --neurons 5 --duration 300 --record {record} --out {record}");
        assert!(loligo(folder.path(), &run).status.success());
        let table = std::fs::read(folder.path().join(record).join("intervals.csv")).unwrap();
        let mut reader = csv::Reader::from_reader(&table[..]);
        reader.records().map(|row| row.unwrap()[2].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(rows("none"), rows("spikes"));
}

#[test]
fn what_single_precision_cannot_do_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, said) in [
        ("--dt 1e-5", "too fine for single precision"),
        ("--model hodgkin_huxley --dt 2e-5", "too fine for single precision"),
        ("--duration 5000s --set t_ref=2000s", "more than single precision can count"),
    ] {
        let run = format!("run --neurons 1 --noise none --record none --json {arguments}");
        let output = loligo(folder.path(), &run);
        assert_eq!(output.status.code(), Some(2), "{arguments}");
        assert!(text(&output.stderr).contains(said), "{arguments}: {}", text(&output.stderr));
    }
    // Double precision can: 6 spikes of the exercises' neuron, whatever the step.
    let fine =
        "--neurons 1 --noise none --duration 200 --set stimulus.amplitude=210 --precision f64";
    assert_eq!(summary(&format!("{fine} --dt 1e-4"))["populations"][0]["spikes"], 6);
}

#[test]
fn nobody_listening_is_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let quiet = command(folder.path(), "run --neurons 2 --duration 20 --json")
        .stderr(full.try_clone().unwrap())
        .output()
        .unwrap();
    assert!(quiet.status.success() && !quiet.stdout.is_empty());
    let failed =
        command(folder.path(), "run --neurons 2 --duration 20 --json").stdout(full).output();
    let failed = failed.unwrap();
    assert_eq!(failed.status.code(), Some(1));
    assert!(text(&failed.stderr).contains("standard output"), "{}", text(&failed.stderr));
}

#[test]
fn what_goes_on_inside_is_logged_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let work = "run --neurons 50 --duration 100 --engine cpu --quiet";
    let run = |more: &str, variable: Option<&str>| {
        let mut command = command(folder.path(), &format!("{work} {more} --out o --force"));
        command.env_remove("RUST_LOG");
        variable.map(|text| command.env("RUST_LOG", text));
        let output = command.output().unwrap();
        (output.status.code(), text(&output.stderr))
    };
    let written = || std::fs::read(folder.path().join("o/experiment.toml")).unwrap();
    assert_eq!(run("", None), (Some(0), String::new()));
    let plain = written();
    let (code, told) = run("-v", None);
    let inside = ["memory free=", "disk free=", "ready on the CPU", "neurons=50", "steps_of"];
    assert!(code == Some(0) && inside.iter().all(|word| told.contains(word)), "{told}");
    assert!(!told.contains("spikes.npz") && !told.contains('\x1b'), "{told}");
    assert!(run("-vv", None).1.contains("spikes.npz"));
    assert!(run("-vvv", None).1.contains("a block first_step=0"));
    // It says nothing about the experiment.
    assert!(written() == plain);
    let (_, told) = run("--checkpoint 32ms -v --format parquet", None);
    assert_eq!(told.matches("wrote a checkpoint steps=").count(), 3, "{told}");
    // The variable counts more than the flag.
    assert_eq!(run("-v", Some("loligo=error")), (Some(0), String::new()));
    assert!(run("", Some("loligo::engine=info")).1.contains("ready on the CPU"));
    let (code, told) = run("", Some("=="));
    assert!(code == Some(2) && told.contains("RUST_LOG") && told.contains("for example"), "{told}");
    // Lines that nobody reads are no end.
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let loud = format!("{work} -vvv --out o --force");
    assert!(command(folder.path(), &loud).stderr(full).status().unwrap().success());
    for engine in engines().iter().filter(|engine| **engine == "gpu") {
        let output = loligo(
            folder.path(),
            &format!("run --neurons 50 --duration 20 --engine {engine} -v --json"),
        );
        let told = text(&output.stderr);
        let inside = ["opened a device", "bytes_of_a_buffer", "ready on the GPU", "workgroup"];
        assert!(inside.iter().all(|word| told.contains(word)), "{told}");
        assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok());
    }
}

#[test]
fn the_exercises_come_out() {
    let folder = tempfile::tempdir().unwrap();
    for engine in engines() {
        let output = loligo(folder.path(), &format!("exercises --engine {engine} --out {engine}"));
        assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
        let page = std::fs::read_to_string(folder.path().join(engine).join("index.html")).unwrap();
        assert!(!page.contains("class=\"off\"") && page.matches("<h2>").count() == 14);
        for name in page.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(folder.path().join(engine).join(name).exists(), "{name}");
        }
    }
}

#[test]
fn an_exercise_that_is_off_is_noticed() {
    use loligo::exercises::Check;
    let check = |found| Check { what: "spikes".into(), expected: 3.0, within: 0.0, found };
    assert!(check(Some(3.0)).holds());
    assert!(!check(Some(4.0)).holds() && !check(None).holds() && !check(Some(f64::NAN)).holds());
}

#[test]
fn shells_and_manuals_are_served() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = loligo(folder.path(), &format!("completions {shell}"));
        assert!(output.status.success() && text(&output.stdout).contains("intervals"), "{shell}");
    }
    let page = loligo(folder.path(), "man run");
    assert!(text(&page.stdout).contains(".TH loligo-run"), "{}", text(&page.stdout));
    assert!(text(&loligo(folder.path(), "man").stdout).contains("exercises"));
    assert_eq!(loligo(folder.path(), "man nothing").status.code(), Some(2));
    // Colours where they are asked for, and nowhere else.
    let colours = |flags: &str| {
        let output = loligo(folder.path(), &format!("run --neurons 0 {flags}"));
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr).contains('\x1b')
    };
    assert!(colours("--color always"));
    assert!(!colours("--color never") && !colours(""));
    for run in [
        "run --duration 20 --neurons 1e2 --json",
        "bench --quick --json --engine cpu --models lif --neurons 1e2",
    ] {
        let output = loligo(folder.path(), run);
        assert!(output.status.success(), "{run}: {}", text(&output.stderr));
        assert!(text(&output.stdout).contains("\"neurons\": 100"), "{run}");
    }
}
