//! An experiment written out: everything that was said and every default, as a TOML file that gives the same experiment.

use std::fmt::Write as _;
use std::path::Path;

use super::definition::{DURATION_MS, Experiment, NEURONS};
use super::kind::{Kind, kind_of};
use super::played::{hash, path_of};
use super::reader::Reader;
use crate::document::Document;
use crate::error::Error;
use crate::model::{Model, Parameter};
use crate::setting::{Literal, Setting};
use crate::sweep;
use crate::unit::exact;

/// The TOML file of an experiment that was made of a document and flags. Distributions are as they were written;
/// a file that is played is named by its whole path, with its hash.
///
/// # Errors
/// If a file that is played cannot be read any more.
pub fn complete(
    experiment: &Experiment,
    document: &Document,
    flags: &[Setting],
) -> Result<String, Error> {
    let mut text = String::new();
    let mut line = |key: &str, value: &str, unit: &str| text += &written_line(key, value, unit);
    line("loligo", &toml(&Literal::Text(env!("CARGO_PKG_VERSION").into())), "");
    line("seed", &experiment.seed.to_string(), "");
    let whole = Reader::new([&document.common[..], flags].concat());
    let said = |key: &str, default: f64| match whole.get(key) {
        Some(setting) => quantity(&setting.value),
        None => exact(default),
    };
    line("dt", &said("dt", experiment.dt_ms), "ms");
    line("duration", &said("duration", DURATION_MS), "ms");
    for key in ["from", "to"] {
        if let Some(setting) = whole.get(key) {
            line(key, &quantity(&setting.value), "ms");
        }
    }
    if !document.sweeps.is_empty() {
        text += "\n[sweep]\n";
        for sweep in &document.sweeps {
            let _ =
                writeln!(text, "{} = {}", sweep.key, toml(&Literal::List(sweep.values.clone())));
        }
    }
    let cells = sweep::cells(&document.sweeps)?;
    let nothing = [Vec::new()];
    let populations =
        if document.populations.is_empty() { &nothing[..] } else { &document.populations };
    for own in populations {
        let all = |cell: &[Setting]| {
            let settings = [&document.common[..], own, flags, cell].concat();
            Reader::new(settings).with_models(&document.models)
        };
        let kinds = cells.iter().map(|cell| kind_of(&all(cell))).collect::<Result<Vec<_>, _>>()?;
        text += "\n[[population]]\n";
        population(
            &mut text,
            &all(&[]),
            &kinds,
            &document.sweeps.iter().map(|s| &*s.key).collect::<Vec<_>>(),
        )?;
    }
    text += &models(experiment, document);
    Ok(text)
}

/// The models that are not of the catalogue, as `[model.NAME]`.
fn models(experiment: &Experiment, document: &Document) -> String {
    let mut tables: toml::Table = document.models_text.parse().unwrap_or_default();
    let own = tables.entry("model").or_insert_with(|| toml::Table::new().into());
    for population in &experiment.populations {
        let model = population.model;
        let model = model.plain();
        let is_of_catalogue = Model::named(model.name).is_some_and(|known| known == model);
        if let (Some(text), false, Some(own)) = (model.text, is_of_catalogue, own.as_table_mut()) {
            let table: toml::Table = text.parse().unwrap_or_default();
            own.entry(model.name).or_insert_with(|| table.into());
        }
    }
    match own.as_table() {
        Some(own) if own.is_empty() => String::new(),
        _ => "\n".to_owned() + &toml::to_string(&tables).unwrap_or_default(),
    }
}

/// The keys of a population, each with what was said or its default; `kinds` are those of its cells.
fn population(
    text: &mut String,
    reader: &Reader,
    kinds: &[Kind],
    swept: &[&str],
) -> Result<(), Error> {
    let Some(first) = kinds.first() else { return Ok(()) };
    let defaults = |kind: &Kind, key: &str| {
        let parameters: &[Parameter] = kind.model.parameters;
        let index = parameters.iter().position(|p| p.name == key)?;
        let preset = kind.preset.and_then(|preset| preset.values.iter().find(|(n, _)| *n == index));
        let default = preset.map_or(parameters[index].default, |(_, value)| *value);
        Some((default.is_finite().then(|| exact(default)), parameters[index].unit))
    };
    let text_of = |name: &str| toml(&Literal::Text(name.into()));
    let mut keys: Vec<String> = Vec::new();
    for key in kinds.iter().flat_map(Kind::keys) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let default_of = |kind: &Kind, key: &str| {
        let of_source = || {
            let of = kind.driving_parameter(key)?;
            Some((of.default.is_finite().then(|| exact(of.default)), of.unit))
        };
        defaults(kind, key).or_else(of_source)
    };
    let is_swept = |key: &str| {
        // A source is known by its kind.
        let is_kind =
            key.strip_suffix(".kind").is_some_and(|name| !["stimulus", "noise"].contains(&name));
        swept.contains(&key) && !is_kind
    };
    for key in keys.iter().filter(|key| !is_swept(key)) {
        // What only some cells have, or have another default of, is written where it was said, and has its default there else.
        let of_kind = kinds.iter().find_map(|kind| default_of(kind, key));
        let is_common = kinds.iter().all(|kind| {
            kind.keys().contains(key)
                && default_of(kind, key) == of_kind
                && (key != "integrator" || kind.model == first.model)
        });
        let is_quantity = of_kind.is_some() || key == "neurons";
        let unit = of_kind.as_ref().map_or("", |(_, unit)| *unit);
        let default = match (key.as_str(), of_kind) {
            (_, Some((value, _))) => value,
            ("model", _) => Some(text_of(first.model.name)),
            ("neurons", _) => Some(NEURONS.to_string()),
            ("integrator", _) => Some(text_of(first.model.integrators[0].name)),
            (key, _) => {
                key.strip_suffix(".kind").and_then(|group| Some(text_of(first.kind_of(group)?)))
            }
        };
        let value = match reader.get(key) {
            Some(setting) if is_played(kinds, key, ".file") => played(text, key, setting)?,
            // A model's file may change, or stay behind: its text is taken along.
            Some(_) if key == "model" => text_of(first.model.name),
            Some(_) if is_played(kinds, key, ".hash") => continue,
            // So may a source's.
            _ if own_text(first, key).is_some() => {
                toml(&Literal::Text(own_text(first, key).unwrap_or_default()))
            }
            Some(_) if key.strip_suffix(".kind").is_some_and(|group| first.is_own(group)) => {
                // Not one of the catalogue of the same name.
                let kind = key.strip_suffix(".kind").and_then(|group| first.kind_of(group));
                text_of(&format!("{}.toml", kind.unwrap_or_default()))
            }
            Some(setting) if is_quantity => quantity(&setting.value),
            Some(setting) => toml(&setting.value),
            None => match default.filter(|_| is_common) {
                Some(default) => default,
                None => continue,
            },
        };
        *text += &written_line(key, &value, unit);
    }
    Ok(())
}

/// The text of a source of a user's own, if a key holds that.
fn own_text(kind: &Kind, key: &str) -> Option<String> {
    let name = key.strip_suffix(".text")?;
    kind.sources.iter().find(|source| source.name == name)?.text.clone()
}

/// Whether a key is this one of a source that plays a recording.
fn is_played(kinds: &[Kind], key: &str, of: &str) -> bool {
    let sources = || kinds.iter().flat_map(|kind| &kind.sources);
    let plays = |name| sources().any(|source| source.name == name && source.definition.plays);
    key.strip_suffix(of).is_some_and(plays)
}

/// The path of a file that is played; its hash is written before it.
fn played(text: &mut String, key: &str, setting: &Setting) -> Result<String, Error> {
    let (path, name) = (path_of(setting), key.trim_end_matches(".file"));
    let _ = writeln!(
        text,
        "{name}.hash = {}",
        toml(&Literal::Text(hash(&path, &setting.value_place)?))
    );
    Ok(whole(&path))
}

/// The whole path of a file, as TOML has it.
fn whole(path: &Path) -> String {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    toml(&Literal::Text(whole.display().to_string()))
}

/// A key with its value; a bare number has its unit beside it.
fn written_line(key: &str, value: &str, unit: &str) -> String {
    let is_bare = value.parse::<f64>().is_ok() && !matches!(unit, "" | "1");
    let unit = if is_bare { format!("  # {unit}") } else { String::new() };
    format!("{key} = {value}{unit}\n")
}

/// A quantity as TOML has it: what is a number is written as one.
fn quantity(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => exact(number),
            _ => toml(literal),
        },
        other => toml(other),
    }
}

/// A value as TOML has it.
fn toml(literal: &Literal) -> String {
    match literal {
        Literal::Number(number) => exact(*number),
        Literal::Text(text) => toml::Value::String(text.clone()).to_string(),
        Literal::List(list) => {
            format!("[{}]", list.iter().map(toml).collect::<Vec<_>>().join(", "))
        }
        Literal::Table(table) => {
            let entries = table.iter().map(|(key, value)| {
                let key = toml::Value::String(key.clone()).to_string();
                format!("{key} = {}", toml(value))
            });
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}
