//! The files of a comparison: a table of the cells, and the figures that fit the sweep.

use super::files::Files;
use super::tables;
use crate::comparison::{SweptKey, cv, evenly, lines, told};
use crate::plot::curves::{self, Curve, Labels, Point};
use crate::plot::map::{self, Cell, Map};
use crate::plot::{COLOURS, Points, intervals, spectrum};
use crate::results::notes::{has_cv, is_under_sampled};
use crate::results::{PopulationResults, Results};
use crate::setting::Literal;
use crate::sweep::Sweep;

/// Where the stimulus and the noise are set.
const STIMULUS: &str = "stimulus.amplitude";
const NOISE: &str = "noise.sigma";

/// The grid of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Grid<'a> {
    /// The keys that are swept.
    pub sweeps: &'a [Sweep],
    /// The levels that figures show; of a key that is not here those that fit.
    pub levels: &'a [Sweep],
    /// Rates without noise along the stimulus, one for each line along it, empty where there is none.
    pub references: &'a [Points],
}

impl<'a> Grid<'a> {
    /// A grid of which what fits is shown, without references.
    pub fn new(sweeps: &'a [Sweep]) -> Self {
        Grid { sweeps, levels: &[], references: &[] }
    }

    /// The levels of a key that were chosen.
    fn chosen(&self, key: &str) -> Option<&[Literal]> {
        self.levels.iter().find(|level| level.key == key).map(|level| &level.values[..])
    }

    /// Whether a cell is on a line along a key that is shown: all of the line, and of other keys the levels chosen.
    fn shows(&self, cell: &PopulationResults, along: usize) -> bool {
        cell.population.at.iter().enumerate().all(|(n, (key, value))| {
            n == along || self.chosen(key).is_none_or(|values| values.contains(value))
        })
    }
}

/// All files of a comparison but the summary and the spikes.
pub fn files<'a>(results: &'a Results, grid: Grid<'a>) -> Files<'a> {
    let sweeps = grid.sweeps;
    let axes: Vec<SweptKey> = sweeps
        .iter()
        .map(|sweep| SweptKey::new(sweep, &results.populations[0].population))
        .collect();
    let mut files = Files::default();
    files.table("compare.csv", |file| tables::comparison(file, results, sweeps));
    // The stimulus, if it is swept, is what rates are drawn against; the noise what CVs are.
    let numeric = |n: &usize| axes[*n].values.is_some();
    let all = || (0..sweeps.len()).filter(numeric);
    let preferred = |key: &str| all().find(|&n| sweeps[n].key == key).or_else(|| all().next());
    let (rate_along, cv_along) = (preferred(STIMULUS), preferred(NOISE));
    if let Some(along) = rate_along {
        let x = axes[along].label();
        files.figure(move || {
            let rate = |cell: &PopulationResults| {
                Some((cell.rates.hz.mean()?, cell.rates.hz.std().unwrap_or(0.0)))
            };
            let drawn = curves_of(results, grid, along, &rate, |_| false);
            let dashed = match grid.references.iter().any(|points| !points.is_empty()) {
                true => "; dashed: no noise",
                false => "",
            };
            let title = format!(
                "rate; bands: standard deviation between neurons{dashed}{}",
                chosen(results, grid, along, &drawn)
            );
            curves::figure(
                Labels { figure: "rate", title, x: x.clone(), y: "rate [Hz]".into() },
                &drawn,
            )
        });
    }
    if results.are_recorded() {
        if let Some(along) = cv_along {
            let x = axes[along].label();
            files.figure(move || {
                let drawn = curves_of(
                    results,
                    Grid { references: &[], ..grid },
                    along,
                    &cv,
                    is_under_sampled,
                );
                let title = format!(
                    "CV, mean over neurons; bands: 95 % confidence of the mean{}{}",
                    few(results, "ringed"),
                    chosen(results, grid, along, &drawn)
                );
                curves::figure(Labels { figure: "cv", title, x: x.clone(), y: "CV".into() }, &drawn)
            });
        }
        if let Some(along) = rate_along {
            files.figure(move || {
                let drawn = cv_against_rate(results, grid, along);
                let title = format!(
                    "CV against rate, means over neurons{}{}",
                    few(results, "ringed"),
                    chosen(results, grid, along, &drawn)
                );
                let (x, y) = ("rate [Hz]".into(), "CV".into());
                curves::figure(Labels { figure: "cv_rate", title, x, y }, &drawn)
            });
        }
        let (levels, of) = levels(results, grid);
        if levels.iter().any(|(_, r)| r.recorded.as_ref().is_some_and(|r| r.histogram.is_some())) {
            let (shown, of) = (levels.clone(), of.clone());
            files.figure(move || intervals::figure(&shown, &of));
        }
        if levels.iter().any(|(_, r)| r.rates.spikes > 0) {
            files.figure(move || spectrum::figure(&spectrum::of(&levels), &of));
        }
    }
    if let ([x, y], true) = (&axes[..], numeric(&0) && axes.len() == 2 && numeric(&1))
        && results.populations.len() == sweeps.iter().map(|s| s.values.len()).product::<usize>()
    {
        let cells_of = move |of: &dyn Fn(&PopulationResults) -> Cell| {
            let (columns, rows) = (sweeps[0].values.len(), sweeps[1].values.len());
            let cell = |row: usize, column: usize| of(&results.populations[column * rows + row]);
            (0..rows).map(|row| (0..columns).map(|column| cell(row, column)).collect()).collect()
        };
        let (right, up) = (x.clone(), y.clone());
        files.figure(move || {
            let cells = cells_of(&|cell| Cell { value: cell.rates.hz.mean(), is_doubtful: false });
            let quantity = "rate [Hz], mean over neurons".into();
            map::figure(&Map { figure: "rate_map", quantity, x: &right, y: &up, cells })
        });
        if results.are_recorded() {
            let (right, up) = (x.clone(), y.clone());
            files.figure(move || {
                let cells = cells_of(&|cell| Cell {
                    value: cv(cell).map(|(cv, _)| cv),
                    is_doubtful: is_under_sampled(cell) && has_cv(cell),
                });
                let grey = match results.populations.iter().any(|cell| cv(cell).is_none()) {
                    true => "; grey: none",
                    false => "",
                };
                let quantity = format!("CV, mean over neurons{}{grey}", few(results, "hatched"));
                map::figure(&Map { figure: "cv_map", quantity, x: &right, y: &up, cells })
            });
        }
    }
    files
}

/// That not all lines along a key are drawn, if so.
fn chosen(results: &Results, grid: Grid<'_>, along: usize, drawn: &[Curve]) -> String {
    match lines(results, grid.sweeps, along).len() {
        n if n > drawn.len() => format!("; {} of {n} lines", drawn.len()),
        _ => String::new(),
    }
}

/// What the mark of CVs with too few intervals means in a figure, if there are any.
fn few(results: &Results, mark: &str) -> String {
    match results.populations.iter().any(|cell| is_under_sampled(cell) && has_cv(cell)) {
        true => format!("; {mark}: too few intervals"),
        false => String::new(),
    }
}

/// What is drawn of a cell: a value and half the width of its band; none if it is not defined.
pub type Quantity<'a> = &'a dyn Fn(&PopulationResults) -> Option<(f64, f64)>;

/// A quantity along an axis, a curve per line; where it `is_doubtful`, it is marked.
pub fn curves_of(
    results: &Results,
    grid: Grid<'_>,
    along: usize,
    of: Quantity<'_>,
    is_doubtful: fn(&PopulationResults) -> bool,
) -> Vec<Curve> {
    let mut numbered: Vec<_> = lines(results, grid.sweeps, along).into_iter().enumerate().collect();
    numbered.retain(|(_, line)| line.points.iter().all(|(_, cell)| grid.shows(cell, along)));
    let curves = evenly(&numbered, COLOURS).into_iter().map(|(n, line)| {
        let points = line.points.iter().filter_map(|(x, cell)| {
            let (y, band) = of(cell)?;
            Some(Point { x: *x, y, band, is_doubtful: is_doubtful(cell) })
        });
        let reference = grid.references.get(n).cloned().unwrap_or_default();
        Curve { points: points.collect(), name: line.name, reference }
    });
    curves.filter(|curve| !curve.points.is_empty()).collect()
}

fn cv_against_rate(results: &Results, grid: Grid<'_>, along: usize) -> Vec<Curve> {
    let mut all = lines(results, grid.sweeps, along);
    all.retain(|line| line.points.iter().all(|(_, cell)| grid.shows(cell, along)));
    let curves = evenly(&all, COLOURS).into_iter().map(|line| {
        let point = |cell: &PopulationResults| {
            let (x, y) = (cell.rates.hz.mean()?, cv(cell)?.0);
            Some(Point { x, y, band: 0.0, is_doubtful: is_under_sampled(cell) })
        };
        let points = line.points.iter().filter_map(|(_, cell)| point(cell)).collect();
        Curve { points, name: line.name, reference: Points::new() }
    });
    curves.filter(|curve| !curve.points.is_empty()).collect()
}

/// The cells whose histograms and spectra are laid over each other: of each population those along the noise if it is
/// swept (else the first key), at the middle of everything else, unless levels were chosen; and what they are at, in
/// words.
fn levels<'a>(results: &'a Results, grid: Grid<'_>) -> (Vec<Level<'a>>, String) {
    let sweeps = grid.sweeps;
    let along = sweeps.iter().position(|sweep| sweep.key == NOISE).unwrap_or(0);
    let at_middle = |cell: &&PopulationResults| {
        sweeps.iter().zip(&cell.population.at).enumerate().all(
            |(n, (sweep, (_, value)))| match grid.chosen(&sweep.key) {
                Some(values) => values.contains(value),
                None => n == along || sweep.values.get((sweep.values.len() - 1) / 2) == Some(value),
            },
        )
    };
    let cells: Vec<&PopulationResults> = results.populations.iter().filter(at_middle).collect();
    let several = results.populations.len() > sweeps.iter().map(|s| s.values.len()).product();
    // A key is told of each level where levels of it are shown, else of all together.
    let is_level =
        |n: usize| n == along || grid.chosen(&sweeps[n].key).is_some_and(|values| values.len() > 1);
    let named = |cell: &&'a PopulationResults| {
        let at = cell.population.at.iter().enumerate().filter(|(n, _)| is_level(*n));
        let levels = at.map(|(_, (key, _))| told(&cell.population, key));
        let own = several.then(|| cell.population.own_name().to_owned());
        (own.into_iter().chain(levels).collect::<Vec<_>>().join(", "), *cell)
    };
    let others =
        sweeps.iter().enumerate().filter(|(n, sweep)| !is_level(*n) && sweep.values.len() > 1);
    let fixed = others.filter_map(|(_, sweep)| Some(told(&cells.first()?.population, &sweep.key)));
    let fixed: Vec<String> = fixed.collect();
    let mut of = if fixed.is_empty() { String::new() } else { format!(" at {}", fixed.join(", ")) };
    if cells.len() > COLOURS {
        of += &format!(" ({COLOURS} of {} levels)", cells.len());
    }
    (evenly(&cells.iter().map(named).collect::<Vec<_>>(), COLOURS), of)
}

/// A cell under the name of its level.
type Level<'a> = (String, &'a PopulationResults);
