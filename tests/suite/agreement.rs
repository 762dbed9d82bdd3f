//! Do the engines agree, spike by spike? And would a wrong engine be noticed?

use std::path::Path;

use super::common::{coincidence, cpu, experiment, gpu, oracle, spikes_of};
use loligo::engine::Engine;
use loligo::engine::cpu::Cpu;
use loligo::model::{Model, models};
use loligo::real::Single;

/// An experiment, and a fault of a hundredth that must be noticed.
struct Case {
    settings: String,
    fault: &'static str,
}

/// Every model with every integrator, noise and stimulus.
fn catalogue(folder: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    // Models that are files of equations have their own loop, in models.rs.
    for model in models().into_iter().filter(|model| model.text.is_none()) {
        for [integrator, noise, stimulus] in combinations(model) {
            // Neurons differ in their currents, so that those without noise do not all fire at once.
            let (size, amplitude, fault) = match model.name {
                "lif" => (
                    "neurons=150 duration=600",
                    "stimulus.amplitude=uniform(220,400)",
                    "tau_m=10.1",
                ),
                "hodgkin_huxley" => {
                    ("neurons=64 duration=200", "stimulus.amplitude=uniform(8,20)", "g_na=121.2")
                }
                other => panic!("{other} has no case here"),
            };
            let stimulus = match stimulus {
                "file" => format!("stimulus.file={}", recording(folder, model)),
                _ => String::new(),
            };
            cases.push(Case {
                settings: format!(
                    "model={} integrator={integrator} noise.kind={noise} {size} {amplitude} {stimulus}",
                    model.name
                ),
                fault,
            });
        }
    }
    cases
}

fn combinations(model: &Model) -> Vec<[&'static str; 3]> {
    let (noises, stimuli) = (["none", "white", "ou"], ["constant", "file"]);
    let integrators = model.integrators.iter().map(|integrator| integrator.name);
    integrators
        .flat_map(|integrator| {
            noises.into_iter().flat_map(move |noise| {
                stimuli.into_iter().map(move |stimulus| [integrator, noise, stimulus])
            })
        })
        .collect()
}

/// A sine of a tenth of the model's default current, in a file of its own.
fn recording(folder: &Path, model: &Model) -> String {
    let path = folder.join(format!("{}.csv", model.name));
    let sample = |k: u32| {
        let t = f64::from(k) * 1e-3;
        format!("{t},{}\n", 0.1 * model.amplitude * (2.0 * std::f64::consts::PI * 7.0 * t).sin())
    };
    std::fs::write(&path, format!("t,i\n{}", (0..700).map(sample).collect::<String>())).unwrap();
    path.display().to_string()
}

/// The share of spikes of two engines that coincide within two steps. Rounding differs in the last bit; where
/// it makes a spike fall on another step, the noise, which is the same, brings the neurons together again.
fn agreement(a: &dyn Engine, b: &dyn Engine, settings: &str, fault: &str) -> f64 {
    let faulty = experiment(&format!("{settings} {fault}"));
    let (a, b) = (spikes_of(a, &experiment(settings)), spikes_of(b, &faulty));
    assert!(a.spikes() > 500, "{settings}: {} spikes", a.spikes());
    coincidence(&a, &b, 2)
}

/// Enough: 99 %. Between two steps, `bridge` decides by deviates that are within 0.01 in f32: one of two
/// hundred crossings turns out otherwise.
fn enough(settings: &str) -> f64 {
    if settings.contains("bridge") { 0.98 } else { 0.99 }
}

fn check(engine: &dyn Engine) {
    let folder = tempfile::tempdir().unwrap();
    for Case { settings, fault } in catalogue(folder.path()) {
        let right = agreement(engine, &oracle(), &settings, "");
        assert!(right > enough(&settings), "{settings}: {right}");
        let wrong = agreement(engine, &oracle(), &settings, fault);
        assert!(wrong < enough(&settings), "{settings}: {fault} is not noticed: {wrong}");
    }
}

#[test]
fn the_cpu_agrees_with_its_oracle() {
    check(&cpu());
}

#[test]
fn the_cpu_without_fused_operations_agrees_with_its_oracle() {
    check(&Cpu::<Single<false>>::new("a test"));
}

#[test]
fn the_gpu_agrees_with_the_oracle() {
    let Some(gpu) = gpu() else { return };
    check(&gpu);
}

#[test]
fn other_noise_is_not_taken_for_the_same() {
    let settings = "neurons=500 duration=2s noise.sigma=5";
    assert!(agreement(&cpu(), &oracle(), settings, "seed=2") < 0.9);
}
