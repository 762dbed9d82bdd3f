//! The histogram of inter-spike intervals.

use std::io::Write;

use plotters::prelude::*;

use super::{
    Area, Drawn, TEXT, colour, font, framed, legend_line, png, pretty_unit, px, range, tick,
};
use crate::drive::NoiseKind;
use crate::error::Error;
use crate::population::{Population, Values};
use crate::results::notes::is_under_sampled;
use crate::results::{PopulationResults, Recorded};
use crate::unit::tell;

/// Draws `intervals.png`.
///
/// # Errors
/// If drawing or writing fails.
pub fn draw(file: &mut dyn Write, results: &[&PopulationResults]) -> Result<(), Error> {
    png(file, "intervals.png", |area| figure(area, results))
}

fn figure(area: &Area<'_>, results: &[&PopulationResults]) -> Drawn {
    let several = results.len() > 1;
    let histograms: Vec<_> = results
        .iter()
        .enumerate()
        .filter_map(|(n, results)| {
            let recorded = results.recorded.as_ref()?;
            let histogram = recorded.histogram.as_ref()?;
            Some((n, title(results, recorded, several), histogram.bin_ms, histogram.density()))
        })
        .collect();
    // A margin on the right, so that a lone bin does not touch the edge.
    let longest = 1.05 * histograms.iter().map(|h| h.2 * h.3.len() as f64).fold(0.0, f64::max);
    let highest = histograms.iter().flat_map(|h| &h.3).fold(0.0, |a: f64, b| a.max(*b));
    let caption = match &histograms[..] {
        [(_, title, ..)] => title.clone(),
        _ => "inter-spike intervals".into(),
    };
    // Room for the legend above the curves.
    let top = if several { 1.1 + 0.08 * histograms.len() as f64 } else { 1.1 };
    let mut chart = framed(area, &caption)
        .build_cartesian_2d(range(0.0, longest), range(0.0, highest * top))?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("inter-spike interval [ms]")
        .y_desc("probability density [1/ms]")
        .x_label_formatter(&tick)
        .y_label_formatter(&tick)
        .x_labels(10)
        .label_style(font(TEXT))
        .axis_desc_style(font(TEXT))
        .draw()?;
    for (n, title, bin_ms, density) in histograms {
        let colour = colour(n);
        let outline: Vec<_> = density
            .iter()
            .enumerate()
            .flat_map(|(bin, &d)| [(bin as f64 * bin_ms, d), ((bin + 1) as f64 * bin_ms, d)])
            .collect();
        let fill =
            AreaSeries::new(outline.clone(), 0.0, colour.mix(if several { 0.12 } else { 0.35 }));
        chart.draw_series(fill)?;
        let line = LineSeries::new(outline, colour.stroke_width(px(2)));
        let series = chart.draw_series(line)?;
        if several {
            series.label(title).legend(legend_line(colour));
        }
    }
    if several {
        super::legend(&mut chart)?;
    }
    Ok(())
}

/// The population's CV (the mean over its neurons, marked where their intervals are few) and noise.
fn title(results: &PopulationResults, recorded: &Recorded, several: bool) -> String {
    let population = &results.population;
    let mark = if is_under_sampled(results) { "*" } else { "" };
    let cv = match recorded.intervals.cv.mean() {
        Some(cv) => format!("CV {cv:.3}{mark}"),
        None => "CV not defined".into(),
    };
    let name = if several { format!("{}: ", population.name) } else { String::new() };
    format!("{name}{cv}, {}", noise(population))
}

/// The noise in words.
pub fn noise(population: &Population) -> String {
    let told =
        population.noise_kind.parameters(population.model).into_iter().zip(&population.noise);
    let values: Vec<_> = told
        .map(|(parameter, values)| {
            let symbol = match parameter.name {
                "sigma" => "σ",
                "tau" => "τ",
                other => other,
            };
            let unit = pretty_unit(parameter.unit);
            match values {
                // No value, or none in common: nothing to tell.
                Values::Same(value) if value.is_nan() => String::new(),
                Values::Same(value) if parameter.name == "common" && *value == 0.0 => String::new(),
                Values::Same(value) => format!("{symbol} = {} {unit}", tell(*value)),
                Values::Each(_) => format!("{symbol} of each neuron"),
            }
        })
        .filter(|told| !told.is_empty())
        .collect();
    match population.noise_kind {
        NoiseKind::None => "no noise".into(),
        NoiseKind::White => format!("white noise, {}", values.join(", ")),
        NoiseKind::Ou => format!("Ornstein-Uhlenbeck noise, {}", values.join(", ")),
        NoiseKind::Numpy => format!("NumPy's noise, {}", values.join(", ")),
    }
}
