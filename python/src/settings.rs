//! Values of Python as settings, which the library checks as it checks those of a file.

use loligo::document::{Document, parse_toml, read_toml};
use loligo::error::Place;
use loligo::setting::{Literal, Setting};
use loligo::sweep::Sweep;
use numpy::{PyArray1, PyArrayMethods};
use pyo3::exceptions::PyTypeError;
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

    /// The same with more that counts before.
    pub fn with(&self, said: &Bound<'_, PyDict>) -> PyResult<Self> {
        let mut asked = self.clone();
        asked.add(said, true)?;
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
                            gather("", &key.extract::<String>()?, &value, &mut settings)?;
                        }
                        self.document.populations.push(settings);
                    }
                }
                "sweep" => {
                    for (key, list) in value.cast::<PyDict>()? {
                        let key: String = key.extract()?;
                        let place = Place::Flag(format!("sweep {key}"));
                        let sweep = match literal(&list)? {
                            Literal::Text(text) => {
                                Sweep::parse_at(&format!("{key}={text}"), place).raised(py)?
                            }
                            list => Sweep::new(&key, &list, place).raised(py)?,
                        };
                        self.document.sweeps.retain(|other| other.key != sweep.key);
                        self.document.sweeps.push(sweep);
                    }
                }
                "models" => {
                    let mut table = toml::Table::new();
                    table.insert("model".into(), tables(&value)?);
                    let text = toml::to_string(&table)
                        .map_err(|error| PyTypeError::new_err(error.to_string()))?;
                    let own = parse_toml("models".as_ref(), &text).raised(py)?;
                    self.document.models.extend(own.models);
                    self.document.models_text += &own.models_text;
                }
                _ => {
                    let into = if as_flags { &mut self.flags } else { &mut self.document.common };
                    gather("", &key, &value, into)?;
                }
            }
        }
        Ok(())
    }
}

/// Adds the settings of a key and its value.
fn gather(
    group: &str,
    name: &str,
    value: &Bound<'_, PyAny>,
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
            for (key, value) in &source {
                let key: String = key.extract()?;
                if key != "name" {
                    gather(&own, &key, &value, settings)?;
                }
            }
        }
        return Ok(());
    }
    if let ("", Ok(table)) = (group, value.cast::<PyDict>())
        && (GROUPS.contains(&name) || table.contains("kind")?)
    {
        for (key, value) in table {
            gather(name, &key.extract::<String>()?, &value, settings)?;
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
        Ok(number) if number.abs() <= MOST_EXACT || value.cast::<PyInt>().is_err() => {
            Ok(Literal::Number(number))
        }
        _ => Ok(Literal::Text(value.str()?.extract()?)),
    }
}

/// Dicts as tables of TOML; a text is TOML itself.
fn tables(value: &Bound<'_, PyAny>) -> PyResult<toml::Value> {
    if let Ok(table) = value.cast::<PyDict>() {
        let entries = table.iter().map(|(key, value)| {
            let key: String = key.extract()?;
            let value = match value.cast::<PyString>() {
                // Of a model, its whole text.
                Ok(text) if text.to_cow()?.contains('\n') && text.to_cow()?.contains('=') => {
                    let text: String = text.extract()?;
                    let table = text.parse::<toml::Table>();
                    table
                        .map(toml::Value::Table)
                        .map_err(|error| PyTypeError::new_err(error.to_string()))?
                }
                _ => tables(&value)?,
            };
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
