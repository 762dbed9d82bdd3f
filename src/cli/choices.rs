//! What is recorded and how statistics are taken, from flags and from `[run]` of the file.

use clap::ValueEnum;

use super::args::{OutputArgs, positive_at};
use super::section::{Said, Section};
use loligo::analysis::spectrum::{Method, Taper};
use loligo::engine::choice::Precision;
use loligo::error::{Error, Place, Problem};
use loligo::experiment::Experiment;
use loligo::output::formats::SpikeFormat;
use loligo::setting::Setting;
use loligo::unit::tell;
use loligo::{Analysis, Record};

/// What is recorded and how statistics are taken.
#[derive(Clone, Debug)]
pub struct Choices {
    /// What is recorded.
    pub record: Record,
    /// Whether it was said: a comparison keeps spikes only then.
    pub record_is_said: bool,
    /// In which formats spikes are written.
    pub formats: Vec<SpikeFormat>,
    /// How statistics are taken.
    pub analysis: Analysis,
    /// In which precision neurons are stepped.
    pub precision: Precision,
    /// Which levels figures show.
    pub show: Vec<Said>,
    /// `[run]` as it is written out.
    pub section: String,
}

impl Choices {
    /// The choices for an experiment, from flags and the settings of `[run]`.
    ///
    /// # Errors
    /// If one of them is none, or does not fit the experiment.
    pub fn new(
        experiment: &Experiment,
        flags: &OutputArgs,
        precision: Option<Precision>,
        run: &[Setting],
    ) -> Result<Self, Error> {
        let mut section = Section::new(run)?;
        let flag = flags.record.map(|record| record.to_string());
        let (record, record_is_said) = match section.said("record", flag.as_deref()) {
            None => (Record::Spikes, false),
            Some((text, place)) => {
                let record = text.parse::<Record>().map_err(|_| {
                    let message = format!("there is no record `{text}`");
                    Problem::new(message, &place, format!("use {}", Record::NAMES))
                })?;
                (record, true)
            }
        };
        if record_is_said {
            section.write("record", &record.to_string());
        }
        let formats = formats(&mut section, &flags.format, record)?;
        let (taper, _) = section.choice("taper", flags.taper, Taper::default())?;
        section.write("taper", taper.name());
        let mut spectrum = Method { taper, ..Method::default() };
        if let Some(said) = section.said("segment", flags.segment.as_deref()) {
            spectrum.segment_ms = segment_ms(experiment, &said)?;
            section.write("segment", &said.0);
        }
        let default = || ("50ms".to_owned(), Place::Default);
        let window = section.said("window", flags.window.as_deref()).unwrap_or_else(default);
        let count_window_ms = window_ms(experiment, &window)?;
        section.write("window", &window.0);
        let precision = section.precision(precision)?;
        let show = section.list("show", &flags.show);
        section.write_list("show", &show);
        Ok(Choices {
            record,
            record_is_said: record_is_said || !formats.is_default,
            formats: formats.list,
            analysis: Analysis { count_window_ms, spectrum },
            precision,
            show,
            section: section.written(),
        })
    }
}

struct Formats {
    list: Vec<SpikeFormat>,
    is_default: bool,
}

/// The formats of spikes.
fn formats(
    section: &mut Section<'_>,
    flags: &[SpikeFormat],
    record: Record,
) -> Result<Formats, Error> {
    let flags: Vec<String> = flags.iter().map(|format| format.name().to_owned()).collect();
    let said = section.list("format", &flags);
    let Some((text, place)) = said.first() else {
        return Ok(Formats { list: vec![SpikeFormat::Npz], is_default: true });
    };
    if matches!(record, Record::Intervals | Record::None) {
        let message = format!("there are no spikes to be written as {text} with --record {record}");
        let remedy = "leave the format out, or record spikes or sample:N";
        return Err(Problem::new(message, place, remedy).into());
    }
    let mut list = Vec::new();
    for (text, place) in &said {
        let all = SpikeFormat::value_variants();
        let Some(format) = all.iter().find(|format| format.name() == text) else {
            let names: Vec<&str> = all.iter().map(|format| format.name()).collect();
            let message = format!("there is no format `{text}`");
            let remedy = format!("choose of {}", names.join(", "));
            return Err(Problem::new(message, place, remedy).into());
        };
        if !list.contains(format) {
            list.push(*format);
        }
    }
    section.write_list("format", &said);
    Ok(Formats { list, is_default: false })
}

/// Length of a spectrum's segment (ms).
fn segment_ms(experiment: &Experiment, (text, place): &Said) -> Result<f64, Error> {
    let ms = positive_at(place, text, "ms", "1s")?;
    let window_ms = experiment.window().duration_ms(experiment.dt_ms());
    if ms > window_ms * (1.0 + 1e-9) {
        let (segment, window) = (tell(ms), tell(window_ms));
        let message = format!("a segment of {segment} ms is longer than the window of {window} ms");
        return Err(Problem::new(message, place, "shorten it, or lengthen --duration").into());
    }
    if ms < 3.0 * experiment.dt_ms() {
        let message = format!("a segment of {} ms has no frequency", tell(ms));
        return Err(Problem::new(message, place, "give for example 1s").into());
    }
    Ok(ms)
}

/// Window in which spikes are counted (ms).
fn window_ms(experiment: &Experiment, (text, place): &Said) -> Result<f64, Error> {
    let ms = positive_at(place, text, "ms", "50ms")?;
    let dt_ms = experiment.dt_ms();
    if ms < dt_ms * (1.0 - 1e-9) {
        let message = format!("a window of {text} is less than a step of {} ms", tell(dt_ms));
        return Err(Problem::new(message, place, "give for example 50ms").into());
    }
    Ok(ms)
}
