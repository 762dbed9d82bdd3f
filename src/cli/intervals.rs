//! `loligo intervals FILE`: the interval statistics of recorded spike times, or of Loligo's own.

use std::path::PathBuf;

use super::args::{TableArgs, TargetArgs, positive};
use super::outcome::Outcome;
use super::pick;
use super::table;
use super::terminal;
use loligo::analysis::recorded::Statistics;
use loligo::error::{Error, Place, Problem};
use loligo::input::DataFile;
use loligo::input::own::OwnSpikes;
use loligo::output::folder::{Sink, io_error};
use loligo::output::write_figure;
use loligo::plot::{Format, recording};
use loligo::unit::{self, tell};
use loligo::window::time_ms;

/// Flags of `loligo intervals`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Args {
    /// Spike times in s, unless the variable's name tells another unit: MATLAB .mat (v5 to v7.3), .npy, .npz, HDF5, or
    /// text (.csv); or a folder of Loligo's own results, or the spikes.npz in it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The variable with the spike times
    #[arg(long, value_name = "NAME")]
    variable: Option<String>,
    /// Length of the recording; a bare number is in s [default: up to the last spike]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    duration: Option<String>,
    /// Window of the Fano factor; a bare number is in s
    #[arg(long, value_name = "W", default_value = "50ms", allow_negative_numbers = true)]
    window: String,
    /// Of Loligo's own spikes, the neurons by their index: 0,737 or 0-99; repeatable [default: all]
    #[arg(long, value_name = "LIST")]
    pick: Vec<String>,
    /// Of Loligo's own spikes, the begin of what is analysed; a bare number is in ms [default: 0]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    from: Option<String>,
    /// Of Loligo's own spikes, the end of what is analysed; a bare number is in ms [default: all]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    to: Option<String>,
    #[command(flatten)]
    table: TableArgs,
    #[command(flatten)]
    target: TargetArgs,
}

/// More windows than this are a slip of the keyboard, and gigabytes of counts.
const MOST_WINDOWS: f64 = 1e8;

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let (path, is_folder) = match args.file.is_dir() {
        true => (args.file.join("spikes.npz"), true),
        false => (args.file.clone(), false),
    };
    if is_folder && !path.is_file() {
        let place = Place::Flag(args.file.display().to_string());
        let message = "this folder holds no spikes.npz: it is no result with spikes";
        return Err(Problem::new(message, &place, "name the folder of a `loligo run`").into());
    }
    let file = DataFile::open(&path, &args.table.options()?)?;
    let (trains, duration_s, window_s) = match file.own_spikes()? {
        Some(own) => of_own(args, &own)?,
        None => {
            let flags = [
                ("--pick", args.pick.first()),
                ("--from", args.from.as_ref()),
                ("--to", args.to.as_ref()),
            ];
            if let Some((flag, Some(text))) = flags.into_iter().find(|(_, text)| text.is_some()) {
                let place = Place::Flag(format!("{flag} {text}"));
                let message = "this is for Loligo's own spikes only";
                return Err(Problem::new(message, &place, "leave it out").into());
            }
            let times = file.spike_times(args.variable.as_deref(), "--variable")?;
            let (duration_s, window_s) = spans(args, times.last().copied())?;
            (vec![times], duration_s, window_s)
        }
    };
    let formats = args.target.formats(&[Format::Png])?;
    let folder = args.target.folder()?;
    let statistics = Statistics::new(&trains, duration_s, window_s);
    let document = serde_json::to_string_pretty(&statistics).map_err(io_error)? + "\n";
    let mut paths = Vec::new();
    if let Some(folder) = &folder {
        for path in write_figure(folder, &recording::intervals(&statistics), &formats) {
            paths.push(path?);
        }
        let json = |file: &mut dyn Sink| file.write_all(document.as_bytes()).map_err(io_error);
        paths.insert(0, folder.write("summary.json", json)?);
        folder.finish()?;
    }
    if args.target.json {
        terminal::print(&document)?;
    } else if !args.target.quiet {
        let mut text = told(&statistics);
        if let Some(folder) = &folder {
            text += &format!("\n{}", table::files(folder, &paths));
        }
        terminal::print(&text)?;
    }
    Ok(Outcome::Done)
}

/// The statistics as lines.
fn told(statistics: &Statistics) -> String {
    let Statistics { spikes, duration_s, rate_hz, .. } = statistics;
    let mut text = format!("{spikes} spikes in {} s, {} Hz\n", tell(*duration_s), tell(*rate_hz));
    let over = format!("(over windows of {} s)", tell(statistics.fano_window_s));
    for (name, value, unit) in [
        ("ISI mean", statistics.mean_s, "s"),
        ("ISI std", statistics.std_s, "s"),
        ("ISI median", statistics.median_s, "s"),
        ("ISI min", statistics.min_s, "s"),
        ("ISI max", statistics.max_s, "s"),
        ("CV", statistics.cv, ""),
        ("CV2", statistics.cv2, ""),
        ("LV", statistics.lv, ""),
        ("LvR", statistics.lvr, ""),
        ("Fano", statistics.fano, &over),
    ] {
        let value = value.map_or("-".into(), tell);
        text += format!("{name:<12} {value:>12} {unit}").trim_end();
        text.push('\n');
    }
    text
}

/// The spike trains of Loligo's own that are asked for, their duration and the Fano factor's window (s).
fn of_own(args: &Args, own: &OwnSpikes) -> Result<(Vec<Vec<f64>>, f64, f64), Error> {
    let refuse = |flag: &str, text: &str, why: String, remedy: &str| -> Error {
        Problem::new(why, &Place::Flag(format!("{flag} {text}")), remedy).into()
    };
    for (flag, given) in [("--variable", &args.variable), ("--duration", &args.duration)] {
        if let Some(text) = given {
            let why = "Loligo's own spikes tell this themselves".to_owned();
            return Err(refuse(
                flag,
                text,
                why,
                "leave it out; --pick, --from and --to choose a part",
            ));
        }
    }
    let mut neurons: Vec<usize> = Vec::new();
    for text in args.pick.iter().flat_map(|list| list.split(',')) {
        let range = pick::range(text).filter(|(_, last)| *last < own.trains.len());
        let Some((first, last)) = range else {
            let why =
                format!("`{text}` is no neuron or range of the {} there are", own.trains.len());
            return Err(refuse("--pick", text, why, "give for example 0,737 or 0-99"));
        };
        neurons
            .extend((first..=last).filter(|neuron| !neurons.contains(neuron)).collect::<Vec<_>>());
    }
    if args.pick.is_empty() {
        neurons = (0..own.trains.len()).collect();
    }
    let step = |flag: &str, text: &Option<String>, default: u32| {
        let Some(text) = text else { return Ok(default) };
        let time = unit::read(text, "ms")
            .map_err(|why| refuse(flag, text, why, "give for example 100ms"))?;
        let step = (time / own.dt_ms).round();
        match (0.0..=f64::from(own.steps)).contains(&step) {
            true => Ok(step as u32),
            false => {
                let why = format!(
                    "it is not within the {} ms of the run",
                    tell(f64::from(own.steps) * own.dt_ms)
                );
                Err(refuse(flag, text, why, "choose another time"))
            }
        }
    };
    let (from, to) = (step("--from", &args.from, 0)?, step("--to", &args.to, own.steps)?);
    if from >= to {
        let why = "the part that is analysed ends before it begins".to_owned();
        let text = args.from.as_deref().or(args.to.as_deref()).unwrap_or_default();
        return Err(refuse("--from", text, why, "set --to after --from"));
    }
    let (window_s, _) = positive("--window", &args.window, "s", "50ms")?;
    let duration_s = time_ms(to - from, own.dt_ms) / 1000.0;
    Ok((own.times_s(&neurons, from, to), duration_s, window_s))
}

/// The length of the recording and of the Fano factor's windows (s).
fn spans(args: &Args, last: Option<f64>) -> Result<(f64, f64), Error> {
    let (window, window_place) = positive("--window", &args.window, "s", "50ms")?;
    let (duration, place) = match (&args.duration, last) {
        (Some(text), _) => positive("--duration", text, "s", "10s")?,
        (None, Some(last)) if last > 0.0 => (last, Place::Flag(args.file.display().to_string())),
        _ => {
            let place = Place::Flag(args.file.display().to_string());
            let message = "there is no spike that tells how long the recording is";
            return Err(Problem::new(message, &place, "give its --duration").into());
        }
    };
    if let Some(last) = last.filter(|last| *last > duration) {
        let message = format!("the last spike is at {last} s, but the duration is {duration} s");
        return Err(
            Problem::new(message, &place, "give a --duration that covers all spikes").into()
        );
    }
    if duration / window > MOST_WINDOWS {
        let message = format!("{duration} s hold too many windows of {window} s");
        let remedy = "give a longer --window or a shorter --duration";
        return Err(Problem::new(message, &window_place, remedy).into());
    }
    Ok((duration, window))
}
