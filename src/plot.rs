//! Figures. Each is drawn at twice its size and scaled down, which smooths lines and dots.

pub mod curves;
pub mod intervals;
mod log_axes;
pub mod map;
pub mod raster;
pub mod recording;
pub mod spectrogram;
pub mod spectrum;
pub mod throughput;
pub mod trace;

use std::io::Write;
use std::sync::Once;

use image::{ExtendedColorType, ImageEncoder};
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::error::Error;

/// A figure being drawn.
pub type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// What a drawing function returns: plotters' errors are of many types.
pub type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Size of a figure in pixels.
pub const WIDTH: u32 = 1600;
/// Size of a figure in pixels.
pub const HEIGHT: u32 = 1000;

/// Pixels drawn for one pixel of the figure, in each direction.
const OVERSAMPLING: u32 = 2;

/// Colours that colour-blind readers can tell apart (Okabe and Ito 2008).
const PALETTE: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
];

/// The colour of the n-th population.
pub fn colour(n: usize) -> RGBColor {
    PALETTE[n % PALETTE.len()]
}

/// Pixels as drawn, for a length in pixels of the figure.
pub fn px(length: u32) -> u32 {
    length * OVERSAMPLING
}

/// The font at a size in pixels of the figure.
pub fn font(size: u32) -> TextStyle<'static> {
    ("sans-serif", px(size)).into_font().color(&RGBColor(40, 40, 40))
}

/// Size of axis labels and legends.
pub const TEXT: u32 = 24;
/// Size of captions.
pub const CAPTION: u32 = 28;

/// The one font there is, within the program: figures look the same everywhere.
fn register_font() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let bytes = include_bytes!("plot/font/DejaVuSans-subset.ttf");
        // Without the font, drawing text fails with an error of its own.
        let _ = plotters::style::register_font("sans-serif", FontStyle::Normal, bytes);
    });
}

/// Draws a figure and writes it as PNG.
///
/// # Errors
/// If drawing or writing fails.
pub fn png(
    file: &mut dyn Write,
    figure: &str,
    draw: impl FnOnce(&Area<'_>) -> Drawn,
) -> Result<(), Error> {
    register_font();
    let failed = |message: String| Error::Figure { figure: figure.into(), message };
    let (width, height) = (px(WIDTH), px(HEIGHT));
    let mut pixels = vec![255; (width * height * 3) as usize];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
        draw(&area).map_err(|error| failed(error.to_string()))?;
        area.present().map_err(|error| failed(error.to_string()))?;
    }
    let image = averaged(&pixels);
    image::codecs::png::PngEncoder::new(file)
        .write_image(&image, WIDTH, HEIGHT, ExtendedColorType::Rgb8)
        .map_err(|error| failed(error.to_string()))
}

/// The pixels of the figure: each the mean of those drawn for it.
fn averaged(drawn: &[u8]) -> Vec<u8> {
    const SIDE: usize = OVERSAMPLING as usize;
    const ROW: usize = 3 * WIDTH as usize;
    let mut pixels = Vec::with_capacity(ROW * HEIGHT as usize);
    for rows in drawn.chunks_exact(SIDE * SIDE * ROW) {
        let mut sums = [0u16; SIDE * ROW];
        for row in rows.chunks_exact(SIDE * ROW) {
            sums.iter_mut().zip(row).for_each(|(sum, &value)| *sum += u16::from(value));
        }
        for block in sums.chunks_exact(3 * SIDE) {
            let channel = |k: usize| block.iter().skip(k).step_by(3).sum::<u16>();
            let mean = |k: usize| ((channel(k) + 2) / (SIDE * SIDE) as u16) as u8;
            pixels.extend([mean(0), mean(1), mean(2)]);
        }
    }
    pixels
}

/// A chart on an area with a caption, with room for labels on the left and at the bottom.
pub fn framed<'a, 'b>(
    area: &'a Area<'b>,
    caption: &str,
) -> ChartBuilder<'a, 'b, BitMapBackend<'b>> {
    let mut chart = ChartBuilder::on(area);
    chart
        .caption(caption, font(CAPTION))
        .margin(px(16))
        .margin_right(px(40))
        .set_label_area_size(LabelAreaPosition::Left, px(130))
        .set_label_area_size(LabelAreaPosition::Bottom, px(80));
    chart
}

/// A time in ms as an axis has it: in seconds from two seconds on.
pub fn time_axis(duration_ms: f64) -> (f64, &'static str) {
    if duration_ms >= 2000.0 { (1e-3, "time [s]") } else { (1.0, "time [ms]") }
}

/// A range that an axis can have: finite and not empty, whatever there is to draw.
pub fn range(low: f64, high: f64) -> std::ops::Range<f64> {
    match (low.is_finite(), high.is_finite()) {
        (true, true) if high > low => low..high,
        (true, _) => low..low + 1.0,
        (false, true) => high - 1.0..high,
        (false, false) => 0.0..1.0,
    }
}

/// A unit as print has it.
pub fn pretty_unit(unit: &str) -> String {
    if unit == "1" {
        return String::new();
    }
    unit.replace("*sqrt(s)", "·√s").replace('u', "µ").replace("cm2", "cm²")
}

/// A number on an axis.
pub fn tick(x: &f64) -> String {
    crate::unit::tell((x * 1e9).round() / 1e9)
}

/// The sign of a series in the legend: a short line at a position in pixels.
pub fn legend_line(colour: RGBColor) -> impl Fn((i32, i32)) -> PathElement<(i32, i32)> + 'static {
    move |(x, y)| {
        let ends = [(x - px(4) as i32, y), (x + px(24) as i32, y)];
        PathElement::new(ends, colour.stroke_width(px(4)))
    }
}

/// Draws the legend of a chart's named series, in its upper right corner.
///
/// # Errors
/// If drawing fails.
pub fn legend<'a, DB, C>(chart: &mut ChartContext<'a, DB, C>) -> Drawn
where
    DB: DrawingBackend + 'a,
    DB::ErrorType: 'static,
    C: CoordTranslate + 'a,
{
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .margin(px(10))
        .legend_area_size(px(40))
        .label_font(font(TEXT))
        .background_style(WHITE.mix(0.85))
        .draw()?;
    Ok(())
}

/// The width of a line through points: fine where it goes back and forth all the time, since a broad
/// line's corners would stick out between neighbouring peaks.
pub fn line_width(points: &[(f64, f64)]) -> u32 {
    /// A curve that crosses its whole range this often is a broad line no more.
    const CROSSINGS: f64 = 30.0;
    let (low, high) = points
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), p| (a.min(p.1), b.max(p.1)));
    let way: f64 = points.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs()).sum();
    if way > CROSSINGS * (high - low) { 1 } else { px(2) }
}

/// A curve with no more points than can be seen: where several fall on one column of pixels, the
/// lowest and the highest in their order.
pub fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    const COLUMNS: usize = 1500;
    if points.len() <= 2 * COLUMNS {
        return points;
    }
    let lowest_and_highest = |part: &[(f64, f64)]| {
        let by_value = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let (low, high) = (part.iter().min_by(by_value), part.iter().max_by(by_value));
        let mut both: Vec<(f64, f64)> = low.into_iter().chain(high).copied().collect();
        both.sort_by(|a, b| a.0.total_cmp(&b.0));
        both
    };
    points.chunks(points.len().div_ceil(COLUMNS)).flat_map(lowest_and_highest).collect()
}
