//! Whether an experiment fits the memory, told before it runs.

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use crate::engine::Record;
use crate::error::Error;
use crate::experiment::Experiment;
use crate::population::Values;

/// Parameters, states and random streams of a neuron, with room for both copies of an upload.
const BYTES_PER_NEURON: f64 = 400.0;

/// A spike as it comes in, in its train, and sorted for the file.
const BYTES_PER_SPIKE: f64 = 20.0;

/// The rate that the forecast assumes [Hz].
const ASSUMED_HZ: f64 = 100.0;

/// Bytes that an experiment needs.
pub fn needed(experiment: &Experiment, record: Record) -> f64 {
    let neurons = experiment.neurons() as f64;
    let each = |values: &Vec<Values>| {
        let bytes = |values: &Values| if let Values::Each(list) = values { 8 * list.len() } else { 0 };
        values.iter().map(bytes).sum::<usize>()
    };
    let drawn: usize = experiment
        .populations
        .iter()
        .map(|p| each(&p.parameters) + each(&p.stimulus) + each(&p.noise))
        .sum();
    let spikes = match record {
        Record::None => 0.0,
        Record::Spikes => neurons * experiment.duration_ms() * 1e-3 * ASSUMED_HZ,
    };
    neurons * BYTES_PER_NEURON + drawn as f64 + spikes * BYTES_PER_SPIKE
}

/// Refuses an experiment that does not fit the memory that is free.
pub fn check(experiment: &Experiment, record: Record) -> Result<(), Error> {
    let refresh = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    // Where the system does not tell, nothing is refused.
    let Ok(system) = System::new_with_specifics(refresh) else { return Ok(()) };
    let available = system.available_memory() as f64;
    let needed = needed(experiment, record);
    if needed <= available || available == 0.0 {
        return Ok(());
    }
    let gib = |bytes: f64| format!("{:.1} GiB", bytes / f64::from(1 << 30));
    let record_too = match record {
        Record::Spikes => ", or keep only spike counts with --record none",
        Record::None => "",
    };
    Err(Error::TooLarge {
        what: format!(
            "{} neurons for {} s (at an assumed {ASSUMED_HZ} Hz)",
            experiment.neurons(),
            experiment.duration_ms() * 1e-3
        ),
        needed: format!("about {}", gib(needed)),
        available: format!("{} of memory are free", gib(available)),
        remedy: format!("lower --neurons or --duration{record_too}"),
    })
}
