//! Reports side by side, as a figure draws them and as a cell of a table tells them.

use loligo::benchmark::comparison::{Cell, Comparison};
use loligo::benchmark::limit::saturation;
use loligo::plot::Figure;
use loligo::plot::throughput::{self, Series};

/// The figure of a comparison.
pub fn figure(name: &str, comparison: &Comparison) -> Figure {
    let of_work = |work| {
        let series = comparison.columns.iter().enumerate().map(|(index, column)| {
            let points = comparison.points(work, index);
            Series { name: column.name.clone(), saturation: saturation(&points), points }
        });
        (work.name(), series.filter(|series| !series.points.is_empty()).collect())
    };
    let works: Vec<_> = comparison.works().into_iter().map(of_work).collect();
    throughput::figure(name, &works)
}

/// A speed in 10^9 neuron-steps a second, and its ratio to the first column where it is another one.
pub fn told(cell: Option<Cell>, is_first: bool) -> String {
    let Some(cell) = cell else { return "-".into() };
    let speed = format!("{:.3}", cell.neuron_steps_per_s * 1e-9);
    match (cell.ratio, cell.ratio_spread) {
        (Some(ratio), Some([least, most])) if !is_first => {
            format!("{speed}, {ratio:.2} x ({least:.2} to {most:.2})")
        }
        _ => speed,
    }
}
