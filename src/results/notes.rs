//! What is told of results, in a line each: what of them is not yet what was meant.

use super::oscillation::unseen_oscillations;
use super::{PopulationResults, Results};
use crate::analysis::intervals::FEW_INTERVALS;
use crate::analysis::transient;
use crate::analysis::two_digits_up;
use crate::drive::{NoiseKind, StimulusKind};
use crate::experiment::{Experiment, time_ms};
use crate::population::Population;
use crate::unit::tell;

/// All notes on the results of an experiment.
pub fn notes(experiment: &Experiment, results: &Results) -> Vec<String> {
    let notes = [start(results), few_intervals(results), unseen_oscillations(experiment, results)];
    notes.into_iter().flatten().collect()
}

/// Whether a population has a steady state that chance makes it reach: a constant stimulus, and noise.
fn settles(population: &Population) -> bool {
    population.stimulus_kind == StimulusKind::Constant
        && matches!(population.noise_kind, NoiseKind::White | NoiseKind::Ou)
        && population.noise[0].iter().any(|sigma| sigma > 0.0)
}

/// That populations still show how they started, and from when on they do not.
fn start(results: &Results) -> Option<String> {
    let starting: Vec<(&str, Option<u32>)> = results
        .recorded()
        .filter(|(population, _)| settles(population))
        .filter_map(|(population, recorded)| {
            let shared = population.shares();
            let transient = transient::of_trains(&recorded.trains, results.window, shared)?;
            Some((population.name.as_str(), transient.until))
        })
        .collect();
    // None is the longest of all: to the end.
    let (name, until) = starting.iter().max_by_key(|(_, until)| until.unwrap_or(u32::MAX))?;
    let whose = match starting.len() {
        1 => format!("`{name}` still shows its start"),
        n => format!("{n} populations still show their start, `{name}` the longest"),
    };
    Some(match until {
        Some(step) => {
            let ms = time_ms(*step, results.dt_ms);
            let from = two_digits_up(ms);
            format!(
                "{whose}: until {} ms the rate over time differs from its later mean; --from {}ms leaves that out",
                tell(ms),
                tell(from)
            )
        }
        None => format!(
            "{whose}: to the end of the window the rate over time differs from its mean; use a longer --duration, \
             with --from"
        ),
    })
}

/// That CVs are too low for want of intervals, and which duration would do.
fn few_intervals(results: &Results) -> Option<String> {
    let marked: Vec<&PopulationResults> =
        results.populations.iter().filter(|cell| is_under_sampled(cell)).collect();
    let first = marked.first()?;
    // The intervals that are wanted, and the one that the window cuts.
    let seconds = |cell: &PopulationResults| {
        let rate = cell.rates.hz.mean().filter(|rate| *rate > 0.0)?;
        Some((FEW_INTERVALS + 1.0) / rate)
    };
    let longest = marked.iter().filter_map(|cell| seconds(cell)).fold(0.0, f64::max);
    let begin = time_ms(results.window.from, results.dt_ms) * 1e-3;
    let whose = match marked.len() {
        1 => format!("the CV of `{}` is", first.population.name),
        n => format!("{n} CVs are"),
    };
    Some(format!(
        "{whose} too low (marked *): fewer than {FEW_INTERVALS} intervals per neuron, the long ones missing; at \
         these rates --duration {}s would do",
        tell(two_digits_up(begin + longest))
    ))
}

/// Whether a population has a CV that is too low for want of intervals.
pub fn is_under_sampled(cell: &PopulationResults) -> bool {
    let few = |recorded: &super::Recorded| {
        recorded.intervals.are_few() && recorded.intervals.cv.count > 0
    };
    cell.recorded.as_ref().is_some_and(few)
}
