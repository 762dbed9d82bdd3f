//! A page of all devices that reports were sent of: a table, a figure, the reports.

use std::fmt::Write as _;
use std::path::Path;

use super::columns::{figure, told};
use loligo::benchmark::comparison::{Comparison, label};
use loligo::benchmark::report::Report;
use loligo::error::Error;
use loligo::output::folder::{Folder, io_error};
use loligo::output::write_figure;
use loligo::plot::Format;

/// The name of the figure beside the page.
const FIGURE: &str = "devices";

/// Writes the page and its figure.
pub fn write(
    path: &Path,
    reports: &[(String, Report)],
    comparison: &Comparison,
) -> Result<(), Error> {
    let (folder, name) = Folder::around(path, "--page")?;
    for file in write_figure(&folder, &figure(FIGURE, comparison), &[Format::Svg]) {
        file?;
    }
    let text = page(reports, comparison);
    folder.write(name, |file| file.write_all(text.as_bytes()).map_err(io_error))?;
    Ok(())
}

fn page(reports: &[(String, Report)], comparison: &Comparison) -> String {
    let mut text = String::from("# Results\n\n");
    text += "Throughput of Loligo on devices, in 10^9 neuron-steps per second: the median over windows of time, after a warm-up, \
             with spikes taken to the host where they are recorded. Ratios are to the first column, with what the slowest and the fastest \
             windows allow. A software GPU is one that a processor plays: it says nothing of graphics processors.\n\n";
    text += &format!(
        "![Throughput over the number of neurons, a panel for each work, a line for each device]({FIGURE}.svg)\n"
    );
    for work in comparison.works() {
        let names = comparison.columns.iter().map(|column| column.name.as_str());
        let _ = write!(
            text,
            "\n## {}\n\n| neurons | {} |\n",
            work.name(),
            names.collect::<Vec<_>>().join(" | ")
        );
        text += &format!("|---:|{}\n", "---:|".repeat(comparison.columns.len()));
        for row in comparison.rows.iter().filter(|row| row.work == *work) {
            let cells = row.cells.iter().enumerate().map(|(n, cell)| told(*cell, n == 0));
            let cells = cells.collect::<Vec<_>>().join(" | ");
            let _ = writeln!(text, "| {} | {cells} |", row.neurons);
        }
    }
    text += "\n## The reports\n\n| report | date | device | driver | processor, threads | system | Loligo | spikes verified | held back |\n|---|---|---|---|---|---|---|---|---|\n";
    for (name, report) in reports {
        for engine in &report.engines {
            let device =
                label(&engine.engine, &engine.device, engine.is_software, &engine.precision);
            let machine = &report.machine;
            let of_engine = || {
                report
                    .results
                    .iter()
                    .filter(|r| r.device == engine.device && r.engine == engine.engine)
            };
            let verified =
                of_engine().filter_map(|result| Some(result.verified.as_ref()?.coincidence));
            let verified = verified
                .reduce(f64::min)
                .map_or("no".into(), |least| format!("{least:.4} coincide"));
            let commit = report.commit.as_deref().unwrap_or("-");
            let held_back = engine.held_back.as_deref().unwrap_or("no");
            let _ = writeln!(
                text,
                "| [{name}]({name}.json) | {} | {device} | {} | {}, {} | {} | {} ({commit}) | {verified} | {held_back} |",
                report.date,
                engine.driver,
                machine.processor,
                machine.threads,
                machine.system,
                report.loligo,
            );
        }
    }
    let peers: Vec<_> = reports
        .iter()
        .flat_map(|(name, report)| report.peers.iter().map(move |peer| (name, peer)))
        .collect();
    if !peers.is_empty() {
        text += "\n## Other programs on the same machines\n\n| report | program | device | model | noise | neurons | steps | G neuron-steps/s | rate [Hz] |\n|---|---|---|---|---|---:|---:|---:|---:|\n";
        for (name, peer) in peers {
            let rate = peer.rate_hz.map_or("-".into(), |rate| format!("{rate:.2}"));
            let _ = writeln!(
                text,
                "| {name} | {} {} | {} | {} | {} | {} | {} | {:.3} | {rate} |",
                peer.peer,
                peer.version,
                peer.device,
                peer.model,
                peer.noise,
                peer.neurons,
                peer.steps,
                peer.neuron_steps_per_s * 1e-9
            );
        }
    }
    text += "\nThis page is made by `loligo bench compare docs/results/*.json --page docs/results/README.md`. \
             [How to send a report](../benchmark.md#send-yours).\n";
    text
}
