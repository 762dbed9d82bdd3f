//! A map of a quantity over a grid of two keys, as colours.

use std::io::Write;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::colors::colormaps::{ColorMap, ViridisRGB};

use super::{Area, Drawn, TEXT, font, framed, png, px, range, tick};
use crate::comparison::Axis;
use crate::error::Error;
use crate::unit::tell;

/// What a map shows.
#[derive(Clone, Debug)]
pub struct Map<'a> {
    /// The file's name.
    pub figure: &'static str,
    /// The quantity with its unit.
    pub quantity: String,
    /// The axis to the right.
    pub x: &'a Axis,
    /// The axis upwards.
    pub y: &'a Axis,
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

/// The strokes of a hatched cell, from corner (0, 0) to corner (1, 1).
const HATCH: [[(f64, f64); 2]; 3] =
    [[(0.0, 0.5), (0.5, 1.0)], [(0.0, 0.0), (1.0, 1.0)], [(0.5, 0.0), (1.0, 0.5)]];

/// Draws a map.
///
/// # Errors
/// If drawing or writing fails.
pub fn draw(file: &mut dyn Write, map: &Map<'_>) -> Result<(), Error> {
    png(file, map.figure, |area| figure(area, map))
}

fn figure(area: &Area<'_>, map: &Map<'_>) -> Drawn {
    let defined = || map.cells.iter().flatten().filter_map(|cell| cell.value);
    let (low, high) =
        defined().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
    let (low, high) = (range(low, high).start, range(low, high).end);
    let (columns, rows) = (map.cells.first().map_or(0, Vec::len), map.cells.len());
    let shade = shade(low, high);

    let (left, right) = area.split_horizontally(px(1360));
    let mut chart = framed(&left, &map.quantity)
        .margin_right(px(16))
        .build_cartesian_2d(0.0..columns as f64, 0.0..rows as f64)?;
    // Cells are of equal size, whatever the spacing of the values: labels tell them.
    let name = |axis: &Axis, place: f64| {
        let values = axis.values.as_deref().unwrap_or_default();
        let cell = place - 0.5;
        let value =
            (cell.fract() == 0.0 && cell >= 0.0).then(|| values.get(cell as usize)).flatten();
        value.map(|value| tell(*value)).unwrap_or_default()
    };
    chart
        .configure_mesh()
        .disable_mesh()
        .x_labels(0)
        .y_labels(0)
        .x_desc(map.x.label())
        .y_desc(map.y.label())
        .axis_desc_style(font(TEXT))
        .draw()?;
    for (row, cells) in map.cells.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let colour = cell.value.map_or(RGBColor(225, 225, 225), &shade);
            let (x, y) = (column as f64, row as f64);
            chart.draw_series([Rectangle::new([(x, y), (x + 1.0, y + 1.0)], colour.filled())])?;
            if cell.is_doubtful {
                let strokes = HATCH.map(|ends| {
                    let ends = ends.map(|(right, up)| (x + right, y + up));
                    PathElement::new(ends, RGBColor(40, 40, 40).stroke_width(px(2)))
                });
                chart.draw_series(strokes)?;
            }
        }
    }
    label_cells(&chart, &left, map, &name, (columns, rows))?;
    bar(&right, &shade, (low, high))
}

/// Writes the values of the axes beside the cells, as many as there is room for.
fn label_cells(
    chart: &ChartContext<'_, BitMapBackend<'_>, Cartesian2d<RangedCoordf64, RangedCoordf64>>,
    area: &Area<'_>,
    map: &Map<'_>,
    name: &dyn Fn(&Axis, f64) -> String,
    (columns, rows): (usize, usize),
) -> Drawn {
    use plotters::style::text_anchor::{HPos, Pos, VPos};
    let (base_x, base_y) = area.get_base_pixel();
    let relative = |(x, y): (i32, i32)| (x - base_x, y - base_y);
    let below = font(TEXT).pos(Pos::new(HPos::Center, VPos::Top));
    for column in (0..columns).step_by(columns.div_ceil(12).max(1)) {
        let place = column as f64 + 0.5;
        let (x, y) = relative(chart.backend_coord(&(place, 0.0)));
        area.draw_text(&name(map.x, place), &below, (x, y + px(8) as i32))?;
    }
    let beside = font(TEXT).pos(Pos::new(HPos::Right, VPos::Center));
    for row in (0..rows).step_by(rows.div_ceil(14).max(1)) {
        let place = row as f64 + 0.5;
        let (x, y) = relative(chart.backend_coord(&(0.0, place)));
        area.draw_text(&name(map.y, place), &beside, (x - px(10) as i32, y))?;
    }
    Ok(())
}

/// The bar that tells what the colours mean.
///
/// # Errors
/// If drawing fails.
pub fn bar(area: &Area<'_>, shade: &dyn Fn(f64) -> RGBColor, (low, high): (f64, f64)) -> Drawn {
    const SHADES: usize = 256;
    let mut chart = ChartBuilder::on(area)
        .margin(px(16))
        .margin_top(px(76))
        .margin_bottom(px(96))
        .margin_left(px(20))
        .set_label_area_size(LabelAreaPosition::Right, px(110))
        .build_cartesian_2d(0.0..1.0, low..high)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .disable_x_axis()
        .y_labels(6)
        .y_label_formatter(&tick)
        .label_style(font(TEXT))
        .draw()?;
    let step = (high - low) / SHADES as f64;
    let shades = (0..SHADES).map(|k| {
        let from = low + k as f64 * step;
        Rectangle::new([(0.0, from), (1.0, from + step)], shade(from + 0.5 * step).filled())
    });
    chart.draw_series(shades)?;
    Ok(())
}

/// The colour of a value between two others.
pub fn shade(low: f64, high: f64) -> impl Fn(f64) -> RGBColor {
    move |value| ViridisRGB.get_color_normalized(value as f32, low as f32, high as f32)
}
