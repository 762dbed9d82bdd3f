//! Is the noise of a finite number of channels that of channels that open and close one by one?

use rayon::prelude::*;

use super::common::{cpu, engines, experiment, final_states, mean_and_error, rates, spikes_of};
use loligo::analysis::intervals::of_population;
use loligo::document::parse_toml;
use loligo::experiment::Experiment;
use loligo::model::Model;
use loligo::random::{Purpose, Stream};
use loligo::setting::Setting;

/// The model with its potential held.
fn clamped(settings: &str) -> Experiment {
    let text = Model::named("hodgkin_huxley_channels").unwrap().text.unwrap();
    let lines = text.lines().map(|line| match line.starts_with("\"dv/dt\"") {
        true => "\"dv/dt\" = \"0 mV/ms\"",
        false if line.starts_with("name =") => "",
        false => line,
    });
    let text: String =
        lines.map(|line| format!("{}\n", line.replace("\n[", "\n[model.clamp."))).collect();
    let text = text.replace("\n[", "\n[model.clamp.");
    let document = parse_toml("test.toml".as_ref(), &format!("[model.clamp]\n{text}")).unwrap();
    let settings = settings.split_whitespace().map(|text| Setting::assignment(text).unwrap());
    Experiment::new(&document, &settings.collect::<Vec<_>>()).unwrap()
}

/// The share of its channels that is open has the mean p and the variance p (1 - p) / N of independent ones.
#[test]
fn open_channels_are_binomial_in_voltage_clamp() {
    const NEURONS: usize = 8192;
    let (v, area) = (-40.0, 40.0);
    let u: f64 = v + 65.0;
    let steady = |alpha: f64, beta: f64| alpha / (alpha + beta);
    let n = steady((0.1 - 0.01 * u) / ((1.0 - 0.1 * u).exp() - 1.0), 0.125 * (-u / 80.0).exp());
    let m = steady((2.5 - 0.1 * u) / ((2.5 - 0.1 * u).exp() - 1.0), 4.0 * (-u / 18.0).exp());
    let m = if m.is_nan() { steady(1.0, 4.0 * (-u / 18.0).exp()) } else { m };
    let h = steady(0.07 * (-u / 20.0).exp(), 1.0 / ((3.0 - 0.1 * u).exp() + 1.0));
    let wanted = [("n_4", n.powi(4), 18.0 * area), ("m_3_h_1", m.powi(3) * h, 60.0 * area)];
    for engine in engines() {
        let settings = format!(
            "neurons={NEURONS} noise.kind=none v_init={v} duration=19.2 dt=0.005 area={area}um2"
        );
        let experiment = clamped(&settings);
        let states = final_states(engine.as_ref(), &experiment, NEURONS);
        let names = experiment.populations()[0].model().states;
        for (name, p, channels) in wanted {
            let field = names.iter().position(|state| state.name == name).unwrap();
            let open: Vec<f64> = states.iter().map(|state| state[field]).collect();
            let (mean, error) = mean_and_error(&open);
            assert!((mean - p).abs() < 5.0 * error, "{name}: {mean} {p}");
            let squares: Vec<f64> = open.iter().map(|x| (x - mean).powi(2)).collect();
            let (variance, error) = mean_and_error(&squares);
            let right = p * (1.0 - p) / channels;
            // Euler's steps make it larger by half the fastest rate (2/ms) times the step.
            assert!(
                (variance - right).abs() < 5.0 * error + 0.01 * right,
                "{name}: {variance} {right}"
            );
            assert!(
                (variance - 1.15 * right).abs() > 5.0 * error + 0.01 * right,
                "{name}: not seen"
            );
        }
    }
}

/// Channels of a patch that open and close one by one: the exact Markov chain, but for the step in which rates are held.
struct Patch {
    v: f64,
    k: [u32; 5],
    na: [[u32; 4]; 2],
    stream: Stream,
}

impl Patch {
    fn uniform(&mut self) -> f64 {
        f64::from(self.stream.next_u32()) / 4_294_967_296.0
    }

    /// A binomial number, by adding up probabilities.
    fn of(&mut self, n: u32, p: f64) -> u32 {
        // By the rarer of the two outcomes: sums of small probabilities are exact.
        if p > 0.5 {
            return n - self.of(n, 1.0 - p);
        }
        if n == 0 || p <= 0.0 {
            return 0;
        }
        let mut probability = (f64::from(n) * (-p).ln_1p()).exp();
        let (mut u, mut count) = (self.uniform(), 0);
        while u > probability && count < n {
            u -= probability;
            count += 1;
            probability *= f64::from(n - count + 1) / f64::from(count) * p / (1.0 - p);
        }
        count
    }

    /// Steps the channels and then the potential; all that leave a state in a step are drawn together.
    fn step(&mut self, dt: f64, channels: [f64; 2]) {
        let u = self.v + 65.0;
        let exprel = |x: f64| if x.abs() < 1e-6 { 1.0 } else { x.exp_m1() / x };
        let (alpha_m, beta_m) = (1.0 / exprel(2.5 - 0.1 * u), 4.0 * (-u / 18.0).exp());
        let (alpha_h, beta_h) = (0.07 * (-u / 20.0).exp(), 1.0 / ((3.0 - 0.1 * u).exp() + 1.0));
        let (alpha_n, beta_n) = (0.1 / exprel(1.0 - 0.1 * u), 0.125 * (-u / 80.0).exp());
        let mut k = self.k;
        for from in 0..5usize {
            let up = (4 - from) as f64 * alpha_n * dt;
            let down = from as f64 * beta_n * dt;
            let leaving = self.of(self.k[from], up + down);
            let ups = self.of(leaving, up / (up + down));
            k[from] -= leaving;
            if from < 4 {
                k[from + 1] += ups;
            }
            if from > 0 {
                k[from - 1] += leaving - ups;
            }
        }
        let mut na = self.na;
        for h in 0..2usize {
            for m in 0..4usize {
                let up = (3 - m) as f64 * alpha_m * dt;
                let down = m as f64 * beta_m * dt;
                let over = if h == 0 { alpha_h } else { beta_h } * dt;
                let all = up + down + over;
                let leaving = self.of(self.na[h][m], all);
                let ups = self.of(leaving, up / all);
                let downs = self.of(leaving - ups, down / (down + over));
                na[h][m] -= leaving;
                if m < 3 {
                    na[h][m + 1] += ups;
                }
                if m > 0 {
                    na[h][m - 1] += downs;
                }
                na[1 - h][m] += leaving - ups - downs;
            }
        }
        let g_na = 120.0 * f64::from(self.na[1][3]) / channels[0];
        let g_k = 36.0 * f64::from(self.k[4]) / channels[1];
        self.v -= dt * (g_na * (self.v - 50.0) + g_k * (self.v + 77.0) + 0.3 * (self.v + 54.4));
        (self.k, self.na) = (k, na);
    }

    /// The steps of the spikes: upward crossings of 0 mV, at least 2 ms apart.
    fn spikes(area: f64, seconds: f64, seed: u64) -> Vec<u32> {
        let channels = [60.0 * area, 18.0 * area];
        // At rest most are closed; the first half second is the way there.
        let mut patch = Patch {
            v: -65.0,
            k: [channels[1] as u32, 0, 0, 0, 0],
            na: [[0; 4], [channels[0] as u32, 0, 0, 0]],
            stream: Stream::new(seed, 0, Purpose::Parameter, 99),
        };
        let dt = 0.01;
        let (mut spikes, mut last) = (Vec::new(), 0);
        for step in 0..((seconds + 0.5) / dt * 1e3) as u32 {
            let before = patch.v;
            patch.step(dt, channels);
            if before < 0.0 && patch.v >= 0.0 && step >= 50_000 && step >= last + 200 {
                last = step;
                spikes.push(step);
            }
        }
        spikes
    }
}

/// Rate and CV of spontaneous firing, over the area of the membrane, are those of the Markov chain.
#[test]
fn spontaneous_firing_is_that_of_the_markov_chain() {
    const PATCHES: u64 = 12;
    const SECONDS: f64 = 8.0;
    for area in [50.0, 150.0] {
        let trains: Vec<Vec<u32>> =
            (0..PATCHES).into_par_iter().map(|seed| Patch::spikes(area, SECONDS, seed)).collect();
        let per_second: Vec<f64> =
            trains.iter().map(|train| train.len() as f64 / SECONDS).collect();
        let (rate, error) = mean_and_error(&per_second);
        let intervals: Vec<f64> = trains
            .iter()
            .flat_map(|train| train.windows(2).map(|pair| f64::from(pair[1] - pair[0])))
            .collect();
        let (mean, _) = mean_and_error(&intervals);
        let variance =
            intervals.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / intervals.len() as f64;
        let cv = variance.sqrt() / mean;
        let settings = format!(
            "model=hodgkin_huxley_channels noise.kind=none neurons=100 duration=3s area={area}um2"
        );
        let experiment = experiment(&settings);
        let spikes = spikes_of(&cpu(), &experiment);
        let (own, own_error) = mean_and_error(&rates(&spikes, &experiment));
        let own_cv = of_population(&spikes, experiment.dt_ms()).pooled.cv().unwrap();
        eprintln!(
            "{area}: {rate} +- {error}, cv {cv} ({}); {own} +- {own_error}, {own_cv}",
            intervals.len()
        );
        assert!((own - rate).abs() < 5.0 * error.hypot(own_error), "{area}: {own} {rate}");
        let cv_error = cv / (2.0 * intervals.len() as f64).sqrt();
        assert!((own_cv - cv).abs() < 5.0 * cv_error, "{area}: CV {own_cv} {cv}");
    }
}
