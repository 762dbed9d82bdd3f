//! Sources as users write them: on the command line, in files, wrong ones too.

use std::path::Path;
use std::process::{Command, Output};

fn loligo(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loligo"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1");
    command.output().unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// One message with what is wrong and a remedy, and exit code 2.
#[test]
fn wrong_sources_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty.toml"), "about = 'nothing'\n").unwrap();
    std::fs::write(
        folder.path().join("wrong.toml"),
        "current = \"eta\"\n[state.eta]\nunit = \"I\"\nstart = \"0\"\nnext = \"eta + 3 mV\"\n",
    )
    .unwrap();
    let source = |text: &'static str| vec!["--source", text];
    let cases: Vec<(Vec<&str>, &[&str])> = vec![
        (source("expression current=200 pA + 3 mV"), &["this is a voltage", "source expression:2"]),
        (source("expression current=200 pA + foo"), &["nothing is named `foo`", "help"]),
        (source("expression current=200 pA / 0"), &["this is 0, and is divided by"]),
        (
            source("expression current=3 mV"),
            &["this is a voltage, but an injected current is a current"],
        ),
        (
            source("expression current=10pA*sin(t)"),
            &["a time, but what sin takes is a pure number"],
        ),
        (source("expression current=10pA*sin(2*pi*f*t) f=8 mV"), &["what sin takes"]),
        (source("expression current=200 pA*("), &["help"]),
        (source("expression"), &["has no expression", "expression.current"]),
        (source("expression conductance=10nS"), &["reversal potential", "write both"]),
        (source("expression current=poisson(t/ms)*1pA"), &["changes from step to step"]),
        (source("shot rate=-5"), &["shot.rate must be 0 or above", "-5 Hz"]),
        (source("shot tau=0"), &["shot.tau must be above 0"]),
        (source("ou tau=-1ms"), &["ou.tau must be above 0"]),
        (source("ou sigma=3 mV"), &["a voltage, but a current is wanted"]),
        (source("ou_pair correlation=2"), &["between -1 and 1"]),
        (source("pulse_train period=0"), &["pulse_train.period must be above 0"]),
        (
            source("ramp from=10 to=10"),
            &["the ramp of neuron 0 ends (10 ms) before it begins (10 ms)"],
        ),
        (
            source("expression current=a*exp(b) a=1pA b=1e3"),
            &["`expression` gives no finite number", "a = 1, b = 1000"],
        ),
        (
            vec!["--source", "sine", "--source", "expression current=a*exp(b) a=1pA b=1e3"],
            &["the source `expression` gives no finite number", "b = 1000"],
        ),
        // `I` is a unit of files of sources, no name.
        (source("expression current=I"), &["nothing is named `I`"]),
        (source("expression current=1e300*1e300*1pA"), &["this is inf, no finite number"]),
        (source("expression current=poisson(-3)*1pA"), &["is -3, not from 0 to 16777216"]),
        (source("expression current=poisson(1e9)*1pA"), &["is 1e9, not from 0 to 16777216"]),
        (
            vec!["--source", "shot name=few", "--source", "shot name=many rate=1e12"],
            &["of the source `many` is 1e8", "rate = 1e12"],
        ),
        (source("expression current=10pA b=3"), &["`expression` is named `b`", "leave it out"]),
        (source("sine kind=chirp"), &["the kind is the first word"]),
        (source("steps at=10,20 to=3pA,4mV"), &["`4mV` is a voltage, but a current is wanted"]),
        (source("alpha at=30,20"), &["not in order: 30 ms, then 20 ms"]),
        (source("alpha at=30,30"), &["not in order"]),
        (source("alpha at=-3"), &["before the run"]),
        (source("alpha at=x"), &["at:", "help"]),
        (source("alpha"), &["has no alpha.at"]),
        (source("steps at=10,20 to=3pA"), &["2 times, but 1 currents"]),
        (source("sin amplitude=3"), &["no source `sin`", "did you mean `sine`"]),
        (source("sine amplitud=3"), &["has no key `sine.amplitud`", "sine.amplitude"]),
        (source("sine 3"), &["`3` is not KEY=VALUE"]),
        (source(""), &["has no kind"]),
        (source("sine name=tau_m"), &["`tau_m` is no name for a source"]),
        (source("sine name=a-b"), &["`a-b` is no name for a source"]),
        (source("file file=x.npy"), &["x.npy", "give a file that exists"]),
        (source("file name=heard"), &["there is no file to play", "heard.file = "]),
        (source("white name=extra convention=brian"), &["no key `extra.convention`"]),
        (source("sine name=neurons"), &["`neurons` is no name for a source"]),
        (source("sine name=parameters"), &["`parameters` is no name for a source"]),
        (vec!["--set", "noise.text=current"], &["no key `noise.text`"]),
        (source("sine frozen=true"), &["no key `sine.frozen`"]),
        (source("numpy"), &["the noise `numpy` is that of one neuron"]),
        (
            source("sine file=x.npy"),
            &["the source `sine`, of the kind sine, has no key `sine.file`"],
        ),
        (source("missing.toml"), &["missing.toml cannot be read"]),
        (source("empty.toml"), &["neither a current nor a conductance"]),
        (source("wrong.toml"), &["this is a voltage", "wrong.toml:5"]),
        (vec!["--source", "sine", "--source", "sine"], &["two sources named `sine`", "name="]),
        (
            vec!["--source", "point_conductance", "--model", "fitzhugh_nagumo"],
            &["gives a conductance, but fitzhugh_nagumo has no membrane potential"],
        ),
        (
            vec!["--source", "point_conductance", "--integrator", "bridge"],
            &[
                "with an injected conductance, lif cannot be stepped by `bridge`",
                "exponential_euler",
            ],
        ),
        (vec!["--set", "x.foo=3"], &["no key `x.foo`"]),
        (vec!["--noise-convention", "brain"], &["did you mean `brian`"]),
        (vec!["--noise-convention", "brian"], &["no noise.sigma to convert"]),
        (
            vec!["--noise", "ou", "--noise-convention", "nest", "--set", "noise.sigma=3"],
            &["belongs to the noise `white`"],
        ),
        (
            vec![
                "--model",
                "fitzhugh_nagumo",
                "--noise-convention",
                "brian",
                "--set",
                "noise.sigma=3",
            ],
            &["not known how its membrane responds"],
        ),
    ];
    for (flags, said) in cases {
        let all = [&["run", "--json", "--neurons", "10", "--duration", "20"], &flags[..]].concat();
        let output = loligo(folder.path(), &all);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {message}");
        assert!(output.stdout.is_empty(), "{flags:?}");
        assert_eq!(message.matches("error: ").count(), 1, "{flags:?}: {message}");
        assert_eq!(message.matches("help: ").count(), 1, "{flags:?}: {message}");
        for part in said {
            assert!(message.contains(part), "{flags:?}: `{part}` is not in: {message}");
        }
    }
}

/// A recording with a row for each of other neurons.
#[test]
fn a_recording_has_a_row_for_all_or_for_each() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..100).map(|k| format!("{},{k},{k},{k}\n", 0.1 * f64::from(k))).collect();
    std::fs::write(folder.path().join("three.csv"), format!("t_ms,a,b,c\n{rows}")).unwrap();
    let flags =
        ["run", "--json", "--neurons", "5", "--duration", "5", "--set", "stimulus.file=three.csv"];
    let output = loligo(folder.path(), &flags);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}

const FILE: &str = r#"
neurons = 20
duration = "200 ms"
[[source]]
name = "theta"
kind = "sine"
amplitude = "50 pA"
frequency = "uniform(4 Hz, 12 Hz)"
[[source]]
kind = "expression"
current = "a * sin(2*pi*f*t)^2"
a = "20 pA"
f = "3 Hz"
[[population]]
name = "x"
[[population]]
name = "y"
[[population.source]]
kind = "own.toml"
step = "30 pA"
"#;

/// A source of a user's own: a random telegraph.
const OWN: &str = r#"
about = "a current that is on or off"
kind = "noise"
current = "if(on > 0.5, step, 0)"
[parameters]
step = { value = 1, unit = "I" }
rate = { value = "50 Hz", bound = "not negative" }
[state.on]
start = "if(uniform < 0.5, 1, 0)"
next = "if(uniform < rate * dt, 1 - on, on)"
"#;

/// Tables in a file, a source of one's own, and all of it again from the folder of results.
#[test]
fn files_have_sources_and_folders_give_them_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("a.toml"), FILE).unwrap();
    std::fs::write(path.join("own.toml"), OWN).unwrap();
    let first =
        json(&loligo(path, &["run", "a.toml", "--json", "--out", "one", "--engine", "cpu"]));
    let names = |n: usize| -> Vec<String> {
        let sources = first["populations"][n]["sources"].as_array().unwrap();
        sources.iter().map(|source| source["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(0), ["expression", "theta"]);
    assert_eq!(names(1), ["expression", "own", "theta"]);
    assert!(first["populations"][0]["sources"][1]["parameters"]["frequency"]["mean"].is_f64());
    json(&loligo(path, &["run", "one", "--json", "--out", "two", "--engine", "cpu"]));
    let bytes = |name: &str| std::fs::read(path.join(name).join("spikes.npz")).unwrap();
    assert_eq!(bytes("one"), bytes("two"));
    // The same by flags, and another value of a key.
    let flags = [
        "run",
        "--json",
        "--neurons",
        "20",
        "--duration",
        "200 ms",
        "--engine",
        "cpu",
        "--out",
        "three",
        "--source",
        "sine name=theta amplitude=50 pA frequency=uniform(4 Hz, 12 Hz)",
        "--source",
        "expression current=a * sin(2*pi*f*t)^2 a=20pA f=3Hz",
    ];
    let third = json(&loligo(path, &flags));
    assert_eq!(third["populations"][0]["spikes"], first["populations"][0]["spikes"]);
    let swept = [
        "compare",
        "--json",
        "--quiet",
        "--neurons",
        "20",
        "--duration",
        "200 ms",
        "--engine",
        "cpu",
        "--source",
        "sine name=theta amplitude=50pA",
        "--sweep",
        "theta.frequency=4,8",
    ];
    let grid = json(&loligo(path, &swept));
    assert_eq!(grid["populations"][1]["at"]["theta.frequency"], 8.0);
    assert_ne!(grid["populations"][0]["spikes"], grid["populations"][1]["spikes"]);
}

/// A source as the stimulus, and one as the noise, under these names.
#[test]
fn a_source_can_be_the_stimulus_or_the_noise() {
    let folder = tempfile::tempdir().unwrap();
    let flags = [
        "run",
        "--json",
        "--quiet",
        "--neurons",
        "50",
        "--duration",
        "200",
        "--engine",
        "cpu",
        "--stimulus",
        "sine",
        "--set",
        "stimulus.amplitude=400",
        "--noise",
        "pink",
        "--set",
        "noise.sigma=30",
    ];
    let found = json(&loligo(folder.path(), &flags));
    let population = &found["populations"][0];
    assert_eq!(population["stimulus"]["kind"], "sine");
    assert_eq!(population["stimulus"]["amplitude"], 400.0);
    assert_eq!(population["noise"]["kind"], "pink");
    assert!(population["spikes"].as_u64().unwrap() > 100);
}

/// The deviation that is predicted is the one that is there, without spikes: closed forms and linear response together.
#[test]
fn the_predicted_deviation_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [&[&str]; 6] = [
        &["--noise", "white"],
        &["--noise", "ou"],
        &["--noise", "pink"],
        &["--noise", "shot", "--set", "noise.weight=5"],
        &["--noise", "none", "--source", "point_conductance", "--set", "v_th=0"],
        &["--model", "hodgkin_huxley", "--set", "noise.sigma=0.01", "--dt", "0.02"],
    ];
    for flags in cases {
        let common = [
            "trace",
            "--json",
            "--quiet",
            "--duration",
            "20s",
            "--every",
            "1",
            "--from",
            "200ms",
            "--set",
            "stimulus.amplitude=0",
            "--engine",
            "cpu",
        ];
        let found = json(&loligo(folder.path(), &[&common[..], flags].concat()));
        let neuron = &found["neurons"][0];
        let predicted = neuron["v_sd_predicted_mv"].as_f64().unwrap();
        let v: Vec<f64> =
            neuron["v"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
        let mean = v.iter().sum::<f64>() / v.len() as f64;
        let sd = (v.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / v.len() as f64).sqrt();
        assert_eq!(neuron["spike_steps"].as_array().unwrap().len(), 0);
        // 20 s are some hundred to thousand correlation times: 5 %, slow noise 10 %.
        assert!((sd / predicted - 1.0).abs() < 0.1, "{flags:?}: {sd} {predicted}");
    }
}

/// What other tools call sigma: Brian's is the deviation itself.
#[test]
fn conventions_are_converted() {
    let folder = tempfile::tempdir().unwrap();
    // By research: sigma 3 pA sqrt(s) with g_l 10 nS and tau_m 10 ms has 2.12 mV (3 / (10 sqrt(2 0.01))).
    for (convention, sigma) in
        [("brian", 3.0 / 2f64.sqrt()), ("course", 3.0), ("nest", 3.0 / 1e-3f64.sqrt())]
    {
        let sigma = format!("noise.sigma={sigma}");
        let flags = [
            "run",
            "--json",
            "--quiet",
            "--neurons",
            "5",
            "--duration",
            "10",
            "--noise-convention",
            convention,
            "--set",
            &sigma,
            "--engine",
            "cpu",
        ];
        let found = json(&loligo(folder.path(), &flags));
        let converted = found["populations"][0]["noise"]["sigma"].as_f64().unwrap();
        assert!((converted - 3.0).abs() < 1e-9, "{convention}: {converted}");
    }
    // NEST's default interval is 1 ms; another one, and a value for each neuron.
    let flags = [
        "run",
        "--json",
        "--quiet",
        "--neurons",
        "2",
        "--duration",
        "10",
        "--noise-convention",
        "nest",
        "--set",
        "noise.sigma=100",
        "--set",
        "noise.interval=4",
        "--engine",
        "cpu",
    ];
    let found = json(&loligo(folder.path(), &flags));
    let converted = found["populations"][0]["noise"]["sigma"].as_f64().unwrap();
    assert!((converted - 100.0 * 4e-3f64.sqrt()).abs() < 1e-9);
    let flags = [
        "run",
        "--json",
        "--quiet",
        "--neurons",
        "2",
        "--duration",
        "10",
        "--noise-convention",
        "brian",
        "--set",
        "noise.sigma=2",
        "--set",
        "g_l=10,20",
        "--engine",
        "cpu",
    ];
    let found = json(&loligo(folder.path(), &flags));
    let each = &found["populations"][0]["noise"]["sigma"];
    let [min, max] = ["min", "max"].map(|key| each[key].as_f64().unwrap());
    assert!((max / min - 2.0).abs() < 1e-9);
}

/// Every source is told of, with its keys and units.
#[test]
fn sources_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let all = loligo(folder.path(), &["models", "--sources"]);
    let told = String::from_utf8_lossy(&all.stdout).into_owned();
    for kind in loligo::source::kinds() {
        assert!(told.contains(kind.name), "{}", kind.name);
        let one = loligo(folder.path(), &["models", kind.name]);
        let text = String::from_utf8_lossy(&one.stdout).into_owned();
        assert!(text.contains("Keys") && text.contains("default"), "{text}");
        let definition = kind.example(loligo::model::Model::default_one()).unwrap();
        for parameter in definition.parameters() {
            assert!(!parameter.about.is_empty() && text.contains(parameter.about), "{}", kind.name);
        }
    }
    let listed = json(&loligo(folder.path(), &["models", "--json"]));
    assert_eq!(listed["sources"].as_array().unwrap().len(), loligo::source::kinds().count());
    let file = loligo(folder.path(), &["models", "ou", "--source"]);
    assert!(String::from_utf8_lossy(&file.stdout).contains("[statistics]"));
}

#[test]
fn studies_write_a_figure_and_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let flags = [
        "study",
        "reliability",
        "--out",
        "found",
        "--json",
        "--engine",
        "cpu",
        "--duration",
        "500",
    ];
    let found = json(&loligo(folder.path(), &flags));
    assert_eq!(found["study"]["name"], "reliability");
    assert_eq!(found["study"]["found"].as_array().unwrap().len(), 2);
    assert_eq!(found["study"]["table"]["reliability_second_half"].as_array().unwrap().len(), 2);
    for file in ["reliability.csv", "reliability.png", "summary.json", "experiment.toml"] {
        assert!(folder.path().join("found").join(file).is_file(), "{file}");
    }
    let again =
        json(&loligo(folder.path(), &["study", "reliability", "found", "--json", "--quiet"]));
    assert_eq!(again["study"], found["study"]);
    let list = loligo(folder.path(), &["study"]);
    assert!(String::from_utf8_lossy(&list.stdout).contains("Mainen"));
    let unknown = loligo(folder.path(), &["study", "resonanse"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("did you mean `resonance`"));
    let wrong = loligo(
        folder.path(),
        &[
            "study",
            "resonance",
            "--json",
            "--source",
            "sine name=x",
            "--engine",
            "cpu",
            "--set",
            "signal.kind=constant",
            "--neurons",
            "5",
            "--duration",
            "50",
        ],
    );
    assert_eq!(wrong.status.code(), Some(2), "{}", String::from_utf8_lossy(&wrong.stderr));
}

/// What an experiment is, whatever its source is called, a folder of results gives again.
#[test]
fn folders_give_sources_again_whatever_they_are_called() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("white.toml"), OWN).unwrap();
    std::fs::write(path.join("my.own.toml"), OWN).unwrap();
    std::fs::write(path.join("none.toml"), OWN).unwrap();
    let spikes = |name: &str| std::fs::read(path.join(name).join("spikes.npz")).unwrap();
    let size = ["--neurons", "20", "--duration", "150ms", "--engine", "cpu", "--json", "--out"];
    let run = |what: &[&str], out: &str| {
        json(&loligo(path, &[&["run"], what, &size[..], &[out]].concat()))
    };
    for (n, noise) in ["white.toml", "my.own.toml", "none.toml", "white"].into_iter().enumerate() {
        let [first, second, third] = ["a", "b", "c"].map(|name| format!("{name}{n}"));
        let one = run(&["--noise", noise], &first);
        let two =
            json(&loligo(path, &["run", &first, "--json", "--engine", "cpu", "--out", &second]));
        assert_eq!(one["populations"][0]["noise"], two["populations"][0]["noise"], "{noise}");
        assert_eq!(spikes(&first), spikes(&second), "{noise}");
        // Another kind takes the place of an own one, or is refused: never silently neither.
        let other = loligo(path, &["run", &first, "--noise", "ou", "--out", &third, "--json"]);
        if other.status.success() {
            assert_eq!(json(&other)["populations"][0]["noise"]["kind"], "ou", "{noise}");
        }
    }
}

/// Where kinds are swept, each cell has its own defaults, before and after.
#[test]
fn grids_of_kinds_are_the_same_from_their_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let sweeps: [&[&str]; 4] = [
        &["--sweep", "noise.kind=white,ou"],
        &["--sweep", "stimulus.kind=constant,sine"],
        &["--sweep", "model=lif,hodgkin_huxley"],
        &["--sweep", "th.kind=sine,chirp", "--source", "sine name=th amplitude=30"],
    ];
    for (n, sweep) in sweeps.into_iter().enumerate() {
        let [first, second] = ["a", "b"].map(|name| format!("{name}{n}"));
        let size = [
            "--neurons",
            "20",
            "--duration",
            "150ms",
            "--engine",
            "cpu",
            "--json",
            "--record",
            "spikes",
            "--out",
        ];
        let one = json(&loligo(path, &[&["compare"], sweep, &size[..], &[&first]].concat()));
        let two = json(&loligo(
            path,
            &["compare", &first, "--json", "--engine", "cpu", "--out", &second],
        ));
        assert_eq!(one["populations"], two["populations"], "{sweep:?}");
    }
}

/// What was wrong once: a pulse of a user's own without parameters, random stimuli that are frozen, a source left out.
#[test]
fn sources_of_all_sorts_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("pulse.toml"), "current = \"if(t > 10 ms, 120 uA/cm2, 0 uA/cm2)\"\n")
        .unwrap();
    std::fs::write(
        path.join("two.toml"),
        "neurons = 5\nduration = 50\n[[source]]\nkind = \"sine\"\n[[population]]\nname = \"a\"\n\
         [[population]]\nname = \"b\"\nsine.kind = \"none\"\n",
    )
    .unwrap();
    let runs: [&[&str]; 3] = [
        &[
            "--model",
            "hodgkin_huxley",
            "--neurons",
            "3",
            "--duration",
            "60ms",
            "--stimulus",
            "pulse.toml",
        ],
        &[
            "--neurons",
            "5",
            "--duration",
            "50ms",
            "--source",
            "expression name=x current='normal*50 pA' frozen=true",
        ],
        &["two.toml"],
    ];
    for (n, words) in runs.into_iter().enumerate() {
        let out = n.to_string();
        let told = json(&loligo(
            path,
            &[&["run"], words, &["--json", "--engine", "cpu", "--out", &out]].concat(),
        ));
        if n == 2 {
            let sources =
                |n: usize| told["populations"][n]["sources"].as_array().map_or(0, Vec::len);
            assert_eq!([sources(0), sources(1)], [1, 0]);
        }
    }
}
