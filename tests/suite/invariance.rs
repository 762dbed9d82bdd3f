//! Do the spikes depend on anything but the experiment? They must not: the noise is keyed by
//! (seed, global neuron index).

use super::common::{cpu, device, experiment, oracle, spikes_of};
use loligo::document::parse_toml;
use loligo::engine::gpu::shader::PerInvocation;
use loligo::engine::gpu::{Cut, Gpu};
use loligo::engine::several::Several;
use loligo::engine::{Blocks, Engine};
use loligo::experiment::Experiment;
use loligo::setting::Setting;
use loligo::simulation::simulate;
use loligo::spikes::SpikeTrains;
use loligo::{Plan, Record};

/// 333 steps: not a multiple of 32. 150 neurons: neither of vectors nor of workgroups.
const SETTINGS: [&str; 3] = [
    "neurons=150 duration=33.3 noise.sigma=5",
    "neurons=150 duration=33.3 noise.kind=ou noise.sigma=100 stimulus.kind=pulse stimulus.from=5 stimulus.to=30 tau_m=uniform(5,20)",
    "neurons=150 duration=33.3 dt=0.1 model=hodgkin_huxley noise.sigma=1",
];

fn with_blocks(engine: &dyn Engine, experiment: &Experiment, words: usize) -> SpikeTrains {
    let plan = Plan { block_words: Some(words), ..Plan::new(Record::Spikes) };
    simulate(engine, experiment, plan, &mut |_| true).unwrap().trains.unwrap()
}

#[test]
fn block_length_does_not_matter() {
    let mut engines: Vec<Box<dyn Engine>> = vec![Box::new(cpu()), Box::new(oracle())];
    engines.extend(super::common::gpu().map(|gpu| Box::new(gpu) as Box<dyn Engine>));
    for settings in SETTINGS {
        let experiment = experiment(settings);
        for engine in &engines {
            let whole = spikes_of(engine.as_ref(), &experiment);
            assert!(whole.spikes() > 100, "{settings}: {} spikes", whole.spikes());
            for words in [1, 3, 11] {
                let cut = with_blocks(engine.as_ref(), &experiment, words);
                assert_eq!(cut, whole, "{settings}, {words} words, {:?}", engine.info());
            }
        }
    }
}

#[test]
fn how_many_engines_step_does_not_matter() {
    let boxed = |gpu: Gpu| Box::new(gpu) as Box<dyn Engine>;
    let cpus = || -> Vec<Box<dyn Engine>> { (0..3).map(|_| Box::new(cpu()) as _).collect() };
    let gpus: Vec<_> = (0..2).filter_map(|_| super::common::gpu().map(boxed)).collect();
    let mut pairs = vec![(Box::new(cpu()) as Box<dyn Engine>, cpus())];
    pairs.extend(super::common::gpu().map(|gpu| (boxed(gpu), gpus)));
    let populations = "[[population]]\nneurons = 70\nname = 'a'\nnoise.common = 0.4\n\
                       [[population]]\nneurons = 50\nname = 'b'\nmodel = 'hodgkin_huxley'\n";
    let document = parse_toml("test.toml".as_ref(), populations).unwrap();
    let flags = [Setting::assignment("duration=60").unwrap()];
    let mut experiments: Vec<Experiment> = SETTINGS.map(experiment).to_vec();
    experiments.push(Experiment::new(&document, &flags).unwrap());
    // Fewer neurons than engines.
    experiments.push(experiment("neurons=1 duration=100"));
    for (one, engines) in pairs {
        let count = engines.len();
        let several = Several::new(engines, "a test".into());
        for experiment in &experiments {
            let whole = spikes_of(one.as_ref(), experiment);
            assert!(whole.spikes() >= 1);
            assert_eq!(spikes_of(&several, experiment), whole, "{count}");
            assert_eq!(with_blocks(&several, experiment, 3), whole, "{count}");
            // Shards of a shard, and what is counted only.
            let part = experiment.shard(0, 2.min(experiment.neurons()));
            let plan = Plan::new(Record::None);
            let counts = simulate(&several, &part, plan, &mut |_| true).unwrap().counts;
            let wanted: Vec<u32> =
                whole.iter().take(part.part().len()).map(|train| train.len() as u32).collect();
            assert_eq!(counts, wanted, "{count}");
        }
    }
}

#[test]
fn workgroups_and_shards_do_not_matter() {
    let Some(whole) = super::common::gpu() else { return };
    for settings in SETTINGS {
        let experiment = experiment(settings);
        let whole = spikes_of(&whole, &experiment);
        for (workgroup_size, lanes, most_neurons, copied) in [
            (32, None, usize::MAX, false),
            (128, None, usize::MAX, true),
            (64, None, 64, false),
            (16, None, 48, true),
            (64, Some(PerInvocation::One), usize::MAX, true),
            (16, Some(PerInvocation::Two), 48, false),
        ] {
            let Some(device) = device() else { return };
            // A hardware driver may round another kernel's products and sums otherwise.
            if lanes.is_some() && !device.is_software() {
                continue;
            }
            let cut = Cut { workgroup_size, lanes, most_neurons, copied };
            let spikes = spikes_of(&Gpu::new(device, cut, "a test"), &experiment);
            assert_eq!(spikes, whole, "{settings}, {cut:?}");
        }
    }
}

#[test]
fn many_neurons_are_uploaded_in_their_order() {
    // Rows are made by tasks of 1024 neurons.
    let experiment = experiment("neurons=2500 duration=33.3 noise.sigma=5 tau_m=uniform(5,20)");
    let Some(whole) = super::common::gpu() else { return };
    let whole = spikes_of(&whole, &experiment);
    for (most_neurons, copied) in [(640, false), (usize::MAX, true), (640, true)] {
        let Some(device) = device() else { return };
        let cut = Cut { most_neurons, copied, ..Cut::default() };
        let spikes = spikes_of(&Gpu::new(device, cut, "a test"), &experiment);
        assert!(whole.spikes() > 2500 && spikes == whole, "{cut:?}");
    }
}

#[test]
fn the_split_into_populations_does_not_matter() {
    let parts = "[[population]]\nname = 'a'\nneurons = 50\n[[population]]\nname = 'b'\nneurons = 30\n\
                 [[population]]\nname = 'c'\nneurons = 70\nintegrator = 'exact'\n";
    let document = parse_toml("test.toml".as_ref(), parts).unwrap();
    let flags = ["duration=200", "noise.sigma=5", "tau_m=normal(10,1,min=5)"];
    let flags: Vec<_> = flags.iter().map(|text| Setting::assignment(text).unwrap()).collect();
    let split = Experiment::new(&document, &flags).unwrap();
    let whole = experiment("neurons=150 duration=200 noise.sigma=5 tau_m=normal(10,1,min=5)");
    for engine in super::common::engines() {
        let split = spikes_of(engine.as_ref(), &split);
        let whole = spikes_of(engine.as_ref(), &whole);
        // The first two populations share a kernel, the third has another integrator.
        assert_eq!(split.slice(0..80), whole.slice(0..80));
        assert_ne!(split.slice(80..150), whole.slice(80..150));
    }
}

#[test]
fn the_first_neurons_do_not_know_of_the_others() {
    for settings in ["duration=200", "model=hodgkin_huxley g_na=normal(120,12) duration=60"] {
        for engine in super::common::engines() {
            let run = |more: &str| {
                let experiment = experiment(&format!("{settings} {more}"));
                spikes_of(engine.as_ref(), &experiment)
            };
            let few = run("neurons=10");
            assert!(few.spikes() > 20);
            assert_eq!(run("neurons=200").slice(0..10), few);
            assert_ne!(run("neurons=10 seed=2"), few);
        }
    }
}

/// The state of the first neuron after a run.
fn first_state(engine: &dyn Engine, settings: &str) -> Vec<f64> {
    let mut run = engine
        .start(&experiment(settings), Blocks { raster: false, words: None }, &mut || true)
        .unwrap();
    while run.next_block(&|_| ()).unwrap().is_some() {}
    run.state(0).unwrap()
}

#[test]
fn the_last_digits_do_not_know_of_the_others() {
    // The second neuron has 1.9 times the squid's conductance: the step is fine for it too, so that both
    // are stepped as one alone. Spikes would hardly show another way to step, the state does.
    let settings = "model=hodgkin_huxley duration=20";
    for engine in super::common::engines() {
        let alone = first_state(engine.as_ref(), &format!("{settings} neurons=1 g_na=120"));
        let beside = first_state(engine.as_ref(), &format!("{settings} neurons=2 g_na=120,260"));
        assert_eq!(beside, alone, "{:?}", engine.info());
    }
}

#[test]
fn counts_are_the_lengths_of_the_trains() {
    for settings in SETTINGS {
        let experiment = experiment(settings);
        for engine in super::common::engines() {
            let trains = spikes_of(engine.as_ref(), &experiment);
            let counted =
                simulate(engine.as_ref(), &experiment, Plan::new(Record::None), &mut |_| true);
            let lengths: Vec<u32> = trains.iter().map(|train| train.len() as u32).collect();
            assert_eq!(counted.unwrap().counts, lengths, "{settings}");
        }
    }
}

#[test]
fn a_stopped_run_keeps_what_is_done() {
    let experiment = experiment("neurons=100 duration=1s noise.sigma=5");
    for engine in super::common::engines() {
        let whole = spikes_of(engine.as_ref(), &experiment);
        let plan = Plan { block_words: Some(10), ..Plan::new(Record::Spikes) };
        let stopped =
            simulate(engine.as_ref(), &experiment, plan, &mut |steps| steps < 900).unwrap();
        assert!(stopped.steps >= 900 && stopped.steps < experiment.steps());
        for (stopped_train, train) in stopped.trains.unwrap().iter().zip(whole.iter()) {
            let before: Vec<u32> =
                train.iter().copied().filter(|&step| step < stopped.steps).collect();
            assert_eq!(stopped_train, before);
        }
    }
}
