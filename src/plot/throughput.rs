//! Throughput over the number of neurons, on logarithmic axes.

use std::io::Write;

use plotters::prelude::*;

use super::log_axes::{self, Axis};
use super::{Area, Drawn, colour, legend_line, png, px};
use crate::error::Error;

/// One engine and experiment.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// Neurons, neuron-steps per second.
    pub points: Vec<(f64, f64)>,
    /// The number of neurons from which on more are not faster: marked.
    pub saturation: Option<f64>,
}

/// Draws throughputs as PNG.
///
/// # Errors
/// If drawing or writing fails.
pub fn draw(file: &mut dyn Write, series: &[Series]) -> Result<(), Error> {
    png(file, "throughput", |area| figure(area, series))
}

fn figure(area: &Area<'_>, series: &[Series]) -> Drawn {
    let all = || series.iter().flat_map(|series| &series.points);
    let (from, to) = all().fold((f64::INFINITY, 0.0f64), |(a, b), p| (a.min(p.0), b.max(p.0)));
    let (low, high) = all().fold((f64::INFINITY, 0.0f64), |(a, b), p| (a.min(p.1), b.max(p.1)));
    let (low, high) = (low / 1.5, high * 1.5);
    let caption = "throughput; ring: nine tenths of the best";
    let label = |x: &f64| scaled(*x);
    let x = Axis { name: "neurons", range: from..to.max(from * 10.0), label: &label };
    let y = Axis { name: "neuron-steps per second", range: low..high, label: &label };
    let mut chart = log_axes::draw(area, caption, x, y, series.len())?;
    for (n, Series { name, points, saturation }) in series.iter().enumerate() {
        let colour = colour(n);
        chart
            .draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(px(3))))?
            .label(name)
            .legend(legend_line(colour));
        let dot = |&point: &(f64, f64)| Circle::new(point, px(4) as i32, colour.filled());
        chart.draw_series(points.iter().map(dot))?;
        let saturated = points.iter().filter(|point| Some(point.0) == *saturation);
        let ring =
            |&point: &(f64, f64)| Circle::new(point, px(11) as i32, colour.stroke_width(px(3)));
        chart.draw_series(saturated.map(ring))?;
    }
    super::legend(&mut chart)
}

/// A large number with a letter for its scale.
fn scaled(x: f64) -> String {
    let (scale, letter) = match x {
        x if x >= 0.999e9 => (1e9, " G"),
        x if x >= 0.999e6 => (1e6, " M"),
        x if x >= 0.999e3 => (1e3, " k"),
        _ => (1.0, ""),
    };
    format!("{}{letter}", super::tick(&(x / scale)))
}
