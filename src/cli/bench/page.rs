//! A page of all devices that reports were sent of: a table, a figure, the reports.

use std::path::Path;

use super::columns::{figure, told};
use loligo::benchmark::comparison::{Comparison, label};
use loligo::benchmark::machine::Machine;
use loligo::benchmark::report::{EngineReport, PeerResult, Report};
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

/// A text without what would make it more than text.
fn plain(text: &str) -> String {
    let plain = |c: char| if c.is_control() || "|<>`".contains(c) { ' ' } else { c };
    text.chars().map(plain).collect()
}

/// A row of a table. What a report holds is others'.
fn row<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let told = |cell: T| plain(cell.as_ref());
    format!("| {} |\n", cells.into_iter().map(told).collect::<Vec<_>>().join(" | "))
}

/// The head of a table: the names of its columns, the last of them of numbers.
fn head<T: AsRef<str>>(names: &[T], numbers: usize) -> String {
    let texts = names.len().saturating_sub(numbers);
    format!("{}|{}{}\n", row(names), "---|".repeat(texts), "---:|".repeat(names.len() - texts))
}

fn page(reports: &[(String, Report)], comparison: &Comparison) -> String {
    let mut text = String::from("# Results\n\n");
    text += "Throughput of Loligo on devices, in 10^9 neuron-steps per second: the median over windows of time, after a warm-up, \
             with spikes taken to the host where they are recorded. Ratios are to the first column, with what the slowest and the fastest \
             windows allow. Software that plays a graphics device says nothing of graphics processors.\n\n";
    text += &format!(
        "![Throughput over the number of neurons, a panel for each work, a line for each device]({FIGURE}.svg)\n"
    );
    for work in comparison.works() {
        let names = comparison.columns.iter().map(|column| column.name.as_str());
        let names: Vec<&str> = ["neurons"].into_iter().chain(names).collect();
        text += &format!("\n## {}\n\n{}", plain(&work.name()), head(&names, names.len()));
        for of_work in comparison.rows.iter().filter(|row| row.work == *work) {
            let cells = of_work.cells.iter().enumerate().map(|(n, cell)| told(*cell, n == 0));
            text += &row([of_work.neurons.to_string()].into_iter().chain(cells));
        }
    }
    text += "\n## The reports\n\n";
    let names = [
        "report",
        "date",
        "device",
        "driver",
        "processor",
        "threads",
        "system",
        "Loligo",
        "spikes",
        "held back",
    ];
    text += &head(&names, 0);
    for (name, report) in reports {
        report.engines.iter().for_each(|engine| text += &of_engine(name, report, engine));
    }
    let mut peers = reports
        .iter()
        .flat_map(|(name, report)| report.peers.iter().map(move |peer| of_peer(name, peer)))
        .peekable();
    if peers.peek().is_some() {
        let names = [
            "report",
            "program",
            "device",
            "model",
            "noise",
            "neurons",
            "steps",
            "G neuron-steps/s",
            "rate [Hz]",
        ];
        text += &format!("\n## Other programs on the same machines\n\n{}", head(&names, 4));
        text.extend(peers);
    }
    text += "\nThis page is made by `loligo bench compare docs/results/*.json --page docs/results/README.md`. \
             [How to send a report](../benchmark.md#send-yours).\n";
    text
}

/// The row of an engine of a report.
fn of_engine(name: &str, report: &Report, engine: &EngineReport) -> String {
    let EngineReport { engine: kind, device, driver, precision, is_software, held_back, .. } =
        engine;
    let own = report.results.iter().filter(|result| {
        (&result.engine, &result.device, &result.precision) == (kind, device, precision)
    });
    let coincidences = own.filter_map(|result| Some(result.verified.as_ref()?.coincidence));
    let verified = coincidences
        .reduce(f64::min)
        .map_or("not compared".into(), |least| format!("{least:.4} coincide"));
    let Machine { processor, threads, system, .. } = &report.machine;
    let commit = report.commit.as_deref().unwrap_or("-");
    row([
        format!("[{name}]({name}.json)"),
        report.date.clone(),
        label(kind, device, driver, *is_software, precision),
        driver.clone(),
        processor.clone(),
        threads.to_string(),
        system.clone(),
        format!("{} ({commit})", report.loligo),
        verified,
        held_back.clone().unwrap_or_else(|| "no".into()),
    ])
}

/// The row of another program of a report.
fn of_peer(name: &str, peer: &PeerResult) -> String {
    row([
        name.to_owned(),
        format!("{} {}", peer.peer, peer.version),
        peer.device.clone(),
        peer.model.clone(),
        peer.noise.clone(),
        peer.neurons.to_string(),
        peer.steps.to_string(),
        format!("{:.3}", peer.neuron_steps_per_s * 1e-9),
        peer.rate_hz.map_or("-".into(), |rate| format!("{rate:.2}")),
    ])
}
