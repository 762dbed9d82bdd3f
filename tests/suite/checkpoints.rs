//! Runs that are ended and gone on with are, byte for byte, those that were not.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::common::{cpu, engines, experiment};
use loligo::Experiment;
use loligo::engine::several::Several;
use loligo::engine::{Blocks, Engine};
use loligo::sink::{Recorder, Sink};
use loligo::spikes::SpikeTrains;

/// The spikes of a run that is saved at a step and gone on with on another engine.
fn cut(engines: [&dyn Engine; 2], experiment: &Experiment, at: u32) -> (SpikeTrains, Vec<f64>) {
    let blocks = Blocks { raster: true, words: Some(7) };
    let mut first = engines[0].start(experiment, blocks, &mut || true).unwrap();
    let early = Recorder::new(first.tiles(), 0, usize::MAX);
    first.pause(at);
    let mut done = 0;
    while let Some(steps) = first.next_block(&|tile| early.tile(tile)).unwrap() {
        done = steps;
    }
    assert_eq!(done, at.min(experiment.steps()));
    let rows = first.save().unwrap();
    let mut second = engines[1].start(experiment, blocks, &mut || true).unwrap();
    let late = Recorder::new(second.tiles(), 0, usize::MAX);
    second.load(at, &rows).unwrap();
    while second.next_block(&|tile| late.tile(tile)).unwrap().is_some() {}
    let (early, late) = (early.into_trains(), late.into_trains());
    // Before the first block, nothing is known of the neurons.
    let trains: Vec<Vec<u32>> = match at {
        0 => late.iter().map(<[u32]>::to_vec).collect(),
        _ => early.iter().zip(late.iter()).map(|(a, b)| [a, b].concat()).collect(),
    };
    (SpikeTrains::from_trains(&trains), second.save().unwrap())
}

fn experiments() -> Vec<String> {
    let work = "neurons=150 duration=300 stimulus.amplitude=uniform(220,400)";
    let mut all: Vec<String> = [
        "neurons=150 duration=300 noise.kind=none",
        "neurons=150 duration=300 noise.kind=ou noise.common=0.3 v_th=normal(-55,1)",
        "neurons=150 duration=300 noise.kind=white noise.common=0.5 integrator=bridge",
        "model=hodgkin_huxley neurons=70 duration=200 noise.sigma=1",
        "model=hodgkin_huxley_channels neurons=40 duration=200",
        "model=izhikevich neurons=150 duration=300",
        // The model's streams come before the source's state.
        "model=hodgkin_huxley_channels neurons=40 duration=200 x.kind=sine x.amplitude=3",
    ]
    .map(str::to_owned)
    .to_vec();
    for source in ["sine", "pink", "shot", "ou_pair", "chirp"] {
        all.push(format!("{work} x.kind={source}"));
    }
    all.push(format!("{work} x.kind=steps x.at=10,100,200 x.to=20,-30,50"));
    all.push(format!("{work} x.kind=point_conductance x.mean_e=6 x.sigma_e=1"));
    all
}

/// Two CPU engines, as those of two devices.
fn engines_twice() -> Vec<Box<dyn Engine>> {
    vec![Box::new(cpu()), Box::new(cpu())]
}

#[test]
fn what_is_saved_is_all_that_goes_on() {
    let engines = engines().into_iter().chain([
        Box::new(cpu().interpreting()) as Box<dyn Engine>,
        loligo::engine::cpu::double("a test"),
        Box::new(Several::new(engines_twice(), "a test".into())),
    ]);
    for engine in engines {
        for text in experiments() {
            let experiment = experiment(&text);
            let engine = [engine.as_ref(); 2];
            let (whole, state) = cut(engine, &experiment, 0);
            assert!(whole.spikes() > 100, "{text}");
            for at in [32, 1248] {
                let (parts, end) = cut(engine, &experiment, at);
                assert_eq!(parts, whole, "{text}, {at} on {:?}", engine[0].info());
                assert_eq!(end, state, "{text}, {at} on {:?}", engine[0].info());
            }
        }
    }
}

#[test]
fn one_engine_goes_on_where_another_was() {
    let engines = engines();
    let [cpu, gpu] = &engines[..] else { return };
    for text in experiments() {
        let experiment = experiment(&text);
        let (whole, _) = cut([cpu.as_ref(); 2], &experiment, 0);
        for pair in [[cpu.as_ref(), gpu.as_ref()], [gpu.as_ref(), cpu.as_ref()]] {
            let (parts, _) = cut(pair, &experiment, 1248);
            let share = crate::common::coincidence(&parts, &whole, 2);
            assert!(share > 0.99, "{text}: {share}");
        }
        // What is of another experiment is refused.
        let other = crate::common::experiment(&text.replace("neurons=", "neurons=1"));
        let blocks = Blocks { raster: false, words: None };
        for engine in &engines {
            let rows = engine.start(&experiment, blocks, &mut || true).unwrap().save().unwrap();
            let refused = engine.start(&other, blocks, &mut || true).unwrap().load(32, &rows);
            assert!(refused.unwrap_err().to_string().contains("does not fit"), "{text}");
        }
    }
}

fn command(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loligo"));
    command.args(arguments.split_whitespace()).current_dir(folder).env("NO_COLOR", "1");
    command.stderr(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    command
}

fn loligo(folder: &Path, arguments: &str) -> Output {
    command(folder, arguments).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const CHECKPOINT: &str = ".out.unfinished/checkpoint.npz";

/// Starts a run and ends it by a signal once it has a checkpoint, so far after it as is told.
#[cfg(unix)]
fn ended(folder: &Path, arguments: &str, signal: &str, after: Duration) -> Output {
    let child = command(folder, arguments).spawn().unwrap();
    let start = Instant::now();
    while !folder.join(CHECKPOINT).exists() && start.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(after);
    Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    child.wait_with_output().unwrap()
}

#[cfg(unix)]
#[test]
fn killed_at_any_moment_a_run_goes_on() {
    let works = [
        "run --neurons 3000 --duration 8s --format npz,parquet,sonata,nwb --noise ou --engine cpu --quiet",
        "run --neurons 4000 --duration 20s --record intervals --engine cpu --quiet",
        "run --neurons 3000 --duration 8s --engine cpu --quiet",
    ];
    for (n, work) in works.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert!(loligo(folder, &format!("{work} --out whole")).status.success());
        let every = ["100ms", "wall:0.02s", "wall:10ms"][n];
        let run = format!("{work} --checkpoint {every} --out out");
        let mut went_on = 0;
        for k in 0..4 {
            let after = Duration::from_millis(37 * k * (n as u64 + 1) % 90);
            ended(folder, &run, "-KILL", after);
            if folder.join(CHECKPOINT).exists() {
                // Another run does not take its place.
                let refused = loligo(folder, &run);
                assert_eq!(refused.status.code(), Some(2));
                assert!(
                    stderr(&refused).contains("go on with `loligo resume out`"),
                    "{}",
                    stderr(&refused)
                );
                ended(folder, "resume out --engine cpu --quiet", "-KILL", after);
                went_on += 1;
            }
            let output = loligo(folder, "resume out --engine cpu --quiet");
            assert!(output.status.success(), "{}", stderr(&output));
            crate::shards::assert_same(folder, ["whole", "out"]);
            std::fs::remove_dir_all(folder.join("out")).unwrap();
        }
        assert!(went_on > 0, "no run was killed in time");
    }
}

/// A file that grows too large, among the last files or while spikes come.
#[cfg(unix)]
#[test]
fn what_cannot_be_written_is_written_when_it_can_be() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let work = "run --neurons 300 --duration 400ms --set stimulus.amplitude=300 --engine cpu --quiet --figures none";
    let limited = |blocks: u32, arguments: &str| {
        let line = format!("ulimit -f {blocks}; exec \"$0\" {arguments}");
        let mut command = Command::new("bash");
        command.args(["-c", &line, env!("CARGO_BIN_EXE_loligo")]).current_dir(folder);
        command.env("NO_COLOR", "1").output().unwrap()
    };
    assert!(loligo(folder, &format!("{work} --format sonata --out whole")).status.success());
    // In blocks of 1 KiB: enough for the checkpoint and the spikes as they come, not for their file.
    let output = limited(400, &format!("{work} --format sonata --checkpoint 100ms --out out"));
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("spikes.h5"), "{}", stderr(&output));
    assert!(!folder.join("out").exists() && folder.join(CHECKPOINT).exists());
    assert!(loligo(folder, "resume out --quiet").status.success());
    crate::shards::assert_same(folder, ["whole", "out"]);
    // Without a checkpoint, there are tables of all steps that were done, and no spikes that end before; nothing is left over.
    let output = limited(
        200,
        &format!("{work} --neurons 3000 --duration 2s --format npz,parquet --out short"),
    );
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    for file in ["spikes.npz", "spikes.parquet"] {
        assert!(!folder.join("short").join(file).exists(), "{file}");
    }
    let rows = std::fs::read_to_string(folder.join("short/rate.csv")).unwrap();
    let rate = |row: &str| row.rsplit(',').next().unwrap().parse::<f64>().unwrap();
    assert!(rows.lines().skip(1).any(|row| rate(row) > 50.0), "{rows}");
    assert!(!folder.join(".short.unfinished").exists());
}

/// Folders of others, links to folders, and what an old summary does not mean.
#[cfg(unix)]
#[test]
fn what_was_there_before_stays() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let work = "run --neurons 4000 --duration 20s --record intervals --engine cpu --quiet";
    std::fs::create_dir(folder.join("real")).unwrap();
    std::fs::write(folder.join("real/checkpoint.npz"), "mine").unwrap();
    std::fs::write(folder.join("real/Snakefile"), "mine").unwrap();
    std::os::unix::fs::symlink("real", folder.join("out")).unwrap();
    let unfinished = folder.join(".real.unfinished/checkpoint.npz");
    let child = command(folder, &format!("{work} --checkpoint 100ms --out out")).spawn().unwrap();
    while !unfinished.exists() {
        std::thread::sleep(Duration::from_millis(2));
    }
    Command::new("kill").args(["-KILL", &child.id().to_string()]).status().unwrap();
    child.wait_with_output().unwrap();
    let output = loligo(folder, "resume out --engine cpu --quiet");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(folder.join("real/summary.json").exists() && !unfinished.exists());
    for name in ["checkpoint.npz", "Snakefile"] {
        assert_eq!(
            std::fs::read_to_string(folder.join("real").join(name)).unwrap(),
            "mine",
            "{name}"
        );
    }
    // Another run over these results, ended before it had a checkpoint, is not the one that is done.
    let again = format!("{work} --checkpoint 19s --out out --force");
    let child = command(folder, &again).spawn().unwrap();
    while !folder.join(".real.unfinished/checkpoint.toml").exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    Command::new("kill").args(["-KILL", &child.id().to_string()]).status().unwrap();
    child.wait_with_output().unwrap();
    let output = loligo(folder, "resume out");
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}

/// Killed when its results were in place, a run has left some of what it took to go on.
#[cfg(unix)]
#[test]
fn what_is_left_at_the_very_end_is_cleared_away() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let work =
        "run --neurons 3000 --duration 20s --engine cpu --quiet --figures none --format parquet";
    ended(folder, &format!("{work} --checkpoint 100ms --out out"), "-KILL", Duration::ZERO);
    let names = ["checkpoint.npz", "checkpoint.toml", "checkpoint.spikes"];
    let kept = names.map(|name| std::fs::read(folder.join(".out.unfinished").join(name)).unwrap());
    let resume = || loligo(folder, "resume out --engine cpu");
    assert!(resume().status.success());
    let files = || {
        let files = std::fs::read_dir(folder.join("out")).unwrap();
        let mut names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let done = files();
    for left in 1..=3 {
        for (name, bytes) in names.iter().zip(&kept).take(left) {
            std::fs::write(folder.join("out").join(name), bytes).unwrap();
        }
        let output = resume();
        assert!(output.status.success() && stderr(&output).contains("is done"));
        assert_eq!(files(), done, "{left}");
    }
    // Among files of others, they are put aside first.
    std::fs::create_dir(folder.join(".out.old")).unwrap();
    std::fs::write(folder.join(".out.old/checkpoint.toml"), &kept[1]).unwrap();
    assert!(stderr(&resume()).contains("is done") && !folder.join(".out.old").exists());
    // A file that is called that, but is none.
    std::fs::write(folder.join("out/checkpoint.npz"), "mine").unwrap();
    assert!(resume().status.success());
    assert!(folder.join("out/checkpoint.npz").exists());
}

#[cfg(unix)]
#[test]
fn a_run_that_is_refused_drops_no_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let work = "run --neurons 4000 --duration 20s --record intervals --engine cpu --quiet";
    ended(folder, &format!("{work} --checkpoint 100ms --out out"), "-KILL", Duration::ZERO);
    assert!(folder.join(CHECKPOINT).exists());
    let large = "run --neurons 4000000000 --duration 1000s --checkpoint 1s --out out --force";
    assert_eq!(loligo(folder, large).status.code(), Some(2));
    assert!(folder.join(CHECKPOINT).exists());
    assert!(loligo(folder, "resume out --engine cpu --quiet").status.success());
}

#[test]
fn how_often_is_a_time_above_0() {
    let folder = tempfile::tempdir().unwrap();
    for every in ["0", "wall:0", "wall:", "wall:-1s", "wall:3mV", "clock:3s", "wall:nan"] {
        let output = loligo(folder.path(), &format!("run --checkpoint {every} --out o"));
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{every}: {message}");
        assert!(message.contains("give for example 10s, or wall:10min"), "{every}: {message}");
        assert!(!folder.path().join("o").exists());
    }
}

/// A long run tells at its beginning what it takes.
#[cfg(unix)]
#[test]
fn long_runs_are_forecast() {
    use std::io::{BufRead, BufReader};
    let folder = tempfile::tempdir().unwrap();
    let long =
        "run --neurons 300000 --duration 40s --record none --engine cpu --figures none --out o";
    for (arguments, is_told) in [
        (long.to_owned(), true),
        (format!("{long} --checkpoint 1s"), true),
        (long.replace("40s", "20ms"), false),
    ] {
        let mut child = command(folder.path(), &arguments).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let told = lines.take(20).find(|line| {
            line.starts_with("note: this will take about")
                && line.contains(" MiB of memory, 44 MiB on disk")
                && line.contains("as in the first steps")
        });
        assert_eq!(told.is_some(), is_told, "{arguments}: {told:?}");
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        let _ = child.wait().unwrap();
        let _ = std::fs::remove_dir_all(folder.path().join("o"));
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_is_kept_and_broken_checkpoints_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let work = "run --neurons 2000 --duration 60s --record intervals --engine cpu";
    let run = format!("{work} --checkpoint 100ms --out out");
    let output = ended(folder, &run, "-INT", Duration::ZERO);
    assert_eq!(output.status.code(), Some(130));
    assert!(
        stderr(&output).contains("`loligo resume out` goes on from there"),
        "{}",
        stderr(&output)
    );
    assert!(!folder.join("out").exists());

    // Nothing is told where nothing is to be.
    let while_stepping = Duration::from_secs(1);
    for (n, more) in ["", "--checkpoint 100ms", "--shard 1/2"].into_iter().enumerate() {
        let output = ended(
            folder,
            &format!("{work} --duration 600s --quiet --out q{n} {more}"),
            "-INT",
            while_stepping,
        );
        assert_eq!((output.status.code(), stderr(&output)), (Some(130), String::new()), "{more}");
    }

    let path = folder.join(CHECKPOINT);
    let whole = std::fs::read(&path).unwrap();
    let refused = |said: &str| {
        let output = loligo(folder, "resume out --quiet");
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(said), "{said}: {}", stderr(&output));
        assert!(stderr(&output).contains("checkpoint"), "{}", stderr(&output));
    };
    for (n, said) in [(100, "broken"), (whole.len() / 2, "broken"), (whole.len() - 10, "broken")] {
        std::fs::write(&path, &whole[..n]).unwrap();
        refused(said);
    }
    let mut flipped = whole.clone();
    flipped[whole.len() / 3] ^= 4;
    std::fs::write(&path, &flipped).unwrap();
    refused("broken");
    std::fs::write(&path, &whole).unwrap();
    let own = folder.join(".out.unfinished/checkpoint.toml");
    let text = std::fs::read_to_string(&own).unwrap();
    std::fs::write(&own, text.replace("seed = 1", "seed = 2")).unwrap();
    refused("of another experiment");
    std::fs::write(&own, &text).unwrap();
    // In another precision it is another run.
    let output = loligo(folder, "resume out --quiet --engine cpu --precision f64");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("of f32 numbers"), "{}", stderr(&output));
    // One of two is refused.
    let child = command(folder, "resume out --engine cpu --quiet").spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let other = loligo(folder, "resume out --quiet");
    assert_eq!(other.status.code(), Some(2));
    assert!(stderr(&other).contains("another run is writing there"), "{}", stderr(&other));
    assert!(child.wait_with_output().unwrap().status.success());
    assert!(loligo(folder, "resume out").status.success());

    for (arguments, said) in [
        ("resume nothing", "no run was ended there at a checkpoint"),
        ("run --checkpoint 0 --out o", "--checkpoint 0"),
        ("run --checkpoint 3mV --out o", "a voltage, but a time is wanted"),
        ("run --checkpoint 1s --json", "a checkpoint needs a folder"),
        ("run --checkpoint 1s --shard 1/2 --out o", "cannot be used with"),
    ] {
        let output = loligo(folder, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {}", stderr(&output));
        assert!(stderr(&output).contains(said), "{arguments}: {}", stderr(&output));
        assert!(!folder.join("o").exists() && !folder.join(".o.unfinished").exists());
    }
}
