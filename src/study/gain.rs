//! Gain modulation: f-I curves at several levels of a background of conductances.

use super::{Found, at, missing};
use crate::error::Error;
use crate::experiment::Experiment;
use crate::plot::curves::{self, Curve, Labels, Point};
use crate::plot::pretty_unit;
use crate::results::Results;
use crate::unit::tell;

const LEVEL: &str = "background.level";
const AMPLITUDE: &str = "stimulus.amplitude";

/// Rates between which the gain is taken (Hz).
const RATES: (f64, f64) = (5.0, 60.0);

/// The curves, and the gain of each.
pub fn found(_experiment: &Experiment, results: &Results) -> Result<Found, Error> {
    let cell = |cell: &crate::results::PopulationResults| {
        let rate = cell.rates.hz.mean()?;
        Some((at(cell, LEVEL)?, [at(cell, AMPLITUDE)?, rate, cell.rates.hz.sem().unwrap_or(0.0)]))
    };
    let cells: Option<Vec<(f64, [f64; 3])>> = results.populations.iter().map(cell).collect();
    let remedy = "use --source background, and [sweep] of background.level and stimulus.amplitude";
    let cells = cells
        .ok_or_else(|| missing("sweeps of background.level and stimulus.amplitude", remedy))?;
    let mut levels: Vec<f64> = Vec::new();
    for (level, _) in &cells {
        if !levels.contains(level) {
            levels.push(*level);
        }
    }
    let unit =
        results.populations.first().and_then(|cell| cell.population.unit(AMPLITUDE)).unwrap_or("1");
    let (mut all, mut lines) = (Vec::new(), Vec::new());
    for level in levels {
        let own: Vec<[f64; 3]> =
            cells.iter().filter(|(l, _)| *l == level).map(|(_, row)| *row).collect();
        let points =
            own.iter().map(|[x, y, band]| Point { x: *x, y: *y, band: *band, is_doubtful: false });
        let name = format!("{} times", tell(level));
        all.push(Curve { name, points: points.collect(), reference: Vec::new() });
        let gain = gain(&own).map_or("none".to_owned(), |gain| {
            format!("{} Hz per {unit}", tell((gain * 1e4).round() / 1e4))
        });
        let onset =
            own.iter().find(|row| row[1] > RATES.0).map_or("none".to_owned(), |row| tell(row[0]));
        lines.push(format!(
            "background {} times: gain {gain}, more than {} Hz from {onset} {unit} on",
            tell(level),
            RATES.0
        ));
    }
    let labels = Labels {
        figure: "gain",
        title: "Gain modulation by a background of conductances".into(),
        x: format!("constant current [{}]", pretty_unit(unit)),
        y: "rate [Hz]".into(),
    };
    Ok(Found {
        figure: curves::figure(labels, &all),
        header: [LEVEL, AMPLITUDE, "rate_hz", "rate_sem_hz"].map(str::to_owned).to_vec(),
        rows: cells.into_iter().map(|(level, row)| [vec![level], row.to_vec()].concat()).collect(),
        lines,
    })
}

/// The slope of the rate over the current by least squares, where it is between two rates.
fn gain(rows: &[[f64; 3]]) -> Option<f64> {
    let inside: Vec<&[f64; 3]> =
        rows.iter().filter(|row| row[1] > RATES.0 && row[1] < RATES.1).collect();
    if inside.len() < 2 {
        return None;
    }
    let n = inside.len() as f64;
    let mean = |k: usize| inside.iter().map(|row| row[k]).sum::<f64>() / n;
    let (x, y) = (mean(0), mean(1));
    let sum = |of: &dyn Fn(&[f64; 3]) -> f64| inside.iter().map(|row| of(row)).sum::<f64>();
    Some(sum(&|row| (row[0] - x) * (row[1] - y)) / sum(&|row| (row[0] - x).powi(2)))
}
