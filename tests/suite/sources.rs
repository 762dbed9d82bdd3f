//! Do sources give what their equations say: on every engine, in any sum, after hours?

use std::f64::consts::PI;

use std::f64::consts::TAU;

use super::common::{
    coincidence, cpu, device, engines, experiment, final_states, gpu, mean_and_error, oracle,
    spikes_of,
};
use loligo::document::parse_toml;
use loligo::engine::Engine;
use loligo::engine::gpu::shader::PerInvocation;
use loligo::engine::gpu::{Cut, Gpu};
use loligo::experiment::Experiment;
use loligo::real::{Real, Single};
use loligo::setting::Setting;
use loligo::simulation::simulate;
use loligo::source::{CURRENT, Lookup, Role, Statistics, kinds};
use loligo::tape::{Received, Stepped};
use loligo::trace::{Samples, trace};
use loligo::{Plan, Record};

/// A model whose state is the current of the step before (in pA), and that never spikes. Injected at 0 mV, a conductance
/// whose reversal potential is 1 mV gives as many pA as it has nS.
const METER: &str = r#"
[model.meter]
current = "pA"
integrator = "euler"
[model.meter.state.v]
unit = "mV"
start = "0 mV"
"dv/dt" = "0 mV/ms"
[model.meter.state.i]
unit = "pA"
start = "0 pA"
"di/dt" = "(I - i)/dt"
[model.meter.spike]
when = "v > 1 V"
upward = true
"#;

/// A model whose states are the Fourier integral of the current at a frequency.
const ANALYSER: &str = r#"
[model.analyser]
current = "pA"
integrator = "euler"
[model.analyser.parameters]
f = "10 Hz"
[model.analyser.state.v]
unit = "mV"
start = "0 mV"
"dv/dt" = "0 mV/ms"
[model.analyser.state.c]
unit = "pA*ms"
start = "0 pA*ms"
"dc/dt" = "I*cos(2*pi*f*t)"
[model.analyser.state.s]
unit = "pA*ms"
start = "0 pA*ms"
"ds/dt" = "I*sin(2*pi*f*t)"
[model.analyser.spike]
when = "v > 1 V"
upward = true
"#;

/// An experiment of a model of a text, without the stimulus and noise that there are by default.
fn with_model(text: &str, settings: &[String]) -> Experiment {
    let document = parse_toml("test.toml".as_ref(), text).unwrap();
    let none = ["stimulus.kind=none", "noise.kind=none"].map(str::to_owned);
    let all = none.iter().chain(settings).map(|text| Setting::assignment(text).unwrap());
    Experiment::new(&document, &all.collect::<Vec<_>>())
        .unwrap_or_else(|error| panic!("{settings:?}: {error}"))
}

/// The keys of a noise, other than those by default, so that conductances are measured in nS.
fn keys(kind: &str) -> Vec<String> {
    let keys: &[&str] = match kind {
        "shot_conductance" => &["x.reversal=1 mV"],
        // Their means are so far from 0 that none is cut off.
        "point_conductance" => &["x.reversal_e=1 mV", "x.reversal_i=1 mV", "x.correlation=0.6"],
        "background" => &["x.reversal_e=1 mV", "x.reversal_i=1 mV"],
        "white" | "ou" => &["x.common=0"],
        _ => &[],
    };
    let kind = format!("x.kind={kind}");
    [kind].into_iter().chain(keys.iter().map(|key| (*key).to_owned())).collect()
}

/// The closed forms of the first population's only source, at a lag (ms) and a frequency (Hz).
fn closed(experiment: &Experiment, lag: f64, frequency: f64) -> loligo::source::Moments {
    let source = &experiment.populations()[0].sources()[0];
    let statistics = Statistics::of(&source.part().definition, "pA").unwrap().unwrap();
    let parameters: Vec<f64> = source.values().iter().map(|values| values.of(0)).collect();
    statistics.at(&parameters, Lookup { dt: experiment.dt_ms(), v: 0.0, lag, frequency })
}

fn noises() -> Vec<&'static str> {
    let model = loligo::model::Model::default_one();
    let is_noise = |kind: &&loligo::source::Kind| kind.example(model).unwrap().role == Role::Noise;
    kinds().filter(is_noise).map(|kind| kind.name).filter(|name| *name != "numpy").collect()
}

/// Whether a mean is within five standard errors of a number.
fn fits(values: &[f64], wanted: f64) -> bool {
    let (mean, error) = mean_and_error(values);
    (mean - wanted).abs() <= 5.0 * error + 1e-6 * wanted.abs()
}

/// Mean, variance and autocovariance over neurons, of the currents at two times, by runs of two lengths.
#[test]
fn moments_are_the_closed_forms() {
    for kind in noises() {
        for engine in engines() {
            let currents = |duration: f64, more: &str| -> Vec<f64> {
                let size = ["model=meter", "neurons=20000", "dt=0.5"].map(str::to_owned);
                let more = more.split_whitespace().map(str::to_owned);
                let duration = [format!("duration={duration}")];
                let all: Vec<String> =
                    size.into_iter().chain(duration).chain(keys(kind)).chain(more).collect();
                let experiment = with_model(METER, &all);
                // A run goes on to the end of a word of 32 steps.
                let states = final_states(engine.as_ref(), &experiment, 20_000);
                states.iter().map(|state| state[1]).collect()
            };
            // 160 and 320 steps later: 80 and 96 ms, so that what starts at its mean is stationary.
            let (first, later) = (currents(80.0, ""), currents(96.0, ""));
            let of = |lag| {
                let all: Vec<String> =
                    [vec!["model=meter".to_owned(), "dt=0.5".to_owned()], keys(kind)].concat();
                closed(&with_model(METER, &all), lag, 0.0)
            };
            let wanted = of(16.0);
            assert!(fits(&first, wanted.mean), "{kind}: mean {:?}", mean_and_error(&first));
            let (mean, _) = mean_and_error(&first);
            let (mean_later, _) = mean_and_error(&later);
            let squares: Vec<f64> = first.iter().map(|x| (x - mean).powi(2)).collect();
            assert!(
                fits(&squares, wanted.variance),
                "{kind}: {wanted:?} {:?}",
                mean_and_error(&squares)
            );
            let products: Vec<f64> =
                first.iter().zip(&later).map(|(x, y)| (x - mean) * (y - mean_later)).collect();
            let covariance = wanted.autocovariance;
            assert!(
                fits(&products, covariance),
                "{kind}: {covariance} {:?}",
                mean_and_error(&products)
            );
            // The check can fail: 10 % more variance are seen.
            assert!(!fits(&squares, 1.1 * wanted.variance), "{kind}");
        }
    }
}

/// The power at a frequency, by the Fourier integral over 1.024 s, which leaks less than 2 % (the correlation time over the
/// length) of what is at other frequencies.
#[test]
fn spectra_are_the_closed_forms() {
    const NEURONS: usize = 4096;
    for kind in noises() {
        for engine in engines() {
            for frequency in [25.0, 100.0] {
                let settings = |model: &str| {
                    let size = [format!("model={model}"), format!("neurons={NEURONS}")];
                    let times = ["dt=0.5", "duration=1024"].map(str::to_owned);
                    let all = [&size[..], &times[..], &keys(kind)[..]].concat();
                    all.into_iter().chain((model == "analyser").then(|| format!("f={frequency}")))
                };
                let analysed = with_model(ANALYSER, &settings("analyser").collect::<Vec<_>>());
                let mean = closed(&analysed, 0.0, frequency).mean;
                let states = final_states(engine.as_ref(), &analysed, NEURONS);
                let seconds = 1.024;
                // pA ms; the mean's own integral is taken away: sums of whole periods but for a part.
                let steps = 2048;
                let (mut c, mut s) = (0.0, 0.0);
                for k in 0..steps {
                    let phase = TAU * frequency * f64::from(k) * 0.5e-3;
                    c += 0.5 * mean * phase.cos();
                    s += 0.5 * mean * phase.sin();
                }
                let powers: Vec<f64> = states
                    .iter()
                    .map(|state| {
                        2.0 * 1e-6 * ((state[1] - c).powi(2) + (state[2] - s).powi(2)) / seconds
                    })
                    .collect();
                let wanted = closed(&analysed, 0.0, frequency).spectrum;
                let (power, error) = mean_and_error(&powers);
                let slack = 5.0 * error + 0.02 * wanted;
                assert!(
                    (power - wanted).abs() < slack,
                    "{kind} at {frequency} Hz: {power} {wanted}"
                );
            }
        }
    }
}

/// The currents of a stimulus in a trace of one neuron.
fn traced<R: Real>(settings: &str) -> (Vec<f64>, f64) {
    let experiment = experiment(&format!("neurons=1 noise.kind=none {settings}"));
    let samples = Samples { from: 0, to: experiment.steps(), every: 1 };
    let traced = trace::<R>(&experiment, &experiment.populations()[0], 0, samples);
    (traced.current, experiment.dt_ms())
}

#[test]
fn stimuli_are_their_formulas() {
    type Formula = fn(f64) -> f64;
    let cases: [(&str, Formula); 9] = [
        ("kind=constant amplitude=100", |_| 100.0),
        ("kind=pulse amplitude=100 from=20 to=30", |t| {
            if (20.0..29.99).contains(&(t + 1e-6)) { 100.0 } else { 0.0 }
        }),
        ("kind=sine amplitude=50 frequency=8 phase=0.5", |t| 50.0 * (TAU * 8e-3 * t + 0.5).sin()),
        ("kind=chirp amplitude=50 from=5 to=40 duration=200", |t| {
            if t < 200.0 - 1e-6 {
                50.0 * (TAU * (5e-3 * t + 35e-3 / 400.0 * t * t)).sin()
            } else {
                0.0
            }
        }),
        ("kind=ramp first=20 last=120 from=50 to=150", |t| 20.0 + (t - 50.0).clamp(0.0, 100.0)),
        ("kind=square amplitude=30 frequency=5 duty=0.25", |t| {
            if ((t + 1e-6) * 5e-3).fract() < 0.25 - 1e-6 { 30.0 } else { -30.0 }
        }),
        ("kind=pulse_train amplitude=40 from=10 width=5 period=25", |t| {
            let phase = (t + 1e-6 - 10.0).rem_euclid(25.0);
            if t > 9.99 && phase < 4.99 { 40.0 } else { 0.0 }
        }),
        ("kind=steps at=10,50,120 to=5,-20,70", |t| match t + 1e-6 {
            t if t < 10.0 => 0.0,
            t if t < 50.0 => 5.0,
            t if t < 120.0 => -20.0,
            _ => 70.0,
        }),
        ("kind=alpha at=10,15.5 peak=60 tau=4", |t| {
            let of = |at: f64| {
                if t > at { 60.0 * (t - at) / 4.0 * (1.0 - (t - at) / 4.0).exp() } else { 0.0 }
            };
            of(10.0) + of(15.5)
        }),
    ];
    for (keys, formula) in cases {
        let settings = keys.split(' ').map(|key| format!("x.{key} ")).collect::<String>();
        let settings = format!("stimulus.kind=none duration=250 {settings}");
        for ((currents, dt), slack) in
            [(traced::<f64>(&settings), 1e-6), (traced::<Single<true>>(&settings), 2e-4)]
        {
            for (step, current) in currents.iter().enumerate() {
                let wanted = formula(step as f64 * dt);
                assert!(
                    (current - wanted).abs() < slack,
                    "{keys}, step {step}: {current} {wanted}"
                );
            }
        }
    }
}

/// A recording for tests: of a second, a sample a millisecond.
fn recording(name: &str, value: impl Fn(f64) -> f64) -> String {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let line = |ms: u32| {
        let t = 1e-3 * f64::from(ms);
        format!("{t},{}\n", value(t))
    };
    std::fs::write(&path, format!("t,i\n{}", (0..1000).map(line).collect::<String>())).unwrap();
    path.display().to_string()
}

/// Every kind of source, with its keys; NumPy's noise is of one neuron.
fn every_source() -> Vec<String> {
    let heard = recording("every_source.csv", |t| 60.0 * (2.0 * PI * 9.0 * t).sin());
    let of = |kind: &loligo::source::Kind| match kind.name {
        "steps" => "x.kind=steps x.at=10,100,200 x.to=20,-30,50".to_owned(),
        "alpha" => "x.kind=alpha x.at=10,40,60.3,150 x.peak=90".to_owned(),
        "expression" => {
            "x.kind=expression x.current=a*sin(2*pi*f*t)^2 x.a=60pA x.f=uniform(5Hz,9Hz)".to_owned()
        }
        "point_conductance" => "x.kind=point_conductance x.mean_e=6 x.sigma_e=1".to_owned(),
        "file" => format!("x.kind=file x.file={heard} x.gain=uniform(0.5,1)"),
        "chirp" => "x.kind=chirp x.to=uniform(10,50)".to_owned(),
        name => format!("x.kind={name}"),
    };
    kinds().filter(|kind| kind.name != "numpy").map(of).collect()
}

/// Recordings add up, each times its gain, and to what is on the tape.
#[test]
fn recordings_add_up() {
    let one = recording("add_one.csv", |t| 80.0 * (2.0 * PI * 5.0 * t).sin());
    let two = recording("add_two.csv", |t| 50.0 * (2.0 * PI * 11.0 * t).cos());
    let both = recording("add_both.csv", |t| {
        160.0 * (2.0 * PI * 5.0 * t).sin() - 25.0 * (2.0 * PI * 11.0 * t).cos()
    });
    for engine in engines() {
        let run = |sources: &str| {
            let size = "neurons=100 duration=500 noise.sigma=uniform(3,4)";
            spikes_of(engine.as_ref(), &experiment(&format!("{size} {sources}")))
        };
        let wanted = run(&format!("stimulus.file={both} stimulus.amplitude=250"));
        assert!(wanted.spikes() > 500);
        // One for all neurons, and, where gains are a list, a row for each: the same numbers but for rounding.
        let gains = ["0.5"; 100].join(",");
        for gain in ["-0.5", &format!("-{}", gains.replace(',', ",-"))] {
            for sources in [
                format!(
                    "stimulus.file={one} stimulus.gain=2 stimulus.amplitude=250 x.kind=file x.file={two} x.gain={gain}"
                ),
                format!(
                    "stimulus.amplitude=250 x.kind=file x.file={two} x.gain={gain} y.kind=file y.file={one} y.gain=2"
                ),
            ] {
                let share = coincidence(&run(&sources), &wanted, 1);
                assert!(share > 0.999, "{sources}: {share}");
            }
        }
        let other = run(&format!("stimulus.amplitude=250 y.kind=file y.file={one} y.gain=2"));
        assert!(coincidence(&other, &wanted, 1) < 0.99);
    }
}

#[test]
fn engines_agree_on_every_source() {
    for source in every_source() {
        let settings =
            format!("neurons=150 duration=500 stimulus.amplitude=uniform(220,400) {source}");
        let exact = spikes_of(&oracle(), &experiment(&settings));
        assert!(exact.spikes() > 500, "{settings}");
        let mut others: Vec<Box<dyn Engine>> =
            vec![Box::new(cpu()), Box::new(cpu().interpreting())];
        others.extend(gpu().map(|gpu| Box::new(gpu) as Box<dyn Engine>));
        for engine in others {
            let spikes = spikes_of(engine.as_ref(), &experiment(&settings));
            let share = coincidence(&spikes, &exact, 2);
            assert!(share > 0.99, "{source}: {share} on {:?}", engine.info());
        }
        // Without the source, or with another seed, it is another matter.
        let without = settings.replace(&source, "");
        let other = if source.contains("current=0") { "" } else { "seed=1" };
        let spikes = spikes_of(&cpu(), &experiment(&format!("{without} {other}")));
        assert!(coincidence(&spikes, &exact, 2) < 0.99, "{source} makes no difference");
    }
}

#[test]
fn traces_have_the_spikes_of_runs() {
    for source in every_source() {
        let settings =
            format!("neurons=3 duration=300 stimulus.amplitude=uniform(220,400) {source}");
        let experiment = experiment(&settings);
        let trains = spikes_of(&cpu(), &experiment);
        for neuron in 0..3 {
            let samples = Samples { from: 0, to: experiment.steps(), every: 100 };
            let traced =
                trace::<Single<true>>(&experiment, &experiment.populations()[0], neuron, samples);
            assert_eq!(traced.spike_steps, trains.train(neuron), "{source}");
        }
    }
}

#[test]
fn a_source_of_nothing_changes_nothing() {
    for engine in engines() {
        let plain = "neurons=300 duration=200 noise.sigma=5";
        let with = format!("{plain} x.kind=expression x.current=0");
        let [plain, with] = [plain, &with].map(|s| spikes_of(engine.as_ref(), &experiment(s)));
        assert!(plain.spikes() > 1000);
        assert_eq!(plain, with);
    }
}

/// 200 times, as many as there may be; two of them within one step, of which the last counts.
#[test]
fn many_steps_and_events_are_known() {
    let times: Vec<f64> =
        (0..200).map(|n| f64::from(n) + if n == 7 { 0.98 } else { 0.0 }).collect();
    let currents: Vec<f64> = (0..200).map(|n| f64::from(n * 37 % 101) - 50.0).collect();
    let list =
        |numbers: &[f64]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let (at, to) = (list(&times), list(&currents));
    let settings = format!("duration=250 stimulus.kind=none x.kind=steps x.at={at} x.to={to}");
    let (single, dt) = traced::<Single<true>>(&settings);
    let (double, _) = traced::<f64>(&settings);
    for step in 0..single.len() {
        let t = step as f64 * dt + 1e-6;
        let set = times.iter().zip(&currents).rev().find(|(time, _)| t >= **time);
        let wanted = set.map_or(0.0, |(_, current)| *current);
        assert_eq!([single[step], double[step]], [wanted; 2], "step {step}");
    }
    let settings =
        format!("duration=250 stimulus.kind=none x.kind=alpha x.peak=1 x.tau=2 x.at={at}");
    let (events, _) = traced::<Single<true>>(&settings);
    // The area of an event is e peak tau; the sum over steps misses it by (dt / tau)^2 / 12.
    let area: f64 = events.iter().sum::<f64>() * dt;
    let wanted = 200.0 * std::f64::consts::E * 2.0;
    assert!((area / wanted - 1.0).abs() < 1e-3, "{area} {wanted}");
}

/// Names that come together where a source's and its own are put one after the other.
#[test]
fn names_of_sources_do_not_come_together() {
    let folder = tempfile::tempdir().unwrap();
    let state = |name: &str| {
        let path = folder.path().join(format!("{name}.toml"));
        let text = format!(
            "current = \"{name} * (30 pA) + deviate_x * (20 pA)\"\n[state.{name}]\nunit = \"1\"\nstart = \"1\"\n\
             next = \"0.99 * {name} + 0.01\"\n[definitions]\ndeviate_x = \"normal_{name}\"\n"
        );
        std::fs::write(&path, text).unwrap();
        path
    };
    let [long, short] = ["b_c", "c"].map(state);
    let settings = format!(
        "neurons=100 duration=200 stimulus.amplitude=uniform(220,400) a.kind={} a_b.kind={}",
        long.display(),
        short.display()
    );
    let exact = spikes_of(&oracle(), &experiment(&settings));
    assert!(exact.spikes() > 500);
    for engine in engines() {
        let spikes = spikes_of(engine.as_ref(), &experiment(&settings));
        assert!(coincidence(&spikes, &exact, 2) > 0.99, "{:?}", engine.info());
    }
}

#[test]
fn a_sum_is_the_sum() {
    let one = "x.kind=expression x.current=40pA*sin(2*pi*8Hz*t)+30pA";
    let two = "b.kind=sine b.amplitude=40 b.frequency=8 c.kind=constant c.amplitude=30";
    let swapped = "c.kind=constant c.amplitude=30 b.kind=sine b.amplitude=40 b.frequency=8";
    for engine in engines() {
        let run = |sources: &str| {
            let experiment = experiment(&format!("neurons=200 duration=300 {sources}"));
            spikes_of(engine.as_ref(), &experiment)
        };
        let (one, two) = (run(one), run(two));
        assert!(coincidence(&one, &two, 1) > 0.999);
        assert_eq!(run(swapped), two);
        assert_ne!(run("b.kind=sine b.amplitude=40 b.frequency=9"), two);
    }
}

/// The compiled noises and those of equations are one process: the same moments of the current.
#[test]
fn compiled_noises_are_their_equations() {
    for (noise, sigma) in [("white", 3.0), ("ou", 40.0)] {
        let settings = |as_source: bool| -> Vec<String> {
            let size = "model=meter neurons=20000 dt=0.5 duration=64".split(' ');
            let kind =
                if as_source { format!("x.kind={noise}") } else { format!("noise.kind={noise}") };
            size.map(str::to_owned).chain([kind]).collect()
        };
        for as_source in [false, true] {
            let experiment = with_model(METER, &settings(as_source));
            let currents: Vec<f64> =
                final_states(&cpu(), &experiment, 20_000).iter().map(|state| state[1]).collect();
            let squares: Vec<f64> = currents.iter().map(|x| x * x).collect();
            let variance = if noise == "white" { sigma * sigma / 0.5e-3 } else { sigma * sigma };
            assert!(
                fits(&squares, variance),
                "{noise} {as_source}: {:?}",
                mean_and_error(&squares)
            );
        }
    }
}

/// Steps the sources of an experiment on their own in precision `R` from a step on, and tells the current of a lane.
fn alone<R: Real>(experiment: &Experiment) -> impl FnMut(u32) -> f64 {
    let population = &experiment.populations()[0];
    let sources = population.kernel().sources.unwrap();
    let dt = experiment.dt_ms();
    let mut stepped = Stepped::<R, 64>::new(
        &sources.tape,
        |_, [coefficients, states]| population.sources_of(0, dt, 1, coefficients, states),
        |_, of| population.stream_of(0, of, 1),
    );
    move |step| {
        let nothing = [R::of(0.0); 64];
        let by = Received { current: &nothing, conductance: &nothing, exponential: &nothing };
        stepped.step(step, by, 0, &mut [0; 64]);
        stepped.states()[CURRENT][0].to_f64()
    }
}

/// After ten hours of steps of 0.01 ms, single precision still has the phase.
#[test]
fn phases_are_exact_after_hours() {
    let hours = 3_600_000_000u32;
    let experiment =
        experiment("neurons=1 dt=0.01 duration=100 x.kind=sine x.amplitude=1 x.frequency=41.7");
    let mut current = alone::<Single<true>>(&experiment);
    for step in (hours..hours + 20_000).step_by(7) {
        // The whole turns are taken away in integers: 41.7 Hz at 0.01 ms are 417 turns in 10^6 steps.
        let turns = (u64::from(step) * 417 % 1_000_000) as f64 / 1e6;
        let wanted = (TAU * turns).sin();
        let is = current(step);
        // 2e-7 by the polynomial, 4e-7 by the rounding of three products.
        assert!((is - wanted).abs() < 1e-6, "{step}: {is} {wanted}");
    }
}

/// A chirp ends at the same step on all engines, wherever between steps its end is.
#[test]
fn chirps_end_where_their_equations_do() {
    for duration in ["0.1", "0.10000005", "0.1001", "0.2", "0.29999999", "1"] {
        let settings = format!(
            "neurons=64 duration=20 noise.kind=none stimulus.kind=none x.kind=chirp x.amplitude=1e5 x.from=2500 x.to=2500 \
             x.duration={duration}"
        );
        let experiment = experiment(&settings);
        let counts = |engine: &dyn Engine| spikes_of(engine, &experiment).spikes();
        let interpreted = counts(&cpu().interpreting());
        for engine in engines() {
            assert_eq!(counts(engine.as_ref()), interpreted, "{duration} on {:?}", engine.info());
        }
    }
}

/// A chirp that is counted from step to step: 20 million steps are 200 s of 0.01 ms.
#[test]
fn a_chirp_is_exact_after_millions_of_steps() {
    let experiment = experiment(
        "neurons=1 dt=0.01 duration=100 x.kind=chirp x.amplitude=1 x.from=0 x.to=200 x.duration=200s",
    );
    let mut current = alone::<Single<true>>(&experiment);
    // 1/2 Hz/s t^2 with t = k 1e-5 s: k^2 5e-11 turns.
    for step in 0u32..19_999_999 {
        let is = current(step);
        if step % 99_991 == 0 {
            let turns = (u128::from(step).pow(2) * 5 % 100_000_000_000) as f64 / 1e11;
            let wanted = (TAU * turns).sin();
            assert!((is - wanted).abs() < 1e-5, "{step}: {is} {wanted}");
        }
    }
}

#[test]
fn shared_and_frozen_sources_are() {
    for engine in engines() {
        let run = |settings: &str| {
            spikes_of(engine.as_ref(), &experiment(&format!("neurons=40 duration=400 {settings}")))
        };
        let shared = run("noise.kind=none x.kind=ou x.common=1 x.sigma=60");
        assert!(shared.train(0).len() > 5 && shared.iter().all(|train| train == shared.train(0)));
        assert_ne!(run("noise.kind=none x.kind=ou x.common=1 x.sigma=60 seed=2"), shared);
        let own = run("noise.kind=none x.kind=ou x.sigma=60");
        assert_ne!(own.train(0), own.train(1));
        let frozen = |seed: u32| {
            run(&format!("noise.kind=none x.kind=shot x.frozen=true x.weight=40 seed={seed}"))
        };
        assert_eq!(frozen(1), frozen(2));
        assert!(frozen(1).iter().all(|train| train == frozen(1).train(3)));
        // A name is a key: another one, other noise.
        let named = run("noise.kind=none y.kind=ou y.sigma=60");
        assert_ne!(named.train(0), own.train(0));
    }
}

/// Blocks, shards, lanes and populations are cuts of the same work, for every source.
#[test]
fn cuts_do_not_matter_to_any_source() {
    for source in every_source() {
        // 333 steps, 150 neurons: of neither words nor workgroups.
        let settings =
            format!("neurons=150 duration=33.3 noise.sigma=5 stimulus.amplitude=400 {source}");
        let whole_experiment = experiment(&settings);
        let parts =
            "[[population]]\nname = 'a'\nneurons = 70\n[[population]]\nname = 'b'\nneurons = 80\n";
        let document = parse_toml("test.toml".as_ref(), parts).unwrap();
        let flags = settings.split_whitespace().skip(1);
        let flags: Vec<_> = flags.map(|text| Setting::assignment(text).unwrap()).collect();
        let split = Experiment::new(&document, &flags).unwrap();
        for engine in engines() {
            let whole = spikes_of(engine.as_ref(), &whole_experiment);
            assert!(whole.spikes() > 100, "{source}: {}", whole.spikes());
            assert_eq!(spikes_of(engine.as_ref(), &split), whole, "{source}, populations");
            for words in [1, 3] {
                let plan = Plan { block_words: Some(words), ..Plan::new(Record::Spikes) };
                let cut =
                    simulate(engine.as_ref(), &whole_experiment, plan, &mut |_| true).unwrap();
                assert_eq!(cut.trains.unwrap(), whole, "{source}, {words} words");
            }
        }
        let Some(whole) = gpu().map(|gpu| spikes_of(&gpu, &whole_experiment)) else { continue };
        for (workgroup_size, lanes, most_neurons) in
            [(16, None, 48), (64, Some(PerInvocation::One), usize::MAX)]
        {
            let Some(device) = device() else { continue };
            if lanes.is_some() && !device.is_software() {
                continue;
            }
            let cut = Cut { workgroup_size, lanes, most_neurons, copied: true };
            let spikes = spikes_of(&Gpu::new(device, cut, "a test"), &whole_experiment);
            assert_eq!(spikes, whole, "{source}, {cut:?}");
        }
    }
}

/// Beyond 2^22 steps, all three digits of the number of a step count, on the GPU too.
#[test]
fn engines_count_steps_beyond_four_million() {
    let settings = [
        "model=meter",
        "neurons=2",
        "dt=1",
        "duration=5000000",
        "x.kind=sine",
        "x.amplitude=1",
        "x.frequency=0.1237",
    ];
    let experiment = with_model(METER, &settings.map(str::to_owned));
    for engine in engines() {
        let current = final_states(engine.as_ref(), &experiment, 1)[0][1];
        // The current of the last step: k = 4,999,999 at 1 ms, 1237 turns in 10^7 ms.
        let wanted = (TAU * ((4_999_999u64 * 1237 % 10_000_000) as f64 / 1e7)).sin();
        assert!((current - wanted).abs() < 1e-5, "{current} {wanted} on {:?}", engine.info());
    }
}

/// A conductance pulls the potential to where all currents balance, and makes the membrane faster: by hand, on every engine.
#[test]
fn conductances_shunt_the_membrane() {
    // g_l = 10 nS to -75 mV and 30 nS to -45 mV: -52.5 mV, and a quarter of tau_m = 10 ms.
    let (g_l, g, e_l, e) = (10.0, 30.0, -75.0, -45.0);
    let v_end = (g_l * e_l + g * e) / (g_l + g);
    let settings = "neurons=2 dt=0.1 noise.kind=none stimulus.amplitude=0 v_th=0 x.kind=expression \
                    x.conductance=30nS x.reversal=-45mV integrator=exponential_euler";
    for engine in engines() {
        for steps in [32u32, 64, 3200] {
            let t = 0.1 * f64::from(steps);
            let experiment = experiment(&format!("{settings} duration={t}"));
            let v = final_states(engine.as_ref(), &experiment, 1)[0][0];
            // Linear: the exponential Euler step is exact.
            let wanted = v_end + (e_l - v_end) * (-t * (g_l + g) / g_l / 10.0).exp();
            assert!((v - wanted).abs() < 1e-4, "{steps}: {v} {wanted} on {:?}", engine.info());
        }
    }
}

/// Noises with a stationary start have their variance from the first step on.
#[test]
fn stationary_noises_start_stationary() {
    for kind in ["ou", "ou_pair", "pink", "point_conductance"] {
        for engine in engines() {
            // 32 steps of 0.02 ms: far less than any correlation time.
            let size =
                ["model=meter", "neurons=20000", "dt=0.02", "duration=0.64"].map(str::to_owned);
            let experiment = with_model(METER, &[&size[..], &keys(kind)[..]].concat());
            let states = final_states(engine.as_ref(), &experiment, 20_000);
            let currents: Vec<f64> = states.iter().map(|state| state[1]).collect();
            let wanted = closed(&experiment, 0.0, 0.0);
            assert!(fits(&currents, wanted.mean), "{kind}: mean {:?}", mean_and_error(&currents));
            let squares: Vec<f64> = currents.iter().map(|x| (x - wanted.mean).powi(2)).collect();
            assert!(
                fits(&squares, wanted.variance),
                "{kind}: {wanted:?} {:?}",
                mean_and_error(&squares)
            );
        }
    }
}

/// Numbers of pulses have the Poisson distribution of any mean: one by one up to 64, by sums up to 256, by an expansion beyond;
/// and where neurons of one population have means of all three kinds.
#[test]
fn pulses_are_poisson_at_any_mean() {
    let neurons = 8000;
    let means = [0.02, 0.7, 5.0, 16.5, 63.0, 65.0, 110.0, 250.0, 300.0, 1000.0];
    let mixtures = [[3.0, 700.0], [260.0, 150.0]];
    let all = means.map(|mean| [mean; 2]).into_iter().chain(mixtures);
    for two in all {
        let keys = match two[0] == two[1] {
            true => two[0].to_string(),
            false => (0..neurons).map(|n| two[n % 2].to_string()).collect::<Vec<_>>().join(","),
        };
        for engine in engines() {
            let size = [format!("neurons={neurons}"), "duration=3.2".to_owned()];
            let own = ["model=meter", "dt=0.1", "x.kind=expression", "x.current=1pA*poisson(m)"];
            let own = own.map(str::to_owned).into_iter().chain(size).chain([format!("x.m={keys}")]);
            let experiment = with_model(METER, &own.collect::<Vec<_>>());
            let states = final_states(engine.as_ref(), &experiment, neurons);
            for (half, mean) in two.into_iter().enumerate() {
                let of_half = states.iter().skip(half).step_by(2).map(|state| state[1]);
                check_poisson(&of_half.collect::<Vec<_>>(), mean);
            }
        }
    }
}

/// Mean, variance, and the largest distance of the distributions: 2.6 roots of the number of values have a chance of 3e-6.
fn check_poisson(values: &[f64], mean: f64) {
    let mut counts: Vec<f64> = values.iter().map(|value| value.round()).collect();
    assert!(counts.iter().zip(values).all(|(n, value)| (n - value).abs() < 1e-3));
    assert!(fits(&counts, mean), "{mean}: {:?}", mean_and_error(&counts));
    let squares: Vec<f64> = counts.iter().map(|n| (n - mean).powi(2)).collect();
    assert!(fits(&squares, mean), "{mean}: variance {:?}", mean_and_error(&squares));
    counts.sort_by(f64::total_cmp);
    let (size, mut probability, mut below) = (counts.len() as f64, -mean, 0.0);
    for n in 0..(mean + 20.0 * mean.sqrt() + 20.0) as u32 {
        // Logarithms of probabilities, since the first underflow.
        below += probability.exp();
        probability += mean.ln() - f64::from(n + 1).ln();
        let share = counts.partition_point(|count| *count <= f64::from(n)) as f64 / size;
        assert!((share - below).abs() < 2.6 / size.sqrt(), "{mean}, {n}: {share} {below}");
    }
}
