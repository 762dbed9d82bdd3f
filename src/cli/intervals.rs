//! `loligo intervals FILE`: the interval statistics of recorded spike times, or of Loligo's own.

use std::path::PathBuf;

use super::args::{TableArgs, TargetArgs, positive};
use super::outcome::Outcome;
use super::own::{Part, PartArgs, file_of, refuse};
use super::table;
use super::terminal;
use loligo::analysis::recorded::Statistics;
use loligo::error::{Error, Place, Problem};
use loligo::input::DataFile;
use loligo::output::folder::{WriteSeek, io_error};
use loligo::output::write_figure;
use loligo::plot::{Format, recording};
use loligo::unit::tell;

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
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    duration: Option<String>,
    /// Window of the Fano factor; a bare number is in s
    #[arg(long, value_name = "W", default_value = "50ms", allow_hyphen_values = true)]
    window: String,
    #[command(flatten)]
    part: PartArgs,
    #[command(flatten)]
    table: TableArgs,
    #[command(flatten)]
    target: TargetArgs,
}

/// More windows than this are a slip of the keyboard, and gigabytes of counts.
const MOST_WINDOWS: f64 = 1e8;

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let file = DataFile::open(&file_of(&args.file)?, &args.table.options()?)?;
    let (trains, duration_s, window_s) = match file.own_spikes()? {
        Some(own) => {
            refuse(&[
                ("--variable", args.variable.as_deref()),
                ("--duration", args.duration.as_deref()),
            ])?;
            let Part { neurons, window } = args.part.of(&own)?;
            let (window_s, _) = positive("--window", &args.window, "s", "50ms")?;
            (own.times_s(&neurons, window), window.duration_ms(own.dt_ms) / 1000.0, window_s)
        }
        None => {
            args.part.none()?;
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
        let json = |file: &mut dyn WriteSeek| file.write_all(document.as_bytes()).map_err(io_error);
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
