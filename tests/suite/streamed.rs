//! Statistics while stepping: what they are of recorded spikes, without the spikes.

use crate::common::{cpu, engines, experiment};
use loligo::analysis::sums::TrainSums;
use loligo::checkpoint::{Checkpoint, Checkpointed, Ended, Every};
use loligo::engine::gpu::{Cut, Gpu};
use loligo::engine::several::Several;
use loligo::engine::{Blocks, Engine};
use loligo::results::{PopulationResults, Results};
use loligo::shard::simulate_shard;
use loligo::simulation::Simulated;
use loligo::sink::Sums;
use loligo::{Analysis, Experiment, Plan, Record, simulate};

fn simulated(engine: &dyn Engine, experiment: &Experiment, plan: Plan) -> Simulated {
    let simulated = simulate(engine, experiment, plan, &mut |_| true).unwrap();
    assert!(simulated.failure.is_none(), "{:?}", simulated.failure);
    simulated
}

fn results(engine: &dyn Engine, experiment: &Experiment, plan: Plan) -> Results {
    Results::new(experiment, &simulated(engine, experiment, plan), plan.analysis)
}

fn plan(record: Record) -> Plan {
    let mut analysis = Analysis { count_window_ms: 37.0, ..Analysis::default() };
    analysis.spectrum.segment_ms = 150.0;
    Plan { analysis, ..Plan::new(record) }
}

/// Runs of many kinds: windows that begin and end within a word, populations that share a tile, silent neurons, regular
/// ones, intervals of thousands of steps, blocks that the window begins after.
fn experiments() -> Vec<Experiment> {
    let texts = [
        "neurons=300 duration=700 noise.sigma=8",
        "neurons=300 duration=700 from=101.3 to=611.7 stimulus.amplitude=uniform(100,400)",
        "model=hodgkin_huxley neurons=70 duration=400 noise.sigma=1",
        "neurons=1 duration=900 stimulus.amplitude=100 noise.sigma=12",
        "neurons=40 duration=5000 stimulus.amplitude=normal(150,10) noise.sigma=5 from=300",
        "neurons=33 duration=300 noise.kind=none stimulus.amplitude=uniform(150,300)",
    ];
    let sweep = Experiment::builder()
        .neurons(10)
        .duration_ms(600.0)
        .set("seed", 4.0)
        .sweep("stimulus.amplitude", &[120.0, 150.0, 180.0, 210.0, 240.0, 270.0, 300.0])
        .build()
        .unwrap();
    texts.iter().map(|text| experiment(text)).chain([sweep]).collect()
}

/// Two numbers of a spectrum are the same: transforms of a signal with and without its mean, which is up to 10^3 times as
/// large as what is left, agree to 10^3 times the rounding of 10^-16, squared sums to some 10^-12 of the largest power.
fn are_close(a: &[f64], b: &[f64]) -> bool {
    let largest = a.iter().copied().fold(0.0, f64::max);
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-11 * largest)
}

/// A GPU that takes sums itself has contrasts of intervals c = (I - J) / (I + J) in single precision, u = 2^-24: I and J are
/// rounded (u each, beyond 2^24 steps), so is their difference (u), their sum (3 u), and a division in WGSL has 2.5 units in
/// the last place (5 u): |c| is within 9 u, its square within 19 u, that by the sum within 27 u. Then they are rounded to
/// fixed point, within 2^-32, and within 2^-38 what is weighted by 12 R, of up to 5000 steps.
fn assert_close(a: Option<f64>, b: Option<f64>, of: &str) {
    let (Some(a), Some(b)) = (a, b) else { return assert_eq!(a, b, "{of}") };
    let bound = 27.0 * 2.0f64.powi(-24) * b + 3.0 * 2.0f64.powi(-32) + 60_000.0 * 2.0f64.powi(-38);
    assert!((a - b).abs() <= bound, "{of}: {a}, {b}");
}

fn assert_same(streamed: &PopulationResults, kept: &PopulationResults, is_single: bool, of: &str) {
    assert_eq!(streamed.counts, kept.counts, "{of}");
    assert_eq!(streamed.rates, kept.rates, "{of}");
    let (streamed, kept) = (streamed.recorded.as_ref().unwrap(), kept.recorded.as_ref().unwrap());
    for (a, b) in streamed.intervals.trains.iter().zip(&kept.intervals.trains) {
        let mut without = loligo::analysis::intervals::TrainIntervals { cv_jackknife: None, ..*b };
        if is_single {
            assert_close(a.cv2, b.cv2, of);
            assert_close(a.lv, b.lv, of);
            assert_close(a.lvr, b.lvr, of);
            (without.cv2, without.lv, without.lvr) = (a.cv2, a.lv, a.lvr);
        }
        assert_eq!(*a, without, "{of}");
    }
    assert_eq!(streamed.intervals.pooled, kept.intervals.pooled, "{of}");
    assert_eq!(streamed.intervals.cv, kept.intervals.cv, "{of}");
    if !is_single {
        assert_eq!(streamed.intervals.lvr_mean, kept.intervals.lvr_mean, "{of}");
    }
    assert_eq!(streamed.histogram, kept.histogram, "{of}");
    assert_eq!(streamed.rate, kept.rate, "{of}");
    assert_eq!(streamed.transient, kept.transient, "{of}");
    let counts = |recorded: &loligo::results::Recorded| {
        recorded.counts.map(|counts| (counts.window_ms, counts.fano, counts.covariance))
    };
    assert_eq!(counts(streamed), counts(kept), "{of}");
    let (a, b) = (streamed.spectrum.as_ref().unwrap(), kept.spectrum.as_ref().unwrap());
    assert_eq!((a.df_hz, a.segments, a.segment_ms), (b.df_hz, b.segments, b.segment_ms), "{of}");
    assert!((a.hop_ms - b.hop_ms).abs() < 1e-9, "{of}");
    assert!(are_close(&b.population, &a.population), "{of}: {:?}", &a.population[..3]);
    assert!(a.power.is_empty());
}

#[test]
fn statistics_while_stepping_are_those_of_the_spikes() {
    let engines = engines().into_iter().chain([loligo::engine::cpu::double("a test")]);
    for engine in engines {
        for (n, experiment) in experiments().iter().enumerate() {
            let kept = results(engine.as_ref(), experiment, plan(Record::Spikes));
            assert!(kept.populations.iter().any(|p| p.rates.spikes > 10), "experiment {n}");
            for words in [None, Some(1), Some(7)] {
                let plan = Plan { block_words: words, ..plan(Record::Intervals) };
                let streamed = results(engine.as_ref(), experiment, plan);
                assert_eq!(streamed.window, kept.window);
                assert!(streamed.kept().next().is_none());
                let of = format!("experiment {n}, blocks of {words:?}, {:?}", engine.info().kind);
                for (a, b) in streamed.populations.iter().zip(&kept.populations) {
                    assert_same(a, b, false, &of);
                }
            }
        }
    }
}

/// GPUs whose raster has a long way to the host: in one shard, in several that cut populations, and two together.
fn far() -> Vec<Box<dyn Engine>> {
    let cuts =
        [usize::MAX, 64].map(|most_neurons| Cut { copied: true, most_neurons, ..Cut::default() });
    let gpu = |cut| Some(Gpu::new(crate::common::device()?, cut, "a test"));
    let boxed = |gpu| Box::new(gpu) as Box<dyn Engine>;
    let mut engines: Vec<_> = cuts.into_iter().filter_map(gpu).map(boxed).collect();
    let two: Vec<_> = cuts.into_iter().filter_map(gpu).map(boxed).collect();
    if !two.is_empty() {
        engines.push(Box::new(Several::new(two, "a test".into())));
    }
    engines
}

#[test]
fn a_gpu_takes_them_where_the_raster_is() {
    for engine in far() {
        for (n, experiment) in experiments().iter().enumerate() {
            let kept = results(engine.as_ref(), experiment, plan(Record::Spikes));
            for words in [None, Some(1), Some(7)] {
                let plan = Plan { block_words: words, ..plan(Record::Intervals) };
                // No tile is shown.
                let mut run =
                    engine.start(experiment, Blocks { raster: true, words }, &mut || true).unwrap();
                let sums = Sums::new(run.tiles(), experiment, plan.analysis);
                let (summing, trains) = sums.summing();
                assert!(run.can_sum_up(&summing));
                run.sum_up(&summing, trains).unwrap();
                let mut blocks = 0;
                while run.next_block(&|_| panic!("a tile")).unwrap().is_some() {
                    blocks += 1;
                }
                let blocks_of = |words: usize| experiment.steps().div_ceil(32 * words as u32);
                assert!(words.is_none_or(|words| blocks == blocks_of(words)), "{blocks}");

                let streamed = results(engine.as_ref(), experiment, plan);
                let of = format!("experiment {n}, blocks of {words:?}");
                for (a, b) in streamed.populations.iter().zip(&kept.populations) {
                    assert_same(a, b, true, &of);
                }
            }
        }
    }
}

/// Intervals of more than 2^16 steps, whose squares do not fit a word.
#[test]
fn it_takes_long_intervals_too() {
    let experiment =
        experiment("neurons=20 duration=1500 dt=0.001 stimulus.amplitude=160 noise.sigma=3");
    let kept = results(&cpu(), &experiment, plan(Record::Spikes));
    let longest = kept.populations[0].recorded.as_ref().unwrap().intervals.pooled;
    assert!(longest.mean().unwrap() > 80.0, "{longest:?}");
    for engine in far() {
        let kept = results(engine.as_ref(), &experiment, plan(Record::Spikes));
        let streamed = results(engine.as_ref(), &experiment, plan(Record::Intervals));
        assert_same(&streamed.populations[0], &kept.populations[0], true, "long");
    }
}

/// Windows of a few steps and of none of a word's, many populations of one neuron, counts over all of the run at once.
#[test]
fn it_takes_any_window_and_population() {
    let sweep: Vec<f64> = (0..300).map(|n| 200.0 + f64::from(n)).collect();
    let many = Experiment::builder()
        .neurons(1)
        .duration_ms(200.0)
        .sweep("stimulus.amplitude", &sweep)
        .build()
        .unwrap();
    let text = |more: &str| experiment(&format!("neurons=130 duration=200 noise.sigma=9 {more}"));
    let others = ["from=100 to=100.7", "from=199.9", "to=3.2", "from=60 to=140"].map(text);
    let host = crate::common::gpu();
    for engine in far() {
        for (n, experiment) in [many.clone()].iter().chain(&others).enumerate() {
            for count_window_ms in [0.1, 7.0, 1000.0] {
                let analysis = Analysis { count_window_ms, ..plan(Record::Intervals).analysis };
                let plan = Plan { analysis, block_words: Some(2), ..plan(Record::Intervals) };
                let wanted = simulated(host.as_ref().unwrap(), experiment, plan).sums.unwrap();
                let taken = simulated(engine.as_ref(), experiment, plan).sums.unwrap();
                for (a, b) in taken.populations.iter().zip(&wanted.populations) {
                    assert_eq!(a.intervals, b.intervals, "{n}");
                    assert_eq!(a.activity.numbers(), b.activity.numbers(), "{n}");
                    for (a, b) in a.trains.iter().zip(&b.trains) {
                        let TrainSums { contrasts, squared_contrasts, hasty, .. } = *b;
                        let whole = TrainSums { contrasts, squared_contrasts, hasty, ..*a };
                        assert_eq!(whole, *b, "{n}");
                        assert!((a.contrasts - contrasts).abs() <= 1e-6 * contrasts + 1e-8, "{n}");
                    }
                }
            }
        }
    }
}

#[test]
fn such_sums_go_on_from_checkpoints_and_in_shards() {
    for engine in far() {
        for experiment in &experiments()[..3] {
            let plan = Plan { block_words: Some(3), ..plan(Record::Intervals) };
            let whole = simulated(engine.as_ref(), experiment, plan).sums.unwrap();
            let folder = tempfile::tempdir().unwrap();
            let run = Checkpointed {
                experiment,
                plan,
                has_spool: false,
                every: Every::Steps(480),
                text: "",
                flags: "",
                folder: folder.path(),
            };
            let again = || -> Box<dyn Engine> {
                let cut = Cut { copied: true, ..Cut::default() };
                Box::new(Gpu::new(crate::common::device().unwrap(), cut, "a test"))
            };
            let mut none = |_: usize, _: &loligo::error::Error| Ok(None);
            let early = run.simulate(again(), None, &mut none, &mut |steps| steps < 1000).unwrap();
            assert!(matches!(early, Ended::Early(_)));
            let from = Checkpoint::read(folder.path()).unwrap();
            let ended = run.simulate(again(), Some(from), &mut none, &mut |_| true).unwrap();
            let Ended::Done(finished) = ended else { panic!("not done") };
            let resumed = finished.done.sums.unwrap();
            // Bit for bit: sums of whole numbers do not depend on where they were cut.
            for (a, b) in resumed.populations.iter().zip(&whole.populations) {
                assert_eq!(a.trains, b.trains);
                assert_eq!(a.intervals, b.intervals);
                assert_eq!(a.activity.numbers(), b.activity.numbers());
            }
            let shards = (0..3).map(|index| {
                let part = experiment.shard(index, 3);
                let plan = Plan { block_words: Some(5), ..plan };
                simulate_shard(engine.as_ref(), &part, [index, 3], plan, None, &mut |_| true)
                    .unwrap()
            });
            let parts = shards.map(|shard| shard.sums.unwrap()).collect();
            let merged = Sums::of_parts(experiment, plan.analysis, parts);
            for (a, b) in merged.populations.iter().zip(&whole.populations) {
                assert_eq!(a.trains, b.trains);
                assert_eq!(a.intervals, b.intervals);
            }
        }
    }
}

#[test]
fn a_sample_has_the_spikes_of_its_neurons_and_their_spectrum() {
    for engine in engines() {
        let experiment = experiment("neurons=300 duration=500 noise.sigma=8 from=50");
        let all = simulated(engine.as_ref(), &experiment, plan(Record::Spikes)).trains.unwrap();
        let results = results(engine.as_ref(), &experiment, plan(Record::Sample(7)));
        let (_, kept) = results.kept().next().unwrap();
        assert_eq!(kept.neurons, [0, 42, 85, 128, 171, 214, 257]);
        for (train, &neuron) in kept.whole_trains.iter().zip(&kept.neurons) {
            assert_eq!(train, all.train(neuron));
            assert!(train.len() > 5);
        }
        let recorded = results.populations[0].recorded.as_ref().unwrap();
        let spectrum = recorded.spectrum.as_ref().unwrap();
        assert_eq!(spectrum.neurons, 7);
        assert_eq!(spectrum.power.len(), spectrum.population.len());
        // More than there are: all.
        let everything = simulated(engine.as_ref(), &experiment, plan(Record::Sample(1000)));
        assert_eq!(everything.sample.unwrap().1, all);
    }
}

/// What was done before a run was ended is what a run of that length would have given, in whole windows and segments.
#[test]
fn an_ended_run_keeps_its_statistics() {
    let experiment = experiment("neurons=100 duration=10s noise.sigma=8");
    let plan = Plan { block_words: Some(50), ..plan(Record::Intervals) };
    let ended = simulate(&cpu(), &experiment, plan, &mut |steps| steps < 9000).unwrap();
    assert!(ended.steps < 100_000);
    let ended = Results::new(&experiment, &ended, plan.analysis);
    let recorded = ended.populations[0].recorded.as_ref().unwrap();
    let shorter = format!("neurons=100 duration={}ms noise.sigma=8", 0.1 * f64::from(ended.steps));
    let shorter = crate::common::experiment(&shorter);
    let kept = results(&cpu(), &shorter, Plan { record: Record::Spikes, ..plan });
    let wanted = kept.populations[0].recorded.as_ref().unwrap();
    assert_eq!(ended.populations[0].counts, kept.populations[0].counts);
    assert_eq!(recorded.intervals.cv, wanted.intervals.cv);
    assert_eq!(recorded.histogram, wanted.histogram);
    let fano = |recorded: &loligo::results::Recorded| recorded.counts.unwrap().fano;
    assert_eq!(fano(recorded), fano(wanted));
    // Segments of a longer window are spread a little differently.
    let (a, b) = (recorded.spectrum.as_ref().unwrap(), wanted.spectrum.as_ref().unwrap());
    assert!(a.segments > 3 && a.segments.abs_diff(b.segments) <= 1);
}
