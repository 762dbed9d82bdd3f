//! Figures: each is a value ([`Figure`]), drawn once as vectors; PNG and PDF are made of the same drawing.
//!
//! ```
//! use loligo::Experiment;
//! use loligo::plot::{self, Format};
//!
//! let results = loligo::run(&Experiment::builder().neurons(50).duration_ms(300.0).build()?)?;
//! let figure = plot::raster::figure(&results);
//! assert_eq!(figure.panels[0].y.label, "neuron (index)");
//! let files = plot::files(&figure, &[Format::Svg, Format::Pdf])?;
//! assert!(files[1].1.starts_with(b"%PDF"));
//! # Ok::<(), loligo::Error>(())
//! ```

mod axis;
pub mod curves;
mod export;
mod figure;
mod font;
pub mod intervals;
mod layout;
pub mod map;
pub mod model;
mod png;
pub mod raster;
pub mod recording;
pub mod spectrogram;
pub mod spectrum;
mod svg;
pub mod throughput;
pub mod trace;

pub use axis::{Axis, Scale};
pub use export::{Format, files};
pub use figure::{
    COLOURS, Colour, Figure, GREY, HEIGHT, PALE, Panel, Points, Series, Shape, WIDTH, colour, shade,
};
pub use layout::{Area, Slot, slots};
pub use svg::draw;

/// A time in ms as an axis has it: in seconds from two seconds on.
pub fn time_axis(duration_ms: f64) -> (f64, &'static str) {
    if duration_ms >= 2000.0 { (1e-3, "time [s]") } else { (1.0, "time [ms]") }
}

/// A unit as print has it.
pub fn pretty_unit(unit: &str) -> String {
    if unit == "1" {
        return String::new();
    }
    unit.replace("*sqrt(s)", "·√s").replace('u', "µ").replace("cm2", "cm²")
}

/// A curve with no more points than can be seen: where several fall on one column of pixels, the
/// lowest and the highest in their order.
pub fn thinned(points: Points) -> Points {
    const COLUMNS: usize = 1500;
    if points.len() <= 2 * COLUMNS {
        return points;
    }
    let lowest_and_highest = |part: &[(f64, f64)]| {
        let by_value = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let (low, high) = (part.iter().min_by(by_value), part.iter().max_by(by_value));
        let mut both: Points = low.into_iter().chain(high).copied().collect();
        both.sort_by(|a, b| a.0.total_cmp(&b.0));
        both
    };
    points.chunks(points.len().div_ceil(COLUMNS)).flat_map(lowest_and_highest).collect()
}

/// The lowest and the highest of some values; infinite the wrong way round if there are none.
fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.filter(|value| value.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)))
}

/// The outline of a histogram of bins from `start` on.
fn steps(start: f64, bin: f64, values: &[f64]) -> Points {
    let edge = |k: usize| start + k as f64 * bin;
    values.iter().enumerate().flat_map(|(k, &y)| [(edge(k), y), (edge(k + 1), y)]).collect()
}

/// The area under an outline.
fn filled(outline: &[(f64, f64)], opacity: f64) -> Shape {
    let (Some(first), Some(last)) = (outline.first(), outline.last()) else {
        return Shape::Band { outline: Vec::new(), opacity };
    };
    let outline = [&[(first.0, 0.0)], outline, &[(last.0, 0.0)]].concat();
    Shape::Band { outline, opacity }
}
