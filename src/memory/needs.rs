//! Whether an experiment fits the memory and the disk, told before it runs.

use std::path::Path;

use tracing::info;

use super::{SHARE, free, size};
use crate::error::Error;
use crate::experiment::Experiment;
use crate::population::{Population, Values};
use crate::sink::{Record, Spool};

/// The program itself: code, threads (measured: 12 MB).
const PROGRAM: f64 = 1.2e7;

/// Figures, which a shard has not (measured: 23 MB).
const FIGURES: f64 = 2.3e7;

/// What a graphics driver takes (measured: 80 MB).
pub const DRIVER: f64 = 8e7;

/// What drives a neuron, its random streams, its counts, besides parameters and states (measured on the CPU: 60 to 90).
const BYTES_PER_NEURON: f64 = 80.0;

/// A spike as it comes in, or in its train (measured at the peak: 4.1 to 4.5).
pub const BYTES_PER_SPIKE: f64 = 5.0;

/// A spike's neuron and step, where all of them are sorted in memory.
pub const BYTES_PER_SORTED: f64 = 8.0;

/// The sums of a neuron's spikes, and the statistics made of them or of its train (measured: 220
/// for a million; of fewer neurons some of it is gone when figures are drawn).
pub const BYTES_PER_STATISTICS: f64 = 200.0;

/// The sums of a neuron's spikes, and as a shard writes them (measured: 130).
const BYTES_PER_SUMS: f64 = 130.0;

/// The counts of the population's spectrum, and their transform.
const BYTES_PER_STEP: f64 = 8.0;

/// A neuron's line in `intervals.csv` (measured: 111 to 145).
const FILE_BYTES_PER_NEURON: f64 = 140.0;

/// The experiment and the summary.
const SMALL_FILES: f64 = 1e4;

/// Figures and other tables.
const OTHER_FILES: f64 = 4e6;

/// The rate that the forecast assumes (Hz).
const ASSUMED_HZ: f64 = 100.0;

/// Bytes that an experiment needs besides its spikes.
fn fixed(experiment: &Experiment) -> f64 {
    let each = |values: &[Values]| {
        let bytes =
            |values: &Values| if let Values::Each(list) = values { 8 * list.len() } else { 0 };
        values.iter().map(bytes).sum::<usize>()
    };
    let populations = experiment.populations().iter();
    let of_sources = |p: &Population| p.sources().iter().map(|s| each(s.values())).sum::<usize>();
    let drawn: usize = populations.map(|p| each(p.parameters()) + of_sources(p)).sum();
    // A signal is shared by the populations that play it; the engines hold it once more, in f32.
    let mut signals: Vec<_> = experiment.populations().iter().filter_map(|p| p.signal()).collect();
    signals.dedup_by(|a, b| std::ptr::eq(*a, *b));
    let played: usize = signals.iter().map(|signal| 12 * signal.values().len()).sum();
    let rows = |population: &Population| {
        let words = population.model().parameters.len() + population.model().states.len();
        // As they come to an engine: numbers of pulses have a threshold each.
        let of_sources = population.driven.map_or(0, |driven| {
            let tape = &driven.tape;
            4 + tape.coefficients.len().div_ceil(2) + tape.states.len() + 2 * tape.streams.len()
        });
        let share = population.neurons() as f64 / experiment.neurons() as f64;
        share * 4.0 * (words + 2 * of_sources) as f64
    };
    let rows: f64 = experiment.populations().iter().map(rows).sum();
    let program = if is_shard(experiment) { PROGRAM } else { PROGRAM + FIGURES };
    program + experiment.part().len() as f64 * (BYTES_PER_NEURON + rows) + (drawn + played) as f64
}

/// Whether only sums and spikes are kept, for others to make statistics of.
pub fn is_shard(experiment: &Experiment) -> bool {
    experiment.part().len() < experiment.neurons()
}

/// Spikes that an experiment may give.
pub fn assumed(experiment: &Experiment) -> f64 {
    experiment.part().len() as f64 * experiment.duration_ms() * 1e-3 * ASSUMED_HZ
}

/// That rate in words, where spikes are kept.
fn assumed_rate(record: Record) -> String {
    match record {
        Record::Spikes => format!(" at an assumed {ASSUMED_HZ} Hz"),
        _ => String::new(),
    }
}

/// Of some spikes, those that are kept.
fn kept(experiment: &Experiment, record: Record, spikes: f64) -> f64 {
    match record {
        Record::None | Record::Intervals => 0.0,
        Record::Sample(neurons) => spikes * (neurons as f64 / experiment.neurons() as f64).min(1.0),
        Record::Spikes => spikes,
    }
}

/// Memory that is needed besides that of spikes.
fn without_spikes(experiment: &Experiment, record: Record) -> f64 {
    let looked_at = match record {
        Record::None => 0.0,
        _ if is_shard(experiment) => BYTES_PER_SUMS * experiment.part().len() as f64,
        _ => BYTES_PER_STATISTICS * experiment.part().len() as f64,
    };
    let of_steps =
        if record == Record::Spikes { BYTES_PER_STEP * f64::from(experiment.steps()) } else { 0.0 };
    fixed(experiment) + looked_at + of_steps
}

/// Memory that is needed, if there are some spikes.
pub fn needed(experiment: &Experiment, record: Record, spikes: f64) -> f64 {
    without_spikes(experiment, record) + BYTES_PER_SPIKE * kept(experiment, record, spikes)
}

/// What is needed on the disk, if there are some spikes.
pub fn on_disk(experiment: &Experiment, record: Record, spikes: f64, bytes_per_spike: f64) -> f64 {
    OTHER_FILES
        + FILE_BYTES_PER_NEURON * experiment.part().len() as f64
        + bytes_per_spike * kept(experiment, record, spikes)
}

/// What a shard needs on the disk, if there are some spikes: they stay as they come, and statistics as sums.
pub fn shard_on_disk(part: &Experiment, record: Record, spikes: f64) -> f64 {
    /// The sums of a neuron's spikes.
    const SUMS: f64 = 64.0;
    let neurons = part.part().len() as f64;
    let activity = 8.0 * f64::from(part.window().steps()) * part.populations_of_part() as f64;
    let counts = match record {
        Record::Spikes => Spool::BYTES_PER_SPIKE * spikes,
        Record::None => 4.0 * neurons,
        Record::Intervals => SUMS * neurons + activity,
        Record::Sample(_) => SUMS * neurons + activity + 4.0 * kept(part, record, spikes),
    };
    SMALL_FILES + counts
}

/// The most spikes that fit the memory that is free, if there is something `besides` (bytes), and something for each spike.
///
/// # Errors
/// If the experiment is not going to fit.
pub fn most_spikes(
    experiment: &Experiment,
    record: Record,
    besides: f64,
    per_spike: f64,
) -> Result<usize, Error> {
    // Where the system does not tell, nothing is refused.
    let Some(free) = free() else { return Ok(usize::MAX) };
    let available = SHARE * free as f64;
    let spikes = assumed(experiment);
    let needed =
        besides + needed(experiment, record, spikes) + per_spike * kept(experiment, record, spikes);
    info!(free = size(free as f64), needed = size(needed), at_hz = ASSUMED_HZ, "memory");
    if needed > available {
        return Err(too_large(experiment, &assumed_rate(record), needed, available, "memory"));
    }
    let for_spikes = available - besides - without_spikes(experiment, record);
    Ok((for_spikes / (BYTES_PER_SPIKE + per_spike)) as usize)
}

/// Refuses an experiment whose files, so many bytes at the assumed rate, do not fit the disk of a folder.
///
/// # Errors
/// If they do not.
pub fn check_disk(
    experiment: &Experiment,
    record: Record,
    needed: f64,
    folder: &Path,
) -> Result<(), Error> {
    let Some(available) = free_on_disk(folder) else { return Ok(()) };
    let available = available as f64;
    info!(free = size(available), needed = size(needed), at_hz = ASSUMED_HZ, "disk");
    if needed > available {
        return Err(too_large(experiment, &assumed_rate(record), needed, available, "disk"));
    }
    Ok(())
}

/// What is wrong with an experiment that does not fit at the rate of its first steps (Hz): by the bytes of memory and of a
/// folder's disk.
pub fn forecast_too_large(
    experiment: &Experiment,
    rate_hz: f64,
    [memory, disk]: [f64; 2],
    folder: Option<&Path>,
) -> Option<Error> {
    let needs = [
        ("memory", memory, free().map(|free| SHARE * free as f64)),
        ("disk", disk, folder.and_then(free_on_disk).map(|free| free as f64)),
    ];
    for (of, needed, available) in needs {
        if let Some(available) = available.filter(|available| needed > *available) {
            let rate = format!(" at {} Hz, as in the first steps,", rate_hz.round());
            return Some(too_large(experiment, &rate, needed, available, of));
        }
    }
    None
}

/// Bytes that can be written into a folder: of its own file system, whatever is mounted where.
#[cfg(unix)]
fn free_on_disk(folder: &Path) -> Option<u64> {
    let system = rustix::fs::statvfs(folder).ok()?;
    Some(system.f_bavail.saturating_mul(system.f_frsize))
}

#[cfg(not(unix))]
fn free_on_disk(folder: &Path) -> Option<u64> {
    let folder = folder.canonicalize().ok()?;
    let disks = sysinfo::Disks::new_with_refreshed_list().ok()?;
    let of_folder = disks.iter().filter(|disk| folder.starts_with(disk.mount_point()));
    let disk = of_folder.max_by_key(|disk| disk.mount_point().as_os_str().len())?;
    Some(disk.available_space())
}

/// The error of an experiment that does not fit at a rate, if it depends on one.
fn too_large(experiment: &Experiment, rate: &str, needed: f64, available: f64, of: &str) -> Error {
    let size = |bytes: f64| format!("{} of {of}", size(bytes));
    let less = match rate {
        "" => "",
        _ => {
            ", or keep statistics without spikes with --record intervals, or counts with --record none"
        }
    };
    Error::TooLarge {
        what: format!(
            "simulating {} neurons for {} s{rate}",
            experiment.part().len(),
            experiment.duration_ms() * 1e-3
        ),
        needed: format!("about {}", size(needed)),
        available: format!("there is {}", size(available)),
        remedy: format!("lower --neurons or --duration{less}"),
    }
}
