//! Curves with bands: F-I curves, CV against noise, CV against rate.

use std::io::Write;

use plotters::prelude::*;

use super::{Area, Drawn, TEXT, colour, font, framed, legend_line, png, px, range, tick};
use crate::error::Error;

/// A point of a curve.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// Along the x axis.
    pub x: f64,
    /// Along the y axis.
    pub y: f64,
    /// Half the width of the band; 0 without one.
    pub band: f64,
    /// Drawn in a ring: a value that is not to be relied on.
    pub is_doubtful: bool,
}

/// One curve.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Its name in the legend; none without.
    pub name: String,
    /// Its points.
    pub points: Vec<Point>,
    /// A reference: dashed, in grey.
    pub is_reference: bool,
}

/// What a figure of curves says.
#[derive(Clone, Debug)]
pub struct Labels {
    /// The file's name.
    pub figure: &'static str,
    /// Above the figure.
    pub caption: String,
    /// Below the x axis.
    pub x: String,
    /// Beside the y axis.
    pub y: String,
}

/// Draws curves.
///
/// # Errors
/// If drawing or writing fails.
pub fn draw(file: &mut dyn Write, labels: &Labels, curves: &[Curve]) -> Result<(), Error> {
    png(file, labels.figure, |area| figure(area, labels, curves))
}

fn figure(area: &Area<'_>, labels: &Labels, curves: &[Curve]) -> Drawn {
    let all = || curves.iter().flat_map(|curve| &curve.points);
    let (left, right) =
        all().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), p| (a.min(p.x), b.max(p.x)));
    let top = all().map(|p| p.y + p.band).fold(0.0, f64::max);
    let named = curves.iter().filter(|curve| !curve.name.is_empty()).count();
    let room = if named > 0 { 1.06 + 0.06 * named as f64 } else { 1.1 };
    let mut chart = framed(area, &labels.caption)
        .build_cartesian_2d(range(left, right), range(0.0, top * room))?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc(&labels.x)
        .y_desc(&labels.y)
        .x_label_formatter(&tick)
        .y_label_formatter(&tick)
        .label_style(font(TEXT))
        .axis_desc_style(font(TEXT))
        .draw()?;
    let colours = curves.iter().scan(0, |n, curve| {
        let colour = if curve.is_reference { RGBColor(110, 110, 110) } else { colour(*n) };
        *n += usize::from(!curve.is_reference);
        Some(colour)
    });
    for (curve, colour) in curves.iter().zip(colours) {
        // A band ends where a value has none: it does not shrink to nothing there.
        for points in curve.points.split(|point| point.is_doubtful) {
            if points.iter().any(|p| p.band > 0.0) {
                let upper = points.iter().map(|p| (p.x, p.y + p.band));
                let lower = points.iter().rev().map(|p| (p.x, (p.y - p.band).max(0.0)));
                let band = Polygon::new(upper.chain(lower).collect::<Vec<_>>(), colour.mix(0.18));
                chart.draw_series([band])?;
            }
        }
        let points = curve.points.iter().map(|p| (p.x, p.y));
        let series = if curve.is_reference {
            let style = colour.stroke_width(px(2));
            chart.draw_series(DashedLineSeries::new(points, px(8), px(6), style))?
        } else {
            chart.draw_series(LineSeries::new(points.clone(), colour.stroke_width(px(3))))?;
            let open = curve.points.iter().filter(|point| point.is_doubtful);
            let ring = colour.stroke_width(px(2));
            chart.draw_series(open.map(|p| Circle::new((p.x, p.y), px(8) as i32, ring)))?;
            let dots = points.map(|point| Circle::new(point, px(4) as i32, colour.filled()));
            chart.draw_series(dots)?
        };
        if !curve.name.is_empty() {
            series.label(&curve.name).legend(legend_line(colour));
        }
    }
    if named > 0 {
        super::legend(&mut chart)?;
    }
    Ok(())
}
