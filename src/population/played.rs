//! A signal that is played to the neurons of a population.

use crate::raster::WORD;

/// A signal that is played: a row for all neurons, or one for each.
#[derive(Clone, Debug, PartialEq)]
pub struct Played {
    rows: usize,
    values: Vec<f64>,
    /// What it was read from, if it was read from a file.
    pub recording: Option<Recording>,
}

/// Where a signal that is played is from.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Recording {
    /// The file's name.
    pub file: String,
    /// The variable, if it was named.
    pub variable: Option<String>,
    /// Time between its samples (ms).
    pub dt_ms: f64,
    /// Time of its first sample (ms).
    pub start_ms: f64,
    /// Samples of a row.
    pub samples: usize,
    /// Rows: one for all neurons or one for each.
    pub rows: usize,
    /// What comes after its end: `zero`, `hold`, `repeat`; none where it reaches over the run.
    pub after: Option<&'static str>,
}

impl Played {
    /// Rows, one for all neurons or one for each; each is lengthened by zeros to the whole words of steps of the
    /// longest.
    pub fn new(rows: &[Vec<f64>]) -> Self {
        let steps = rows.iter().map(Vec::len).max().unwrap_or(0).next_multiple_of(WORD);
        let mut values = Vec::with_capacity(rows.len() * steps);
        for row in rows {
            let end = values.len() + steps;
            values.extend_from_slice(row);
            values.resize(end, 0.0);
        }
        Played { rows: rows.len(), values, recording: None }
    }

    /// All values, row after row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many steps each row covers.
    pub fn steps(&self) -> usize {
        self.values.len() / self.rows.max(1)
    }

    /// Where the row of a neuron, counted within its population, begins.
    pub fn row_of(&self, neuron: usize) -> usize {
        if self.rows > 1 { neuron * self.steps() } else { 0 }
    }
}
