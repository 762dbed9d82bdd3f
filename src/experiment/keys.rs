//! Every key must mean something.

use std::collections::HashSet;

use super::kind::Kind;
use super::reader::Reader;
use crate::error::{Error, Problem, nearest};
use crate::model::{Model, models};
use crate::setting::Setting;
use crate::source::{self, FROZEN, Role};

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
    if let Some((group, name)) = key.split_once('.')
        && let Some(now) = kind.kind_of(group)
    {
        if let Some(other) = kind_with(group, name, model) {
            let message =
                format!("`{key}` belongs to the {group} `{other}`, but the {group} is `{now}`");
            return Some((message, format!("use --{group} {other}, or leave `{key}` out")));
        }
        let mut own = kind.keys();
        own.retain(|key| key.starts_with(&format!("{group}.")));
        let message = format!("the source `{group}`, of the kind {now}, has no key `{key}`");
        let remedy = match nearest(key, own.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {}", own.join(", ")),
        };
        return Some((message, remedy));
    }
    let other = models().into_iter().find(|other| other.parameter(key).is_some())?;
    let (name, now) = (other.name, model.name);
    let message = format!("`{key}` belongs to the model `{name}`, but the model is `{now}`");
    Some((message, format!("use --model {name}, or leave `{key}` out")))
}

/// A kind of stimulus or noise that has a key of this name.
fn kind_with(group: &str, name: &str, model: &Model) -> Option<&'static str> {
    let role = match group {
        "stimulus" => Role::Stimulus,
        "noise" => Role::Noise,
        _ => return None,
    };
    source::named(role).find(|kind| {
        let has_text = source::Kind::named(kind)
            .is_some_and(|kind| kind.keys.iter().any(|known| known.name == name));
        let is_of_role = role == Role::Noise && name == FROZEN.name;
        is_of_role || has_text || source::parameters(kind, model).iter().any(|p| p.name == name)
    })
}
