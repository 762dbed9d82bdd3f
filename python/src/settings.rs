//! Values of Python as settings, which the library checks as it checks those of a file.

use loligo::document::{Document, parse_toml, read_toml};
use loligo::error::Place;
use loligo::setting::{Literal, Setting};
use loligo::sweep::Sweep;
use numpy::{PyArray1, PyArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};

use crate::errors::Raised;

/// Tables whose keys go with their names; those of `parameters` go without.
const GROUPS: [&str; 3] = ["stimulus", "noise", "parameters"];

/// What an experiment is made of: a document, and settings that count before it.
#[derive(Clone, Default)]
pub struct Asked {
    /// What a file, a text or a dict says.
    pub document: Document,
    /// What is said besides.
    pub flags: Vec<Setting>,
}

impl Asked {
    /// From a file of TOML, a text of it, or nothing, and a dict of plain values: text, numbers, lists, dicts and arrays of
    /// one dimension.
    ///
    /// # Errors
    /// If a value is none of these, or the TOML is wrong.
    pub fn new(
        py: Python<'_>,
        path: Option<&str>,
        text: Option<&str>,
        said: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        let mut asked = match (path, text) {
            (Some(path), _) => {
                Asked { document: read_toml(path.as_ref()).raised(py)?, ..Asked::default() }
            }
            (None, Some(text)) => {
                let document = parse_toml("the text".as_ref(), text).raised(py)?;
                Asked { document, ..Asked::default() }
            }
            (None, None) => Asked::default(),
        };
        let has_file = path.is_some() || text.is_some();
        asked.add(said, has_file)?;
        Ok(asked)
    }

    fn add(&mut self, said: &Bound<'_, PyDict>, as_flags: bool) -> PyResult<()> {
        let py = said.py();
        for (key, value) in said {
            let key: String = key.extract()?;
            match key.as_str() {
                "population" | "populations" => {
                    self.document.populations.clear();
                    for population in value.cast::<PyList>()?.iter() {
                        let mut settings = Vec::new();
                        for (key, value) in population.cast::<PyDict>()? {
                            gather(
                                "",
                                &key.extract::<String>()?,
                                &value,
                                &|_| false,
                                &mut settings,
                            )?;
                        }
                        self.document.populations.push(settings);
                    }
                }
                "sweep" => {
                    self.document.sweeps.clear();
                    for (key, list) in value.cast::<PyDict>()? {
                        self.document.sweeps.push(sweep(py, key.extract()?, &list)?);
                    }
                }
                "models" => self.add_models(py, &value)?,
                _ => {
                    if as_flags {
                        self.forget(&key, &value)?;
                    }
                    let known = self.sources();
                    let into = if as_flags { &mut self.flags } else { &mut self.document.common };
                    let is_source = |name: &str| known.iter().any(|known| known == name);
                    gather("", &key, &value, &is_source, into)?;
                }
            }
        }
        Ok(())
    }

    /// The names of sources of a file.
    fn sources(&self) -> Vec<String> {
        let all = self.document.common.iter().chain(self.document.populations.iter().flatten());
        let names = all.filter_map(|setting| setting.key.strip_suffix(".kind"));
        names.map(str::to_owned).collect()
    }

    /// Forgets what a file says of a group that is given another kind, and the sweep of a key that is given a value.
    fn forget(&mut self, key: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let is_kind = match value.cast::<PyDict>() {
            Ok(table) => table.contains("kind")?,
            Err(_) => GROUPS.contains(&key),
        };
        if is_kind {
            let prefix = format!("{key}.");
            let lists = std::iter::once(&mut self.document.common)
                .chain(&mut self.document.populations)
                .chain([&mut self.flags]);
            lists.for_each(|list| list.retain(|setting| !setting.key.starts_with(&prefix)));
        }
        self.document.sweeps.retain(|sweep| sweep.key != key);
        Ok(())
    }

    /// Adds models of one's own, in the place of those of the same names.
    fn add_models(&mut self, py: Python<'_>, models: &Bound<'_, PyAny>) -> PyResult<()> {
        let wrong = |error: String| PyTypeError::new_err(error);
        let mut all: toml::Table = self
            .document
            .models_text
            .parse()
            .map_err(|error: toml::de::Error| wrong(error.to_string()))?;
        let own = all.entry("model").or_insert_with(|| toml::Table::new().into());
        let Some(own) = own.as_table_mut() else { return Ok(()) };
        for (name, model) in models.cast::<PyDict>()? {
            let table = match model.extract::<String>() {
                // Its whole text.
                Ok(text) => toml::Value::Table(
                    text.parse().map_err(|error: toml::de::Error| wrong(error.to_string()))?,
                ),
                Err(_) => tables(&model)?,
            };
            own.insert(name.extract()?, table);
        }
        let text = toml::to_string(&all).map_err(|error| wrong(error.to_string()))?;
        let read = parse_toml("models".as_ref(), &text).raised(py)?;
        (self.document.models, self.document.models_text) = (read.models, read.models_text);
        Ok(())
    }
}

/// The values that a key is swept over: a list, or a text such as `0:10:2`.
fn sweep(py: Python<'_>, key: String, list: &Bound<'_, PyAny>) -> PyResult<Sweep> {
    let place = Place::Flag(format!("sweep {key}"));
    match literal(list)? {
        Literal::Text(text) => Sweep::parse_at(&format!("{key}={text}"), place).raised(py),
        list => Sweep::new(&key, &list, place).raised(py),
    }
}

/// Adds the settings of a key and its value.
fn gather(
    group: &str,
    name: &str,
    value: &Bound<'_, PyAny>,
    is_source: &dyn Fn(&str) -> bool,
    settings: &mut Vec<Setting>,
) -> PyResult<()> {
    if let ("source" | "sources", "", Ok(list)) = (name, group, value.cast::<PyList>()) {
        for source in list.iter() {
            let source = source.cast::<PyDict>()?.clone();
            let of = |key: &str| {
                let value = source.get_item(key)?;
                value.map(|value| value.extract::<String>()).transpose()
            };
            let kind = of("kind")?.ok_or_else(|| PyTypeError::new_err("a source has a `kind`"))?;
            let own = of("name")?.unwrap_or(kind);
            let key = format!("{own}.kind");
            if ["stimulus", "noise"].contains(&own.as_str()) {
                let message = format!(
                    "a source is named `{own}`; say {own}={{..}} instead, or give it another name"
                );
                return Err(PyValueError::new_err(message));
            }
            if settings.iter().any(|setting| setting.key == key) {
                let message =
                    format!("there are two sources named `{own}`; give each a name of its own");
                return Err(PyValueError::new_err(message));
            }
            for (key, value) in &source {
                let key: String = key.extract()?;
                if key != "name" {
                    gather(&own, &key, &value, is_source, settings)?;
                }
            }
        }
        return Ok(());
    }
    if let ("", Ok(table)) = (group, value.cast::<PyDict>())
        && (GROUPS.contains(&name) || is_source(name) || table.contains("kind")?)
    {
        for (key, value) in table {
            gather(name, &key.extract::<String>()?, &value, is_source, settings)?;
        }
        return Ok(());
    }
    let key = match group {
        "" if ["stimulus", "noise"].contains(&name) => format!("{name}.kind"),
        "" | "parameters" => name.to_owned(),
        _ => format!("{group}.{name}"),
    };
    let value = literal(value)?;
    let place = Place::Flag(match &value {
        Literal::List(list) => format!("{key} (a list of {})", list.len()),
        value => format!("{key} = {}", value.words().replace('`', "'")),
    });
    settings.push(Setting { key, key_place: place.clone(), value, value_place: place });
    Ok(())
}

/// A plain value as the library has it.
fn literal(value: &Bound<'_, PyAny>) -> PyResult<Literal> {
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(Literal::Text(flag.is_true().to_string()));
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Literal::Text(text.extract()?));
    }
    if value.cast::<PyFloat>().is_ok() || value.cast::<PyInt>().is_ok() {
        return number(value);
    }
    if let Ok(array) = value.cast::<PyArray1<f64>>() {
        let array = array.readonly();
        return Ok(Literal::List(array.as_slice()?.iter().map(|x| Literal::Number(*x)).collect()));
    }
    if let Ok(list) = value.cast::<PyList>() {
        return Ok(Literal::List(list.iter().map(|item| literal(&item)).collect::<PyResult<_>>()?));
    }
    if let Ok(table) = value.cast::<PyDict>() {
        let entries = table.iter().map(|(key, value)| Ok((key.extract()?, literal(&value)?)));
        return Ok(Literal::Table(entries.collect::<PyResult<_>>()?));
    }
    let kind = value.get_type().name()?;
    Err(PyTypeError::new_err(format!(
        "a {kind} is no value: give a number, a text, a list or an array"
    )))
}

/// A number; whole ones beyond 2^53 stay as they are.
fn number(value: &Bound<'_, PyAny>) -> PyResult<Literal> {
    const MOST_EXACT: f64 = 9_007_199_254_740_992.0;
    match value.extract::<f64>() {
        Ok(number) if number.abs() < MOST_EXACT || value.cast::<PyInt>().is_err() => {
            Ok(Literal::Number(number))
        }
        _ => Ok(Literal::Text(value.str()?.extract()?)),
    }
}

/// Dicts as tables of TOML.
fn tables(value: &Bound<'_, PyAny>) -> PyResult<toml::Value> {
    if let Ok(table) = value.cast::<PyDict>() {
        let entries = table.iter().map(|(key, value)| {
            let key: String = key.extract()?;
            let value = tables(&value)?;
            Ok((key, value))
        });
        return Ok(toml::Value::Table(entries.collect::<PyResult<_>>()?));
    }
    if let Ok(list) = value.cast::<PyList>() {
        let items = list.iter().map(|item| tables(&item));
        return Ok(toml::Value::Array(items.collect::<PyResult<_>>()?));
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(toml::Value::Boolean(flag.is_true()));
    }
    if value.cast::<PyInt>().is_ok() {
        return Ok(toml::Value::Integer(value.extract()?));
    }
    match value.extract::<f64>() {
        Ok(number) => Ok(toml::Value::Float(number)),
        Err(_) => Ok(toml::Value::String(value.extract()?)),
    }
}
