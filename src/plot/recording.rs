//! Figures of recordings: spectra of signals, statistics of spike times.

use std::io::Write;

use plotters::chart::{ChartBuilder, LabelAreaPosition};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::{Area, Drawn, TEXT, colour, font, line_width, png, px, range, thinned, tick};
use crate::analysis::recorded::{Binned, Statistics};
use crate::error::Error;

type Chart<'a, 'b> =
    ChartContext<'a, BitMapBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// One panel of a figure: a caption, labels, and ranges of the axes.
struct Panel<'a> {
    caption: &'a str,
    x: (&'a str, f64, f64),
    y: (&'a str, f64, f64),
}

impl Panel<'_> {
    fn chart<'a, 'b>(
        &self,
        area: &'a Area<'b>,
    ) -> Result<Chart<'a, 'b>, Box<dyn std::error::Error>> {
        let mut chart = ChartBuilder::on(area)
            .caption(self.caption, font(TEXT))
            .margin(px(10))
            .margin_right(px(30))
            .set_label_area_size(LabelAreaPosition::Left, px(110))
            .set_label_area_size(LabelAreaPosition::Bottom, px(66))
            .build_cartesian_2d(range(self.x.1, self.x.2), range(self.y.1, self.y.2))
            .map_err(|error| error.to_string())?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .x_desc(self.x.0)
            .y_desc(self.y.0)
            .x_labels(6)
            .y_labels(5)
            .x_label_formatter(&tick)
            .y_label_formatter(&tick)
            .label_style(font(20))
            .axis_desc_style(font(20))
            .draw()
            .map_err(|error| error.to_string())?;
        Ok(chart)
    }
}

/// Draws the spectrum of a signal, linear and in decibels relative to its largest value.
///
/// # Errors
/// If drawing or writing fails.
pub fn spectrum(
    file: &mut dyn Write,
    caption: &str,
    frequencies_hz: &[f64],
    power: &[f64],
) -> Result<(), Error> {
    png(file, "spectrum.png", |area| {
        let end = frequencies_hz.last().copied().unwrap_or(1.0);
        let highest = power.iter().copied().fold(0.0, f64::max);
        let decibels: Vec<f64> =
            power.iter().map(|p| 10.0 * (p / highest).max(1e-20).log10()).collect();
        let lowest = decibels.iter().skip(1).copied().fold(0.0, f64::min);
        let (upper, lower) = area.split_vertically(px(500));
        let panels = [
            (upper, caption, "power [unit²/Hz]", power, (0.0, highest * 1.05)),
            (lower, "", "power [dB of the largest]", &decibels[..], (lowest * 1.05, 0.0)),
        ];
        for (area, caption, y, values, (from, to)) in panels {
            let panel = Panel { caption, x: ("frequency [Hz]", 0.0, end), y: (y, from, to) };
            let mut chart = panel.chart(&area)?;
            let points =
                thinned(frequencies_hz.iter().copied().zip(values.iter().copied()).collect());
            let style = colour(0).stroke_width(line_width(&points));
            chart.draw_series(LineSeries::new(points, style))?;
        }
        Ok(())
    })
}

/// Draws the statistics of recorded spike times.
///
/// # Errors
/// If drawing or writing fails.
pub fn intervals(file: &mut dyn Write, statistics: &Statistics) -> Result<(), Error> {
    png(file, "intervals.png", |area| panels(area, statistics))
}

fn panels(area: &Area<'_>, s: &Statistics) -> Drawn {
    let areas = area.split_evenly((2, 3));
    let density = &s.histogram_per_s;
    let end = density.bin_s * density.values.len() as f64;
    let caption = s.cv.map_or("CV not defined".into(), |cv| format!("CV {cv:.3}"));
    bars(&areas[0], &caption, ("interval [s]", "density [1/s]"), density)?;

    let panel = Panel {
        caption: "return map",
        x: ("interval [s]", 0.0, end),
        y: ("next interval [s]", 0.0, end),
    };
    let mut chart = panel.chart(&areas[1])?;
    let pairs = s.intervals_s.iter().flat_map(|intervals| intervals.windows(2));
    let dots = pairs.filter(|pair| pair[0] <= end && pair[1] <= end);
    let dots =
        dots.map(|pair| Circle::new((pair[0], pair[1]), px(3) as i32, colour(0).mix(0.4).filled()));
    chart.draw_series(dots)?;

    bars(&areas[2], "autocorrelogram", ("lag [s]", "rate [Hz]"), &s.autocorrelogram_hz)?;
    bars(&areas[3], "hazard", ("time since the last spike [s]", "hazard [Hz]"), &s.hazard_hz)?;

    let fano: Vec<(f64, f64)> =
        s.fano_windows.iter().filter_map(|fano| Some((fano.window_s, fano.value?))).collect();
    let highest = fano.iter().map(|p| p.1).fold(1.0, f64::max) * 1.1;
    let (from, to) = (fano.first().map_or(1e-3, |p| p.0), fano.last().map_or(1.0, |p| p.0));
    let mut chart = ChartBuilder::on(&areas[4])
        .caption("Fano factor (dashed: Poisson)", font(TEXT))
        .margin(px(10))
        .margin_right(px(30))
        .set_label_area_size(LabelAreaPosition::Left, px(110))
        .set_label_area_size(LabelAreaPosition::Bottom, px(66))
        .build_cartesian_2d((from..to.max(from * 10.0)).log_scale(), 0.0..highest)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("window [s]")
        .y_desc("variance / mean of counts")
        .x_label_formatter(&tick)
        .y_label_formatter(&tick)
        .label_style(font(20))
        .axis_desc_style(font(20))
        .draw()?;
    let one = [(from, 1.0), (to.max(from * 10.0), 1.0)];
    chart.draw_series(DashedLineSeries::new(
        one,
        px(6),
        px(5),
        BLACK.mix(0.6).stroke_width(px(2)),
    ))?;
    chart.draw_series(LineSeries::new(fano, colour(0).stroke_width(px(3))))?;

    let rate = &s.rate_over_time;
    let middle = |bin: usize| (bin as f64 + 0.5) * rate.bin_s;
    let points: Vec<(f64, f64)> =
        rate.values.iter().enumerate().map(|(bin, &hz)| (middle(bin), hz)).collect();
    let end = s.duration_s;
    let highest = points.iter().map(|p| p.1).fold(0.0, f64::max) * 1.1;
    let panel = Panel {
        caption: "rate over time",
        x: ("time [s]", 0.0, end),
        y: ("rate [Hz]", 0.0, highest),
    };
    let mut chart = panel.chart(&areas[5])?;
    chart.draw_series(LineSeries::new(points, colour(0).stroke_width(px(2))))?;
    Ok(())
}

fn bars(area: &Area<'_>, caption: &str, (x, y): (&str, &str), binned: &Binned) -> Drawn {
    let highest = binned.values.iter().copied().fold(0.0, f64::max) * 1.1;
    let end = binned.bin_s * binned.values.len() as f64;
    let panel = Panel { caption, x: (x, 0.0, end), y: (y, 0.0, highest) };
    let mut chart = panel.chart(area)?;
    let outline: Vec<_> = binned
        .values
        .iter()
        .enumerate()
        .flat_map(|(k, &v)| [(k as f64 * binned.bin_s, v), ((k + 1) as f64 * binned.bin_s, v)])
        .collect();
    chart.draw_series(AreaSeries::new(outline.clone(), 0.0, colour(0).mix(0.35)))?;
    chart.draw_series(LineSeries::new(outline, colour(0).stroke_width(px(2))))?;
    Ok(())
}
