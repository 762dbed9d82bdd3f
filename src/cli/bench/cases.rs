//! What is measured: the cases and sizes that flags choose.

use super::args::Args;
use super::wrong::wrong;
use crate::cli::{help, models};
use loligo::Record;
use loligo::benchmark::Case;
use loligo::error::Error;
use loligo::model::Model;

/// Neurons where none are given.
const NEURONS: [usize; 4] = [1000, 10_000, 100_000, 1_000_000];

/// Neurons of what is repeated for a long time.
const SOAKED: usize = 100_000;

/// The cases: every model with every integrator, noise and way of recording.
pub fn cases(args: &Args) -> Result<Vec<Case>, Error> {
    let given = |given: &[String], own: &[&str], full: &[&str]| -> Vec<String> {
        let names = if args.full { full } else { own };
        if given.is_empty() {
            names.iter().map(|n| (*n).to_owned()).collect()
        } else {
            given.to_vec()
        }
    };
    let noises = given(&args.noise, &["white"], &["none", "white", "ou"]);
    noises.iter().try_for_each(|noise| check_noise(noise))?;
    let records = match (args.record.as_slice(), args.full) {
        ([], false) => vec![Record::Spikes],
        ([], true) => vec![Record::None, Record::Intervals, Record::Spikes],
        (given, _) => given.to_vec(),
    };
    let mut cases = Vec::new();
    for name in given(&args.models, &["lif", "hodgkin_huxley"], &["lif", "hodgkin_huxley"]) {
        let model = models::model(&name, "--models")?;
        for integrator in integrators(args, model)? {
            for noise in &noises {
                for &record in &records {
                    cases.push(Case { integrator, record, ..Case::new(model, noise) });
                }
            }
        }
    }
    Ok(cases)
}

/// The integrators of a model that are asked for.
fn integrators(args: &Args, model: &Model) -> Result<Vec<&'static str>, Error> {
    let all = model.integrators.iter().map(|integrator| integrator.name);
    match args.integrators.as_slice() {
        [] if args.full => Ok(all.collect()),
        [] => Ok(all.take(1).collect()),
        [name] if name == "all" => Ok(all.collect()),
        names => names
            .iter()
            .map(|name| {
                all.clone().find(|known| known == name).ok_or_else(|| {
                    let message = format!("{} has no integrator `{name}`", model.name);
                    let known = all.clone().collect::<Vec<_>>().join(", ");
                    wrong("--integrators", name, message, format!("there is {known}, or `all`"))
                })
            })
            .collect(),
    }
}

/// Whether there is a kind of noise to be measured; that of NumPy is for one neuron.
fn check_noise(name: &str) -> Result<(), Error> {
    let known: Vec<&str> = help::measured().collect();
    if known.contains(&name) {
        return Ok(());
    }
    let message = format!("no noise to measure is named `{name}`");
    Err(wrong("--noise", name, message, format!("there is {}", known.join(", "))))
}

/// The numbers of neurons, ascending.
pub fn sizes(args: &Args) -> Result<Vec<usize>, Error> {
    let mut sizes = if args.neurons.is_empty() { NEURONS.to_vec() } else { args.neurons.clone() };
    sizes.sort_unstable();
    sizes.dedup();
    if sizes[0] == 0 {
        let message = "there is nothing to measure".to_owned();
        return Err(wrong("--neurons", 0, message, "give 1 or more".into()));
    }
    Ok(sizes)
}

/// The number of neurons that are stepped for a long time.
pub fn soaked(args: &Args) -> usize {
    args.neurons.iter().copied().max().unwrap_or(SOAKED)
}

/// Each work once, however it is recorded.
pub fn once(cases: &[Case]) -> Vec<Case> {
    let mut once: Vec<Case> = Vec::new();
    for case in cases {
        let work = |case: &Case| (case.model.name, case.integrator, case.noise.clone());
        if once.iter().all(|known| work(known) != work(case)) {
            once.push(case.clone());
        }
    }
    once
}
