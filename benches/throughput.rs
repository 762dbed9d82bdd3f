//! Neuron-steps per second of every model, with and without noise, on every engine: of the kernel alone,
//! and of a whole simulation.
//!
//! `cargo bench --bench throughput` prints one line each; criterion's "elem" is a neuron-step. The kernel
//! only counts spikes; the simulation is one from parameters to spike trains, kernels compiled anew.
//! `loligo bench` measures over the number of neurons.

#![allow(clippy::unwrap_used, reason = "a benchmark that fails may stop")]
#![allow(missing_docs, reason = "criterion's macro makes public functions without")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group,
    criterion_main,
};
use loligo::benchmark::{Case, ENDLESS};
use loligo::engine::choice::{Adapters, Choice, Precision, choose};
use loligo::engine::{Blocks, Engine};
use loligo::experiment::Experiment;
use loligo::model::models;
use loligo::simulation::simulate;
use loligo::{Plan, Record};

/// Steps of a simulation; enough that starting does not count for much.
const STEPS: u32 = 4096;

/// Words of a block of the kernel alone.
const BLOCK_WORDS: usize = 32;

/// The CPU engine, and the GPU if there is one.
fn engines() -> Vec<Box<dyn Engine>> {
    [Choice::Cpu, Choice::Gpu]
        .into_iter()
        .filter_map(|choice| choose(choice, Adapters::One, Precision::F32).ok())
        .collect()
}

fn group<'a>(
    criterion: &'a mut Criterion,
    name: &str,
    neuron_steps: u64,
) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group
        .sampling_mode(SamplingMode::Flat)
        .sample_size(10)
        .measurement_time(Duration::from_secs(3))
        .throughput(Throughput::Elements(neuron_steps));
    group
}

/// The time of some blocks of a run that goes on.
fn blocks(engine: &dyn Engine, experiment: &Experiment, count: u64) -> Duration {
    let blocks = Blocks { raster: false, words: Some(BLOCK_WORDS) };
    let mut run = engine.start(experiment, blocks, &mut || true).unwrap();
    // Compiled, and in the caches.
    for _ in 0..4 {
        run.next_block(&|_| {}).unwrap();
    }
    let start = Instant::now();
    for _ in 0..count {
        run.next_block(&|_| {}).unwrap();
    }
    start.elapsed()
}

fn throughput(criterion: &mut Criterion) {
    for engine in engines() {
        let info = engine.info();
        println!("{}: {} ({})", info.kind, info.device, info.driver);
        for model in models() {
            let neurons = if model.name == "lif" { 16_384 } else { 4096 };
            let name = format!("{} {}", info.kind, model.name);
            for noise in ["none", "white", "ou"] {
                let experiment = Case::new(model, noise).experiment(neurons, ENDLESS).unwrap();
                let steps = (32 * BLOCK_WORDS * neurons) as u64;
                let mut kernel = group(criterion, &format!("kernel, {name}"), steps);
                kernel.bench_function(BenchmarkId::from_parameter(noise), |bencher| {
                    bencher.iter_custom(|count| blocks(engine.as_ref(), &experiment, count));
                });
                kernel.finish();
                let experiment = Case::new(model, noise).experiment(neurons, STEPS).unwrap();
                let steps = neurons as u64 * u64::from(STEPS);
                let mut whole = group(criterion, &format!("simulation, {name}"), steps);
                whole.bench_function(BenchmarkId::from_parameter(noise), |bencher| {
                    let plan = Plan::new(Record::Spikes);
                    bencher.iter(|| {
                        black_box(simulate(engine.as_ref(), &experiment, plan, &mut |_| true))
                            .unwrap()
                    });
                });
                whole.finish();
            }
        }
    }
}

criterion_group!(benches, throughput);
criterion_main!(benches);
