//! Neuron-steps per second of every model, with and without noise, on every engine.
//!
//! `cargo bench` prints one line each; criterion's "elem" is a neuron-step. The spikes are recorded
//! and taken, as in a plain `loligo run`.

#![allow(clippy::unwrap_used, reason = "a benchmark that fails may stop")]
#![allow(missing_docs, reason = "criterion's macro makes public functions without")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use loligo::engine::choice::{Choice, Precision, choose};
use loligo::engine::{Engine, Plan, Record};
use loligo::experiment::Experiment;
use loligo::model::MODELS;
use loligo::setting::{Document, Setting};
use loligo::simulation::simulate;

/// Steps of a measurement; enough that starting does not count.
const STEPS: u32 = 4096;

fn experiment(model: &str, noise: &str, neurons: usize) -> Experiment {
    let dt = MODELS.iter().find(|m| m.name == model).map_or(0.1, |m| m.dt_ms);
    let settings = [
        format!("model={model}"),
        format!("noise.kind={noise}"),
        format!("neurons={neurons}"),
        format!("duration={}", f64::from(STEPS) * dt),
    ];
    let settings: Vec<_> = settings.iter().map(|text| Setting::assignment(text).unwrap()).collect();
    Experiment::new(&Document::default(), &settings).unwrap()
}

/// The CPU engine, and the GPU if there is one.
fn engines() -> Vec<Box<dyn Engine>> {
    [Choice::Cpu, Choice::Gpu]
        .into_iter()
        .filter_map(|choice| choose(choice, None, Precision::F32).ok())
        .collect()
}

fn throughput(criterion: &mut Criterion) {
    for engine in engines() {
        let info = engine.info();
        println!("{}: {} ({})", info.kind, info.device, info.driver);
        for model in MODELS {
            let neurons = if model.name == "lif" { 16_384 } else { 4096 };
            let mut group = criterion.benchmark_group(format!("{} {}", info.kind, model.name));
            group
                .sampling_mode(SamplingMode::Flat)
                .sample_size(10)
                .measurement_time(Duration::from_secs(3))
                .throughput(Throughput::Elements(neurons as u64 * u64::from(STEPS)));
            for noise in ["none", "white", "ou"] {
                let experiment = experiment(model.name, noise, neurons);
                group.bench_function(BenchmarkId::from_parameter(noise), |bencher| {
                    let plan = Plan::new(Record::Spikes);
                    bencher.iter(|| {
                        black_box(simulate(engine.as_ref(), &experiment, plan, &mut |_| true))
                            .unwrap()
                    });
                });
            }
            group.finish();
        }
    }
}

criterion_group!(benches, throughput);
criterion_main!(benches);
