//! Neurons of an experiment that are picked, by their index in it, or by a population's name and the index there.

use std::collections::HashSet;

use crate::error::{Error, Place, Problem, nearest};
use crate::experiment::Experiment;
use crate::population::Population;

/// A neuron: its population, and its index there.
pub type Picked<'a> = (&'a Population, usize);

/// How to write it, for messages.
const FORMS: &str = "write --pick 0,737, --pick 10-19 or --pick NAME:0-3";

/// The neurons that texts such as `0,737` (indices through all populations) or `NAME:0-3` (those of one) name.
///
/// # Errors
/// If a text is none of these, or there is no such neuron.
pub fn picked<'a>(
    experiment: &'a Experiment,
    texts: &[(String, Place)],
) -> Result<Vec<Picked<'a>>, Error> {
    let mut all: Vec<Picked<'a>> = Vec::new();
    for (text, place) in texts {
        for (name, items) in named_lists(experiment, text) {
            let population = match name {
                Some(name) => Some(named(experiment, name, place)?),
                None => None,
            };
            for item in items.split(',') {
                let (first, last) = range(item).ok_or_else(|| {
                    let message = format!("`{item}` is no index and no range of them");
                    Problem::new(message, place, FORMS)
                })?;
                let neurons =
                    population.map_or(experiment.neurons(), |population| population.neurons());
                if last >= neurons {
                    let whose =
                        population.map_or("the experiment".into(), |p| format!("`{}`", p.name()));
                    let message =
                        format!("there is no neuron {last}: {whose} has {neurons} neurons");
                    let remedy = format!("choose from 0 to {}", neurons - 1);
                    return Err(Problem::new(message, place, remedy).into());
                }
                all.extend((first..=last).filter_map(|index| match population {
                    Some(population) => Some((population, index)),
                    None => located(experiment, index),
                }));
            }
        }
    }
    // Each once, where it is named first.
    let mut known = HashSet::new();
    all.retain(|(population, neuron)| known.insert(population.first_neuron() + neuron));
    Ok(all)
}

/// The lists of a text such as `0,7,a:0-3,9,b:2`: indices before the first name, and those after each. A name may
/// have commas and colons in it, if a population has that name.
fn named_lists<'a>(experiment: &Experiment, text: &'a str) -> Vec<(Option<&'a str>, &'a str)> {
    let is_known = |name: &str| experiment.populations().iter().any(|p| p.name() == name.trim());
    let whole = text.rsplit_once(':').filter(|(name, _)| is_known(name));
    if let Some((name, list)) = whole {
        return vec![(Some(name.trim()), list)];
    }
    // Each name begins after the comma before its colon.
    let mut lists: Vec<(Option<&str>, &str)> = Vec::new();
    let mut rest = text;
    let mut name = None;
    loop {
        let next =
            rest.find(':').map(|colon| (rest[..colon].rfind(',').map_or(0, |c| c + 1), colon));
        let Some((begin, colon)) = next else {
            lists.push((name, rest));
            return lists;
        };
        let list = rest[..begin].trim_end_matches(',');
        if !list.is_empty() {
            lists.push((name, list));
        }
        name = Some(rest[begin..colon].trim());
        rest = &rest[colon + 1..];
    }
}

/// The first neurons of each population.
pub fn first_of_each(experiment: &Experiment, neurons: usize) -> Vec<Picked<'_>> {
    let of = |population: &'_ Population| 0..neurons.min(population.neurons());
    let each = experiment.populations().iter();
    each.flat_map(|population| of(population).map(move |neuron| (population, neuron))).collect()
}

fn located(experiment: &Experiment, index: usize) -> Option<Picked<'_>> {
    let population = experiment.populations().iter().find(|p| p.range().contains(&index))?;
    Some((population, index - population.first_neuron()))
}

/// `7` or `3-7`, the ends included.
pub fn range(item: &str) -> Option<(usize, usize)> {
    let number = |text: &str| text.trim().parse::<usize>().ok();
    match item.split_once('-') {
        Some((first, last)) => Some((number(first)?, number(last)?)).filter(|(a, b)| a <= b),
        None => number(item).map(|index| (index, index)),
    }
}

fn named<'a>(
    experiment: &'a Experiment,
    name: &str,
    place: &Place,
) -> Result<&'a Population, Error> {
    let names = || experiment.populations().iter().map(|population| population.name());
    experiment.populations().iter().find(|population| population.name() == name).ok_or_else(|| {
        let near = nearest(name, names()).map(|near| format!("did you mean `{near}`? "));
        let known: Vec<_> = names().take(10).map(|name| format!("`{name}`")).collect();
        let remedy = format!("{}there is {}", near.unwrap_or_default(), known.join(", "));
        Problem::new(format!("there is no population `{name}`"), place, remedy).into()
    })
}
