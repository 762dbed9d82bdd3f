//! What a model does: its rate over the current, and a trace.

use super::{Axis, Figure, Panel, Points, Shape, colour, extent, pretty_unit, thinned, time_axis};
use crate::model::Model;

/// The figure of a model: rates (current, Hz), and its first variable over time (ms) at a current.
pub fn figure(model: &Model, rates: Points, trace: Points, amplitude: f64) -> Figure {
    let unit = pretty_unit(model.current_unit);
    let in_unit = |what: &str, unit: &str| match unit {
        "" => what.to_owned(),
        unit => format!("{what} [{unit}]"),
    };
    let (from, to) = extent(rates.iter().map(|point| point.0));
    let highest = rates.iter().map(|point| point.1).fold(1.0, f64::max);
    let mut curve = Panel::new(
        Axis::linear(in_unit("current", &unit), from, to),
        Axis::from_zero("rate [Hz]", highest),
    )
    .titled("rate over a constant current, without noise");
    curve.add("", colour(0), Shape::Dots { points: rates.clone(), radius: 2.5, opacity: 1.0 });
    curve.add("", colour(0), Shape::line(rates));
    let end = trace.last().map_or(1.0, |point| point.0).ceil();
    let (scale, time) = time_axis(end);
    let (low, high) = extent(trace.iter().map(|point| point.1));
    let first = model.states.first();
    let name = first.map_or("", |state| state.name);
    let label = in_unit(name, &pretty_unit(first.map_or("1", |state| state.unit)));
    let margin = 0.05 * (high - low).max(1e-9);
    let mut panel = Panel::new(
        Axis::linear(time, 0.0, end * scale),
        Axis::linear(label, low - margin, high + margin),
    )
    .titled(format!("at {amplitude} {unit}").trim_end());
    let points = trace.into_iter().map(|(t, value)| (t * scale, value)).collect();
    panel.add("", colour(0), Shape::line(thinned(points)));
    Figure::column("model", model.name, vec![curve, panel])
}
