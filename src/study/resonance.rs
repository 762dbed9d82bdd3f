//! Stochastic resonance: the line of a signal in the spectrum of the spikes, over the noise around it.

use std::f64::consts::TAU;

use super::{Found, at, missing};
use crate::error::Error;
use crate::experiment::Experiment;
use crate::plot::{Axis, Figure, Panel, Shape, colour, pretty_unit};
use crate::results::{PopulationResults, Results};
use crate::unit::tell;

/// Lines of the background on either side, in steps of the resolution: the next ones are left away.
const AWAY: std::ops::RangeInclusive<u32> = 3..=10;

const KEY: &str = "noise.sigma";

/// The ratio of signal and noise in each cell, over the noise.
pub fn found(_experiment: &Experiment, results: &Results) -> Result<Found, Error> {
    let rows: Option<Vec<Vec<f64>>> =
        results.populations.iter().map(|cell| row(cell, results)).collect();
    let remedy = "use --source \"sine name=signal ..\", and [sweep] of noise.sigma";
    let rows = rows.ok_or_else(|| {
        missing("a sine named `signal`, a sweep of noise.sigma, and spikes", remedy)
    })?;
    let points: Vec<(f64, f64)> =
        rows.iter().map(|row| (row[0], row[2])).filter(|(_, ratio)| ratio.is_finite()).collect();
    let best = points.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default();
    let unit =
        results.populations.first().and_then(|cell| cell.population.unit(KEY)).unwrap_or("1");
    let x = Axis::linear(
        format!("noise.sigma [{}]", pretty_unit(unit)),
        0.0,
        points.last().map_or(1.0, |p| p.0),
    );
    let mut ratio =
        Panel::new(x.clone(), Axis::from_zero("signal over noise [Hz]", best.1.max(1e-9)))
            .titled("power of the signal's line over the density around it, per neuron");
    ratio.add("", colour(0), Shape::line(points.clone()));
    ratio.add("", colour(0), Shape::Dots { points, radius: 3.0, opacity: 1.0 });
    let rates: Vec<(f64, f64)> = rows.iter().map(|row| (row[0], row[1])).collect();
    let highest = rates.iter().map(|point| point.1).fold(1.0, f64::max);
    let mut rate = Panel::new(x, Axis::from_zero("rate [Hz]", highest));
    rate.weight = 0.5;
    rate.add("", colour(1), Shape::line(rates));
    Ok(Found {
        figure: Figure::column("resonance", "Stochastic resonance", vec![ratio, rate]),
        header: [KEY, "rate_hz", "snr_hz", "line_hz2", "background_hz"].map(str::to_owned).to_vec(),
        rows,
        lines: vec![format!(
            "signal over noise is largest, {} Hz, at noise.sigma = {} {unit}",
            tell((best.1 * 1e3).round() / 1e3),
            tell(best.0)
        )],
    })
}

fn row(cell: &PopulationResults, results: &Results) -> Option<Vec<f64>> {
    let source = cell.population.sources().iter().find(|source| source.name() == "signal")?;
    let index = source.parameters().iter().position(|p| p.name == "frequency")?;
    let frequency = source.values()[index].of(0);
    let trains = &cell.recorded.as_ref()?.kept.as_ref()?.trains;
    // Whole periods of the signal, so that its line is one of the spectrum.
    let seconds = (results.window_ms() * 1e-3 * frequency).floor() / frequency;
    if seconds <= 0.0 || seconds.is_nan() {
        return None;
    }
    let end = results.window.from + (seconds * 1e3 / results.dt_ms) as u32;
    let power = |frequency: f64| {
        let of = |train: &[u32]| {
            let (mut c, mut s) = (0.0, 0.0);
            for step in train.iter().filter(|step| **step < end) {
                let (sin, cos) =
                    (TAU * frequency * 1e-3 * results.dt_ms * f64::from(*step)).sin_cos();
                c += cos;
                s += sin;
            }
            2.0 * (c * c + s * s) / seconds
        };
        trains.iter().map(of).sum::<f64>() / trains.neurons() as f64
    };
    let density = |k: u32| {
        power(frequency + f64::from(k) / seconds) + power(frequency - f64::from(k) / seconds)
    };
    let background = AWAY.map(density).sum::<f64>() / (2.0 * AWAY.count() as f64);
    // The power of the line itself: its density over the width of a line.
    let line = (power(frequency) - background) / seconds;
    let ratio = if background > 0.0 { line / background } else { f64::NAN };
    Some(vec![at(cell, KEY)?, cell.rates.hz.mean().unwrap_or(f64::NAN), ratio, line, background])
}
