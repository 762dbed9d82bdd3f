//! The raster: a dot per spike, a row per neuron; the population rate under it.

use std::io::Write;

use plotters::element::BitMapElement;
use plotters::prelude::*;

use super::{Area, CAPTION, Drawn, TEXT, colour, font, legend_line, png, px, tick, time_axis};
use crate::analysis::rate;
use crate::error::Error;
use crate::results::Results;
use crate::window::Window;

/// At most this many neurons are shown, shared among the populations.
const ROWS: usize = 200;

/// At most this much time is shown (ms): beyond, spikes could not be told apart.
const WINDOW_MS: f64 = 2000.0;

/// Bins of the rate over the window.
const BINS: u32 = 200;

/// Draws `raster.png`.
///
/// # Errors
/// If drawing or writing fails.
pub fn draw(file: &mut dyn Write, results: &Results) -> Result<(), Error> {
    png(file, "raster.png", |area| figure(area, results))
}

fn figure(area: &Area<'_>, results: &Results) -> Drawn {
    let window = shown_window(results);
    let [begin_ms, end_ms] = window.ends_ms(results.dt_ms);
    let (scale, label) = time_axis(end_ms);
    let (begin, end) = (begin_ms * scale, end_ms * scale);
    let per_population = (ROWS / results.populations.len().max(1)).max(1);
    let shown: Vec<usize> =
        results.populations.iter().map(|p| p.population.neurons.min(per_population)).collect();
    let rows: usize = shown.iter().sum();

    let (upper, lower) = area.split_vertically(px(680));
    let caption = caption(results, rows, window);
    let mut raster = ChartBuilder::on(&upper)
        .caption(caption, font(CAPTION))
        .margin(px(12))
        .margin_right(px(40))
        .set_label_area_size(LabelAreaPosition::Left, px(110))
        .set_label_area_size(LabelAreaPosition::Bottom, px(10))
        .build_cartesian_2d(begin..end, 0.0..rows as f64)?;
    raster
        .configure_mesh()
        .disable_mesh()
        .x_labels(0)
        .y_labels(6)
        .y_desc(if rows == 1 { "neuron" } else { "neurons" })
        // There is no half neuron.
        .y_label_formatter(&|y| if y.fract() == 0.0 { tick(y) } else { String::new() })
        .label_style(font(TEXT))
        .axis_desc_style(font(TEXT))
        .draw()?;
    let (x, y) = raster.plotting_area().get_pixel_range();
    let size = ((x.end - x.start) as u32, (y.end - y.start) as u32);
    let image = dots(results, &shown, window, size);
    if let Some(image) = BitMapElement::with_owned_buffer((begin, rows as f64), size, image) {
        raster.draw_series([image])?;
    }

    let rates: Vec<_> = results
        .recorded()
        .map(|(_, recorded)| rate::over_time(&recorded.trains, window, results.dt_ms, BINS))
        .collect();
    let highest = rates.iter().flat_map(|rate| &rate.hz).fold(0.0, |a: f64, b| a.max(*b));
    // More names do not fit the panel.
    let several = (2..=4).contains(&rates.len());
    // Room for the legend above the curves.
    let room = if several { 1.1 + 0.25 * rates.len() as f64 } else { 1.1 };
    let top = if highest > 0.0 { highest * room } else { 1.0 };
    let mut chart = ChartBuilder::on(&lower)
        .margin(px(12))
        .margin_right(px(40))
        .set_label_area_size(LabelAreaPosition::Left, px(110))
        .set_label_area_size(LabelAreaPosition::Bottom, px(80))
        .build_cartesian_2d(begin..end, 0.0..top)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc(label)
        .y_desc("rate [Hz]")
        .x_labels(10)
        .y_labels(4)
        .x_label_formatter(&tick)
        .y_label_formatter(&tick)
        .label_style(font(TEXT))
        .axis_desc_style(font(TEXT))
        .draw()?;
    for (n, rate) in rates.iter().enumerate() {
        let points = rate.hz.iter().enumerate().flat_map(|(bin, &hz)| {
            let from = begin + bin as f64 * rate.bin_ms * scale;
            [(from, hz), ((from + rate.bin_ms * scale).min(end), hz)]
        });
        let line = LineSeries::new(points, colour(n).stroke_width(px(2)));
        let series = chart.draw_series(line)?;
        if several {
            let name = results.populations[n].population.name.clone();
            series.label(name).legend(legend_line(colour(n)));
        }
    }
    if several {
        super::legend(&mut chart)?;
    }
    Ok(())
}

/// The first part of the analysis window.
fn shown_window(results: &Results) -> Window {
    let Window { from, to } = results.window;
    let most = (WINDOW_MS / results.dt_ms).round() as u32;
    Window { from, to: to.min(from.saturating_add(most)) }
}

fn caption(results: &Results, rows: usize, window: Window) -> String {
    let names: Vec<_> = results.populations.iter().map(|p| p.population.name.as_str()).collect();
    /// More names do not fit a line.
    const MOST_NAMES: usize = 6;
    let mut caption = match names.len() {
        n if n > MOST_NAMES => format!("{n} populations"),
        _ => names.join(", "),
    };
    if rows < results.neurons() {
        caption += &format!(": {rows} of {} neurons", results.neurons());
    }
    if window.to < results.window.to {
        let first = if window.from == 0 { "the first " } else { "" };
        caption += &format!(", {first}{} s", tick(&(window.duration_ms(results.dt_ms) * 1e-3)));
    }
    caption
}

/// The spikes as an image of RGB pixels: white, with each population's spikes in its colour; where
/// spikes overlap, the colour is stronger.
fn dots(
    results: &Results,
    shown: &[usize],
    window: Window,
    (width, height): (u32, u32),
) -> Vec<u8> {
    let rows: usize = shown.iter().sum();
    let mut pixels = vec![255u8; (width * height * 3) as usize];
    let row_height = f64::from(height) / rows.max(1) as f64;
    // Wide enough to be seen, narrower where there is a lot to show.
    let dot_width = px(2).min(width);
    let mut row = 0;
    for (n, ((_, recorded), &shown)) in results.recorded().zip(shown).enumerate() {
        let RGBColor(r, g, b) = colour(n);
        for train in recorded.trains.iter().take(shown) {
            let below = f64::from(height) - row as f64 * row_height;
            let bottom = below - 0.1 * row_height;
            let top = (below - 0.9 * row_height).min(bottom - f64::from(px(1)));
            for step in window.of(train) {
                let share = f64::from(step - window.from) / f64::from(window.steps());
                let left = (share * f64::from(width - dot_width)) as u32;
                for y in top.max(0.0) as u32..(bottom as u32).min(height) {
                    for x in left..left + dot_width {
                        let pixel = &mut pixels[((y * width + x) * 3) as usize..][..3];
                        for (value, ink) in pixel.iter_mut().zip([r, g, b]) {
                            *value -= ((f64::from(*value) - f64::from(ink)) * 0.75) as u8;
                        }
                    }
                }
            }
            row += 1;
        }
    }
    pixels
}
