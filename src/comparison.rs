//! The results of a grid: its cells, and lines of cells along one swept key.

use crate::population::Population;
use crate::results::{PopulationResults, Results};
use crate::setting::Written;
use crate::sweep::Sweep;

/// A swept key as an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The key.
    pub key: String,
    /// Its unit, as the first population has it; empty for a pure number.
    pub unit: String,
    /// Its values, if all are numbers.
    pub values: Option<Vec<f64>>,
}

impl Axis {
    /// The axis of a sweep.
    pub fn new(sweep: &Sweep, population: &Population) -> Self {
        let number = |value: &Written| if let Written::Number(x) = value { Some(*x) } else { None };
        Axis {
            key: sweep.key.clone(),
            unit: population.unit(&sweep.key).unwrap_or_default().to_owned(),
            values: sweep.values.iter().map(number).collect(),
        }
    }

    /// The key with its unit, for a figure.
    pub fn label(&self) -> String {
        let unit = crate::plot::pretty_unit(&self.unit);
        if unit.is_empty() { self.key.clone() } else { format!("{} [{unit}]", self.key) }
    }
}

/// Cells along one axis, everything else equal.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// What is equal, in words; empty if nothing else varies.
    pub name: String,
    /// The place on the axis with the cell.
    pub points: Vec<(f64, &'a PopulationResults)>,
}

/// The lines of a grid along one swept key; none if its values are not numbers.
pub fn lines<'a>(results: &'a Results, sweeps: &[Sweep], along: usize) -> Vec<Line<'a>> {
    let cells: usize = sweeps.iter().map(|sweep| sweep.values.len()).product();
    let several = results.populations.len() > cells;
    let mut lines: Vec<Line<'a>> = Vec::new();
    for (place, cell) in results.populations.iter().enumerate() {
        let Some((_, Written::Number(x))) = cell.population.at.get(along) else {
            return Vec::new();
        };
        let mut others: Vec<String> = Vec::new();
        if several {
            others.push(format!("population {}", place / cells + 1));
        }
        let equal = cell.population.at.iter().enumerate().filter(|(n, _)| *n != along);
        others.extend(equal.map(|(_, (key, value))| format!("{key} = {value}")));
        let name = others.join(", ");
        match lines.iter_mut().find(|line| line.name == name) {
            Some(line) => line.points.push((*x, cell)),
            None => lines.push(Line { name, points: vec![(*x, cell)] }),
        }
    }
    lines
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
