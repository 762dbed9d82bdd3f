//! Do the studies find what was found before?

use std::path::Path;

use loligo::document::parse_toml;
use loligo::experiment::Experiment;
use loligo::setting::Setting;
use loligo::study::{Found, STUDIES, Study};

/// A study with some settings changed.
fn found(name: &str, settings: &[&str]) -> Found {
    let study = Study::named(name).unwrap();
    let document = parse_toml(Path::new(name), study.text).unwrap();
    let settings: Vec<Setting> =
        settings.iter().map(|text| Setting::assignment(text).unwrap()).collect();
    let experiment = Experiment::new(&document, &settings).unwrap();
    study.found(&experiment, &loligo::run(&experiment).unwrap()).unwrap()
}

fn column(found: &Found, name: &str) -> Vec<f64> {
    let index = found.header.iter().position(|known| known == name).unwrap();
    found.rows.iter().map(|row| row[index]).collect()
}

/// The signal shows best in a noise in between (Gammaitoni et al. 1998): several times better than at both ends.
#[test]
fn noise_helps_a_signal_below_the_threshold() {
    let found = found("resonance", &[]);
    let (sigma, ratio) = (column(&found, "noise.sigma"), column(&found, "snr_hz"));
    let best = (0..ratio.len()).max_by(|a, b| ratio[*a].total_cmp(&ratio[*b])).unwrap();
    assert!((2.0..=5.0).contains(&sigma[best]), "{}", sigma[best]);
    assert!(
        ratio[best] > 3.0 * ratio[0] && ratio[best] > 5.0 * ratio[ratio.len() - 1],
        "{ratio:?}"
    );
    // With no signal there is no line.
    let without = self::found("resonance", &["signal.amplitude=0.001"]);
    let lines = column(&without, "snr_hz");
    assert!(
        lines
            .iter()
            .all(|ratio| ratio.is_nan() || ratio.abs() < 0.05 * column(&found, "snr_hz")[best]),
        "{lines:?}"
    );
}

/// The impedance by a chirp is that of the linear equations: of the squid's axon with a resonance at some 67 Hz (Mauro et al.
/// 1970, J Gen Physiol 55:497, for its shape), of the resonate-and-fire neuron near its own frequency.
#[test]
fn chirps_find_the_linear_impedance() {
    let found = found("impedance", &[]);
    let rows = |population: f64| found.rows.iter().filter(move |row| row[0] == population);
    for (population, low, high) in [(0.0, 60.0, 75.0), (1.0, 43.0, 51.0)] {
        let best = rows(population).max_by(|a, b| a[2].total_cmp(&b[2])).unwrap();
        assert!((low..high).contains(&best[1]), "{}", best[1]);
        for row in rows(population) {
            // A chirp of 10 s is not a stationary wave: half a percent.
            assert!((row[2] / row[4] - 1.0).abs() < 0.02, "{row:?}");
        }
    }
}

/// More background shifts the curve to larger currents and makes it flatter (Chance et al. 2002).
#[test]
fn background_conductances_divide_the_gain() {
    let found = found("gain", &["neurons=20", "duration=2500"]);
    let (levels, currents, rates) = (
        column(&found, "background.level"),
        column(&found, "stimulus.amplitude"),
        column(&found, "rate_hz"),
    );
    let slope = |level: f64| {
        let inside: Vec<(f64, f64)> = (0..levels.len())
            .filter(|n| levels[*n] == level && rates[*n] > 5.0 && rates[*n] < 60.0)
            .map(|n| (currents[n], rates[n]))
            .collect();
        let (first, last) = (inside[0], inside[inside.len() - 1]);
        ((last.1 - first.1) / (last.0 - first.0), first.0)
    };
    let [one, two, three] = [1.0, 2.0, 3.0].map(slope);
    assert!(one.0 > 1.1 * two.0 && two.0 > 1.1 * three.0, "{one:?} {two:?} {three:?}");
    assert!(one.1 < two.1 && two.1 < three.1, "{one:?} {two:?} {three:?}");
}

/// Trials of the same fluctuating current are alike, those of a constant one are not (Mainen and Sejnowski 1995).
#[test]
fn fluctuations_make_spikes_reliable() {
    let found = found("reliability", &[]);
    let second = column(&found, "reliability_second_half");
    assert!(second[1] > 0.5 && second[0] < 0.3, "{second:?}");
    // Not frozen, fluctuations do not.
    let free = self::found("reliability", &["frozen.frozen=false"]);
    assert!(column(&free, "reliability_second_half")[1] < 0.3);
}

/// The larger the membrane, the fewer its spontaneous spikes (Chow and White 1996: the rate falls exponentially).
#[test]
fn small_membranes_fire_on_their_own() {
    let found = found("spontaneous", &["neurons=16", "duration=3s"]);
    let rates = column(&found, "rate_hz");
    assert!(rates.windows(2).all(|pair| pair[0] > pair[1]), "{rates:?}");
    assert!(rates[0] > 20.0 && rates[rates.len() - 1] < 1.0, "{rates:?}");
}

#[test]
fn studies_say_what_they_need() {
    for study in STUDIES {
        let experiment = Experiment::builder().neurons(1).duration_ms(50.0).build().unwrap();
        let results = loligo::run(&experiment).unwrap();
        let error = study.found(&experiment, &results).unwrap_err().to_string();
        assert!(error.contains("this study needs"), "{}: {error}", study.name);
        // The experiment of each is right as it is.
        assert!(parse_toml(Path::new(study.name), study.text).is_ok());
    }
}
