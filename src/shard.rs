//! Shards: parts of an experiment that are simulated apart, on other machines, and put together afterwards.
//!
//! A shard steps the neurons of a part of the experiment by their global indices ([`Experiment::shard`](crate::Experiment::shard)), and keeps what
//! the whole needs: not statistics, but the sums that they are made of. So what is put together is the same, byte for byte,
//! as what one run of all neurons gives. `shard.npz` has counts and sums, `shard.spikes` the spikes.

mod definition;
mod join;
mod parts;

pub use definition::{ARRAYS, Done, SPIKES, Shard, check_spikes, done, simulate_shard, together};
pub use join::{SpikesOf, join_spikes};
pub use parts::{Part, check_parts, engine_of, read_parts, seconds_of};
