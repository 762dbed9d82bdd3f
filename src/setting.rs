//! Settings: what a user wrote, on the command line or in a TOML file, with the place where.

use crate::error::{Error, Place, Problem};

/// A value as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// A number.
    Number(f64),
    /// A text: a name, a number with a unit, a distribution, a list.
    Text(String),
    /// A list.
    List(Vec<Literal>),
    /// A table of names and values, such as a distribution.
    Table(Vec<(String, Literal)>),
}

impl Literal {
    /// The value in words, for messages.
    pub fn words(&self) -> String {
        match self {
            Literal::Number(number) => crate::unit::exact(*number),
            Literal::Text(text) => format!("`{text}`"),
            Literal::List(list) => format!("a list of {}", list.len()),
            Literal::Table(_) => "a table".into(),
        }
    }
}

impl std::fmt::Display for Literal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Literal::Number(number) => f.write_str(&crate::unit::exact(*number)),
            Literal::Text(text) => f.write_str(text),
            other => f.write_str(&other.words()),
        }
    }
}

/// One key with its value and the places of both.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The key, dotted: `noise.sigma`.
    pub key: String,
    /// Where the key was written.
    pub key_place: Place,
    /// The value.
    pub value: Literal,
    /// Where the value was written.
    pub value_place: Place,
}

impl Setting {
    /// A setting made by a flag such as `--dt 0.1`; the key is the experiment's.
    pub fn flag(key: &str, flag: &str, value: impl ToString) -> Self {
        let value = value.to_string();
        let place = Place::Flag(format!("{flag} {value}"));
        Setting {
            key: key.into(),
            key_place: place.clone(),
            value: Literal::Text(value),
            value_place: place,
        }
    }

    /// Reads `KEY=VALUE` of a `--set`.
    ///
    /// # Errors
    /// If there is no `=`, or nothing on one side of it.
    pub fn assignment(text: &str) -> Result<Self, Error> {
        let place = Place::Flag(format!("--set {text}"));
        match text.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() && !value.trim().is_empty() => {
                Ok(Setting {
                    key: key.trim().into(),
                    key_place: place.clone(),
                    value: Literal::Text(value.trim().into()),
                    value_place: place,
                })
            }
            _ => Err(Problem::new(
                format!("`{text}` is not KEY=VALUE"),
                &place,
                "write for example --set tau_m=20",
            )
            .into()),
        }
    }

    /// Reads `KIND KEY=VALUE ..` of a `--source`: a key goes on until the next one, quotes around a value are left away.
    /// Without `name=NAME` it is named as its kind.
    ///
    /// # Errors
    /// If there is no kind, or a word before the first key.
    pub fn source(text: &str) -> Result<Vec<Self>, Error> {
        let place = Place::Flag(format!("--source \"{text}\""));
        let mut words = text.split_whitespace();
        let wrong = |message: String| {
            let remedy = "write for example --source \"sine amplitude=50pA frequency=8Hz\"";
            Error::from(Problem::new(message, &place, remedy))
        };
        let Some(kind) = words.next().filter(|kind| !kind.contains('=')) else {
            return Err(wrong("the source has no kind".into()));
        };
        let is_name = |key: &str| {
            key.starts_with(|c: char| c.is_ascii_alphabetic())
                && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let mut entries: Vec<(String, String)> = Vec::new();
        for word in words {
            match (word.split_once('='), entries.last_mut()) {
                (Some((key, value)), _) if is_name(key) && !value.starts_with('=') => {
                    entries.push((key.to_owned(), value.to_owned()));
                }
                (_, Some((_, value))) => *value = format!("{value} {word}"),
                (_, None) => return Err(wrong(format!("`{word}` is not KEY=VALUE"))),
            }
        }
        if entries.iter().any(|(key, _)| key == "kind") {
            return Err(wrong("the kind is the first word of a source".into()));
        }
        let stem = kind.rsplit(['/', '\\']).next().unwrap_or(kind).trim_end_matches(".toml");
        let named = entries.iter().find(|(key, _)| key == "name");
        let name = named.map_or(stem, |(_, name)| name).to_owned();
        let entries = entries.into_iter().filter(|(key, _)| key != "name");
        let all = [("kind".to_owned(), kind.to_owned())].into_iter().chain(entries);
        let setting = |(key, value): (String, String)| {
            let value = value.trim().trim_matches(['"', '\'']).to_owned();
            Setting {
                key: format!("{name}.{key}"),
                key_place: place.clone(),
                value: Literal::Text(value),
                value_place: place.clone(),
            }
        };
        Ok(all.map(setting).collect())
    }
}
