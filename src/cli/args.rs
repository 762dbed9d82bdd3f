//! Flags that several subcommands share.

use std::path::PathBuf;

use crate::engine::choice::{Choice, Precision};
use crate::engine::{Engine, Record, choice};
use crate::error::{Error, Place, Problem};
use crate::output::folder::Folder;
use crate::setting::{Document, Setting, read_toml};
use crate::unit;

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
    /// Stimulus: constant, pulse, or file (a recording, named by stimulus.file) [default: constant]
    #[arg(long, value_name = "KIND")]
    stimulus: Option<String>,
    /// Noise: none, white, ou (Ornstein-Uhlenbeck), or numpy (that of a NumPy notebook, for one
    /// neuron) [default: white]
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

/// What comes out of a simulation.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// What to record: spikes, or none for only the number of spikes per neuron
    #[arg(long, value_enum, default_value_t = Record::Spikes)]
    pub record: Record,
    /// Window in which spikes are counted for the correlation of pairs; a bare number is in ms
    #[arg(long, value_name = "T", default_value = "50ms")]
    window: String,
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Where it goes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub struct PlaceArgs {
    /// Folder for the files [default: a new numbered one under loligo-out; with --json, none]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace the results in the folder, if there are any
    #[arg(long)]
    force: bool,
    /// Print one JSON document instead of a table
    #[arg(long)]
    pub json: bool,
    /// Print nothing but errors (and, with --json, the document)
    #[arg(long)]
    pub quiet: bool,
}

impl ExperimentArgs {
    /// What the file says.
    pub fn document(&self) -> Result<Document, Error> {
        match &self.file {
            Some(path) => read_toml(path),
            None => Ok(Document::default()),
        }
    }

    /// What the flags say.
    pub fn settings(&self) -> Result<Vec<Setting>, Error> {
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
        Ok(settings)
    }
}

impl EngineArgs {
    /// The precision asked for.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Whether a GPU is asked for.
    pub fn wants_gpu(&self) -> bool {
        self.engine == Choice::Gpu || self.adapter.is_some()
    }

    /// The engine asked for.
    pub fn engine(&self) -> Result<Box<dyn Engine>, Error> {
        choice::choose(self.engine, self.adapter.as_deref(), self.precision)
    }
}

impl OutputArgs {
    /// The window for spike counts (ms).
    pub fn window_ms(&self) -> Result<f64, Error> {
        let place = Place::Flag(format!("--window {}", self.window));
        let window = unit::read(&self.window, "ms").and_then(|window| match window > 0.0 {
            true => Ok(window),
            false => Err(format!("a window of {window} ms holds nothing")),
        });
        window.map_err(|why| Problem::new(why, &place, "give for example 50ms").into())
    }
}

impl PlaceArgs {
    /// The folder for the files, if any are to be written.
    pub fn folder(&self) -> Result<Option<Folder>, Error> {
        match &self.out {
            Some(path) => Folder::at(path, self.force).map(Some),
            None if self.json => Ok(None),
            None => Folder::numbered().map(Some),
        }
    }
}
