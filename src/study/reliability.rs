//! Reliability of spike times: how alike the spike trains of trials are.

use super::{Found, missing};
use crate::error::Error;
use crate::experiment::Experiment;
use crate::plot::{Axis, Figure, Panel, Shape, colour, time_axis};
use crate::results::Results;
use crate::spikes::SpikeTrains;
use crate::unit::tell;

/// The width of the Gaussian by which spikes are alike (ms).
const WIDTH_MS: f64 = 1.0;

/// The rasters of all populations, and how reliable each is in the first and the second half.
pub fn found(_experiment: &Experiment, results: &Results) -> Result<Found, Error> {
    let [begin, end] = results.window.ends_ms(results.dt_ms);
    let middle = 0.5 * (begin + end);
    let (scale, label) = time_axis(end);
    let (mut panels, mut rows, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for (n, (population, kept)) in results.kept().enumerate() {
        let trains = &kept.trains;
        if trains.neurons() < 2 {
            return Err(missing("two neurons or more, each a trial", "use --neurons 25"));
        }
        let [first, second] =
            [(begin, middle), (middle, end)].map(|part| reliability(trains, results.dt_ms, part));
        let axis = Axis::linear(label, begin * scale, end * scale);
        let height = trains.neurons() as f64;
        let mut panel = Panel::new(axis, Axis::linear("trial", 0.0, height)).titled(format!(
            "{}: reliability {} in the first half, {} in the second",
            population.name(),
            told(first),
            told(second)
        ));
        let strokes = trains.iter().enumerate().flat_map(|(row, train)| {
            let low = row as f64;
            let at = |step: &u32| f64::from(*step) * results.dt_ms * scale;
            train.iter().map(move |step| (at(step), low + 0.1, low + 0.9)).collect::<Vec<_>>()
        });
        panel.add("", colour(n), Shape::Strokes { strokes: strokes.collect(), width: 0.9 });
        panels.push(panel);
        lines.push(format!(
            "{}: reliability {} in the first half, {} in the second",
            population.name(),
            told(first),
            told(second)
        ));
        rows.push(vec![n as f64, first.unwrap_or(f64::NAN), second.unwrap_or(f64::NAN)]);
    }
    if panels.is_empty() {
        return Err(missing("spikes", "use --record spikes"));
    }
    Ok(Found {
        figure: Figure::column("reliability", "Reliability of spike times", panels),
        header: ["population", "reliability_first_half", "reliability_second_half"]
            .map(str::to_owned)
            .to_vec(),
        rows,
        lines,
    })
}

fn told(reliability: Option<f64>) -> String {
    reliability.map_or("not defined".into(), |x| tell((x * 100.0).round() / 100.0))
}

/// The mean over pairs of trials of the cosine between their spike trains, each spike a Gaussian (Schreiber et al. 2003); none
/// if there are not two trials with spikes.
pub fn reliability(trains: &SpikeTrains, dt_ms: f64, (from, to): (f64, f64)) -> Option<f64> {
    let times = |train: &[u32]| -> Vec<f64> {
        let all = train.iter().map(|step| f64::from(*step) * dt_ms);
        all.filter(|time| (from..to).contains(time)).collect()
    };
    let trains: Vec<Vec<f64>> =
        trains.iter().map(times).filter(|train| !train.is_empty()).collect();
    let norms: Vec<f64> = trains.iter().map(|train| overlap(train, train).sqrt()).collect();
    let (mut sum, mut pairs) = (0.0, 0);
    for (n, train) in trains.iter().enumerate() {
        for (m, other) in trains.iter().enumerate().skip(n + 1) {
            sum += overlap(train, other) / (norms[n] * norms[m]);
            pairs += 1;
        }
    }
    (pairs > 0).then(|| sum / f64::from(pairs))
}

/// The overlap of two trains of Gaussians: one of the root of two times the width for each pair of spikes.
fn overlap(a: &[f64], b: &[f64]) -> f64 {
    const FAR: f64 = 8.0 * WIDTH_MS;
    let mut first = 0;
    let mut sum = 0.0;
    for time in a {
        while b.get(first).is_some_and(|other| *other < time - FAR) {
            first += 1;
        }
        let near = b[first..].iter().take_while(|other| **other <= time + FAR);
        sum += near
            .map(|other| (-(time - other).powi(2) / (4.0 * WIDTH_MS * WIDTH_MS)).exp())
            .sum::<f64>();
    }
    sum
}
