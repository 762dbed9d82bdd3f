//! What is told of results, in a line each: what of them is not yet what was meant.

use super::oscillation::unseen_oscillations;
use super::{PopulationResults, Results};
use crate::analysis::intervals::FEW_INTERVALS;
use crate::analysis::two_digits_up;
use crate::experiment::Experiment;
use crate::unit::tell;
use crate::window::time_ms;

/// All notes on the results of an experiment.
pub fn notes(experiment: &Experiment, results: &Results) -> Vec<String> {
    let notes = [
        start(results),
        few_intervals(results),
        no_counts(results),
        unseen_oscillations(experiment, results),
    ];
    notes.into_iter().flatten().collect()
}

/// That populations still show how they started, and from when on they do not.
fn start(results: &Results) -> Option<String> {
    let starting: Vec<(&str, Option<u32>)> = results
        .recorded()
        .filter_map(|(population, recorded)| {
            Some((population.name.as_str(), recorded.transient?.until))
        })
        .collect();
    // None is the longest of all: to the end.
    let (name, until) = *starting.iter().max_by_key(|(_, until)| until.unwrap_or(u32::MAX))?;
    let whose = match starting.len() {
        1 => format!("`{name}` still shows its start"),
        n => format!("{n} populations still show their start, `{name}` the longest"),
    };
    let ms = until.map(|step| time_ms(step, results.dt_ms));
    let end = time_ms(results.window.to, results.dt_ms);
    // What is no longer beyond chance is still there: half as long again, and it is small.
    Some(match ms.map(|ms| (ms, two_digits_up(1.5 * ms))) {
        Some((ms, from)) if from < end => format!(
            "{whose}: until {} ms the rate over time differs from its later mean; --from {}ms leaves that out",
            tell(ms),
            tell(from)
        ),
        _ => format!(
            "{whose}: to the end of the window the rate over time differs from its mean; use a longer --duration, \
             with --from"
        ),
    })
}

/// That CVs are too low for want of intervals, and which duration would do.
fn few_intervals(results: &Results) -> Option<String> {
    let marked: Vec<&PopulationResults> =
        results.populations.iter().filter(|cell| is_under_sampled(cell) && has_cv(cell)).collect();
    let first = marked.first()?;
    let whose = match marked.len() {
        1 => format!("the CV of `{}` is", first.population.name),
        n => format!("{n} CVs are"),
    };
    let few = format!(
        "{whose} too low (marked *): more than a tenth of the neurons have fewer than {FEW_INTERVALS} intervals, \
         the long ones missing"
    );
    let durations = marked.iter().map(|cell| sufficient_seconds(cell, results));
    let begin = time_ms(results.window.from, results.dt_ms) * 1e-3;
    Some(match durations.collect::<Option<Vec<f64>>>() {
        Some(durations) if results.window.to == results.steps => {
            let longest = durations.into_iter().fold(0.0, f64::max);
            let duration = two_digits_up(begin + longest);
            format!("{few}; at these rates --duration {}s would do", tell(duration))
        }
        _ if first.population.pulse().is_some() => {
            format!("{few}; use a longer pulse, and a window within it (--from, --to)")
        }
        _ => format!("{few}; use a longer window"),
    })
}

/// The length of a window (s) in which nine tenths of the neurons would have enough intervals, if they go on as
/// they did; none if the stimulus does not.
fn sufficient_seconds(cell: &PopulationResults, results: &Results) -> Option<f64> {
    if !cell.population.is_steady() {
        return None;
    }
    let mut counts = cell.counts.clone();
    let (_, tenth, _) = counts.select_nth_unstable((cell.counts.len() - 1) / 10);
    // The mean where a tenth is silent: a rate that is too high, if neurons differ.
    let slow = if *tenth > 0 {
        f64::from(*tenth) / (1e-3 * results.window_ms())
    } else {
        cell.rates.hz.mean()?
    };
    // The number of spikes in a window varies by at most about its root: 1.3 of it below the mean is a tenth.
    let wanted = FEW_INTERVALS as f64 + 1.0;
    Some((wanted + 1.3 * wanted.sqrt()) / slow)
}

/// Whether a population has too few intervals for a CV: without noise there is nothing to miss.
pub fn is_under_sampled(cell: &PopulationResults) -> bool {
    cell.population.is_noisy()
        && cell.recorded.as_ref().is_some_and(|recorded| recorded.intervals.are_few())
}

/// Whether a population has a CV at all.
pub fn has_cv(cell: &PopulationResults) -> bool {
    cell.recorded.as_ref().is_some_and(|recorded| recorded.intervals.cv.count > 0)
}

/// That windows for counts are too long for the analysis window.
fn no_counts(results: &Results) -> Option<String> {
    let none = results.recorded().all(|(_, recorded)| recorded.counts.is_none());
    (results.are_recorded() && none && results.window.steps() > 0).then(|| {
        "fewer than two of the windows in which spikes are counted (--window) fit: there is no Fano factor over \
         windows, and no correlation"
            .to_owned()
    })
}
