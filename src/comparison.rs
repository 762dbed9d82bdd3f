//! The results of a grid: its cells, and lines of cells along one swept key.

use crate::engine::cpu;
use crate::experiment::Experiment;
use crate::plot::Points;
use crate::population::Population;
use crate::results::{PopulationResults, Results};
use crate::setting::Literal;
use crate::simulation::simulate;
use crate::sweep::Sweep;
use crate::{Plan, Record};

/// A swept key as an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct SweptKey {
    /// The key.
    pub key: String,
    /// Its unit, as the first population has it; empty for a pure number.
    pub unit: String,
    /// Its values, if all are numbers.
    pub values: Option<Vec<f64>>,
}

impl SweptKey {
    /// The axis of a sweep.
    pub fn new(sweep: &Sweep, population: &Population) -> Self {
        let number = |value: &Literal| if let Literal::Number(x) = value { Some(*x) } else { None };
        SweptKey {
            key: sweep.key.clone(),
            unit: population.unit(&sweep.key).unwrap_or_default().to_owned(),
            values: sweep.values.iter().map(number).collect(),
        }
    }

    /// The key with its unit, for a figure.
    pub fn label(&self) -> String {
        let unit = self.pretty_unit();
        if unit.is_empty() { self.key.clone() } else { format!("{} [{unit}]", self.key) }
    }

    /// Its unit as print has it.
    pub fn pretty_unit(&self) -> String {
        crate::plot::pretty_unit(&self.unit)
    }
}

/// Cells along one axis, everything else equal.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// What is equal, in words; empty if nothing else varies.
    pub name: String,
    /// The index on the axis with the cell.
    pub points: Vec<(f64, &'a PopulationResults)>,
}

/// The lines of a grid along one swept key; none if its values are not numbers.
pub fn lines<'a>(results: &'a Results, sweeps: &[Sweep], along: usize) -> Vec<Line<'a>> {
    let cells: usize = sweeps.iter().map(|sweep| sweep.values.len()).product();
    let several = results.populations.len() > cells;
    let mut lines: Vec<Line<'a>> = Vec::new();
    for cell in &results.populations {
        let Some((_, Literal::Number(x))) = cell.population.at.get(along) else {
            return Vec::new();
        };
        let mut others: Vec<String> = Vec::new();
        if several {
            others.push(cell.population.own_name().to_owned());
        }
        let equal = cell.population.at.iter().enumerate().filter(|(n, _)| *n != along);
        others.extend(equal.map(|(_, (key, _))| told(&cell.population, key)));
        let name = others.join(", ");
        match lines.iter_mut().find(|line| line.name == name) {
            Some(line) => line.points.push((*x, cell)),
            None => lines.push(Line { name, points: vec![(*x, cell)] }),
        }
    }
    lines
}

/// What a swept key is in a cell, with its unit: `noise.sigma = 3 pA·√s`.
pub fn told(population: &Population, key: &str) -> String {
    let value = population.at.iter().find(|(swept, _)| swept == key);
    let value = value.map_or(String::new(), |(_, value)| value.to_string());
    let unit = population.unit(key).map(crate::plot::pretty_unit).unwrap_or_default();
    format!("{key} = {value} {unit}").trim_end().to_owned()
}

/// The CV of a cell (the mean over its neurons) and half the width of its 95 % confidence interval; 0 for
/// that where the intervals are too few.
pub fn cv(cell: &PopulationResults) -> Option<(f64, f64)> {
    let intervals = &cell.recorded.as_ref()?.intervals;
    Some((intervals.cv.mean()?, intervals.cv_ci95().unwrap_or(0.0)))
}

/// At most `n` of some things, evenly chosen, the first and the last among them.
pub fn evenly<T: Clone>(all: &[T], n: usize) -> Vec<T> {
    if all.len() <= n || n < 2 {
        return all.to_vec();
    }
    (0..n).map(|k| all[k * (all.len() - 1) / (n - 1)].clone()).collect()
}

/// The rates without noise along the swept stimulus (stimulus, rate in Hz): what F-I curves are compared with. One for
/// each line that [`lines`] gives; lines that differ in their noise only have the same. Nothing if the stimulus is not
/// swept by numbers, or the reference cannot be simulated: the figure is worth drawing without.
pub fn without_noise(experiment: &Experiment, sweeps: &[Sweep]) -> Vec<Points> {
    let is_stimulus = |sweep: &Sweep| sweep.key == "stimulus.amplitude";
    let Some(along) = sweeps.iter().position(is_stimulus) else { return Vec::new() };
    let number = |value: &Literal| matches!(value, Literal::Number(_));
    if !sweeps[along].values.iter().all(number) {
        return Vec::new();
    }
    let reference = experiment.typical_without_noise();
    // Signals have a row for each neuron: there is no typical one.
    if reference.populations.iter().any(|population| population.signal.is_some()) {
        return Vec::new();
    }
    let engine = cpu::single("the reference");
    let plan = Plan::new(Record::Spikes);
    let simulated = simulate(engine.as_ref(), &reference, plan, &mut |_| true);
    let Some(trains) = simulated.ok().and_then(|simulated| simulated.trains) else {
        return Vec::new();
    };
    let per_second = 1e3 / reference.window.duration_ms(reference.dt_ms);
    let cells: usize = sweeps.iter().map(|sweep| sweep.values.len()).product();
    let mut found: Vec<(Vec<String>, Points)> = Vec::new();
    for (n, population) in experiment.populations.iter().enumerate() {
        let others = population.at.iter().enumerate().filter(|(index, _)| *index != along);
        let others = others.map(|(_, (key, value))| format!("{key} = {value}"));
        let line: Vec<String> =
            [(n / cells.max(1)).to_string()].into_iter().chain(others).collect();
        let rate = reference.window.of(trains.train(n)).len() as f64 * per_second;
        let Some(amplitude) = population.values("stimulus.amplitude") else { continue };
        let point = (amplitude.typical().of(0), rate);
        match found.iter_mut().find(|(known, _)| *known == line) {
            Some((_, points)) => points.push(point),
            None => found.push((line, vec![point])),
        }
    }
    found.into_iter().map(|(_, points)| points).collect()
}
