//! Throughput over the number of neurons, on logarithmic axes.

use super::axis::number;
use super::figure::HEIGHT;
use super::{Axis, Figure, Panel, Points, Shape, colour, extent};

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

/// The figure of some series.
pub fn figure(name: &str, series: &[Series]) -> Figure {
    Figure::column(name, TITLE, vec![panel(series, None)])
}

/// The figure of several works, a panel for each with its title and a series for each device; colours are the devices'.
pub fn comparison(name: &str, works: &[(String, Vec<Series>)]) -> Figure {
    let devices =
        works.iter().flat_map(|(_, series)| series).fold(Vec::new(), |mut all, series| {
            if !all.contains(&series.name.as_str()) {
                all.push(series.name.as_str());
            }
            all
        });
    let panels = works
        .iter()
        .map(|(title, series)| panel(series, Some(&devices)).titled(title.clone()))
        .collect::<Vec<_>>();
    let columns = if panels.len() > 1 { 2 } else { 1 };
    let height = HEIGHT * (0.7 * panels.len().div_ceil(columns) as f64).max(1.0);
    Figure { columns, height, ..Figure::column(name, TITLE, panels) }
}

const TITLE: &str = "throughput; ring: nine tenths of the best";

/// A panel of some series, in the colours of their devices, where there are some.
fn panel(series: &[Series], devices: Option<&[&str]>) -> Panel {
    let all = || series.iter().flat_map(|series| &series.points);
    let (from, to) = extent(all().map(|point| point.0));
    let (low, high) = extent(all().map(|point| point.1));
    let x = Axis { format: scaled, ..Axis::log("neurons", from, to).padded() };
    let y = Axis { format: scaled, ..Axis::log("neuron-steps per second", low / 1.5, high * 1.5) };
    let mut panel = Panel::new(x, y);
    for (n, Series { name, points, saturation }) in series.iter().enumerate() {
        let index = devices.and_then(|devices| devices.iter().position(|device| device == name));
        let colour = colour(index.unwrap_or(n));
        let line = Shape::Line { points: points.clone(), width: 1.6, dashed: false };
        panel.add(name.clone(), colour, line);
        panel.add("", colour, Shape::Dots { points: points.clone(), radius: 2.5, opacity: 1.0 });
        let saturated: Points =
            points.iter().filter(|point| Some(point.0) == *saturation).copied().collect();
        panel.add("", colour, Shape::Rings { points: saturated, radius: 6.0 });
    }
    panel
}

/// A large number with a letter for its scale.
fn scaled(x: f64) -> String {
    let (scale, letter) = match x {
        x if x >= 0.999e9 => (1e9, " G"),
        x if x >= 0.999e6 => (1e6, " M"),
        x if x >= 0.999e3 => (1e3, " k"),
        _ => (1.0, ""),
    };
    format!("{}{letter}", number(x / scale))
}
