//! Curves with bands: F-I curves, CV against noise, CV against rate.

use super::{Axis, Colour, Figure, GREY, Panel, Points, Shape, colour, extent};

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
    /// What it is compared with: dashed, in its colour.
    pub reference: Points,
}

/// What a figure of curves says.
#[derive(Clone, Debug)]
pub struct Labels {
    /// The name of its files.
    pub figure: &'static str,
    /// Above the figure.
    pub title: String,
    /// Below the x axis.
    pub x: String,
    /// Beside the y axis.
    pub y: String,
}

/// The figure of some curves.
pub fn figure(labels: Labels, curves: &[Curve]) -> Figure {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let references = || curves.iter().flat_map(|curve| &curve.reference);
    let (left, right) = extent(points().map(|p| p.x).chain(references().map(|p| p.0)));
    let heights = points().map(|p| p.y + p.band).chain(references().map(|p| p.1));
    let x = Axis::linear(labels.x, left, right).padded();
    let y = Axis::from_zero(labels.y, extent(heights).1);
    let mut panel = Panel::new(x, y);
    // One reference for all is grey.
    let is_shared = curves.windows(2).all(|pair| pair[0].reference == pair[1].reference);
    let shared = curves.first().filter(|_| is_shared).map(|curve| &curve.reference);
    for (n, curve) in curves.iter().enumerate() {
        add(&mut panel, curve, colour(n), !is_shared);
    }
    if let Some(points) = shared.filter(|points| !points.is_empty()) {
        panel.add(
            "no noise",
            GREY,
            Shape::Line { points: points.clone(), width: 1.2, dashed: true },
        );
    }
    Figure::column(labels.figure, labels.title, vec![panel])
}

fn add(panel: &mut Panel, curve: &Curve, colour: Colour, has_reference: bool) {
    // A band ends where a value has none: it does not shrink to nothing there.
    for points in curve.points.split(|point| point.is_doubtful) {
        if points.iter().any(|p| p.band > 0.0) {
            let upper = points.iter().map(|p| (p.x, p.y + p.band));
            let lower = points.iter().rev().map(|p| (p.x, (p.y - p.band).max(0.0)));
            let outline = upper.chain(lower).collect();
            panel.add("", colour, Shape::Band { outline, opacity: 0.18 });
        }
    }
    if has_reference && !curve.reference.is_empty() {
        let points = curve.reference.clone();
        panel.add("", colour, Shape::Line { points, width: 1.0, dashed: true });
    }
    let points: Points = curve.points.iter().map(|p| (p.x, p.y)).collect();
    panel.add(
        curve.name.clone(),
        colour,
        Shape::Line { points: points.clone(), width: 1.6, dashed: false },
    );
    let doubtful: Points =
        curve.points.iter().filter(|point| point.is_doubtful).map(|p| (p.x, p.y)).collect();
    if !doubtful.is_empty() {
        panel.add("", colour, Shape::Rings { points: doubtful, radius: 5.0 });
    }
    // Dots of many values would hide the line.
    const MOST_DOTS: usize = 60;
    if points.len() <= MOST_DOTS {
        panel.add("", colour, Shape::Dots { points, radius: 2.5, opacity: 1.0 });
    }
}
