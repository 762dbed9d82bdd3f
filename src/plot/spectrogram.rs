//! The spectrogram: power over time and frequency, as colours.

use std::io::Write;

use plotters::element::BitMapElement;
use plotters::prelude::*;

use super::{Area, Drawn, TEXT, font, framed, map, png, px, range, tick};
use crate::analysis::signal::Spectrogram;
use crate::error::Error;

/// Colours reach down to this below the largest power (dB).
const DEPTH_DB: f64 = 60.0;

/// Draws `spectrogram.png`.
///
/// # Errors
/// If drawing or writing fails.
pub fn draw(file: &mut dyn Write, spectrogram: &Spectrogram) -> Result<(), Error> {
    png(file, "spectrogram.png", |area| figure(area, spectrogram))
}

fn figure(area: &Area<'_>, spectrogram: &Spectrogram) -> Drawn {
    let Spectrogram { df_hz, time_s: (first, step), columns } = spectrogram;
    let rows = columns.first().map_or(0, Vec::len);
    let largest = columns.iter().flatten().copied().fold(f64::MIN_POSITIVE, f64::max);
    let decibels = |power: f64| (10.0 * (power / largest).max(1e-20).log10()).max(-DEPTH_DB);
    let shade = map::shade(-DEPTH_DB, 0.0);
    let (left, right) = area.split_horizontally(px(1360));
    let times = range(first - 0.5 * step, first + (columns.len() as f64 - 0.5) * step);
    let top = rows as f64 * df_hz;
    let mut chart = framed(&left, "power (dB of the largest)")
        .margin_right(px(16))
        .build_cartesian_2d(times.clone(), range(0.0, top))?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc("time [s]")
        .y_desc("frequency [Hz]")
        .x_label_formatter(&tick)
        .y_label_formatter(&tick)
        .label_style(font(TEXT))
        .axis_desc_style(font(TEXT))
        .draw()?;
    let (x, y) = chart.plotting_area().get_pixel_range();
    let (width, height) = ((x.end - x.start) as usize, (y.end - y.start) as usize);
    let mut pixels = Vec::with_capacity(3 * width * height);
    for pixel_row in 0..height {
        let row = (height - 1 - pixel_row) * rows / height;
        for pixel_column in 0..width {
            let column = pixel_column * columns.len() / width;
            let RGBColor(r, g, b) = shade(decibels(columns[column][row]));
            pixels.extend([r, g, b]);
        }
    }
    let size = (width as u32, height as u32);
    if let Some(image) = BitMapElement::with_owned_buffer((times.start, top), size, pixels) {
        chart.draw_series([image])?;
    }
    map::bar(&right, &shade, (-DEPTH_DB, 0.0))
}
