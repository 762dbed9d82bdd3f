//! `loligo merge DIR..`: makes one result of the shards of an experiment, the same as of one run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::args::{EXPERIMENT, OutputArgs, TargetArgs};
use super::outcome::{Outcome, ended};
use super::work::Report;
use super::work::{Done, Work};
use super::{compare, interrupt, run};
use loligo::document::read_toml;
use loligo::engine::EngineInfo;
use loligo::error::{Error, Place, Problem};
use loligo::experiment::Experiment;
use loligo::shard::{ARRAYS, SPIKES, Shard, SpikesOf, join_spikes, together};
use loligo::sink::Spool;
use loligo::{Plan, Record};

/// Flags of `loligo merge`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Args {
    /// The folders of all shards, in any order
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    #[command(flatten)]
    target: TargetArgs,
}

/// A folder with a shard.
struct Part {
    folder: PathBuf,
    shard: Shard,
    /// Its experiment, as a file.
    experiment: String,
    summary: Value,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let mut parts =
        args.folders.iter().map(|folder| read(folder)).collect::<Result<Vec<_>, _>>()?;
    parts.sort_by_key(|part| part.shard.index);
    check(&parts)?;
    let document = read_toml(&parts[0].folder.join(EXPERIMENT))?;
    let experiment = Experiment::new(&document, &[])?;
    let output = OutputArgs::only(args.target.clone());
    match document.sweeps.is_empty() {
        true => run::reported(&document, &[], |report| merge(&experiment, &output, report, parts)),
        false => compare::reported(&experiment, &document, &[], |report| {
            merge(&experiment, &output, report, parts)
        }),
    }
}

fn refused(folder: &Path, message: impl Into<String>, remedy: &str) -> Error {
    let place = Place::Flag(folder.display().to_string());
    Problem::new(message, &place, remedy).into()
}

/// Reads a shard.
fn read(folder: &Path) -> Result<Part, Error> {
    if !folder.join(ARRAYS).is_file() {
        let remedy = "name a folder that `loligo run --shard K/N` has written";
        return Err(refused(folder, "this folder holds no shard", remedy));
    }
    let text = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).map_err(|source| Error::Io { action: "read", path, source })
    };
    let summary = serde_json::from_str(&text("summary.json")?).map_err(|error| {
        refused(
            folder,
            format!("its summary.json is broken: {error}"),
            "simulate the shard once more",
        )
    })?;
    let (shard, experiment) = (Shard::read(folder)?, text(EXPERIMENT)?);
    Ok(Part { folder: folder.to_owned(), shard, experiment, summary })
}

/// The lines of a shard's experiment: without the command line, which may name another engine.
fn settings(part: &Part) -> impl Iterator<Item = &str> {
    part.experiment.lines().filter(|line| !line.starts_with('#'))
}

/// Refuses shards that are not all of one experiment, each once.
fn check(parts: &[Part]) -> Result<(), Error> {
    let first = &parts[0];
    let [_, of] = first.shard.index;
    for part in parts {
        let against = first.folder.display();
        let [index, of_own] = part.shard.index;
        if settings(part).ne(settings(first)) {
            let differs = settings(part).zip(settings(first)).find(|(own, other)| own != other);
            let differs =
                differs.map_or(String::new(), |(own, other)| format!(": `{own}`, there `{other}`"));
            let message = format!("this is a shard of another experiment than {against}{differs}");
            return Err(refused(&part.folder, message, "leave it out"));
        }
        if of_own != of {
            let message = format!("this is a shard of {of_own}, but {against} is one of {of}");
            return Err(refused(&part.folder, message, "merge shards of one cut"));
        }
        if part.shard.steps != first.shard.steps {
            let message = format!(
                "it has {} steps, but {against} has {}",
                part.shard.steps, first.shard.steps
            );
            return Err(refused(&part.folder, message, "simulate it once more"));
        }
        if let Some(other) = parts
            .iter()
            .find(|other| other.shard.index == part.shard.index && other.folder != part.folder)
        {
            let message = format!(
                "this is shard {} of {of}, and so is {}",
                index + 1,
                other.folder.display()
            );
            return Err(refused(&part.folder, message, "leave one of them out"));
        }
    }
    let is_there = |n: &usize| parts.iter().any(|part| part.shard.index[0] == *n);
    let missing: Vec<String> =
        (0..of).filter(|n| !is_there(n)).map(|n| format!("{}/{of}", n + 1)).collect();
    if !missing.is_empty() {
        let message = format!("the shard {} is missing", missing.join(", "));
        return Err(refused(&first.folder, message, "simulate it, and name its folder too"));
    }
    if parts.len() > of {
        return Err(refused(&first.folder, "it is named twice", "name each folder once"));
    }
    Ok(())
}

/// Puts the shards together, and makes of them what a run makes.
fn merge(
    experiment: &Experiment,
    output: &OutputArgs,
    report: &Report<'_>,
    parts: Vec<Part>,
) -> Result<Outcome, Error> {
    let mut work = Work::new(experiment, output, None, report)?;
    work.complete.clone_from(&parts[0].experiment);
    let quiet = output.target.quiet;
    let interrupt = interrupt::listen(quiet, "the shards stay as they are");
    let folder = output.target.folder()?;
    let engine = engine(&parts);
    let seconds = |part: &Part| part.summary["timing"]["total_s"].as_f64().unwrap_or_default();
    let stepping = Duration::from_secs_f64(parts.iter().map(seconds).sum::<f64>().max(0.0));
    let folders: Vec<PathBuf> = parts.iter().map(|part| part.folder.clone()).collect();
    let shards: Vec<Shard> = parts.into_iter().map(|part| part.shard).collect();
    let kept = work.kept();
    let in_memory = if kept == Record::Spikes { Record::None } else { kept };
    let plan = Plan { analysis: work.choices.analysis, ..Plan::new(in_memory) };
    let has_spikes = work.choices.record == Record::Spikes;
    for (folder, shard) in folders.iter().zip(&shards) {
        if !shard.fits(experiment, plan, has_spikes) {
            let message = "this shard is not what its experiment says";
            return Err(refused(folder, message, "simulate it once more"));
        }
    }
    let temporary =
        folder.as_ref().map_or_else(std::env::temp_dir, |folder| folder.existing().to_owned());
    let mut spool = None;
    if has_spikes {
        let name = format!("spikes.{}.spool", std::process::id());
        let mut all = Spool::create(&temporary.join(name))?;
        let of = |(folder, shard): (&PathBuf, &Shard)| SpikesOf {
            path: folder.join(SPIKES),
            content: shard.spikes.unwrap_or_default(),
            neurons: shard.neurons.clone(),
        };
        let files: Vec<SpikesOf> = folders.iter().zip(&shards).map(of).collect();
        // The folder is dropped, the shards stay.
        match join_spikes(&files, experiment.steps(), &mut all, &mut || !interrupt.is_requested()) {
            Err(Error::Ended) => return Ok(ended(quiet, "the shards stay as they are")),
            joined => joined?,
        }
        spool = Some(all);
    }
    let analysis = work.choices.analysis;
    let mut simulated = together(experiment, analysis, kept, shards, spool.as_ref())?;
    simulated.stepping = stepping;
    let spool = spool.filter(|_| work.is_spooled());
    work.finish(folder, Done { simulated, spool, engine, opened: Duration::ZERO })
}

/// The engines of the shards, as one.
fn engine(parts: &[Part]) -> EngineInfo {
    let all = |key: &str| {
        let texts =
            parts.iter().map(|part| part.summary["engine"][key].as_str().unwrap_or("?").to_owned());
        let mut texts: Vec<String> = texts.collect();
        texts.sort();
        texts.dedup();
        texts.join(", ")
    };
    EngineInfo {
        kind: if all("kind") == "gpu" { "gpu" } else { "cpu" },
        device: all("device"),
        is_software: parts.iter().any(|part| part.summary["engine"]["is_software"] == true),
        precision: if all("precision") == "f64" { "f64" } else { "f32" },
        driver: all("driver"),
        reason: format!("{} shards", parts.len()),
    }
}
