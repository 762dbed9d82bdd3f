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
        "--format parquet,npz,sonata --from 50",
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
