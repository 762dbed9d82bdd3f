//! Throughput over the number of neurons, on logarithmic axes.

use std::fs::File;
use std::path::Path;

use plotters::prelude::*;

use super::{Area, CAPTION, Drawn, TEXT, colour, font, legend_line, png, px};
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

/// Draws throughputs into a PNG file.
///
/// # Errors
/// If drawing or writing fails.
pub fn save(path: &Path, series: &[Series]) -> Result<(), Error> {
    let failed = |source| Error::Io { action: "write", path: path.to_owned(), source };
    let mut file = File::create(path).map_err(failed)?;
    png(&mut file, "throughput", |area| figure(area, series))
}

fn figure(area: &Area<'_>, series: &[Series]) -> Drawn {
    let all = || series.iter().flat_map(|series| &series.points);
    let (from, to) = all().fold((f64::INFINITY, 0.0f64), |(a, b), p| (a.min(p.0), b.max(p.0)));
    let (low, high) = all().fold((f64::INFINITY, 0.0f64), |(a, b), p| (a.min(p.1), b.max(p.1)));
    let (low, high) = (low / 1.5, high * 1.5);
    // Room for the legend above the curves: a share of the axis for each line.
    let room = 0.06 * series.len() as f64;
    let high = high * (high / low).powf(room / (1.0 - room.min(0.5)));
    let mut chart = ChartBuilder::on(area)
        .caption("throughput; ring: nine tenths of the best", font(CAPTION))
        .margin(px(16))
        .margin_right(px(40))
        .set_label_area_size(LabelAreaPosition::Left, px(130))
        .set_label_area_size(LabelAreaPosition::Bottom, px(80))
        .build_cartesian_2d((from..to.max(from * 10.0)).log_scale(), (low..high).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("neurons")
        .y_desc("neuron-steps per second")
        .x_label_formatter(&|x| scaled(*x))
        .y_label_formatter(&|x| scaled(*x))
        .label_style(font(TEXT))
        .axis_desc_style(font(TEXT))
        .draw()?;
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
