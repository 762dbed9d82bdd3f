//! Documents: what a TOML file says, with the place of each word.

use std::path::Path;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::error::{Error, Place, Problem};
use crate::model::{Model, equations};
use crate::setting::{Literal, Setting};
use crate::sweep::Sweep;

/// What a TOML file says: settings for all populations, and for each.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Settings at the top of the file.
    pub common: Vec<Setting>,
    /// Settings of each `[[population]]`.
    pub populations: Vec<Vec<Setting>>,
    /// What `[sweep]` varies.
    pub sweeps: Vec<Sweep>,
    /// Models of the file's own, `[model.NAME]`.
    pub models: Vec<&'static Model>,
    /// The tables of these, to be written out again.
    pub models_text: String,
    /// Settings of `[run]`: what is recorded and how statistics are taken, by the names of their flags.
    pub run: Vec<Setting>,
}

impl Document {
    /// Forgets the hashes of files that are played: another file may be played.
    pub fn forget_hashes(&mut self) {
        let lists = std::iter::once(&mut self.common).chain(&mut self.populations);
        lists.for_each(|list| list.retain(|setting| !setting.key.ends_with(".hash")));
    }
}

/// Tables whose keys are the model's parameters, to group them if one likes.
const PARAMETER_TABLE: &str = "parameters";

/// Keys whose tables hold further keys. Other tables are values (distributions).
const GROUPS: [&str; 3] = ["stimulus", "noise", PARAMETER_TABLE];

/// Reads a TOML file.
///
/// # Errors
/// If the file cannot be read or is not TOML.
pub fn read_toml(path: &Path) -> Result<Document, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| {
        Problem::new(
            format!("cannot read the experiment {}: {source}", path.display()),
            &Place::Default,
            "give a TOML file that exists, or flags only",
        )
    })?;
    parse_toml(path, &text)
}

/// Reads the text of a TOML file; `path` is for messages.
///
/// # Errors
/// If the text is not TOML, or `population` is not an array of tables.
pub fn parse_toml(path: &Path, text: &str) -> Result<Document, Error> {
    let shared: Arc<str> = text.into();
    let place = |span: std::ops::Range<usize>| Place::File {
        path: path.to_owned(),
        text: shared.clone(),
        span,
    };
    let table = DeTable::parse(text).map_err(|error| {
        let place = place(error.span().unwrap_or_default());
        Problem::new(format!("not TOML: {}", error.message()), &place, "see https://toml.io")
    })?;
    let mut document = Document::default();
    for (key, value) in table.get_ref() {
        if let ("sweep", Some(sweeps)) = (key.get_ref().as_ref(), value.get_ref().as_table()) {
            sweep(sweeps, "", &place, &mut document.sweeps)?;
            continue;
        }
        if let ("run", Some(run)) = (key.get_ref().as_ref(), value.get_ref().as_table()) {
            for (key, value) in run {
                gather("", key, value, &place, &mut document.run)?;
            }
            continue;
        }
        if let ("model", Some(models)) = (key.get_ref().as_ref(), value.get_ref().as_table()) {
            for (name, model) in models {
                let Some(table) = model.get_ref().as_table() else {
                    let message = format!("the model `{}` is no table", name.get_ref());
                    let remedy = "write its equations under [model.NAME]";
                    return Err(Problem::new(message, &place(name.span()), remedy).into());
                };
                document.models.push(equations::of_table(path, &shared, table, name.get_ref())?);
            }
            document.models_text = tables_of_models(text);
            continue;
        }
        if key.get_ref() != "population" {
            gather("", key, value, &place, &mut document.common)?;
            continue;
        }
        let not_tables = || {
            Problem::new(
                "`population` must be an array of tables",
                &place(key.span()),
                "head each population with [[population]]",
            )
        };
        for population in value.get_ref().as_array().ok_or_else(not_tables)? {
            let mut settings = Vec::new();
            for (key, value) in population.get_ref().as_table().ok_or_else(not_tables)? {
                gather("", key, value, &place, &mut settings)?;
            }
            once_each(&settings)?;
            document.populations.push(settings);
        }
    }
    once_each(&document.common)?;
    Ok(document)
}

/// The tables `[model.NAME]` of a text, as TOML.
fn tables_of_models(text: &str) -> String {
    let mut table: toml::Table = text.parse().unwrap_or_default();
    table.retain(|key, _| key == "model");
    toml::to_string(&table).unwrap_or_default()
}

/// Refuses a key that is given twice, once in a group and once without.
fn once_each(settings: &[Setting]) -> Result<(), Error> {
    let twice = settings.iter().enumerate().find(|(index, setting)| {
        settings[..*index].iter().any(|earlier| earlier.key == setting.key)
    });
    let Some((_, setting)) = twice else { return Ok(()) };
    let message = format!("`{}` is given twice", setting.key);
    Err(Problem::new(message, &setting.key_place, "leave one of them out").into())
}

/// Reads the table `[sweep]`; `noise.sigma = [..]` makes a table within it.
fn sweep(
    table: &DeTable<'_>,
    group: &str,
    place: &dyn Fn(std::ops::Range<usize>) -> Place,
    sweeps: &mut Vec<Sweep>,
) -> Result<(), Error> {
    for (key, value) in table {
        let full = format!("{group}{}", key.get_ref());
        if let Some(inner) = value.get_ref().as_table() {
            sweep(inner, &format!("{full}."), place, sweeps)?;
            continue;
        }
        let place = place(value.span());
        let list = literal(value.get_ref())
            .map_err(|what| Problem::new(format!("{what} is no list"), &place, "write a list"))?;
        sweeps.push(Sweep::new(&full, &list, place)?);
    }
    Ok(())
}

type Spanned<T> = toml::Spanned<T>;
type Key<'a> = Spanned<std::borrow::Cow<'a, str>>;

/// Adds one key, or the keys of a group, to the settings.
fn gather(
    group: &str,
    key: &Key<'_>,
    value: &Spanned<DeValue<'_>>,
    place: &dyn Fn(std::ops::Range<usize>) -> Place,
    settings: &mut Vec<Setting>,
) -> Result<(), Error> {
    let name = key.get_ref().as_ref();
    if let ("source", "", Some(list)) = (name, group, value.get_ref().as_array()) {
        return sources(list, place, settings);
    }
    // A source under its name has a kind.
    let is_group = |table: &DeTable<'_>| GROUPS.contains(&name) || table.get("kind").is_some();
    if let ("", Some(table)) = (group, value.get_ref().as_table())
        && is_group(table)
    {
        for (key, value) in table {
            gather(name, key, value, place, settings)?;
        }
        return Ok(());
    }
    let full = match group {
        "" if name == "stimulus" || name == "noise" => format!("{name}.kind"),
        "" | PARAMETER_TABLE => name.to_owned(),
        _ => format!("{group}.{name}"),
    };
    settings.push(Setting {
        key: full,
        key_place: place(key.span()),
        value: literal(value.get_ref()).map_err(|what| {
            Problem::new(
                format!("{what} is no value for `{name}`"),
                &place(value.span()),
                "write a number, a text, a list or a table",
            )
        })?,
        value_place: place(value.span()),
    });
    Ok(())
}

/// The tables `[[source]]`: each has a kind, and the name of that unless it has one of its own.
fn sources(
    list: &toml::de::DeArray<'_>,
    place: &dyn Fn(std::ops::Range<usize>) -> Place,
    settings: &mut Vec<Setting>,
) -> Result<(), Error> {
    for source in list {
        let text = |key: &str| {
            let value = source.get_ref().as_table()?.get(key)?.get_ref();
            value.as_str().map(str::to_owned)
        };
        let (Some(table), Some(kind)) = (source.get_ref().as_table(), text("kind")) else {
            let remedy = "write [[source]] with kind = \"sine\" and what else it has";
            return Err(Problem::new("a source has no kind", &place(source.span()), remedy).into());
        };
        let stem =
            kind.rsplit(['/', '\\']).next().unwrap_or(&kind).trim_end_matches(".toml").to_owned();
        let name = text("name").unwrap_or(stem);
        let is_taken = |settings: &[Setting], name: &str| {
            settings.iter().any(|setting| setting.key == format!("{name}.kind"))
        };
        if is_taken(settings, &name) {
            let message = format!("there are two sources named `{name}`");
            let remedy = "give each a name of its own: name = \"..\"";
            return Err(Problem::new(message, &place(source.span()), remedy).into());
        }
        for (key, value) in table.iter().filter(|(key, _)| key.get_ref() != "name") {
            gather(&name, key, value, place, settings)?;
        }
    }
    Ok(())
}

fn literal(value: &DeValue<'_>) -> Result<Literal, String> {
    match value {
        DeValue::String(text) => Ok(Literal::Text(text.to_string())),
        DeValue::Integer(integer) => {
            // Kept as text where an f64 would lose digits (seeds).
            let digits = i128::from_str_radix(integer.as_str(), integer.radix())
                .map_err(|error| format!("`{}` ({error})", integer.as_str()))?;
            let number = digits as f64;
            let exact = digits.abs() < 1 << 53;
            Ok(if exact { Literal::Number(number) } else { Literal::Text(digits.to_string()) })
        }
        DeValue::Float(float) => {
            float.as_str().parse().map(Literal::Number).map_err(|_| format!("`{}`", float.as_str()))
        }
        DeValue::Array(list) => list
            .iter()
            .map(|item| literal(item.get_ref()))
            .collect::<Result<_, _>>()
            .map(Literal::List),
        DeValue::Table(table) => table
            .iter()
            .map(|(key, value)| Ok((key.get_ref().to_string(), literal(value.get_ref())?)))
            .collect::<Result<_, String>>()
            .map(Literal::Table),
        DeValue::Boolean(truth) => Ok(Literal::Text(truth.to_string())),
        DeValue::Datetime(_) => Err("a date".into()),
    }
}
