//! Numbers that the host takes from a tape.

use crate::tape::{Builder, Deviates, Id, Op, Values, evaluate};

/// Results of a tape of its own, for the host.
#[derive(Debug)]
pub struct Results {
    ops: Vec<Op>,
    roots: Vec<Id>,
    streams: Vec<Deviates>,
}

impl Results {
    /// Some results of a tape under construction.
    pub fn new(builder: Builder, roots: Vec<Id>) -> Self {
        Results { streams: builder.streams().to_vec(), ops: builder.into_ops(), roots }
    }

    /// The random numbers that they take.
    pub fn streams(&self) -> &[Deviates] {
        &self.streams
    }

    /// The results, from parameters and the time step in the units of tapes, and a state.
    pub fn of(&self, coefficients: &[f64], states: &[f64]) -> Vec<f64> {
        self.at(Values::new(coefficients, states))
    }

    /// The results in a step.
    pub fn at(&self, values: Values<'_>) -> Vec<f64> {
        let values = evaluate(&self.ops, values);
        self.roots.iter().map(|root| values[*root]).collect()
    }
}
