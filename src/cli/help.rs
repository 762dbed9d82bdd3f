//! What help says of the catalogue: models, integrators, kinds and defaults stand there, and nowhere else.

use loligo::drive::{NoiseKind, StimulusKind};
use loligo::experiment::{DURATION_MS, NEURONS, SEED};
use loligo::model::MODELS;
use loligo::unit::tell;

/// What a trace follows where it is not given: a second of a thousand neurons is of no use.
pub const TRACE_MS: &str = "200";
/// The number of neurons.
pub const TRACE_NEURONS: &str = "1";

/// Some words as a sentence has them: `a, b or c`.
fn any_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

/// The same for each model: `lif: a or b; hodgkin_huxley: c`.
fn of_models(told: impl Fn(&'static loligo::model::Model) -> String) -> String {
    MODELS
        .iter()
        .map(|model| format!("{}: {}", model.name, told(model)))
        .collect::<Vec<_>>()
        .join("; ")
}

/// `--model`.
pub fn model() -> String {
    let names = any_of(MODELS.iter().map(|model| model.name));
    format!("Neuron model: {names} [default: {}]", MODELS[0].name)
}

/// `--neurons`.
pub fn neurons() -> String {
    format!("Number of neurons [default: {NEURONS}; trace: {TRACE_NEURONS}]")
}

/// `--duration`.
pub fn duration() -> String {
    let trace = TRACE_MS;
    format!(
        "Time to simulate; a bare number is in ms [default: {}ms; trace: {trace}ms]",
        tell(DURATION_MS)
    )
}

/// `--dt`.
pub fn dt() -> String {
    format!("Time step [default: {}]", of_models(|model| format!("{}ms", tell(model.dt_ms))))
}

/// `--integrator`.
pub fn integrator() -> String {
    let of = |model: &loligo::model::Model| any_of(model.integrators.iter().map(|i| i.name));
    format!(
        "Integrator (`loligo models NAME` tells what they are). {} [default: the first]",
        of_models(of)
    )
}

/// `--stimulus`.
pub fn stimulus() -> String {
    let names = any_of(StimulusKind::NAMED.iter().map(|(name, _)| *name));
    format!(
        "Stimulus: {names}; `loligo models` tells the keys of each [default: {}]",
        StimulusKind::default().name()
    )
}

/// `--noise`.
pub fn noise() -> String {
    let names = any_of(NoiseKind::NAMED.iter().map(|(name, _)| *name));
    format!(
        "Noise: {names}; `loligo models` tells the keys of each [default: {}]",
        NoiseKind::default().name()
    )
}

/// `--noise` of a benchmark.
pub fn noises() -> String {
    let kinds = NoiseKind::NAMED.iter().filter(|(_, kind)| *kind != NoiseKind::Numpy);
    format!("Kinds of noise: {}", kinds.map(|(name, _)| *name).collect::<Vec<_>>().join(", "))
}

/// `--seed`.
pub fn seed() -> String {
    format!("Seed of all random numbers: the same seed gives the same spikes [default: {SEED}]")
}
