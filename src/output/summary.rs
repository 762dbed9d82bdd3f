//! `summary.json`: what was simulated, on what, how fast, and what came out.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::folder::io_error;
pub use super::timing::Timing;
use crate::Record;
use crate::analysis::Moments;
use crate::analysis::counts::Correlation;
use crate::analysis::intervals::{FEW_INTERVALS, PopulationIntervals};
use crate::analysis::spectrum::Taper;
use crate::engine::EngineInfo;
use crate::error::Error;
use crate::model::{MissedCrossings, Parameter};
use crate::population::{Population, Recording, Source, Values};
use crate::results::notes::is_under_sampled;
use crate::results::{PopulationResults, Results};
use crate::setting::Literal;
use crate::sweep::Sweep;
use crate::window::Window;

/// The whole summary.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    loligo: &'static str,
    seed: u64,
    neurons: usize,
    steps: u32,
    dt_ms: f64,
    duration_ms: f64,
    /// The begin and the end of what statistics are of.
    window_ms: [f64; 2],
    record: String,
    /// Whether the run ended before its time: by Ctrl-C, or because something failed.
    interrupted: bool,
    engine: EngineInfo,
    timing: Timing,
    /// What was told besides, a line each.
    notes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sweep: Vec<SweepSummary>,
    populations: Vec<PopulationSummary>,
    /// What a study finds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub study: Option<Value>,
}

/// A swept key and its values.
#[derive(Clone, Debug, Serialize)]
struct SweepSummary {
    key: String,
    values: Vec<Value>,
}

#[derive(Clone, Debug, Serialize)]
struct PopulationSummary {
    name: String,
    /// The cell of the grid that this population is.
    #[serde(skip_serializing_if = "Map::is_empty")]
    at: Map<String, Value>,
    model: &'static str,
    integrator: &'static str,
    neurons: usize,
    parameters: BTreeMap<&'static str, Told>,
    stimulus: Kinded,
    noise: Kinded,
    spikes: u64,
    rate_hz: Spread,
    isi_ms: Isi,
    /// The Fano factor over neurons.
    fano: Option<f64>,
    fano_over_neurons: FanoOverNeurons,
    fano_over_windows: Option<FanoOverWindows>,
    correlation: Option<CorrelationSummary>,
    count_covariance: Option<CovarianceSummary>,
    spectrum: Option<SpectrumSummary>,
    /// What is missed by looking at the threshold at the steps only.
    #[serde(skip_serializing_if = "Option::is_none")]
    missed_crossings: Option<MissedCrossings>,
    /// The standard deviation of the membrane potential that the noise would have without spikes, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    v_sd_predicted_mv: Option<f64>,
    /// What drives the neurons besides stimulus and noise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sources: Vec<SourceSummary>,
}

/// A source.
#[derive(Clone, Debug, Serialize)]
struct SourceSummary {
    name: String,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    frozen: Option<bool>,
    /// Its equations, a line each.
    equations: Vec<String>,
    /// What is played.
    #[serde(skip_serializing_if = "Option::is_none")]
    recording: Option<Recording>,
    parameters: BTreeMap<&'static str, Told>,
}

impl SourceSummary {
    fn new(source: &Source) -> Self {
        let definition = &source.part().definition;
        SourceSummary {
            name: source.name().to_owned(),
            kind: definition.kind.clone(),
            frozen: source.part().is_frozen.then_some(true),
            equations: definition.equations(),
            recording: source.signal().and_then(|signal| signal.recording.clone()),
            parameters: Told::all(source.parameters(), source.values()),
        }
    }
}

/// Whether a source is told besides stimulus and noise: with its equations, or another name.
fn is_besides(source: &&Source) -> bool {
    source.is_on_tape() || !["stimulus", "noise"].contains(&source.name())
}

/// Variance over mean of the neurons' spike counts in one window.
#[derive(Clone, Debug, Serialize)]
struct FanoOverNeurons {
    value: Option<f64>,
    window_ms: f64,
}

/// Variance over mean of a neuron's spike counts in several windows, averaged over neurons.
#[derive(Clone, Debug, Serialize)]
struct FanoOverWindows {
    mean: Option<f64>,
    /// Standard error of the mean over neurons.
    sem: Option<f64>,
    window_ms: f64,
    /// Neurons that fired.
    neurons: u64,
}

/// How the spectrum was taken, and what it is averaged over.
#[derive(Clone, Debug, Serialize)]
struct SpectrumSummary {
    method: &'static str,
    taper: Taper,
    segment_ms: f64,
    /// From a segment to the next, on average.
    hop_ms: f64,
    df_hz: f64,
    neurons: usize,
    segments: usize,
}

/// The spike-count correlation over all pairs of neurons whose counts vary.
#[derive(Clone, Debug, Serialize)]
struct CorrelationSummary {
    mean: f64,
    /// Standard error of the mean.
    sem: f64,
    window_ms: f64,
    pairs: u64,
}

/// The covariance of the spike counts of all pairs of neurons.
#[derive(Clone, Debug, Serialize)]
struct CovarianceSummary {
    mean: f64,
    window_ms: f64,
    pairs: u64,
}

/// A parameter: its value, or how the neurons' values are spread; null if it follows from others.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Told {
    Same(Option<f64>),
    Each { mean: Option<f64>, std: Option<f64>, min: f64, max: f64 },
}

#[derive(Clone, Debug, Serialize)]
struct Kinded {
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    frozen: Option<bool>,
    /// What is played.
    #[serde(skip_serializing_if = "Option::is_none")]
    recording: Option<Recording>,
    #[serde(flatten)]
    parameters: BTreeMap<&'static str, Told>,
}

#[derive(Clone, Debug, Serialize)]
struct Spread {
    mean: Option<f64>,
    std: Option<f64>,
    /// Standard error of the mean over neurons.
    sem: Option<f64>,
}

#[derive(Clone, Debug, Default, Serialize)]
struct Isi {
    /// Intervals of all neurons.
    count: Option<u64>,
    /// Over all intervals, as is the standard deviation.
    mean: Option<f64>,
    std: Option<f64>,
    /// Of all intervals together: mixes the spread within neurons and between them.
    cv_pooled: Option<f64>,
    /// The CV: mean over neurons.
    cv_mean: Option<f64>,
    /// Standard error of the mean over neurons.
    cv_sem: Option<f64>,
    /// Neurons with a CV: with two intervals or more.
    neurons: Option<u64>,
    /// Whether the CV is too low because more than a tenth of the neurons have fewer than `few_intervals`.
    under_sampled: Option<bool>,
    few_intervals: Option<u64>,
    /// Mean over neurons of the jackknifed CV: less bias, more spread.
    cv_jackknife: Option<f64>,
    cv2_mean: Option<f64>,
    lv_mean: Option<f64>,
    lvr_mean: Option<f64>,
}

/// A value as written.
fn json(literal: &Literal) -> Value {
    match literal {
        Literal::Number(number) => Value::from(*number),
        other => Value::from(other.to_string()),
    }
}

impl Told {
    fn new(values: &Values) -> Self {
        match values {
            Values::Same(value) => Told::Same(value.is_finite().then_some(*value)),
            Values::Each(values) => {
                let moments: Moments = values.iter().copied().collect();
                Told::Each {
                    mean: moments.mean(),
                    std: moments.std(),
                    min: values.iter().copied().fold(f64::INFINITY, f64::min),
                    max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                }
            }
        }
    }

    fn all(parameters: &[Parameter], values: &[Values]) -> BTreeMap<&'static str, Told> {
        parameters.iter().map(|p| p.name).zip(values.iter().map(Told::new)).collect()
    }
}

impl Kinded {
    /// The stimulus or the noise.
    fn of(population: &Population, name: &str) -> Self {
        let Some(source) = population.source(name) else {
            return Kinded {
                kind: "none".to_owned(),
                frozen: None,
                recording: None,
                parameters: BTreeMap::new(),
            };
        };
        Kinded {
            kind: source.part().definition.kind.clone(),
            frozen: source.part().is_frozen.then_some(true),
            recording: source.signal().and_then(|signal| signal.recording.clone()),
            parameters: Told::all(source.parameters(), source.values()),
        }
    }
}

impl PopulationSummary {
    fn new(results: &PopulationResults, window: Window, dt_ms: f64) -> Self {
        let PopulationResults { population, rates, recorded, .. } = results;
        let recorded = recorded.as_ref();
        let counts = recorded.and_then(|recorded| recorded.counts);
        let model = population.model;
        PopulationSummary {
            name: population.name.clone(),
            at: population.at.iter().map(|(key, value)| (key.clone(), json(value))).collect(),
            model: model.name,
            integrator: model.integrators[population.integrator].name,
            neurons: population.neurons,
            parameters: Told::all(model.parameters, &population.parameters),
            stimulus: Kinded::of(population, "stimulus"),
            noise: Kinded::of(population, "noise"),
            spikes: rates.spikes,
            rate_hz: Spread { mean: rates.hz.mean(), std: rates.hz.std(), sem: rates.hz.sem() },
            isi_ms: recorded.map_or_else(Isi::default, |recorded| {
                Isi::new(&recorded.intervals, is_under_sampled(results))
            }),
            fano: rates.fano_over_neurons,
            fano_over_neurons: FanoOverNeurons {
                value: rates.fano_over_neurons,
                window_ms: window.duration_ms(dt_ms),
            },
            fano_over_windows: counts.map(|counts| FanoOverWindows {
                mean: counts.fano.mean(),
                sem: counts.fano.sem(),
                window_ms: counts.window_ms,
                neurons: counts.fano.count,
            }),
            correlation: counts.and_then(|counts| {
                let Correlation { mean, sem, pairs } = counts.correlation?;
                Some(CorrelationSummary { mean, sem, window_ms: counts.window_ms, pairs })
            }),
            count_covariance: counts.and_then(|counts| {
                let neurons = population.neurons as u64;
                let (mean, window_ms) = (counts.covariance?, counts.window_ms);
                Some(CovarianceSummary { mean, window_ms, pairs: neurons * (neurons - 1) / 2 })
            }),
            spectrum: recorded.and_then(|recorded| recorded.spectrum.as_ref()).map(|spectrum| {
                SpectrumSummary {
                    method: "welch",
                    taper: spectrum.taper,
                    segment_ms: spectrum.segment_ms,
                    hop_ms: spectrum.hop_ms,
                    df_hz: spectrum.df_hz,
                    neurons: if spectrum.power.is_empty() { 0 } else { spectrum.neurons },
                    segments: spectrum.segments,
                }
            }),
            missed_crossings: population.missed_crossings(dt_ms),
            v_sd_predicted_mv: population.predicted_deviation(dt_ms),
            sources: population.sources.iter().filter(is_besides).map(SourceSummary::new).collect(),
        }
    }
}

impl Isi {
    fn new(intervals: &PopulationIntervals, under_sampled: bool) -> Self {
        Isi {
            count: Some(intervals.pooled.count),
            mean: intervals.pooled.mean(),
            std: intervals.pooled.std(),
            cv_pooled: intervals.pooled.cv(),
            cv_mean: intervals.cv.mean(),
            cv_sem: intervals.cv.sem(),
            neurons: Some(intervals.cv.count),
            under_sampled: Some(under_sampled),
            few_intervals: Some(FEW_INTERVALS),
            cv_jackknife: intervals.cv_jackknife.mean(),
            cv2_mean: intervals.cv2_mean,
            lv_mean: intervals.lv_mean,
            lvr_mean: intervals.lvr_mean,
        }
    }
}

impl Summary {
    /// Summarises the results, with what was told besides.
    pub fn new(
        results: &Results,
        notes: Vec<String>,
        sweeps: &[Sweep],
        engine: &EngineInfo,
        record: Record,
        interrupted: bool,
        timing: Timing,
    ) -> Self {
        Summary {
            loligo: env!("CARGO_PKG_VERSION"),
            seed: results.seed,
            neurons: results.neurons(),
            steps: results.steps,
            dt_ms: results.dt_ms,
            duration_ms: results.duration_ms(),
            window_ms: results.window.ends_ms(results.dt_ms),
            notes,
            record: record.to_string(),
            interrupted,
            engine: engine.clone(),
            timing,
            sweep: sweeps
                .iter()
                .map(|sweep| SweepSummary {
                    key: sweep.key.clone(),
                    values: sweep.values.iter().map(json).collect(),
                })
                .collect(),
            populations: results
                .populations
                .iter()
                .map(|cell| PopulationSummary::new(cell, results.window, results.dt_ms))
                .collect(),
            study: None,
        }
    }

    /// The summary as one JSON document.
    ///
    /// # Errors
    /// Never, unless the program is wrong: all of it is strings, numbers and lists.
    pub fn to_json(&self) -> Result<String, Error> {
        Ok(serde_json::to_string_pretty(self).map_err(io_error)? + "\n")
    }
}
