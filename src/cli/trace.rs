//! `loligo trace`: state variables and currents of a few neurons over time.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::args::{EXPERIMENT, EngineArgs, ExperimentArgs, TargetArgs};
use super::command_line::head;
use super::help;
use super::outcome::Outcome;
use super::section::{Said, Section};
use super::table;
use super::terminal;
use loligo::engine::choice::Precision;
use loligo::error::{Error, Place, Problem};
use loligo::experiment::{Experiment, complete};
use loligo::memory;
use loligo::output::folder::{Folder, WriteSeek, io_error};
use loligo::output::{npz, write_figure};
use loligo::pick::{Picked, first_of_each, picked};
use loligo::plot::Format;
use loligo::plot::trace::Traced;
use loligo::real::Single;
use loligo::setting::{Literal, Setting};
use loligo::trace::{Samples, Trace, diverged, trace};
use loligo::unit;
use loligo::window::Window;
use loligo::window::time_ms;

/// Flags of `loligo trace`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    experiment: ExperimentArgs,
    /// Neurons of the experiment: 0,737 by their index in it, NAME:0-3 by that in a population; repeatable
    /// [default: the first of each population, or --neurons of them; without a file all, and 1 unless given]
    #[arg(long, value_name = "LIST")]
    pick: Vec<String>,
    /// Time between samples [default: the time step]
    #[arg(long, value_name = "T")]
    every: Option<String>,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    target: TargetArgs,
}

/// More neurons than this cannot be told apart in a figure.
const MOST_NEURONS: usize = 100;

/// More samples than this are no figure any more, and gigabytes of JSON.
const MOST_SAMPLES: usize = 20_000_000;

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let document = args.experiment.document(args.target.force)?;
    let mut section = Section::new(&document.run)?;
    let pick = section.list("pick", &args.pick);
    let every = section.said("every", args.every.as_deref());
    let precision = section.precision(args.engine.precision)?;
    if let Some((text, _)) = &every {
        section.write("every", text);
    }
    let mut flags = args.experiment.settings()?;
    let is_in_file = |key: &str| {
        let all = document.common.iter().chain(document.populations.iter().flatten());
        all.into_iter().any(|setting| setting.key == key)
    };
    // The neurons of a file are its own, with their indices: a flag says how many of them to look at.
    let shown = match is_in_file("neurons") {
        true => flags.extract_if(.., |flag| flag.key == "neurons").last(),
        false => None,
    };
    // A trace of a thousand neurons is of no use: other defaults than those of a run, which count
    // after the file and the flags.
    let mut default = |key: &str, value: &str| {
        if !is_in_file(key) && flags.iter().all(|flag| flag.key != key) {
            flags.push(Setting::flag(key, &format!("--{key}"), value));
        }
    };
    default("duration", help::TRACE_MS);
    if pick.is_empty() {
        default("neurons", help::TRACE_NEURONS);
    }
    let experiment = Experiment::new(&document, &flags)?;
    let samples = samples(every.as_ref(), &experiment)?;
    let picked = match (&pick[..], shown) {
        ([], None) if is_in_file("neurons") => first_of_each(&experiment, 1),
        ([], None) => first_of_each(&experiment, usize::MAX),
        ([], Some(setting)) => first_of_each(&experiment, count(&setting)?),
        (texts, None) => picked(&experiment, texts)?,
        (_, Some(setting)) => {
            let message = "the file's neurons are picked: how many of each do not count";
            return Err(
                Problem::new(message, &setting.value_place, "leave it or --pick out").into()
            );
        }
    };
    let indices = || picked.iter().map(|(p, index)| (p.first_neuron() + index).to_string());
    match &pick[..] {
        [] => section.write("pick", &indices().collect::<Vec<_>>().join(",")),
        said => section.write_list("pick", said),
    }
    let count = samples.steps().count();
    if picked.len() > MOST_NEURONS || count * picked.len() > MOST_SAMPLES {
        let message =
            format!("{} neurons with {count} samples each are too many to trace", picked.len());
        let remedy = format!("use at most {MOST_NEURONS} neurons, or fewer samples with --every");
        return Err(Problem::new(message, &Place::Default, remedy).into());
    }
    let variables =
        picked.iter().map(|(p, _)| p.model().states.len() + p.model().observables.len() + 1);
    let values = count as f64 * variables.sum::<usize>() as f64;
    // Measured: a number of a trace, and one in a JSON document.
    let bytes = if args.target.json { 150.0 } else { 40.0 };
    memory::check(
        bytes * values,
        || format!("{values} values to trace"),
        "use --every 1ms, or a shorter --duration",
    )?;
    if !args.target.quiet {
        if args.engine.wants_gpu() {
            terminal::say(
                "a trace is computed on the CPU; the noise is that of a run on any engine",
            );
        }
        experiment.notes().iter().for_each(|note| terminal::say(&format!("note: {note}")));
    }
    let formats = args.target.formats(&[Format::Png, Format::Svg])?;
    let folder = args.target.folder()?;
    let follow = match (precision, args.engine.is_fused()) {
        (Precision::F64, _) => trace::<f64>,
        (Precision::F32, true) => trace::<Single<true>>,
        (Precision::F32, false) => trace::<Single<false>>,
    };
    let traces: Vec<Trace> = picked
        .iter()
        .map(|(population, neuron)| follow(&experiment, population, *neuron, samples))
        .collect();
    let t_ms: Vec<f64> = samples.steps().map(|step| time_ms(step, experiment.dt_ms())).collect();
    let traced = Traced { experiment: &experiment, t_ms: &t_ms, neurons: &picked, traces: &traces };
    let files = match &folder {
        Some(folder) => {
            let text = head() + &complete(&experiment, &document, &flags)? + &section.written();
            write(folder, &traced, &formats, &text)?
        }
        None => Vec::new(),
    };
    if args.target.json {
        terminal::print(&format!("{}\n", as_json(&experiment, &t_ms, &picked, &traces)))?;
    } else if !args.target.quiet {
        let mut text = String::new();
        for ((population, neuron), trace) in picked.iter().zip(&traces) {
            let times =
                trace.spike_steps.iter().map(|&step| time_ms(step, experiment.dt_ms()).to_string());
            let times: Vec<String> = times.take(12).collect();
            let more = if trace.spike_steps.len() > times.len() { " ..." } else { "" };
            let spikes = trace.spike_steps.len();
            let name = match experiment.populations().len() {
                1 => String::new(),
                _ => format!(" ({}:{neuron})", population.name()),
            };
            let index = population.first_neuron() + neuron;
            text +=
                &format!("neuron {index}{name}: {spikes} spikes (ms): {}{more}\n", times.join(" "));
            let alone = population.alone(*neuron);
            if let Some(deviation) = alone.predicted_deviation(experiment.dt_ms()) {
                let deviation = unit::tell((deviation * 1e3).round() / 1e3);
                text +=
                    &format!("  without spikes, its noise would move V by {deviation} mV (SD)\n");
            }
        }
        if let Some(folder) = &folder {
            text += &table::files(folder, &files);
        }
        terminal::print(&text)?;
    }
    let found = picked.iter().zip(&traces).find(|(_, trace)| trace.diverged.is_some());
    match found {
        Some(((population, neuron), trace)) => Err(diverged(population, *neuron, trace.diverged)),
        None => Ok(Outcome::Done),
    }
}

/// How many neurons a flag says.
fn count(setting: &Setting) -> Result<usize, Error> {
    let number = match &setting.value {
        Literal::Text(text) => text.trim().parse().ok().filter(|n| *n > 0),
        _ => None,
    };
    number.ok_or_else(|| {
        let message = format!("{} is no whole number from 1 on", setting.value.words());
        Problem::new(message, &setting.value_place, "give for example 2").into()
    })
}

fn samples(every: Option<&Said>, experiment: &Experiment) -> Result<Samples, Error> {
    let Window { from, to } = experiment.window();
    let Some((text, place)) = every else { return Ok(Samples { from, to, every: 1 }) };
    let problem = |why: String| Problem::new(why, place, "give for example 1ms");
    let time = unit::read(text, "ms").map_err(problem)?;
    let steps = (time / experiment.dt_ms()).round();
    if !(1.0..=f64::from(experiment.steps())).contains(&steps) {
        let (dt, most) = (experiment.dt_ms(), experiment.duration_ms());
        return Err(
            problem(format!("{time} ms is not from one step ({dt} ms) to {most} ms")).into()
        );
    }
    Ok(Samples { from, to, every: steps as u32 })
}

fn as_json(
    experiment: &Experiment,
    t_ms: &[f64],
    picked: &[Picked<'_>],
    traces: &[Trace],
) -> Value {
    let neurons: Vec<Value> = picked
        .iter()
        .zip(traces)
        .map(|((population, index), trace)| {
            let mut neuron: Map<String, Value> = Map::new();
            neuron.insert("neuron".into(), json!(population.first_neuron() + index));
            neuron.insert("population".into(), json!(population.name()));
            let rows = trace.variables.iter().zip(&trace.values);
            neuron.extend(rows.map(|(variable, values)| (variable.name.into(), json!(values))));
            neuron.insert("current".into(), json!(trace.current));
            neuron.insert("spike_steps".into(), json!(trace.spike_steps));
            let predicted = population.alone(*index).predicted_deviation(experiment.dt_ms());
            neuron.insert("v_sd_predicted_mv".into(), json!(predicted));
            Value::Object(neuron)
        })
        .collect();
    json!({ "dt_ms": experiment.dt_ms(), "seed": experiment.seed(), "t_ms": t_ms, "neurons": neurons })
}

/// Writes the files; returns their names.
fn write(
    folder: &Folder,
    traced: &Traced<'_>,
    formats: &[Format],
    experiment_toml: &str,
) -> Result<Vec<PathBuf>, Error> {
    let Traced { experiment, t_ms, neurons, traces } = *traced;
    let indices: Vec<u32> = neurons
        .iter()
        .map(|(population, index)| (population.first_neuron() + index) as u32)
        .collect();
    let mut paths = Vec::new();
    for path in write_figure(folder, &traced.figure(), formats) {
        paths.push(path?);
    }
    paths.push(folder.write("trace.npz", |file| npz::write_traces(file, t_ms, &indices, traces))?);
    let document = format!("{}\n", as_json(experiment, t_ms, neurons, traces));
    let json = |file: &mut dyn WriteSeek| file.write_all(document.as_bytes()).map_err(io_error);
    paths.push(folder.write("trace.json", json)?);
    let toml =
        |file: &mut dyn WriteSeek| file.write_all(experiment_toml.as_bytes()).map_err(io_error);
    paths.push(folder.write(EXPERIMENT, toml)?);
    folder.finish()?;
    Ok(paths)
}
