//! Where the panels of a figure are: what labels, titles, legends and bars of colour take is measured, the rest is the
//! panels'. Panels of a column are aligned.

use super::figure::{Figure, Panel, Shape, WIDTH};
use super::font;

/// Size of labels.
pub const TEXT: f64 = 12.0;
/// Size of numbers at ticks and of legends.
pub const SMALL: f64 = 11.0;
/// Size of titles.
pub const TITLE: f64 = 13.0;

/// Around everything.
const MARGIN: f64 = 10.0;
/// Between a tick's number and the axis.
pub const PAD: f64 = 7.0;
/// The sign of a series in a legend.
pub const SIGN: f64 = 18.0;
/// A line of a legend.
pub const LINE: f64 = 16.0;
/// The bar of colours.
pub const BAR: f64 = 14.0;
/// No legend is wider; longer names are cut.
const WIDEST_LEGEND: f64 = 230.0;

/// A rectangle in units, from the upper left corner of the figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Left end.
    pub x: f64,
    /// Upper end.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// Where a panel is.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// Between the axes.
    pub area: Area,
    /// Whether the axis to the right has numbers and a label.
    pub has_x_labels: bool,
}

/// Ticks that fit a length upwards.
pub fn ticks_up(height: f64) -> f64 {
    (height / 42.0).clamp(2.0, 8.0)
}

/// Ticks that fit a length to the right.
pub fn ticks_right(width: f64) -> f64 {
    (width / 60.0).clamp(3.0, 10.0)
}

/// The slots of the panels.
pub fn slots(figure: &Figure) -> Vec<Slot> {
    let columns = figure.columns.max(1);
    let rows = figure.panels.len().div_ceil(columns).max(1);
    let top = MARGIN + if figure.title.is_empty() { 0.0 } else { TITLE + 8.0 };
    let cell_width = (WIDTH - 2.0 * MARGIN) / columns as f64;
    let column_of = |n: usize| n % columns;
    // What panels of a column need beside them, the most of any.
    let most = |column: usize, of: &dyn Fn(&Panel) -> f64| {
        let panels = figure.panels.iter().enumerate().filter(|(n, _)| column_of(*n) == column);
        panels.map(|(_, panel)| of(panel)).fold(0.0, f64::max)
    };
    let has_x_labels = |n: usize| match (figure.panels.get(n), figure.panels.get(n + columns)) {
        (Some(panel), Some(below)) => columns > 1 || panel.x != below.x,
        _ => true,
    };
    let above = |panel: &Panel| if panel.title.is_empty() { 6.0 } else { TEXT + 12.0 };
    let below = |n: usize| if has_x_labels(n) { PAD + SMALL + 6.0 + TEXT + 6.0 } else { 6.0 };
    // Heights: what is left is shared by weight.
    let row = |n: usize| n / columns;
    let of_row = |row_index: usize, of: &dyn Fn(usize) -> f64| {
        (0..figure.panels.len()).filter(|&n| row(n) == row_index).map(of).fold(0.0, f64::max)
    };
    let fixed: f64 =
        (0..rows).map(|r| of_row(r, &|n| above(&figure.panels[n])) + of_row(r, &below)).sum();
    let weights: f64 = (0..rows).map(|r| of_row(r, &|n| figure.panels[n].weight)).sum();
    let free = (figure.height - top - MARGIN - fixed).max(20.0 * rows as f64);
    let mut upper = top;
    let mut slots = Vec::with_capacity(figure.panels.len());
    for r in 0..rows {
        upper += of_row(r, &|n| above(&figure.panels[n]));
        let height = free * of_row(r, &|n| figure.panels[n].weight) / weights.max(1e-9);
        for n in (0..figure.panels.len()).filter(|&n| row(n) == r) {
            let column = column_of(n);
            let left = most(column, &|panel| left_of(panel, height));
            let right = most(column, &right_of).max(12.0);
            let x = MARGIN + column as f64 * cell_width + left;
            let width = (cell_width - left - right).max(20.0);
            let area = Area { x, y: upper, width, height };
            slots.push(Slot { area, has_x_labels: has_x_labels(n) });
        }
        upper += height + of_row(r, &below);
    }
    slots
}

/// What the numbers and the label of the upright axis need.
fn left_of(panel: &Panel, height: f64) -> f64 {
    let ticks = panel.y.ticks(ticks_up(height));
    let numbers = ticks.iter().map(|(_, label)| font::width(label, SMALL)).fold(0.0, f64::max);
    numbers + PAD + if panel.y.label.is_empty() { 4.0 } else { TEXT + 12.0 }
}

/// What the legend and the bar of colours need.
fn right_of(panel: &Panel) -> f64 {
    let names = panel.series.iter().filter(|series| !series.name.is_empty());
    let widest = names.map(|series| font::width(&series.name, SMALL)).fold(0.0, f64::max);
    let legend = if widest > 0.0 { (SIGN + 16.0 + widest).min(WIDEST_LEGEND) } else { 0.0 };
    let bar = panel.bar.as_ref().map_or(0.0, |bar| {
        let ticks = bar.ticks(6.0);
        let widest = ticks.iter().map(|(_, label)| font::width(label, SMALL)).fold(0.0, f64::max);
        12.0 + BAR + PAD + widest + 4.0
    });
    // Half of the last tick's number is beyond the axis.
    let ticks = panel.x.ticks(5.0);
    let last = ticks.last().map_or(0.0, |(_, label)| 0.5 * font::width(label, SMALL));
    (legend + bar).max(last)
}

/// The room for the names of a legend.
pub fn legend_width() -> f64 {
    WIDEST_LEGEND - SIGN - 16.0
}

/// Whether a series is filled: its sign in the legend is a patch.
pub fn is_filled(shape: &Shape) -> bool {
    matches!(shape, Shape::Band { .. } | Shape::Cells { .. })
}
