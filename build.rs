//! Tells the program which commit it is of, where it is built from a checkout: a report of a benchmark names it.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=LOLIGO_COMMIT");
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    // The speed of other builds is nobody's, and a new commit would compile them anew.
    if !is_release {
        return;
    }
    for path in git(&["rev-parse", "--git-path", "logs/HEAD"]).into_iter() {
        println!("cargo::rerun-if-changed={path}");
    }
    let commit =
        std::env::var("LOLIGO_COMMIT").ok().or_else(|| git(&["rev-parse", "--short=12", "HEAD"]));
    if let Some(commit) = commit {
        println!("cargo::rustc-env=LOLIGO_COMMIT={commit}");
    }
}

/// What git says, if there is one, and a checkout.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}
