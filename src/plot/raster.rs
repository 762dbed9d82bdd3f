//! The raster: a stroke per spike, a row per neuron; the population rate under it.

use super::axis::number;
use super::{Axis, COLOURS, Figure, Panel, Scale, Shape, colour, steps, time_axis};
use crate::analysis::rate;
use crate::results::Results;
use crate::sink::RATE_BINS;
use crate::window::Window;

/// At most this many neurons are shown, shared among the populations.
const ROWS: usize = 200;

/// At most this much time is shown (ms): beyond, spikes could not be told apart.
const WINDOW_MS: f64 = 2000.0;

/// The figure of a run's spikes.
pub fn figure(results: &Results) -> Figure {
    let window = shown_window(results);
    let [begin_ms, end_ms] = window.ends_ms(results.dt_ms);
    let (scale, label) = time_axis(end_ms);
    let (begin, end) = (begin_ms * scale, end_ms * scale);
    let per_population = (ROWS / results.populations.len().max(1)).max(1);
    let shown: Vec<&[usize]> = results
        .kept()
        .map(|(_, kept)| &kept.neurons[..kept.neurons.len().min(per_population)])
        .collect();
    let rows: usize = shown.iter().map(|neurons| neurons.len()).sum();
    let time = Axis::linear(label, begin, end);

    let mut raster = Panel::new(time.clone(), neurons_axis(results, &shown));
    raster.weight = 2.4;
    let mut row = 0;
    // Wide enough to be seen.
    let width = 0.9;
    for (n, ((_, kept), shown)) in results.kept().zip(&shown).enumerate() {
        let mut strokes = Vec::new();
        for train in kept.trains.iter().take(shown.len()) {
            let low = row as f64;
            let at = |step: &u32| f64::from(*step) * results.dt_ms * scale;
            strokes.extend(window.of(train).iter().map(|step| (at(step), low + 0.1, low + 0.9)));
            row += 1;
        }
        raster.add("", colour(n), Shape::Strokes { strokes, width });
    }

    let rates: Vec<_> = results
        .recorded()
        .map(|(population, recorded)| match &recorded.kept {
            // A sample does not show the rate of all.
            Some(kept) if kept.neurons.len() == population.neurons && window != results.window => {
                rate::over_time(&kept.trains, window, results.dt_ms, RATE_BINS)
            }
            _ => recorded.rate.clone(),
        })
        .collect();
    let highest = rates.iter().flat_map(|rate| &rate.hz).fold(0.0, |a: f64, b| a.max(*b));
    let mut lower = Panel::new(time, Axis::from_zero("rate [Hz]", highest));
    // More cannot be told apart; the raster has them all.
    let is_named = (2..=COLOURS).contains(&rates.len());
    for (n, rate) in rates.iter().enumerate() {
        let mut points = steps(begin, rate.bin_ms * scale, &rate.hz);
        points.iter_mut().for_each(|point| point.0 = point.0.min(end));
        let name = if is_named { results.populations[n].population.name.as_str() } else { "" };
        lower.add(name, colour(n), Shape::line(points));
    }
    Figure::column("raster", title(results, rows, window), vec![raster, lower])
}

/// The axis of neurons: their indices in the experiment, at each population's first row where there are several.
fn neurons_axis(results: &Results, shown: &[&[usize]]) -> Axis {
    let rows: usize = shown.iter().map(|neurons| neurons.len()).sum();
    let label = if rows == 1 { "neuron" } else { "neuron (index)" };
    if results.populations.len() == 1 {
        let axis = Axis::linear(label, 0.0, rows as f64);
        // A row's tick is at its middle; there is no half neuron, and none after the last.
        let ticks =
            axis.ticks(6.0).into_iter().filter(|(row, _)| row.fract() == 0.0 && *row < rows as f64);
        let index = |row: f64| number(shown[0][row as usize] as f64);
        let names = ticks.map(|(row, _)| (row + 0.5, index(row))).collect();
        return Axis { scale: Scale::Named(names), ..axis };
    }
    let mut row = 0;
    let names = shown.iter().filter(|shown| !shown.is_empty()).map(|shown| {
        let name = (row as f64 + 0.5, shown[0].to_string());
        row += shown.len();
        name
    });
    Axis::named(label, rows as f64, names.collect())
}

/// The first part of the analysis window.
fn shown_window(results: &Results) -> Window {
    let Window { from, to } = results.window;
    let most = (WINDOW_MS / results.dt_ms).round() as u32;
    Window { from, to: to.min(from.saturating_add(most)) }
}

fn title(results: &Results, rows: usize, window: Window) -> String {
    let names: Vec<_> = results.populations.iter().map(|p| p.population.name.as_str()).collect();
    /// More names do not fit a line.
    const MOST_NAMES: usize = 4;
    let mut title = match names.len() {
        n if n > MOST_NAMES => format!("{n} populations"),
        _ => names.join(", "),
    };
    match results.populations.len() {
        _ if rows == results.neurons() => {}
        _ if results.kept().any(|(p, kept)| kept.neurons.len() < p.neurons) => {
            title += &format!(": {rows} of {} neurons", results.neurons());
        }
        1 => title += &format!(": the first {rows} of {} neurons", results.neurons()),
        _ => title += &format!(": {rows} of {} neurons, the first of each", results.neurons()),
    }
    if window.to < results.window.to {
        let first = if window.from == 0 { "the first " } else { "" };
        title += &format!(", {first}{} s", number(window.duration_ms(results.dt_ms) * 1e-3));
    }
    title
}
