//! A map of a quantity over a grid of two keys, as colours.

use super::{Axis, Colour, Figure, PALE, Panel, Shape, extent, shade};
use crate::comparison::SweptKey;
use crate::unit::tell;

/// What a map shows.
#[derive(Clone, Debug)]
pub struct Map<'a> {
    /// The name of its files.
    pub figure: &'static str,
    /// The quantity with its unit.
    pub quantity: String,
    /// The axis to the right.
    pub x: &'a SweptKey,
    /// The axis upwards.
    pub y: &'a SweptKey,
    /// Cells, a row of x for each y.
    pub cells: Vec<Vec<Cell>>,
}

/// A cell of a map.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// The value; none where the quantity is not defined.
    pub value: Option<f64>,
    /// Hatched: a value that is not to be relied on.
    pub is_doubtful: bool,
}

/// The figure of a map.
pub fn figure(map: &Map<'_>) -> Figure {
    let defined = map.cells.iter().flatten().filter_map(|cell| cell.value);
    let (low, high) = extent(defined);
    let bar = Axis::linear("", low, high);
    let colour = |cell: &Cell| cell.value.map_or(PALE, |value| shade(bar.share(value)));
    // Cells are of equal size, whatever the spacing of the values: labels tell them.
    let axis = |axis: &SweptKey, cells: usize| {
        let values = axis.values.as_deref().unwrap_or_default().iter().enumerate();
        let names =
            values.map(|(n, value)| (n as f64 + 0.5, tell(*value).replace('-', "\u{2212}")));
        Axis::named(axis.label(), cells as f64, names.collect())
    };
    let (columns, rows) = (map.cells.first().map_or(0, Vec::len), map.cells.len());
    let mut panel = Panel::new(axis(map.x, columns), axis(map.y, rows));
    let mut cells: Vec<(f64, f64, f64, f64, Colour)> = Vec::new();
    let mut hatched = Vec::new();
    for (row, in_row) in map.cells.iter().enumerate() {
        for (column, cell) in in_row.iter().enumerate() {
            let (x, y) = (column as f64, row as f64);
            if cell.is_doubtful {
                hatched.push(cells.len());
            }
            cells.push((x, y, x + 1.0, y + 1.0, colour(cell)));
        }
    }
    panel.add("", PALE, Shape::Cells { cells, hatched });
    panel.bar = Some(bar);
    Figure::column(map.figure, map.quantity.clone(), vec![panel])
}
