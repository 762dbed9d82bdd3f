//! `loligo models`: what each model is. Everything told comes from where the model declares it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::figure_file;
use super::help;
use super::outcome::Outcome;
use super::sources;
use super::table;
use super::terminal;
use loligo::engine::gpu::shader;
use loligo::error::{Error, Place, Problem, nearest};
use loligo::experiment::Experiment;
use loligo::model::{Model, Parameter, Variant, equations, models, names};
use loligo::output::write_figure;
use loligo::plot::{self, Figure};
use loligo::source::{self, FROZEN, Key, Kind, Role, Twin};
use loligo::trace::{Samples, trace};
use loligo::unit::tell;
use loligo::window::time_ms;

/// Flags of `loligo models`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The model to tell about; all, without a name
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Tell the sources: what neurons are driven by, whatever their model
    #[arg(long, conflicts_with_all = ["json", "wgsl", "tape", "source", "name", "figure"])]
    sources: bool,
    /// Print the file of the model, or of a source, to start one's own from
    #[arg(long, conflicts_with_all = ["json", "wgsl", "tape"], requires = "name")]
    source: bool,
    /// Print the step as WGSL, which the GPU runs
    #[arg(long, conflicts_with = "json", requires = "name")]
    wgsl: bool,
    /// Print the step as the list of operations, which the CPU interprets
    #[arg(long, conflicts_with_all = ["json", "wgsl"], requires = "name")]
    tape: bool,
    /// Draw what the model does: its rate over the current, and a trace
    #[arg(long, value_name = "FILE.svg", num_args = 0..=1, default_missing_value = "model.svg", requires = "name")]
    figure: Option<PathBuf>,
    /// The integrator of the step [default: the model's first]
    #[arg(long, value_name = "NAME", requires = "name")]
    integrator: Option<String>,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    if args.sources {
        terminal::print(&sources::list(Model::default_one())?)?;
        return Ok(Outcome::Done);
    }
    if let Some(kind) = args.name.as_deref().and_then(Kind::named) {
        let text = match (args.source, kind.text()) {
            (true, Some(text)) => text.to_owned(),
            _ => sources::in_full(kind, Model::default_one())?,
        };
        terminal::print(&text)?;
        return Ok(Outcome::Done);
    }
    let models = match &args.name {
        None => models(),
        Some(name) => vec![model(name, "models")?],
    };
    if let (Some(path), [model]) = (&args.figure, &models[..]) {
        return figure(path, args.name.as_deref().unwrap_or(model.name), model);
    }
    let text = if args.source || args.wgsl || args.tape {
        models.iter().map(|model| printed(args, model)).collect::<Result<String, _>>()?
    } else if args.json {
        let of_models: Vec<Value> = models.iter().map(|model| as_json(model)).collect();
        match args.name {
            None => {
                let of_sources = sources::as_json(Model::default_one())?;
                format!("{:#}\n", json!({ "models": of_models, "sources": of_sources }))
            }
            Some(_) => format!("{:#}\n", json!({ "models": of_models })),
        }
    } else if args.name.is_some() {
        models.iter().map(|model| in_full(model)).collect::<Result<_, _>>()?
    } else {
        let width = models.iter().map(|model| model.name.len()).max().unwrap_or(0);
        let lines = models.iter().map(|model| format!("{:<width$}  {}\n", model.name, model.about));
        lines.collect::<String>()
            + "\n`loligo models NAME` tells all about one, `loligo models --sources` what drives them.\n"
    };
    terminal::print(&text)?;
    Ok(Outcome::Done)
}

/// Draws what a model does.
fn figure(path: &Path, name: &str, model: &'static Model) -> Result<Outcome, Error> {
    const CURRENTS: u32 = 41;
    const DURATION_MS: f64 = 2000.0;
    const TRACE_MS: f64 = 300.0;
    let (folder, (stem, format)) = figure_file::of(path, "--figure")?;
    let amplitude = model.amplitude;
    let currents: Vec<f64> =
        (0..CURRENTS).map(|k| 2.0 * amplitude * f64::from(k) / f64::from(CURRENTS - 1)).collect();
    let builder = || Experiment::builder().model(name).noise("none");
    // The first half second is the way there.
    let grid = builder()
        .neurons(CURRENTS)
        .duration_ms(DURATION_MS)
        .window_ms(500.0, DURATION_MS)
        .set("stimulus.amplitude", currents.clone())
        .build()?;
    let results = loligo::run(&grid)?;
    let counts = results.populations.first().map(|population| &population.counts);
    let per_second = 1e3 / results.window_ms();
    let rates = currents.iter().enumerate().map(|(n, current)| {
        let spikes = counts.map_or(0, |counts| counts[n]);
        (*current, f64::from(spikes) * per_second)
    });
    let one = builder().neurons(1).duration_ms(TRACE_MS).build()?;
    let samples = Samples { from: 0, to: one.steps(), every: 1 };
    let traced = trace::<f64>(&one, &one.populations()[0], 0, samples);
    let dt_ms = one.dt_ms();
    let first = traced.values.first().into_iter().flatten();
    let points = first.zip(0..).map(|(value, step)| (time_ms(step, dt_ms), *value)).collect();
    let drawn = plot::model::figure(model, rates.collect(), points, amplitude);
    for path in write_figure(&folder, &Figure { name: stem, ..drawn }, &[format]) {
        terminal::print(&format!("{}\n", path?.display()))?;
    }
    Ok(Outcome::Done)
}

/// The file of a model, or its step.
fn printed(args: &Args, model: &Model) -> Result<String, Error> {
    if args.source {
        let place = Place::Flag("--source".into());
        return model.text.map(str::to_owned).ok_or_else(|| {
            let message = format!("{} is written in Rust, not as a file of equations", model.name);
            Problem::new(message, &place, "look at adaptive_exponential or traub_miles").into()
        });
    }
    let integrator = match &args.integrator {
        None => 0,
        Some(name) => model.integrators.iter().position(|i| i.name == *name).ok_or_else(|| {
            let place = Place::Flag(format!("--integrator {name}"));
            let known: Vec<&str> = model.integrators.iter().map(|i| i.name).collect();
            let message = format!("{} has no integrator `{name}`", model.name);
            Error::from(Problem::new(
                message,
                &place,
                format!("choose one of {}", known.join(", ")),
            ))
        })?,
    };
    let variant = Variant { integrator, fine: false };
    Ok(match args.wgsl {
        true => shader::step(model, variant),
        false => model.dynamics.tape(variant).to_string(),
    })
}

/// The model of a name, or of a file, that a command or a flag names.
pub fn model(name: &str, by: &str) -> Result<&'static Model, Error> {
    match Model::named(name) {
        Some(model) => Ok(model),
        None if name.ends_with(".toml") => equations::load(Path::new(name)),
        None => Err(unknown(name, by)),
    }
}

fn unknown(name: &str, by: &str) -> Error {
    let near = nearest(name, names()).map(|near| format!("did you mean `{near}`? "));
    let known = names().collect::<Vec<_>>().join(", ");
    let remedy = format!("{}there is {known}", near.unwrap_or_default());
    let place = Place::Flag(format!("{by} {name}"));
    Problem::new(format!("there is no model `{name}`"), &place, remedy).into()
}

/// What a parameter is, and what holds without a value where there is no default.
fn default_of(parameter: &Parameter) -> Option<f64> {
    parameter.default.is_finite().then_some(parameter.default)
}

fn as_json(model: &Model) -> Value {
    let parameter = |p: &Parameter| json!({ "name": p.name, "unit": p.unit, "default": default_of(p), "bound": p.bound.words(), "about": help::about(p) });
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

fn in_full(model: &Model) -> Result<String, Error> {
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
            [format!("  {prefix}{}", p.name), default, unit, help::about(p)]
        }));
        rows.extend(keys.iter().map(|key| {
            let default = if key.default.is_empty() { "-" } else { key.default };
            let row = [&format!("  {prefix}{}", key.name), default, key.unit, key.about];
            row.map(str::to_owned)
        }));
        rows.push([const { String::new() }; 4]);
    };
    group("Parameters", "", model.parameters, &[]);
    // Those that engines have code of their own for: of one stimulus and one noise.
    for (name, title) in [("stimulus", "Stimulus"), ("noise", "Noise")] {
        for kind in source::kinds() {
            let definition = kind.example(model)?;
            if kind.twin(name, &definition).is_none_or(Twin::is_on_tape)
                || (definition.role == Role::Noise) != (name == "noise")
            {
                continue;
            }
            let frozen = (definition.role == Role::Noise && !definition.plays).then_some(FROZEN);
            let keys: Vec<Key> = frozen.into_iter().chain(kind.keys.iter().copied()).collect();
            group(
                &format!("{title} {}", kind.name),
                &format!("{name}."),
                &definition.parameters(),
                &keys,
            );
        }
    }
    rows.push([
        "Any number of sources besides: `loligo models --sources`".to_owned(),
        String::new(),
        String::new(),
        String::new(),
    ]);
    rows.push([const { String::new() }; 4]);
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
    if !model.presets.is_empty() {
        text += "\nPresets (preset = NAME)\n";
    }
    for preset in model.presets {
        let value =
            |(n, value): &(usize, f64)| format!("{} = {}", model.parameters[*n].name, tell(*value));
        let values: Vec<String> = preset.values.iter().map(value).collect();
        text += &format!("  {:<24} {}\n", preset.name, values.join(", "));
    }
    for remark in model.remarks {
        text += &format!("\n{remark}\n");
    }
    Ok(text)
}
