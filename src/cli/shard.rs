//! `--shard K/N`: simulates a part, and keeps what `loligo merge` makes the whole of.

use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use super::args::EngineArgs;
use super::outcome::{Outcome, ended};
use super::work::Work;
use super::{interrupt, progress, terminal};
use loligo::error::{Error, Place, Problem};
use loligo::memory::needs;
use loligo::output::{EXPERIMENT, SUMMARY};
use loligo::shard::{SPIKES, Shard, simulate_shard};
use loligo::sink::Spool;
use loligo::{Plan, Record};

/// What comes of a shard that is ended.
const WHOLE: &str = "a shard is kept as a whole or not at all";

/// K and N of K/N.
fn parsed(text: &str, neurons: usize) -> Result<[usize; 2], Error> {
    let wrong = |message: String, remedy: &str| {
        Error::from(Problem::new(message, &Place::Flag(format!("--shard {text}")), remedy))
    };
    let numbers = text.split_once('/').and_then(|(k, n)| Some([k.parse().ok()?, n.parse().ok()?]));
    match numbers {
        Some([index, of]) if of > neurons && index <= of => {
            let message = format!("there are {of} shards, but {neurons} neurons");
            Err(wrong(message, "use fewer shards"))
        }
        Some([index, of]) if (1..=of).contains(&index) => Ok([index - 1, of]),
        _ => {
            let remedy = "shards count from 1: write for example --shard 2/8";
            Err(wrong(format!("`{text}` is no shard"), remedy))
        }
    }
}

/// Simulates a shard.
pub fn run(work: &Work<'_>, engine: &EngineArgs, text: &str) -> Result<Outcome, Error> {
    let target = &work.output.target;
    let index = parsed(text, work.experiment.neurons())?;
    let Some(path) = target.path() else {
        let message = "a shard needs a folder";
        let place = Place::Flag(format!("--shard {text}"));
        let remedy = format!("name one: --out shard-{}", index[0] + 1);
        return Err(Problem::new(message, &place, remedy).into());
    };
    if !target.force && is_done(path, &work.complete, index) {
        if !target.quiet {
            terminal::say(&format!("shard {text} is in {} already", path.display()));
        }
        return Ok(Outcome::Done);
    }
    let begin = Instant::now();
    let interrupt = interrupt::listen(target.quiet, WHOLE);
    let part = work.experiment.shard(index[0], index[1]);
    let kept = work.kept();
    let in_memory = if kept == Record::Spikes { Record::None } else { kept };
    needs::most_spikes(&part, in_memory, 0.0, 0.0)?;
    if in_memory.is_summed() {
        // The activity of each population, step by step, and as it is written.
        let steps = part.window().steps();
        let what = || format!("the activity at {steps} steps");
        let bytes = 12.0 * f64::from(steps) * part.populations_of_part() as f64;
        loligo::memory::check(
            bytes,
            what,
            "use a shorter --duration, or a smaller --from and --to",
        )?;
    }
    let engine = work.engine(engine)?;
    work.tell(part.notes());
    // A shard has its spikes as they come, and no other files.
    let record = work.choices.record;
    let on_disk = needs::shard_on_disk(&part, record, needs::assumed(&part));
    needs::check_disk(&part, record, on_disk, &target.existing())?;
    let Some(folder) = target.folder()? else { return Ok(Outcome::Done) };
    let mut spool = match kept == Record::Spikes || work.is_spooled() {
        true => Some(Spool::create(&folder.existing().join(SPIKES))?.kept()),
        false => None,
    };
    let progress = progress::bar(&part, target.quiet);
    let plan = Plan { analysis: work.choices.analysis, ..Plan::new(in_memory) };
    let shard = simulate_shard(engine.as_ref(), &part, index, plan, spool.as_mut(), &mut |steps| {
        progress.set_position(u64::from(steps));
        !interrupt.is_requested()
    });
    progress.finish_and_clear();
    let shard = match shard {
        Ok(shard) if shard.steps < part.steps() => return Ok(ended(target.quiet, WHOLE)),
        Err(Error::Ended) => return Ok(ended(target.quiet, WHOLE)),
        shard => shard?,
    };
    let seconds = begin.elapsed().as_secs_f64();
    let of = (work.choices.record, engine.info(), seconds);
    let summary = shard.finish(&folder, (&part, &work.complete), of)?;
    if target.json {
        terminal::print(&summary)?;
    } else if !target.quiet {
        terminal::print(&format!(
            "shard {text}: neurons {} to {} for {} steps, in {:.2} s\n{}\n",
            shard.neurons.start,
            shard.neurons.end - 1,
            shard.steps,
            begin.elapsed().as_secs_f64(),
            folder.path().display(),
        ))?;
    }
    Ok(Outcome::Done)
}

/// Whether a folder has this shard of this experiment, whole.
fn is_done(folder: &Path, complete: &str, index: [usize; 2]) -> bool {
    let text = std::fs::read_to_string(folder.join(SUMMARY)).unwrap_or_default();
    let summary: Value = serde_json::from_str(&text).unwrap_or_default();
    let is_same = std::fs::read_to_string(folder.join(EXPERIMENT)).is_ok_and(|own| own == complete);
    let number = |key: &str| summary["shard"][key].as_u64();
    is_same
        && number("index") == Some(index[0] as u64 + 1)
        && number("of") == Some(index[1] as u64)
        && Shard::read(folder).is_ok_and(|shard| {
            let length = std::fs::metadata(folder.join(SPIKES)).map(|file| file.len());
            shard.spikes.is_none_or(|spikes| length.is_ok_and(|length| length == spikes.bytes))
        })
}
