//! What `loligo models` tells of sources: all from their own tables.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{help, table};
use loligo::error::Error;
use loligo::model::Model;
use loligo::source::{Definition, FROZEN, Kind, Role, kinds};
use loligo::unit::tell;

fn role(definition: &Definition) -> &'static str {
    match definition.role {
        Role::Stimulus => "stimulus",
        Role::Noise => "noise",
    }
}

/// All kinds, a line each.
pub fn list(model: &Model) -> Result<String, Error> {
    let width = kinds().map(|kind| kind.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for wanted in [Role::Stimulus, Role::Noise] {
        text += match wanted {
            Role::Stimulus => "Stimuli\n",
            Role::Noise => "\nNoises\n",
        };
        for kind in kinds() {
            let definition = kind.example(model)?;
            if definition.role == wanted {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "  {:<width$}  {}", kind.name, definition.about);
            }
        }
    }
    text += "\n`loligo models NAME` tells the keys of one, with --source its file. Use them as\n\
             --stimulus NAME, --noise NAME, or any number of --source \"NAME key=value ..\".\n";
    Ok(text)
}

/// One kind, with its keys, in the units of a model.
pub fn in_full(kind: &Kind, model: &Model) -> Result<String, Error> {
    let definition = kind.example(model)?;
    let mut text = format!("{} ({})\n\n{}\n\n", kind.name, role(&definition), definition.about);
    for equation in definition.equations() {
        text += &format!("    {equation}\n");
    }
    if !definition.source.is_empty() {
        text += &format!("\nSource: {}\n", definition.source);
    }
    let mut rows = vec![["Keys", "default", "unit", ""].map(str::to_owned)];
    rows.extend(definition.parameters().iter().map(|p| {
        let unit = if p.unit == "1" { String::new() } else { p.unit.to_owned() };
        let default = if p.default.is_nan() { "-".into() } else { tell(p.default) };
        [format!("  {}", p.name), default, unit, help::about(p)]
    }));
    let frozen = (definition.role == Role::Noise && !definition.plays).then_some(&FROZEN);
    rows.extend(kind.keys.iter().chain(frozen).map(|key| {
        let default = if key.default.is_empty() { "-" } else { key.default };
        [&format!("  {}", key.name), default, key.unit, key.about].map(str::to_owned)
    }));
    text += &format!("\n{}", table::aligned(&rows, &[false, true, false, false]));
    text += &format!("\nUnits and defaults are those for {}.\n", model.name);
    Ok(text)
}

/// All kinds as JSON.
pub fn as_json(model: &Model) -> Result<Vec<Value>, Error> {
    let one = |kind: &Kind| {
        let definition = kind.example(model)?;
        let parameters: Vec<Value> = definition
            .parameters()
            .iter()
            .map(|p| json!({ "name": p.name, "unit": p.unit, "default": p.default.is_finite().then_some(p.default), "bound": p.bound.words(), "about": p.about }))
            .collect();
        let keys: Vec<Value> =
            kind.keys.iter().map(|key| json!({ "name": key.name, "about": key.about })).collect();
        Ok(json!({
            "name": kind.name,
            "kind": role(&definition),
            "about": definition.about,
            "equations": definition.equations(),
            "source": definition.source,
            "parameters": parameters,
            "keys": keys,
        }))
    };
    kinds().map(one).collect()
}
