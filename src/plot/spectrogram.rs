//! The spectrogram: power over time and frequency, as colours.

use super::{Axis, Colour, Figure, PALE, Panel, Shape, shade};
use crate::analysis::signal::Spectrogram;

/// Colours reach down to this below the largest power (dB).
const DEPTH_DB: f64 = 60.0;

/// Pixels of the picture, at most, in each direction.
const PIXELS: usize = 1200;

/// The figure of a spectrogram.
pub fn figure(spectrogram: &Spectrogram) -> Figure {
    let Spectrogram { df_hz, time_s: (first, step), columns } = spectrogram;
    let rows = columns.first().map_or(0, Vec::len);
    let largest = columns.iter().flatten().copied().fold(f64::MIN_POSITIVE, f64::max);
    let bar = Axis::linear("", -DEPTH_DB, 0.0);
    let decibels = |power: f64| 10.0 * (power / largest).max(1e-20).log10();
    let end = first + (columns.len() as f64 - 0.5) * step;
    let x = Axis::linear("time [s]", first - 0.5 * step, end);
    let mut panel = Panel::new(x, Axis::linear("frequency [Hz]", 0.0, rows as f64 * df_hz));
    let (width, height) = (columns.len().min(PIXELS), rows.min(PIXELS));
    let mut pixels = Vec::with_capacity(3 * width * height);
    for pixel_row in 0..height {
        let row = (height - 1 - pixel_row) * rows / height;
        for pixel in 0..width {
            let column = &columns[pixel * columns.len() / width];
            let Colour(r, g, b) = shade(bar.share(decibels(column[row])));
            pixels.extend([r, g, b]);
        }
    }
    if !pixels.is_empty() {
        panel.add("", PALE, Shape::Picture { width, pixels });
    }
    panel.bar = Some(bar);
    Figure::column("spectrogram", "power [dB of the largest]", vec![panel])
}
