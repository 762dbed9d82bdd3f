//! Full disks, memory and files that are limited, disks that cannot be written to, closed streams, signals: each by the real
//! thing, made by a shell. What a machine does not allow (a mount, a cgroup) is skipped with a word there.
#![cfg(unix)]

use std::process::{Command, Output};

use crate::cli::text;

/// Runs a script, with the program as `$L`, in an empty folder; `$F` is that folder.
fn script(body: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("bash");
    command.args(["-c", body]).current_dir(folder.path()).env("NO_COLOR", "1");
    command.env("L", env!("CARGO_BIN_EXE_loligo")).env("F", folder.path());
    command.output().unwrap()
}

/// The same with a small file system in the folder `disk`; none where that cannot be mounted.
fn on_small_disk(size: &str, body: &str) -> Option<Output> {
    let mount = format!("mkdir disk && mount -t tmpfs -o size={size} tmpfs disk");
    let inside = |body: &str| {
        let body = format!("{mount} || exit 77; cd disk; {body}");
        script(&format!("unshare -rm bash -c '{}'", body.replace('\'', "'\\''")))
    };
    if inside("true").status.code() != Some(0) {
        eprintln!("skipped: no file system can be mounted here");
        return None;
    }
    Some(inside(body))
}

#[test]
fn a_disk_that_is_full_is_told_and_nothing_is_left() {
    let refused = "$L run --neurons 20000 --duration 10s --engine cpu --out o; echo $?; ls -A";
    let Some(output) = on_small_disk("8m", refused) else { return };
    assert_eq!(text(&output.stdout), "2\n", "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("of disk"), "{}", text(&output.stderr));

    // Somebody else fills it meanwhile: with a checkpoint, what is missing is made when there is room.
    let filled = "
        work='run --neurons 2000 --duration 4s --engine cpu --quiet --figures none --set stimulus.amplitude=300'
        $L $work --out whole
        $L $work --checkpoint 100ms --out o & run=$!
        until [ -e .o.unfinished/checkpoint.npz ]; do sleep 0.01; done
        head -c 100M /dev/zero > hog
        wait $run; echo $?; ls -A
        rm hog; $L resume o --engine cpu --quiet; echo $?; rm whole/summary.json
        for file in whole/*; do cmp $file o/${file#whole/}; done; echo same; ls -A";
    let Some(output) = on_small_disk("48m", filled) else { return };
    let said = text(&output.stderr);
    assert_eq!(text(&output.stdout), "1\n.o.unfinished\nhog\nwhole\n0\nsame\no\nwhole\n", "{said}");
    assert!(said.contains("cannot write") && said.contains("No space left"), "{said}");

    // Without one, no file of spikes is left.
    let without = "
        $L run --neurons 2000 --duration 8s --engine cpu --quiet --format parquet --out o & run=$!
        until [ -e .o.unfinished ]; do sleep 0.01; done
        head -c 100M /dev/zero > hog
        wait $run; echo $?; ls -A; ls o | grep parquet";
    let Some(output) = on_small_disk("48m", without) else { return };
    let said = text(&output.stderr);
    // Statistics of what was done are kept, where they fit.
    let told = text(&output.stdout);
    assert!(["1\nhog\no\n", "1\nhog\n"].contains(&&*told), "{told}{said}");
    assert!(said.contains("No space left"), "{said}");
}

#[test]
fn a_disk_that_cannot_be_written_to_is_told() {
    let body =
        "mount -o remount,ro disk; cd /; $L run --neurons 5 --duration 20 --out $F/disk/o; echo $?";
    let body = format!("cd ..; {body}");
    let Some(output) = on_small_disk("8m", &body) else { return };
    let said = text(&output.stderr);
    assert_eq!(text(&output.stdout), "2\n", "{said}");
    assert!(said.contains("Read-only file system") && said.contains("--out"), "{said}");
}

#[test]
fn memory_that_is_limited_is_looked_at() {
    // Of the address space.
    let output = script(
        "export RAYON_NUM_THREADS=2; ulimit -v 600000; $L run --neurons 100000 --duration 10s --engine cpu --out o; echo $?; ls -A",
    );
    let said = text(&output.stderr);
    assert_eq!(text(&output.stdout), "2\n", "{said}");
    assert!(said.contains("of memory") && said.contains("--record intervals"), "{said}");
    // Of a group: the second version of cgroups, or the first.
    let output = script(
        "for group in /sys/fs/cgroup/memory/loligo.$$ /sys/fs/cgroup/loligo.$$; do
            mkdir $group 2>/dev/null || continue
            for limit in memory.limit_in_bytes memory.max; do
                if [ -e $group/$limit ] && echo 300M > $group/$limit 2>/dev/null; then
                    (echo $BASHPID > $group/cgroup.procs || exit 77
                    exec $L run --neurons 100000 --duration 10s --engine cpu --out o); echo $?
                    ls -A; rmdir $group; exit 0
                fi
            done
            rmdir $group
        done; echo none",
    );
    let said = text(&output.stderr);
    match &*text(&output.stdout) {
        "none\n" | "77\n" => eprintln!("skipped: no group can be made here"),
        told => {
            assert_eq!(told, "2\n", "{said}");
            assert!(said.contains("of memory"), "{said}");
        }
    }
}

#[test]
fn files_that_are_limited_are_told() {
    let output = script(
        "ulimit -f 100; $L run --neurons 3000 --duration 1s --engine cpu --out o | tail -n 1; echo ${PIPESTATUS[0]}; ls -A
         for file in o/*.csv; do tail -c 1 $file | od -An -c; done; ls o | grep -E 'intervals.csv|npz'",
    );
    let (told, said) = (text(&output.stdout), text(&output.stderr));
    // What fits is kept, whole, and told.
    let kept = "o: summary.json rate.csv histogram.csv spectrum.csv";
    assert!(told.starts_with(kept), "{told}{said}");
    assert!(told.ends_with("\n1\no\n  \\n\n  \\n\n  \\n\n"), "{told}{said}");
    assert!(said.contains("cannot write") && said.contains("File too large"), "{said}");
}

#[test]
fn closed_streams_are_no_end() {
    let work = "$L run --neurons 5 --duration 100 --engine cpu --out o";
    for streams in [">&-", "2>&- >/dev/null", ">&- 2>&- <&-"] {
        let output = script(&format!("{work} {streams}; echo $?; ls o | wc -l"));
        let told = text(&output.stdout);
        let (code, files) = told.trim_end().split_once('\n').unwrap();
        // What was to be printed is lost, and that may be told; no file is.
        assert!(["0", "1"].contains(&code), "{streams}: {told}");
        assert!(files.trim().parse::<usize>().unwrap() >= 10, "{streams}: {told}");
    }
}

#[test]
fn signals_keep_what_is_done() {
    for signal in ["INT", "TERM", "HUP"] {
        let output = script(&format!(
            "set -m; $L run --neurons 2000 --duration 1000s --record intervals --engine cpu --figures none --out o 2>err & run=$!
             until grep -q engine err; do sleep 0.01; done
             sleep 1; kill -{signal} $run; wait $run; echo $?; ls o; cat err >&2; rm err; ls -A"
        ));
        let (told, said) = (text(&output.stdout), text(&output.stderr));
        assert!(told.contains("\n130\n"), "{signal}: {told}{said}");
        assert!(told.contains("intervals.csv") && told.ends_with("\no\n"), "{signal}: {told}");
        assert!(said.contains("what was done is kept"), "{signal}: {said}");
    }
}

/// Long before its first step, and in steps that take long.
#[test]
fn ctrl_c_leaves_a_whole_folder_or_none() {
    for work in [
        "--neurons 6000000 --duration 10ms --record none",
        "--neurons 300000 --duration 400ms --record none --precision f64 --model hodgkin_huxley",
    ] {
        let output = script(&format!(
            "set -m; $L run {work} --engine cpu --figures none --out o >out 2>err & run=$!
             until grep -q engine err; do sleep 0.01; done
             sleep 0.3; kill -INT $run; wait $run; echo $?; rm out err; ls -A"
        ));
        let told = text(&output.stdout);
        // Ended in time or before: a folder of what was done, or none.
        assert!(["130\n", "130\no\n", "0\no\n"].contains(&&*told), "{work}: {told}");
    }
}
