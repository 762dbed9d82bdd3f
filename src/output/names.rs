//! The names of all files that Loligo writes into a folder.

use crate::plot::Format;

/// Files that Loligo can write into a folder, figures aside.
const TABLES: [&str; 17] = [
    "parameters.csv",
    "rate.csv",
    "summary.json",
    "experiment.toml",
    "spikes.npz",
    "shard.npz",
    "shard.spikes",
    "spikes.parquet",
    "spikes.h5",
    "spikes.nwb",
    "intervals.csv",
    "histogram.csv",
    "spectrum.csv",
    "compare.csv",
    "trace.npz",
    "trace.json",
    "spectrogram.npz",
];

/// Names of the figures, without their endings.
const FIGURES: [&str; 10] = [
    "raster",
    "intervals",
    "spectrum",
    "rate",
    "cv",
    "cv_rate",
    "rate_map",
    "cv_map",
    "trace",
    "spectrogram",
];

/// Whether a file of this name is one that Loligo writes into a folder: of results, or of the exercises.
pub fn is_known(name: &str) -> bool {
    if TABLES.contains(&name) || name == PAGE {
        return true;
    }
    let known = [Format::Png, Format::Svg, Format::Pdf];
    let is_format = |ending: &str| known.iter().any(|format| format.ending() == ending);
    let Some((figure, _)) = name.rsplit_once('.').filter(|(_, ending)| is_format(ending)) else {
        return false;
    };
    // Figures of exercises have a number: 08_current_rate.
    let is_numbered = figure.len() > 3
        && figure.as_bytes()[..2].iter().all(u8::is_ascii_digit)
        && figure.as_bytes()[2] == b'_';
    FIGURES.contains(&figure) || is_numbered
}

/// The page of the exercises.
pub const PAGE: &str = "index.html";
