//! Traces over time: the membrane potential with its threshold and spikes, gates, ionic currents, the
//! injected current.

use std::io::Write;

use plotters::coord::Shift;
use plotters::prelude::*;

use super::{
    Drawn, HEIGHT, TEXT, WIDTH, colour, font, png, pretty_unit, px, range, tick, time_axis,
};
use crate::error::Error;
use crate::experiment::{Experiment, time_ms};
use crate::output::folder::io_error;
use crate::population::Population;
use crate::trace::Trace;

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Figure<'a> {
    /// Where the traces are from.
    pub experiment: &'a Experiment,
    /// The time of each sample (ms).
    pub t_ms: &'a [f64],
    /// The neurons: the population of each, and its place there.
    pub neurons: &'a [(&'a Population, usize)],
    /// A trace of each.
    pub traces: &'a [Trace],
}

/// A panel: what is beside it, its curves (name, colour, values), a dashed level, spike times.
struct Panel<'a> {
    label: String,
    curves: Vec<(&'a str, RGBColor, &'a [f64])>,
    level: Option<f64>,
    spikes: Vec<(RGBColor, Vec<f64>)>,
}

impl Figure<'_> {
    /// Draws `trace.png`.
    ///
    /// # Errors
    /// If drawing or writing fails.
    pub fn png(&self, file: &mut dyn Write) -> Result<(), Error> {
        png(file, "trace.png", |area| self.draw(area))
    }

    /// Draws `trace.svg`.
    ///
    /// # Errors
    /// If drawing or writing fails.
    pub fn svg(&self, file: &mut dyn Write) -> Result<(), Error> {
        super::register_font();
        let failed = |message: String| Error::Figure { figure: "trace.svg".into(), message };
        let mut text = String::new();
        {
            let area =
                SVGBackend::with_string(&mut text, (px(WIDTH), px(HEIGHT))).into_drawing_area();
            area.fill(&WHITE).map_err(|error| failed(error.to_string()))?;
            self.draw(&area).map_err(|error| failed(error.to_string()))?;
            area.present().map_err(|error| failed(error.to_string()))?;
        }
        file.write_all(text.as_bytes()).map_err(io_error)
    }

    /// The potential and the current of all neurons; gates and ionic currents of the first, where
    /// curves of several would hide each other.
    fn panels(&self) -> Vec<Panel<'_>> {
        let (Some(first), Some((population, neuron))) = (self.traces.first(), self.neurons.first())
        else {
            return Vec::new();
        };
        let parameter = |name: &str| {
            let values = &population.parameters[population.model.parameter(name)?];
            Some(values.of(*neuron))
        };
        let rows = |names: &[&str]| -> Vec<(&str, RGBColor, &[f64])> {
            let chosen = first.variables.iter().zip(&first.values);
            chosen
                .filter(|(variable, _)| names.contains(&variable.name))
                .enumerate()
                .map(|(n, (variable, values))| (variable.name, colour(n), &values[..]))
                .collect()
        };
        let scale = time_axis(self.experiment.duration_ms()).0;
        let mut panels = vec![Panel {
            label: "V [mV]".into(),
            curves: self
                .traces
                .iter()
                .enumerate()
                .map(|(n, t)| ("", colour(n), &t.values[0][..]))
                .collect(),
            level: parameter("v_th").or(parameter("v_spike")),
            spikes: self
                .traces
                .iter()
                .enumerate()
                .map(|(n, trace)| {
                    let times = trace.spike_steps.iter();
                    (colour(n), times.map(|&s| time_ms(s, self.experiment.dt_ms) * scale).collect())
                })
                .collect(),
        }];
        let gates: Vec<&str> =
            population.model.states.iter().filter(|s| s.unit == "1").map(|s| s.name).collect();
        let currents: Vec<&str> = population
            .model
            .observables
            .iter()
            .filter(|o| o.name.starts_with("i_"))
            .map(|o| o.name)
            .collect();
        let unit = pretty_unit(population.model.current_unit);
        for (names, label) in [(gates, "open".to_owned()), (currents, format!("I ionic [{unit}]"))]
        {
            if !names.is_empty() {
                panels.push(Panel { label, curves: rows(&names), level: None, spikes: vec![] });
            }
        }
        panels.push(Panel {
            label: format!("I injected [{unit}]"),
            curves: self
                .traces
                .iter()
                .enumerate()
                .map(|(n, t)| ("", colour(n), &t.current[..]))
                .collect(),
            level: None,
            spikes: vec![],
        });
        panels
    }

    fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn
    where
        DB::ErrorType: 'static,
    {
        let panels = self.panels();
        let (scale, time) = time_axis(self.experiment.duration_ms());
        let (from, to) = (self.t_ms[0] * scale, self.t_ms[self.t_ms.len() - 1] * scale);
        let last = panels.len() - 1;
        for (n, (panel, area)) in
            panels.iter().zip(area.split_evenly((panels.len(), 1))).enumerate()
        {
            let values =
                || panel.curves.iter().flat_map(|curve| curve.2).copied().chain(panel.level);
            let low = values().fold(f64::INFINITY, f64::min);
            let high = values().fold(f64::NEG_INFINITY, f64::max);
            let margin = if high > low { 0.06 * (high - low) } else { 1.0 };
            // Spikes are drawn above the potential.
            let room = if panel.spikes.is_empty() { margin } else { 3.0 * margin };
            let mut chart = ChartBuilder::on(&area)
                .margin(px(8))
                .margin_right(px(40))
                .set_label_area_size(LabelAreaPosition::Left, px(110))
                .set_label_area_size(LabelAreaPosition::Bottom, px(if n == last { 70 } else { 26 }))
                .build_cartesian_2d(range(from, to), range(low - margin, high + room))?;
            chart
                .configure_mesh()
                .light_line_style(TRANSPARENT)
                .x_desc(if n == last { time } else { "" })
                .y_desc(&panel.label)
                .y_labels(4)
                .x_label_formatter(&tick)
                .y_label_formatter(&tick)
                .label_style(font(20))
                .axis_desc_style(font(TEXT))
                .draw()?;
            for (name, colour, values) in &panel.curves {
                let points = self.t_ms.iter().map(|t| t * scale).zip(values.iter().copied());
                // A state that diverged is no point.
                let points = points.filter(|point| point.1.is_finite());
                let points = super::thinned(points.collect());
                let width = super::line_width(&points);
                let line = LineSeries::new(points, colour.stroke_width(width));
                let series = chart.draw_series(line)?;
                if !name.is_empty() {
                    series.label(*name).legend(super::legend_line(*colour));
                }
            }
            if let Some(level) = panel.level {
                let style = RGBColor(110, 110, 110).stroke_width(px(2));
                chart.draw_series(DashedLineSeries::new(
                    [(from, level), (to, level)],
                    px(8),
                    px(6),
                    style,
                ))?;
            }
            for (colour, times) in &panel.spikes {
                let ends = |&t: &f64| [(t, high + 0.8 * margin), (t, high + 2.6 * margin)];
                let ticks =
                    times.iter().map(|t| PathElement::new(ends(t), colour.stroke_width(px(2))));
                chart.draw_series(ticks)?;
            }
            if panel.curves.iter().any(|curve| !curve.0.is_empty()) {
                super::legend(&mut chart)?;
            }
        }
        Ok(())
    }
}
