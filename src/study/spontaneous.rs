//! Spontaneous firing: rate and CV over the area of the membrane.

use super::{Found, at, missing};
use crate::error::Error;
use crate::experiment::Experiment;
use crate::plot::{Axis, Figure, Panel, Shape, colour};
use crate::results::{PopulationResults, Results};
use crate::unit::tell;

const KEY: &str = "area";

/// Spikes of a neuron that its CV needs.
const FEWEST: f64 = 10.0;

/// Rate and CV in each cell.
pub fn found(_experiment: &Experiment, results: &Results) -> Result<Found, Error> {
    let row = |cell: &PopulationResults| {
        let intervals = &cell.recorded.as_ref()?.intervals;
        let rate = cell.rates.hz.mean()?;
        // Of few intervals only the short ones fit into the window.
        let is_enough = rate * results.window_ms() * 1e-3 >= FEWEST;
        let cv = intervals.pooled.cv().filter(|_| is_enough).unwrap_or(f64::NAN);
        Some(vec![at(cell, KEY)?, rate, cell.rates.hz.sem().unwrap_or(0.0), cv])
    };
    let rows: Option<Vec<Vec<f64>>> = results.populations.iter().map(row).collect();
    let remedy = "use --model hodgkin_huxley_channels and [sweep] of area";
    let rows = rows.ok_or_else(|| missing("a sweep of area, and spikes", remedy))?;
    let [first, last] = [rows.first(), rows.last()].map(|row| row.map_or(1.0, |row| row[0]));
    let points = |column: usize| -> Vec<(f64, f64)> {
        let all = rows.iter().map(|row| (row[0], row[column]));
        all.filter(|(_, y)| y.is_finite()).collect()
    };
    let highest = |points: &[(f64, f64)]| points.iter().map(|point| point.1).fold(0.1, f64::max);
    let panel = |column: usize, label: &str| {
        let points = points(column);
        let x = Axis::log("membrane area [µm²]", first, last);
        let mut panel = Panel::new(x, Axis::from_zero(label, highest(&points)));
        panel.add("", colour(column), Shape::line(points.clone()));
        panel.add("", colour(column), Shape::Dots { points, radius: 3.0, opacity: 1.0 });
        panel
    };
    let lines = rows.iter().map(|row| {
        let rounded = |x: f64| tell((x * 100.0).round() / 100.0);
        format!("{} um2: {} Hz, CV {}", tell(row[0]), rounded(row[1]), rounded(row[3]))
    });
    Ok(Found {
        lines: lines.collect(),
        figure: Figure::column(
            "spontaneous",
            "Spontaneous firing by channel noise",
            vec![panel(1, "rate [Hz]"), panel(3, "CV")],
        ),
        header: ["area_um2", "rate_hz", "rate_sem_hz", "cv"].map(str::to_owned).to_vec(),
        rows,
    })
}
