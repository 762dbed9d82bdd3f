//! What several tests need: experiments in a line, engines, reference values, comparisons.

use loligo::benchmark::verify;
use loligo::document::Document;
use loligo::engine::cpu::Cpu;
use loligo::engine::gpu::device::Device;
use loligo::engine::gpu::{Cut, Gpu};
use loligo::engine::{Blocks, Engine};
use loligo::experiment::Experiment;
use loligo::real::Single;
use loligo::setting::Setting;
use loligo::simulation::simulate;
use loligo::spikes::SpikeTrains;
use loligo::{Plan, Record};

/// An experiment from settings as `--set` takes them: `duration=1s neurons=5 noise.kind=none`.
pub fn experiment(settings: &str) -> Experiment {
    let flags: Vec<Setting> =
        settings.split_whitespace().map(|text| Setting::assignment(text).unwrap()).collect();
    Experiment::new(&Document::default(), &flags).unwrap()
}

/// A GPU, be it played by a processor. Where there is none a test that needs one is skipped, with
/// a word; under LOLIGO_REQUIRE_GPU=1 it fails.
pub fn device() -> Option<Device> {
    match Device::open(None, true) {
        Ok(device) => Some(device),
        Err(error) if std::env::var_os("LOLIGO_REQUIRE_GPU").is_some_and(|value| value == "1") => {
            panic!("LOLIGO_REQUIRE_GPU is 1, but: {error}")
        }
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

pub fn gpu() -> Option<Gpu> {
    Some(Gpu::new(device()?, Cut::default(), "a test"))
}

pub fn cpu() -> Cpu<Single<true>> {
    Cpu::new("a test")
}

pub fn oracle() -> Cpu<f64> {
    Cpu::new("a test")
}

/// All engines that compute in f32: the CPU, and the GPU if there is one.
pub fn engines() -> Vec<Box<dyn Engine>> {
    let mut engines: Vec<Box<dyn Engine>> = vec![Box::new(cpu())];
    engines.extend(gpu().map(|gpu| Box::new(gpu) as Box<dyn Engine>));
    engines
}

/// The spike trains of an experiment.
pub fn spikes(engine: &dyn Engine, settings: &str) -> SpikeTrains {
    spikes_of(engine, &experiment(settings))
}

pub fn spikes_of(engine: &dyn Engine, experiment: &Experiment) -> SpikeTrains {
    let simulated = simulate(engine, experiment, Plan::new(Record::Spikes), &mut |_| true).unwrap();
    assert!(simulated.failure.is_none(), "{:?}", simulated.failure);
    assert_eq!(simulated.steps, experiment.steps());
    simulated.trains.unwrap()
}

/// The states of the first neurons at the end, as the model's `states` has them. The number of steps must be
/// a multiple of 32.
pub fn final_states(engine: &dyn Engine, experiment: &Experiment, neurons: usize) -> Vec<Vec<f64>> {
    assert_eq!(experiment.steps() % 32, 0);
    let mut run =
        engine.start(experiment, Blocks { raster: false, words: None }, &mut || true).unwrap();
    while run.next_block(&|_| {}).unwrap().is_some() {}
    let population = &experiment.populations()[0];
    let observe =
        |neuron| population.observe(neuron, experiment.dt_ms(), &run.state(neuron).unwrap());
    (0..neurons).map(observe).collect()
}

/// The state of the first neuron at the end.
pub fn final_state(engine: &dyn Engine, experiment: &Experiment) -> Vec<f64> {
    final_states(engine, experiment, 1).remove(0)
}

/// Reference values from `tests/data`.
pub fn reference(name: &str) -> serde_json::Value {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub fn number(value: &serde_json::Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"))
}

pub fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// The share of all spikes of two sets of trains of as many neurons that have a partner in the other at most `within` steps away.
pub fn coincidence(a: &SpikeTrains, b: &SpikeTrains, within: u32) -> f64 {
    assert_eq!(a.neurons(), b.neurons());
    verify::coincidence(a, b, within)
}

/// Mean, and standard error of the mean.
pub fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// The rate of each neuron [Hz].
pub fn rates(trains: &SpikeTrains, experiment: &Experiment) -> Vec<f64> {
    let seconds = experiment.duration_ms() * 1e-3;
    trains.iter().map(|train| train.len() as f64 / seconds).collect()
}

/// Slope of the regression line of ln(y) on ln(x): the order of convergence.
pub fn order(x: &[f64], y: &[f64]) -> f64 {
    let log = |values: &[f64]| values.iter().map(|v| v.ln()).collect::<Vec<_>>();
    let (x, y) = (log(x), log(y));
    let n = x.len() as f64;
    let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let covariance: f64 = x.iter().zip(&y).map(|(x, y)| (x - mx) * (y - my)).sum();
    covariance / x.iter().map(|x| (x - mx).powi(2)).sum::<f64>()
}

/// Mills' ratio of the standard normal distribution: P(X > x) over its density at x, by series and
/// continued fraction (Abramowitz and Stegun 26.2.10, 26.2.14); errs below 1e-12.
pub fn mills_ratio(x: f64) -> f64 {
    if x < -4.0 {
        return 1.0 / normal_density(x) - mills_ratio(-x);
    }
    if x > 4.0 {
        let fraction = (1..200).rev().fold(0.0, |fraction, k| f64::from(k) / (x + fraction));
        return 1.0 / (x + fraction);
    }
    let mut term = x;
    let mut sum = x;
    for k in 1..200 {
        term *= x * x / f64::from(2 * k + 1);
        sum += term;
    }
    0.5 / normal_density(x) - sum
}

fn normal_density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// The standard normal distribution function.
pub fn normal_cdf(x: f64) -> f64 {
    normal_density(x) * mills_ratio(-x)
}

/// The largest distance between the empirical distribution of `sample` and a distribution function
/// (Kolmogorov and Smirnov), times the square root of the sample's size.
pub fn kolmogorov_smirnov(mut sample: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    sample.sort_by(f64::total_cmp);
    let n = sample.len() as f64;
    let distance = sample.iter().enumerate().fold(0.0f64, |distance, (rank, &x)| {
        let p = cdf(x);
        distance.max((p - rank as f64 / n).abs()).max(((rank + 1) as f64 / n - p).abs())
    });
    distance * n.sqrt()
}
