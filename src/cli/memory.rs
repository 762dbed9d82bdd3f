//! Whether an experiment fits the memory and the disk, told before it runs.

use std::path::Path;

use sysinfo::{Disks, MemoryRefreshKind, RefreshKind, System};

use loligo::engine::Record;
use loligo::error::Error;
use loligo::experiment::Experiment;
use loligo::population::Values;

/// Parameters, states and random streams of a neuron, with room for both copies of an upload.
const BYTES_PER_NEURON: f64 = 400.0;

/// A spike as it comes in, in its train, and sorted for the file (measured at the peak: 25).
const BYTES_PER_SPIKE: f64 = 28.0;

/// The counts of the population's spectrum, and their transform.
const BYTES_PER_STEP: f64 = 8.0;

/// A spike in `spikes.npz`, and a neuron's line in `intervals.csv` (111).
const FILE_BYTES_PER_SPIKE: f64 = 8.0;
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
    experiment.neurons() as f64 * BYTES_PER_NEURON + (drawn + played) as f64
}

/// Spikes that an experiment may give.
fn spikes(experiment: &Experiment, record: Record) -> f64 {
    match record {
        Record::None => 0.0,
        Record::Spikes => {
            experiment.neurons() as f64 * experiment.duration_ms() * 1e-3 * ASSUMED_HZ
        }
    }
}

/// The most spikes that fit the memory that is free.
///
/// # Errors
/// If the experiment is not going to fit.
pub fn most_spikes(experiment: &Experiment, record: Record) -> Result<usize, Error> {
    let refresh = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let free = System::new_with_specifics(refresh).map_or(0, |system| system.available_memory());
    // Where the system does not tell, nothing is refused.
    if free == 0 {
        return Ok(usize::MAX);
    }
    let available = SHARE * free as f64;
    let steps = match record {
        Record::Spikes => f64::from(experiment.steps()),
        Record::None => 0.0,
    };
    let fixed = fixed(experiment) + BYTES_PER_STEP * steps;
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
pub fn check_disk(experiment: &Experiment, record: Record, folder: &Path) -> Result<(), Error> {
    let Ok(folder) = folder.canonicalize() else { return Ok(()) };
    let Ok(disks) = Disks::new_with_refreshed_list() else { return Ok(()) };
    let of_folder = disks.iter().filter(|disk| folder.starts_with(disk.mount_point()));
    let Some(disk) = of_folder.max_by_key(|disk| disk.mount_point().as_os_str().len()) else {
        return Ok(());
    };
    let needed = match record {
        Record::None => 1e4,
        Record::Spikes => {
            OTHER_FILES
                + FILE_BYTES_PER_NEURON * experiment.neurons() as f64
                + FILE_BYTES_PER_SPIKE * spikes(experiment, record)
        }
    };
    let available = disk.available_space() as f64;
    if needed > available {
        return Err(too_large(experiment, record, needed, available, "disk"));
    }
    Ok(())
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
            ", or keep only spike counts with --record none",
        ),
        Record::None => (String::new(), ""),
    };
    Error::TooLarge {
        what: format!(
            "simulating {} neurons for {} s{assumed}",
            experiment.neurons(),
            experiment.duration_ms() * 1e-3
        ),
        needed: format!("about {}", gib(needed)),
        available: format!("there is {}", gib(available)),
        remedy: format!("lower --neurons or --duration{less}"),
    }
}
