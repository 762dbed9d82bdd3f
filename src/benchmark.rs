//! Benchmarks: how many neuron-steps an engine does per second, what limits it, and whether they are right.
//!
//! A run is started once and goes on for as long as it is measured, in windows of time: after a
//! warm-up ([`throughput::WARM_UP_BLOCKS`] blocks and a quarter of a window), each window gives a throughput, and their
//! median counts. The spikes of a window are taken and sorted into trains within its time, as in a simulation.
//!
//! | | |
//! |---|---|
//! | [`case`] | what is measured: model, integrator, noise, recording |
//! | [`throughput`] | how it is measured |
//! | [`limit`] | what limits it: operations and bytes of a step against the device's ceilings |
//! | [`sensors`], [`machine`] | clock, power, throttling; the processor, the memory, the system |
//! | [`verify`], [`soak`] | whether the spikes are right, at first and for a long time |
//! | [`tune`] | how neurons are best cut up for a device |
//! | [`report`], [`comparison`] | all of it in a file; several of them side by side |

pub mod case;
pub mod comparison;
pub mod limit;
pub mod machine;
pub mod report;
pub mod sensors;
pub mod soak;
pub mod throughput;
pub mod tune;
pub mod verify;

pub use case::Case;
pub use throughput::{Conduct, ENDLESS, Effort, Throughput, measure};
