//! Which part of Loligo's own spikes is analysed.

use std::path::{Path, PathBuf};

use loligo::error::{Error, Place, Problem};
use loligo::input::own::OwnSpikes;
use loligo::output::formats::SpikeFormat;
use loligo::pick;
use loligo::unit::{self, tell};
use loligo::window::Window;

/// The part of Loligo's own spikes that is analysed.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Loligo's own spikes")]
pub struct PartArgs {
    /// The neurons by their index: 0,737 or 0-99; repeatable [default: all]
    #[arg(long, value_name = "LIST")]
    pick: Vec<String>,
    /// Begin of what is analysed; a bare number is in ms [default: 0]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    from: Option<String>,
    /// End of what is analysed; a bare number is in ms [default: all]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    to: Option<String>,
}

/// The neurons and the steps that are analysed.
pub struct Part {
    /// Indices of the neurons.
    pub neurons: Vec<usize>,
    /// The steps.
    pub window: Window,
}

/// The file with the spikes: of a folder of results, or the file itself.
///
/// # Errors
/// If the folder holds none.
pub fn file_of(path: &Path) -> Result<PathBuf, Error> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let file = path.join("spikes.npz");
    if file.is_file() {
        return Ok(file);
    }
    let place = Place::Flag(path.display().to_string());
    let mut others = SpikeFormat::ALL.map(SpikeFormat::file).into_iter();
    if let Some(other) = others.find(|name| path.join(name).is_file()) {
        let message = format!("this folder holds its spikes in {other}, not in spikes.npz");
        let remedy = "write both: `loligo run .. --format npz,parquet`";
        return Err(Problem::new(message, &place, remedy).into());
    }
    let message = "this folder holds no spikes.npz: it is no result with spikes";
    Err(Problem::new(message, &place, "name the folder of a `loligo run`").into())
}

fn refused(flag: &str, text: &str, why: impl Into<String>, remedy: &str) -> Error {
    Problem::new(why, &Place::Flag(format!("{flag} {text}")), remedy).into()
}

/// Flags, by their names, that tell what Loligo's own spikes tell themselves.
///
/// # Errors
/// If one of them is given.
pub fn refuse(flags: &[(&str, Option<&str>)]) -> Result<(), Error> {
    match flags.iter().find_map(|(flag, text)| Some((flag, (*text)?))) {
        None => Ok(()),
        Some((flag, text)) => {
            let why = "Loligo's own spikes tell this themselves";
            let remedy = "leave it out; --pick, --from and --to choose a part";
            Err(refused(flag, text, why, remedy))
        }
    }
}

impl PartArgs {
    /// # Errors
    /// If one of the flags is given, for spikes or signals that are not Loligo's own.
    pub fn none(&self) -> Result<(), Error> {
        let given = [
            ("--pick", self.pick.first()),
            ("--from", self.from.as_ref()),
            ("--to", self.to.as_ref()),
        ];
        match given.into_iter().find_map(|(flag, text)| Some((flag, text?))) {
            None => Ok(()),
            Some((flag, text)) => {
                Err(refused(flag, text, "this is for Loligo's own spikes only", "leave it out"))
            }
        }
    }

    /// The part of some spikes.
    ///
    /// # Errors
    /// If there are no such neurons or times.
    pub fn of(&self, own: &OwnSpikes) -> Result<Part, Error> {
        let mut neurons: Vec<usize> = Vec::new();
        for text in self.pick.iter().flat_map(|list| list.split(',')) {
            let range = pick::range(text).filter(|(_, last)| *last < own.trains.len());
            let Some((first, last)) = range else {
                let there_are = own.trains.len();
                let why = format!("`{text}` is no neuron or range of the {there_are} there are");
                return Err(refused("--pick", text, why, "give for example 0,737 or 0-99"));
            };
            neurons.extend(first..=last);
        }
        if self.pick.is_empty() {
            neurons = own.sample.clone().unwrap_or_else(|| (0..own.trains.len()).collect());
        }
        if let Some(sample) = &own.sample
            && let Some(other) = neurons.iter().find(|neuron| sample.binary_search(neuron).is_err())
        {
            let some: Vec<String> = sample.iter().take(5).map(ToString::to_string).collect();
            let why = format!("the spikes of neuron {other} were not kept");
            let remedy =
                format!("choose of the sample of {}: {}, ..", sample.len(), some.join(", "));
            return Err(refused("--pick", &self.pick.join(","), why, &remedy));
        }
        let mut seen = std::collections::HashSet::new();
        neurons.retain(|neuron| seen.insert(*neuron));
        let step = |flag: &str, text: &Option<String>, default: u32| {
            let Some(text) = text else { return Ok(default) };
            let time = unit::read(text, "ms")
                .map_err(|why| refused(flag, text, why, "give for example 100ms"))?;
            let step = (time / own.dt_ms).round();
            if (0.0..=f64::from(own.steps)).contains(&step) {
                return Ok(step as u32);
            }
            let run = tell(f64::from(own.steps) * own.dt_ms);
            let why = format!("it is not within the {run} ms of the run");
            Err(refused(flag, text, why, "choose another time"))
        };
        let window =
            Window { from: step("--from", &self.from, 0)?, to: step("--to", &self.to, own.steps)? };
        if window.steps() == 0 {
            let text = self.from.as_deref().or(self.to.as_deref()).unwrap_or_default();
            let why = "the part that is analysed ends before it begins";
            return Err(refused("--from", text, why, "set --to after --from"));
        }
        Ok(Part { neurons, window })
    }
}
