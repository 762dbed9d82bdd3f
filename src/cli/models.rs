//! `loligo models`: what each model is. Everything told comes from where the model declares it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::outcome::Outcome;
use super::table;
use super::terminal;
use loligo::drive::{Key, NoiseKind, StimulusKind};
use loligo::error::{Error, Place, Problem, nearest};
use loligo::model::{MODELS, Model, Parameter};
use loligo::unit::tell;

/// Flags of `loligo models`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The model to tell about; all, without a name
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let models = match &args.name {
        None => MODELS.to_vec(),
        Some(name) => vec![Model::named(name).ok_or_else(|| unknown(name))?],
    };
    let text = if args.json {
        let models: Vec<Value> = models.iter().map(|model| as_json(model)).collect();
        format!("{:#}\n", json!({ "models": models }))
    } else if args.name.is_some() {
        models.iter().map(|model| in_full(model)).collect()
    } else {
        let width = models.iter().map(|model| model.name.len()).max().unwrap_or(0);
        let lines = models.iter().map(|model| format!("{:<width$}  {}\n", model.name, model.about));
        lines.collect::<String>() + "\n`loligo models NAME` tells all about one.\n"
    };
    terminal::print(&text)?;
    Ok(Outcome::Done)
}

fn unknown(name: &str) -> Error {
    let names = || MODELS.iter().map(|model| model.name);
    let near = nearest(name, names()).map(|near| format!("did you mean `{near}`? "));
    let known = names().collect::<Vec<_>>().join(", ");
    let remedy = format!("{}there is {known}", near.unwrap_or_default());
    let place = Place::Flag(format!("models {name}"));
    Problem::new(format!("there is no model `{name}`"), &place, remedy).into()
}

/// What a parameter is, and what holds without a value where there is no default.
fn about(parameter: &Parameter) -> String {
    match parameter.without {
        "" => parameter.about.to_owned(),
        without => format!("{} (without a value: {without})", parameter.about),
    }
}

fn default_of(parameter: &Parameter) -> Option<f64> {
    parameter.default.is_finite().then_some(parameter.default)
}

fn as_json(model: &Model) -> Value {
    let parameter = |p: &Parameter| json!({ "name": p.name, "unit": p.unit, "default": default_of(p), "bound": p.bound.words(), "about": about(p) });
    let parameters: Vec<Value> = model.parameters.iter().map(parameter).collect();
    let states: Vec<Value> = model
        .states
        .iter()
        .map(|s| json!({ "name": s.name, "unit": s.unit, "about": s.about }))
        .collect();
    let integrators: Vec<Value> =
        model.integrators.iter().map(|i| json!({ "name": i.name, "about": i.about })).collect();
    json!({
        "name": model.name,
        "about": model.about,
        "equations": model.equations,
        "source": model.source,
        "states": states,
        "parameters": parameters,
        "integrators": integrators,
        "remarks": model.remarks,
        "current_unit": model.current_unit,
        "dt_ms": model.dt_ms,
    })
}

fn in_full(model: &Model) -> String {
    let mut text = format!("{}\n\n{}\n\n", model.name, model.about);
    for equation in model.equations {
        text += &format!("    {equation}\n");
    }
    // Writing to a String cannot fail.
    let _ = writeln!(text, "\nSource: {}\n", model.source);
    let mut rows: Vec<[String; 4]> = Vec::new();
    let mut group = |title: &str, prefix: &str, parameters: &[Parameter], keys: &[Key]| {
        rows.push([title, "default", "unit", ""].map(str::to_owned));
        rows.extend(parameters.iter().map(|p| {
            let default = default_of(p).map_or("-".into(), tell);
            let unit = if p.unit == "1" { String::new() } else { p.unit.to_owned() };
            [format!("  {prefix}{}", p.name), default, unit, about(p)]
        }));
        rows.extend(keys.iter().map(|key| {
            let default = if key.default.is_empty() { "-" } else { key.default };
            let row = [&format!("  {prefix}{}", key.name), default, key.unit, key.about];
            row.map(str::to_owned)
        }));
        rows.push([const { String::new() }; 4]);
    };
    group("Parameters", "", model.parameters, &[]);
    for (name, kind) in StimulusKind::NAMED {
        group(&format!("Stimulus {name}"), "stimulus.", &kind.parameters(model), kind.keys());
    }
    for (name, kind) in NoiseKind::NAMED.into_iter().filter(|(_, kind)| *kind != NoiseKind::None) {
        group(&format!("Noise {name}"), "noise.", &kind.parameters(model), kind.keys());
    }
    rows.push(["States", "", "unit", ""].map(str::to_owned));
    for state in model.states {
        let unit = if state.unit == "1" { "" } else { state.unit };
        rows.push([format!("  {}", state.name), String::new(), unit.into(), state.about.into()]);
    }
    text += &table::aligned(&rows, &[false, true, false, false]);
    text += &format!(
        "\nIntegrators (dt = {} ms unless given; the first is the default)\n",
        tell(model.dt_ms)
    );
    for integrator in model.integrators {
        text += &format!("  {:<18} {}\n", integrator.name, integrator.about);
    }
    for remark in model.remarks {
        text += &format!("\n{remark}\n");
    }
    text
}
