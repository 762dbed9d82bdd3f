//! A report of benchmarks: a JSON file that others can read and hold against their own.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::limit::Limit;
use super::machine::Machine;
use super::sensors::Reading;
use super::soak::{Outcome, Round};
use super::tune::Tuned;
use super::verify::Agreement;
use crate::engine::ceilings::Ceilings;
use crate::engine::cost::Cost;
use crate::error::{Error, Place, Problem};

/// The version of reports that are written, and read.
pub const VERSION: u32 = 1;

/// The largest file that is read: a hundred thousand measurements.
const MOST_BYTES: u64 = 1 << 28;

/// How it was measured, in words.
const METHOD: &str = "windows of time of a run that goes on, after a warm-up of 4 blocks and a quarter of a window at least; \
the median of the windows counts; defaults of each model, seed 1; wall clock, with spikes taken to the host and sorted";

/// A report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Its version.
    pub report: u32,
    /// The version of Loligo.
    pub loligo: String,
    /// The commit that it was built from, where that is known.
    pub commit: Option<String>,
    /// When it was written, in UTC.
    pub date: String,
    /// How it was measured.
    pub method: String,
    /// Remarks of who made it.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Whether it was ended before all was measured.
    pub interrupted: bool,
    /// What failed; the rest is what was measured.
    pub failures: Vec<String>,
    /// The machine.
    pub machine: Machine,
    /// The engines.
    pub engines: Vec<EngineReport>,
    /// What was measured.
    pub results: Vec<Measurement>,
    /// Work that was repeated for a long time.
    #[serde(default)]
    pub soaks: Vec<SoakReport>,
    /// How neurons are best cut up for a device.
    #[serde(default)]
    pub tuning: Vec<Tuned>,
    /// What other programs measured on this machine.
    #[serde(default)]
    pub peers: Vec<PeerResult>,
}

/// An engine, and what its device can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EngineReport {
    /// `cpu` or `gpu`.
    pub engine: String,
    /// The device's name.
    pub device: String,
    /// Whether a processor plays the device.
    pub is_software: bool,
    /// Driver and graphics interface, or instruction set and threads.
    pub driver: String,
    /// `f32` or `f64`.
    pub precision: String,
    /// Limits that cut neurons up, and the address on the bus.
    pub limits: serde_json::Map<String, serde_json::Value>,
    /// What the device can do at best, where that was measured.
    pub ceilings: Option<Ceilings>,
    /// What the system told before and after.
    pub before: Reading,
    /// The same, after.
    pub after: Reading,
    /// Sums and products per second before and after.
    pub floats_per_s: Option<[f64; 2]>,
    /// Why it was held back, if it was.
    pub held_back: Option<String>,
    /// What could not be told of it.
    pub notes: Vec<String>,
}

/// A measured throughput.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// `cpu` or `gpu`.
    pub engine: String,
    /// The device's name.
    pub device: String,
    /// Driver and graphics interface, or instruction set and threads.
    pub driver: String,
    /// `f32` or `f64`.
    pub precision: String,
    /// Whether a processor plays the device.
    pub is_software: bool,
    /// The model.
    pub model: String,
    /// The integrator.
    pub integrator: String,
    /// The kind of noise.
    pub noise: String,
    /// How many neurons.
    pub neurons: usize,
    /// Steps that were measured.
    pub steps: u32,
    /// Steps of a block.
    pub steps_of_a_block: f64,
    /// What was recorded.
    pub recording: String,
    /// How many windows.
    pub windows: usize,
    /// The median over the windows.
    pub neuron_steps_per_s: f64,
    /// The slowest window.
    pub slowest: f64,
    /// The fastest window.
    pub fastest: f64,
    /// By the device's own clock, where it has one.
    pub device_neuron_steps_per_s: Option<f64>,
    /// Time simulated over time taken.
    pub times_real_time: f64,
    /// Seconds to upload parameters and compile kernels.
    pub setup_s: f64,
    /// Memory of the neurons and their spikes under way.
    pub memory_bytes: usize,
    /// The share of the time in which the host did something else than waiting for the device.
    pub host_share: f64,
    /// What a neuron-step costs.
    pub cost: Option<Cost>,
    /// What the device's ceilings allow.
    pub attainable_neuron_steps_per_s: Option<f64>,
    /// The throughput over that.
    pub attained: Option<f64>,
    /// What limits it.
    pub limit: Limit,
    /// Joule per 10^9 neuron-steps, where energy or power is told.
    pub joule_per_giga_neuron_steps: Option<f64>,
    /// How far the spikes agree with those of another engine, where that was asked for.
    pub verified: Option<Agreement>,
}

/// Work that was repeated for a long time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SoakReport {
    /// The device's name.
    pub device: String,
    /// `cpu` or `gpu`.
    pub engine: String,
    /// What was repeated.
    pub case: String,
    /// How many neurons.
    pub neurons: usize,
    /// Steps of a round.
    pub steps: u32,
    /// All rounds.
    pub rounds: Vec<Round>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What another program measured: a line of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PeerResult {
    /// The program.
    pub peer: String,
    /// Its version.
    pub version: String,
    /// The device that it ran on.
    #[serde(default)]
    pub device: String,
    /// The model.
    pub model: String,
    /// The kind of noise.
    pub noise: String,
    /// How many neurons.
    pub neurons: usize,
    /// How many steps.
    pub steps: u64,
    /// Seconds of the stepping alone.
    pub seconds: f64,
    /// Its speed.
    pub neuron_steps_per_s: f64,
    /// The mean rate of its neurons.
    pub rate_hz: Option<f64>,
    /// What was recorded.
    #[serde(default)]
    pub recording: String,
}

impl Report {
    /// An empty one, of this machine and now.
    pub fn new() -> Self {
        Report {
            report: VERSION,
            loligo: env!("CARGO_PKG_VERSION").to_owned(),
            commit: option_env!("LOLIGO_COMMIT").map(str::to_owned),
            date: now(),
            method: METHOD.to_owned(),
            notes: Vec::new(),
            interrupted: false,
            failures: Vec::new(),
            machine: Machine::this(),
            engines: Vec::new(),
            results: Vec::new(),
            soaks: Vec::new(),
            tuning: Vec::new(),
            peers: Vec::new(),
        }
    }

    /// Reads a report.
    ///
    /// # Errors
    /// If it cannot be read, is none, is of another version, or has numbers that are no speeds.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let io = |source| Error::Io { action: "read", path: path.to_owned(), source };
        let bytes = fs::metadata(path).map_err(io)?.len();
        if bytes > MOST_BYTES {
            return Err(problem(path, "", 0, format!("{bytes} bytes are too many for a report")));
        }
        let text = String::from_utf8_lossy(&fs::read(path).map_err(io)?).into_owned();
        parse(path, &text)
    }

    /// The text of its file.
    ///
    /// # Errors
    /// Never, as far as is known.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

impl Default for Report {
    fn default() -> Self {
        Report::new()
    }
}

/// The time in UTC, in whole seconds.
fn now() -> String {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}

fn parse(path: &Path, text: &str) -> Result<Report, Error> {
    let wrong = |error: serde_json::Error| {
        let line = error.line();
        let before: usize =
            text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let at = (before + error.column().saturating_sub(1)).min(text.len());
        problem(path, text, at, format!("this is no report of a benchmark: {error}"))
    };
    let value: serde_json::Value = serde_json::from_str(text).map_err(wrong)?;
    match value.get("report").map(serde_json::Value::as_u64) {
        Some(Some(version)) if version == u64::from(VERSION) => {}
        Some(Some(version)) => {
            let message = format!(
                "this is a report of version {version}, and version {VERSION} is read here"
            );
            let at = text.find("\"report\"").unwrap_or_default();
            return Err(problem(path, text, at, message));
        }
        _ => {
            let message = "this is no report of a benchmark: it has no number `report`";
            return Err(problem(path, text, 0, message.into()));
        }
    }
    let report: Report = serde_json::from_str(text).map_err(wrong)?;
    for (index, result) in report.results.iter().enumerate() {
        let Measurement { slowest, neuron_steps_per_s: median, fastest, neurons, .. } = result;
        let is_speed = |speed: &f64| speed.is_finite() && *speed > 0.0;
        let is_ordered = slowest <= median && median <= fastest;
        if ![slowest, median, fastest].into_iter().all(is_speed) || !is_ordered || *neurons == 0 {
            let message = format!(
                "result {index} has {neurons} neurons at {median} neuron-steps per second, from {slowest} to {fastest}: \
                 that is no throughput"
            );
            return Err(problem(path, text, 0, message));
        }
    }
    Ok(report)
}

/// Reads lines of other programs, each a JSON object.
///
/// # Errors
/// If the file cannot be read, or a line is none.
pub fn read_peers(path: &Path) -> Result<Vec<PeerResult>, Error> {
    let io = |source| Error::Io { action: "read", path: path.to_owned(), source };
    let text = fs::read_to_string(path).map_err(io)?;
    let mut peers = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if !line.trim().is_empty() {
            let peer: PeerResult = serde_json::from_str(line).map_err(|error| {
                problem(path, &text, at, format!("this is no result of another program: {error}"))
            })?;
            peers.push(peer);
        }
        at += line.len();
    }
    Ok(peers)
}

fn problem(path: &Path, text: &str, at: usize, message: String) -> Error {
    let text: Arc<str> = text.into();
    let at =
        (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let place = Place::File { path: path.to_owned(), span: at..at, text };
    Problem::new(message, &place, "write one with `loligo bench --report FILE.json`").into()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A measurement of some speed.
    pub fn measurement(device: &str, model: &str, neurons: usize, speed: f64) -> Measurement {
        Measurement {
            engine: "gpu".into(),
            device: device.into(),
            driver: "Vulkan".into(),
            precision: "f32".into(),
            is_software: device.contains("llvmpipe"),
            model: model.into(),
            integrator: "euler".into(),
            noise: "white".into(),
            neurons,
            steps: 3200,
            steps_of_a_block: 320.0,
            recording: "spikes".into(),
            windows: 3,
            neuron_steps_per_s: speed,
            slowest: 0.9 * speed,
            fastest: 1.1 * speed,
            device_neuron_steps_per_s: None,
            times_real_time: 1.0,
            setup_s: 0.1,
            memory_bytes: 1,
            host_share: 0.1,
            cost: None,
            attainable_neuron_steps_per_s: None,
            attained: None,
            limit: Limit::Arithmetic,
            joule_per_giga_neuron_steps: None,
            verified: None,
        }
    }

    fn message(text: &str) -> String {
        parse(Path::new("r.json"), text).unwrap_err().to_string()
    }

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let results = vec![measurement("llvmpipe", "lif", 10, 1e9)];
        let report = Report { results, ..Report::new() };
        let text = report.to_json().unwrap();
        assert_eq!(parse(Path::new("r.json"), &text).unwrap(), report);
        assert!(report.date.ends_with('Z') && report.date.len() == 20, "{}", report.date);
    }

    #[test]
    fn wrong_reports_are_told_with_their_place() {
        let results = vec![measurement("llvmpipe", "lif", 10, 1e9)];
        let text = Report { results, ..Report::new() }.to_json().unwrap();
        let version = text.replace("\"report\": 1", "\"report\": 7");
        assert!(message(&version).starts_with("r.json:2: this is a report of version 7"));
        let with = |speed: &str| {
            text.replace("\"slowest\": 900000000.0", &format!("\"slowest\": {speed}"))
        };
        for speed in ["NaN", "null", "\"fast\"", "1e999"] {
            let message = message(&with(speed));
            let line = text[..text.find("\"slowest\"").unwrap()].matches('\n').count() + 1;
            assert!(message.starts_with(&format!("r.json:{line}: this is no report")), "{message}");
        }
        for speed in ["-1", "0", "2e9"] {
            assert!(message(&with(speed)).contains("that is no throughput"), "{speed}");
        }
        assert!(message("{}").contains("no number `report`"));
        assert!(message("").contains("this is no report"));
        assert!(message(&text[..text.len() / 2]).contains("this is no report"));
    }
}
