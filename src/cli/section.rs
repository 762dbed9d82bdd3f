//! `[run]` of an experiment's file: what flags besides those of the experiment say, by their names.

use clap::ValueEnum;

use loligo::engine::choice::Precision;
use loligo::error::{Error, Place, Problem};
use loligo::setting::{Literal, Setting};

/// All keys of the section. A command reads those that are its own.
const KEYS: [&str; 9] =
    ["record", "format", "window", "segment", "taper", "precision", "show", "pick", "every"];

/// The section, read beside flags, and written again.
#[derive(Debug)]
pub struct Section<'a> {
    settings: &'a [Setting],
    lines: Vec<(&'static str, Literal)>,
}

/// What was said, and where.
pub type Said = (String, Place);

impl<'a> Section<'a> {
    /// The section as a file has it.
    ///
    /// # Errors
    /// If it has a key that is none.
    pub fn new(settings: &'a [Setting]) -> Result<Self, Error> {
        let unknown = settings.iter().find(|setting| !KEYS.contains(&setting.key.as_str()));
        match unknown {
            None => Ok(Section { settings, lines: Vec::new() }),
            Some(unknown) => {
                let message = format!("[run] has no `{}`", unknown.key);
                let remedy = format!("the keys there are {}", KEYS.join(", "));
                Err(Problem::new(message, &unknown.key_place, remedy).into())
            }
        }
    }

    fn get(&self, key: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.key == key)
    }

    /// What is said of a key: a flag counts before the file.
    pub fn said(&self, key: &str, flag: Option<&str>) -> Option<Said> {
        match flag {
            Some(text) => Some((text.to_owned(), Place::Flag(format!("--{key} {text}")))),
            None => {
                let setting = self.get(key)?;
                Some((setting.value.to_string(), setting.value_place.clone()))
            }
        }
    }

    /// The same for a flag that is repeated, a list in the file.
    pub fn list(&self, key: &str, flags: &[String]) -> Vec<Said> {
        if !flags.is_empty() {
            return flags.iter().filter_map(|flag| self.said(key, Some(flag))).collect();
        }
        let Some(setting) = self.get(key) else { return Vec::new() };
        let place = || setting.value_place.clone();
        match &setting.value {
            Literal::List(list) => list.iter().map(|item| (item.to_string(), place())).collect(),
            one => vec![(one.to_string(), place())],
        }
    }

    /// One of several names, and whether it was said.
    ///
    /// # Errors
    /// If it is none of them.
    pub fn choice<T: ValueEnum + Copy>(
        &mut self,
        key: &'static str,
        flag: Option<T>,
        default: T,
    ) -> Result<(T, bool), Error> {
        let name = |choice: T| choice.to_possible_value().map(|value| value.get_name().to_owned());
        let flag = flag.and_then(name);
        let Some((text, place)) = self.said(key, flag.as_deref()) else {
            return Ok((default, false));
        };
        let choice = T::from_str(&text, false).map_err(|_| {
            let known: Vec<String> =
                T::value_variants().iter().filter_map(|choice| name(*choice)).collect();
            let message = format!("there is no {key} `{text}`");
            Problem::new(message, &place, format!("use {}", known.join(" or ")))
        })?;
        Ok((choice, true))
    }

    /// The precision: that of a flag, or of the file, or single.
    ///
    /// # Errors
    /// If it is none.
    pub fn precision(&mut self, flag: Option<Precision>) -> Result<Precision, Error> {
        let (precision, _) = self.choice("precision", flag, Precision::default())?;
        if let Some(value) = precision.to_possible_value() {
            self.write("precision", value.get_name());
        }
        Ok(precision)
    }

    /// Notes a line to be written.
    pub fn write(&mut self, key: &'static str, text: &str) {
        self.lines.push((key, Literal::Text(text.to_owned())));
    }

    /// Notes a line with a list to be written; none of an empty one.
    pub fn write_list(&mut self, key: &'static str, said: &[Said]) {
        if !said.is_empty() {
            let list = said.iter().map(|(text, _)| Literal::Text(text.clone())).collect();
            self.lines.push((key, Literal::List(list)));
        }
    }

    /// The section with all that was noted, as TOML.
    pub fn written(&self) -> String {
        let text = |value: &Literal| match value {
            Literal::List(list) => {
                let texts = list.iter().map(|item| toml::Value::String(item.to_string()));
                toml::Value::Array(texts.collect()).to_string()
            }
            other => toml::Value::String(other.to_string()).to_string(),
        };
        let lines = self.lines.iter().map(|(key, value)| format!("{key} = {}\n", text(value)));
        "\n[run]\n".to_owned() + &lines.collect::<String>()
    }
}
