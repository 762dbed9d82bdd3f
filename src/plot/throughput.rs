//! Throughput over the number of neurons, on logarithmic axes.

use super::axis::number;
use super::figure::HEIGHT;
use super::{Axis, Colour, Figure, Panel, Points, Shape, colour, extent};

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

/// The figure of several works, a panel for each with its title, one below the other, and a series for each device. A device
/// has its colour in all of them, and its name in the first.
pub fn figure(name: &str, works: &[(String, Vec<Series>)]) -> Figure {
    /// Units that a panel takes.
    const PANEL: f64 = 260.0;
    let all = || works.iter().flat_map(|(_, series)| series);
    let (from, to) = extent(all().flat_map(|series| &series.points).map(|point| point.0));
    let x = Axis { format: scaled, ..Axis::log("neurons", from, to).padded() };
    let mut devices: Vec<&str> = Vec::new();
    let mut panels = Vec::new();
    for (title, series) in works {
        let (low, high) = extent(series.iter().flat_map(|of| &of.points).map(|point| point.1));
        let y = Axis::log("neuron-steps per second", low / 1.5, high * 1.5);
        let mut panel = Panel::new(x.clone(), Axis { format: scaled, ..y }).titled(title.clone());
        for series in series {
            let known = devices.iter().position(|device| *device == series.name);
            let index = known.unwrap_or(devices.len());
            let label = if known.is_none() { series.name.as_str() } else { "" };
            add(&mut panel, series, label, colour(index));
            if known.is_none() {
                devices.push(&series.name);
            }
        }
        panels.push(panel);
    }
    let height = HEIGHT.max(PANEL * panels.len() as f64);
    let title = "throughput; ring: nine tenths of the best";
    Figure { height, ..Figure::column(name, title, panels) }
}

/// Adds a series to a panel.
fn add(panel: &mut Panel, series: &Series, label: &str, colour: Colour) {
    let Series { points, saturation, .. } = series;
    panel.add(label, colour, Shape::Line { points: points.clone(), width: 1.6, dashed: false });
    panel.add("", colour, Shape::Dots { points: points.clone(), radius: 2.5, opacity: 1.0 });
    let saturated: Points =
        points.iter().filter(|point| Some(point.0) == *saturation).copied().collect();
    panel.add("", colour, Shape::Rings { points: saturated, radius: 6.0 });
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
