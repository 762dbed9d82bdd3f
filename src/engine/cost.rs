//! What a step of a neuron costs: operations and bytes, counted from its kernel.

use serde::{Deserialize, Serialize};

/// A kind of operation, as devices have units for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Of numbers: a sum, a product, a comparison, a choice, a minimum, a rounding.
    Float,
    /// A product and a sum at once (`fma`).
    MultiplyAdd,
    /// Of bits: a sum, a shift, a rotation, a mask, a logical operation.
    Integer,
    /// From integers to numbers and back.
    Conversion,
    /// A quotient.
    Division,
    /// A square root.
    SquareRoot,
    /// An exponential, of base e or 2.
    Exponential,
    /// A logarithm.
    Logarithm,
    /// A sine or a cosine.
    Sine,
    /// A hyperbolic tangent.
    HyperbolicTangent,
    /// A power.
    Power,
}

impl Operation {
    /// All of them.
    pub const ALL: [Operation; 11] = [
        Operation::Float,
        Operation::MultiplyAdd,
        Operation::Integer,
        Operation::Conversion,
        Operation::Division,
        Operation::SquareRoot,
        Operation::Exponential,
        Operation::Logarithm,
        Operation::Sine,
        Operation::HyperbolicTangent,
        Operation::Power,
    ];

    /// Whether a device does it beside the arithmetic, by units of its own: a graphics processor does so with all that is not a sum,
    /// a product or a mask, other processors with quotients and roots.
    pub fn is_beside(self, is_graphics: bool) -> bool {
        match self {
            Operation::Float | Operation::MultiplyAdd | Operation::Integer => false,
            Operation::Division | Operation::SquareRoot => true,
            _ => is_graphics,
        }
    }

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Float => "float",
            Operation::MultiplyAdd => "multiply-add",
            Operation::Integer => "integer",
            Operation::Conversion => "conversion",
            Operation::Division => "division",
            Operation::SquareRoot => "square root",
            Operation::Exponential => "exponential",
            Operation::Logarithm => "logarithm",
            Operation::Sine => "sine",
            Operation::HyperbolicTangent => "tanh",
            Operation::Power => "power",
        }
    }
}

/// A number of operations of a kind, or how many of them a second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amount {
    /// The kind.
    pub operation: Operation,
    /// How many.
    pub count: f64,
}

/// What a step of a neuron costs.
///
/// Operations are counted in the kernel's WGSL, as it is written, with branches that are not taken left out and
/// rotations and multiply-adds as one. A compiler may do with fewer. The CPU engine does the same arithmetic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Operations of a neuron-step.
    pub operations: Vec<Amount>,
    /// Bytes read and written for a neuron in a block of time: parameters, state, random streams, counts.
    pub bytes_per_block: f64,
    /// Bytes of spike bits of a neuron-step: none where they are not recorded.
    pub raster_bytes: f64,
}

impl Cost {
    /// How many operations of a kind.
    pub fn of(&self, operation: Operation) -> f64 {
        self.operations
            .iter()
            .filter(|amount| amount.operation == operation)
            .map(|amount| amount.count)
            .sum()
    }

    /// Adds operations of a kind.
    pub fn add(&mut self, operation: Operation, count: f64) {
        match self.operations.iter_mut().find(|amount| amount.operation == operation) {
            Some(amount) => amount.count += count,
            None if count > 0.0 => self.operations.push(Amount { operation, count }),
            None => {}
        }
    }
}
