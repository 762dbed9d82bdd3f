//! Shards: parts of an experiment that are simulated apart and put together afterwards.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use loligo::document::read_toml;
use loligo::memory::needs;
use loligo::output::EXPERIMENT;
use loligo::output::folder::Folder;
use loligo::shard::{
    Part, SPIKES, SpikesOf, check_parts, engine_of, join_spikes, read_parts, seconds_of, together,
};
use loligo::sink::Spool;
use loligo::{Error, Plan, Record};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::choices::{Choices, section};
use crate::engine::Engine;
use crate::errors::{Raised, raised};
use crate::experiment::Experiment;
use crate::results::Results;
use crate::settings::Asked;
use crate::worker;

/// What is kept in memory, where all spikes go to a file.
fn in_memory(record: Record) -> Record {
    if record == Record::Spikes { Record::None } else { record }
}

/// Simulates the shard `index` of `of`, from 1 on, into a folder.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "keywords of Python's own function")]
#[pyo3(signature = (experiment, index, of, folder, engine, said, force))]
pub fn simulate_shard(
    py: Python<'_>,
    experiment: &Bound<'_, Experiment>,
    index: usize,
    of: usize,
    folder: &str,
    engine: &Bound<'_, Engine>,
    said: &Bound<'_, PyDict>,
    force: bool,
) -> PyResult<()> {
    let own = experiment.get();
    let neurons = own.experiment.neurons();
    if !(1..=of).contains(&index) || of > neurons {
        let message =
            format!("there is no shard {index} of {of} of {neurons} neurons; they count from 1");
        return Err(pyo3::exceptions::PyValueError::new_err(message));
    }
    let (begin, engine) = (Instant::now(), engine.get().opened(py)?);
    let choices = Choices::new(&own.experiment, said)?;
    let text = own.text(py)? + &section(choices, engine.info().precision);
    let part = own.experiment.shard(index - 1, of);
    needs::most_spikes(&part, in_memory(choices.record), 0.0, 0.0).raised(py)?;
    let plan = Plan { analysis: choices.analysis, ..Plan::new(in_memory(choices.record)) };
    let (done, interruption) = worker::work(py, None, false, |watch| {
        let folder = Folder::at(folder.as_ref(), force)?;
        let mut spool = match choices.record {
            Record::Spikes => Some(Spool::create(&folder.existing().join(SPIKES))?.kept()),
            _ => None,
        };
        let place = [index - 1, of];
        let go_on = &mut |steps| watch.go_on(steps);
        let shard = loligo::shard::simulate_shard(
            engine.as_ref(),
            &part,
            place,
            plan,
            spool.as_mut(),
            go_on,
        )?;
        if shard.steps < part.steps() {
            return Err(Error::Ended);
        }
        let how = (choices.record, engine.info(), begin.elapsed().as_secs_f64());
        shard.finish(&folder, (&part, &text), how).map(drop)
    })?;
    match interruption {
        Some(interruption) => Err(interruption),
        None => done.raised(py),
    }
}

/// The results of all shards of an experiment, by their folders.
#[pyfunction]
pub fn merge<'py>(
    py: Python<'py>,
    folders: Vec<PathBuf>,
) -> PyResult<(Bound<'py, Experiment>, Results)> {
    let parts = read_parts(&folders).raised(py)?;
    let document = read_toml(&parts[0].folder.join(EXPERIMENT)).raised(py)?;
    let said = PyDict::new(py);
    for setting in &document.run {
        said.set_item(&setting.key, setting.value.to_string())?;
    }
    let asked = Asked { document, ..Asked::default() };
    let experiment = Bound::new(py, Experiment::of(py, asked)?)?;
    let own = experiment.get().experiment.clone();
    let choices = Choices::new(&own, &said)?;
    let has_spikes = choices.record == Record::Spikes;
    let plan = Plan { analysis: choices.analysis, ..Plan::new(in_memory(choices.record)) };
    check_parts(&parts, &own, plan, has_spikes).raised(py)?;
    let (engine, seconds) = (engine_of(&parts), seconds_of(&parts));
    let (simulated, interruption) = worker::work(py, None, false, |watch| {
        let path = temporary();
        let spool = match has_spikes {
            false => None,
            true => {
                let mut spool = Spool::create(Path::new(&path))?;
                let files: Vec<SpikesOf> = parts.iter().map(Part::spikes).collect();
                join_spikes(&files, own.steps(), &mut spool, &mut || watch.go_on(0))?;
                Some(spool)
            }
        };
        let shards = parts.into_iter().map(|part| part.shard).collect();
        together(&own, choices.analysis, choices.record, shards, spool.as_ref())
    })?;
    if let Some(interruption) = interruption {
        return Err(interruption);
    }
    let mut simulated = simulated.map_err(|error| raised(py, &error))?;
    simulated.stepping = Duration::from_secs_f64(seconds);
    let results = Results::new(&experiment, simulated, engine, choices)?;
    Ok((experiment, results))
}

/// A name for a file that is there for a moment.
fn temporary() -> PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("loligo-{}-{number}.spool", std::process::id()))
}
