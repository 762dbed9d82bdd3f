//! Checkpoints: what is needed to go on with a run, however it was ended.

mod checkpointed;
mod definition;

pub use checkpointed::{Checkpointed, Ended, Engines, Finished};
pub use definition::{Checkpoint, EXPERIMENT, Every, FILE, SPIKES, is_of_unfinished};
