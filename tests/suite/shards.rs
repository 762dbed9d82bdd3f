//! Shards: parts that are simulated apart and put together are the whole, byte for byte.

use std::path::Path;
use std::process::{Command, Output};

fn loligo(folder: &Path, arguments: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loligo"));
    command.args(arguments.split_whitespace()).current_dir(folder).env("NO_COLOR", "1");
    command.output().unwrap()
}

fn done(folder: &Path, arguments: &str) {
    let output = loligo(folder, arguments);
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

fn refused(folder: &Path, arguments: &str, said: &str) {
    let output = loligo(folder, arguments);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{arguments}: {message}");
    assert!(message.contains(said), "{arguments}: {message}");
    assert_eq!(message.matches("error: ").count(), 1, "{message}");
}

/// All files of two folders are the same, but for what the summary tells of engine and time.
pub fn assert_same(folder: &Path, [a, b]: [&str; 2]) {
    let names = |of: &str| {
        let entries = std::fs::read_dir(folder.join(of)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names(a), names(b));
    for name in names(a) {
        let [a, b] = [a, b].map(|of| std::fs::read(folder.join(of).join(&name)).unwrap());
        if name != "summary.json" {
            assert!(a == b, "{name:?}");
            continue;
        }
        let [a, b] = [a, b].map(|text| {
            let mut summary: serde_json::Value = serde_json::from_slice(&text).unwrap();
            let object = summary.as_object_mut().unwrap();
            object.remove("engine").unwrap();
            object.remove("timing").unwrap();
            summary
        });
        assert_eq!(a, b);
    }
}

#[test]
fn shards_put_together_are_the_whole() {
    let mut engines = vec!["cpu"];
    engines.extend(crate::common::device().map(|_| "gpu"));
    let records = [
        "",
        "--record intervals --from 50",
        "--record sample:9",
        "--record none",
        "--format parquet,npz,sonata,nwb --from 50",
    ];
    let work =
        "--neurons 500 --duration 300ms --noise ou --set noise.common=0.3 --set v_th=normal(-55,1)";
    for (engine, record) in engines.iter().flat_map(|engine| records.map(|record| (engine, record)))
    {
        let folder = tempfile::tempdir().unwrap();
        let flags = format!("{work} --engine {engine} {record}");
        done(folder.path(), &format!("run {flags} --out whole"));
        for k in 1..=3 {
            done(folder.path(), &format!("run {flags} --shard {k}/3 --out s{k}"));
        }
        done(folder.path(), "merge s3 s1 s2 --out merged");
        assert_same(folder.path(), ["whole", "merged"]);
    }
}

#[test]
fn shards_of_a_grid_are_a_grid() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let work = "compare --neurons 30 --duration 300ms --sweep stimulus.amplitude=200:300:20";
    done(folder, &format!("{work} --out whole"));
    // Shards end within a population.
    for k in 1..=4 {
        done(folder, &format!("{work} --shard {k}/4 --out s{k}"));
    }
    done(folder, "merge s1 s2 s3 s4 --out merged");
    assert_same(folder, ["whole", "merged"]);
}

#[test]
fn wrong_shards_are_refused_and_done_ones_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let work = "run --neurons 20 --duration 100ms --quiet";
    for k in [1, 2] {
        done(folder, &format!("{work} --shard {k}/3 --out s{k}"));
    }
    done(folder, &format!("{work} --shard 1/3 --out twice"));
    done(folder, &format!("{work} --shard 3/3 --seed 2 --out other"));
    done(folder, &format!("{work} --shard 3/4 --out of_four"));
    done(folder, &format!("{work} --out whole"));
    refused(folder, "merge s1 s2 --out m", "the shard 3/3 is missing");
    refused(folder, "merge s1 twice s2 --out m", "this is shard 1 of 3, and so is");
    refused(
        folder,
        "merge s1 s2 other --out m",
        "of another experiment than s1: `seed = 2`, there `seed = 1`",
    );
    refused(folder, "merge s1 s2 of_four --out m", "this is a shard of 4, but s1 is one of 3");
    refused(folder, "merge s1 whole --out m", "holds no shard");
    refused(folder, "merge --out m", "DIR");
    for shard in ["0/3", "4/3", "1", "a/b", "1/0", "-1/3"] {
        refused(folder, &format!("{work} --shard={shard} --out m"), "is no shard");
    }
    refused(folder, &format!("{work} --shard 1/21 --out m"), "21 shards, but 20 neurons");
    refused(folder, &format!("{work} --json --shard 1/3"), "a shard needs a folder");
    assert!(!folder.join("m").exists());
    // A rerun of what is done is nothing, one of something else is refused.
    let before = std::fs::metadata(folder.join("s1/shard.npz")).unwrap().modified().unwrap();
    done(folder, &format!("{work} --shard 1/3 --out s1"));
    assert_eq!(std::fs::metadata(folder.join("s1/shard.npz")).unwrap().modified().unwrap(), before);
    refused(folder, &format!("{work} --shard 2/3 --out s1"), "--force");
    assert_eq!(
        loligo(folder, "merge s1 s1 --out m").status.code(),
        Some(2),
        "a folder that is named twice"
    );
    // A broken one is told.
    let path = folder.join("s2/shard.npz");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes.truncate(middle);
    std::fs::write(&path, bytes).unwrap();
    let output = loligo(folder, "merge s1 s2 other --out m");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("s2/shard.npz"));
}

/// What was done to a file of a shard, and what is said of it.
#[test]
fn a_shard_that_is_not_what_was_written_is_refused() {
    type Change = fn(&mut Vec<u8>);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let work = "run --neurons 60 --duration 200ms --from 100ms --quiet";
    for (record, suffix) in [("--format parquet", "p"), ("--record intervals", "i"), ("", "s")] {
        for k in [1, 2] {
            done(folder, &format!("{work} {record} --shard {k}/2 --out {suffix}{k}"));
        }
    }
    let changes: [(&str, Change); 4] = [
        ("emptied", Vec::clear),
        ("cut", |bytes| bytes.truncate(bytes.len() - 4)),
        ("a step", |bytes| *bytes.last_mut().unwrap() ^= 1),
        ("a neuron", |bytes| bytes[11] ^= 0x40),
    ];
    for shard in ["p", "s"] {
        let path = folder.join(format!("{shard}2/shard.spikes"));
        let whole = std::fs::read(&path).unwrap();
        for (what, change) in changes {
            let mut bytes = whole.clone();
            change(&mut bytes);
            std::fs::write(&path, bytes).unwrap();
            let output = loligo(folder, &format!("merge {shard}1 {shard}2 --out m"));
            let message = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{what}: {message}");
            assert!(
                message.contains("2/shard.spikes: ") && message.contains("simulate it once more"),
                "{what}: {message}"
            );
            assert!(!folder.join("m").exists());
        }
        // That of the other shard.
        std::fs::copy(folder.join(format!("{shard}1/shard.spikes")), &path).unwrap();
        refused(folder, &format!("merge {shard}1 {shard}2 --out m"), "2/shard.spikes: ");
        std::fs::write(&path, whole).unwrap();
    }
    // Sums of other neurons, or of another way to record.
    for (own, others) in [("i2", "i1"), ("i2", "p2"), ("p2", "i2"), ("s2", "i2")] {
        let path = folder.join(own).join("shard.npz");
        let whole = std::fs::read(&path).unwrap();
        std::fs::copy(folder.join(others).join("shard.npz"), &path).unwrap();
        let first = own.replace('2', "1");
        let output = loligo(folder, &format!("merge {first} {own} --out m"));
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{own} {others}: {message}");
        std::fs::write(&path, whole).unwrap();
    }
    // Without a folder, rates are those of the window as well.
    let json = |arguments: &str| -> serde_json::Value {
        serde_json::from_slice(&loligo(folder, arguments).stdout).unwrap()
    };
    let whole = json(&format!("{work} --format parquet --json"));
    let merged = json("merge p1 p2 --json");
    assert!(whole["populations"][0]["spikes"].as_u64().unwrap() > 100);
    for key in ["spikes", "rate_hz", "isi_ms"] {
        assert_eq!(whole["populations"][0][key], merged["populations"][0][key], "{key}");
    }
}

/// More than the files that are read at a time.
#[test]
fn very_many_shards_are_put_together() {
    use loligo::shard::{SpikesOf, join_spikes};
    use loligo::sink::Spool;
    use loligo::spikes::Spikes;
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let mut spools = Vec::new();
    let mut wanted: Vec<(u32, u32)> = Vec::new();
    for n in 0..450u32 {
        let path = folder.path().join(n.to_string());
        let mut spool = Spool::create(&path).unwrap();
        for block in 0..3u32 {
            let steps: Vec<u32> = (0..5).map(|k| 2000 * block + 300 * k + n % 7).collect();
            wanted.extend(steps.iter().map(|step| (*step, n)));
            spool.append(&Spikes { neurons: vec![n; 5], steps }).unwrap();
        }
        files.push(SpikesOf {
            path,
            content: spool.content(),
            neurons: n as usize..n as usize + 1,
        });
        spools.push(spool);
    }
    wanted.sort_unstable();
    let mut all = Spool::create(&folder.path().join("all")).unwrap();
    join_spikes(&files, 6000, &mut all, &mut || true).unwrap();
    // It can be ended.
    let mut asked = 0;
    let mut twice = || {
        asked += 1;
        asked < 3
    };
    let mut early = Spool::create(&folder.path().join("early")).unwrap();
    let ended = join_spikes(&files, 6000, &mut early, &mut twice).unwrap_err();
    assert!(matches!(ended, loligo::error::Error::Ended));
    let mut found = Vec::new();
    let mut take = |some: &Spikes| {
        found.extend(some.steps.iter().copied().zip(some.neurons.iter().copied()));
        Ok(())
    };
    all.read(&mut take).unwrap();
    assert_eq!(found, wanted);
    // A spike of another's neuron, or after the end.
    files[7].neurons = 8..9;
    let mut other = Spool::create(&folder.path().join("other")).unwrap();
    assert!(join_spikes(&files, 6000, &mut other, &mut || true).is_err());
    files[7].neurons = 7..8;
    let mut other = Spool::create(&folder.path().join("another")).unwrap();
    assert!(join_spikes(&files, 5000, &mut other, &mut || true).is_err());
}

#[test]
fn scripts_are_of_the_experiment_and_overwrite_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("plan"), "neurons = 30\nduration = 100\n").unwrap();
    let output = loligo(folder, "plan plan --shards 3 --checkpoint 1s --seed 4");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("loligo run plan --seed 4 --quiet --shard"), "{text}");
    assert!(!text.contains("--checkpoint") && text.contains("10 neurons"), "{text}");
    std::fs::create_dir(folder.join("mine")).unwrap();
    std::fs::write(folder.join("mine/Snakefile"), "mine").unwrap();
    refused(folder, "plan plan --shards 3 --out mine", "Snakefile already");
    assert_eq!(std::fs::read_to_string(folder.join("mine/Snakefile")).unwrap(), "mine");
    // A project's own scripts are no results.
    done(folder, "run plan --out mine --quiet");
    assert_eq!(std::fs::read_to_string(folder.join("mine/Snakefile")).unwrap(), "mine");
}
