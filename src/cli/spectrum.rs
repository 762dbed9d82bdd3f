//! `loligo spectrum FILE`: the power spectrum of a recorded signal.

use std::path::PathBuf;

use serde_json::json;

use super::args::{TableArgs, TargetArgs, positive};
use super::outcome::Outcome;
use super::own::{PartArgs, file_of, refuse};
use super::spike_spectrum::{self, Wanted};
use super::table;
use super::terminal;
use loligo::analysis::signal::{Method, Scaling};
use loligo::analysis::trials::{Estimate, over_time};
use loligo::error::{Error, Place, Problem};
use loligo::input::DataFile;
use loligo::input::own::OwnSpikes;
use loligo::input::signal::{Remedies, Signal};
use loligo::output::folder::io_error;
use loligo::output::{npz, write_figure};
use loligo::plot::{Format, recording, spectrogram};
use loligo::unit::{exact, tell, tidied};

/// Flags of `loligo spectrum`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Args {
    /// A recording: MATLAB .mat (v5 to v7.3), .npy, .npz, HDF5, or text (.csv); or a folder of Loligo's own results, or
    /// the spikes.npz in it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The variable with the signal; its rows are trials, whose spectra are averaged; repeatable
    #[arg(long, value_name = "NAME")]
    variable: Vec<String>,
    /// Time between samples, if the file has no time vector `t`; a bare number is in s
    #[arg(long, value_name = "DT", conflicts_with = "rate", allow_hyphen_values = true)]
    dt: Option<String>,
    /// Samples per second, if the file has no time vector `t`; a bare number is in Hz
    #[arg(long, value_name = "RATE", allow_hyphen_values = true)]
    rate: Option<String>,
    /// How to estimate the spectrum [default: periodogram; Loligo's own spikes: welch]
    #[arg(long, value_enum)]
    method: Option<MethodName>,
    /// kramer: all bins doubled, the first n/2 (Kramer and Eden); scipy: DC and Nyquist not doubled [default: kramer; of
    /// Loligo's own spikes it is two-sided, as in `run`]
    #[arg(long, value_enum)]
    scaling: Option<Scaling>,
    /// Segment, for welch: a time such as 1s, or a number of samples [default: a quarter of the signal; 1s for Loligo's
    /// own spikes]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    segment: Option<String>,
    /// Time half-bandwidth product, for multitaper; 2 NW - 1 tapers are used
    #[arg(long, value_name = "NW", default_value_t = 4.0, allow_hyphen_values = true)]
    nw: f64,
    #[command(flatten)]
    part: PartArgs,
    #[command(flatten)]
    table: TableArgs,
    #[command(flatten)]
    target: TargetArgs,
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
        Ok(match (&self.dt, &self.rate) {
            (Some(text), _) => Some(positive("--dt", text, "s", "1ms")?.0),
            (None, Some(text)) => Some(1.0 / positive("--rate", text, "Hz", "1000")?.0),
            (None, None) => None,
        })
    }

    fn method(&self, samples: usize, dt_s: f64) -> Result<Method, Error> {
        match self.method.unwrap_or_default() {
            MethodName::Periodogram => Ok(Method::Periodogram),
            MethodName::Welch => {
                let Some(text) = &self.segment else {
                    return Ok(Method::Welch { segment: (samples / 4).max(2) });
                };
                let segment = match text.trim().parse::<f64>() {
                    Ok(samples) => samples,
                    Err(_) => (positive("--segment", text, "s", "1s")?.0 / dt_s).round(),
                };
                if !(2.0..=samples as f64).contains(&segment) || segment.fract() != 0.0 {
                    let place = Place::Flag(format!("--segment {text}"));
                    let message = format!(
                        "a segment has from 2 to {samples} samples, the signal's number ({} s)",
                        tell(samples as f64 * dt_s)
                    );
                    return Err(Problem::new(message, &place, "choose another length").into());
                }
                Ok(Method::Welch { segment: segment as usize })
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
pub const REMEDIES: Remedies<'_> = Remedies {
    variable: "--variable",
    time_step: "tell the time step with --dt or the sampling rate with --rate",
};

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let file = DataFile::open(&file_of(&args.file)?, &args.table.options()?)?;
    if let Some(own) = file.own_spikes()? {
        return of_spikes(args, &own);
    }
    args.part.none()?;
    let scaling = args.scaling.unwrap_or_default();
    let signal = Signal::new(&file, &args.variable, args.dt_s()?, REMEDIES)?;
    let method = args.method(signal.samples(), signal.dt_s)?;
    let formats = args.target.formats(&[Format::Png])?;
    let folder = args.target.folder()?;
    let mut paths = Vec::new();
    let estimate = Estimate::new(&signal.trials, signal.dt_s, method, scaling);
    let Estimate { df_hz, nyquist_hz, variance, frequency_hz, power } = &estimate;
    let document = json!({
        "df_hz": df_hz, "nyquist_hz": nyquist_hz, "n": signal.samples(), "dt_s": signal.dt_s,
        "trials": signal.trials.len(), "variance": variance,
        "method": format!("{:?}", args.method.unwrap_or_default()).to_lowercase(),
        "scaling": format!("{scaling:?}").to_lowercase(),
        "frequency_hz": frequency_hz, "power": power,
    });
    let document = format!("{document:#}\n");
    if let Some(folder) = &folder {
        let name = args.file.file_name().unwrap_or_default().to_string_lossy();
        let caption = format!("{name}, df = {} Hz", tell(*df_hz));
        let over_time = over_time(&signal.trials, signal.dt_s, scaling);
        let figures = [recording::spectrum(&caption, &estimate), spectrogram::figure(&over_time)];
        for path in figures.iter().flat_map(|figure| write_figure(folder, figure, &formats)) {
            paths.push(path?);
        }
        let csv = folder.write("spectrum.csv", |file| {
            let mut text = "frequency_hz,power\n".to_owned();
            frequency_hz
                .iter()
                .zip(power)
                .for_each(|(f, p)| text += &format!("{},{p}\n", exact(tidied(*f))));
            file.write_all(text.as_bytes()).map_err(io_error)
        })?;
        let json = folder
            .write("summary.json", |file| file.write_all(document.as_bytes()).map_err(io_error))?;
        let npz =
            folder.write("spectrogram.npz", |file| npz::write_spectrogram(file, &over_time))?;
        paths.extend([csv, json, npz]);
        folder.finish()?;
    }
    if args.target.json {
        terminal::print(&document)?;
    } else if !args.target.quiet {
        let mut text = format!(
            "{} samples at {} Hz, variance {}, df {} Hz\n\n",
            signal.samples(),
            tell(1.0 / signal.dt_s),
            tell(*variance),
            tell(*df_hz)
        );
        text += &table::strongest(frequency_hz, power);
        if let Some(folder) = &folder {
            text += &format!("\n{}", table::files(folder, &paths));
        }
        terminal::print(&text)?;
    }
    Ok(Outcome::Done)
}

/// The spectrum of Loligo's own spikes.
fn of_spikes(args: &Args, own: &OwnSpikes) -> Result<Outcome, Error> {
    let scaling = args.scaling.map(|scaling| format!("{scaling:?}").to_lowercase());
    refuse(&[
        ("--variable", args.variable.first().map(String::as_str)),
        ("--dt", args.dt.as_deref()),
        ("--rate", args.rate.as_deref()),
        ("--scaling", scaling.as_deref()),
    ])?;
    if args.method == Some(MethodName::Multitaper) {
        let place = Place::Flag("--method multitaper".into());
        let message = "the spectrum of spikes is taken over segments";
        return Err(Problem::new(message, &place, "use welch or periodogram").into());
    }
    let whole = args.method == Some(MethodName::Periodogram);
    let segment = args.segment.as_deref();
    spike_spectrum::run(&Wanted { part: &args.part, whole, segment, target: &args.target }, own)
}
