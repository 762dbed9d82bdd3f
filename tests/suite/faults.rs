//! Does a failing device leave its first error and what was done, and is a kernel compiled once?

use std::time::Duration;

use super::common::{device, engines, experiment, spikes_of};
use loligo::checkpoint::{Checkpoint, Checkpointed, Ended, Every, Finished};
use loligo::document::parse_toml;
use loligo::engine::gpu::{Cut, Gpu};
use loligo::engine::several::Several;
use loligo::engine::{Blocks, Engine, EngineInfo, Run, Show, cpu};
use loligo::error::Error;
use loligo::experiment::Experiment;
use loligo::setting::Setting;
use loligo::simulation::simulate;
use loligo::spikes::{Spikes, by_time};
use loligo::{Plan, Record};

/// An engine whose device is lost after some blocks: everything asked of it then fails.
struct Failing {
    engine: Box<dyn Engine>,
    blocks: usize,
    /// Whether nothing can be asked of it before that, either.
    tells_nothing: bool,
}

struct FailingRun<'a> {
    run: Box<dyn Run + 'a>,
    blocks: usize,
    tells_nothing: bool,
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
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Box<dyn Run + 'a>, Error> {
        let run = self.engine.start(experiment, blocks, go_on)?;
        let Failing { blocks, tells_nothing, .. } = *self;
        Ok(Box::new(FailingRun { run, blocks, tells_nothing }))
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

    fn wait(&mut self) -> Result<(), Error> {
        if self.blocks == 0 { Err(lost("the first error")) } else { self.run.wait() }
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
        match self.tells_nothing {
            true => Err(lost("the second error")),
            false => self.run.diverged(),
        }
    }
}

#[test]
fn the_first_error_counts_and_what_was_done_is_kept() {
    let experiment = experiment("neurons=50 duration=1s");
    let run = |blocks, record| {
        let engine = Failing { engine: cpu::single("a test"), blocks, tells_nothing: true };
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

/// Of two devices, one is lost: what is kept ends where both were.
#[test]
fn one_device_lost_of_two_leaves_whole_blocks() {
    let experiment = experiment("neurons=50 duration=1s");
    let whole = spikes_of(cpu::single("a test").as_ref(), &experiment);
    for lost in [0, 1] {
        let engine = |n| -> Box<dyn Engine> {
            let blocks = if n == lost { 2 } else { 1000 };
            Box::new(Failing { engine: cpu::single("a test"), blocks, tells_nothing: false })
        };
        let several = Several::new(vec![engine(0), engine(1)], "a test".into());
        let plan = Plan { block_words: Some(10), ..Plan::new(Record::Spikes) };
        let simulated = simulate(&several, &experiment, plan, &mut |_| true).unwrap();
        assert_eq!(simulated.steps, 640);
        assert!(simulated.failure.unwrap().to_string().contains("the first error"));
        let trains = simulated.trains.unwrap();
        for (train, whole) in trains.iter().zip(whole.iter()) {
            let before = whole.iter().filter(|step| **step < 640);
            assert!(train.iter().eq(before), "{lost}");
        }
    }
}

/// Whatever steps them, many neurons are prepared piece by piece, and a run can be ended between.
#[test]
fn the_preparation_of_many_neurons_can_be_ended() {
    for engine in [cpu::single("a test"), cpu::double("a test")] {
        for text in [
            "model=lif",
            "model=izhikevich",
            "noise.kind=pink",
            "model=hodgkin_huxley noise.kind=shot",
        ] {
            let experiment = experiment(&format!("neurons=150000 duration=10 {text}"));
            let blocks = Blocks { raster: false, words: None };
            let mut asked = 0;
            let mut twice = || {
                asked += 1;
                asked < 2
            };
            let ended = engine.start(&experiment, blocks, &mut twice);
            assert!(matches!(ended, Err(Error::Ended)), "{text}");
        }
    }
    // On the GPU, the pieces are its shards.
    let Some(device) = device() else { return };
    let cut = Cut { most_neurons: 64, ..Cut::default() };
    let gpu = Gpu::new(device, cut, "a test");
    let blocks = Blocks { raster: false, words: None };
    assert!(matches!(
        gpu.start(&experiment("neurons=200 duration=10"), blocks, &mut || false),
        Err(Error::Ended)
    ));
}

#[test]
fn a_lost_device_is_followed_by_another() {
    let experiment = experiment("neurons=50 duration=1s noise.kind=ou");
    let trains = spikes_of(cpu::single("a test").as_ref(), &experiment);
    let wanted = by_time(&trains.iter().collect::<Vec<_>>());
    let failing = |blocks| -> Box<dyn Engine> {
        Box::new(Failing { engine: cpu::single("lost"), blocks, tells_nothing: false })
    };
    // Blocks of 320 steps: engines that are lost after some of them, and how many losses are told before each.
    for (blocks, told) in [
        // The second is lost before its first checkpoint.
        (vec![5, 1], vec![1, 2]),
        // Each comes to another checkpoint.
        (vec![5, 4, 7], vec![1, 1, 1]),
        // There is no checkpoint yet.
        (vec![1, 0], vec![1, 2]),
        (vec![], vec![]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let run = Checkpointed {
            experiment: &experiment,
            plan: Plan { block_words: Some(10), ..Plan::new(Record::Intervals) },
            has_spool: true,
            every: Every::Steps(960),
            text: "",
            flags: "",
            folder: folder.path(),
        };
        let mut engines: Vec<Box<dyn Engine>> = blocks.iter().map(|n| failing(*n)).collect();
        engines.push(cpu::single("the last"));
        let first = engines.remove(0);
        let mut calls = Vec::new();
        let mut another = |failures: usize, error: &Error| {
            assert!(error.to_string().contains("the first error"));
            calls.push(failures);
            Ok(Some(engines.remove(0)))
        };
        let ended = run.simulate(first, None, &mut another, &mut |_| true).unwrap();
        let Ended::Done(finished) = ended else { panic!("not ended") };
        let Finished { done, spool, engine, .. } = *finished;
        assert_eq!((calls, &*engine.reason), (told, "the last"), "{blocks:?}");
        assert_eq!(done.steps, experiment.steps());
        let mut all = Spikes::default();
        let mut take = |some: &Spikes| {
            all.neurons.extend(&some.neurons);
            all.steps.extend(&some.steps);
            Ok(())
        };
        spool.unwrap().read(&mut take).unwrap();
        assert_eq!(all, wanted, "{blocks:?}");
        let counts: Vec<u32> = trains.iter().map(|train| train.len() as u32).collect();
        assert_eq!(done.sums.unwrap().counts(), counts);

        // Where there is no other one, what failed is told, and the checkpoint stays.
        let refused = run.simulate(failing(5), None, &mut |_, _| Ok(None), &mut |_| true);
        assert!(refused.unwrap_err().to_string().contains("the first error"));
        assert!(folder.path().join("checkpoint.npz").is_file());
    }
}

#[test]
fn checkpoints_by_the_clock_change_nothing() {
    let experiment = experiment("neurons=50 duration=1s noise.kind=ou");
    let trains = spikes_of(cpu::single("a test").as_ref(), &experiment);
    for engine in engines() {
        let folder = tempfile::tempdir().unwrap();
        let run = Checkpointed {
            experiment: &experiment,
            plan: Plan { block_words: Some(10), ..Plan::new(Record::Sample(50)) },
            has_spool: false,
            every: Every::Seconds(1e-6),
            text: "",
            flags: "",
            folder: folder.path(),
        };
        // After each block one is due, and the next block comes after it.
        let mut blocks = 0;
        let mut go_on = |_| {
            let is_there = folder.path().join("checkpoint.npz").is_file();
            assert!(is_there || blocks < 4, "{blocks}");
            blocks += 1;
            blocks < 20
        };
        let ended = run.simulate(engine, None, &mut |_, _| Ok(None), &mut go_on).unwrap();
        let Ended::Early(steps) = ended else { panic!("not early") };
        assert!((20..24).contains(&(steps / 320)), "{steps}");
        let from = Checkpoint::read(folder.path()).unwrap();
        assert_eq!((from.shard.steps, from.every), (steps, Every::Seconds(1e-6)));
        let engine = cpu::single("a test");
        let ended = run.simulate(engine, Some(from), &mut |_, _| Ok(None), &mut |_| true).unwrap();
        let Ended::Done(finished) = ended else { panic!("not done") };
        assert!(finished.done.sample.unwrap().1.iter().eq(trains.iter()));
    }
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
    drop(gpu.start(&experiment, Blocks { raster: true, words: None }, &mut || true).unwrap());
    assert_eq!(gpu.device().compiled() - before, 2);
}
