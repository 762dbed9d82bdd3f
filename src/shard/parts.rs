//! Shards as they are kept in folders: written, and read to be put together.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::definition::{ARRAYS, SPIKES, Shard};
use super::join::SpikesOf;
use crate::engine::EngineInfo;
use crate::error::{Error, Place, Problem};
use crate::experiment::Experiment;
use crate::output::folder::{Folder, WriteSeek, io_error};
use crate::output::{EXPERIMENT, SUMMARY};
use crate::simulation::Plan;
use crate::sink::Record;

/// A folder with a shard.
#[derive(Clone, Debug)]
pub struct Part {
    /// The folder.
    pub folder: PathBuf,
    /// Counts and sums.
    pub shard: Shard,
    /// Its experiment, as a file.
    pub experiment: String,
    summary: Value,
}

impl Part {
    /// Its file of spikes.
    pub fn spikes(&self) -> SpikesOf {
        SpikesOf {
            path: self.folder.join(SPIKES),
            content: self.shard.spikes.unwrap_or_default(),
            neurons: self.shard.neurons.clone(),
        }
    }
}

impl Shard {
    /// Writes a shard of an experiment, which is also told as a file, into a folder that has its spikes; returns the summary.
    ///
    /// # Errors
    /// If writing fails.
    pub fn finish(
        &self,
        folder: &Folder,
        (experiment, text): (&Experiment, &str),
        (record, engine, seconds): (Record, &EngineInfo, f64),
    ) -> Result<String, Error> {
        self.write(folder)?;
        let write = |name: &str, text: &str| {
            folder.write(name, |file: &mut dyn WriteSeek| {
                file.write_all(text.as_bytes()).map_err(io_error)
            })
        };
        write(EXPERIMENT, text)?;
        let [index, of] = self.index;
        let summary = json!({
            "loligo": env!("CARGO_PKG_VERSION"),
            "seed": experiment.seed(),
            "shard": {
                "index": index + 1,
                "of": of,
                "first_neuron": self.neurons.start,
                "neurons": self.neurons.len(),
            },
            "steps": self.steps,
            "dt_ms": experiment.dt_ms(),
            "record": record.to_string(),
            "engine": engine,
            "timing": { "total_s": seconds },
        });
        let summary = serde_json::to_string_pretty(&summary).map_err(io_error)? + "\n";
        write(SUMMARY, &summary)?;
        folder.finish()?;
        Ok(summary)
    }
}

/// Reads all shards of an experiment, in the order of their neurons.
///
/// # Errors
/// If one is broken or missing, is there twice, or is of another experiment.
pub fn read_parts(folders: &[PathBuf]) -> Result<Vec<Part>, Error> {
    let mut parts = folders.iter().map(|folder| read(folder)).collect::<Result<Vec<_>, _>>()?;
    parts.sort_by_key(|part| part.shard.index);
    check(&parts)?;
    Ok(parts)
}

/// Refuses shards that do not have what their experiment says.
///
/// # Errors
/// Which of them.
pub fn check_parts(
    parts: &[Part],
    experiment: &Experiment,
    plan: Plan,
    has_spikes: bool,
) -> Result<(), Error> {
    match parts.iter().find(|part| !part.shard.fits(experiment, plan, has_spikes)) {
        None => Ok(()),
        Some(part) => {
            let message = "this shard is not what its experiment says";
            Err(refused(&part.folder, message, "simulate it once more"))
        }
    }
}

/// The time that all shards took together (s).
pub fn seconds_of(parts: &[Part]) -> f64 {
    let seconds = |part: &Part| part.summary["timing"]["total_s"].as_f64().unwrap_or_default();
    parts.iter().map(seconds).sum::<f64>().max(0.0)
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
    let summary = serde_json::from_str(&text(SUMMARY)?).map_err(|error| {
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
    let Some(first) = parts.first() else {
        let remedy = "name the folders of all";
        return Err(Problem::new("there are no shards", &Place::Default, remedy).into());
    };
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

/// The engines of the shards, as one.
pub fn engine_of(parts: &[Part]) -> EngineInfo {
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
