//! Every key must mean something.

use std::collections::HashSet;

use super::kind::Kind;
use super::reader::Reader;
use crate::drive::{NoiseKind, StimulusKind};
use crate::error::{Error, Problem, nearest};
use crate::model::models;
use crate::setting::Setting;

/// Keys of the experiment as a whole.
const EXPERIMENT_KEYS: [&str; 6] = ["loligo", "duration", "dt", "seed", "from", "to"];

/// Every key must mean something: at the top of the file or as a flag to some population, in a
/// population to that one.
pub fn check(
    whole: &Reader,
    own: &[(&[Setting], &[Setting])],
    kinds: &[Kind],
) -> Result<(), Error> {
    let per_population: Vec<Vec<String>> = kinds.iter().map(Kind::keys).collect();
    let mut common = union(&per_population);
    common.extend(EXPERIMENT_KEYS.map(str::to_owned));
    for setting in whole.settings() {
        known_key(setting, &common, kinds)?;
    }
    // What a population says must mean something in one of its cells, which are neighbours.
    let mut of_any: Vec<Vec<String>> = Vec::new();
    let mut population = Vec::with_capacity(own.len());
    let mut first = 0;
    for cells in own.chunk_by(|(one, _), (other, _)| std::ptr::eq(*one, *other)) {
        population.extend(std::iter::repeat_n(of_any.len(), cells.len()));
        of_any.push(union(&per_population[first..first + cells.len()]));
        first += cells.len();
    }
    for (n, ((settings, cell), kind)) in own.iter().zip(kinds).enumerate() {
        let of_any = &of_any[population[n]];
        let said = settings.iter().map(|setting| (setting, of_any));
        for (setting, keys) in said.chain(cell.iter().map(|setting| (setting, &per_population[n])))
        {
            if EXPERIMENT_KEYS.contains(&setting.key.as_str()) {
                return Err(Problem::new(
                    format!("`{}` is the same for all populations", setting.key),
                    &setting.key_place,
                    "move it to the top of the file, before the first [[population]]",
                )
                .into());
            }
            known_key(setting, keys, std::slice::from_ref(kind))?;
        }
    }
    Ok(())
}

/// All keys of lists of them, each once.
fn union(lists: &[Vec<String>]) -> Vec<String> {
    let mut seen = HashSet::new();
    lists.iter().flatten().filter(|key| seen.insert(*key)).cloned().collect()
}

/// Refuses a key that is not among those known.
fn known_key(setting: &Setting, known: &[String], kinds: &[Kind]) -> Result<(), Error> {
    let key = setting.key.as_str();
    if known.iter().any(|known| known == key) {
        return Ok(());
    }
    let (message, remedy) = elsewhere(key, kinds).unwrap_or_else(|| {
        let remedy = match nearest(key, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the keys here are {}", known.join(", ")),
        };
        (format!("there is no key `{key}`"), remedy)
    });
    Err(Problem::new(message, &setting.key_place, remedy).into())
}

/// A key that another model, stimulus or noise has: what to say of it.
fn elsewhere(key: &str, kinds: &[Kind]) -> Option<(String, String)> {
    let kind = kinds.first()?;
    let model = kind.model;
    let of_source = key.split_once('.').and_then(|(group, _)| Some((group, kind.kind_of(group)?)));
    if let Some((group, now)) = of_source
        && kind.sources.iter().any(|source| source.name == group)
    {
        let message = format!("the source `{group}`, of the kind {now}, has no key `{key}`");
        let mut own = kind.keys();
        own.retain(|key| key.starts_with(&format!("{group}.")));
        return Some((message, format!("it has {}", own.join(", "))));
    }
    let owner = |group: &str, name: &'static str, now: &str| {
        (
            format!("`{key}` belongs to the {group} `{name}`, but the {group} is `{now}`"),
            format!("use --{group} {name}, or leave `{key}` out"),
        )
    };
    if let Some(name) = key.strip_prefix("stimulus.") {
        let has = |(_, k): &(_, StimulusKind)| {
            k.parameters(model).iter().any(|p| p.name == name)
                || k.keys().iter().any(|c| c.name == name)
        };
        let (other, _) = StimulusKind::NAMED.into_iter().find(has)?;
        return Some(owner("stimulus", other, kind.stimulus.name()));
    }
    if let Some(name) = key.strip_prefix("noise.") {
        let has = |(_, k): &(_, NoiseKind)| {
            k.parameters(model).iter().any(|p| p.name == name)
                || k.keys().iter().any(|c| c.name == name)
        };
        let (other, _) = NoiseKind::NAMED.into_iter().find(has)?;
        return Some(owner("noise", other, kind.noise.name()));
    }
    let other = models().into_iter().find(|other| other.parameter(key).is_some())?;
    Some(owner("model", other.name, model.name))
}
