//! What do the statistics say of a Poisson process, of which everything is known?

use loligo::analysis::spectrum::{Method, Spectrum, Taper, of_trains};
use loligo::analysis::{intervals, rate};
use loligo::spikes::SpikeTrains;
use loligo::window::Window;
use rand::{RngExt, SeedableRng};

/// 400 trains of 4 s: a spike in each step of 1 ms with probability 0.02, so 20 Hz.
const NEURONS: usize = 400;
const STEPS: u32 = 4000;
const P: f64 = 0.02;

fn trains() -> SpikeTrains {
    let mut rng = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(3);
    let trains: Vec<Vec<u32>> =
        (0..NEURONS).map(|_| (0..STEPS).filter(|_| rng.random_bool(P)).collect()).collect();
    SpikeTrains::from_trains(&trains)
}

#[test]
fn intervals_are_geometric() {
    let trains = trains();
    let stats = intervals::of_population(&trains, 1.0);
    let n = stats.pooled.count as f64;
    // Geometric intervals: mean 1/p, CV sqrt(1 - p). Trains are cut at 4 s, which favours short
    // intervals: the mean is low by the mean over the length, 1.25 %, the CV by half of that. Five
    // standard errors 1/sqrt(n) on top.
    let mean = stats.pooled.mean().unwrap();
    assert!((mean * P / (1.0 - 0.0125) - 1.0).abs() < 5.0 / n.sqrt(), "mean {mean}");
    let cv = stats.pooled.cv().unwrap();
    assert!((cv - (1.0 - P).sqrt() + 0.006).abs() < 5.0 / n.sqrt(), "CV {cv}");
    // CV2 and LV of a Poisson process are 1; steps of a fiftieth of an interval lower them to 0.981
    // and 0.963 (computed for this process). Five standard errors, 0.58/sqrt(n) and 0.9/sqrt(n).
    let (cv2, lv) = (stats.cv2_mean.unwrap(), stats.lv_mean.unwrap());
    assert!((cv2 - 0.981).abs() < 5.0 * 0.58 / n.sqrt(), "CV2 {cv2}");
    assert!((lv - 0.963).abs() < 5.0 * 0.9 / n.sqrt(), "LV {lv}");
}

#[test]
fn counts_have_a_fano_factor_of_one_minus_p() {
    let counts: Vec<u32> = trains().iter().map(|train| train.len() as u32).collect();
    let rates = rate::of_counts(&counts, f64::from(STEPS));
    // Binomial counts: variance over mean 1 - p; its relative standard error is sqrt(2/n).
    let fano = rates.fano_over_neurons.unwrap();
    assert!((fano / (1.0 - P) - 1.0).abs() < 4.0 * (2.0 / NEURONS as f64).sqrt(), "Fano {fano}");
    let hz = rates.hz.mean().unwrap();
    assert!((hz - 20.0).abs() < 5.0 * (20.0 / 4.0 / NEURONS as f64).sqrt(), "{hz} Hz");
}

fn spectrum(trains: &SpikeTrains, taper: Taper) -> Spectrum {
    let method = Method { taper, ..Method::default() };
    of_trains(trains, Window::whole(STEPS), 1.0, method).unwrap()
}

#[test]
fn the_tapered_spectrum_is_flat_at_the_rate() {
    let spectrum = spectrum(&trains(), Taper::Hann);
    assert_eq!((spectrum.segments, spectrum.neurons), (7, NEURONS));
    // Seven segments that overlap by half are worth 6.6 (their powers correlate by (1/6)^2).
    let expected = 1e3 * P * (1.0 - P);
    let error = 1.0 / (6.6 * NEURONS as f64).sqrt();
    for (k, power) in spectrum.power.iter().enumerate() {
        assert!((power / expected - 1.0).abs() < 5.0 * error, "{k}: {power}");
    }
    let mean = spectrum.population.iter().sum::<f64>() / spectrum.population.len() as f64;
    let error = 1.0 / (6.6 * spectrum.population.len() as f64).sqrt();
    assert!((mean * NEURONS as f64 / expected - 1.0).abs() < 5.0 * error, "population {mean}");
}

#[test]
fn the_spectrum_is_flat_at_the_rate() {
    let spectrum = spectrum(&trains(), Taper::Boxcar);
    assert_eq!((spectrum.segments, spectrum.neurons), (4, NEURONS));
    // Power at each frequency is exponential: relative standard error 1/sqrt(segments x neurons).
    // The discrete process has p (1 - p) / dt = 19.6 Hz.
    let expected = 1e3 * P * (1.0 - P);
    let error = 1.0 / (4.0 * NEURONS as f64).sqrt();
    for (k, power) in spectrum.power.iter().enumerate() {
        assert!((power / expected - 1.0).abs() < 5.0 * error, "{k}: {power}");
    }
    // Over all frequencies the mean is that of the spikes there are (Parseval), whose number has a
    // standard error of its own.
    let mean = spectrum.power.iter().sum::<f64>() / spectrum.power.len() as f64;
    let spikes = trains().spikes() as f64;
    assert!((mean / expected - 1.0).abs() < 5.0 / spikes.sqrt(), "mean {mean}");
    let own = expected * spikes / (NEURONS as f64 * f64::from(STEPS) * P);
    let error = error / (spectrum.power.len() as f64).sqrt();
    assert!((mean / own - 1.0).abs() < 5.0 * error, "mean {mean}, from the spikes {own}");
    // Independent trains: the population's spectrum is a neuron's over their number.
    let mean = spectrum.population.iter().sum::<f64>() / spectrum.population.len() as f64;
    let error = 1.0 / (4.0 * spectrum.population.len() as f64).sqrt();
    assert!((mean * NEURONS as f64 / expected - 1.0).abs() < 5.0 * error, "population {mean}");
}

#[test]
fn a_regular_train_is_a_comb() {
    // A spike every 50 ms: 20 per second, all power at multiples of 20 Hz: S = n^2 / T = 400.
    let train: Vec<u32> = (0..STEPS).step_by(50).collect();
    let spectrum = spectrum(&SpikeTrains::from_trains(&[train]), Taper::Boxcar);
    for (k, power) in spectrum.power.iter().enumerate() {
        let expected = if (k + 1) % 20 == 0 { 400.0 } else { 0.0 };
        assert!((power - expected).abs() < 1e-3, "{} Hz: {power}", k + 1);
    }
}
