//! What a benchmark prints: a table, the measurements as CSV, or the report.

use serde::Serialize;

use crate::cli::table::{aligned, per_second};
use loligo::benchmark::comparison::label;
use loligo::benchmark::report::{EngineReport, Measurement, Report};
use loligo::engine::cost::Operation;
use loligo::error::Error;
use loligo::output::folder::io_error;

/// What is printed of a report.
pub fn told(report: &Report, json: bool, csv: bool) -> Result<String, Error> {
    match (json, csv) {
        (true, _) => report.to_json().map_err(io_error),
        (_, true) => as_csv(report.results.iter().map(Flat::of)),
        _ => Ok(text(report)),
    }
}

/// Rows as CSV, under the names of their fields.
pub fn as_csv<R: Serialize>(rows: impl Iterator<Item = R>) -> Result<String, Error> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    for row in rows {
        csv.serialize(row).map_err(io_error)?;
    }
    let bytes = csv.into_inner().map_err(|error| io_error(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A measurement without what is in it: a row of a table.
#[derive(Serialize)]
struct Flat<'a> {
    engine: &'a str,
    device: &'a str,
    is_software: bool,
    precision: &'a str,
    model: &'a str,
    integrator: &'a str,
    noise: &'a str,
    recording: &'a str,
    neurons: usize,
    steps: u32,
    windows: usize,
    neuron_steps_per_s: f64,
    slowest: f64,
    fastest: f64,
    device_neuron_steps_per_s: Option<f64>,
    attainable_neuron_steps_per_s: Option<f64>,
    attained: Option<f64>,
    limit: &'static str,
    setup_s: f64,
    memory_bytes: usize,
    joule_per_giga_neuron_steps: Option<f64>,
    coincidence: Option<f64>,
}

impl<'a> Flat<'a> {
    fn of(result: &'a Measurement) -> Self {
        Flat {
            engine: &result.engine,
            device: &result.device,
            is_software: result.is_software,
            precision: &result.precision,
            model: &result.model,
            integrator: &result.integrator,
            noise: &result.noise,
            recording: &result.recording,
            neurons: result.neurons,
            steps: result.steps,
            windows: result.windows,
            neuron_steps_per_s: result.neuron_steps_per_s,
            slowest: result.slowest,
            fastest: result.fastest,
            device_neuron_steps_per_s: result.device_neuron_steps_per_s,
            attainable_neuron_steps_per_s: result.attainable_neuron_steps_per_s,
            attained: result.attained,
            limit: result.limit.name(),
            setup_s: result.setup_s,
            memory_bytes: result.memory_bytes,
            joule_per_giga_neuron_steps: result.joule_per_giga_neuron_steps,
            coincidence: result.verified.as_ref().map(|agreement| agreement.coincidence),
        }
    }
}

fn text(report: &Report) -> String {
    let commit = report.commit.as_ref().map_or(String::new(), |commit| format!(" ({commit})"));
    let mut text = format!("loligo {}{commit}\n", report.loligo);
    report.engines.iter().for_each(|engine| text += &told_engine(engine));
    if !report.results.is_empty() {
        text += "\n";
        text += &table(&report.results);
        text += &details(&report.results);
    }
    for soak in &report.soaks {
        let outcome = soak.outcome;
        let drift = outcome.drift.map_or(String::new(), |drift| {
            format!(", the last fifth at {drift:.3} of the speed of the first")
        });
        text += &format!(
            "{} {}, {} neurons: {} rounds of {} steps, {} ({} to {}){drift}; wrong: {}\n",
            soak.engine,
            soak.case,
            soak.neurons,
            outcome.rounds,
            soak.steps,
            per_second(outcome.median),
            giga(outcome.slowest),
            giga(outcome.fastest),
            outcome.wrong
        );
    }
    for tuned in &report.tuning {
        let what = format!("{} {}, {} neurons", tuned.device, tuned.case, tuned.neurons);
        text += &match (tuned.best.lanes, tuned.best.words) {
            _ if tuned.gain <= 1.0 => {
                format!(
                    "{what}: no other lanes, workgroups or blocks are faster than the engine's own\n"
                )
            }
            (lanes, words) => {
                let own =
                    |size: Option<usize>| size.map_or("the engine's".into(), |n| n.to_string());
                format!(
                    "{what}: {:.2} x as fast with lanes {}, workgroup {}, words of a block {}\n",
                    tuned.gain,
                    own(lanes),
                    tuned.best.workgroup,
                    own(words)
                )
            }
        };
    }
    text
}

/// A device and its ceilings.
fn told_engine(engine: &EngineReport) -> String {
    let EngineReport { engine: kind, device, driver, precision, is_software, .. } = engine;
    let played = if *is_software { "; played by the processor" } else { "" };
    let mut text = format!("{kind}  {device} ({driver}; {precision}{played})\n");
    if let Some(ceilings) = &engine.ceilings {
        let of = |operation: Operation| {
            let rate = ceilings.of(operation)?;
            Some(format!("{} {}", operation.name(), giga(rate)))
        };
        let rates: Vec<_> = Operation::ALL.into_iter().filter_map(of).collect();
        let readback = ceilings
            .readback_bytes_per_s
            .map_or(String::new(), |rate| format!(", to the host {} GB/s", giga(rate)));
        text += &format!(
            "     at best: {}, sums and masks in turn {} G/s; memory {} GB/s{readback}; a launch {:.1} us\n",
            rates.join(", "),
            giga(ceilings.mixed_per_s),
            giga(ceilings.memory_bytes_per_s),
            1e6 * ceilings.launch_s
        );
    }
    let told = [
        engine.after.clock_mhz.map(|clock| format!("{clock:.0} MHz")),
        engine.after.power_w.map(|power| format!("{power:.0} W")),
        engine.after.temperature_c.map(|celsius| format!("{celsius:.0} C")),
    ];
    let told: Vec<_> = told.into_iter().flatten().collect();
    if !told.is_empty() {
        text += &format!("     at the end: {}\n", told.join(", "));
    }
    text
}

fn giga(rate: f64) -> String {
    let giga = rate * 1e-9;
    match giga {
        x if x >= 100.0 => format!("{x:.0}"),
        x if x >= 10.0 => format!("{x:.1}"),
        x => format!("{x:.3}"),
    }
}

fn table(results: &[Measurement]) -> String {
    let head = [
        "engine",
        "model",
        "integrator",
        "noise",
        "recording",
        "neurons",
        "G neuron-steps/s",
        "spread",
        "device's clock",
        "real time",
        "setup [s]",
        "memory [MiB]",
        "attained",
        "limit",
    ];
    let mut cells = vec![head.map(str::to_owned)];
    cells.extend(results.iter().map(|row| {
        [
            label(&row.engine, &row.device, &row.driver, row.is_software, &row.precision),
            row.model.clone(),
            row.integrator.clone(),
            row.noise.clone(),
            row.recording.clone(),
            row.neurons.to_string(),
            giga(row.neuron_steps_per_s),
            format!("{} to {}", giga(row.slowest), giga(row.fastest)),
            row.device_neuron_steps_per_s.map_or("-".into(), giga),
            format!("{:.3} x", row.times_real_time),
            format!("{:.3}", row.setup_s),
            format!("{:.1}", row.memory_bytes as f64 / f64::from(1 << 20)),
            row.attained.map_or("-".into(), |attained| format!("{attained:.2}")),
            row.limit.name().to_owned(),
        ]
    }));
    let right: [bool; 14] = std::array::from_fn(|column| (5..13).contains(&column));
    aligned(&cells, &right)
}

/// What is not in the table: what a step costs, energy, how far spikes agree. A line for each case.
fn details(results: &[Measurement]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for row in results {
        let Measurement { engine, model, integrator, noise, .. } = row;
        let Some(cost) = &row.cost else { continue };
        let counts = cost
            .operations
            .iter()
            .map(|amount| format!("{} {:.1}", amount.operation.name(), amount.count));
        let line = format!(
            "a step of {model} {integrator} {noise}: {}; {:.0} bytes a block",
            counts.collect::<Vec<_>>().join(", "),
            cost.bytes_per_block
        );
        let verified = row.verified.as_ref().map(|agreement| {
            format!(
                "{engine} {model} {integrator} {noise}: {:.5} of {} spikes are those of {}",
                agreement.coincidence, agreement.spikes, agreement.oracle
            )
        });
        for line in [Some(line), verified].into_iter().flatten() {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    let energies = results.iter().filter_map(|row| {
        let joule = row.joule_per_giga_neuron_steps?;
        let Measurement { engine, model, noise, neurons, .. } = row;
        Some(format!("{engine} {model} {noise} {neurons}: {joule:.3} J per 10^9 neuron-steps"))
    });
    lines.extend(energies);
    lines.iter().map(|line| format!("{line}\n")).collect()
}
