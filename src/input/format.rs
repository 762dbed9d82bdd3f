//! A file format: a list of variables, and a way to the numbers of each.

use super::variable::{Entry, Variable};

/// What a format can do once its variables are known.
pub(super) trait Format {
    /// The numbers of the n-th variable, whose kind is [`Kind::Numbers`] and whose size fits the budget.
    fn read(&self, n: usize) -> Result<Variable, String>;
}

/// The variables of a file and a way to their numbers.
pub(super) type Contents = (Vec<Entry>, Box<dyn Format>);

/// The formats, for remedies.
pub(super) const FORMATS: &str =
    "give a MATLAB .mat file (v5 to v7.3), .npy, .npz, HDF5, or text with numbers (.csv)";

/// Why a file cannot be opened, and what would be right.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// What is wrong.
    pub why: String,
    /// What would be right.
    pub remedy: String,
}

impl Refusal {
    pub(super) fn new(why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Refusal { why: why.into(), remedy: remedy.into() }
    }
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        Refusal::new(why, FORMATS)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; {}", self.why, self.remedy)
    }
}

/// Variables that are in memory already.
pub(super) struct Loaded(pub(super) Vec<Variable>);

impl Format for Loaded {
    fn read(&self, n: usize) -> Result<Variable, String> {
        self.0.get(n).cloned().ok_or_else(|| "it is not there".to_owned())
    }
}
