//! `loligo intervals FILE`: the interval statistics of recorded spike times.

use std::path::PathBuf;

use serde_json::json;

use super::Outcome;
use super::args::PlaceArgs;
use crate::analysis::intervals::{LVR_REFRACTORY_MS, of_intervals};
use crate::analysis::{recorded, round_up};
use crate::error::{Error, Place, Problem};
use crate::input;
use crate::output::folder::io_error;
use crate::plot::recording;
use crate::unit::tell;

/// Flags of `loligo intervals`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Args {
    /// Spike times in s: MATLAB .mat (v5 or v7.3), .npy, .npz, or .csv
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The variable with the spike times
    #[arg(long, value_name = "NAME")]
    variable: Option<String>,
    /// Length of the recording in s [default: up to the last spike]
    #[arg(long, value_name = "T")]
    duration: Option<f64>,
    /// Window of the Fano factor in s
    #[arg(long, value_name = "W", default_value_t = 0.05)]
    window: f64,
    #[command(flatten)]
    place: PlaceArgs,
}

/// Bins of the histogram, the hazard and the autocorrelogram.
const BINS: usize = 80;

/// More windows than this are a slip of the keyboard, and gigabytes of counts.
const MOST_WINDOWS: f64 = 1e8;

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let variables = input::read(&args.file)?;
    let chosen = input::choose(&variables, args.variable.as_deref(), &args.file, "--variable")?;
    let times = &chosen.values;
    let duration = check(args, &chosen.name, times)?;
    let folder = args.place.folder()?;

    let intervals: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let stats = of_intervals(intervals.iter().copied(), 1e-3 * LVR_REFRACTORY_MS);
    let mut sorted = intervals.clone();
    sorted.sort_by(f64::total_cmp);
    let quantile = |q: f64| sorted.get(((sorted.len() as f64 - 1.0) * q).round() as usize).copied();
    let median = match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[n / 2]),
        n => Some(0.5 * (sorted[n / 2 - 1] + sorted[n / 2])),
    };
    let fano = recorded::fano(times, duration, args.window);
    let fanos: Vec<(f64, f64)> = recorded::fano_windows(duration)
        .into_iter()
        .filter_map(|window| Some((window, recorded::fano(times, duration, window)?)))
        .collect();
    // The histogram shows 99 % of the intervals.
    let bin = round_up(quantile(0.99).unwrap_or(1.0).max(1e-6) / BINS as f64);
    let density = recorded::density(&intervals, bin, BINS);
    let hazard = recorded::hazard(&intervals, bin, BINS);
    let autocorrelogram = recorded::autocorrelogram(times, bin, BINS);

    let document = json!({
        "spikes": times.len(), "duration_s": duration,
        "rate_hz": times.len() as f64 / duration,
        "mean_s": stats.moments.mean(), "std_s": stats.moments.std(), "median_s": median,
        "min_s": sorted.first(), "max_s": sorted.last(),
        "cv": stats.moments.cv(), "cv2": stats.cv2, "lv": stats.lv, "lvr": stats.lvr,
        "fano": fano, "fano_window_s": args.window,
        "fano_over_windows": {"value": fano, "window_s": args.window},
        "fano_windows": fanos.iter().map(|(window, fano)| json!({"window_s": window, "fano": fano})).collect::<Vec<_>>(),
        "histogram_per_s": density, "hazard_hz": hazard, "autocorrelogram_hz": autocorrelogram,
    });
    let document = format!("{document:#}\n");
    if let Some(folder) = &folder {
        let caption = format!(
            "CV {}",
            stats.moments.cv().map_or("not defined".into(), |cv| format!("{cv:.3}"))
        );
        let rate = rate_over_time(times, duration);
        let figure = recording::Statistics {
            caption: &caption,
            intervals_s: &intervals,
            density: &density,
            hazard: &hazard,
            autocorrelogram: &autocorrelogram,
            fano: &fanos,
            rate: &rate,
        };
        let png = folder.write("intervals.png", |file| recording::intervals(file, &figure))?;
        let json = folder
            .write("summary.json", |file| file.write_all(document.as_bytes()).map_err(io_error))?;
        folder.remove_others(&[png, json])?;
    }
    if args.place.json {
        super::print(&document)?;
    } else if !args.place.quiet {
        let told = |x: Option<f64>| x.map_or("-".into(), tell);
        let mut text = format!(
            "{} spikes in {} s, {} Hz\n",
            times.len(),
            tell(duration),
            tell(times.len() as f64 / duration)
        );
        let mut line = |name: &str, value: String, unit: &str| {
            text += &format!("{name:<12} {value:>12} {unit}\n")
        };
        line("ISI mean", told(stats.moments.mean()), "s");
        line("ISI std", told(stats.moments.std()), "s");
        line("ISI median", told(median), "s");
        line("ISI min", told(sorted.first().copied()), "s");
        line("ISI max", told(sorted.last().copied()), "s");
        line("CV", told(stats.moments.cv()), "");
        line("CV2", told(stats.cv2), "");
        line("LV", told(stats.lv), "");
        line("LvR", told(stats.lvr), "");
        line("Fano", told(fano), &format!("(over windows of {} s)", tell(args.window)));
        if let Some(folder) = &folder {
            text += &format!("\n{}: summary.json intervals.png\n", folder.path().display());
        }
        super::print(&text)?;
    }
    Ok(Outcome::Done)
}

/// Spike times must be finite, not negative and ascending. Returns the duration.
fn check(args: &Args, name: &str, times: &[f64]) -> Result<f64, Error> {
    let place = Place::Flag(args.file.display().to_string());
    let problem =
        |message: String, remedy: &str| Error::from(Problem::new(message, &place, remedy));
    if let Some(bad) = times.iter().position(|time| !time.is_finite() || *time < 0.0) {
        let message =
            format!("`{name}` has {} at place {bad} (from 0), which is no spike time", times[bad]);
        return Err(problem(message, "give times in s from 0 on"));
    }
    if let Some(bad) = times.windows(2).position(|pair| pair[1] < pair[0]) {
        let message =
            format!("`{name}` falls from {} to {} s at place {bad}", times[bad], times[bad + 1]);
        return Err(problem(message, "sort the spike times"));
    }
    let last = times.last().copied().unwrap_or(0.0);
    if !(args.window > 0.0 && args.window.is_finite()) {
        let message = format!("a window of {} s holds nothing", args.window);
        return Err(problem(message, "give a --window above 0, such as 0.05"));
    }
    let duration = args.duration.unwrap_or(last);
    if duration / args.window > MOST_WINDOWS {
        let message = format!("{duration} s hold too many windows of {} s", args.window);
        return Err(problem(message, "give a longer --window or a shorter --duration"));
    }
    if !(duration > 0.0 && duration.is_finite() && duration >= last) {
        let message = format!("the last spike is at {last} s, but the duration is {duration} s");
        return Err(problem(message, "give a --duration that covers all spikes"));
    }
    Ok(duration)
}

/// The rate in a hundred bins: time at the bin's middle (s), rate (Hz).
fn rate_over_time(times: &[f64], duration: f64) -> Vec<(f64, f64)> {
    let bin = round_up(duration / 100.0);
    let mut counts = vec![0u32; (duration / bin).ceil() as usize];
    let last = counts.len().saturating_sub(1);
    for time in times {
        counts[((time / bin) as usize).min(last)] += 1;
    }
    (0u32..)
        .zip(counts)
        .map(|(k, count)| ((f64::from(k) + 0.5) * bin, f64::from(count) / bin))
        .collect()
}
