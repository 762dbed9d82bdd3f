//! Is a folder of results the experiment, and does it change as a whole or not at all?

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use super::cli::{loligo, text};

/// The files of a folder with their content.
fn content(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .filter(|entry| entry.path().is_file())
        .map(|entry| {
            let bytes = std::fs::read(entry.path()).unwrap();
            (entry.file_name().into_string().unwrap(), bytes)
        })
        .collect()
}

/// All but what tells the time and how the experiment was written: the command line, and notes on what was implied.
fn results(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = content(folder);
    let toml = files.remove("experiment.toml").unwrap();
    let (_, experiment) = std::str::from_utf8(&toml).unwrap().split_once('\n').unwrap();
    files.insert("experiment.toml".into(), experiment.as_bytes().to_vec());
    let mut summary: serde_json::Value = serde_json::from_slice(&files["summary.json"]).unwrap();
    for key in ["timing", "notes"] {
        summary.as_object_mut().unwrap().remove(key);
    }
    files.insert("summary.json".into(), summary.to_string().into_bytes());
    files
}

fn succeeds(folder: &Path, run: &str) {
    let output = loligo(folder, run);
    assert!(output.status.success(), "{run}: {}", text(&output.stderr));
}

#[test]
fn a_folder_gives_its_results_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let samples: String = (0..400).map(|k| format!("{}\n", k % 50)).collect();
    std::fs::write(path.join("i.csv"), format!("i\n{samples}")).unwrap();
    let toml = "duration = \"400 ms\"\nseed = 18446744073709551615\n[[population]]\nname = \"7 \\\"a\\\"\"\nneurons = 20\n\
                noise = { kind = \"ou\", sigma = \"0.05 nA\", tau = 7 }\ntau_m = { distribution = \"normal\", mean = 10, std = 1, min = \"5 ms\" }\n\
                [[population]]\nmodel = \"hodgkin_huxley\"\nneurons = 3\nstimulus = { kind = \"pulse\", from = 50, to = 300, amplitude = 12 }\n\
                [[population]]\nname = \"played\"\nneurons = 4\nv_th = [-55, -54, -53.5, -56]\n\
                stimulus = { file = \"i.csv\", dt = 1, gain = 8, amplitude = 150 }\n";
    std::fs::write(path.join("e.toml"), toml).unwrap();
    for (n, run) in [
        "run --neurons 30 --duration 300 --integrator bridge --set noise.sigma=uniform(1,3) --window 20ms --segment 100ms --taper boxcar",
        "run e.toml --from 50 --to 390",
        "run --neurons 10 --duration 200 --record none --noise none --set stimulus.amplitude=210,220,230,240,250,260,270,280,290,300",
        "compare --neurons 8 --duration 300 --sweep noise.kind=none,white --sweep stimulus.amplitude=200:300:50 --set noise.sigma=2",
        "compare e.toml --sweep v_init=-70,-65 --sweep noise.sigma=1,2 --set noise.sigma=1",
    ]
    .into_iter()
    .enumerate()
    {
        let (command, _) = run.split_once(' ').unwrap();
        if run.contains("e.toml --sweep") {
            // Swept keys of one model only would be refused: another file.
            let toml = "neurons = 4\nduration = 200\n[[population]]\nname = \"a\"\n[[population]]\nname = \"b\"\ntau_m = 12\n";
            std::fs::write(path.join("e.toml"), toml).unwrap();
        }
        succeeds(path, &format!("{run} --out a{n}"));
        succeeds(path, &format!("{command} a{n} --out b{n}"));
        succeeds(path, &format!("{command} b{n}/experiment.toml --out c{n}"));
        let first = results(&path.join(format!("a{n}")));
        assert!(first.len() > 2, "{run}");
        for again in ["b", "c"] {
            let second = results(&path.join(format!("{again}{n}")));
            for (name, bytes) in &first {
                assert!(second.get(name) == Some(bytes), "{run}: {name} differs in {again}");
            }
            assert_eq!(first.len(), second.len(), "{run}");
        }
        // The command line, and every default.
        let toml = std::fs::read_to_string(path.join(format!("a{n}/experiment.toml"))).unwrap();
        assert!(toml.starts_with(&format!("# loligo {command} ")), "{toml}");
        assert!(toml.contains("seed = ") && toml.contains("t_ref = 2") && toml.contains("[run]"), "{toml}");
    }
    succeeds(path, "trace a0 --pick 3 --to 50 --out t");
    assert!(path.join("t/experiment.toml").exists());
}

#[test]
fn what_is_no_experiment_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::create_dir(path.join("empty")).unwrap();
    std::fs::write(path.join("newer.toml"), "loligo = \"99.0.0\"\n").unwrap();
    std::fs::write(path.join("odd.toml"), "loligo = \"new\"\n").unwrap();
    std::fs::write(path.join("run.toml"), "[run]\nrecrod = \"none\"\n").unwrap();
    std::fs::write(path.join("value.toml"), "[run]\nrecord = \"some\"\n").unwrap();
    let samples: String = (0..100).map(|k| format!("{k}\n")).collect();
    std::fs::write(path.join("i.csv"), &samples).unwrap();
    let play =
        "--neurons 2 --duration 50 --stimulus file --set stimulus.file=i.csv --set stimulus.dt=1";
    succeeds(path, &format!("run {play} --out played"));
    std::fs::write(path.join("i.csv"), samples.replace('7', "8")).unwrap();
    for (run, said) in [
        ("run empty", "it is no result"),
        ("run newer.toml", "99.0.0"),
        ("run odd.toml", "no version"),
        ("run run.toml", "[run] has no `recrod`"),
        ("run value.toml", "use spikes, intervals, sample:N or none"),
        ("run played --out again", "another file than was played"),
        ("intervals empty", "no result with spikes"),
        ("run --neurons 2 --duration 20 --out i.csv", "no folder"),
    ] {
        let output = loligo(path, run);
        assert_eq!(output.status.code(), Some(2), "{run}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(said), "{run}: {}", text(&output.stderr));
    }
    assert!(!path.join("again").exists() && !path.join("loligo-out").exists());
    succeeds(path, "run played --out again --force");
}

#[test]
fn own_spikes_are_analysed_like_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    succeeds(path, "run --neurons 20 --duration 2s --from 200 --out o");
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(path.join(name)).unwrap()).unwrap()
    };
    let json = |run: &str| -> serde_json::Value {
        let output = loligo(path, run);
        assert!(output.status.success(), "{run}: {}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let population = &read("o/summary.json")["populations"][0];
    for file in ["o", "o/spikes.npz"] {
        let ours = json(&format!("intervals {file} --from 200 --json"));
        assert_eq!((&ours["spikes"], &ours["neurons"]), (&population["spikes"], &20.into()));
        for (a, b, scale) in [
            (&ours["cv"], &population["isi_ms"]["cv_mean"], 1.0),
            (&ours["lvr"], &population["isi_ms"]["lvr_mean"], 1.0),
            (&ours["mean_s"], &population["isi_ms"]["mean"], 1e3),
            (&ours["fano"], &population["fano_over_windows"]["mean"], 1.0),
            (&ours["rate_hz"], &population["rate_hz"]["mean"], 1.0),
        ] {
            let (a, b) = (a.as_f64().unwrap() * scale, b.as_f64().unwrap());
            assert!((a / b - 1.0).abs() < 1e-9, "{a} is not {b}");
        }
    }
    let picked = json("intervals o --pick 3,5-6 --to 1s --json");
    assert_eq!((&picked["neurons"], &picked["duration_s"]), (&3.into(), &1.0.into()));
    for (flags, said) in [
        ("--variable step", "tell this themselves"),
        ("--pick 20", "of the 20 there are"),
        ("--from 3s", "not within"),
        ("--from 1s --to 500", "ends before it begins"),
    ] {
        let output = loligo(path, &format!("intervals o {flags}"));
        assert_eq!(output.status.code(), Some(2), "{flags}");
        assert!(text(&output.stderr).contains(said), "{flags}: {}", text(&output.stderr));
    }
}

#[test]
fn what_others_put_there_is_neither_lost_nor_followed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    // A page of somebody's own: not overwritten unasked.
    for (name, run) in [
        ("index.html", "exercises"),
        ("08_current_rate.png", "exercises"),
        ("raster.svg", "run --neurons 2 --duration 20"),
    ] {
        let place = path.join(name.replace('.', "_"));
        std::fs::create_dir(&place).unwrap();
        std::fs::write(place.join(name), "mine").unwrap();
        let output = loligo(path, &format!("{run} --out {}", place.display()));
        assert_eq!(output.status.code(), Some(2), "{name}: {}", text(&output.stderr));
        assert_eq!(content(&place).len(), 1);
    }
    // Notes beside results stay, and so does nothing of the old results.
    succeeds(path, "run --neurons 2 --duration 20 --out o --set tau_m=uniform(9,11)");
    std::fs::write(path.join("o/notes.txt"), "mine").unwrap();
    succeeds(path, "run --neurons 2 --duration 20 --out o --force");
    let files = content(&path.join("o"));
    assert!(files["notes.txt"] == b"mine" && !files.contains_key("parameters.csv"));
    // Links that somebody planted are not written through.
    #[cfg(unix)]
    {
        std::fs::write(path.join("precious"), "mine").unwrap();
        let link = |name: &str| {
            std::os::unix::fs::symlink(path.join("precious"), path.join(name)).unwrap()
        };
        std::fs::create_dir(path.join("l")).unwrap();
        for name in [
            "l/.summary.json.unfinished",
            "l/.probe.unfinished",
            ".m.unfinished",
            ".b.png.unfinished",
        ] {
            link(name);
        }
        let _ = loligo(path, "run --neurons 2 --duration 20 --out l");
        let refused = loligo(path, "run --neurons 2 --duration 20 --out m");
        assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
        assert_eq!(std::fs::read(path.join("precious")).unwrap(), b"mine");
    }
}

#[test]
fn one_of_two_runs_into_a_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let start = |seed: u32| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loligo"));
        command.current_dir(path).stdout(Stdio::null()).stderr(Stdio::piped());
        let run = format!("run --neurons 2000 --duration 1s --out o --seed {seed}");
        command.args(run.split(' ')).spawn().unwrap()
    };
    for round in 0..4 {
        let both = [start(1), start(2)].map(|child| child.wait_with_output().unwrap());
        let done: Vec<usize> = (0..2).filter(|&n| both[n].status.success()).collect();
        assert_eq!(done.len(), 1, "{round}: {}", both.map(|b| text(&b.stderr)).concat());
        let other = &both[1 - done[0]];
        assert_eq!(other.status.code(), Some(2), "{}", text(&other.stderr));
        // Whole, and of one run.
        let files = content(&path.join("o"));
        let summary: serde_json::Value = serde_json::from_slice(&files["summary.json"]).unwrap();
        assert_eq!(summary["seed"], done[0] as u64 + 1);
        assert!(
            ["spikes.npz", "raster.png", "experiment.toml"].iter().all(|n| files.contains_key(*n))
        );
        assert_eq!(std::fs::read_dir(path).unwrap().count(), 1, "nothing is left over");
        std::fs::remove_dir_all(path.join("o")).unwrap();
    }
}

#[test]
fn a_run_that_is_killed_leaves_the_old_results_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    succeeds(path, "run --neurons 50 --duration 100 --out o");
    let old = content(&path.join("o"));
    for after_ms in [5, 30, 60, 100, 150, 200] {
        let run = "run --neurons 20000 --duration 1s --seed 2 --out o --force";
        let mut child = Command::new(env!("CARGO_BIN_EXE_loligo"))
            .current_dir(path)
            .args(run.split(' '))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(after_ms));
        let _ = child.kill();
        child.wait().unwrap();
        let now = content(&path.join("o"));
        let summary: serde_json::Value = serde_json::from_slice(&now["summary.json"]).unwrap();
        assert!(now == old || summary["seed"] == 2, "{after_ms} ms: neither old nor new");
    }
    // What was left over is no obstacle, and goes.
    succeeds(path, "run --neurons 50 --duration 100 --seed 3 --out o --force");
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 1);
}

#[test]
fn two_folders_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let diff = |run: &str| {
        let output = loligo(path, run);
        assert!(output.status.success(), "{run}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    succeeds(path, "run --neurons 200 --duration 1s --from 200 --out a");
    succeeds(path, "run a/experiment.toml --out b");
    let same = diff("diff a b");
    assert!(same.starts_with("no difference\n") && same.contains("byte for byte"), "{same}");
    // Another seed: other spikes, the same within errors.
    succeeds(path, "run a --seed 2 --out c");
    let other: serde_json::Value = serde_json::from_str(&diff("diff a c --json")).unwrap();
    assert_eq!(other["same_spikes"], false);
    let experiment = other["experiment"].as_array().unwrap();
    assert_eq!(experiment.len(), 1, "{experiment:?}");
    assert_eq!((&experiment[0]["key"], &experiment[0]["second"]), (&"seed".into(), &"2".into()));
    let of = |comparison: &serde_json::Value, quantity: &str| -> f64 {
        let results = comparison["results"].as_array().unwrap();
        let found = results.iter().find(|row| row["key"].as_str().unwrap().ends_with(quantity));
        found.unwrap()["standard_errors"].as_f64().unwrap()
    };
    // Four standard errors: once in 16,000.
    assert!(of(&other, "rate (Hz)").abs() < 4.0 && of(&other, " CV").abs() < 4.0, "{other}");
    // More noise: a larger CV by far, and the sign says which way.
    succeeds(path, "run a --set noise.sigma=4 --out d");
    let noisier: serde_json::Value = serde_json::from_str(&diff("diff a d --json")).unwrap();
    assert!(of(&noisier, " CV") > 10.0, "{noisier}");
    assert!(diff("diff d a").contains("noise.sigma"));
    assert!(of(&serde_json::from_str(&diff("diff d a --json")).unwrap(), " CV") < -10.0);
    let refused = loligo(path, "diff a nothing");
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("nothing: it holds no experiment.toml"));
}

#[test]
fn a_comparison_keeps_spikes_and_shows_levels_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let grid = "compare --neurons 20 --duration 300 --sweep stimulus.amplitude=200,300 --sweep \
                noise.sigma=1,3 --figures svg";
    succeeds(folder.path(), &format!("{grid} --out plain"));
    assert!(!folder.path().join("plain/spikes.npz").exists());
    let asked = "--record spikes --show stimulus.amplitude=300 --precision f64";
    succeeds(folder.path(), &format!("{grid} {asked} --out a"));
    // What was asked for is in the file, and comes again from it.
    succeeds(folder.path(), "compare a --figures svg --out b");
    assert_eq!(results(&folder.path().join("a")), results(&folder.path().join("b")));
    let toml = std::fs::read_to_string(folder.path().join("a/experiment.toml")).unwrap();
    for line in
        ["record = \"spikes\"", "precision = \"f64\"", "show = [\"stimulus.amplitude=300\"]"]
    {
        assert!(toml.contains(line), "{toml}");
    }
    let svg = std::fs::read_to_string(folder.path().join("a/spectrum.svg")).unwrap();
    assert!(svg.contains("at stimulus.amplitude = 300"));
    // The spikes of all cells, in the order of the cells.
    let summary = std::fs::read_to_string(folder.path().join("a/summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    let count: u64 = summary["populations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["spikes"].as_u64().unwrap())
        .sum();
    let own = loligo::input::DataFile::open(
        &folder.path().join("a/spikes.npz"),
        &loligo::input::text::Options::unknown("--"),
    );
    let own = own.unwrap().own_spikes().unwrap().unwrap();
    assert_eq!(own.trains.iter().map(|train| train.len() as u64).sum::<u64>(), count);
    assert_eq!(own.trains.len(), 80);
    for (wrong, said) in [
        ("--show tau_m=3", "`tau_m` is not swept"),
        ("--show noise.sigma=2", "2 is no level of `noise.sigma`"),
        ("--show noise.sigma", "is not KEY=LIST"),
    ] {
        let output = loligo(folder.path(), &format!("{grid} {wrong} --out wrong"));
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(text.contains(said), "{text}");
    }
    assert!(!folder.path().join("wrong").exists());
}

#[test]
fn the_spectrum_of_own_spikes_is_that_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    succeeds(folder.path(), "run --neurons 30 --duration 2500 --figures none --out a");
    succeeds(folder.path(), "spectrum a --out b --figures svg");
    let column = |file: &str, n: usize| -> Vec<String> {
        let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
        text.lines().skip(1).map(|line| line.split(',').nth(n).unwrap().to_owned()).collect()
    };
    assert_eq!(column("a/spectrum.csv", 2), column("b/spectrum.csv", 1));
    assert_eq!(column("a/spectrum.csv", 3), column("b/spectrum.csv", 2));
    assert!(folder.path().join("b/spectrum.svg").exists());
    let of = |flags: &str| -> serde_json::Value {
        let output = loligo(folder.path(), &format!("spectrum a --json {flags}"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let part = of("--pick 3-5,7 --from 500 --segment 0.5");
    assert_eq!((part["neurons"].as_u64(), part["n"].as_u64()), (Some(4), Some(20_000)));
    assert_eq!(part["df_hz"].as_f64(), Some(2.0));
    assert_eq!(of("--method periodogram")["df_hz"].as_f64(), Some(0.4));
    for wrong in [
        "--rate 1000",
        "--variable step",
        "--scaling scipy",
        "--method multitaper",
        "--pick 30",
        "--segment 9",
    ] {
        let output = loligo(folder.path(), &format!("spectrum a {wrong}"));
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn a_trace_comes_again_from_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    for (n, flags) in
        ["--neurons 3 --every 1 --precision f64", "--neurons 9 --pick 2,5-6"].iter().enumerate()
    {
        succeeds(folder.path(), &format!("trace {flags} --duration 60 --figures none --out a{n}"));
        succeeds(folder.path(), &format!("trace a{n} --figures none --out b{n}"));
        let of =
            |name: &str| content(&folder.path().join(format!("{name}{n}")))["trace.npz"].clone();
        assert!(of("a") == of("b"), "{flags}");
    }
}

#[test]
fn nothing_is_left_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let all = |path: &Path| -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    // Refused after the folder was made: the last file that it would write has no name there.
    std::fs::write(path.join("file"), "").unwrap();
    for refused in ["--out a/b/c --set tau_m=-1", "--out a/b/c --neurons 4e9", "--out file/b"] {
        assert_eq!(loligo(path, &format!("run {refused}")).status.code(), Some(2), "{refused}");
        assert_eq!(all(path), ["file"], "{refused}");
    }
    // What runs left that were killed: of a named folder, of numbered ones, and in the middle of a swap.
    for stale in [".a.unfinished", "loligo-out/.0007.unfinished", "loligo-out/0007", ".b.old"] {
        std::fs::create_dir_all(path.join(stale)).unwrap();
    }
    std::fs::write(path.join(".b.old/summary.json"), "{}").unwrap();
    std::fs::write(path.join("loligo-out/.0007.unfinished/intervals.csv"), "").unwrap();
    let small = "--neurons 3 --duration 50 --figures none";
    succeeds(path, &format!("run {small} --out a"));
    succeeds(path, &format!("run {small}"));
    assert_eq!(all(&path.join("loligo-out")), ["0001"]);
    // The old results are there again, and are asked about.
    let output = loligo(path, &format!("run {small} --out b"));
    assert!(text(&output.stderr).contains("there are results already"), "{}", text(&output.stderr));
    assert_eq!(all(&path.join("b")), ["summary.json"]);
    assert_eq!(all(path), ["a", "b", "file", "loligo-out"]);
    // A folder that only looks like one that was put aside.
    std::fs::create_dir(path.join(".a.old")).unwrap();
    std::fs::write(path.join(".a.old/diary.txt"), "").unwrap();
    let output = loligo(path, &format!("run {small} --out a --force"));
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(path.join(".a.old/diary.txt").exists() && path.join("a/summary.json").exists());
}

/// A file that may not grow any more: one message, and no word of a library about it.
#[cfg(target_os = "linux")]
#[test]
fn a_limit_of_files_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let run = format!(
        "ulimit -f 40; exec {} run --quiet --neurons 2000 --figures none --out a/b",
        env!("CARGO_BIN_EXE_loligo")
    );
    let output =
        Command::new("bash").args(["-c", &run]).current_dir(folder.path()).output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().filter(|line| !line.contains("XDG_RUNTIME_DIR")).count(), 1, "{said}");
    assert!(said.contains("File too large"), "{said}");
    // What could be written is kept, and says that it is not all.
    assert!(folder.path().join("a/b/summary.json").exists());
}
