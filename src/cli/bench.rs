//! `loligo bench`: the throughput of models and engines over the number of neurons.

use std::path::PathBuf;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::outcome::Outcome;
use super::{figure_file, help, interrupt, table, terminal};
use loligo::Record;
use loligo::benchmark::{self, Effort, Limit, Throughput};
use loligo::engine::choice::{self, Adapters, Choice, Precision};
use loligo::engine::gpu::adapter;
use loligo::engine::gpu::device::Device;
use loligo::engine::gpu::{Cut, Gpu};
use loligo::engine::{Engine, EngineInfo, cpu};
use loligo::error::{Error, Place, Problem};
use loligo::memory::needs;
use loligo::model::Model;
use loligo::output::folder::io_error;
use loligo::output::write_figure;
use loligo::plot::throughput::{self, Series};

/// Flags of `loligo bench`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true, after_help = ABOUT)]
pub struct Args {
    /// Engine: cpu, gpu, or auto for the one that `loligo run` takes [default: all there are]
    #[arg(long, value_enum)]
    engine: Option<Choice>,
    /// Measure the GPU with this in its name (see `loligo engines`)
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Neuron models, of the catalogue or files of equations [default: lif,hodgkin_huxley]
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    models: Vec<String>,
    #[arg(long, value_name = "A,B", value_delimiter = ',', default_value = "white", help = help::noises())]
    noise: Vec<String>,
    /// Numbers of neurons [default: a thousand to a million in decades]
    #[arg(long, value_name = "N,M", value_delimiter = ',', value_parser = count)]
    neurons: Vec<usize>,
    /// What to record: spikes, intervals (statistics while stepping), or none for only the number of spikes per neuron
    #[arg(long, value_name = "spikes|intervals|none", default_value_t = Record::Spikes)]
    record: Record,
    /// Measure for a shorter time: all in under a minute
    #[arg(long)]
    quick: bool,
    /// Draw throughput over the number of neurons
    #[arg(long, value_name = "FILE.png", num_args = 0..=1, default_missing_value = "bench.png")]
    plot: Option<PathBuf>,
    /// Print one JSON document instead of a table
    #[arg(long)]
    json: bool,
}

const ABOUT: &str = "\
A neuron-step is one step of one neuron: its noise, its equations, its spike. The median over several \
windows of time after a warm-up counts; the spread is from the slowest to the fastest window. The time \
is the wall clock's, with spikes taken to the host and sorted.

What limits a throughput:
  few neurons  more neurons would be faster: the device is not full
  compute      the arithmetic
  readback     the device waits for its spikes to be taken
  memory       fewer neurons would be faster

Examples:
  loligo bench --quick
  loligo bench --models lif --neurons 10000,100000 --engine gpu --plot";

/// Neurons where none are given.
const NEURONS: [usize; 4] = [1000, 10_000, 100_000, 1_000_000];

const THOROUGH: Effort = Effort { windows: 7, window: Duration::from_millis(300) };
const QUICK: Effort = Effort { windows: 3, window: Duration::from_millis(100) };

/// A row of the table, and of the JSON document.
#[derive(Clone, Debug, Serialize)]
struct Row {
    engine: &'static str,
    device: String,
    driver: String,
    precision: &'static str,
    model: &'static str,
    noise: String,
    neurons: usize,
    /// Steps that were measured.
    steps: u32,
    recording: String,
    windows: usize,
    neuron_steps_per_s: f64,
    slowest: f64,
    fastest: f64,
    /// By the device's own clock, where it has one.
    device_neuron_steps_per_s: Option<f64>,
    /// Time simulated over time taken.
    times_real_time: f64,
    setup_s: f64,
    memory_bytes: usize,
    limit: Limit,
}

#[derive(Debug, Serialize)]
struct Report<'a> {
    loligo: &'static str,
    interrupted: bool,
    results: &'a [Row],
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let models = models(&args.models)?;
    for noise in &args.noise {
        kind_of_noise(noise)?;
    }
    let mut sizes = if args.neurons.is_empty() { NEURONS.to_vec() } else { args.neurons.clone() };
    sizes.sort_unstable();
    sizes.dedup();
    if sizes[0] == 0 {
        let place = Place::Flag("--neurons 0".into());
        return Err(Problem::new("there is nothing to measure", &place, "give 1 or more").into());
    }
    let plot = args.plot.as_ref().map(|path| figure_file::of(path, "--plot")).transpose()?;
    let interrupt = interrupt::listen(args.json, "what was measured is being told");
    let target =
        if args.json { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let progress =
        ProgressBar::with_draw_target(None, target).with_style(ProgressStyle::default_spinner());
    progress.enable_steady_tick(Duration::from_millis(200));
    let mut rows: Vec<Row> = Vec::new();
    let mut series = Vec::new();
    let mut failure = None;
    let engines = engines(args)?;
    for engine in &engines {
        for model in &models {
            for noise in &args.noise {
                let mut measured = Vec::new();
                for &neurons in &sizes {
                    let info = engine.info();
                    let case = format!("{} {} {noise} {neurons}", info.kind, model.name);
                    progress.set_message(case);
                    let experiment =
                        benchmark::experiment(model.name, noise, neurons, benchmark::ENDLESS)?;
                    let effort = if args.quick { QUICK } else { THOROUGH };
                    let go_on = || !interrupt.is_requested();
                    let engine = engine.as_ref();
                    // The few spikes of a window do not count.
                    let measured_case = needs::most_spikes(&experiment, Record::None, 0.0)
                        .and_then(|_| {
                            benchmark::measure(engine, &experiment, args.record, effort, &go_on)
                        });
                    match measured_case {
                        Ok(Some(throughput)) => measured.push((neurons, throughput)),
                        Ok(None) => break,
                        // More neurons would fail too; what else there is to measure may not.
                        Err(error) => {
                            failure = Some(error);
                            break;
                        }
                    }
                }
                let sizes: Vec<_> = measured.iter().map(|(n, t)| (*n, t)).collect();
                let limits = benchmark::limits(&sizes);
                rows.extend(sizes.iter().zip(limits).map(|((neurons, throughput), limit)| {
                    row(engine.info(), model, noise, *neurons, args.record, throughput, limit)
                }));
                series.push(Series {
                    name: format!("{}, {noise} ({})", model.name, told(engine.info())),
                    points: sizes.iter().map(|(n, t)| (*n as f64, t.median())).collect(),
                    saturation: benchmark::saturation(&sizes).map(|n| n as f64),
                });
            }
        }
    }
    progress.finish_and_clear();
    let interrupted = interrupt.is_requested();
    if args.json {
        let report = Report { loligo: env!("CARGO_PKG_VERSION"), interrupted, results: &rows };
        terminal::print(&(serde_json::to_string_pretty(&report).map_err(io_error)? + "\n"))?;
    } else {
        terminal::print(&table(&engines, args, &rows))?;
    }
    if let Some((folder, name)) = plot.filter(|_| !rows.is_empty()) {
        let (name, format) = name;
        let figure = throughput::figure(&name, &series);
        for path in write_figure(&folder, &figure, &[format]) {
            let path = path?;
            if !args.json {
                terminal::say(&format!("{}", path.display()));
            }
        }
    }
    match failure {
        Some(error) => Err(error),
        None if interrupted => Ok(Outcome::Interrupted),
        None => Ok(Outcome::Done),
    }
}

/// A number of neurons, such as 1000 or 1e5.
fn count(text: &str) -> Result<usize, String> {
    let number = text.trim().replace('_', "").parse::<f64>().ok();
    let whole = number.filter(|n| n.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(n));
    whole.map(|n| n as usize).ok_or_else(|| "write a whole number, such as 1000 or 1e5".to_owned())
}

/// An engine as a legend names it: with the device, and whether software plays it.
fn told(info: &EngineInfo) -> String {
    let device = info.device.split(['(', ',']).next().unwrap_or(&info.device).trim();
    match info.kind {
        "gpu" if info.is_software => format!("software GPU, {device}"),
        kind => format!("{kind}, {device}"),
    }
}

fn models(names: &[String]) -> Result<Vec<&'static Model>, Error> {
    if names.is_empty() {
        return ["lif", "hodgkin_huxley"]
            .iter()
            .map(|name| super::models::model(name, "--models"))
            .collect();
    }
    names.iter().map(|name| super::models::model(name, "--models")).collect()
}

/// The kind of noise of a name; that of NumPy is for one neuron.
fn kind_of_noise(name: &str) -> Result<(), Error> {
    let known: Vec<&str> = help::measured().collect();
    if known.contains(&name) {
        return Ok(());
    }
    let place = Place::Flag(format!("--noise {name}"));
    let message = format!("no noise to measure is named `{name}`");
    Err(Problem::new(message, &place, format!("there is {}", known.join(", "))).into())
}

/// The engines to measure: the CPU and every GPU, or the one asked for.
fn engines(args: &Args) -> Result<Vec<Box<dyn Engine>>, Error> {
    let adapters = args.adapter.as_deref().map_or(Adapters::One, Adapters::Named);
    if args.engine.is_some() || adapters != Adapters::One {
        let choice = args.engine.unwrap_or(Choice::Gpu);
        return Ok(vec![choice::choose(choice, adapters, Precision::F32)?]);
    }
    let mut engines = vec![cpu::single("measured")];
    let mut names: Vec<String> = adapter::list().into_iter().map(|listed| listed.name).collect();
    names.dedup();
    for name in names {
        match Device::open(Some(&name), true) {
            Ok(device) => engines.push(Box::new(Gpu::new(device, Cut::default(), "measured"))),
            Err(error) => terminal::say(&format!("left out: {error}")),
        }
    }
    Ok(engines)
}

fn row(
    info: &EngineInfo,
    model: &Model,
    noise: &str,
    neurons: usize,
    record: Record,
    throughput: &Throughput,
    limit: Limit,
) -> Row {
    let (slowest, fastest) = throughput.spread();
    let median = throughput.median();
    Row {
        engine: info.kind,
        device: info.device.clone(),
        driver: info.driver.clone(),
        precision: info.precision,
        model: model.name,
        noise: noise.to_owned(),
        neurons,
        steps: throughput.steps,
        recording: record.to_string(),
        windows: throughput.windows.len(),
        neuron_steps_per_s: median,
        slowest,
        fastest,
        device_neuron_steps_per_s: throughput.device,
        times_real_time: median / neurons as f64 * model.dt_ms * 1e-3,
        setup_s: throughput.setup.as_secs_f64(),
        memory_bytes: throughput.bytes,
        limit,
    }
}

fn table(engines: &[Box<dyn Engine>], args: &Args, rows: &[Row]) -> String {
    let mut text = format!("loligo {}, recording {}\n", env!("CARGO_PKG_VERSION"), args.record);
    for engine in engines {
        let EngineInfo { kind, device, driver, precision, .. } = engine.info();
        text += &format!("{kind}  {device} ({driver}; {precision})\n");
    }
    let head = [
        "engine",
        "model",
        "noise",
        "neurons",
        "G neuron-steps/s",
        "spread",
        "device's clock",
        "real time",
        "setup [s]",
        "memory [MiB]",
        "limit",
    ];
    let giga = |speed: f64| format!("{:.3}", speed * 1e-9);
    let mut cells = vec![head.map(str::to_owned)];
    cells.extend(rows.iter().map(|row| {
        [
            row.engine.to_owned(),
            row.model.to_owned(),
            row.noise.clone(),
            row.neurons.to_string(),
            giga(row.neuron_steps_per_s),
            format!("{} to {}", giga(row.slowest), giga(row.fastest)),
            row.device_neuron_steps_per_s.map_or("-".into(), giga),
            format!("{:.3} x", row.times_real_time),
            format!("{:.3}", row.setup_s),
            format!("{:.1}", row.memory_bytes as f64 / f64::from(1 << 20)),
            row.limit.name().to_owned(),
        ]
    }));
    let right: [bool; 11] = std::array::from_fn(|column| (3..10).contains(&column));
    text + "\n" + &table::aligned(&cells, &right)
}
