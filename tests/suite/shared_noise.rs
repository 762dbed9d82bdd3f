//! Is noise shared as asked for?

use super::common::{coincidence, cpu, engines, experiment, spikes, spikes_of};
use loligo::analysis::counts::of_trains;
use loligo::trace::{Samples, trace};
use loligo::window::Window;

/// The injected noise of some neurons, a row each.
fn noise(settings: &str) -> Vec<Vec<f64>> {
    let experiment = experiment(&format!("{settings} stimulus.amplitude=0"));
    let samples = Samples { from: 0, to: experiment.steps(), every: 1 };
    let population = &experiment.populations()[0];
    (0..population.neurons())
        .map(|n| trace::<f64>(&experiment, population, n, samples).current)
        .collect()
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    product(a, b) / (product(a, a) * product(b, b)).sqrt()
}

#[test]
fn the_common_share_is_the_correlation_of_the_noise() {
    for (kind, c) in [("white", 0.0), ("white", 0.3), ("white", 1.0), ("ou", 0.3)] {
        let settings = format!("neurons=3 duration=20s noise.kind={kind} noise.common={c}");
        let rows = noise(&settings);
        // 200,000 samples; OU noise of tau 10 ms has 2,000 independent ones. Five standard errors
        // (1 - c^2) / sqrt(n).
        let n = if kind == "ou" { 2000f64 } else { 200_000.0 };
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            let r = correlation(&rows[a], &rows[b]);
            assert!((r - c).abs() < 5.0 * (1.0 - c * c) / n.sqrt() + 1e-9, "{settings}: {r}");
        }
        // Sharing does not change the strength: sigma 3 at 0.1 ms is 300 pA.
        let variance = rows[0].iter().map(|x| x * x).sum::<f64>() / rows[0].len() as f64;
        let expected = if kind == "ou" { 1600.0 } else { 90_000.0 };
        assert!(
            (variance / expected - 1.0).abs() < 5.0 * (2.0 / n).sqrt(),
            "{settings}: {variance}"
        );
    }
}

#[test]
fn populations_do_not_share_with_each_other() {
    let document = loligo::document::parse_toml(
        "two.toml".as_ref(),
        "duration = 1000\n[[population]]\nname = 'a'\nneurons = 1\nnoise.common = 1\n\
         [[population]]\nname = 'b'\nneurons = 1\nnoise.common = 1\n",
    )
    .unwrap();
    let experiment = loligo::experiment::Experiment::new(&document, &[]).unwrap();
    let trains = spikes_of(&cpu(), &experiment);
    assert_ne!(trains.train(0), trains.train(1));
}

#[test]
fn shared_noise_makes_neurons_fire_together() {
    for engine in engines() {
        let settings = "neurons=100 duration=10s noise.sigma=5 stimulus.amplitude=190";
        let r = |c: f64| {
            let trains = spikes(engine.as_ref(), &format!("{settings} noise.common={c}"));
            let window = Window { from: 2000, to: 100_000 };
            of_trains(&trains, window, 0.1, 50.0).unwrap().correlation.unwrap()
        };
        let (none, half, all) = (r(0.0), r(0.5), r(1.0));
        assert_eq!(none.pairs, 4950);
        assert!(none.mean.abs() < 4.0 * none.sem, "{none:?}");
        // 195 windows: of the mean of 100 independent neurons' squares, sqrt(2 / 194) / 99.
        assert!((none.sem / ((2.0 / 194f64).sqrt() / 99.0) - 1.0).abs() < 0.2, "{none:?}");
        assert!(half.mean > 0.1 && half.mean < 0.6, "{half:?}");
        // The same noise from the same start: the same spikes.
        assert!((all.mean - 1.0).abs() < 1e-9, "{all:?}");
    }
}

#[test]
fn frozen_noise_is_the_same_for_every_neuron_and_seed() {
    for kind in ["white", "ou"] {
        for engine in engines() {
            let of = |more: &str| {
                let settings =
                    format!("neurons=5 duration=500 noise.kind={kind} noise.frozen=true");
                spikes(engine.as_ref(), &format!("{settings} {more}"))
            };
            let trains = of("");
            assert!(trains.spikes() > 50);
            assert!(trains.iter().all(|train| train == trains.train(0)));
            assert_eq!(of("seed=2"), trains);
            // Other neurons receive the same noise, and fire otherwise.
            assert_ne!(of("tau_m=12"), trains);
        }
    }
}

#[test]
fn the_engines_agree_on_shared_noise() {
    let Some(gpu) = super::common::gpu() else { return };
    for settings in [
        "neurons=200 duration=1s noise.common=0.4",
        "neurons=200 duration=1s noise.kind=ou noise.common=uniform(0,1)",
        "neurons=100 duration=200 model=hodgkin_huxley noise.frozen=true",
    ] {
        let ours = spikes(&cpu(), settings);
        assert!(coincidence(&ours, &spikes(&gpu, settings), 2) > 0.99, "{settings}");
        let wrong = spikes(&gpu, &format!("{settings} noise.sigma=2"));
        assert!(coincidence(&ours, &wrong, 2) < 0.99, "{settings}: another sigma is not noticed");
    }
}
