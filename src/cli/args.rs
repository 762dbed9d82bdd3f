//! Flags that several subcommands share.

use std::path::{Path, PathBuf};

use super::help;
use loligo::Record;
use loligo::analysis::spectrum::Taper;
use loligo::document::{Document, read_toml};
use loligo::engine::choice::{Adapters, Choice, Precision};
use loligo::engine::gpu::adapter;
use loligo::engine::{Engine, choice};
use loligo::error::{Error, Place, Problem};
use loligo::input::text::Options;
use loligo::output::folder::Folder;
use loligo::output::formats::SpikeFormat;
use loligo::plot::Format;
use loligo::real::fused_here;
use loligo::setting::Setting;
use loligo::unit;

pub use loligo::output::EXPERIMENT;

/// What is simulated.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Experiment")]
pub struct ExperimentArgs {
    /// A TOML file with the experiment, or a folder of results, which holds one; flags count before what it says
    #[arg(value_name = "EXPERIMENT")]
    file: Option<PathBuf>,
    #[arg(long, value_name = "NAME", help = help::model())]
    model: Option<String>,
    #[arg(long, value_name = "N", allow_hyphen_values = true, help = help::neurons())]
    neurons: Option<String>,
    #[arg(long, value_name = "T", allow_hyphen_values = true, help = help::duration())]
    duration: Option<String>,
    #[arg(long, value_name = "DT", allow_hyphen_values = true, help = help::dt())]
    dt: Option<String>,
    #[arg(long, value_name = "NAME", help = help::integrator())]
    integrator: Option<String>,
    #[arg(long, value_name = "KIND", help = help::stimulus())]
    stimulus: Option<String>,
    #[arg(long, value_name = "KIND", help = help::noise())]
    noise: Option<String>,
    /// How noise.sigma of white noise is meant: as brian, nest or a course has it, or as loligo [default: loligo]
    #[arg(long, value_name = "NAME")]
    noise_convention: Option<String>,
    #[arg(long, value_name = "KIND KEY=VALUE ..", help = help::source())]
    source: Vec<String>,
    /// Set a parameter, such as tau_m=20, stimulus.amplitude="0.3 nA", noise.sigma=0,1,2 (a value
    /// per neuron) or "v_th=normal(-55, 1)"; repeatable
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Begin of what statistics and figures are of (trace: of what is shown); a bare number is in ms
    /// [default: 0]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    from: Option<String>,
    /// End of what statistics and figures are of (trace: of what is shown) [default: the duration]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    to: Option<String>,
    #[arg(long, value_name = "S", allow_hyphen_values = true, help = help::seed())]
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
    /// Take all GPUs of this machine at once: each steps a part of the neurons
    #[arg(long, value_name = "all", value_parser = ["all"], conflicts_with = "adapter")]
    adapters: Option<String>,
    /// Precision: f64 is slower and on the CPU only [default: f32]
    #[arg(long, value_enum)]
    pub precision: Option<Precision>,
}

/// What comes out of a simulation.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// What to record: spikes; intervals, their statistics while stepping, in a memory that does not grow with the time;
    /// sample:N, the same with the spikes of N neurons; or none, only the number of spikes per neuron [default: spikes]
    #[arg(long, value_name = "spikes|intervals|sample:N|none")]
    pub record: Option<Record>,
    /// Formats of the spikes: npz, parquet, sonata, nwb, several of them; but for npz alone, they are written as they come and
    /// statistics are taken while stepping [default: npz]
    #[arg(long, value_enum, value_name = "LIST", value_delimiter = ',')]
    pub format: Vec<SpikeFormat>,
    /// Write a checkpoint after each T of model time, or wall:T by the clock: however the run ends, `loligo resume DIR` goes on;
    /// a bare number is in ms, after wall: in s
    #[arg(long, value_name = "T|wall:T", allow_hyphen_values = true, conflicts_with = "shard")]
    pub checkpoint: Option<String>,
    /// Simulate a part of the neurons only: the K-th of N shards, for `loligo merge`
    #[arg(long, value_name = "K/N")]
    pub shard: Option<String>,
    /// Window in which spikes are counted for Fano factors and correlations; a bare number is in ms [default: 50ms]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub window: Option<String>,
    /// Segment of spectra: its inverse is the distance of frequencies [default: 1s, or all if that is less]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    pub segment: Option<String>,
    /// Taper of a segment: hann, or boxcar, which lets lines of regular neurons leak to all frequencies
    /// [default: hann]
    #[arg(long, value_enum)]
    pub taper: Option<Taper>,
    /// Levels of a sweep that figures show: noise.sigma=0,3; repeatable [default: those that fit, as the titles tell]
    #[arg(long, value_name = "KEY=LIST")]
    pub show: Vec<String>,
    #[command(flatten)]
    pub target: TargetArgs,
}

/// Where it goes.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub struct TargetArgs {
    /// Folder for the files [default: a new numbered one under loligo-out; with --json, none]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace the results in the folder, if there are any
    #[arg(long)]
    pub force: bool,
    /// Formats of the figures: png, svg, pdf, several of them, or none [default: png; trace: png,svg]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    figures: Vec<String>,
    /// Print one JSON document instead of a table
    #[arg(long)]
    pub json: bool,
    /// Print nothing but errors (and, with --json, the document)
    #[arg(long)]
    pub quiet: bool,
}

impl OutputArgs {
    /// What a file says, and nothing besides.
    pub fn only(target: TargetArgs) -> Self {
        OutputArgs {
            record: None,
            format: Vec::new(),
            shard: None,
            checkpoint: None,
            window: None,
            segment: None,
            taper: None,
            show: Vec::new(),
            target,
        }
    }
}

impl ExperimentArgs {
    /// Whether there is a file.
    pub fn has_file(&self) -> bool {
        self.file.is_some()
    }

    /// What the file says. With `force`, other files than those of the experiment may be played.
    pub fn document(&self, force: bool) -> Result<Document, Error> {
        let Some(path) = &self.file else { return Ok(Document::default()) };
        let mut document = match path.is_dir() {
            true => {
                let inside = path.join(EXPERIMENT);
                if !inside.is_file() {
                    let place = Place::Flag(path.display().to_string());
                    let message = format!("this folder holds no {EXPERIMENT}: it is no result");
                    let remedy = "name a folder that Loligo has written, or a TOML file";
                    return Err(Problem::new(message, &place, remedy).into());
                }
                read_toml(&inside)?
            }
            false => read_toml(path)?,
        };
        if force {
            document.forget_hashes();
        }
        Ok(document)
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
            ("noise.convention", "--noise-convention", &self.noise_convention),
            ("from", "--from", &self.from),
            ("to", "--to", &self.to),
            ("seed", "--seed", &self.seed),
        ];
        let mut settings: Vec<Setting> = flags
            .into_iter()
            .filter_map(|(key, flag, value)| Some(Setting::flag(key, flag, value.as_ref()?)))
            .collect();
        for text in &self.source {
            let source = Setting::source(text)?;
            let kind =
                |setting: &Setting| setting.key.ends_with(".kind").then(|| setting.key.clone());
            if let Some(key) = source.iter().find_map(kind)
                && settings.iter().any(|setting| setting.key == key)
            {
                let name = key.trim_end_matches(".kind");
                let message = format!("there are two sources named `{name}`");
                let place = Place::Flag(format!("--source \"{text}\""));
                return Err(Problem::new(message, &place, "give each a name=..").into());
            }
            settings.extend(source);
        }
        for text in &self.set {
            settings.push(Setting::assignment(text)?);
        }
        Ok(settings)
    }
}

impl EngineArgs {
    /// Whether a GPU is asked for.
    pub fn wants_gpu(&self) -> bool {
        self.engine == Choice::Gpu || self.adapters() != Adapters::One
    }

    fn adapters(&self) -> Adapters<'_> {
        match (&self.adapter, &self.adapters) {
            (Some(name), _) => Adapters::Named(name),
            (None, Some(_)) => Adapters::All,
            (None, None) => Adapters::One,
        }
    }

    /// Whether the engine that would run rounds a product and a sum once, in f32. A software device does not:
    /// it makes two operations of them.
    pub fn is_fused(&self) -> bool {
        let name = self.adapter.as_deref();
        let gpu = |software| adapter::found(name, software).map(|found| found.kind != "software");
        match self.engine {
            Choice::Cpu => fused_here(),
            Choice::Auto if name.is_none() && fused_here() => true,
            Choice::Auto => gpu(name.is_some()).unwrap_or(fused_here()),
            Choice::Gpu => gpu(true).unwrap_or(fused_here()),
        }
    }

    /// The engine asked for, in a precision.
    pub fn engine(&self, precision: Precision) -> Result<Box<dyn Engine>, Error> {
        choice::choose(self.engine, self.adapters(), precision)
    }

    /// The engine to go on with when a device has failed so many times in a row: the same once more, opened anew; then, where
    /// the choice was left to Loligo, the CPU.
    pub fn after(
        &self,
        failures: usize,
        precision: Precision,
    ) -> Result<Option<Box<dyn Engine>>, Error> {
        match (failures, self.engine) {
            (1, _) => self.engine(precision).map(Some),
            (2, Choice::Auto) => choice::choose(Choice::Cpu, Adapters::One, precision).map(Some),
            _ => Ok(None),
        }
    }
}

/// A quantity above 0 in `unit` that a flag gives, and its place.
pub fn positive(flag: &str, text: &str, unit: &str, example: &str) -> Result<(f64, Place), Error> {
    let place = Place::Flag(format!("{flag} {text}"));
    Ok((positive_at(&place, text, unit, example)?, place))
}

/// A quantity above 0 in `unit` that was written at a place.
pub fn positive_at(place: &Place, text: &str, unit: &str, example: &str) -> Result<f64, Error> {
    let value = unit::read(text, unit).and_then(|value| match value > 0.0 {
        true => Ok(value),
        false => Err(format!("{value} {unit} is not above 0")),
    });
    value.map_err(|why| Problem::new(why, place, format!("give for example {example}")).into())
}

/// How a table of text is written.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Text files")]
pub struct TableArgs {
    /// Between columns: comma, semicolon, tab, blanks, or a character [default: found out]
    #[arg(long, value_name = "D", allow_hyphen_values = true)]
    delimiter: Option<String>,
    /// Decimal separator: point or comma [default: found out]
    #[arg(long, value_name = "D")]
    decimal: Option<String>,
    /// Lines above the numbers, of which the last names the columns, or none [default: found out]
    #[arg(long, value_name = "LINES")]
    header: Option<String>,
}

impl TableArgs {
    /// What is told of a table.
    pub fn options(&self) -> Result<Options, Error> {
        let TableArgs { delimiter, decimal, header } = self;
        Options::read("--", delimiter.as_deref(), decimal.as_deref(), header.as_deref()).map_err(
            |(flag, why, remedy)| {
                Problem::new(why, &Place::Flag(format!("--{flag}")), remedy).into()
            },
        )
    }
}

impl TargetArgs {
    /// The formats of figures.
    pub fn formats(&self, default: &[Format]) -> Result<Vec<Format>, Error> {
        if self.figures.is_empty() {
            return Ok(default.to_vec());
        }
        let mut formats = Vec::new();
        for name in &self.figures {
            let known = [Format::Png, Format::Svg, Format::Pdf];
            let found = known.into_iter().find(|format| format.ending() == name.trim());
            match found {
                Some(format) if !formats.contains(&format) => formats.push(format),
                Some(_) => {}
                None if name.trim() == "none" && self.figures.len() == 1 => {}
                None => {
                    let place = Place::Flag(format!("--figures {}", self.figures.join(",")));
                    let message = format!("`{name}` is no format of figures");
                    let remedy = "choose of png, svg and pdf, or none";
                    return Err(Problem::new(message, &place, remedy).into());
                }
            }
        }
        Ok(formats)
    }

    /// Files into a folder that there is.
    pub fn of(out: PathBuf, figures: Vec<String>, json: bool, quiet: bool) -> Self {
        TargetArgs { out: Some(out), force: true, figures, json, quiet }
    }

    /// The formats of figures, as they were written.
    pub fn figures(&self) -> &[String] {
        &self.figures
    }

    /// The folder that was named, if one was.
    pub fn path(&self) -> Option<&Path> {
        self.out.as_deref()
    }

    /// A folder that exists, on the file system that the files will be on.
    pub fn existing(&self) -> PathBuf {
        let path = self.out.as_deref().unwrap_or(Path::new("."));
        let above = path.ancestors().find(|path| path.is_dir());
        above.unwrap_or(Path::new(".")).to_owned()
    }

    /// Whether any files are to be written.
    pub fn has_folder(&self) -> bool {
        self.out.is_some() || !self.json
    }

    /// The folder for the files, if any are to be written.
    pub fn folder(&self) -> Result<Option<Folder>, Error> {
        match &self.out {
            Some(path) => Folder::at(path, self.force).map(Some),
            None if self.json => Ok(None),
            None => Folder::numbered().map(Some),
        }
    }
}
