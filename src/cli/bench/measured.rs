//! What a case costs, and a measurement of it.

use loligo::Record;
use loligo::benchmark::limit::Limit;
use loligo::benchmark::report::Measurement;
use loligo::benchmark::{Case, Throughput};
use loligo::engine::EngineInfo;
use loligo::engine::cost::{Cost, Operation};
use loligo::engine::gpu::count;

/// What a step of a case costs.
pub fn cost(case: &Case) -> Option<Cost> {
    let experiment = case.experiment(1, 32).ok()?;
    count::cost(&experiment.populations()[0].kernel(), case.record != Record::None)
}

/// All operations of some cases.
pub fn operations(cases: &[Case]) -> Vec<Operation> {
    let mut all: Vec<Operation> = cases
        .iter()
        .filter_map(cost)
        .flat_map(|cost| cost.operations.into_iter().map(|amount| amount.operation))
        .collect();
    // What is measured of every device, before and after.
    all.push(Operation::Float);
    all.sort_unstable();
    all.dedup();
    all
}

/// A measurement that is not judged yet.
pub fn measurement(
    info: &EngineInfo,
    case: &Case,
    neurons: usize,
    throughput: &Throughput,
) -> Measurement {
    let (slowest, fastest) = throughput.spread();
    let median = throughput.median();
    let giga_steps = neurons as f64 * f64::from(throughput.steps) * 1e-9;
    Measurement {
        engine: info.kind.to_owned(),
        device: info.device.clone(),
        driver: info.driver.clone(),
        precision: info.precision.to_owned(),
        is_software: info.is_software,
        model: case.model.name.to_owned(),
        integrator: case.integrator.to_owned(),
        noise: case.noise.clone(),
        neurons,
        steps: throughput.steps,
        steps_of_a_block: throughput.steps_of_a_block(),
        recording: case.record.to_string(),
        windows: throughput.windows.len(),
        neuron_steps_per_s: median,
        slowest,
        fastest,
        device_neuron_steps_per_s: throughput.device,
        times_real_time: median / neurons as f64 * case.model.dt_ms * 1e-3,
        setup_s: throughput.setup.as_secs_f64(),
        memory_bytes: throughput.bytes,
        host_share: throughput.host,
        cost: None,
        attainable_neuron_steps_per_s: None,
        attained: None,
        limit: Limit::Arithmetic,
        joule_per_giga_neuron_steps: throughput.energy.map(|energy| energy / giga_steps),
        verified: None,
    }
}
