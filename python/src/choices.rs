//! How a run is recorded and looked at: keywords, and `[run]` of a file.

use loligo::analysis::spectrum::Taper;
use loligo::{Analysis, Record};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::trace::time_ms;

/// How a run is recorded and looked at.
#[derive(Clone, Copy)]
pub struct Choices {
    /// What is recorded.
    pub record: Record,
    /// How statistics are taken.
    pub analysis: Analysis,
}

impl Choices {
    /// The choices of keywords: texts, numbers of ms, or None.
    pub fn new(experiment: &loligo::Experiment, said: &Bound<'_, PyDict>) -> PyResult<Self> {
        let get = |key: &str| -> PyResult<Option<Bound<'_, PyAny>>> {
            Ok(said.get_item(key)?.filter(|value| !value.is_none()))
        };
        let wrong = |message: String| PyValueError::new_err(message);
        let mut analysis = Analysis::default();
        let record = match get("record")? {
            None => Record::Spikes,
            Some(text) => {
                let text: String = text.extract()?;
                text.parse::<Record>().map_err(|_| {
                    wrong(format!("there is no record `{text}`; use {}", Record::NAMES))
                })?
            }
        };
        if let Some(taper) = get("taper")? {
            analysis.spectrum.taper = match taper.extract::<String>()?.as_str() {
                "hann" => Taper::Hann,
                "boxcar" => Taper::Boxcar,
                other => {
                    return Err(wrong(format!("there is no taper `{other}`; use hann or boxcar")));
                }
            };
        }
        let whole = experiment.window().duration_ms(experiment.dt_ms());
        if let Some(segment) = get("segment")? {
            let ms = time_ms(&segment, "segment")?;
            if !(3.0 * experiment.dt_ms()..=whole * (1.0 + 1e-9)).contains(&ms) {
                let message = format!(
                    "a segment of {ms} ms has no frequency, or is longer than the window of {whole} ms; give for \
                     example \"1 s\""
                );
                return Err(wrong(message));
            }
            analysis.spectrum.segment_ms = ms;
        }
        if let Some(window) = get("window")? {
            let ms = time_ms(&window, "window")?;
            if !(ms >= experiment.dt_ms() * (1.0 - 1e-9) && ms.is_finite()) {
                let message = format!("a window of {ms} ms is less than a step; give \"50 ms\"");
                return Err(wrong(message));
            }
            analysis.count_window_ms = ms;
        }
        if record == Record::None && experiment.has_window() {
            let message = "with record=\"none\", spikes are counted over the whole run; leave `from` and `to` out";
            return Err(wrong(message.into()));
        }
        Ok(Choices { record, analysis })
    }
}

/// `[run]` of an experiment's file, as the command line writes it.
pub fn section(choices: Choices, precision: &str) -> String {
    let Choices { record, analysis } = choices;
    let (spectrum, window) = (analysis.spectrum, analysis.count_window_ms);
    let mut text = "\n[run]\n".to_owned();
    if record != Record::Spikes {
        text += &format!("record = \"{record}\"\n");
    }
    text += &format!("taper = \"{}\"\n", spectrum.taper.name());
    if spectrum.segment_ms != Analysis::default().spectrum.segment_ms {
        text += &format!("segment = \"{}ms\"\n", loligo::unit::tell(spectrum.segment_ms));
    }
    text += &format!("window = \"{}ms\"\n", loligo::unit::tell(window));
    text + &format!("precision = \"{precision}\"\n")
}
