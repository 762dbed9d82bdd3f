//! The commands of the page about clusters: they do what it says.

use std::path::Path;
use std::process::Command;

const PAGE: &str = include_str!("../../docs/cluster.md");

fn done(folder: &Path, program: &str, words: &[&str]) {
    let mut command = Command::new(program);
    let output = command.args(words).current_dir(folder).env("NO_COLOR", "1").output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {words:?}: {message}");
}

#[test]
fn the_commands_about_clusters_work() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let indented = || PAGE.lines().filter_map(|line| line.strip_prefix("    "));
    let experiment = indented().take_while(|line| !line.starts_with('$'));
    let experiment = experiment.collect::<Vec<_>>().join("\n");
    std::fs::write(folder.join("noisy.toml"), experiment).unwrap();
    let commands: Vec<&str> =
        indented().filter_map(|line| line.strip_prefix("$ loligo ")).collect();
    assert!(commands.len() >= 11, "{commands:?}");
    let loligo = env!("CARGO_BIN_EXE_loligo");
    for command in commands {
        done(folder, loligo, &command.split_whitespace().collect::<Vec<_>>());
    }
    // The three shards are the whole.
    done(folder, loligo, &["run", "noisy.toml", "--out", "whole", "--quiet"]);
    for name in ["spikes.npz", "intervals.csv", "raster.png", "summary.json"] {
        let [a, b] = ["whole", "results/whole"].map(|of| folder.join(of).join(name));
        assert!(b.exists(), "{name}");
        if name != "summary.json" && name != "spikes.npz" {
            assert!(std::fs::read(a).unwrap() == std::fs::read(b).unwrap(), "{name}");
        }
    }

    // The scripts do the same; that of a job array with its variable set, as its job would have it.
    #[cfg(unix)]
    {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = Path::new(loligo).parent().unwrap().to_owned();
        let paths = [own].into_iter().chain(std::env::split_paths(&path));
        let path = std::env::join_paths(paths).unwrap();
        std::fs::rename(folder.join("results"), folder.join("before")).unwrap();
        for task in 1..=3 {
            let mut job = Command::new("bash");
            job.arg("scripts/slurm.sh").current_dir(folder).env("PATH", &path);
            job.env("SLURM_ARRAY_TASK_ID", task.to_string()).env("NO_COLOR", "1");
            let output = job.output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        for (name, k) in
            ["shard.spikes", "experiment.toml"].iter().flat_map(|n| [(n, 1), (n, 2), (n, 3)])
        {
            let [a, b] =
                ["before", "results"].map(|of| folder.join(format!("{of}/shard-{k}/{name}")));
            assert!(std::fs::read(a).unwrap() == std::fs::read(b).unwrap(), "{name} of {k}");
        }
        let scripts = ["slurm.sh", "parallel.sh"].map(|name| folder.join("scripts").join(name));
        for script in scripts {
            done(folder, "bash", &["-n", script.to_str().unwrap()]);
        }
    }
}
