//! Does a failing device leave its first error and what was done, and is a kernel compiled once?

use std::time::Duration;

use super::common::{device, experiment};
use loligo::document::parse_toml;
use loligo::engine::gpu::{Cut, Gpu};
use loligo::engine::{Blocks, Engine, EngineInfo, Run, Show, cpu};
use loligo::error::Error;
use loligo::experiment::Experiment;
use loligo::setting::Setting;
use loligo::simulation::simulate;
use loligo::{Plan, Record};

/// An engine whose device is lost after some blocks: everything asked of it then fails.
struct Failing {
    engine: Box<dyn Engine>,
    blocks: usize,
}

struct FailingRun<'a> {
    run: Box<dyn Run + 'a>,
    blocks: usize,
}

fn lost(message: &str) -> Error {
    Error::Device { device: "a test".into(), message: message.into() }
}

impl Engine for Failing {
    fn info(&self) -> &EngineInfo {
        self.engine.info()
    }

    fn start<'a>(
        &'a self,
        experiment: &Experiment,
        blocks: Blocks,
    ) -> Result<Box<dyn Run + 'a>, Error> {
        let run = self.engine.start(experiment, blocks)?;
        Ok(Box::new(FailingRun { run, blocks: self.blocks }))
    }
}

impl Run for FailingRun<'_> {
    fn tiles(&self) -> usize {
        self.run.tiles()
    }

    fn next_block(&mut self, show: &Show<'_>) -> Result<Option<u32>, Error> {
        match self.blocks.checked_sub(1) {
            Some(left) => {
                self.blocks = left;
                self.run.next_block(show)
            }
            None => Err(lost("the first error")),
        }
    }

    fn stop(&mut self) {
        self.run.stop();
    }

    fn counts(&mut self) -> Result<Vec<u32>, Error> {
        Err(lost("the second error"))
    }

    fn state(&mut self, _neuron: usize) -> Result<Vec<f64>, Error> {
        Err(lost("the second error"))
    }

    fn bytes(&self) -> usize {
        self.run.bytes()
    }

    fn pause(&mut self, step: u32) {
        self.run.pause(step);
    }

    fn save(&mut self) -> Result<Vec<f64>, Error> {
        self.run.save()
    }

    fn load(&mut self, step: u32, rows: &[f64]) -> Result<(), Error> {
        self.run.load(step, rows)
    }

    fn device_time(&self) -> Option<Duration> {
        None
    }

    fn diverged(&mut self) -> Result<Option<usize>, Error> {
        Err(lost("the second error"))
    }
}

#[test]
fn the_first_error_counts_and_what_was_done_is_kept() {
    let experiment = experiment("neurons=50 duration=1s");
    let run = |blocks, record| {
        let engine = Failing { engine: cpu::single("a test"), blocks };
        let plan = Plan { block_words: Some(10), ..Plan::new(record) };
        simulate(&engine, &experiment, plan, &mut |_| true)
    };
    // Two blocks of 320 steps.
    let simulated = run(2, Record::Spikes).unwrap();
    assert_eq!(simulated.steps, 640);
    assert!(simulated.trains.unwrap().spikes() > 50);
    assert!(simulated.failure.unwrap().to_string().contains("the first error"));
    for (blocks, record) in [(2, Record::None), (0, Record::Spikes), (0, Record::None)] {
        let error = run(blocks, record).unwrap_err();
        assert!(error.to_string().contains("the first error"), "{blocks}, {record}: {error}");
    }
    // Where nothing failed before, what fails last is told, beside all that was done.
    let simulated = run(1000, Record::Spikes).unwrap();
    assert_eq!(simulated.steps, experiment.steps());
    assert!(simulated.failure.unwrap().to_string().contains("the second error"));
    assert!(run(1000, Record::None).unwrap_err().to_string().contains("the second error"));
}

#[test]
fn a_kernel_is_compiled_once() {
    let Some(device) = device() else { return };
    // Two kernels in turn: each neighbour is another one.
    let populations: String = (0..10)
        .map(|n| {
            format!(
                "[[population]]\nname = 'a{n}'\nnoise.kind = 'none'\n[[population]]\nname = 'b{n}'\nnoise.kind = 'white'\n"
            )
        })
        .collect();
    let document = parse_toml("test.toml".as_ref(), &populations).unwrap();
    let flags: Vec<Setting> = ["neurons=3", "duration=10"]
        .iter()
        .map(|text| Setting::assignment(text).unwrap())
        .collect();
    let experiment = Experiment::new(&document, &flags).unwrap();
    let gpu = Gpu::new(device, Cut::default(), "a test");
    let before = gpu.device().compiled();
    drop(gpu.start(&experiment, Blocks { raster: true, words: None }).unwrap());
    assert_eq!(gpu.device().compiled() - before, 2);
}
