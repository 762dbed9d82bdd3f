//! Time for the statistics of many spike trains: intervals, histogram, spectrum, correlation.
//!
//! criterion's "elem" is a spike train. The trains are those of noisy integrate-and-fire neurons over a
//! second.

#![allow(clippy::unwrap_used, reason = "a benchmark that fails may stop")]
#![allow(missing_docs, reason = "criterion's macro makes public functions without")]

use std::hint::black_box;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use loligo::analysis::{counts, histogram, intervals, spectrum};
use loligo::document::Document;
use loligo::engine::cpu;
use loligo::experiment::Experiment;
use loligo::setting::Setting;
use loligo::simulation::simulate;
use loligo::{Plan, Record};

const NEURONS: usize = 10_000;

fn analysis(criterion: &mut Criterion) {
    let neurons = Setting::assignment(&format!("neurons={NEURONS}")).unwrap();
    let experiment = Experiment::new(&Document::default(), &[neurons]).unwrap();
    let engine = cpu::single("a benchmark");
    let plan = Plan::new(Record::Spikes);
    let simulated = simulate(engine.as_ref(), &experiment, plan, &mut |_| true).unwrap();
    let (trains, window, dt) = (simulated.trains.unwrap(), experiment.window(), experiment.dt_ms());
    let pooled = intervals::of_population(&trains, dt).pooled;

    let mut group = criterion.benchmark_group("analysis");
    group
        .sampling_mode(SamplingMode::Flat)
        .sample_size(10)
        .throughput(Throughput::Elements(NEURONS as u64));
    group.bench_function("intervals", |bencher| {
        bencher.iter(|| black_box(intervals::of_population(&trains, dt)));
    });
    group.bench_function("histogram", |bencher| {
        bencher.iter(|| black_box(histogram::of_trains(&trains, &pooled, dt)));
    });
    group.bench_function("spectrum", |bencher| {
        let method = spectrum::Method::default();
        bencher.iter(|| black_box(spectrum::of_trains(&trains, window, dt, method)));
    });
    group.bench_function("counts", |bencher| {
        bencher.iter(|| black_box(counts::of_trains(&trains, window, dt, 50.0)));
    });
    group.finish();
}

criterion_group!(benches, analysis);
criterion_main!(benches);
