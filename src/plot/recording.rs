//! Figures of recordings: spectra of signals, statistics of spike times.

use super::{Axis, Figure, GREY, Panel, Points, Shape, colour, extent, filled, steps, thinned};
use crate::analysis::recorded::{Binned, Statistics};
use crate::analysis::trials::Estimate;

/// The figure of a signal's spectrum, linear and in decibels relative to its largest value.
pub fn spectrum(title: &str, estimate: &Estimate) -> Figure {
    let Estimate { frequency_hz, power, .. } = estimate;
    let highest = power.iter().copied().fold(0.0, f64::max);
    let decibels = power.iter().map(|p| 10.0 * (p / highest).max(1e-20).log10());
    let decibels: Vec<f64> = decibels.collect();
    // The mean was subtracted: what is left at 0 Hz is rounding.
    let lowest = extent(decibels.iter().skip(1).copied()).0;
    let end = frequency_hz.last().copied().unwrap_or(1.0);
    let panel = |y: Axis, values: &[f64]| {
        let mut panel = Panel::new(Axis::linear("frequency [Hz]", 0.0, end), y);
        let points: Points = frequency_hz.iter().copied().zip(values.iter().copied()).collect();
        panel.add("", colour(0), Shape::line(thinned(points)));
        panel
    };
    let linear = panel(Axis::from_zero("power [unit²/Hz]", highest), power);
    let depth = Axis::linear("power [dB of the largest]", 1.05 * lowest.min(-1.0), 0.0);
    Figure::column("spectrum", title, vec![linear, panel(depth, &decibels)])
}

/// The figure of the statistics of recorded spike times.
pub fn intervals(s: &Statistics) -> Figure {
    let density = &s.histogram_per_s;
    let end = density.bin_s * density.values.len() as f64;
    let cv = s.cv.map_or("CV not defined".into(), |cv| format!("CV {cv:.3}"));

    let axis = |label: &str| Axis::linear(label, 0.0, end);
    let mut map = Panel::new(axis("interval [s]"), axis("next interval [s]")).titled("return map");
    let pairs = s.intervals_s.iter().flat_map(|intervals| intervals.windows(2));
    let dots = pairs.map(|pair| (pair[0], pair[1])).filter(|(a, b)| *a <= end && *b <= end);
    // More dots than this are a stain.
    let dots: Points = dots.take(5000).collect();
    map.add("", colour(0), Shape::Dots { points: dots, radius: 1.5, opacity: 0.4 });

    let fano: Points =
        s.fano_windows.iter().filter_map(|fano| Some((fano.window_s, fano.value?))).collect();
    let (from, to) = extent(fano.iter().map(|point| point.0));
    let highest = fano.iter().map(|point| point.1).fold(1.0, f64::max);
    let x = Axis::log("window [s]", from, to);
    let mut factor = Panel::new(x, Axis::from_zero("variance / mean of counts", highest));
    factor.add("", GREY, Shape::Level(1.0));
    factor.add("", colour(0), Shape::line(fano));

    let rate = &s.rate_over_time;
    let highest = rate.values.iter().copied().fold(0.0, f64::max);
    let x = Axis::linear("time [s]", 0.0, s.duration_s);
    let mut over_time = Panel::new(x, Axis::from_zero("rate [Hz]", highest));
    let mut outline = steps(0.0, rate.bin_s, &rate.values);
    outline.iter_mut().for_each(|point| point.0 = point.0.min(s.duration_s));
    over_time.add("", colour(0), Shape::line(outline));

    let panels = vec![
        bars("interval [s]", "density [1/s]", density).titled(cv),
        map,
        bars("lag [s]", "rate [Hz]", &s.autocorrelogram_hz).titled("autocorrelogram"),
        bars("time since the last spike [s]", "hazard [Hz]", &s.hazard_hz).titled("hazard"),
        factor.titled("Fano factor (dashed: Poisson)"),
        over_time.titled("rate over time"),
    ];
    Figure { columns: 3, ..Figure::column("intervals", "", panels) }
}

fn bars(x: &str, y: &str, binned: &Binned) -> Panel {
    let highest = binned.values.iter().copied().fold(0.0, f64::max);
    let end = binned.bin_s * binned.values.len() as f64;
    let mut panel = Panel::new(Axis::linear(x, 0.0, end), Axis::from_zero(y, highest));
    let outline = steps(0.0, binned.bin_s, &binned.values);
    panel.add("", colour(0), filled(&outline, 0.35));
    panel.add("", colour(0), Shape::line(outline));
    panel
}
