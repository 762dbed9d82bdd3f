//! The list of sources.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use super::file::{Definition, Role};
use super::generated::{self, Asked};
use super::keys::{CONVENTION, Key, RECORDING};
use super::twin::Twin;
use crate::error::Error;
use crate::model::{Model, Parameter};

/// A kind of source.
#[derive(Debug)]
pub struct Kind {
    /// The name: `sine`.
    pub name: &'static str,
    /// Keys that hold no quantity.
    pub keys: &'static [Key],
    text: Text,
}

/// Where the text of a kind is from.
#[derive(Debug)]
enum Text {
    /// A file of the catalogue.
    File(&'static str),
    /// It is written for what is asked, as a table shows.
    Written(fn(&Asked<'_>) -> Result<String, Error>, &'static str),
}

/// Lists the kinds that are files, each by its name, and with keys besides quantities, if it has any.
macro_rules! files {
    (keys) => { &[] };
    (keys $keys:expr) => { $keys };
    ($($name:literal $(with $keys:expr)?),+ $(,)?) => {
        &[$(Kind {
            name: $name,
            keys: files!(keys $($keys)?),
            text: Text::File(include_str!(concat!("../../sources/", $name, ".toml"))),
        }),+]
    };
}

/// The kinds that are files.
static FILES: &[Kind] = files![
    "constant",
    "file" with RECORDING,
    "pulse",
    "pulse_train",
    "ramp",
    "sine",
    "chirp",
    "square",
    "white" with CONVENTION,
    "ou",
    "numpy",
    "ou_pair",
    "pink",
    "shot",
    "shot_conductance",
    "point_conductance",
    "background",
];

/// The kinds whose text depends on their keys.
static WRITTEN: &[Kind] = &[
    Kind {
        name: "steps",
        keys: &[
            Key::new("at", "times of the steps, a list"),
            Key::new("to", "the current from each on, a list"),
        ],
        text: Text::Written(generated::steps, generated::STEPS),
    },
    Kind {
        name: "alpha",
        keys: &[Key::new("at", "times of the events, a list")],
        text: Text::Written(generated::alpha, generated::ALPHA),
    },
    Kind {
        name: "expression",
        keys: &[
            Key::new("current", "an expression of t, random numbers and the source's other keys"),
            Key::new("conductance", "an expression of a conductance, with reversal"),
            Key::new("reversal", "an expression of the potential at which it gives no current"),
        ],
        text: Text::Written(generated::expression, generated::EXPRESSION),
    },
];

/// All kinds of sources that are texts of equations.
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    FILES.iter().chain(WRITTEN)
}

/// The names of those of a role.
pub fn named(role: Role) -> impl Iterator<Item = &'static str> {
    let of_role = move |kind: &&Kind| {
        kind.example(Model::default_one()).is_ok_and(|definition| definition.role == role)
    };
    kinds().filter(of_role).map(|kind| kind.name)
}

impl Kind {
    /// The kind of a name.
    pub fn named(name: &str) -> Option<&'static Kind> {
        kinds().find(|kind| kind.name == name)
    }

    /// What engines have code of their own for, where a source of this kind has this name.
    pub fn twin(&self, name: &str, definition: &Definition) -> Option<Twin> {
        Twin::of(name, self.name, definition)
    }

    /// What can be set is what a user names.
    pub fn takes_any_key(&self) -> bool {
        self.name == "expression"
    }

    /// The source of this kind for a model, with what is asked of it.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn definition(&self, model: &Model, asked: &Asked<'_>) -> Result<Arc<Definition>, Error> {
        let (path, text) = match self.text {
            Text::File(text) => (format!("sources/{}.toml", self.name), text.to_owned()),
            Text::Written(write, _) => (format!("source {}", asked.name), write(asked)?),
        };
        Ok(Arc::new(Definition::parse(Path::new(&path), &text, self.name, model)?))
    }

    /// The text of its file; none if it is written for what is asked.
    pub fn text(&self) -> Option<&'static str> {
        match self.text {
            Text::File(text) => Some(text),
            Text::Written(..) => None,
        }
    }

    /// An example for a model: what `loligo models` shows. It is read once.
    ///
    /// # Errors
    /// What is wrong with it: nothing, as tests see.
    pub fn example(&self, model: &Model) -> Result<Arc<Definition>, Error> {
        let numbers = [model.amplitude, model.sigma_white, model.sigma_ou].map(f64::to_bits);
        let key = (self.name, model.current_unit, numbers);
        let mut read = READ.lock().unwrap_or_else(|poison| poison.into_inner());
        if let Some(known) = read.get(&key) {
            return Ok(known.clone());
        }
        let text = match self.text {
            Text::File(text) | Text::Written(_, text) => text,
        };
        let definition = Definition::parse(Path::new(self.name), text, self.name, model)?;
        let definition = Arc::new(definition);
        read.insert(key, definition.clone());
        Ok(definition)
    }
}

/// Sources that were read, by kind and by what they depend on of a model.
type Read = HashMap<(&'static str, &'static str, [u64; 3]), Arc<Definition>>;

static READ: LazyLock<Mutex<Read>> = LazyLock::new(Mutex::default);

/// A source that is a file of a user's own.
///
/// # Errors
/// If it cannot be read, or is wrong.
pub fn own(path: &Path, text: &str, model: &Model) -> Result<Arc<Definition>, Error> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let definition = Definition::parse(path, text, &stem.unwrap_or_default(), model)?;
    if definition.plays {
        let remedy = "write its current, or use the kind `file`";
        return Err(definition.problem("a source of one's own plays nothing".into(), remedy));
    }
    Ok(Arc::new(definition))
}

/// The parameters of a kind for a model; none if there is no such kind.
pub fn parameters(kind: &str, model: &Model) -> Vec<Parameter> {
    // That they are right is tested.
    let definition = Kind::named(kind).and_then(|kind| kind.example(model).ok());
    definition.map_or_else(Vec::new, |definition| definition.parameters())
}
