//! `loligo bench`: the throughput of models and engines over the number of neurons, what limits it, and whether it is right.

mod args;
mod cases;
mod columns;
mod compare;
mod engines;
mod measured;
mod measuring;
mod page;
mod soak;
mod tell;
mod wrong;

use super::figure_file;
use super::interrupt;
use super::outcome::Outcome;
use super::terminal;
use args::Command;
use loligo::benchmark::comparison::Comparison;
use loligo::benchmark::report::read_peers;
use loligo::error::Error;
use loligo::output::folder::{Folder, io_error};
use loligo::output::write_figure;
use measuring::Bench;

pub use args::Args;

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    if let Some(Command::Compare(args)) = &args.command {
        return compare::run(args);
    }
    let cases = cases::cases(args)?;
    let sizes = cases::sizes(args)?;
    let plot = args.plot.as_ref().map(|path| figure_file::of(path, "--plot")).transpose()?;
    let file = args.report.as_ref().map(|path| Folder::around(path, "--report")).transpose()?;
    let peers = args.peers.as_deref().map(read_peers).transpose()?.unwrap_or_default();
    let is_quiet = args.json || args.csv;
    let interrupt = interrupt::listen(is_quiet, "what was measured is being told");
    let engines = engines::engines(args)?;
    let mut bench = Bench::new(args, &interrupt, is_quiet);
    bench.report.peers = peers;
    bench.report.notes.clone_from(&args.note);
    bench.measure(&engines, &cases, &sizes);
    if let Some(time) = args.soak {
        bench.soak(&engines, &cases::once(&cases), cases::soaked(args), time);
    }
    let (report, failure) = bench.finish();
    // What was measured is kept before it is told: a closed pipe does not lose it.
    if let Some((folder, name)) = &file {
        let text = report.to_json().map_err(io_error)?;
        let write = |file: &mut dyn std::io::Write| file.write_all(text.as_bytes());
        folder.write(name, |file| write(file).map_err(io_error))?;
    }
    terminal::print(&tell::told(&report, args.json, args.csv)?)?;
    if let Some((folder, (name, format))) = plot.filter(|_| !report.results.is_empty()) {
        let comparison = Comparison::new(&[(String::new(), report.clone())]);
        let figure = columns::figure(&name, &comparison);
        for path in write_figure(&folder, &figure, &[format]) {
            let path = path?;
            if !is_quiet {
                terminal::say(&format!("{}", path.display()));
            }
        }
    }
    match failure {
        Some(error) => Err(error),
        None if report.interrupted => Ok(Outcome::Interrupted),
        None => Ok(Outcome::Done),
    }
}
