//! The exercises, one function each. Deterministic spike counts must be met exactly; noisy ones within
//! four standard errors of both sides, which the tolerance names.

use super::exercise::{Check, Desk, Done};
use crate::analysis::signal::{Method, Scaling};
use crate::analysis::trials::Estimate;
use crate::comparison::{SweptKey, cv};
use crate::error::Error;
use crate::experiment::Experiment;
use crate::input::DataFile;
use crate::input::signal::{Remedies, Signal};
use crate::input::text::Options;
use crate::model::Model;
use crate::output::compare::{Grid, curves_of};
use crate::output::named;
use crate::plot;
use crate::plot::curves::{self, Labels};
use crate::plot::trace::Traced;
use crate::results::Results;
use crate::results::notes::is_under_sampled;
use crate::sweep::Sweep;
use crate::trace::Trace;
use crate::window::time_ms;

type Exercise = fn(&Desk<'_>) -> Result<Done, Error>;

/// All exercises, in the order of the list.
pub const EXERCISES: [Exercise; 14] = [
    arrays,
    introspection,
    recording,
    lif,
    pulse,
    membrane,
    white_noise,
    current_rate,
    intervals,
    irregularity,
    ornstein_uhlenbeck,
    generalised,
    hodgkin_huxley,
    plots,
];

/// Nothing is left to be told of a file within the program.
const RECORDED: Remedies<'_> = Remedies { variable: "its name", time_step: "use its time vector" };

const COURSE: &str = "neurons=1 noise.kind=numpy seed=2020 duration=1000";

fn check(what: impl Into<String>, expected: f64, within: f64, found: Option<f64>) -> Check {
    Check { what: what.into(), expected, within, found }
}

/// A number of spikes, which must be met.
fn count(what: impl Into<String>, expected: u32, results: &Results, population: usize) -> Check {
    let found = results.populations[population].rates.spikes as f64;
    check(what, f64::from(expected), 0.0, Some(found))
}

fn done(number: u32, title: &'static str, checks: Vec<Check>) -> Done {
    Done { number, title, checks, remark: "", figure: None }
}

fn arrays(desk: &Desk<'_>) -> Result<Done, Error> {
    let settings =
        "neurons=3 noise.kind=none duration=100 stimulus.amplitude=210,210,200 tau_m=10,30,10";
    let results = desk.run(settings)?;
    let lengths = results.populations.iter().flat_map(|population| population.counts.clone());
    let lengths: Vec<u32> = lengths.collect();
    let expected = [3.0, 1.0, 0.0];
    let checks = expected.iter().zip(&lengths).enumerate().map(|(neuron, (expected, &found))| {
        check(format!("spikes of neuron {neuron}"), *expected, 0.0, Some(f64::from(found)))
    });
    let mut done = done(1, "Arrays: each neuron its own parameters", checks.collect());
    done.figure = Some(desk.draw("01_raster", plot::raster::figure(&results))?);
    Ok(done)
}

fn introspection(_: &Desk<'_>) -> Result<Done, Error> {
    let tau_m =
        Model::named("lif").and_then(|lif| Some(lif.parameters[lif.parameter("tau_m")?].default));
    let mut done = done(
        2,
        "my_function?: what a model is",
        vec![check("default of tau_m (ms)", 10.0, 0.0, tau_m)],
    );
    done.remark = "`loligo models lif` tells equations, parameters, units, defaults and sources.";
    Ok(done)
}

/// The variance and the peak at 60 Hz are to be met to 1e-9 of them.
fn recording(desk: &Desk<'_>) -> Result<Done, Error> {
    let name = "EEG-2.mat";
    let bytes = include_bytes!("EEG-2.mat").to_vec();
    let file = DataFile::parse(bytes, &Options::unknown("--"))
        .map_err(|why| Error::Figure { figure: name.into(), message: why.to_string() })?;
    let signal = Signal::new(&file, &["EEG".into()], None, RECORDED)?;
    let kramer = Scaling::Kramer;
    let spectrum = Estimate::new(&signal.trials, signal.dt_s, Method::Periodogram, kramer);
    let total = spectrum.power.iter().sum::<f64>() * spectrum.df_hz;
    let checks = vec![
        check("resolution (Hz)", 1.0, 1e-9, Some(spectrum.df_hz)),
        check("power at 60 Hz", 49.999_756_379_145_19, 5e-8, spectrum.power.get(60).copied()),
        check("sum of the spectrum: the variance", 49.999_818_964_802_09, 5e-8, Some(total)),
    ];
    let mut done = done(3, "The spectrum of a recording (EEG)", checks);
    done.figure = Some(desk.draw("03_spectrum", plot::recording::spectrum("EEG", &spectrum))?);
    Ok(done)
}

/// Draws traces as the figure of an exercise.
fn draw_traces(
    desk: &Desk<'_>,
    name: &str,
    experiment: &Experiment,
    traces: &[Trace],
) -> Result<std::path::PathBuf, Error> {
    let t_ms: Vec<f64> =
        (0..experiment.steps).map(|step| time_ms(step, experiment.dt_ms)).collect();
    let neurons: Vec<_> = (0..traces.len()).map(|n| (&experiment.populations[0], n)).collect();
    let traced = Traced { experiment, t_ms: &t_ms, neurons: &neurons, traces };
    desk.draw(name, traced.figure())
}

fn lif(desk: &Desk<'_>) -> Result<Done, Error> {
    let experiment =
        desk.experiment("neurons=1 noise.kind=none duration=400 stimulus.amplitude=250")?;
    let results = desk.results(&experiment)?;
    let traced = desk.trace(&experiment, 0);
    let step = |n: usize| traced.spike_steps.get(n).map(|&step| f64::from(step) * 0.1);
    let checks = vec![
        count("spikes at 250 pA in 400 ms", 22, &results, 0),
        check("first spike (ms)", 16.1, 1e-9, step(0)),
        check("second spike (ms)", 34.2, 1e-9, step(1)),
    ];
    let mut done = done(4, "The leaky integrate-and-fire neuron", checks);
    done.figure = Some(draw_traces(desk, "04_lif", &experiment, &[traced])?);
    Ok(done)
}

fn pulse(desk: &Desk<'_>) -> Result<Done, Error> {
    let settings = "neurons=1 noise.kind=none duration=400 stimulus.kind=pulse stimulus.amplitude=100 \
                    stimulus.from=100 stimulus.to=300";
    let experiment = desk.experiment(settings)?;
    let results = desk.results(&experiment)?;
    let traced = desk.trace(&experiment, 0);
    let highest = traced.values[0].iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let checks = vec![
        count("spikes", 0, &results, 0),
        check("highest potential (mV)", -65.000_000_018_637_56, 1e-9, Some(highest)),
        check(
            "potential at the end (mV)",
            -74.999_563_926_794_61,
            1e-9,
            traced.values[0].last().copied(),
        ),
    ];
    let mut done = done(5, "A pulse of current below threshold", checks);
    done.figure = Some(draw_traces(desk, "05_pulse", &experiment, &[traced])?);
    Ok(done)
}

fn membrane(desk: &Desk<'_>) -> Result<Done, Error> {
    let settings = "neurons=4 noise.kind=none duration=100 stimulus.amplitude=210,210,200,200 tau_m=10,30,10,30";
    let experiment = desk.experiment(settings)?;
    let results = desk.results(&experiment)?;
    let counts = &results.populations.first().ok_or_else(nothing)?.counts;
    let names = [
        "210 pA, tau_m 10 ms",
        "210 pA, tau_m 30 ms",
        "200 pA, tau_m 10 ms",
        "200 pA, tau_m 30 ms",
    ];
    let found = counts.iter().map(|count| Some(f64::from(*count)));
    let checks = names.iter().zip([3.0, 1.0, 0.0, 0.0]).zip(found);
    let checks =
        checks.map(|((name, expected), found)| check(*name, expected, 0.0, found)).collect();
    let traces: Vec<Trace> = (0..4).map(|neuron| desk.trace(&experiment, neuron)).collect();
    let mut done = done(6, "Current and membrane time constant: spikes in 100 ms", checks);
    done.figure = Some(draw_traces(desk, "06_membrane", &experiment, &traces)?);
    Ok(done)
}

fn white_noise(desk: &Desk<'_>) -> Result<Done, Error> {
    let experiment =
        desk.experiment(&format!("{COURSE} noise.sigma=0.5 stimulus.amplitude=250"))?;
    let traced = desk.trace(&experiment, 0);
    let expected = [161.557_715, 253.777_614, 193.468_515];
    let checks = expected.iter().enumerate().map(|(k, expected)| {
        check(format!("current of step {k} (pA)"), *expected, 1e-6, traced.current.get(k).copied())
    });
    let mut done = done(7, "Gaussian white noise (NumPy's, seed 2020)", checks.collect());
    done.figure = Some(draw_traces(desk, "07_white_noise", &experiment, &[traced])?);
    Ok(done)
}

/// Spikes in 1000 ms at 200, 210, ..., 390 pA without noise.
const DC: [u32; 20] =
    [0, 31, 38, 44, 50, 55, 60, 64, 69, 73, 77, 80, 84, 88, 91, 95, 99, 102, 105, 108];

/// The same with the course's noise of sigma 3, seed 2020.
const GWN: [u32; 20] =
    [33, 39, 46, 49, 54, 57, 61, 66, 71, 74, 78, 81, 86, 90, 93, 97, 99, 103, 106, 109];

fn current_rate(desk: &Desk<'_>) -> Result<Done, Error> {
    let sweep = [Sweep::parse("stimulus.amplitude=200:390:10")?];
    let dc = desk.results(&desk.grid("neurons=1 noise.kind=none duration=1000", &sweep)?)?;
    let gwn = desk.results(&desk.grid(&format!("{COURSE} noise.sigma=3"), &sweep)?)?;
    let mut checks = Vec::new();
    for n in (0..DC.len()).step_by(5).chain([DC.len() - 1]) {
        checks.push(count(format!("spikes at {} pA, no noise", 200 + 10 * n), DC[n], &dc, n));
    }
    let total = |counts: &[u32]| f64::from(counts.iter().sum::<u32>());
    let found =
        |results: &Results| Some(results.populations.iter().map(|p| p.rates.spikes as f64).sum());
    checks.push(check("spikes at all currents, no noise", total(&DC), 0.0, found(&dc)));
    let all = "spikes at all currents, sigma 3, seed 2020";
    checks.push(check(all, total(&GWN), 0.0, found(&gwn)));
    let population = "neurons=200 duration=2200 from=200 seed=1";
    let sweeps =
        [Sweep::parse("stimulus.amplitude=100:400:10")?, Sweep::parse("noise.sigma=0,1,3,5")?];
    let grid = desk.results(&desk.grid(population, &sweeps)?)?;
    let axis = SweptKey::new(&sweeps[0], &grid.populations[0].population);
    let curves = curves_of(
        &grid,
        Grid::new(&sweeps),
        0,
        &|cell| Some((cell.rates.hz.mean()?, cell.rates.hz.std()?)),
        |_| false,
    );
    let labels = Labels {
        figure: "08_current_rate",
        title: "F-I curves; bands: standard deviation between neurons".into(),
        x: axis.label(),
        y: "rate [Hz]".into(),
    };
    let mut done = done(8, "F-I curves: rate against current, with and without noise", checks);
    done.figure = Some(desk.draw(labels.figure, curves::figure(labels.clone(), &curves))?);
    Ok(done)
}

fn intervals(desk: &Desk<'_>) -> Result<Done, Error> {
    let mut checks = Vec::new();
    for (sigma, spikes, expected) in [(0.5, 55, 0.042_841), (3.0, 57, 0.222_289)] {
        let results = desk.run(&format!("{COURSE} stimulus.amplitude=250 noise.sigma={sigma}"))?;
        checks.push(count(format!("spikes, sigma {sigma}"), spikes, &results, 0));
        checks.push(check(
            format!("CV, sigma {sigma}"),
            expected,
            1e-6,
            cv(&results.populations[0]).map(|(cv, _)| cv),
        ));
    }
    let sweep = [Sweep::parse("noise.sigma=0.5,1,3,5")?];
    let results = desk.results(
        &desk.grid("neurons=500 duration=5200 from=200 stimulus.amplitude=250", &sweep)?,
    )?;
    let populations: Vec<_> = results.populations.iter().map(named).collect();
    let mut done =
        done(9, "Inter-spike intervals and their CV (seed 2020; the figure: 500 neurons)", checks);
    done.figure = Some(desk.draw("09_intervals", plot::intervals::figure(&populations, ""))?);
    Ok(done)
}

/// Rates and CVs of 1000 neurons over 20 s at 250 pA, by NumPy in float64: sigma, rate, its standard
/// error, CV.
const NOISY: [(f64, f64, f64, f64); 5] = [
    (0.5, 55.3005, 0.002_06, 0.038_197),
    (1.0, 55.342_95, 0.004_04, 0.075_642),
    (2.0, 55.806, 0.007_17, 0.144_489),
    (3.0, 56.658_65, 0.010_42, 0.204_480),
    (5.0, 59.058_25, 0.017_16, 0.301_657),
];

fn irregularity(desk: &Desk<'_>) -> Result<Done, Error> {
    let sweep = [Sweep::parse("noise.sigma=0.5,1,2,3,5")?];
    let results = desk
        .results(&desk.grid("neurons=1000 duration=20s stimulus.amplitude=250 seed=3", &sweep)?)?;
    let mut checks = Vec::new();
    for ((sigma, rate, error, expected), cell) in NOISY.iter().zip(&results.populations) {
        // Four standard errors of a difference; a CV of a million intervals is known to 0.3 %.
        checks.push(check(
            format!("rate (Hz), sigma {sigma}"),
            *rate,
            4.0 * 2f64.sqrt() * error,
            cell.rates.hz.mean(),
        ));
        let pooled = cell.recorded.as_ref().and_then(|r| r.intervals.pooled.cv());
        checks.push(check(
            format!("CV of all intervals, sigma {sigma}"),
            *expected,
            0.003 * expected + 1e-4,
            pooled,
        ));
    }
    let sweeps = [
        Sweep::parse("noise.sigma=0.5,1,2,3,5,7,10")?,
        Sweep::parse("stimulus.amplitude=200,225,250,300,350")?,
    ];
    let grid = desk.results(&desk.grid("neurons=200 duration=5200 from=200", &sweeps)?)?;
    let axis = SweptKey::new(&sweeps[0], &grid.populations[0].population);
    let curves = curves_of(&grid, Grid::new(&sweeps), 0, &cv, is_under_sampled);
    let labels = Labels {
        figure: "10_irregularity",
        title: "CV rises with the noise and falls with the current".into(),
        x: axis.label(),
        y: "CV".into(),
    };
    let mut done =
        done(10, "Irregularity: CV against noise and current (1000 neurons, 20 s)", checks);
    done.figure = Some(desk.draw(labels.figure, curves::figure(labels.clone(), &curves))?);
    Ok(done)
}

fn ornstein_uhlenbeck(desk: &Desk<'_>) -> Result<Done, Error> {
    let course = format!("{COURSE} noise.sigma=40 noise.tau=10 stimulus.amplitude=200");
    let results = desk.run(&course)?;
    // 60 s hold 6000 correlation times: standard errors sqrt(2 tau / T), sqrt(tau / T) relative to
    // the variance.
    let long = desk.experiment(
        "neurons=1 duration=60s noise.kind=ou noise.sigma=40 noise.tau=10 stimulus.amplitude=200",
    )?;
    let current = desk.trace(&long, 0).current;
    let n = current.len() as f64;
    let mean = current.iter().sum::<f64>() / n;
    let variance = current.iter().map(|i| (i - mean).powi(2)).sum::<f64>() / n;
    let lag =
        current.iter().zip(&current[100..]).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>()
            / (n - 100.0);
    let error = 4.0 * (1.0 / 6000f64).sqrt();
    let checks = vec![
        count("spikes (the course's Euler noise, seed 2020)", 28, &results, 0),
        check("CV", 0.551_299, 1e-6, cv(&results.populations[0]).map(|(cv, _)| cv)),
        check("mean of the current (pA)", 200.0, 40.0 * error * 2f64.sqrt(), Some(mean)),
        check("stationary standard deviation (pA)", 40.0, 40.0 * error, Some(variance.sqrt())),
        check("autocorrelation after tau", (-1.0f64).exp(), 2.0 * error, Some(lag / variance)),
    ];
    let mut done = done(11, "Ornstein-Uhlenbeck noise", checks);
    let shown = desk.experiment("neurons=2 duration=400 noise.kind=ou noise.sigma=40 noise.tau=10,30 stimulus.amplitude=200")?;
    let traces: Vec<Trace> = (0..2).map(|neuron| desk.trace(&shown, neuron)).collect();
    done.figure = Some(draw_traces(desk, "11_ornstein_uhlenbeck", &shown, &traces)?);
    Ok(done)
}

fn generalised(desk: &Desk<'_>) -> Result<Done, Error> {
    // Spikes in 250 ms at 400 pA, and the third one (ms): SciPy's, with events found to 1e-6 ms.
    const LEVELS: [(u32, f64); 5] =
        [(25, 26.612_934), (38, 16.686_105), (12, 40.493_317), (13, 35.540_41), (12, 38.100_809)];
    let mut checks = Vec::new();
    let mut figure = None;
    for (level, (spikes, third)) in (1..).zip(LEVELS) {
        let settings = format!(
            "model=glif{level} neurons=1 noise.kind=none dt=0.02 duration=250 stimulus.amplitude=400"
        );
        let experiment = desk.experiment(&settings)?;
        let results = desk.results(&experiment)?;
        let traced = desk.trace(&experiment, 0);
        checks.push(check(
            format!("GLIF {level}: spikes"),
            f64::from(spikes),
            0.0,
            results.populations.first().map(|population| population.rates.spikes as f64),
        ));
        // Three spikes and two refractory periods, each late by a step at most.
        let found = traced.spike_steps.get(2).map(|&step| f64::from(step) * 0.02);
        checks.push(check(format!("GLIF {level}: third spike (ms)"), third, 0.1, found));
        if level == 5 {
            figure = Some(draw_traces(desk, "12_generalised", &experiment, &[traced])?);
        }
    }
    let mut done = done(12, "Generalised integrate-and-fire models", checks);
    done.figure = figure;
    Ok(done)
}

fn hodgkin_huxley(desk: &Desk<'_>) -> Result<Done, Error> {
    let start = "model=hodgkin_huxley neurons=1 noise.kind=none integrator=euler dt=0.01 duration=100 \
                 v_init=-70 m_init=0.05 h_init=0.54 n_init=0.34";
    let rest = desk.experiment(&format!("{start} stimulus.amplitude=0"))?;
    let resting = desk.trace(&rest, 0);
    let last = |row: usize| resting.values[row].last().copied();
    let mut checks = vec![
        count("spikes without current", 0, &desk.results(&rest)?, 0),
        check("V after 100 ms without current (mV)", -64.999_722_530_171_45, 1e-9, last(0)),
        check("m", 0.052_934_217_000_874_37, 1e-9, last(1)),
        check("h", 0.596_110_931_165_560_9, 1e-9, last(2)),
        check("n", 0.317_681_163_511_145_3, 1e-9, last(3)),
    ];
    let driven = desk.experiment(&format!("{start} stimulus.amplitude=10"))?;
    let traced = desk.trace(&driven, 0);
    checks.push(count("spikes at 10 uA/cm2", 7, &desk.results(&driven)?, 0));
    for (n, expected) in [2.72, 17.56, 32.21].into_iter().enumerate() {
        let found = traced.spike_steps.get(n).map(|&step| f64::from(step) * 0.01);
        checks.push(check(format!("spike {} (ms)", n + 1), expected, 1e-6, found));
    }
    let mut done = done(13, "The Hodgkin-Huxley neuron", checks);
    done.figure = Some(draw_traces(desk, "13_hodgkin_huxley", &driven, &[traced])?);
    Ok(done)
}

fn plots(desk: &Desk<'_>) -> Result<Done, Error> {
    let results = desk.run("neurons=2000 duration=1200 from=200 noise.sigma=3")?;
    let rate = results.populations[0].rates.hz.mean();
    // Spread between neurons 1.6 Hz over 2000 of them: four standard errors; the reference is of 20 s, whose
    // start lowers it by 0.02 Hz.
    let checks = vec![check("rate of the raster (Hz)", 56.66, 0.16, rate)];
    let mut done = done(14, "The plots: raster and rate, and all those above", checks);
    done.figure = Some(desk.draw("14_raster", plot::raster::figure(&results))?);
    Ok(done)
}

fn nothing() -> Error {
    Error::Figure { figure: "an exercise".into(), message: "no spikes were recorded".into() }
}
