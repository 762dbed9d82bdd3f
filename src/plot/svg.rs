//! Draws a figure as SVG: the one drawing there is. PNG and PDF are made of it.
//!
//! What would reach beyond its panel is clipped to it: nothing coloured is drawn outside the axes.

use std::fmt::Write as _;

use super::axis::Axis;
use super::figure::{Colour, Figure, INK, Panel, Series, Shape, WIDTH};
use super::layout::{
    Area, BAR, LINE, PAD, SIGN, SMALL, Slot, TEXT, TITLE, is_filled, legend_width, slots,
    ticks_right, ticks_up,
};
use super::{font, png};

/// The text of an SVG file.
pub fn draw(figure: &Figure) -> String {
    let mut svg = Svg(String::new());
    let height = figure.height;
    svg.add(format_args!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
         width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"{}\" \
         font-size=\"{SMALL}\" fill=\"{}\">\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n",
        font::FAMILY,
        hex(INK)
    ));
    if !figure.title.is_empty() {
        let title = font::fitted(&figure.title, TITLE, WIDTH - 20.0);
        svg.text((0.5 * WIDTH, 10.0 + TITLE), "middle", TITLE, &title);
    }
    for (n, (panel, slot)) in figure.panels.iter().zip(slots(figure)).enumerate() {
        svg.panel(n, panel, slot);
    }
    svg.0 += "</svg>\n";
    svg.0
}

struct Svg(String);

/// From values of a panel to units of the figure.
struct To<'a> {
    panel: &'a Panel,
    area: Area,
}

impl To<'_> {
    fn x(&self, value: f64) -> f64 {
        self.area.x + self.area.width * within(self.panel.x.share(value))
    }

    fn y(&self, value: f64) -> f64 {
        self.area.y + self.area.height * (1.0 - within(self.panel.y.share(value)))
    }
}

impl To<'_> {
    /// Whether a shape is between the axes.
    fn holds(&self, shape: &Shape) -> bool {
        let (x, y) = (&self.panel.x, &self.panel.y);
        let is_within = |axis: &Axis, value: f64| (-1e-6..=1.0 + 1e-6).contains(&axis.share(value));
        let holds = |(a, b): &(f64, f64)| is_within(x, *a) && is_within(y, *b);
        match shape {
            Shape::Line { points, .. }
            | Shape::Band { outline: points, .. }
            | Shape::Dots { points, .. }
            | Shape::Rings { points, .. } => points.iter().all(holds),
            Shape::Strokes { strokes, .. } => {
                strokes.iter().all(|(a, low, high)| holds(&(*a, *low)) && holds(&(*a, *high)))
            }
            Shape::Level(level) => is_within(y, *level),
            Shape::Cells { cells, .. } => cells.iter().all(|(left, low, right, high, _)| {
                holds(&(*left, *low)) && holds(&(*right, *high))
            }),
            Shape::Picture { .. } => true,
        }
    }
}

/// What is far outside is drawn outside, but not at the end of the world.
fn within(share: f64) -> f64 {
    if share.is_nan() { -9.0 } else { share.clamp(-9.0, 10.0) }
}

impl Svg {
    fn add(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.0.write_fmt(arguments);
    }

    /// A number with two digits behind the point at most: finer than can be seen.
    fn number(&mut self, x: f64) {
        let hundredths = (x * 100.0).round() as i64;
        if hundredths < 0 {
            self.0.push('-');
        }
        let (whole, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
        self.add(format_args!("{whole}"));
        match rest {
            0 => {}
            rest if rest % 10 == 0 => self.add(format_args!(".{}", rest / 10)),
            rest => self.add(format_args!(".{rest:02}")),
        }
    }

    fn point(&mut self, (x, y): (f64, f64)) {
        self.number(x);
        self.0.push(' ');
        self.number(y);
    }

    fn text(&mut self, (x, y): (f64, f64), anchor: &str, size: f64, text: &str) {
        self.add(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\">{}</text>\n",
            escaped(text)
        ));
    }

    fn panel(&mut self, n: usize, panel: &Panel, slot: Slot) {
        let Area { x, y, width, height } = slot.area;
        let to = To { panel, area: slot.area };
        if !panel.title.is_empty() {
            let title = font::fitted(&panel.title, TEXT, width + 60.0);
            self.text((x + 0.5 * width, y - 6.0), "middle", TEXT, &title);
        }
        let is_within = panel.series.iter().all(|series| to.holds(&series.shape));
        // A clip costs as much as the rest of a figure: only what would be drawn outside is clipped.
        if !is_within {
            self.add(format_args!(
                "<clipPath id=\"panel{n}\"><rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" \
                 height=\"{height:.2}\"/></clipPath>\n<g clip-path=\"url(#panel{n})\">\n"
            ));
        }
        for series in &panel.series {
            self.series(series, &to);
        }
        if !is_within {
            self.0 += "</g>\n";
        }
        self.axes(panel, slot, &to);
        let right = x + width;
        let names: Vec<&Series> = panel.series.iter().filter(|s| !s.name.is_empty()).collect();
        self.legend(&names, (right + 10.0, y + 2.0), height);
        if let Some(bar) = &panel.bar {
            self.bar(n, bar, Area { x: right + 12.0, y, width: BAR, height });
        }
    }

    /// The frame with its ticks, numbers and labels.
    fn axes(&mut self, panel: &Panel, slot: Slot, to: &To<'_>) {
        let Area { x, y, width, height } = slot.area;
        let bottom = y + height;
        self.add(format_args!(
            "<path fill=\"none\" stroke=\"{}\" stroke-width=\"0.8\" d=\"",
            hex(INK)
        ));
        self.0 += &format!("M{x:.2} {y:.2}V{bottom:.2}H{:.2}", x + width);
        let x_ticks = fitting_x(&panel.x, width);
        let y_ticks = panel.y.ticks(ticks_up(height));
        let length = |label: &str| if label.is_empty() { 2.0 } else { 4.0 };
        for (value, label) in &x_ticks {
            self.0 += &format!("M{:.2} {bottom:.2}v{}", to.x(*value), length(label));
        }
        for (value, label) in &y_ticks {
            self.0 += &format!("M{x:.2} {:.2}h-{}", to.y(*value), length(label));
        }
        self.0 += "\"/>\n";
        if slot.has_x_labels {
            let line = bottom + PAD + SMALL;
            for (value, label) in x_ticks.iter().filter(|(_, label)| !label.is_empty()) {
                self.text((to.x(*value), line), "middle", SMALL, label);
            }
            let label = font::fitted(&panel.x.label, TEXT, width + 40.0);
            self.text((x + 0.5 * width, line + TEXT + 5.0), "middle", TEXT, &label);
        }
        let mut widest = 0.0f64;
        for (value, label) in y_ticks.iter().filter(|(_, label)| !label.is_empty()) {
            widest = widest.max(font::width(label, SMALL));
            self.text((x - PAD, to.y(*value) + 0.36 * SMALL), "end", SMALL, label);
        }
        if !panel.y.label.is_empty() {
            let label = font::fitted(&panel.y.label, TEXT, height + 20.0);
            let (at, middle) = (x - PAD - widest - 9.0, y + 0.5 * height);
            self.add(format_args!(
                "<text transform=\"translate({at:.1} {middle:.1}) rotate(-90)\" text-anchor=\"middle\" \
                 font-size=\"{TEXT}\">{}</text>\n",
                escaped(&label)
            ));
        }
    }

    fn legend(&mut self, names: &[&Series], (x, y): (f64, f64), height: f64) {
        let fitting = ((height / LINE).floor() as usize).max(1);
        for (line, series) in names.iter().enumerate().take(fitting) {
            let middle = y + LINE * (line as f64 + 0.4);
            let (left, right) = (x, x + SIGN);
            let stroke = hex(series.colour);
            match &series.shape {
                shape if is_filled(shape) => self.add(format_args!(
                    "<rect x=\"{left:.1}\" y=\"{:.1}\" width=\"{SIGN}\" height=\"8\" fill=\"{stroke}\" \
                     fill-opacity=\"0.4\"/>\n",
                    middle - 4.0
                )),
                Shape::Dots { .. } => self.add(format_args!(
                    "<circle cx=\"{:.1}\" cy=\"{middle:.1}\" r=\"3\" fill=\"{stroke}\"/>\n",
                    0.5 * (left + right)
                )),
                shape => {
                    let is_dashed = matches!(shape, Shape::Level(_) | Shape::Line { dashed: true, .. });
                    let dash = if is_dashed { " stroke-dasharray=\"4 3\"" } else { "" };
                    self.add(format_args!(
                        "<path d=\"M{left:.1} {middle:.1}H{right:.1}\" stroke=\"{stroke}\" stroke-width=\"2\"{dash}/>\n"
                    ));
                }
            }
            let name = match names.len() {
                n if n > fitting && line + 1 == fitting => format!("and {} more", n - line),
                _ => font::fitted(&series.name, SMALL, legend_width()),
            };
            self.text((right + 5.0, middle + 0.36 * SMALL), "start", SMALL, &name);
        }
    }

    /// The bar that tells what colours mean.
    fn bar(&mut self, n: usize, axis: &Axis, area: Area) {
        let Area { x, y, width, height } = area;
        let right = x + width;
        self.add(format_args!(
            "<linearGradient id=\"bar{n}\" x1=\"0\" y1=\"1\" x2=\"0\" y2=\"0\">"
        ));
        for k in 0..=32 {
            let share = f64::from(k) / 32.0;
            let colour = hex(super::figure::shade(share));
            self.add(format_args!("<stop offset=\"{share}\" stop-color=\"{colour}\"/>"));
        }
        self.add(format_args!(
            "</linearGradient>\n<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width}\" height=\"{height:.2}\" \
             fill=\"url(#bar{n})\"/>\n"
        ));
        for (value, label) in axis.ticks(6.0) {
            let at = y + height * (1.0 - axis.share(value));
            self.add(format_args!(
                "<path d=\"M{right:.2} {at:.2}h4\" stroke=\"{}\" stroke-width=\"0.8\"/>\n",
                hex(INK)
            ));
            self.text((right + PAD, at + 0.36 * SMALL), "start", SMALL, &label);
        }
    }

    fn series(&mut self, series: &Series, to: &To<'_>) {
        let colour = hex(series.colour);
        match &series.shape {
            Shape::Line { points, width, dashed } => {
                let dash = if *dashed { " stroke-dasharray=\"4 3\"" } else { "" };
                self.add(format_args!(
                    "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-linejoin=\"bevel\"{dash} d=\""
                ));
                self.path(points, to);
                self.0 += "\"/>\n";
            }
            Shape::Band { outline, opacity } => {
                self.add(format_args!("<path fill=\"{colour}\" fill-opacity=\"{opacity}\" d=\""));
                self.path(outline, to);
                self.0 += "Z\"/>\n";
            }
            Shape::Dots { points, radius, opacity } => {
                self.add(format_args!("<g fill=\"{colour}\" fill-opacity=\"{opacity}\">\n"));
                self.circles(points, *radius, to);
            }
            Shape::Rings { points, radius } => {
                self.add(format_args!("<g fill=\"none\" stroke=\"{colour}\">\n"));
                self.circles(points, *radius, to);
            }
            Shape::Strokes { strokes, width } => {
                // Filled rectangles: drawn faster than lines.
                self.add(format_args!("<path fill=\"{colour}\" fill-opacity=\"0.85\" d=\""));
                for (x, low, high) in strokes {
                    let (top, bottom) = (to.y(*high), to.y(*low));
                    self.0.push('M');
                    self.point((to.x(*x) - 0.5 * width, top));
                    self.0.push('h');
                    self.number(*width);
                    self.0.push('v');
                    self.number(bottom - top);
                    self.0.push('h');
                    self.number(-width);
                    self.0.push('z');
                }
                self.0 += "\"/>\n";
            }
            Shape::Level(level) => {
                let (y, Area { x, width, .. }) = (to.y(*level), to.area);
                self.add(format_args!(
                    "<path d=\"M{x:.2} {y:.2}h{width:.2}\" stroke=\"{colour}\" stroke-dasharray=\"4 3\"/>\n"
                ));
            }
            Shape::Cells { cells, hatched } => self.cells(cells, hatched, to),
            Shape::Picture { width, pixels } => {
                let height = pixels.len() / (3 * width.max(&1));
                let Some(png) = png::encoded(pixels, *width as u32, height as u32) else {
                    return;
                };
                let Area { x, y, width, height } = to.area;
                self.add(format_args!(
                    "<image x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" \
                     preserveAspectRatio=\"none\" image-rendering=\"optimizeSpeed\" \
                     xlink:href=\"data:image/png;base64,"
                ));
                self.0 += &base64::prelude::Engine::encode(&base64::prelude::BASE64_STANDARD, png);
                self.0 += "\"/>\n";
            }
        }
    }

    fn path(&mut self, points: &[(f64, f64)], to: &To<'_>) {
        for (n, (x, y)) in points.iter().enumerate() {
            self.0.push(if n == 0 { 'M' } else { 'L' });
            self.point((to.x(*x), to.y(*y)));
        }
    }

    fn circles(&mut self, points: &[(f64, f64)], radius: f64, to: &To<'_>) {
        for (x, y) in points {
            let (x, y) = (to.x(*x), to.y(*y));
            self.add(format_args!("<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{radius}\"/>\n"));
        }
        self.0 += "</g>\n";
    }

    fn cells(&mut self, cells: &[(f64, f64, f64, f64, Colour)], hatched: &[usize], to: &To<'_>) {
        self.0 += "<g shape-rendering=\"crispEdges\">\n";
        for (left, low, right, high, colour) in cells {
            let (x, y) = (to.x(*left), to.y(*high));
            let (width, height) = (to.x(*right) - x, to.y(*low) - y);
            self.add(format_args!(
                "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" fill=\"{}\"/>\n",
                hex(*colour)
            ));
        }
        self.0 += "</g>\n";
        /// The strokes of a hatched cell, from corner (0, 0) to corner (1, 1).
        const HATCH: [[(f64, f64); 2]; 3] =
            [[(0.0, 0.5), (0.5, 1.0)], [(0.0, 0.0), (1.0, 1.0)], [(0.5, 0.0), (1.0, 0.5)]];
        if hatched.is_empty() {
            return;
        }
        self.add(format_args!("<path fill=\"none\" stroke=\"{}\" d=\"", hex(INK)));
        for &cell in hatched {
            let Some((left, low, right, high, _)) = cells.get(cell) else { continue };
            for [from, end] in HATCH {
                let at = |(x, y): (f64, f64)| {
                    (to.x(left + x * (right - left)), to.y(low + y * (high - low)))
                };
                self.0.push('M');
                self.point(at(from));
                self.0.push('L');
                self.point(at(end));
            }
        }
        self.0 += "\"/>\n";
    }
}

/// Ticks to the right whose numbers do not run into each other.
fn fitting_x(axis: &Axis, width: f64) -> Vec<(f64, String)> {
    let mut wanted = ticks_right(width);
    loop {
        let ticks = axis.ticks(wanted);
        let labelled: Vec<_> = ticks.iter().filter(|(_, label)| !label.is_empty()).collect();
        let collide = labelled.windows(2).any(|pair| {
            let apart = width * (axis.share(pair[1].0) - axis.share(pair[0].0));
            let half = |label: &str| 0.5 * font::width(label, SMALL);
            apart < half(&pair[0].1) + half(&pair[1].1) + 6.0
        });
        if !collide || wanted <= 1.0 {
            return ticks;
        }
        wanted -= 1.0;
    }
}

fn hex(Colour(r, g, b): Colour) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Text as XML has it; what XML cannot hold is shown as a square.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
