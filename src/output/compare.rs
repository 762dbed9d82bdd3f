//! The files of a comparison: a table of the cells, and the figures that fit the sweep.

use super::folder::Folder;
use super::{Fill, Written, fill_all, tables};
use crate::comparison::{Axis, cv, evenly, lines};
use crate::plot::curves::{self, Curve, Labels, Point};
use crate::plot::map::{self, Cell, Map};
use crate::plot::{intervals, spectrum};
use crate::results::notes::{has_cv, is_under_sampled};
use crate::results::{PopulationResults, Results};
use crate::sweep::Sweep;

/// At most this many curves in a figure.
const CURVES: usize = 7;

/// Where the stimulus and the noise are set.
const STIMULUS: &str = "stimulus.amplitude";
const NOISE: &str = "noise.sigma";

/// Writes all files of a comparison but the summary; `reference` is the rate without noise along
/// the first axis, if there is one.
pub fn write(
    folder: &Folder,
    results: &Results,
    sweeps: &[Sweep],
    reference: &[(f64, f64)],
) -> Written {
    let axes: Vec<Axis> =
        sweeps.iter().map(|sweep| Axis::new(sweep, &results.populations[0].population)).collect();
    let mut files: Vec<(&str, Fill<'_>)> =
        vec![("compare.csv", Box::new(|file| tables::comparison(file, results, sweeps)))];
    // The stimulus, if it is swept, is what rates are drawn against; the noise what CVs are.
    let numeric = |n: &usize| axes[*n].values.is_some();
    let all = || (0..sweeps.len()).filter(numeric);
    let preferred = |key: &str| all().find(|&n| sweeps[n].key == key).or_else(|| all().next());
    let (rate_along, cv_along) = (preferred(STIMULUS), preferred(NOISE));
    if let Some(along) = rate_along {
        let axis = &axes[along];
        files.push((
            "rate.png",
            Box::new(move |file| {
                let rate = |cell: &PopulationResults| {
                    Some((cell.rates.hz.mean()?, cell.rates.hz.std().unwrap_or(0.0)))
                };
                let mut drawn = curves_of(results, sweeps, along, &rate, |_| false);
                if sweeps[along].key == STIMULUS && !reference.is_empty() {
                    let point = |&(x, y)| Point { x, y, band: 0.0, is_doubtful: false };
                    let points = reference.iter().map(point).collect();
                    drawn.push(Curve { name: "no noise".into(), points, is_reference: true });
                }
                let caption = "rate; bands: standard deviation between neurons".into();
                let labels =
                    Labels { figure: "rate.png", caption, x: axis.label(), y: "rate [Hz]".into() };
                curves::draw(file, &labels, &drawn)
            }),
        ));
    }
    if results.are_recorded() {
        if let Some(along) = cv_along {
            let axis = &axes[along];
            files.push((
                "cv.png",
                Box::new(move |file| {
                    let drawn = curves_of(results, sweeps, along, &cv, is_under_sampled);
                    let caption = format!(
                        "CV, mean over neurons; bands: 95 % confidence of the mean{}",
                        few(results, "ringed")
                    );
                    let labels =
                        Labels { figure: "cv.png", caption, x: axis.label(), y: "CV".into() };
                    curves::draw(file, &labels, &drawn)
                }),
            ));
        }
        if let Some(along) = rate_along {
            files.push((
                "cv_rate.png",
                Box::new(move |file| {
                    let drawn = cv_against_rate(results, sweeps, along);
                    let caption =
                        format!("CV against rate, means over neurons{}", few(results, "ringed"));
                    let labels = Labels {
                        figure: "cv_rate.png",
                        caption,
                        x: "rate [Hz]".into(),
                        y: "CV".into(),
                    };
                    curves::draw(file, &labels, &drawn)
                }),
            ));
        }
        let levels = levels(results, sweeps);
        if levels.iter().any(|r| r.recorded.as_ref().is_some_and(|r| r.histogram.is_some())) {
            let shown = levels.clone();
            files.push(("intervals.png", Box::new(move |file| intervals::draw(file, &shown))));
        }
        if levels.iter().any(|r| r.rates.spikes > 0) {
            files.push(("spectrum.png", Box::new(move |file| spectrum::draw(file, &levels))));
        }
    }
    if let [x, y] = &axes[..]
        && results.populations.len() == sweeps.iter().map(|s| s.values.len()).product::<usize>()
        && numeric(&0)
        && numeric(&1)
    {
        let grid = move |of: &dyn Fn(&PopulationResults) -> Cell| {
            let (columns, rows) = (sweeps[0].values.len(), sweeps[1].values.len());
            let cell = |row: usize, column: usize| of(&results.populations[column * rows + row]);
            (0..rows).map(|row| (0..columns).map(|column| cell(row, column)).collect()).collect()
        };
        files.push((
            "rate_map.png",
            Box::new(move |file| {
                let cells = grid(&|cell| Cell { value: cell.rates.hz.mean(), is_doubtful: false });
                let quantity = "rate [Hz], mean over neurons".into();
                map::draw(file, &Map { figure: "rate_map.png", quantity, x, y, cells })
            }),
        ));
        if results.are_recorded() {
            files.push((
                "cv_map.png",
                Box::new(move |file| {
                    let cells = grid(&|cell| Cell {
                        value: cv(cell).map(|(cv, _)| cv),
                        is_doubtful: is_under_sampled(cell) && has_cv(cell),
                    });
                    let grey = match results.populations.iter().any(|cell| cv(cell).is_none()) {
                        true => "; grey: none",
                        false => "",
                    };
                    let quantity =
                        format!("CV, mean over neurons{}{grey}", few(results, "hatched"));
                    map::draw(file, &Map { figure: "cv_map.png", quantity, x, y, cells })
                }),
            ));
        }
    }
    fill_all(folder, &files)
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
    sweeps: &[Sweep],
    along: usize,
    of: Quantity<'_>,
    is_doubtful: fn(&PopulationResults) -> bool,
) -> Vec<Curve> {
    let curves = evenly(&lines(results, sweeps, along), CURVES).into_iter().map(|line| {
        let points = line.points.iter().filter_map(|(x, cell)| {
            let (y, band) = of(cell)?;
            Some(Point { x: *x, y, band, is_doubtful: is_doubtful(cell) })
        });
        Curve { points: points.collect(), name: line.name, is_reference: false }
    });
    curves.filter(|curve| !curve.points.is_empty()).collect()
}

fn cv_against_rate(results: &Results, sweeps: &[Sweep], along: usize) -> Vec<Curve> {
    let curves = evenly(&lines(results, sweeps, along), CURVES).into_iter().map(|line| {
        let point = |cell: &PopulationResults| {
            let (x, y) = (cell.rates.hz.mean()?, cv(cell)?.0);
            Some(Point { x, y, band: 0.0, is_doubtful: is_under_sampled(cell) })
        };
        let points = line.points.iter().filter_map(|(_, cell)| point(cell)).collect();
        Curve { points, name: line.name, is_reference: false }
    });
    curves.filter(|curve| !curve.points.is_empty()).collect()
}

/// The cells whose histograms and spectra are laid over each other: along the noise if it is swept
/// (else the first numeric key), at the middle of everything else.
fn levels<'a>(results: &'a Results, sweeps: &[Sweep]) -> Vec<&'a PopulationResults> {
    let along = sweeps.iter().position(|sweep| sweep.key == NOISE).unwrap_or(0);
    let lines = lines(results, sweeps, along);
    let cells: Vec<&PopulationResults> = match lines.get(lines.len() / 2) {
        Some(line) => line.points.iter().map(|(_, cell)| *cell).collect(),
        None => results.populations.iter().collect(),
    };
    evenly(&cells, CURVES)
}
