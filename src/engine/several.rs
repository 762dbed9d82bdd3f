//! Several engines as one: each steps a shard, and their tiles are those of the whole.

use std::ops::Range;
use std::time::Duration;

use super::{Blocks, Engine, EngineInfo, Run, Show, Summing, Taken, foreign_rows, gpu};
use crate::analysis::histogram::IntervalCounts;
use crate::analysis::sums::TrainSums;
use crate::error::Error;
use crate::experiment::Experiment;
use crate::raster::RasterTile;

/// Several engines of one precision.
pub struct Several {
    engines: Vec<Box<dyn Engine>>,
    info: EngineInfo,
}

impl Several {
    /// Of one engine or more.
    pub fn new(engines: Vec<Box<dyn Engine>>, reason: String) -> Self {
        let join = |of: fn(&EngineInfo) -> &str| {
            engines.iter().map(|engine| of(engine.info())).collect::<Vec<_>>().join(" + ")
        };
        let info = EngineInfo {
            kind: engines[0].info().kind,
            device: join(|info| &info.device),
            is_software: engines.iter().any(|engine| engine.info().is_software),
            precision: engines[0].info().precision,
            driver: join(|info| &info.driver),
            reason,
        };
        Several { engines, info }
    }
}

impl Engine for Several {
    fn info(&self) -> &EngineInfo {
        &self.info
    }

    fn start<'a>(
        &'a self,
        experiment: &Experiment,
        blocks: Blocks,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Box<dyn Run + 'a>, Error> {
        let of = self.engines.len().min(experiment.part().len()).max(1);
        // All take blocks of one length, which suits all engines, so that each has its tiles of the same steps.
        let most = gpu::block_words(experiment.part().len() / of);
        let words = blocks.words.unwrap_or(most).clamp(1, gpu::MOST_WORDS);
        let blocks = Blocks { words: Some(words), ..blocks };
        let parts = self.engines[..of].iter().enumerate().map(|(index, engine)| {
            let shard = experiment.shard(index, of);
            let run = engine.start(&shard, blocks, go_on)?;
            Ok(Part { tiles: run.tiles(), neurons: shard.part(), run })
        });
        Ok(Box::new(SeveralRun { parts: parts.collect::<Result<_, Error>>()? }))
    }
}

struct Part<'a> {
    tiles: usize,
    neurons: Range<usize>,
    run: Box<dyn Run + 'a>,
}

struct SeveralRun<'a> {
    parts: Vec<Part<'a>>,
}

impl Run for SeveralRun<'_> {
    fn tiles(&self) -> usize {
        self.parts.iter().map(|part| part.tiles).sum()
    }

    // While one device's block is taken, all others work on theirs.
    fn next_block(&mut self, show: &Show<'_>) -> Result<Option<u32>, Error> {
        // All or none: sinks that have some tiles of a block only would be of other steps than they are told.
        self.parts.iter_mut().try_for_each(|part| part.run.wait())?;
        let (mut first, mut steps) = (0, None);
        for part in &mut self.parts {
            let numbered =
                |tile: &RasterTile<'_>| show(&RasterTile { tile: first + tile.tile, ..*tile });
            steps = part.run.next_block(&numbered)?;
            first += part.tiles;
        }
        Ok(steps)
    }

    fn stop(&mut self) {
        self.parts.iter_mut().for_each(|part| part.run.stop());
    }

    fn pause(&mut self, step: u32) {
        self.parts.iter_mut().for_each(|part| part.run.pause(step));
    }

    fn save(&mut self) -> Result<Vec<f64>, Error> {
        let mut rows = Vec::new();
        for part in &mut self.parts {
            rows.extend(part.run.save()?);
        }
        Ok(rows)
    }

    fn load(&mut self, step: u32, rows: &[f64]) -> Result<(), Error> {
        let mut rest = rows;
        for part in &mut self.parts {
            // A part has as many numbers as it would save now.
            let length = part.run.save()?.len();
            let (own, others) = rest.split_at_checked(length).ok_or_else(foreign_rows)?;
            part.run.load(step, own)?;
            rest = others;
        }
        if rest.is_empty() { Ok(()) } else { Err(foreign_rows()) }
    }

    fn counts(&mut self) -> Result<Vec<u32>, Error> {
        let mut counts = Vec::new();
        for part in &mut self.parts {
            counts.extend(part.run.counts()?);
        }
        Ok(counts)
    }

    fn state(&mut self, neuron: usize) -> Result<Vec<f64>, Error> {
        match self.parts.iter_mut().find(|part| part.neurons.contains(&neuron)) {
            Some(part) => part.run.state(neuron),
            None => Ok(Vec::new()),
        }
    }

    fn wait(&mut self) -> Result<(), Error> {
        self.parts.iter_mut().try_for_each(|part| part.run.wait())
    }

    fn can_sum_up(&self, summing: &Summing) -> bool {
        self.parts.iter().all(|part| part.run.can_sum_up(summing))
    }

    fn sum_up(&mut self, summing: &Summing, trains: &[TrainSums]) -> Result<(), Error> {
        let mut rest = trains;
        for part in &mut self.parts {
            let (own, others) = rest.split_at(part.neurons.len().min(rest.len()));
            rest = others;
            part.run.sum_up(summing, own)?;
        }
        Ok(())
    }

    fn activity(&mut self) -> Option<Vec<Vec<u32>>> {
        let mut all: Option<Vec<Vec<u32>>> = None;
        for own in self.parts.iter_mut().filter_map(|part| part.run.activity()) {
            let Some(all) = &mut all else {
                all = Some(own);
                continue;
            };
            for (sum, own) in all.iter_mut().flatten().zip(own.iter().flatten()) {
                *sum += own;
            }
        }
        all
    }

    fn sums(&mut self) -> Result<Taken, Error> {
        let mut all = Taken::default();
        for part in &mut self.parts {
            let own = part.run.sums()?;
            all.trains.extend(own.trains);
            all.intervals.resize(own.intervals.len(), IntervalCounts::default());
            for (sum, own) in all.intervals.iter_mut().zip(own.intervals) {
                *sum = std::mem::take(sum).merge(own);
            }
        }
        Ok(all)
    }

    fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.run.bytes()).sum()
    }

    fn device_time(&self) -> Option<Duration> {
        self.parts.iter().filter_map(|part| part.run.device_time()).max()
    }

    fn diverged(&mut self) -> Result<Option<usize>, Error> {
        for part in &mut self.parts {
            if let Some(neuron) = part.run.diverged()? {
                return Ok(Some(neuron));
            }
        }
        Ok(None)
    }
}
