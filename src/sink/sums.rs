//! Keeps statistics of the spikes, and no spike: memory does not grow with the time.

use std::cell::RefCell;
use std::sync::{Mutex, MutexGuard};

use multiversion::multiversion;
use rayon::prelude::*;

use super::definition::Sink;
use super::scan::{TileSpike, column, scan, step};
use crate::analysis::Analysis;
use crate::analysis::activity::{Activity, Looks};
use crate::analysis::histogram::IntervalCounts;
use crate::analysis::rate;
use crate::analysis::sums::{Contrast, TrainSums, windows};
use crate::engine::{Summing, Taken, foreign_rows};
use crate::error::Error;
use crate::experiment::Experiment;
use crate::raster::{RasterTile, WORD};
use crate::window::Window;

/// About how many numbers of the activity over time are kept, of all populations together.
const FINE: usize = 1 << 22;

/// Intervals of up to 2^14 steps are told apart; of many populations, fewer.
const EXACT: (u32, u32) = (10, 14);

/// Threads that add to the activity of a population without waiting for each other.
const SLOTS: usize = 8;

/// Bins of the rate over time.
pub const RATE_BINS: u32 = 200;

/// Keeps the statistics of all spikes of a run.
pub struct Sums {
    looks: Looks,
    populations: Vec<Population>,
    /// The neurons of each tile.
    tiles: Vec<Mutex<Vec<TrainSums>>>,
    /// The first step that was not taken.
    end: u32,
    /// Whether the activity itself is kept: of a shard, whose activity is only a part of that of its populations.
    is_part: bool,
    /// The global index of the first neuron, and what all were at when the run went on.
    first_neuron: usize,
    neurons: usize,
    restored: Vec<TrainSums>,
    /// Intervals of up to 2 to this power are told apart.
    exact: u32,
}

/// The sums of a shard of an experiment, or of a run up to a checkpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartSums {
    /// Of each neuron that is stepped.
    pub trains: Vec<TrainSums>,
    /// How often intervals of each length came, of each population.
    pub intervals: Vec<IntervalCounts>,
    /// Of each population: spikes at each step from the begin of the window on, of a shard, where it has any of its neurons;
    /// of a whole experiment, what they come to.
    pub activity: Vec<Vec<u64>>,
}

impl PartSums {
    /// Whether it has what the sums of an experiment have, of some neurons or none yet.
    fn fits(&self, sums: &Sums, neurons: usize) -> bool {
        let populations = sums.populations.len();
        let exact = sums.exact;
        [0, neurons].contains(&self.trains.len())
            && self.intervals.len() == populations
            && self.activity.len() == populations
            && self.intervals.iter().all(|intervals| intervals.fits(exact))
    }
}

/// What is kept of a population.
struct Population {
    /// The global indices of its neurons.
    neurons: std::ops::Range<usize>,
    activity: Activity,
    /// Spikes at each step from the begin of the window on, where that is kept.
    whole_activity: Vec<u32>,
    /// Spikes at each step of the block that is being taken.
    block: [Mutex<Vec<u32>>; SLOTS],
    intervals: [Mutex<IntervalCounts>; SLOTS],
}

/// The statistics of the spikes of a run.
#[derive(Debug)]
pub struct Summed {
    /// How activity was looked at.
    pub looks: Looks,
    /// Of each population.
    pub populations: Vec<PopulationSums>,
}

impl Summed {
    /// The number of spikes of each neuron.
    pub fn counts(&self) -> Vec<u32> {
        let trains = self.populations.iter().flat_map(|population| &population.trains);
        trains.map(|train| train.count).collect()
    }
}

/// The statistics of a population.
#[derive(Debug)]
pub struct PopulationSums {
    /// Of each neuron.
    pub trains: Vec<TrainSums>,
    /// Of all intervals.
    pub intervals: IntervalCounts,
    /// Of all neurons together.
    pub activity: Activity,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A thread that panicked within leaves nothing half done.
    mutex.lock().unwrap_or_else(|poison| poison.into_inner())
}

impl Sums {
    /// For a run that hands out a number of tiles.
    pub fn new(tiles: usize, experiment: &Experiment, analysis: Analysis) -> Self {
        let (window, dt_ms) = (experiment.window, experiment.dt_ms);
        let windows = windows(window, dt_ms, analysis.count_window_ms);
        let populations = experiment.populations.len();
        let looks = Looks::new(
            window,
            dt_ms,
            windows,
            rate::bin_of(window, dt_ms, RATE_BINS),
            (FINE / populations).clamp(1 << 10, 1 << 16) as u32,
            analysis.spectrum,
        );
        let exact = (FINE / populations).max(1).ilog2().clamp(EXACT.0, EXACT.1);
        let population = |population: &crate::population::Population| Population {
            neurons: population.range(),
            activity: Activity::new(&looks),
            whole_activity: Vec::new(),
            block: std::array::from_fn(|_| Mutex::default()),
            intervals: std::array::from_fn(|_| Mutex::new(IntervalCounts::new(exact))),
        };
        let populations = experiment.populations.iter().map(population).collect();
        let tiles = (0..tiles).map(|_| Mutex::default()).collect();
        Sums {
            looks,
            populations,
            tiles,
            end: 0,
            is_part: false,
            first_neuron: experiment.part().start,
            neurons: experiment.part().len(),
            restored: Vec::new(),
            exact,
        }
    }

    /// For a shard: the sums are to be put together with those of others.
    #[must_use]
    pub fn of_part(self) -> Self {
        Sums { is_part: true, ..self }
    }

    /// What was taken so far, of a shard or for a checkpoint.
    pub fn part(&self) -> PartSums {
        let mut trains: Vec<TrainSums> = Vec::new();
        self.tiles.iter().for_each(|tile| trains.extend(lock(tile).iter()));
        if trains.is_empty() {
            trains.clone_from(&self.restored);
        }
        let (mut intervals, mut activity) = (Vec::new(), Vec::new());
        for population in &self.populations {
            let slots = population.intervals.iter().map(|slot| lock(slot).clone());
            intervals.push(slots.reduce(IntervalCounts::merge).unwrap_or_default());
            activity.push(match self.is_part {
                true => population.whole_activity.iter().map(|count| u64::from(*count)).collect(),
                false => population.activity.numbers(),
            });
        }
        PartSums { trains, intervals, activity }
    }

    /// Goes on at a step with what was taken before, of a whole experiment.
    ///
    /// # Errors
    /// If it is not of this experiment.
    pub fn restore(&mut self, part: PartSums, end: u32) -> Result<(), Error> {
        let Looks { window, windows, .. } = self.looks;
        let all_fit = part.trains.iter().all(|train| train.fits(window.from, end, windows));
        if !part.fits(self, self.neurons) || !all_fit {
            return Err(foreign_rows());
        }
        self.end = end;
        self.restored = part.trains;
        let each = self.populations.iter_mut().zip(part.intervals).zip(part.activity);
        for ((population, intervals), numbers) in each {
            *lock(&population.intervals[0]) = intervals;
            population.activity =
                Activity::of_numbers(&self.looks, &numbers).ok_or_else(foreign_rows)?;
        }
        Ok(())
    }

    /// Whether what a shard of some neurons has taken is of this experiment, and all of it.
    pub fn fits(&self, part: &PartSums, neurons: usize) -> bool {
        let steps = self.looks.window.steps() as usize;
        part.fits(self, neurons)
            && part.trains.len() == neurons
            && part.activity.iter().all(|activity| [0, steps].contains(&activity.len()))
    }

    /// The statistics of all shards, in the order of their neurons, of a run of some steps.
    pub fn of_parts(experiment: &Experiment, analysis: Analysis, parts: Vec<PartSums>) -> Summed {
        let mut sums = Sums::new(1, experiment, analysis);
        let looks = &sums.looks;
        for (n, population) in sums.populations.iter_mut().enumerate() {
            let mut all = Vec::new();
            for part in &parts {
                let own = &part.activity[n];
                all.resize(own.len().max(all.len()), 0);
                all.iter_mut().zip(own).for_each(|(sum, part)| *sum += *part as u32);
                let intervals = lock(&population.intervals[0]).clone();
                *lock(&population.intervals[0]) = intervals.merge(part.intervals[n].clone());
            }
            population.activity.take(looks, looks.window.from, &all);
        }
        *lock(&sums.tiles[0]) = parts.into_iter().flat_map(|part| part.trains).collect();
        sums.finish()
    }

    /// The statistics.
    pub fn finish(self) -> Summed {
        let trains =
            self.tiles.into_iter().map(|t| t.into_inner().unwrap_or_else(|p| p.into_inner()));
        let mut trains = trains.flatten();
        let mut of = |population: Population| {
            let intervals = population.intervals.into_iter();
            let intervals = intervals.map(|i| i.into_inner().unwrap_or_else(|p| p.into_inner()));
            let mut sums: Vec<TrainSums> = trains.by_ref().take(population.neurons.len()).collect();
            // Without a block there is nothing of them.
            sums.resize(population.neurons.len(), TrainSums::default());
            PopulationSums {
                trains: sums,
                intervals: intervals.reduce(IntervalCounts::merge).unwrap_or_default(),
                activity: population.activity,
            }
        };
        let populations = self.populations.into_iter().map(&mut of).collect();
        Summed { looks: self.looks, populations }
    }
}

/// What a thread works in.
#[derive(Default)]
struct Scratch {
    spikes: Vec<TileSpike>,
    /// The intervals that they end, and those before.
    pairs: Vec<[u32; 2]>,
    contrasts: Vec<Contrast>,
}

/// The contrasts of all pairs at once: one by one, each waits for its division.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl", "x86_64+avx2"))]
fn compare(pairs: &[[u32; 2]], contrasts: &mut Vec<Contrast>) {
    contrasts.clear();
    contrasts.extend(pairs.iter().map(|pair| Contrast::of(*pair)));
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Sums {
    /// Takes the spikes of a tile, population by population.
    fn take(&self, tile: &RasterTile<'_>, scratch: &mut Scratch) {
        let Scratch { spikes, pairs, contrasts } = scratch;
        spikes.clear();
        scan(tile, spikes);
        let mut sums = lock(&self.tiles[tile.tile]);
        if sums.is_empty() && !self.restored.is_empty() {
            let first = tile.first_neuron - self.first_neuron;
            sums.extend_from_slice(&self.restored[first..first + tile.neurons]);
        }
        sums.resize(tile.neurons, TrainSums::default());
        let Window { from, to } = self.looks.window;
        let window = from.saturating_sub(tile.first_step)..to.saturating_sub(tile.first_step);
        let neurons = tile.first_neuron..tile.first_neuron + tile.neurons;
        let first = self.populations.partition_point(|p| p.neurons.end <= neurons.start);
        let is_in_window = |spike: &TileSpike| window.contains(&step(*spike));
        if window.start > 0 || (window.end as usize) < tile.words * WORD {
            spikes.retain(is_in_window);
        }
        let own = &self.populations[first..];
        let is_shared = own.first().is_some_and(|p| p.neurons.end < neurons.end);
        if is_shared {
            // Those of a population next to each other; those of a neuron stay in their order.
            spikes.sort_by_key(|&spike| column(spike));
        }
        let mut rest = &spikes[..];
        for population in own {
            if population.neurons.start >= neurons.end {
                break;
            }
            let end = population.neurons.end - neurons.start;
            let count = match is_shared {
                true => rest.partition_point(|&spike| column(spike) < end),
                false => rest.len(),
            };
            let (spikes, others) = rest.split_at(count);
            rest = others;
            let windows = self.looks.windows;
            pairs.clear();
            pairs.extend(
                spikes.iter().map(|&spike| {
                    sums[column(spike)].advance(tile.first_step + step(spike), windows)
                }),
            );
            compare(pairs, contrasts);
            let slot = tile.tile % SLOTS;
            let mut activity = lock(&population.block[slot]);
            if activity.len() < tile.words * WORD {
                activity.resize(tile.words * WORD, 0);
            }
            let mut counts = lock(&population.intervals[slot]);
            counts.make_room(pairs.iter().fold(0, |longest, [interval, _]| longest.max(*interval)));
            // All at once: none waits for the other.
            for ((&spike, contrast), &[interval, _]) in spikes.iter().zip(&*contrasts).zip(&*pairs)
            {
                sums[column(spike)].add(*contrast);
                activity[step(spike) as usize] += 1;
                counts.add(interval);
            }
            counts.counts[0] = 0;
        }
    }
}

impl Sums {
    /// How an engine takes the sums itself, and those of the neurons that it goes on with.
    pub fn summing(&self) -> (Summing, &[TrainSums]) {
        let populations = self.populations.iter().map(|population| population.neurons.clone());
        let Looks { window, windows, .. } = self.looks;
        let (exact, populations) = (self.exact, populations.collect());
        (Summing { window, windows, exact, populations }, &self.restored)
    }

    /// Takes the sums so far from an engine that has taken them itself.
    pub fn take_over(&mut self, taken: Taken) {
        if let Some(first) = self.tiles.first() {
            *lock(first) = taken.trains;
        }
        for (population, intervals) in self.populations.iter().zip(taken.intervals) {
            let mut all = lock(&population.intervals[0]);
            *all = std::mem::take(&mut *all).merge(intervals);
        }
    }
}

impl Sink for Sums {
    fn activity(&mut self, populations: &[Vec<u32>]) {
        for (population, activity) in self.populations.iter().zip(populations) {
            lock(&population.block[0]).clone_from(activity);
        }
    }

    fn tile(&self, tile: &RasterTile<'_>) {
        let end = tile.first_step.saturating_add((tile.words * WORD) as u32);
        let Window { from, to } = self.looks.window;
        if end > from && tile.first_step < to {
            SCRATCH.with_borrow_mut(|scratch| self.take(tile, scratch));
        }
    }

    fn block(&mut self, end: u32) -> Result<(), Error> {
        let first_step = std::mem::replace(&mut self.end, end);
        let steps = (end - first_step) as usize;
        let (looks, is_part) = (&self.looks, self.is_part);
        let part = self.first_neuron..self.first_neuron + self.neurons;
        self.populations.par_iter_mut().for_each(|population| {
            let mut all = vec![0; steps];
            for slot in &population.block {
                let mut part = lock(slot);
                all.iter_mut().zip(&*part).for_each(|(sum, part)| *sum += part);
                part.clear();
            }
            if !is_part {
                population.activity.take(looks, first_step, &all);
            } else if population.neurons.start < part.end && population.neurons.end > part.start {
                let Window { from, to } = looks.window;
                let within =
                    |step: u32| (step.clamp(from, to).max(first_step) - first_step) as usize;
                let own = within(first_step).min(steps)..within(end).min(steps);
                population.whole_activity.extend_from_slice(&all[own]);
            }
        });
        Ok(())
    }
}
