//! What the fuzz targets do with bytes.

use loligo::error::Error;
use loligo::experiment::Experiment;
use loligo::input::DataFile;
use loligo::input::signal::{Remedies, Signal};
use loligo::input::text::Options;
use loligo::document::Document;
use loligo::setting::Setting;

/// Most neurons of an experiment that is built whole: their parameters alone fill the memory else, as asked for.
const MOST_NEURONS: f64 = 1e5;

/// Reads all that a file with recordings can be read as.
pub fn read(bytes: &[u8], options: &Options) {
    let file = || DataFile::parse(bytes.to_vec(), options);
    let Ok(opened) = file() else { return };
    let remedies = Remedies { variable: "--variable", time_step: "give --dt" };
    for n in 0..opened.entries().len().min(8) {
        let _ = opened.read(n);
        let name = opened.entries()[n].name.clone();
        // What is taken from a file is counted: each way of reading begins anew.
        if let Ok(file) = file() {
            let _ = file.spike_times(Some(&name), "--variable").map_err(shown);
        }
        if let Ok(file) = file() {
            let signal = Signal::new(&file, &[name], None, remedies);
            let _ = signal.map(|signal| signal.resampled(0, signal.dt_s, 1000, loligo::input::signal::After::Repeat));
        }
    }
    if let Ok(file) = file() {
        let _ = file.spike_times(None, "--variable").map_err(shown);
    }
    if let Ok(file) = file() {
        let _ = file.own_spikes().map_err(shown);
    }
}

/// Builds an experiment, if it is small.
pub fn build(document: &Document, flags: &[Setting]) {
    let all = document.populations.iter().flatten().chain(&document.common).chain(flags);
    let sweeps = document.sweeps.iter();
    let swept = sweeps.map(|sweep| sweep.values.len() as f64).product::<f64>();
    let neurons = all.filter(|setting| setting.key == "neurons").map(|setting| {
        let text = setting.value.to_string();
        text.replace('_', "").trim().parse::<f64>().unwrap_or(0.0)
    });
    let most = neurons.fold(4096.0, f64::max);
    let populations = document.populations.len().max(1) as f64;
    if most * populations * swept.max(1.0) > MOST_NEURONS
        || document.sweeps.iter().any(|sweep| sweep.key == "neurons")
    {
        return;
    }
    let _ = Experiment::new(document, flags).map_err(shown);
}

/// Messages are short, and hold no characters that a terminal obeys.
pub fn shown(error: Error) {
    let text = error.to_string();
    assert!(!text.chars().any(|c| c.is_control() && !"\n\t".contains(c)), "{text:?}");
    assert!(text.chars().count() < 4000, "{text}");
}
