//! What help says of the catalogue: models, integrators, kinds and defaults stand there, and nowhere else.

use loligo::experiment::{DURATION_MS, NEURONS, SEED};
use loligo::model::{Model, Parameter, names};
use loligo::source::{self, Role};
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

/// What a parameter is, and what holds without a value.
pub fn about(parameter: &Parameter) -> String {
    match parameter.without {
        "" => parameter.about.to_owned(),
        without => format!("{} (without a value: {without})", parameter.about),
    }
}

/// `--model`.
pub fn model() -> String {
    let names = any_of(names());
    let default = Model::default_one().name;
    format!("Neuron model: {names}; or a file of equations, NAME.toml [default: {default}]")
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
    let default = Model::default_one();
    let (name, dt) = (default.name, tell(default.dt_ms));
    format!("Time step [default: that of the model, {dt}ms for {name}]")
}

/// `--integrator`.
pub fn integrator() -> String {
    let default = Model::default_one();
    let own = any_of(default.integrators.iter().map(|integrator| integrator.name));
    format!(
        "Integrator; `loligo models NAME` tells those of a model, {} has {own} [default: the first]",
        default.name
    )
}

/// `--stimulus`.
pub fn stimulus() -> String {
    let names = any_of(source::named(Role::Stimulus).chain(["none"]));
    format!(
        "Stimulus: {names}; `loligo models --sources` tells the keys of each [default: constant]"
    )
}

/// `--noise`.
pub fn noise() -> String {
    let names = any_of(source::named(Role::Noise).chain(["none"]));
    format!("Noise: {names}; `loligo models --sources` tells the keys of each [default: white]")
}

/// `--source`.
pub fn source() -> String {
    "Adds a source: any kind of stimulus or noise, or a file of one, with its keys: \"sine amplitude=50pA frequency=8Hz\"; \
     name=NAME names it; repeatable"
        .to_owned()
}

/// `--noise` of a benchmark.
pub fn noises() -> String {
    format!("Kinds of noise: {}", measured().collect::<Vec<_>>().join(", "))
}

/// The kinds of noise of a benchmark: what is played is for one neuron.
pub fn measured() -> impl Iterator<Item = &'static str> {
    let plays = |name: &str| {
        let kind = source::Kind::named(name);
        kind.and_then(|kind| kind.example(Model::default_one()).ok()).is_some_and(|d| d.plays)
    };
    std::iter::once("none").chain(source::named(Role::Noise).filter(move |name| !plays(name)))
}

/// `--seed`.
pub fn seed() -> String {
    format!("Seed of all random numbers: the same seed gives the same spikes [default: {SEED}]")
}
