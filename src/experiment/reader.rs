//! Looks settings up by key and reads them as numbers, counts, names.

use crate::error::{Error, Place, Problem, nearest};
use crate::model::Model;
use crate::setting::{Literal, Setting};
use crate::unit;

/// Settings of one population or of the whole experiment; of several with one key, the last counts.
#[derive(Debug)]
pub struct Reader {
    settings: Vec<Setting>,
    models: Vec<&'static Model>,
}

impl Reader {
    pub fn new(settings: Vec<Setting>) -> Self {
        Reader { settings, models: Vec::new() }
    }

    /// With the models of a file's own.
    pub fn with_models(self, models: &[&'static Model]) -> Self {
        Reader { models: models.to_vec(), ..self }
    }

    /// The models of a file's own.
    pub fn models(&self) -> &[&'static Model] {
        &self.models
    }

    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.settings.iter().rev().find(|setting| setting.key == key)
    }

    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Where the value of a key was written.
    pub fn place(&self, key: &str) -> Place {
        self.get(key).map_or(Place::Default, |setting| setting.value_place.clone())
    }

    pub fn text(&self, key: &str) -> Result<Option<String>, Error> {
        let Some(setting) = self.get(key) else { return Ok(None) };
        match &setting.value {
            Literal::Text(text) if !text.trim().is_empty() => Ok(Some(text.trim().to_owned())),
            other => Err(Problem::new(
                format!("`{key}` must be a text, but is {}", other.words()),
                &setting.value_place,
                format!("write {key} = \"...\""),
            )
            .into()),
        }
    }

    /// A number above 0 in `unit`.
    pub fn number(&self, key: &str, unit: &str, default: f64, what: &str) -> Result<f64, Error> {
        let Some(setting) = self.get(key) else { return Ok(default) };
        let problem = |message: String| {
            Problem::new(
                message,
                &setting.value_place,
                format!("give {what} above 0, such as {default} {unit}"),
            )
        };
        let number = match &setting.value {
            Literal::Number(number) => *number,
            Literal::Text(text) => {
                unit::read(text, unit).map_err(|why| problem(format!("{key}: {why}")))?
            }
            other => {
                return Err(problem(format!("{key}: {} is not a number", other.words())).into());
            }
        };
        if number > 0.0 && number.is_finite() {
            return Ok(number);
        }
        Err(problem(format!("{key} must be a finite number above 0, but is {number} {unit}"))
            .into())
    }

    /// A time (ms) that is given, whatever its sign.
    pub fn time(&self, key: &str) -> Result<Option<f64>, Error> {
        let Some(setting) = self.get(key) else { return Ok(None) };
        let time = match &setting.value {
            Literal::Number(number) if number.is_finite() => Ok(*number),
            Literal::Text(text) => unit::read(text, "ms"),
            other => Err(format!("{} is no time", other.words())),
        };
        let problem = |why| {
            Problem::new(format!("{key}: {why}"), &setting.value_place, "give for example 100ms")
        };
        Ok(Some(time.map_err(problem)?))
    }

    /// A whole number above 0.
    pub fn count(&self, key: &str, default: usize) -> Result<usize, Error> {
        let Some(setting) = self.get(key) else { return Ok(default) };
        let number = match &setting.value {
            Literal::Number(number) => Some(*number),
            Literal::Text(text) => text.trim().replace('_', "").parse().ok(),
            _ => None,
        };
        match number {
            Some(n) if n >= 1.0 && n.fract() == 0.0 && n <= f64::from(u32::MAX) => Ok(n as usize),
            _ => Err(Problem::new(
                format!(
                    "`{key}` must be a whole number from 1 to 4294967295, but is {}",
                    setting.value.words()
                ),
                &setting.value_place,
                format!("give for example {default}"),
            )
            .into()),
        }
    }

    /// One of several names.
    pub fn choice<T: Copy>(
        &self,
        key: &str,
        choices: &[(&'static str, T)],
        default: T,
        what: &str,
    ) -> Result<T, Error> {
        let Some(setting) = self.get(key) else { return Ok(default) };
        let names = || choices.iter().map(|(name, _)| *name);
        let known = names().collect::<Vec<_>>().join(", ");
        let Literal::Text(text) = &setting.value else {
            return Err(Problem::new(
                format!("the {what} must be a name, but is {}", setting.value.words()),
                &setting.value_place,
                format!("choose one of {known}"),
            )
            .into());
        };
        let found = choices.iter().find(|(name, _)| *name == text.trim());
        found.map(|(_, choice)| *choice).ok_or_else(|| {
            let remedy = match nearest(text, names()) {
                Some(near) => format!("did you mean `{near}`? The choice is {known}"),
                None => format!("choose one of {known}"),
            };
            Problem::new(
                format!("there is no {what} `{}`", text.trim()),
                &setting.value_place,
                remedy,
            )
            .into()
        })
    }
}
