//! Whether an experiment fits the memory and the disk, told before it runs.

use std::path::Path;

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use loligo::Record;
use loligo::error::Error;
use loligo::experiment::Experiment;
use loligo::population::Values;

/// Parameters, states and random streams of a neuron, with room for both copies of an upload.
const BYTES_PER_NEURON: f64 = 400.0;

/// A spike as it comes in, in its train, and sorted for the file (measured at the peak: 25).
const BYTES_PER_SPIKE: f64 = 28.0;

/// The sums of a neuron's spikes, and the statistics made of them.
const BYTES_PER_SUMS: f64 = 250.0;

/// The counts of the population's spectrum, and their transform.
const BYTES_PER_STEP: f64 = 8.0;

/// A neuron's line in `intervals.csv` (111).
const FILE_BYTES_PER_NEURON: f64 = 150.0;

/// Figures and other tables.
const OTHER_FILES: f64 = 4e6;

/// The rate that the forecast assumes (Hz).
const ASSUMED_HZ: f64 = 100.0;

/// Share of the free memory that is used at most.
const SHARE: f64 = 0.9;

/// Bytes that an experiment needs besides its spikes.
fn fixed(experiment: &Experiment) -> f64 {
    let each = |values: &[Values]| {
        let bytes =
            |values: &Values| if let Values::Each(list) = values { 8 * list.len() } else { 0 };
        values.iter().map(bytes).sum::<usize>()
    };
    let populations = experiment.populations().iter();
    let drawn: usize =
        populations.map(|p| each(p.parameters()) + each(p.stimulus()) + each(p.noise())).sum();
    // A signal is shared by the populations that play it; the engines hold it once more, in f32.
    let mut signals: Vec<_> = experiment.populations().iter().filter_map(|p| p.signal()).collect();
    signals.dedup_by(|a, b| std::ptr::eq(*a, *b));
    let played: usize = signals.iter().map(|signal| 12 * signal.values().len()).sum();
    experiment.part().len() as f64 * BYTES_PER_NEURON + (drawn + played) as f64
}

/// Spikes that an experiment may give, of those that are kept.
fn spikes(experiment: &Experiment, record: Record) -> f64 {
    let neurons = match record {
        Record::None | Record::Intervals => 0,
        Record::Sample(neurons) => neurons.min(experiment.part().len()),
        Record::Spikes => experiment.part().len(),
    };
    neurons as f64 * experiment.duration_ms() * 1e-3 * ASSUMED_HZ
}

/// The most spikes that fit the memory that is free.
///
/// # Errors
/// If the experiment is not going to fit.
pub fn most_spikes(experiment: &Experiment, record: Record) -> Result<usize, Error> {
    // Where the system does not tell, nothing is refused.
    let Some(free) = free() else { return Ok(usize::MAX) };
    let available = SHARE * free as f64;
    let looked_at = match record {
        Record::Spikes => BYTES_PER_STEP * f64::from(experiment.steps()),
        Record::Intervals | Record::Sample(_) => BYTES_PER_SUMS * experiment.part().len() as f64,
        Record::None => 0.0,
    };
    let fixed = fixed(experiment) + looked_at;
    let needed = fixed + BYTES_PER_SPIKE * spikes(experiment, record);
    if needed > available {
        return Err(too_large(experiment, record, needed, available, "memory"));
    }
    Ok(((available - fixed) / BYTES_PER_SPIKE) as usize)
}

/// Refuses an experiment whose files do not fit the disk of a folder.
///
/// # Errors
/// If they do not.
pub fn check_disk(
    experiment: &Experiment,
    record: Record,
    bytes_per_spike: f64,
    folder: &Path,
) -> Result<(), Error> {
    let Some(available) = free_on_disk(folder) else { return Ok(()) };
    let needed = OTHER_FILES
        + FILE_BYTES_PER_NEURON * experiment.part().len() as f64
        + bytes_per_spike * spikes(experiment, record);
    let available = available as f64;
    if needed > available {
        return Err(too_large(experiment, record, needed, available, "disk"));
    }
    Ok(())
}

/// Memory that is free: of the machine, of the group of processes that this one is in, and of what it may address.
fn free() -> Option<u64> {
    let refresh = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(refresh).ok()?;
    let of_machine = Some(system.available_memory()).filter(|free| *free > 0);
    let of_group = system.cgroup_limits().map(|limits| limits.free_memory);
    [of_machine, of_group, addressable()].into_iter().flatten().min()
}

/// What is left of the memory that a process may address (`ulimit -v`), where that is limited.
#[cfg(target_os = "linux")]
fn addressable() -> Option<u64> {
    let most = rustix::process::getrlimit(rustix::process::Resource::As).current?;
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let used = pages.split(' ').next()?.parse::<u64>().ok()? * rustix::param::page_size() as u64;
    Some(most.saturating_sub(used))
}

#[cfg(not(target_os = "linux"))]
fn addressable() -> Option<u64> {
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

fn too_large(
    experiment: &Experiment,
    record: Record,
    needed: f64,
    available: f64,
    of: &str,
) -> Error {
    let gib = |bytes: f64| format!("{:.1} GiB of {of}", bytes / f64::from(1 << 30));
    let (assumed, less) = match record {
        Record::Spikes => (
            format!(" at an assumed {ASSUMED_HZ} Hz"),
            ", or keep statistics without spikes with --record intervals",
        ),
        _ => (String::new(), ""),
    };
    Error::TooLarge {
        what: format!(
            "simulating {} neurons for {} s{assumed}",
            experiment.part().len(),
            experiment.duration_ms() * 1e-3
        ),
        needed: format!("about {}", gib(needed)),
        available: format!("there is {}", gib(available)),
        remedy: format!("lower --neurons or --duration{less}"),
    }
}
