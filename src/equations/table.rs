//! The tables of a model's file, with the place of each word for messages.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::expression::{Expression, parse};
use crate::error::{Error, Place, Problem};
use crate::unit;

/// An expression of a file, and where it stands in it.
#[derive(Clone, Debug)]
pub struct Text {
    /// As it is written.
    pub written: String,
    /// The expression.
    pub expression: Expression,
    /// Where it begins in the file.
    pub offset: usize,
}

/// A file, for messages.
#[derive(Clone, Copy)]
pub struct File<'a> {
    pub path: &'a Path,
    pub text: &'a Arc<str>,
}

impl File<'_> {
    pub fn problem(&self, span: Range<usize>, message: impl Into<String>, remedy: &str) -> Error {
        let place = Place::File { path: self.path.to_owned(), text: self.text.clone(), span };
        Problem::new(message, &place, remedy).into()
    }
}

/// A table of the file.
pub struct Section<'a> {
    pub file: File<'a>,
    pub table: &'a DeTable<'a>,
    pub span: Range<usize>,
    pub known: &'a [&'a str],
}

/// An entry of a table: a name and what stands under it.
pub struct Entry<'a> {
    pub file: File<'a>,
    pub name: String,
    pub span: Range<usize>,
    pub value: &'a toml::Spanned<DeValue<'a>>,
}

impl<'a> Section<'a> {
    /// Every key must mean something.
    pub fn check(&self) -> Result<(), Error> {
        let unknown = self.table.keys().find(|key| !self.known.contains(&key.get_ref().as_ref()));
        let Some(key) = unknown else { return Ok(()) };
        let name = key.get_ref().as_ref();
        let remedy = match crate::error::nearest(name, self.known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the keys here are {}", self.known.join(", ")),
        };
        Err(self.file.problem(key.span(), format!("there is no key `{name}` here"), &remedy))
    }

    pub fn wrong(&self, key: &str, message: String, remedy: &str) -> Error {
        let span = self.table.get(key).map_or(self.span.clone(), |value| value.span());
        self.file.problem(span, message, remedy)
    }

    pub fn text(&self, key: &str) -> Result<Option<String>, Error> {
        match self.table.get(key).map(|value| value.get_ref()) {
            None => Ok(None),
            Some(DeValue::String(text)) => Ok(Some(text.to_string())),
            Some(_) => Err(self.wrong(key, format!("`{key}` is no text"), "write it in quotes")),
        }
    }

    pub fn flag(&self, key: &str) -> Result<bool, Error> {
        match self.table.get(key).map(|value| value.get_ref()) {
            None => Ok(false),
            Some(DeValue::Boolean(flag)) => Ok(*flag),
            Some(_) => {
                Err(self.wrong(key, format!("`{key}` is neither true nor false"), "leave it out"))
            }
        }
    }

    pub fn number(&self, key: &str, default: f64) -> Result<f64, Error> {
        self.quantity(key, "1", default)
    }

    pub fn quantity(&self, key: &str, unit: &str, default: f64) -> Result<f64, Error> {
        let Some(value) = self.table.get(key) else { return Ok(default) };
        let number = match value.get_ref() {
            DeValue::String(text) => unit::read(text, unit),
            DeValue::Integer(number) => unit::read(number.as_str(), unit),
            DeValue::Float(number) => unit::read(number.as_str(), unit),
            _ => Err("it is no number".into()),
        };
        number.map_err(|why| self.wrong(key, format!("{key}: {why}"), "write a number"))
    }

    pub fn section(&self, key: &str, known: &'a [&'a str]) -> Result<Option<Section<'a>>, Error> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.wrong(key, format!("`{key}` is no table"), "write it as [..]"));
        };
        let section = Section { file: self.file, table, span: value.span(), known };
        section.check()?;
        Ok(Some(section))
    }

    /// The entries of a table, as they are written.
    pub fn entries(&self, key: &str) -> Result<Vec<Entry<'a>>, Error> {
        let Some(value) = self.table.get(key) else { return Ok(Vec::new()) };
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.wrong(key, format!("`{key}` is no table"), "write it as [..]"));
        };
        let mut entries: Vec<Entry<'_>> = table
            .iter()
            .map(|(key, value)| Entry {
                file: self.file,
                name: key.get_ref().to_string(),
                span: key.span(),
                value,
            })
            .collect();
        entries.sort_by_key(|entry| entry.span.start);
        Ok(entries)
    }

    /// An expression; none if it is not there.
    pub fn expression(&self, key: &str) -> Result<Option<Text>, Error> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let entry = Entry { file: self.file, name: key.into(), span: value.span(), value };
        entry.expression(value).map(Some)
    }
}

impl<'a> Entry<'a> {
    pub fn wrong(&self, message: String, remedy: &str) -> Error {
        self.file.problem(self.span.clone(), message, remedy)
    }

    /// The entry as a table.
    pub fn section(&self, known: &'a [&'a str]) -> Result<Section<'a>, Error> {
        let Some(table) = self.value.get_ref().as_table() else {
            let remedy = format!("write {} as a table with {}", self.name, known.join(", "));
            return Err(self.wrong(format!("`{}` is no table", self.name), &remedy));
        };
        let section = Section { file: self.file, table, span: self.span.clone(), known };
        section.check()?;
        Ok(section)
    }

    /// A value as an expression.
    pub fn expression(&self, value: &toml::Spanned<DeValue<'_>>) -> Result<Text, Error> {
        let written = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.as_str().to_owned(),
            DeValue::Float(number) => number.as_str().to_owned(),
            _ => {
                let message = format!("`{}` is no expression", self.name);
                return Err(self.file.problem(value.span(), message, "write it in quotes"));
            }
        };
        // Where the text begins behind its quotes; in one with escapes places are not to be had.
        let span = value.span();
        let inside = self.file.text.get(span.clone()).and_then(|raw| raw.find(&written));
        let offset = span.start + inside.unwrap_or(0);
        let expression = parse(&written).map_err(|wrong| {
            let at = wrong.span.start + offset..wrong.span.end + offset;
            self.file.problem(at, wrong.message, &wrong.remedy)
        })?;
        Ok(Text { written, expression, offset })
    }
}
