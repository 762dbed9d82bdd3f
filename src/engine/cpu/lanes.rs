//! Lanes: neighbouring neurons that are stepped together.

/// Neurons of a chunk: four AVX-512 vectors of f32, so that independent work hides latency.
pub const LANES: usize = 64;

/// A value for each lane.
pub type Lanes<T> = [T; LANES];
