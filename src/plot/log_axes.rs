//! Two logarithmic axes, with room for a legend above the curves.

use std::ops::Range;

use plotters::coord::combinators::LogCoord;
use plotters::prelude::*;

use super::{Area, TEXT, font, framed};

/// A chart with two logarithmic axes.
pub type LogChart<'a, 'b> =
    ChartContext<'a, BitMapBackend<'b>, Cartesian2d<LogCoord<f64>, LogCoord<f64>>>;

/// A logarithmic axis.
pub struct Axis<'a> {
    /// What is along it, with the unit.
    pub name: &'a str,
    /// From where to where; above 0.
    pub range: Range<f64>,
    /// How a number is written.
    pub label: &'a dyn Fn(&f64) -> String,
}

/// Draws the axes, the upright one longer by the room for so many lines of a legend.
///
/// # Errors
/// If drawing fails.
pub fn draw<'a, 'b>(
    area: &'a Area<'b>,
    caption: &str,
    x: Axis<'_>,
    y: Axis<'_>,
    legend_lines: usize,
) -> Result<LogChart<'a, 'b>, Box<dyn std::error::Error>> {
    // A share of the axis for each line.
    let room = 0.06 * legend_lines as f64;
    let Range { start: low, end: high } = y.range;
    let high = high * (high / low).powf(room / (1.0 - room.min(0.5)));
    let mut chart =
        framed(area, caption).build_cartesian_2d(x.range.log_scale(), (low..high).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc(x.name)
        .y_desc(y.name)
        .x_label_formatter(&x.label)
        .y_label_formatter(&y.label)
        .label_style(font(TEXT))
        .axis_desc_style(font(TEXT))
        .draw()?;
    Ok(chart)
}
