//! Throughput over the number of neurons, on logarithmic axes.

use super::axis::number;
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
    let all = || series.iter().flat_map(|series| &series.points);
    let (from, to) = extent(all().map(|point| point.0));
    let (low, high) = extent(all().map(|point| point.1));
    let x = Axis { format: scaled, ..Axis::log("neurons", from, to).padded() };
    let y = Axis { format: scaled, ..Axis::log("neuron-steps per second", low / 1.5, high * 1.5) };
    let mut panel = Panel::new(x, y);
    for (n, Series { name, points, saturation }) in series.iter().enumerate() {
        let line = Shape::Line { points: points.clone(), width: 1.6, dashed: false };
        panel.add(name.clone(), colour(n), line);
        panel.add("", colour(n), Shape::Dots { points: points.clone(), radius: 2.5, opacity: 1.0 });
        let saturated: Points =
            points.iter().filter(|point| Some(point.0) == *saturation).copied().collect();
        panel.add("", colour(n), Shape::Rings { points: saturated, radius: 6.0 });
    }
    Figure::column(name, "throughput; ring: nine tenths of the best", vec![panel])
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
