//! What differs between two folders of results: in the experiments, and, in units of their errors, in what came out.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Place, Problem};

/// Something that differs. What one of the two has not is none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// What it is: a key of the experiment, or a quantity, after the name of its population.
    pub key: String,
    /// In the first.
    pub first: Option<String>,
    /// In the second.
    pub second: Option<String>,
    /// How far the second is above the first, in standard errors of their difference; none where no error is known.
    pub standard_errors: Option<f64>,
}

/// Two folders of results, compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// What differs in the experiments.
    pub experiment: Vec<Difference>,
    /// What differs in the results.
    pub results: Vec<Difference>,
    /// Whether the spikes are the same, byte for byte; none where one of the two has none.
    pub same_spikes: Option<bool>,
}

impl Comparison {
    /// Compares two folders.
    ///
    /// # Errors
    /// If one of them holds no results.
    pub fn new(first: &Path, second: &Path) -> Result<Self, Error> {
        let (a, b) = (experiment(first)?, experiment(second)?);
        let (left, right) = (summary(first)?, summary(second)?);
        let spikes = |folder: &Path| std::fs::read(folder.join("spikes.npz")).ok();
        let same_spikes = spikes(first).zip(spikes(second)).map(|(a, b)| a == b);
        let told = |a: &BTreeMap<String, String>, b: &BTreeMap<String, String>| {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let differing = keys.into_iter().filter(|key| a.get(*key) != b.get(*key));
            differing
                .map(|key| Difference {
                    key: key.clone(),
                    first: a.get(key).cloned(),
                    second: b.get(key).cloned(),
                    standard_errors: None,
                })
                .collect()
        };
        Ok(Comparison { experiment: told(&a, &b), results: quantities(&left, &right), same_spikes })
    }

    /// Whether nothing differs.
    pub fn is_same(&self) -> bool {
        self.experiment.is_empty() && self.results.is_empty() && self.same_spikes != Some(false)
    }
}

/// A file in a folder of results.
fn content(folder: &Path, name: &str) -> Result<String, Error> {
    let place = Place::Flag(folder.display().to_string());
    std::fs::read_to_string(folder.join(name)).map_err(|error| {
        let message = format!("it holds no {name} that can be read: {error}");
        Problem::new(message, &place, "name a folder that Loligo has written").into()
    })
}

/// The keys of an experiment with their values, those of populations after their names.
fn experiment(folder: &Path) -> Result<BTreeMap<String, String>, Error> {
    let text = content(folder, "experiment.toml")?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let place = Place::Flag(folder.join("experiment.toml").display().to_string());
        Problem::new(format!("not TOML: {}", error.message()), &place, "see https://toml.io")
    })?;
    let mut keys = BTreeMap::new();
    flatten("", &toml::Value::Table(table), &mut keys);
    Ok(keys)
}

fn flatten(prefix: &str, value: &toml::Value, keys: &mut BTreeMap<String, String>) {
    match value {
        toml::Value::Table(table) if !table.contains_key("distribution") => {
            for (key, value) in table {
                let dot = if prefix.is_empty() { "" } else { "." };
                flatten(&format!("{prefix}{dot}{key}"), value, keys);
            }
        }
        toml::Value::Array(items)
            if items.iter().all(toml::Value::is_table) && !items.is_empty() =>
        {
            for (n, item) in items.iter().enumerate() {
                let name = item.get("name").and_then(toml::Value::as_str);
                let name =
                    name.map_or_else(|| format!("{prefix} {}", n + 1), |name| format!("`{name}`"));
                flatten(&name, item, keys);
            }
        }
        value => {
            // A number is a number, however it is written.
            let text = match value.as_integer() {
                Some(integer) => (integer as f64).to_string(),
                None => value.to_string(),
            };
            keys.insert(prefix.to_owned(), text);
        }
    }
}

fn summary(folder: &Path) -> Result<Value, Error> {
    let text = content(folder, "summary.json")?;
    serde_json::from_str(&text).map_err(|error| {
        let place = Place::Flag(folder.join("summary.json").display().to_string());
        Problem::new(format!("not JSON: {error}"), &place, "write it anew").into()
    })
}

/// Quantities of a population with the pointer to their standard error, if they have one.
const QUANTITIES: [(&str, &str, Option<&str>); 11] = [
    ("neurons", "/neurons", None),
    ("spikes", "/spikes", None),
    ("rate (Hz)", "/rate_hz/mean", Some("/rate_hz/sem")),
    ("ISI mean (ms)", "/isi_ms/mean", None),
    ("CV", "/isi_ms/cv_mean", Some("/isi_ms/cv_sem")),
    ("CV2", "/isi_ms/cv2_mean", None),
    ("LV", "/isi_ms/lv_mean", None),
    ("LvR", "/isi_ms/lvr_mean", None),
    ("Fano over neurons", "/fano_over_neurons/value", None),
    ("Fano over windows", "/fano_over_windows/mean", Some("/fano_over_windows/sem")),
    ("correlation", "/correlation/mean", Some("/correlation/sem")),
];

/// The quantities that differ, of populations with the same name.
fn quantities(first: &Value, second: &Value) -> Vec<Difference> {
    let populations = |summary: &Value| -> Vec<(String, Value)> {
        let all = summary["populations"].as_array().cloned().unwrap_or_default();
        all.into_iter().map(|p| (p["name"].as_str().unwrap_or_default().to_owned(), p)).collect()
    };
    let (a, b) = (populations(first), populations(second));
    let mut names: Vec<&String> = a.iter().map(|(name, _)| name).collect();
    names.extend(
        b.iter().map(|(name, _)| name).filter(|name| a.iter().all(|(known, _)| known != *name)),
    );
    let nothing = Value::Null;
    let of = |all: &[(String, Value)], name: &String| {
        all.iter().find(|(known, _)| known == name).map_or(nothing.clone(), |(_, p)| p.clone())
    };
    let mut differences = Vec::new();
    for name in names {
        let (a, b) = (of(&a, name), of(&b, name));
        for (quantity, pointer, error) in QUANTITIES {
            let number = |of: &Value, pointer: &str| of.pointer(pointer).and_then(Value::as_f64);
            let (x, y) = (number(&a, pointer), number(&b, pointer));
            if x == y {
                continue;
            }
            let errors = error.and_then(|pointer| {
                let error = number(&a, pointer)?.hypot(number(&b, pointer)?);
                (error > 0.0).then(|| Some((y? - x?) / error)).flatten()
            });
            differences.push(Difference {
                key: format!("`{name}` {quantity}"),
                first: x.map(crate::unit::tell),
                second: y.map(crate::unit::tell),
                standard_errors: errors,
            });
        }
    }
    differences
}
