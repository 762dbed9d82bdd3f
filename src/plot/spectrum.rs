//! The power spectrum of the spike trains, on logarithmic axes.

use std::io::Write;

use plotters::prelude::*;

use super::log_axes::{self, Axis};
use super::{Area, Drawn, colour, legend_line, png, px, tick};
use crate::analysis::spectrum::Spectrum;
use crate::error::Error;
use crate::results::PopulationResults;

/// No frequency above this is drawn (Hz).
const MAX_HZ: f64 = 1000.0;

/// Draws `spectrum.png`.
///
/// # Errors
/// If drawing or writing fails.
pub fn draw(file: &mut dyn Write, results: &[&PopulationResults]) -> Result<(), Error> {
    png(file, "spectrum.png", |area| figure(area, results))
}

/// One population's curve.
struct Curve {
    n: usize,
    name: String,
    points: Vec<(f64, f64)>,
    rate: f64,
}

/// The points of a curve: the mean over bands of equal width on the logarithmic axis.
fn points(spectrum: &Spectrum) -> Vec<(f64, f64)> {
    const BANDS_PER_DECADE: f64 = 100.0;
    let frequency = |k: usize| (k + 1) as f64 * spectrum.df_hz;
    let band = |k: usize| (frequency(k).log10() * BANDS_PER_DECADE).floor();
    let all: Vec<usize> =
        (0..spectrum.power.len()).take_while(|&k| frequency(k) <= MAX_HZ).collect();
    all.chunk_by(|a, b| band(*a) == band(*b))
        .map(|bins| {
            let mean = |of: &dyn Fn(usize) -> f64| {
                bins.iter().map(|&k| of(k)).sum::<f64>() / bins.len() as f64
            };
            (mean(&frequency), mean(&|k| spectrum.power[k]))
        })
        .filter(|(_, power)| *power > 0.0)
        .collect()
}

fn figure(area: &Area<'_>, results: &[&PopulationResults]) -> Drawn {
    let curves: Vec<Curve> = results
        .iter()
        .enumerate()
        .filter_map(|(n, PopulationResults { population, recorded, rates, .. })| {
            let points = points(recorded.as_ref()?.spectrum.as_ref()?);
            let rate = rates.hz.mean().filter(|rate| *rate > 0.0)?;
            let name = population.name.clone();
            (!points.is_empty()).then_some(Curve { n, name, points, rate })
        })
        .collect();
    let all = || curves.iter().flat_map(|curve| &curve.points);
    let (from, to) = all().fold((f64::INFINITY, 0.0f64), |(a, b), (f, _)| (a.min(*f), b.max(*f)));
    let powers = all().map(|(_, power)| *power).chain(curves.iter().map(|curve| curve.rate));
    let (low, high) = powers.fold((f64::INFINITY, 0.0f64), |(a, b), p| (a.min(p), b.max(p)));
    // Axes without anything to draw: a logarithmic one must not begin at 0 or have no end.
    let (from, to, low, high) =
        if curves.is_empty() { (1.0, MAX_HZ, 0.1, 10.0) } else { (from, to, low, high) };
    // At least a decade, so that a flat spectrum looks flat.
    let (low, high) = (low / 1.5, (high * 1.5).max(low * 6.0));
    let end = to.max(from * 10.0);
    let several = curves.len() > 1;
    let caption = "spike-train power spectrum; dotted: the rate";
    let x = Axis { name: "frequency [Hz]", range: from..end, label: &tick };
    let y = Axis { name: "power [spikes²/s]", range: low..high, label: &tick };
    let legend_lines = if several { curves.len() } else { 0 };
    let mut chart = log_axes::draw(area, caption, x, y, legend_lines)?;
    for Curve { n, name, points, rate } in curves {
        let colour = colour(n);
        let line = LineSeries::new(points, colour.stroke_width(px(2)));
        let series = chart.draw_series(line)?;
        if several {
            series.label(name).legend(legend_line(colour));
        }
        let level = [(from, rate), (end, rate)];
        let style = colour.mix(0.8).stroke_width(px(2));
        chart.draw_series(DashedLineSeries::new(level, px(3), px(6), style))?;
    }
    if several {
        super::legend(&mut chart)?;
    }
    Ok(())
}
