//! How neurons are best cut up for a device: lanes, workgroups, blocks.

use serde::{Deserialize, Serialize};

use super::case::Case;
use super::throughput::{Conduct, ENDLESS, measure};
use crate::engine::Engine;
use crate::engine::gpu::device::Device;
use crate::engine::gpu::shader::PerInvocation;
use crate::engine::gpu::{Cut, Gpu};
use crate::error::Error;

/// Sizes that are tried, one kind after the other: the best of a kind stays.
const LANES: [PerInvocation; 3] = [PerInvocation::One, PerInvocation::Two, PerInvocation::Four];
const WORKGROUPS: [u32; 5] = [32, 64, 128, 256, 512];
const WORDS: [usize; 5] = [4, 8, 16, 32, 64];

/// How often the best is measured beside the engine's own way: it is better if it is each time.
const PAIRS: usize = 5;

/// A way of cutting up, and its speed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// Neurons of an invocation; none for what the engine takes.
    pub lanes: Option<usize>,
    /// Invocations of a workgroup.
    pub workgroup: u32,
    /// Words of 32 steps of a block; none for what the engine takes.
    pub words: Option<usize>,
    /// Its speed.
    pub neuron_steps_per_s: f64,
}

/// The ways that were tried for a case on a device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tuned {
    /// The device's name.
    pub device: String,
    /// The case.
    pub case: String,
    /// How many neurons.
    pub neurons: usize,
    /// All of them; the first is what the engine takes of itself.
    pub tried: Vec<Tried>,
    /// The fastest; the engine's own where no other is clearly faster.
    pub best: Tried,
    /// Its speed over that of what the engine takes of itself: the median of some measurements beside each other.
    pub gain: f64,
}

/// Tries ways of cutting a case up for a device; none if it was told to end.
///
/// # Errors
/// If the device fails.
pub fn tune(
    name: &str,
    case: &Case,
    neurons: usize,
    conduct: Conduct<'_>,
) -> Result<Option<Tuned>, Error> {
    let most = Device::open(Some(name), true)?.most_invocations();
    let speed = |tried: Tried| -> Result<Option<Tried>, Error> {
        let lanes = LANES.into_iter().find(|lanes| Some(*lanes as usize) == tried.lanes);
        let cut = Cut { lanes, workgroup_size: tried.workgroup, ..Cut::default() };
        let gpu = Gpu::new(Device::open(Some(name), true)?, cut, "tuned");
        let experiment = case.experiment(neurons, ENDLESS)?;
        let conduct = Conduct { record: case.record, words: tried.words, ..conduct };
        let measured = measure(&gpu as &dyn Engine, &experiment, conduct)?;
        Ok(measured.map(|measured| Tried { neuron_steps_per_s: measured.median(), ..tried }))
    };
    let workgroup = Cut::default().workgroup_size;
    let own = Tried { lanes: None, workgroup, words: None, neuron_steps_per_s: 0.0 };
    let Some(own) = speed(own)? else { return Ok(None) };
    let (mut best, mut tried) = (own, vec![own]);
    let of_lanes = |best: Tried| LANES.map(|lanes| Tried { lanes: Some(lanes as usize), ..best });
    let of_workgroups = |best: Tried| WORKGROUPS.map(|workgroup| Tried { workgroup, ..best });
    let of_words = |best: Tried| WORDS.map(|words| Tried { words: Some(words), ..best });
    let kinds: [&dyn Fn(Tried) -> Vec<Tried>; 3] = [
        &|best| of_lanes(best).to_vec(),
        &|best| of_workgroups(best).into_iter().filter(|way| way.workgroup <= most).collect(),
        &|best| of_words(best).to_vec(),
    ];
    for ways in kinds {
        for way in ways(best) {
            let Some(way) = speed(way)? else { return Ok(None) };
            tried.push(way);
            if way.neuron_steps_per_s > best.neuron_steps_per_s {
                best = way;
            }
        }
    }
    // A best of many is lucky: both again, beside each other, some times.
    let mut ratios = Vec::new();
    for _ in 0..PAIRS {
        let (Some(own), Some(best)) = (speed(own)?, speed(best)?) else { return Ok(None) };
        ratios.push(best.neuron_steps_per_s / own.neuron_steps_per_s);
    }
    ratios.sort_by(f64::total_cmp);
    let (best, gain) = if ratios[0] > 1.0 { (best, ratios[PAIRS / 2]) } else { (own, 1.0) };
    Ok(Some(Tuned { device: name.to_owned(), case: case.to_string(), neurons, tried, best, gain }))
}
