//! `loligo spectrum FOLDER`: the power spectrum of Loligo's own spikes, as `run` computes it.

use serde_json::json;

use super::args::{TargetArgs, positive};
use super::outcome::Outcome;
use super::own::{Part, PartArgs};
use super::{table, terminal};
use loligo::analysis::rate;
use loligo::analysis::spectrum::{Method, Spectrum, Taper, of_trains};
use loligo::error::{Error, Place, Problem};
use loligo::input::own::OwnSpikes;
use loligo::output::folder::io_error;
use loligo::output::write_figure;
use loligo::plot::Format;
use loligo::plot::spectrum::{Named, figure};
use loligo::spikes::SpikeTrains;
use loligo::unit::{exact, tell, tidied};

/// What of the flags of `loligo spectrum` is for spikes.
pub struct Wanted<'a> {
    /// The part that is analysed.
    pub part: &'a PartArgs,
    /// Whether all of it is one segment, without a taper: a periodogram.
    pub whole: bool,
    /// Length of a segment, as `--segment` has it.
    pub segment: Option<&'a str>,
    /// Where it goes.
    pub target: &'a TargetArgs,
}

/// Analyses, writes, reports.
pub fn run(wanted: &Wanted<'_>, own: &OwnSpikes) -> Result<Outcome, Error> {
    let Part { neurons, window } = wanted.part.of(own)?;
    let picked: Vec<&[u32]> = neurons.iter().map(|&n| window.of(&own.trains[n])).collect();
    let trains = SpikeTrains::from_trains(&picked);
    let window_ms = window.duration_ms(own.dt_ms);
    let method = match (wanted.whole, wanted.segment) {
        (true, _) => Method { segment_ms: window_ms, taper: Taper::Boxcar, ..Method::default() },
        (false, None) => Method::default(),
        (false, Some(text)) => {
            let (seconds, place) = positive("--segment", text, "s", "1s")?;
            let segment_ms = 1e3 * seconds;
            if segment_ms > window_ms * (1.0 + 1e-9) || segment_ms < 3.0 * own.dt_ms {
                let (segment, window) = (tell(segment_ms), tell(window_ms));
                let message = format!("a segment of {segment} ms does not fit {window} ms");
                return Err(Problem::new(message, &place, "choose another length").into());
            }
            Method { segment_ms, ..Method::default() }
        }
    };
    let Some(spectrum) = of_trains(&trains, window, own.dt_ms, method) else {
        let message = format!("there is no frequency in {} ms of them", tell(window_ms));
        return Err(Problem::new(message, &Place::Default, "analyse a longer part").into());
    };
    let counts: Vec<u32> = trains.iter().map(|train| train.len() as u32).collect();
    let rate_hz = rate::of_counts(&counts, window_ms).hz.mean().unwrap_or(0.0);
    let Spectrum { df_hz, power, population, .. } = &spectrum;
    let frequency_hz: Vec<f64> = (1..=power.len()).map(|k| tidied(k as f64 * df_hz)).collect();
    let document = json!({
        "df_hz": df_hz, "nyquist_hz": 500.0 / own.dt_ms, "n": window.steps(),
        "dt_s": own.dt_ms / 1000.0, "neurons": spectrum.neurons, "spikes": trains.spikes(),
        "rate_hz": rate_hz, "variance": null, "taper": spectrum.taper.name(),
        "segment_s": spectrum.segment_ms / 1000.0, "segments": spectrum.segments,
        "frequency_hz": frequency_hz, "power": power, "population_power": population,
    });
    let document = format!("{document:#}\n");
    let formats = wanted.target.formats(&[Format::Png])?;
    let folder = wanted.target.folder()?;
    let mut paths = Vec::new();
    if let Some(folder) = &folder {
        paths.push(
            folder.write("summary.json", |file| {
                file.write_all(document.as_bytes()).map_err(io_error)
            })?,
        );
        paths.push(folder.write("spectrum.csv", |file| {
            let rows = frequency_hz.iter().zip(power).zip(population);
            let text: String =
                rows.map(|((f, p), all)| format!("{},{p},{all}\n", exact(*f))).collect();
            let head = "frequency_hz,power_hz,population_power_hz\n";
            file.write_all((head.to_owned() + &text).as_bytes()).map_err(io_error)
        })?);
        let drawn = Named { name: String::new(), spectrum: &spectrum, rate_hz };
        for path in write_figure(folder, &figure(&[drawn], ""), &formats) {
            paths.push(path?);
        }
        folder.finish()?;
    }
    if wanted.target.json {
        terminal::print(&document)?;
    } else if !wanted.target.quiet {
        let mut text = format!(
            "{} spikes of {} neurons in {} ms, {} Hz, df {} Hz\n\n",
            trains.spikes(),
            trains.neurons(),
            tell(window_ms),
            tell(rate_hz),
            tell(*df_hz)
        );
        text += &table::strongest(&frequency_hz, power);
        if let Some(folder) = &folder {
            text += &format!("\n{}", table::files(folder, &paths));
        }
        terminal::print(&text)?;
    }
    Ok(Outcome::Done)
}
