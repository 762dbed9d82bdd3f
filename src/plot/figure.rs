//! A figure as values: panels with axes and series. What is drawn can be looked at before it is drawn.

use super::axis::Axis;

/// Width of a figure in units: a PNG has two pixels for each.
pub const WIDTH: f64 = 800.0;
/// Height of a figure in units, unless it has more rows than fit.
pub const HEIGHT: f64 = 500.0;

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

/// The colour of axes and text.
pub const INK: Colour = Colour(38, 38, 38);

/// The colour of references and levels.
pub const GREY: Colour = Colour(110, 110, 110);

/// The colour of what is not defined.
pub const PALE: Colour = Colour(225, 225, 225);

/// Colours that colour-blind readers can tell apart (Okabe and Ito 2008).
const PALETTE: [Colour; 7] = [
    Colour(0, 114, 178),
    Colour(213, 94, 0),
    Colour(0, 158, 115),
    Colour(204, 121, 167),
    Colour(230, 159, 0),
    Colour(86, 180, 233),
    Colour(0, 0, 0),
];

/// How many series can be told apart by their colours.
pub const COLOURS: usize = PALETTE.len();

/// The colour of the n-th population.
pub fn colour(n: usize) -> Colour {
    PALETTE[n % PALETTE.len()]
}

/// A figure.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The name of its files, without their endings.
    pub name: String,
    /// Above all panels; empty for none.
    pub title: String,
    /// The panels, row after row.
    pub panels: Vec<Panel>,
    /// How many panels are in a row.
    pub columns: usize,
    /// Height in units: a figure is [`WIDTH`] of them wide.
    pub height: f64,
}

impl Figure {
    /// A figure of panels one below the other.
    pub fn column(name: impl Into<String>, title: impl Into<String>, panels: Vec<Panel>) -> Self {
        let (name, title) = (name.into(), title.into());
        Figure { name, title, panels, columns: 1, height: HEIGHT }
    }
}

/// A panel: two axes and what is between them.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Above it; empty for none.
    pub title: String,
    /// The axis to the right. Panels one below the other with the same share it: only the last is labelled.
    pub x: Axis,
    /// The axis upwards.
    pub y: Axis,
    /// What is drawn, the first below.
    pub series: Vec<Series>,
    /// The height in comparison with the others in its column.
    pub weight: f64,
    /// What colours mean, beside it.
    pub bar: Option<Axis>,
}

impl Panel {
    /// An empty panel between two axes.
    pub fn new(x: Axis, y: Axis) -> Self {
        Panel { title: String::new(), x, y, series: Vec::new(), weight: 1.0, bar: None }
    }

    /// With a title above it.
    #[must_use]
    pub fn titled(self, title: impl Into<String>) -> Self {
        Panel { title: title.into(), ..self }
    }

    /// Adds a series.
    pub fn add(&mut self, name: impl Into<String>, colour: Colour, shape: Shape) {
        self.series.push(Series { name: name.into(), colour, shape });
    }
}

/// One thing that is drawn.
#[derive(Clone, Debug)]
pub struct Series {
    /// In the legend; empty for none.
    pub name: String,
    /// Its colour.
    pub colour: Colour,
    /// Its form.
    pub shape: Shape,
}

/// Points in the units of the axes.
pub type Points = Vec<(f64, f64)>;

/// The form of a series.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A line through points.
    Line {
        /// The points.
        points: Points,
        /// Its width in units.
        width: f64,
        /// Whether it is dashed.
        dashed: bool,
    },
    /// The area between two lines, pale.
    Band {
        /// The outline of the area.
        outline: Points,
        /// How much of the colour, from 0 to 1.
        opacity: f64,
    },
    /// Discs.
    Dots {
        /// The middles.
        points: Points,
        /// In units.
        radius: f64,
        /// How much of the colour, from 0 to 1.
        opacity: f64,
    },
    /// Circles, around dots that are not to be relied on.
    Rings {
        /// The middles.
        points: Points,
        /// In units.
        radius: f64,
    },
    /// Upright strokes at `x` from `low` to `high`: spikes.
    Strokes {
        /// Strokes: x, low, high.
        strokes: Vec<(f64, f64, f64)>,
        /// Width in units.
        width: f64,
    },
    /// A dashed line all across at a value of the upright axis.
    Level(f64),
    /// Rectangles in colours of their own, from corner to corner.
    Cells {
        /// Left, low, right, high, colour.
        cells: Vec<(f64, f64, f64, f64, Colour)>,
        /// Of the cells, those that are hatched: values that are not to be relied on.
        hatched: Vec<usize>,
    },
    /// A picture that fills the panel: rows of pixels from above.
    Picture {
        /// How many pixels are in a row.
        width: usize,
        /// Red, green and blue of each.
        pixels: Vec<u8>,
    },
}

impl Shape {
    /// A line.
    pub fn line(points: Points) -> Self {
        Shape::Line { points, width: 1.2, dashed: false }
    }
}

/// A colour between dark and light for a value from 0 to 1: viridis (van der Walt and Smith 2015), by its polynomial
/// of sixth degree (Zucker 2019), 2 of 255 off at most.
pub fn shade(value: f64) -> Colour {
    const COEFFICIENTS: [[f64; 7]; 3] = [
        [0.277_727, 0.105_093, -0.330_862, -4.634_23, 6.228_27, 4.776_385, -5.435_456],
        [0.005_407, 1.404_614, 0.214_848, -5.799_101, 14.179_933, -13.745_145, 4.645_853],
        [0.334_1, 1.384_59, 0.095_095, -19.332_441, 56.690_553, -65.353_034, 26.312_435],
    ];
    let t = value.clamp(0.0, 1.0);
    let channel = |c: &[f64; 7]| {
        let value = c.iter().rev().fold(0.0, |sum, coefficient| sum * t + coefficient);
        (255.0 * value.clamp(0.0, 1.0)).round() as u8
    };
    Colour(channel(&COEFFICIENTS[0]), channel(&COEFFICIENTS[1]), channel(&COEFFICIENTS[2]))
}
