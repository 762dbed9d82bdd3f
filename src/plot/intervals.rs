//! The histogram of inter-spike intervals.

use super::{Axis, Figure, Panel, Shape, colour, filled, pretty_unit, steps};
use crate::population::{Population, Source, Values};
use crate::results::notes::is_under_sampled;
use crate::results::{PopulationResults, Recorded};
use crate::unit::tell;

/// The figure of the intervals of some populations under their names; `of` says which they are, if not all.
pub fn figure(results: &[(String, &PopulationResults)], of: &str) -> Figure {
    let several = results.len() > 1;
    let noises: Vec<String> = results.iter().map(|(_, r)| noise(&r.population)).collect();
    // Noise that all have is told once.
    let common = noises.first().filter(|first| noises.iter().all(|other| other == *first));
    let histograms: Vec<_> = results
        .iter()
        .enumerate()
        .filter_map(|(n, (name, results))| {
            let recorded = results.recorded.as_ref()?;
            let histogram = recorded.histogram.as_ref()?;
            let name = if several { format!("{name}: ") } else { String::new() };
            let title = name + &cv(results, recorded);
            Some((n, title, histogram.bin_ms, histogram.density()))
        })
        .collect();
    let longest = histograms.iter().map(|h| h.2 * h.3.len() as f64).fold(0.0, f64::max);
    let highest = histograms.iter().flat_map(|h| &h.3).fold(0.0, |a: f64, b| a.max(*b));
    let caption: String = match &histograms[..] {
        [(_, title, ..)] if of.is_empty() => title.clone(),
        _ => format!("inter-spike intervals{of}"),
    } + &common.map_or(String::new(), |noise| format!(", {noise}"));
    // A margin on the right, so that a lone bin does not touch the edge.
    let x = Axis::linear("inter-spike interval [ms]", 0.0, 1.02 * longest);
    let mut panel = Panel::new(x, Axis::from_zero("probability density [1/ms]", highest));
    for (n, title, bin_ms, density) in histograms {
        let outline = steps(0.0, bin_ms, &density);
        panel.add("", colour(n), filled(&outline, if several { 0.12 } else { 0.35 }));
        let name = if several { title } else { String::new() };
        panel.add(name, colour(n), Shape::line(outline));
    }
    Figure::column("intervals", caption, vec![panel])
}

/// The population's CV: the mean over its neurons, marked where their intervals are few.
fn cv(results: &PopulationResults, recorded: &Recorded) -> String {
    let mark = if is_under_sampled(results) { "*" } else { "" };
    match recorded.intervals.cv.mean() {
        Some(cv) => format!("CV {cv:.3}{mark}"),
        None => "CV not defined".into(),
    }
}

/// The noise in words.
pub fn noise(population: &Population) -> String {
    let sources = population.sources().iter().filter(|source| source.is_noise()).map(noise_of);
    let inside = population.is_noisy_inside().then(|| "noise inside the model".to_owned());
    let all: Vec<String> = sources.chain(inside).collect();
    if all.is_empty() { "no noise".into() } else { all.join("; ") }
}

/// A source of noise in words: with its values, if those are few.
fn noise_of(source: &Source) -> String {
    let title = source.part().definition.title.clone();
    if source.is_on_tape() {
        return title;
    }
    let values: Vec<_> = source
        .parameters()
        .iter()
        .zip(source.values())
        .map(|(parameter, values)| {
            let symbol = match parameter.name {
                "sigma" => "σ",
                "tau" => "τ",
                other => other,
            };
            let unit = pretty_unit(parameter.unit);
            match values {
                // No value, or none in common: nothing to tell.
                Values::Same(value) if value.is_nan() => String::new(),
                Values::Same(value) if parameter.name == "common" && *value == 0.0 => String::new(),
                Values::Same(value) => format!("{symbol} = {} {unit}", tell(*value)),
                Values::Each(_) => format!("{symbol} of each neuron"),
            }
        })
        .filter(|told| !told.is_empty())
        .collect();
    format!("{title}, {}", values.join(", "))
}
