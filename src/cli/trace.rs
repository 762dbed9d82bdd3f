//! `loligo trace`: state variables and currents of a few neurons over time.

use serde_json::{Map, Value, json};

use super::Outcome;
use super::args::{EngineArgs, ExperimentArgs, PlaceArgs};
use crate::engine::choice::Precision;
use crate::error::{Error, Place, Problem};
use crate::experiment::{Experiment, time_ms};
use crate::output::folder::{Folder, io_error};
use crate::output::npz;
use crate::plot;
use crate::real::Single;
use crate::setting::Setting;
use crate::trace::{Trace, Window, trace};
use crate::unit;

/// Flags of `loligo trace`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    experiment: ExperimentArgs,
    /// First time shown; a bare number is in ms [default: 0]
    #[arg(long, value_name = "T")]
    from: Option<String>,
    /// Last time shown [default: the duration, 200ms unless given]
    #[arg(long, value_name = "T")]
    to: Option<String>,
    /// Time between samples [default: the time step]
    #[arg(long, value_name = "T")]
    every: Option<String>,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    place: PlaceArgs,
}

/// More neurons than this cannot be told apart in a figure.
const MOST_NEURONS: usize = 100;

/// More samples than this are no figure any more, and gigabytes of JSON.
const MOST_SAMPLES: usize = 20_000_000;

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let document = args.experiment.document()?;
    // A trace of a thousand neurons is of no use: other defaults than those of a run, which count
    // after the file and the flags.
    let mut flags = args.experiment.settings()?;
    let given = |key: &str, flags: &[Setting]| {
        let all = document.common.iter().chain(document.populations.iter().flatten()).chain(flags);
        all.into_iter().any(|setting| setting.key == key)
    };
    for (key, value) in [("neurons", "1"), ("duration", "200")] {
        if !given(key, &flags) {
            flags.push(Setting::flag(key, &format!("--{key}"), value));
        }
    }
    let experiment = Experiment::new(&document, &flags)?;
    let window = window(args, &experiment)?;
    let samples = window.steps().count();
    if experiment.neurons() > MOST_NEURONS || samples * experiment.neurons() > MOST_SAMPLES {
        let message = format!(
            "{} neurons with {samples} samples each are too many to trace",
            experiment.neurons()
        );
        let remedy = format!("use at most {MOST_NEURONS} neurons, or fewer samples with --every");
        return Err(Problem::new(message, &Place::Default, remedy).into());
    }
    if args.engine.wants_gpu() && !args.place.quiet {
        super::say("a trace is computed on the CPU; the noise is that of a run on any engine");
    }
    let folder = args.place.folder()?;
    let traces: Vec<Trace> = experiment
        .populations
        .iter()
        .flat_map(|population| (0..population.neurons).map(move |neuron| (population, neuron)))
        .map(|(population, neuron)| match args.engine.precision() {
            Precision::F32 => trace::<Single<true>>(&experiment, population, neuron, window),
            Precision::F64 => trace::<f64>(&experiment, population, neuron, window),
        })
        .collect();
    let t_ms: Vec<f64> = window.steps().map(|step| time_ms(step, experiment.dt_ms)).collect();
    if let Some(folder) = &folder {
        write(folder, &experiment, &t_ms, &traces)?;
    }
    if args.place.json {
        super::print(&format!("{}\n", as_json(&experiment, &t_ms, &traces)))?;
    } else if !args.place.quiet {
        let mut text = String::new();
        for (neuron, trace) in traces.iter().enumerate() {
            let times =
                trace.spike_steps.iter().map(|&step| time_ms(step, experiment.dt_ms).to_string());
            let times: Vec<String> = times.take(12).collect();
            let more = if trace.spike_steps.len() > times.len() { " ..." } else { "" };
            let spikes = trace.spike_steps.len();
            text += &format!("neuron {neuron}: {spikes} spikes (ms): {}{more}\n", times.join(" "));
        }
        if let Some(folder) = &folder {
            text +=
                &format!("{}: trace.png trace.svg trace.npz trace.json\n", folder.path().display());
        }
        super::print(&text)?;
    }
    Ok(Outcome::Done)
}

fn window(args: &Args, experiment: &Experiment) -> Result<Window, Error> {
    let step = |flag: &str, text: &Option<String>, default: u32| {
        let Some(text) = text else { return Ok(default) };
        let place = Place::Flag(format!("{flag} {text}"));
        let time = unit::read(text, "ms")
            .map_err(|why| Problem::new(why, &place, "give for example 100ms"))?;
        let step = (time / experiment.dt_ms).round();
        if !(0.0..=f64::from(experiment.steps)).contains(&step) {
            let message =
                format!("{time} ms is not within the {} ms simulated", experiment.duration_ms());
            return Err(Error::from(Problem::new(
                message,
                &place,
                "choose another time, or a longer --duration",
            )));
        }
        Ok(step as u32)
    };
    let from = step("--from", &args.from, 0)?;
    let to = step("--to", &args.to, experiment.steps)?;
    let every = step("--every", &args.every, 1)?.max(1);
    if from >= to {
        let place = Place::Flag("--from".into());
        return Err(Problem::new(
            "the window ends before it begins",
            &place,
            "set --to after --from",
        )
        .into());
    }
    Ok(Window { from, to, every })
}

fn as_json(experiment: &Experiment, t_ms: &[f64], traces: &[Trace]) -> Value {
    let neurons: Vec<Value> = traces
        .iter()
        .map(|trace| {
            let rows = trace.variables.iter().zip(&trace.values);
            let mut neuron: Map<String, Value> =
                rows.map(|(variable, values)| (variable.name.into(), json!(values))).collect();
            neuron.insert("current".into(), json!(trace.current));
            neuron.insert("spike_steps".into(), json!(trace.spike_steps));
            Value::Object(neuron)
        })
        .collect();
    json!({ "dt_ms": experiment.dt_ms, "seed": experiment.seed, "t_ms": t_ms, "neurons": neurons })
}

fn write(
    folder: &Folder,
    experiment: &Experiment,
    t_ms: &[f64],
    traces: &[Trace],
) -> Result<(), Error> {
    let figure = plot::trace::Figure { experiment, t_ms, traces };
    let png = folder.write("trace.png", |file| figure.png(file))?;
    let svg = folder.write("trace.svg", |file| figure.svg(file))?;
    let npz = folder.write("trace.npz", |file| npz::write_traces(file, t_ms, traces))?;
    let document = format!("{}\n", as_json(experiment, t_ms, traces));
    let json =
        folder.write("trace.json", |file| file.write_all(document.as_bytes()).map_err(io_error))?;
    folder.remove_others(&[png, svg, npz, json])
}
