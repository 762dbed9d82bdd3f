//! `loligo spectrum FILE`: the power spectrum of a recorded signal.

use std::path::PathBuf;

use serde_json::json;

use super::Outcome;
use super::args::PlaceArgs;
use crate::analysis::Moments;
use crate::analysis::signal::{
    Method, Scaling, Spectrogram, spectrogram as spectrogram_of, spectrum,
};
use crate::error::{Error, Place, Problem};
use crate::input;
use crate::input::signal::{Remedies, Signal};
use crate::output::folder::io_error;
use crate::output::npz;
use crate::plot::{recording, spectrogram};
use crate::unit::{self, tell};

/// Flags of `loligo spectrum`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Args {
    /// A recording: MATLAB .mat (v5 or v7.3), .npy, .npz, or .csv
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The variable with the signal; its rows are trials, whose spectra are averaged; repeatable
    #[arg(long, value_name = "NAME")]
    variable: Vec<String>,
    /// Time between samples, if the file has no time vector `t`; a bare number is in s
    #[arg(long, value_name = "DT", conflicts_with = "rate")]
    dt: Option<String>,
    /// Samples per second, if the file has no time vector `t`
    #[arg(long, value_name = "HZ")]
    rate: Option<f64>,
    /// How to estimate the spectrum
    #[arg(long, value_enum, default_value_t)]
    method: MethodName,
    /// kramer: all bins doubled, the first n/2 (Kramer and Eden); scipy: DC and Nyquist not doubled
    #[arg(long, value_enum, default_value_t)]
    scaling: Scaling,
    /// Samples of a segment, for welch [default: a quarter of the signal]
    #[arg(long, value_name = "SAMPLES")]
    segment: Option<usize>,
    /// Time half-bandwidth product, for multitaper; 2 NW - 1 tapers are used
    #[arg(long, value_name = "NW", default_value_t = 4.0)]
    nw: f64,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum MethodName {
    /// The squared transform of the whole signal
    #[default]
    Periodogram,
    /// Mean over Hann-windowed segments that overlap by half
    Welch,
    /// Mean over discrete prolate spheroidal tapers
    Multitaper,
}

impl Args {
    fn dt_s(&self) -> Result<Option<f64>, Error> {
        let given = match (&self.dt, self.rate) {
            (Some(text), _) => {
                let seconds = unit::read(text, "s");
                let place = Place::Flag(format!("--dt {text}"));
                Some((
                    seconds.map_err(|why| Problem::new(why, &place, "give for example 1ms"))?,
                    place,
                ))
            }
            (None, Some(rate)) => Some((1.0 / rate, Place::Flag(format!("--rate {rate}")))),
            (None, None) => None,
        };
        match given {
            Some((dt, place)) if !(dt.is_finite() && dt > 0.0) => {
                Err(Problem::new("it must be above 0", &place, "give for example --rate 1000")
                    .into())
            }
            given => Ok(given.map(|(dt, _)| dt)),
        }
    }

    fn method(&self, samples: usize) -> Result<Method, Error> {
        match self.method {
            MethodName::Periodogram => Ok(Method::Periodogram),
            MethodName::Welch => {
                let segment = self.segment.unwrap_or(samples / 4);
                if segment < 2 || segment > samples {
                    let place = Place::Flag(format!("--segment {segment}"));
                    let message =
                        format!("a segment has from 2 to {samples} samples, the signal's number");
                    return Err(Problem::new(message, &place, "choose another length").into());
                }
                Ok(Method::Welch { segment })
            }
            MethodName::Multitaper => {
                let tapers = (2.0 * self.nw).floor() as usize;
                if !(self.nw >= 1.0 && tapers < samples) {
                    let place = Place::Flag(format!("--nw {}", self.nw));
                    let message = format!("NW must be from 1 to half of the {samples} samples");
                    return Err(Problem::new(message, &place, "use for example --nw 4").into());
                }
                Ok(Method::Multitaper { nw: self.nw, tapers: tapers - 1 })
            }
        }
    }
}

/// How a signal is told what its file does not tell.
pub const REMEDIES: Remedies = Remedies {
    variable: "--variable",
    time_step: "tell the time step with --dt or the sampling rate with --rate",
};

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let variables = input::read(&args.file)?;
    let signal = Signal::new(&variables, &args.variable, args.dt_s()?, &args.file, REMEDIES)?;
    let method = args.method(signal.samples())?;
    let folder = args.place.folder()?;
    let spectra: Vec<_> = signal
        .trials
        .iter()
        .map(|trial| spectrum(trial, signal.dt_s, method, args.scaling))
        .collect();
    let (df_hz, trials) = (spectra[0].df_hz, spectra.len() as f64);
    let mean = |k: usize| spectra.iter().map(|spectrum| spectrum.power[k]).sum::<f64>() / trials;
    let power: Vec<f64> = (0..spectra[0].power.len()).map(mean).collect();
    let frequencies: Vec<f64> = (0..power.len()).map(|k| k as f64 * df_hz).collect();
    let variances = signal
        .trials
        .iter()
        .map(|trial| Moments::from_iter(trial.iter().copied()).std().map_or(0.0, |std| std * std));
    let variance = variances.sum::<f64>() / trials;
    let nyquist_hz = 0.5 / signal.dt_s;
    let document = json!({
        "df_hz": df_hz, "nyquist_hz": nyquist_hz, "n": signal.samples(), "dt_s": signal.dt_s,
        "trials": signal.trials.len(), "variance": variance,
        "method": format!("{:?}", args.method).to_lowercase(),
        "scaling": format!("{:?}", args.scaling).to_lowercase(),
        "frequency_hz": frequencies, "power": power,
    });
    let document = format!("{document:#}\n");
    if let Some(folder) = &folder {
        let name = args.file.file_name().unwrap_or_default().to_string_lossy();
        let caption = format!("{name}, df = {} Hz", tell(df_hz));
        let png = folder.write("spectrum.png", |file| {
            recording::spectrum(file, &caption, &frequencies, &power)
        })?;
        let csv = folder.write("spectrum.csv", |file| {
            let mut text = "frequency_hz,power\n".to_owned();
            frequencies
                .iter()
                .zip(&power)
                .for_each(|(f, p)| text += &format!("{},{p}\n", tell(*f)));
            file.write_all(text.as_bytes()).map_err(io_error)
        })?;
        let json = folder
            .write("summary.json", |file| file.write_all(document.as_bytes()).map_err(io_error))?;
        let over_time = over_time(&signal, args.scaling);
        let map = folder.write("spectrogram.png", |file| spectrogram::draw(file, &over_time))?;
        let npz =
            folder.write("spectrogram.npz", |file| npz::write_spectrogram(file, &over_time))?;
        folder.remove_others(&[png, csv, json, map, npz])?;
    }
    if args.place.json {
        super::print(&document)?;
    } else if !args.place.quiet {
        let mut text = format!(
            "{} samples at {} Hz, variance {}, df {} Hz\n\nfrequency [Hz]        power\n",
            signal.samples(),
            tell(1.0 / signal.dt_s),
            tell(variance),
            tell(df_hz)
        );
        let mut strongest: Vec<usize> = (0..power.len()).collect();
        strongest.sort_by(|a, b| power[*b].total_cmp(&power[*a]));
        for k in strongest.into_iter().take(5) {
            text += &format!("{:>14} {:>12}\n", tell(frequencies[k]), tell(power[k]));
        }
        if let Some(folder) = &folder {
            text += &format!(
                "\n{}: summary.json spectrum.csv spectrum.png spectrogram.npz spectrogram.png\n",
                folder.path().display()
            );
        }
        super::print(&text)?;
    }
    Ok(Outcome::Done)
}

/// The spectrogram, averaged over trials: segments of 1 s that overlap by 95 %, as in Kramer and Eden;
/// of an eighth of the signal if it is short.
fn over_time(signal: &Signal, scaling: Scaling) -> Spectrogram {
    let second = (1.0 / signal.dt_s).round() as usize;
    let samples = signal.samples();
    let segment = if samples >= 4 * second { second } else { samples / 8 };
    let segment = segment.clamp(2, samples);
    // No more columns than a figure has.
    const MOST_COLUMNS: usize = 4000;
    let step = (segment / 20).max(samples / MOST_COLUMNS).max(1);
    let each = signal.trials.iter();
    let mut each = each.map(|trial| spectrogram_of(trial, signal.dt_s, segment, step, scaling));
    let mut mean = each.next().unwrap_or_else(|| spectrogram_of(&[], 1.0, 2, 1, scaling));
    for other in each {
        let pairs = mean.columns.iter_mut().flatten().zip(other.columns.iter().flatten());
        pairs.for_each(|(sum, power)| *sum += power);
    }
    let trials = signal.trials.len() as f64;
    mean.columns.iter_mut().flatten().for_each(|power| *power /= trials);
    mean
}
