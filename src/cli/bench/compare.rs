//! `loligo bench compare`: reports side by side.

use std::path::PathBuf;

use serde::Serialize;

use super::columns::{figure, told};
use super::wrong::wrong;
use super::{page, tell};
use crate::cli::outcome::Outcome;
use crate::cli::table::aligned;
use crate::cli::{figure_file, terminal};
use loligo::benchmark::comparison::{Cell, Comparison, Row};
use loligo::benchmark::report::Report;
use loligo::error::Error;
use loligo::output::folder::io_error;
use loligo::output::write_figure;

/// Flags of `loligo bench compare`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Reports of `loligo bench --report`; ratios are to the first device of the first
    #[arg(value_name = "REPORT.json", required = true)]
    reports: Vec<PathBuf>,
    /// Draw throughput over the number of neurons, a panel for each work
    #[arg(long, value_name = "FILE.png", num_args = 0..=1, default_missing_value = "compare.png")]
    plot: Option<PathBuf>,
    /// Write a page of all devices, with the figure beside it
    #[arg(long, value_name = "FILE.md")]
    page: Option<PathBuf>,
    /// Print JSON
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print CSV
    #[arg(long)]
    csv: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let plot = args.plot.as_ref().map(|path| figure_file::of(path, "--plot")).transpose()?;
    let mut reports = Vec::new();
    for path in &args.reports {
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        reports.push((name.to_owned(), Report::read(path)?));
    }
    let comparison = Comparison::new(&reports);
    if comparison.rows.is_empty() {
        let files: Vec<_> = args.reports.iter().map(|path| path.display().to_string()).collect();
        let message = "nothing was measured in these reports".to_owned();
        let remedy = "make one with `loligo bench --report FILE.json`".to_owned();
        return Err(wrong("bench compare", files.join(" "), message, remedy));
    }
    if let Some((folder, (name, format))) = plot {
        for path in write_figure(&folder, &figure(&name, &comparison), &[format]) {
            path?;
        }
    }
    if let Some(path) = &args.page {
        page::write(path, &reports, &comparison)?;
    }
    let text = match (args.json, args.csv) {
        (true, _) => serde_json::to_string_pretty(&comparison).map_err(io_error)? + "\n",
        (_, true) => tell::as_csv(comparison.rows.iter().flat_map(|row| flat(&comparison, row)))?,
        _ => text(&comparison),
    };
    terminal::print(&text)?;
    Ok(Outcome::Done)
}

/// A cell as a row of CSV.
#[derive(Serialize)]
struct Flat<'a> {
    report: &'a str,
    device: &'a str,
    model: &'a str,
    integrator: &'a str,
    noise: &'a str,
    recording: &'a str,
    neurons: usize,
    neuron_steps_per_s: f64,
    slowest: f64,
    fastest: f64,
    ratio: Option<f64>,
    ratio_least: Option<f64>,
    ratio_most: Option<f64>,
}

fn flat<'a>(comparison: &'a Comparison, row: &'a Row) -> Vec<Flat<'a>> {
    let cells = comparison.columns.iter().zip(&row.cells);
    cells
        .filter_map(|(column, cell)| {
            let cell = (*cell)?;
            Some(Flat {
                report: &column.report,
                device: &column.name,
                model: &row.work.model,
                integrator: &row.work.integrator,
                noise: &row.work.noise,
                recording: &row.work.recording,
                neurons: row.neurons,
                neuron_steps_per_s: cell.neuron_steps_per_s,
                slowest: cell.slowest,
                fastest: cell.fastest,
                ratio: cell.ratio,
                ratio_least: cell.ratio_spread.map(|spread| spread[0]),
                ratio_most: cell.ratio_spread.map(|spread| spread[1]),
            })
        })
        .collect()
}

fn text(comparison: &Comparison) -> String {
    let mut text =
        String::from("G neuron-steps/s, and ratios to the first column with their spread\n");
    for work in comparison.works() {
        let mut cells = vec![vec!["neurons".to_owned()]];
        cells[0].extend(comparison.columns.iter().map(|column| column.name.clone()));
        for row in comparison.rows.iter().filter(|row| row.work == *work) {
            let mut line = vec![row.neurons.to_string()];
            let told = |(n, cell): (usize, &Option<Cell>)| told(*cell, n == 0);
            line.extend(row.cells.iter().enumerate().map(told));
            cells.push(line);
        }
        let right = vec![true; comparison.columns.len() + 1];
        text += &format!("\n{}\n{}", work.name(), aligned(&cells, &right));
    }
    text
}
