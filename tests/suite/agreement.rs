//! Do the engines agree, spike by spike? And would a wrong engine be noticed?

use super::common::{coincidence, cpu, experiment, gpu, oracle, spikes_of};
use loligo::engine::Engine;

/// Experiments with a deliberate fault of a hundredth for the twin that must be rejected.
const CASES: [(&str, &str); 5] = [
    ("neurons=500 duration=2s", "tau_m=10.1"),
    ("neurons=500 duration=2s integrator=exact noise.kind=ou", "g_l=10.1"),
    (
        "neurons=200 duration=500ms noise.kind=none stimulus.amplitude=uniform(200,400)",
        "tau_m=10.1",
    ),
    ("neurons=200 duration=500ms model=hodgkin_huxley", "g_na=121.2"),
    (
        "neurons=200 duration=500ms model=hodgkin_huxley integrator=rk4 dt=0.02 noise.kind=ou",
        "g_k=36.36",
    ),
];

/// Two engines agree if 99 % of the spikes coincide within two steps. Rounding differs in the last
/// bit; where it makes a spike fall on another step, the noise, which is the same, brings the
/// neurons together again.
fn agree(a: &dyn Engine, b: &dyn Engine, settings: &str, fault: &str) -> bool {
    let faulty = experiment(&format!("{settings} {fault}"));
    let (a, b) = (spikes_of(a, &experiment(settings)), spikes_of(b, &faulty));
    assert!(a.spikes() > 1000, "{settings}: {} spikes", a.spikes());
    coincidence(&a, &b, 2) > 0.99
}

#[test]
fn the_cpu_agrees_with_its_oracle() {
    for (settings, fault) in CASES {
        assert!(agree(&cpu(), &oracle(), settings, ""), "{settings}");
        assert!(!agree(&cpu(), &oracle(), settings, fault), "{settings}: {fault} is not noticed");
    }
}

#[test]
fn the_gpu_agrees_with_the_cpu_and_the_oracle() {
    let Some(gpu) = gpu() else { return };
    for (settings, fault) in CASES {
        assert!(agree(&gpu, &cpu(), settings, ""), "{settings}");
        assert!(agree(&gpu, &oracle(), settings, ""), "{settings}");
        assert!(!agree(&gpu, &oracle(), settings, fault), "{settings}: {fault} is not noticed");
    }
}

#[test]
fn other_noise_is_not_taken_for_the_same() {
    let settings = "neurons=500 duration=2s noise.sigma=5";
    assert!(!agree(&cpu(), &oracle(), settings, "seed=2"));
}
