//! The catalogue of neuron models.
//!
//! A [`Model`] is what is told about it ([`Info`]: names, units, defaults, sources) and what it does ([`Dynamics`]): its
//! checks, what the steps of a neuron read, and the step itself, as a [`Tape`](crate::tape::Tape), of which every engine
//! makes its own.

mod catalogue;
mod dynamics;
pub mod equations;
pub mod hodgkin_huxley;
mod info;
pub mod lif;
mod neuron;
mod row;
mod rust;

pub use catalogue::{Visitor, models, names};
pub use dynamics::{Dynamics, Model, Variant};
pub use info::{Bound, Info, Integrator, Parameter, Preset, Variable};
pub use neuron::{Complaint, Input, MOST_COUNTED, MissedCrossings, Neuron, Stepping};
pub use row::Row;
