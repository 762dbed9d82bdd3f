//! Noise inside models: does it converge as its calculus says, on every engine?

use super::common::{cpu, engines, final_states, mean_and_error, oracle, order};
use loligo::document::parse_toml;
use loligo::engine::Engine;
use loligo::experiment::Experiment;
use loligo::setting::Setting;

/// Geometric Brownian motion, dx = a x dt + b x dW, with its Wiener process beside it: the solution is known on every path.
const GROWTH: &str = r#"
[model.growth]
current = "1"
[model.growth.parameters]
a = "1 /s"
b = "0.8 /sqrt(s)"
[model.growth.state.x]
unit = "1"
start = "1"
"dx/dt" = "a*x + b*x*xi"
[model.growth.state.w]
unit = "sqrt(s)"
start = "0"
"dw/dt" = "xi"
[model.growth.spike]
when = "x > 1e9"
upward = true
"#;

const NEURONS: usize = 20_000;

/// Errors at 1.024 s of the states x, against the solution on their own paths; `half` is 1/2 for Ito's calculus, 0 for that of
/// Stratonovich.
fn errors(engine: &dyn Engine, integrator: &str, half: f64, dt: f64) -> Vec<f64> {
    let document = parse_toml("test.toml".as_ref(), GROWTH).unwrap();
    let settings = [
        format!("integrator={integrator}"),
        format!("neurons={NEURONS}"),
        format!("dt={dt}"),
        "duration=1024".into(),
        "noise.kind=none".into(),
    ];
    let settings = settings.map(|text| Setting::assignment(&text).unwrap());
    let experiment = Experiment::new(&document, &settings).unwrap();
    let states = final_states(engine, &experiment, NEURONS);
    let (a, b, t) = (1.0, 0.8, 1.024);
    let exact = |w: f64| ((a - half * b * b) * t + b * w).exp();
    states.iter().map(|state| state[0] - exact(state[1])).collect()
}

/// The order of convergence of the mean error on a path (strong), and of the error of the mean (weak). Steps are of 2 to 16 ms.
fn orders(engine: &dyn Engine, integrator: &str, half: f64) -> [f64; 2] {
    let steps = [2.0, 4.0, 8.0, 16.0];
    let of = |dt: f64| {
        let errors = errors(engine, integrator, half, dt);
        let size: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
        [mean_and_error(&size).0, mean_and_error(&errors).0.abs()]
    };
    let found = steps.map(of);
    [0, 1].map(|n| order(&steps, &found.map(|errors| errors[n])))
}

/// Euler-Maruyama: strong order 1/2, weak order 1. With 20,000 paths the errors of means are 1 % (strong) and some percent
/// (weak: a mean of both signs), of orders a few hundredths.
#[test]
fn euler_is_ito() {
    let [strong, weak] = orders(&oracle(), "euler", 0.5);
    assert!((strong - 0.5).abs() < 0.06, "{strong}");
    assert!((weak - 1.0).abs() < 0.2, "{weak}");
    // It is not Stratonovich: there the error does not become smaller.
    let [other, _] = orders(&oracle(), "euler", 0.0);
    assert!(other < 0.1, "{other}");
}

/// Heun: strong order 1 towards the solution of Stratonovich, as there is one noise.
#[test]
fn heun_is_stratonovich() {
    let [strong, weak] = orders(&oracle(), "heun", 0.0);
    assert!((strong - 1.0).abs() < 0.1, "{strong}");
    assert!(weak > 0.85, "{weak}");
    let [other, _] = orders(&oracle(), "heun", 0.5);
    assert!(other < 0.1, "{other}");
}

#[test]
fn engines_have_the_same_paths() {
    let exact = errors(&oracle(), "euler", 0.5, 4.0);
    for engine in engines().into_iter().chain([Box::new(cpu().interpreting()) as Box<dyn Engine>]) {
        let errors = errors(engine.as_ref(), "euler", 0.5, 4.0);
        // 256 steps, each with a rounding of 1e-7, and deviates within 1.4e-5 of the exact ones, times x up to 60.
        let most = errors.iter().zip(&exact).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
        assert!(most < 0.02 && most > 0.0, "{most}");
    }
}

#[test]
fn other_integrators_are_refused_for_noise_of_the_state() {
    let document = parse_toml("test.toml".as_ref(), GROWTH).unwrap();
    for integrator in ["rk4", "exponential_euler", "exact"] {
        let setting = Setting::assignment(&format!("integrator={integrator}")).unwrap();
        let error = Experiment::new(&document, &[setting]).unwrap_err().to_string();
        assert!(error.contains("no integrator") && error.contains("euler, heun"), "{error}");
    }
}
