//! Are the catalogue's models right, the same on every engine, and wrong ones refused?

use std::path::Path;

use super::cli::{loligo, text};
use super::common::{coincidence, cpu, device, experiment, gpu, oracle, spikes, spikes_of};
use loligo::engine::cpu::Cpu;
use loligo::engine::gpu::shader::{self, PerInvocation};
use loligo::model::{equations, models};
use loligo::real::{Reach, Real, Single};
use loligo::tape::{
    Builder, Given, Hoisted, Id, Machine, Op, Program, Tape, Values, evaluate, wgsl,
};

#[test]
fn the_catalogue_is_whole() {
    let names: Vec<&str> = models().iter().map(|model| model.name).collect();
    assert!(names.len() >= 18, "{names:?}");
    for model in models() {
        assert!(!model.about.is_empty() && !model.source.is_empty(), "{}", model.name);
        assert!(model.parameters.iter().all(|p| !p.about.is_empty()), "{}", model.name);
        assert!(model.states.iter().all(|state| !state.about.is_empty()), "{}", model.name);
        for preset in model.presets {
            let settings =
                format!("model={} preset={} neurons=1 duration=5", model.name, preset.name);
            let population = experiment(&settings).populations()[0].clone();
            let (n, value) = preset.values[0];
            assert_eq!(population.parameters()[n].of(0), value, "{settings}");
        }
    }
}

/// Spike times without noise against SciPy's, which finds them within a step: `tests/data/models.py`.
#[test]
fn spikes_are_where_scipy_has_them() {
    const DT: f64 = 0.005;
    let reference = include_str!("../data/models.json");
    let reference: serde_json::Value = serde_json::from_str(reference).unwrap();
    let mut checked = 0;
    for model in models().into_iter().filter(|model| model.text.is_some()) {
        let reference = &reference[model.name];
        let list = |value: &serde_json::Value| -> Vec<f64> {
            value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
        };
        let amplitudes = list(&reference["amplitude"]);
        let written: Vec<String> = amplitudes.iter().map(f64::to_string).collect();
        // A fourth-order method at a fine step: what is left is that spikes are looked for at the steps only.
        let settings = format!(
            "model={} integrator=rk4 neurons=3 dt={DT} duration=300 noise.kind=none stimulus.amplitude={}",
            model.name,
            written.join(",")
        );
        let trains = spikes(&oracle(), &settings);
        for (neuron, times) in reference["spike_times_ms"].as_array().unwrap().iter().enumerate() {
            let (times, ours) = (list(times), trains.train(neuron));
            // The reference ends after 40 spikes.
            let until =
                times.last().map_or(300.0, |last| if times.len() >= 40 { *last } else { 300.0 });
            let in_time = ours.iter().filter(|step| f64::from(**step) * DT < until + DT).count();
            // A spike of the last moment may come too late.
            let is_counted = in_time == times.len()
                || in_time + 1 == times.len()
                    && times.last().is_some_and(|last| *last > 299.0 || times.len() >= 40);
            assert!(
                is_counted,
                "{} at {}: {in_time}, not {}",
                model.name,
                amplitudes[neuron],
                times.len()
            );
            for (n, (time, step)) in times.iter().zip(ours).enumerate() {
                // Each spike that resets is late by a step at most, a refractory period by another; adaptation makes it
                // no more. The slow manifold of bursts amplifies it: 30 steps were seen, 60 are allowed.
                let late = f64::from(*step) * DT - time;
                let slack = match model.name {
                    "hindmarsh_rose" | "morris_lecar" => 60.0,
                    _ => 2.5 * (n as f64 + 1.0),
                };
                assert!(
                    late.abs() < slack * DT,
                    "{} spike {n} at {}: {late} ms off",
                    model.name,
                    amplitudes[neuron]
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 500, "{checked}");
}

/// What is compiled and what is interpreted are the same operations.
#[test]
fn compiled_and_interpreted_spikes_are_the_same() {
    for (model, size) in
        [("lif", "neurons=300 duration=500"), ("hodgkin_huxley", "neurons=70 duration=150")]
    {
        let model = models().into_iter().find(|other| other.name == model).unwrap();
        for integrator in model.integrators {
            for noise in ["none", "white", "ou"] {
                let settings = format!(
                    "model={} integrator={} noise.kind={noise} {size}",
                    model.name, integrator.name
                );
                let experiment = experiment(&settings);
                let interpreting = Cpu::<Single<true>>::new("a test").interpreting();
                let (ours, interpreted) =
                    (spikes_of(&cpu(), &experiment), spikes_of(&interpreting, &experiment));
                assert!(ours.spikes() > 0 || noise == "none", "{settings}");
                // Products of constants are rounded once more on a tape.
                let share = coincidence(&interpreted, &ours, 2);
                assert!(share > 0.995, "{settings}: {share}");
            }
        }
    }
}

/// The same spikes in single and double precision and on the GPU, for every model, integrator and noise.
#[test]
fn engines_agree_on_every_model() {
    let gpu = gpu();
    for model in models().into_iter().filter(|model| model.text.is_some()) {
        for integrator in model.integrators {
            for noise in ["none", "white", "ou"] {
                let settings = format!(
                    "model={} integrator={} noise.kind={noise} neurons=40 duration=120 stimulus.amplitude=uniform({},{})",
                    model.name,
                    integrator.name,
                    0.8 * model.amplitude,
                    1.6 * model.amplitude
                );
                let experiment = experiment(&settings);
                let exact = spikes_of(&oracle(), &experiment);
                let single = spikes_of(&cpu(), &experiment);
                let share = coincidence(&single, &exact, 2);
                assert!(share > 0.97, "{settings}: {share} of {} spikes", exact.spikes());
                if let Some(gpu) = &gpu {
                    let share = coincidence(&spikes_of(gpu, &experiment), &exact, 2);
                    assert!(share > 0.97, "{settings} on the GPU: {share} of {}", exact.spikes());
                }
            }
        }
    }
}

/// The equations of the compiled models as text: the same spikes.
#[test]
fn equations_as_text_give_the_spikes_of_the_compiled_models() {
    let folder = tempfile::tempdir().unwrap();
    for (name, toml, size) in [
        ("lif", LIF, "neurons=100 duration=1000 integrator=euler"),
        ("hodgkin_huxley", HODGKIN_HUXLEY, "neurons=30 duration=200 integrator=staggered"),
    ] {
        let path = folder.path().join(format!("{name}_text.toml"));
        std::fs::write(&path, toml).unwrap();
        let compiled = spikes(&oracle(), &format!("model={name} {size}"));
        let own = spikes(&oracle(), &format!("model={} {size}", path.display()));
        assert!(compiled.spikes() > 300, "{name}: {}", compiled.spikes());
        // In double precision rounding moves next to nothing.
        assert_eq!(own, compiled, "{name}");
    }
}

const LIF: &str = r#"
current = "pA"
amplitude = 250
noise = { white = 3, ou = 40 }
dt = "0.1 ms"
[parameters]
tau_m = "10 ms"
g_l = "10 nS"
e_l = "-75 mV"
v_th = "-55 mV"
v_reset = "-75 mV"
t_ref = "2 ms"
[state.v]
unit = "mV"
start = "e_l"
"dv/dt" = "(e_l - v + I/g_l)/tau_m"
[spike]
when = "v >= v_th"
reset = { v = "v_reset" }
refractory = "t_ref"
hold = "v"
"#;

const HODGKIN_HUXLEY: &str = r#"
current = "uA/cm2"
dt = "0.01 ms"
integrator = "staggered"
[parameters]
c_m = "1 uF/cm2"
g_na = "120 mS/cm2"
g_k = "36 mS/cm2"
g_l = "0.3 mS/cm2"
[definitions]
u = "(v + 65 mV)/mV"
alpha_m = "1/ms/exprel(2.5 - 0.1*u)"
beta_m = "4/ms*exp(-u/18)"
alpha_h = "0.07/ms*exp(-u/20)"
beta_h = "1/ms/(exp(3 - 0.1*u) + 1)"
alpha_n = "0.1/ms/exprel(1 - 0.1*u)"
beta_n = "0.125/ms*exp(-u/80)"
[state.v]
unit = "mV"
start = "-65 mV"
"dv/dt" = "(I - g_na*m^3*h*(v - 50 mV) - g_k*n^4*(v + 77 mV) - g_l*(v + 54.4 mV))/c_m"
[state.m]
start = "alpha_m/(alpha_m + beta_m)"
"dm/dt" = "alpha_m*(1 - m) - beta_m*m"
[state.h]
start = "alpha_h/(alpha_h + beta_h)"
"dh/dt" = "alpha_h*(1 - h) - beta_h*h"
[state.n]
start = "alpha_n/(alpha_n + beta_n)"
"dn/dt" = "alpha_n*(1 - n) - beta_n*n"
[spike]
when = "v >= 0 mV"
upward = true
lockout = "2 ms"
"#;

/// Published facts: where firing begins, and how.
#[test]
fn models_fire_as_their_papers_say() {
    let rates = |settings: &str| -> Vec<f64> {
        let trains = spikes(&oracle(), &format!("{settings} noise.kind=none"));
        let train = |n| trains.train(n).iter().filter(|step| **step > 20_000).count();
        (0..trains.neurons()).map(|n| train(n) as f64).collect()
    };
    // Wang and Buzsaki: firing begins at 0.16 uA/cm2 at any rate (type I); Hodgkin and Huxley's at 50 Hz at once (II).
    let wb = rates(
        "model=wang_buzsaki neurons=3 dt=0.05 duration=3000 stimulus.amplitude=0.15,0.165,0.18",
    );
    assert!(wb[0] == 0.0 && wb[1] > 0.0 && wb[1] < 20.0 && wb[2] > wb[1], "{wb:?}");
    let hh = rates("model=hodgkin_huxley neurons=2 dt=0.05 duration=2000 stimulus.amplitude=6,6.6");
    assert!(hh[0] == 0.0 && hh[1] > 45.0, "{hh:?}");
    // The last interval over the first; Izhikevich's fast-spiking neurons fire faster than regular ones.
    let ratio = |settings: &str| {
        let trains =
            spikes(&oracle(), &format!("{settings} noise.kind=none neurons=1 duration=500"));
        let t = trains.train(0);
        f64::from(t[t.len() - 1] - t[t.len() - 2]) / f64::from(t[1] - t[0])
    };
    let count = |settings: &str| {
        spikes(&oracle(), &format!("{settings} noise.kind=none neurons=1")).spikes()
    };
    let fast = count("model=izhikevich preset=fast_spiking stimulus.amplitude=10");
    assert!(fast > 2 * count("model=izhikevich stimulus.amplitude=10"), "{fast}");
    // Bursts: intervals within a burst and between bursts differ by a factor.
    let spread = |settings: &str| {
        let trains =
            spikes(&oracle(), &format!("{settings} noise.kind=none neurons=1 duration=1000"));
        let intervals: Vec<u32> =
            trains.train(0).windows(2).map(|pair| pair[1] - pair[0]).collect();
        let late = &intervals[intervals.len() / 2..];
        f64::from(*late.iter().max().unwrap()) / f64::from(*late.iter().min().unwrap())
    };
    assert!(spread("model=izhikevich preset=chattering stimulus.amplitude=10") > 4.0);
    assert!(
        spread("model=adaptive_exponential preset=regular_bursting stimulus.amplitude=210") > 3.0
    );
    assert!(spread("model=hindmarsh_rose stimulus.amplitude=2") > 3.0);
    // Adaptation of the exponential neuron: intervals grow.
    assert!(ratio("model=adaptive_exponential preset=adapting stimulus.amplitude=500") > 1.5);
}

/// A step that computes each operation of a tape, on the numbers of its state.
fn operations() -> (Tape, Vec<&'static str>) {
    let mut b = Builder::default();
    let (x, y) = (b.push(Op::State(0)), b.push(Op::State(1)));
    let (c, i) = (b.push(Op::Coefficient(0)), b.push(Op::Current));
    let m1 = b.push(Op::Expm1(x));
    let below = b.push(Op::Below(x, y));
    let at_most = b.push(Op::AtMost(y, c));
    let not_negative = b.push(Op::NotNegative(x));
    let not = b.push(Op::Not(below));
    let (and, or) = (b.push(Op::And(below, not_negative)), b.push(Op::Or(at_most, not)));
    let positive = b.push(Op::Mul(y, y));
    let ops = [
        ("neg", Op::Neg(x)),
        ("add", Op::Add(x, y)),
        ("sub", Op::Sub(x, c)),
        ("mul", Op::Mul(x, y)),
        ("div", Op::Div(x, y)),
        ("fma", Op::Fma(x, y, i)),
        ("min", Op::Min(x, y)),
        ("max", Op::Max(x, y)),
        ("exp", Op::Exp(x)),
        ("exprelr", Op::Exprelr(x, m1)),
        ("ln", Op::Ln(positive)),
        ("sqrt", Op::Sqrt(positive)),
        ("tanh", Op::Tanh(x)),
        ("sin", Op::Sin(x)),
        ("cos", Op::Cos(x)),
        ("pow", Op::Pow(positive, c)),
        ("floor", Op::Floor(x)),
        ("phi", Op::Phi(positive, Reach::Any)),
        ("below", Op::Choose(below, x, y)),
        ("at most", Op::Choose(at_most, x, y)),
        ("not negative", Op::Choose(not_negative, x, y)),
        ("not", Op::Choose(not, c, y)),
        ("and", Op::Choose(and, c, y)),
        ("or", Op::Choose(or, c, y)),
    ];
    let mut next: Vec<Id> = ops.iter().map(|(_, op)| b.push(*op)).collect();
    next.push(m1);
    let mut names: Vec<&str> = ops.iter().map(|(name, _)| *name).collect();
    names.push("expm1");
    let states = (0..next.len()).map(|n| format!("y{n}")).collect();
    let after = next.clone();
    (b.finish(vec!["c".into()], states, below, after, next), names)
}

/// Pairs of numbers, near 0 and far from it.
fn pairs() -> Vec<(f64, f64)> {
    let numbers = [-20.0, -1.7, -0.3, -1e-4, 0.0, 1e-4, 0.4, 1.0, 3.3, 12.0];
    numbers.iter().flat_map(|x| [-2.5, -0.2, 0.7, 1.9].map(|y| (*x, y))).take(64).collect()
}

/// What interpreting the operations gives, for each pair.
fn interpreted<R: Real>(tape: &Tape, same: Option<f64>) -> Vec<Vec<f64>> {
    let pairs = pairs();
    let lanes =
        |of: &dyn Fn(usize) -> f64| Box::new(std::array::from_fn::<R, 64, _>(|n| R::of(of(n))));
    let at = |n: usize| pairs[n.min(pairs.len() - 1)];
    let mut states = vec![lanes(&|n| at(n).0), lanes(&|n| at(n).1)];
    states.extend((2..tape.states.len()).map(|_| lanes(&|_| 0.0)));
    let coefficients = vec![lanes(&|_| 1.5)];
    let (current, exponential) = (lanes(&|_| 0.25), lanes(&|_| 1.0));
    let given = Given { coefficients: &coefficients, current: &current, exponential: &exponential };
    let mut machine = Machine::new(Program::new(tape, &[same]));
    machine.step(&mut states, given, 0, &mut [0; 64]);
    (0..pairs.len()).map(|n| states.iter().map(|row| row[n].to_f64()).collect()).collect()
}

#[test]
fn every_operation_is_the_same_for_every_consumer() {
    let (tape, names) = operations();
    let exact: Vec<Vec<f64>> = pairs()
        .into_iter()
        .map(|(x, y)| {
            let mut states = vec![0.0; tape.states.len()];
            (states[0], states[1]) = (x, y);
            let values = Values { coefficients: &[1.5], states: &states, current: 0.25 };
            let results = evaluate(&tape.ops, values);
            tape.next.iter().map(|id| results[*id]).collect()
        })
        .collect();
    let check = |found: &[Vec<f64>], error: f64, who: &str| {
        for ((found, exact), pair) in found.iter().zip(&exact).zip(pairs()) {
            for ((found, exact), name) in found.iter().zip(exact).zip(&names) {
                // Sums of numbers near each other, and what is below the last digit of 1, are not exact.
                let slack = error * (exact.abs() + 1.0);
                assert!(
                    (found - exact).abs() <= slack,
                    "{who}: {name} of {pair:?} is {found}, not {exact}"
                );
            }
        }
    };
    for same in [None, Some(1.5)] {
        check(&interpreted::<f64>(&tape, same), 1e-12, "f64");
        // 2e-6 by the polynomials, and the argument's rounding in the exponential of 12.
        check(&interpreted::<Single<true>>(&tape, same), 1e-5, "f32");
        check(&interpreted::<Single<false>>(&tape, same), 1e-5, "f32, rounded twice");
    }
    // Moved to the host, nothing changes.
    let hoisted = Hoisted::new(&tape);
    let mut coefficients = Vec::new();
    hoisted.coefficients(&[1.5], &mut coefficients);
    let (x, y) = pairs()[3];
    let mut states = vec![0.0; tape.states.len()];
    (states[0], states[1]) = (x, y);
    let values = Values { coefficients: &coefficients, states: &states, current: 0.25 };
    let results = evaluate(&hoisted.tape.ops, values);
    for (id, exact) in hoisted.tape.next.iter().zip(&exact[3]) {
        assert!((results[*id] - exact).abs() < 1e-12);
    }
    let Some(device) = device() else { return };
    let step = wgsl::print(&tape, "a test");
    let count = tape.states.len();
    let inputs: Vec<String> = (2..count).map(|_| "0.0".to_owned()).collect();
    let outputs: Vec<String> = (0..count)
        .map(|n| format!("words[{count}u * id.x + {n}u] = bitcast<u32>(next.state.y{n});"))
        .collect();
    let text = format!(
        "{}struct Input {{ current: Real, exponential: Real }}\n{}\n{step}\n\
         @group(0) @binding(0) var<storage, read_write> words: array<u32>;\n\
         @compute @workgroup_size(64)\nfn evaluate(@builtin(global_invocation_id) id: vec3<u32>) {{\n\
         let x = bitcast<f32>(words[{count}u * id.x]);\nlet y = bitcast<f32>(words[{count}u * id.x + 1u]);\n\
         let next = step(Coefficients(1.5), State(x, y, {}), Input(0.25, 1.0));\n{}\n}}",
        shader::types(PerInvocation::One),
        include_str!("../../shaders/math.wgsl"),
        inputs.join(", "),
        outputs.join("\n")
    );
    let mut words = vec![0u32; 64 * count];
    for (n, (x, y)) in pairs().into_iter().enumerate() {
        (words[count * n], words[count * n + 1]) = ((x as f32).to_bits(), (y as f32).to_bits());
    }
    let found = device.evaluate(&text, "evaluate", &words, 1).unwrap();
    let found: Vec<Vec<f64>> = found
        .chunks(count)
        .map(|row| row.iter().map(|word| f64::from(f32::from_bits(*word))).collect())
        .collect();
    check(&found[..pairs().len()], 2e-5, "WGSL");
}

/// Wrong files: what is said, and where.
#[test]
fn wrong_models_are_refused_with_place_and_remedy() {
    let path = Path::new("my.toml");
    let said = |toml: &str| match equations::parse(path, toml, "my") {
        Ok(model) => panic!("{} is taken: {toml}", model.name),
        Err(error) => error.to_string(),
    };
    for (from, to, wanted) in [
        ("e_l - v", "el - v", "my.toml:16: nothing is named `el`; did you mean `e_l`?"),
        ("I/g_l", "I", "this is a current, but what it is held against or added to is a voltage"),
        ("/tau_m", "", "this is a voltage, but dv/dt is a voltage per time"),
        ("\"dv/dt\"", "\"du/dt\"", "there is no key `du/dt` here; did you mean `dv/dt`?"),
        ("start = \"e_l\"", "", "the state `v` has no start value"),
        ("start = \"e_l\"", "start = \"tau_m\"", "this is a time, but the start of v is a voltage"),
        ("reset = { v = \"v_reset\" }", "", "a spike resets nothing"),
        ("v >= v_th", "v_reset >= v_th", "it depends on no state"),
        ("v >= v_th", "1 < 0", "never can hold"),
        ("v >= v_th", "v", "a number is no condition"),
        ("v >= v_th", "v == v_th", "hardly ever equal"),
        ("(e_l - v + I/g_l)/tau_m", "(e_l - v)/(0*tau_m)", "this is 0, and is divided by"),
        (
            "(e_l - v + I/g_l)/tau_m",
            "a/ms\"\n[definitions]\na = \"b\"\nb = \"a*1 mV",
            "defined by itself",
        ),
        ("tau_m = \"10 ms\"", "v = \"10 ms\"", "`v` is in [parameters] already"),
        ("tau_m = \"10 ms\"", "I = \"10 ms\"", "`I` means something else here"),
        ("tau_m = \"10 ms\"", "tau_m = \"10 parsec\"", "no value with a unit that is known"),
        (
            "tau_m = \"10 ms\"",
            "tau_m = { value = \"-1 ms\", bound = \"positive\" }",
            "must be above 0",
        ),
        ("current = \"pA\"", "current = \"mV\"", "`mV` is no unit of a current"),
        ("hold = \"v\"", "hold = \"w\"", "`w` is no state"),
        ("dt = \"0.1 ms\"", "integrator = \"rk5\"", "there is no integrator `rk5`"),
        ("[spike]", "[spikes]", "there is no key `spikes` here; did you mean `spike`?"),
        ("e_l - v", "exp(v)", "this is a voltage, but what exp takes is a pure number"),
        ("e_l - v", "foo(v)", "there is no function `foo`"),
        ("e_l - v", "max(v)", "`max` takes 2, not 1"),
        ("e_l - v", "(e_l - v", "not closed"),
        ("e_l - v", "e_l - v^0.3", "cannot be taken to the power 0.3"),
    ] {
        assert!(LIF.contains(from), "{from}");
        let message = said(&LIF.replacen(from, to, 1));
        assert!(message.contains(wanted), "{to}: {message}");
    }
    let huge = LIF.replace("e_l - v", &"e_l - v + ".repeat(2000));
    assert!(said(&huge).contains("too long"));
    let lines = (1..150).map(|n| format!("d{n} = \"((d{} + 1) * 1 + 1) / 2\"\n", n - 1));
    let deep = format!("[definitions]\nd0 = \"2\"\n{}[state.v]", lines.collect::<String>());
    let message = said(&LIF.replace("[state.v]", &deep).replace("e_l - v", "e_l*d149 - v"));
    assert!(message.contains("within each other") && message.len() < 400, "{message}");
    assert!(said("").contains("no state"));
    assert!(said("[state]\nv = 3\n").contains("no table"));
    assert!(said("= 3").contains("not TOML"));
}

/// A model of one's own, from the command line.
#[test]
fn an_own_model_works_wherever_a_model_does() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("my_neuron.toml"), LIF).unwrap();
    let run = |arguments: &str| {
        let output = loligo(folder.path(), arguments);
        assert!(output.status.success(), "{arguments}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    let size = "--model my_neuron.toml --neurons 50 --duration 300 --figures none";
    run(&format!("run {size} --out a --set tau_m=normal(10,1,min=5) --set stimulus.amplitude=300"));
    // The folder is the experiment: the model's file may be gone.
    std::fs::rename(folder.path().join("my_neuron.toml"), folder.path().join("gone")).unwrap();
    run("run a --out b --figures none");
    std::fs::rename(folder.path().join("gone"), folder.path().join("my_neuron.toml")).unwrap();
    assert!(run("diff a b").contains("no difference"), "{}", run("diff a b"));
    let table = run(&format!(
        "compare {size} --sweep tau_m=5,10 --sweep stimulus.amplitude=250,300 --json"
    ));
    let json: serde_json::Value = serde_json::from_str(&table).unwrap();
    assert_eq!(json["populations"].as_array().unwrap().len(), 4);
    let trace = run("trace --model my_neuron.toml --noise none --json");
    let trace: serde_json::Value = serde_json::from_str(&trace).unwrap();
    let compiled: serde_json::Value =
        serde_json::from_str(&run("trace --noise none --json")).unwrap();
    let steps = |of: &serde_json::Value| of["neurons"][0]["spike_steps"].clone();
    assert!(steps(&trace).as_array().unwrap().len() > 3);
    assert_eq!(steps(&trace), steps(&compiled));
    assert!(run("models my_neuron.toml").contains("dv/dt = (e_l - v + I/g_l)/tau_m"));
    assert!(run("models my_neuron.toml --wgsl").contains("fn step"));
    assert!(run("models adaptive_exponential --source").contains("[state.w]"));
    assert!(run("models izhikevich --tape").contains("next v"));
    let output = loligo(folder.path(), "run --model my_neuron.toml --set tau=3");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("did you mean `tau_m`"), "{}", text(&output.stderr));
    let output = loligo(folder.path(), "run --model adaptive_exponentiel");
    assert!(text(&output.stderr).contains("did you mean `adaptive_exponential`"));
    let output = loligo(folder.path(), "run --model nothing.toml");
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    std::fs::write(folder.path().join("big.toml"), "a".repeat(2 << 20)).unwrap();
    let output = loligo(folder.path(), "run --model big.toml");
    assert!(text(&output.stderr).contains("larger than 1 MiB"), "{}", text(&output.stderr));
}

/// A whole paper's methods in one file: models of its own and of the catalogue, each with its own integrator.
#[test]
fn an_experiment_holds_its_own_models() {
    let folder = tempfile::tempdir().unwrap();
    let own = LIF
        .replace("[parameters]", "[model.mine.parameters]")
        .replace("[state.v]", "[model.mine.state.v]")
        .replace("[spike]", "[model.mine.spike]");
    let toml = format!(
        "duration = 300\nneurons = 20\n[[population]]\nname = \"a\"\nmodel = \"mine\"\nintegrator = \"euler\"\n\
         [[population]]\nname = \"b\"\nintegrator = \"exact\"\nmodel = \"lif\"\n\
         [[population]]\nname = \"c\"\nmodel = \"izhikevich\"\npreset = \"fast_spiking\"\n[model.mine]\n{own}"
    );
    std::fs::write(folder.path().join("paper.toml"), &toml).unwrap();
    let run = |arguments: &str| {
        let output = loligo(folder.path(), arguments);
        assert!(output.status.success(), "{arguments}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    run("run paper.toml --out a --figures none");
    // The folder needs no other file.
    std::fs::remove_file(folder.path().join("paper.toml")).unwrap();
    run("run a --out b --figures none");
    assert!(run("diff a b").contains("no difference"));
    let summary = std::fs::read_to_string(folder.path().join("b/summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    let models: Vec<&str> = summary["populations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["model"].as_str().unwrap())
        .collect();
    assert_eq!(models, ["mine", "lif", "izhikevich"]);
    assert!(
        summary["populations"]
            .as_array()
            .unwrap()
            .iter()
            .all(|p| p["spikes"].as_u64().unwrap() > 100)
    );
    // Alone, it is the one that is meant; wrong, it is shown where it stands.
    std::fs::write(folder.path().join("alone.toml"), format!("[model.mine]\n{own}")).unwrap();
    assert!(
        run("run alone.toml --neurons 5 --duration 100 --json").contains("\"model\": \"mine\"")
    );
    std::fs::write(
        folder.path().join("wrong.toml"),
        format!("[model.mine]\n{}", own.replace("e_l - v", "el - v")),
    )
    .unwrap();
    let output = loligo(folder.path(), "run wrong.toml");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("did you mean `e_l`"), "{}", text(&output.stderr));
}

/// The default integrator at the default step: intervals are within a percent of SciPy's.
#[test]
fn defaults_are_within_a_percent() {
    let reference = include_str!("../data/models.json");
    let reference: serde_json::Value = serde_json::from_str(reference).unwrap();
    let list = |value: &serde_json::Value| -> Vec<f64> {
        value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
    };
    for model in models().into_iter().filter(|model| model.text.is_some()) {
        let reference = &reference[model.name];
        // The middle one of three currents.
        let (amplitude, times) =
            (list(&reference["amplitude"])[1], list(&reference["spike_times_ms"][1]));
        let settings = format!(
            "model={} neurons=1 duration=300 noise.kind=none stimulus.amplitude={amplitude}",
            model.name
        );
        let trains = spikes(&oracle(), &settings);
        let count = trains.spikes().min(times.len());
        if count < 2 {
            continue;
        }
        let ours = f64::from(trains.train(0)[count - 1] - trains.train(0)[0]) * model.dt_ms;
        let error = ours / (times[count - 1] - times[0]) - 1.0;
        assert!(error.abs() < 0.01, "{}: {error}", model.name);
    }
}
