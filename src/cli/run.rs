//! `loligo run`: simulate, analyse, write, report.

use std::path::PathBuf;
use std::time::Instant;

use super::{Outcome, interrupt, memory, progress, table};
use crate::engine::choice::{Choice, Precision, choose};
use crate::engine::{Plan, Record};
use crate::error::Error;
use crate::experiment::Experiment;
use crate::output::folder::Folder;
use crate::output::summary::{Summary, Timing};
use crate::output::{self};
use crate::results::Results;
use crate::setting::{Document, Setting, read_toml};
use crate::simulation::{Simulated, simulate};

/// Flags of `loligo run`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Args {
    #[command(flatten)]
    experiment: ExperimentArgs,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// What is simulated.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Experiment")]
pub struct ExperimentArgs {
    /// A TOML file with the experiment; flags count before what it says
    #[arg(value_name = "EXPERIMENT.toml")]
    file: Option<PathBuf>,
    /// Neuron model: lif or hodgkin_huxley [default: lif]
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Number of neurons [default: 4096]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    neurons: Option<String>,
    /// Time to simulate; a bare number is in ms [default: 1s]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    duration: Option<String>,
    /// Time step [default: 0.1ms for lif, 0.01ms for hodgkin_huxley]
    #[arg(long, value_name = "DT", allow_negative_numbers = true)]
    dt: Option<String>,
    /// lif: euler or exact; hodgkin_huxley: staggered, exponential_euler, euler or rk4
    /// [default: the first]
    #[arg(long, value_name = "NAME")]
    integrator: Option<String>,
    /// Stimulus: constant or pulse [default: constant]
    #[arg(long, value_name = "KIND")]
    stimulus: Option<String>,
    /// Noise: none, white or ou (Ornstein-Uhlenbeck) [default: white]
    #[arg(long, value_name = "KIND")]
    noise: Option<String>,
    /// Set a parameter, such as tau_m=20, stimulus.amplitude="0.3 nA", noise.sigma=0,1,2 (a value
    /// per neuron) or "v_th=normal(-55, 1)"; repeatable
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Seed of all random numbers: the same seed gives the same spikes [default: 1]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    seed: Option<String>,
}

/// What it is simulated on.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Engine")]
pub struct EngineArgs {
    /// Engine: auto takes a hardware GPU if there is one, else the CPU
    #[arg(long, value_enum, default_value_t)]
    engine: Choice,
    /// Take the GPU with this in its name (see `loligo engines`)
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Precision: f64 is slower and on the CPU only
    #[arg(long, value_enum, default_value_t)]
    precision: Precision,
}

/// What comes out.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// What to record: spikes, or none for only the number of spikes per neuron
    #[arg(long, value_enum, default_value_t = Record::Spikes)]
    record: Record,
    /// Folder for the files [default: a new numbered one under loligo-out; with --json, none]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace the results in the folder, if there are any
    #[arg(long)]
    force: bool,
    /// Print summary.json instead of a table
    #[arg(long)]
    json: bool,
    /// Print nothing but errors (and, with --json, the summary)
    #[arg(long)]
    quiet: bool,
}

impl ExperimentArgs {
    /// The experiment that file and flags describe.
    fn experiment(&self) -> Result<Experiment, Error> {
        let document = match &self.file {
            Some(path) => read_toml(path)?,
            None => Document::default(),
        };
        let flags = [
            ("model", "--model", &self.model),
            ("neurons", "--neurons", &self.neurons),
            ("duration", "--duration", &self.duration),
            ("dt", "--dt", &self.dt),
            ("integrator", "--integrator", &self.integrator),
            ("stimulus.kind", "--stimulus", &self.stimulus),
            ("noise.kind", "--noise", &self.noise),
            ("seed", "--seed", &self.seed),
        ];
        let mut settings: Vec<Setting> = flags
            .into_iter()
            .filter_map(|(key, flag, value)| Some(Setting::flag(key, flag, value.as_ref()?)))
            .collect();
        for text in &self.set {
            settings.push(Setting::assignment(text)?);
        }
        Experiment::new(&document, &settings)
    }
}

impl OutputArgs {
    /// The folder for the files, if any are to be written.
    fn folder(&self) -> Result<Option<Folder>, Error> {
        match &self.out {
            Some(path) => Folder::at(path, self.force).map(Some),
            None if self.json => Ok(None),
            None => Folder::numbered().map(Some),
        }
    }
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let OutputArgs { record, json, quiet, .. } = args.output;
    let begin = Instant::now();
    let experiment = args.experiment.experiment()?;
    let most_spikes = memory::most_spikes(&experiment, record)?;
    let engine = choose(args.engine.engine, args.engine.adapter.as_deref(), args.engine.precision)?;
    if !quiet {
        let info = engine.info();
        eprintln!("{} engine: {} ({}), {}", info.kind, info.device, info.driver, info.reason);
    }
    let folder = args.output.folder()?;
    if let Some(folder) = &folder {
        memory::check_disk(&experiment, record, folder.path())?;
    }
    let opened = begin.elapsed();

    let interrupt = interrupt::listen();
    let progress = progress::bar(&experiment, quiet);
    let plan = Plan { most_spikes, ..Plan::new(record) };
    let simulated = simulate(engine.as_ref(), &experiment, plan, &mut |steps| {
        progress.set_position(u64::from(steps));
        !interrupt.is_requested()
    });
    progress.finish_and_clear();
    let simulated = simulated?;
    let interrupted = simulated.steps < experiment.steps;

    let start = Instant::now();
    let results = Results::new(&experiment, &simulated);
    let analysis = start.elapsed();

    let start = Instant::now();
    let Simulated { setup, stepping, mut failure, .. } = simulated;
    let mut files = Vec::new();
    if let Some(folder) = &folder {
        folder.clear()?;
        let (written, error) = output::write(folder, &results);
        files = written;
        failure = failure.or(error);
    }
    let phases = [opened + setup, stepping, analysis, start.elapsed()];
    let neuron_steps = results.neurons() as f64 * f64::from(results.steps);
    let timing = Timing::new(phases, neuron_steps);
    let summary = Summary::new(&results, engine.info(), record, interrupted, timing);
    if let Some(folder) = &folder {
        match output::write_summary(folder, &summary) {
            Ok(path) => files.insert(0, path),
            Err(error) => failure = failure.or(Some(error)),
        }
    }

    if json {
        super::print(&summary.to_json()?)?;
    } else if !quiet {
        super::print(&table::summary(&results, &timing, folder.as_ref(), &files))?;
    }
    if interrupted && !quiet {
        eprintln!(
            "ended after {} of {} steps: what was done is kept",
            results.steps, experiment.steps
        );
    }
    match failure {
        Some(error) => Err(error),
        None if interrupted => Ok(Outcome::Interrupted),
        None => Ok(Outcome::Done),
    }
}
