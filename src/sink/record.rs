//! What is recorded, as it is asked for.

use std::fmt;
use std::str::FromStr;

/// What is recorded of the spikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// Every spike.
    Spikes,
    /// Statistics while stepping, and no spikes.
    Intervals,
    /// The same, and the spikes of some neurons, evenly spread.
    Sample(usize),
    /// Only the number of spikes of each neuron.
    None,
}

impl Record {
    /// How each is written.
    pub const NAMES: &str = "spikes, intervals, sample:N or none";

    /// Whether every spike is kept.
    pub fn is_all(self) -> bool {
        self == Record::Spikes
    }

    /// Whether statistics are taken while stepping.
    pub fn is_summed(self) -> bool {
        matches!(self, Record::Intervals | Record::Sample(_))
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Record::Spikes => f.write_str("spikes"),
            Record::Intervals => f.write_str("intervals"),
            Record::Sample(neurons) => write!(f, "sample:{neurons}"),
            Record::None => f.write_str("none"),
        }
    }
}

impl FromStr for Record {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "spikes" => Ok(Record::Spikes),
            "intervals" => Ok(Record::Intervals),
            "none" => Ok(Record::None),
            _ => {
                let number = text.strip_prefix("sample:").and_then(|number| number.parse().ok());
                let sample = number.filter(|neurons| *neurons > 0).map(Record::Sample);
                sample.ok_or_else(|| format!("there is no record `{text}`: use {}", Record::NAMES))
            }
        }
    }
}
