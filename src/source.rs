//! Sources: what drives neurons, in any number.
//!
//! A source is a text of equations, as a model is: parameters with units, states with rules for the next step, and the
//! current that it gives, or a conductance with its reversal potential. The sources of a population are put on one
//! [tape](crate::tape), which every engine steps in front of the model.

mod catalogue;
mod file;
mod generated;
mod keys;
mod program;
mod statistics;
mod twin;

pub use catalogue::{Kind, kinds, named, own, parameters};
pub use file::{Definition, Role};
pub use generated::{Asked, COMMON_KEYS};
pub use keys::{FROZEN, Key};
pub use program::{CONDUCTANCE, CURRENT, Part, Sources};
pub use statistics::{Lookup, Moments, Statistics};
pub use twin::Twin;
