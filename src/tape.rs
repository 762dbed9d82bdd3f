//! The waist between models and devices: a step of a neuron as a straight list of operations.
//!
//! ```text
//! equations "dv/dt = .."  ->  Tape  ->  WGSL         (any GPU)
//! a Rust model, traced    ->        ->  lanes        (the CPU: any model, f32 and f64)
//! ```
//!
//! A [`Tape`] has no loops and no memory: each operation takes results of earlier ones. Equal operations are there
//! once, constants are computed when it is made. What is done with a neuron's state in a step is all in it: whether
//! there is a spike, the state after it, and the state a step later.

mod builder;
mod derivative;
mod deviates;
mod host;
mod lanes;
mod op;
mod program;
mod stepped;
mod stream;
mod symbol;
mod time;
pub mod wgsl;

pub use builder::Builder;
pub use derivative::derivative;
pub use deviates::DeviateLanes;
pub use host::{Hoisted, Values, evaluate};
pub use lanes::{Given, Machine};
pub use op::{Id, Op, Tape};
pub use program::Program;
pub use stepped::{Received, Stepped};
pub use stream::{Deviates, Kind, Sharing};
pub use symbol::{Symbol, SymbolMask, of_neuron};
pub use time::{DIGIT_BITS, DIGITS, PLACES, STEP_BITS, clock};
