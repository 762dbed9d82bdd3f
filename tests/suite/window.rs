//! Are statistics those of the analysis window, and is what acts unasked told?

use super::cli::{engines, loligo, text};
use super::common::{cpu, experiment, number, numbers, spikes_of};
use loligo::analysis::{counts, spectrum};

/// The summary of a command with --json, and what it said.
fn summary(command: &str) -> (serde_json::Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = loligo(folder.path(), &format!("{command} --json"));
    assert!(output.status.success(), "{command}: {}", text(&output.stderr));
    (serde_json::from_slice(&output.stdout).unwrap(), text(&output.stderr))
}

fn notes(summary: &serde_json::Value) -> Vec<&str> {
    summary["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect()
}

#[test]
fn statistics_are_of_the_window_and_spikes_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("late.toml"),
        "duration = 500\nfrom = '0.2 s'\nto = 450\nneurons = 100\n",
    )
    .unwrap();
    for (arguments, from, to) in [
        ("--neurons 100 --duration 500 --from 200 --to 450ms", 2000, 4500),
        ("late.toml", 2000, 4500),
        ("late.toml --to 300", 2000, 3000),
        ("--neurons 100 --duration 500", 0, 5000),
    ] {
        for engine in engines() {
            let run = format!("run {arguments} --engine {engine} --out out --force --json");
            let output = loligo(folder.path(), &run);
            assert!(output.status.success(), "{run}: {}", text(&output.stderr));
            let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            let ends = [f64::from(from) * 0.1, f64::from(to) * 0.1];
            assert_eq!(numbers(&summary["window_ms"]), ends, "{run}");
            // By hand, from all spikes.
            let trains = spikes_of(&cpu(), &experiment("neurons=100 duration=500"));
            let within = |step: &&u32| (from..to).contains(*step);
            let trains: Vec<Vec<u32>> =
                trains.iter().map(|train| train.iter().filter(within).copied().collect()).collect();
            let spikes: usize = trains.iter().map(Vec::len).sum();
            let population = &summary["populations"][0];
            assert_eq!(population["spikes"], spikes, "{run}");
            let rate = spikes as f64 / 100.0 / (1e-4 * f64::from(to - from));
            assert!((number(&population["rate_hz"]["mean"]) - rate).abs() < 1e-9, "{run}");
            let intervals: usize = trains.iter().map(|train| train.len().saturating_sub(1)).sum();
            assert_eq!(population["isi_ms"]["count"], intervals, "{run}");
            // The file has all of them.
            let file = std::fs::File::open(folder.path().join("out/spikes.npz")).unwrap();
            let mut archive = zip::ZipArchive::new(file).unwrap();
            let steps = archive.by_name("step.npy").unwrap();
            let whole = spikes_of(&cpu(), &experiment("neurons=100 duration=500")).spikes() as u64;
            assert_eq!(steps.size(), 128 + 4 * whole, "{run}");
            let table = std::fs::read_to_string(folder.path().join("out/intervals.csv")).unwrap();
            let mut rows = csv::Reader::from_reader(table.as_bytes());
            let place = rows.headers().unwrap().iter().position(|name| name == "spikes").unwrap();
            let listed: usize =
                rows.records().map(|row| row.unwrap()[place].parse::<usize>().unwrap()).sum();
            assert_eq!(listed, spikes, "{run}");
        }
    }
}

#[test]
fn a_cell_has_the_same_numbers_in_run_and_compare() {
    let fixed = "--neurons 200 --duration 3s --from 1s";
    for (mu, sigma) in [(250, 3), (150, 5)] {
        let (ran, _) = summary(&format!(
            "run {fixed} --set stimulus.amplitude={mu} --set noise.sigma={sigma}"
        ));
        let (compared, _) = summary(&format!(
            "compare {fixed} --sweep stimulus.amplitude={mu} --sweep noise.sigma={sigma}"
        ));
        let (mut ran, mut compared) =
            (ran["populations"][0].clone(), compared["populations"][0].clone());
        for key in ["name", "at"] {
            ran.as_object_mut().unwrap().remove(key);
            compared.as_object_mut().unwrap().remove(key);
        }
        assert_eq!(ran, compared);
    }
}

#[test]
fn a_cv_is_the_mean_over_neurons_everywhere() {
    // Neurons that differ in their rates: the CV of all intervals together is that of their rates, too.
    let folder = tempfile::tempdir().unwrap();
    let settings = "--neurons 200 --duration 3s --from 200 --set noise.sigma=1 --out out";
    let run = format!("run {settings} --set tau_m=uniform(5,20)");
    let output = loligo(folder.path(), &run);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let json = std::fs::read(folder.path().join("out/summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let isi = &summary["populations"][0]["isi_ms"];
    let (cv, pooled) = (number(&isi["cv_mean"]), number(&isi["cv_pooled"]));
    assert!(pooled > 2.0 * cv, "{isi}");
    assert_eq!((isi["neurons"].as_u64(), isi["under_sampled"].as_bool()), (Some(200), Some(false)));
    let table = text(&output.stdout);
    let row = table.lines().find(|line| line.starts_with("lif")).unwrap();
    assert!(row.contains(&format!("{cv:.3}")) && !row.contains(&format!("{pooled:.3}")), "{table}");
    assert!(table.contains("mean ± standard deviation over neurons"), "{table}");
}

#[test]
fn cells_with_few_intervals_are_marked_and_a_duration_that_would_do_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let grid = "compare --neurons 200 --duration 2s --sweep stimulus.amplitude=100,130,300 \
                --sweep noise.sigma=3,5 --out out";
    let output = loligo(folder.path(), grid);
    assert!(output.status.success());
    let json = std::fs::read(folder.path().join("out/summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let table = std::fs::read_to_string(folder.path().join("out/compare.csv")).unwrap();
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let header = rows.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|field| field == name).unwrap();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    for (cell, row) in summary["populations"].as_array().unwrap().iter().zip(&rows) {
        let few = number(&cell["at"]["stimulus.amplitude"]) < 200.0;
        let isi = &cell["isi_ms"];
        assert_eq!(isi["under_sampled"], few, "{cell}");
        assert_eq!(&row[place("under_sampled")], few.to_string());
        assert_eq!(row[place("cv_ci95")].is_empty(), few);
        assert_eq!(row[place("intervals")], isi["count"].to_string());
        assert_eq!(row[place("cv_neurons")], isi["neurons"].to_string());
        // Of 200 neurons over 2 s, 20 intervals each are 4000.
        assert_eq!(number(&isi["count"]) < 4000.0, few);
        if !few {
            // What the jackknife says of the bias is in the interval.
            let bias = (number(&isi["cv_jackknife"]) - number(&isi["cv_mean"])).abs();
            let expected = 1.959_964 * number(&isi["cv_sem"]) + bias;
            assert!((row[place("cv_ci95")].parse::<f64>().unwrap() - expected).abs() < 1e-6);
        }
    }
    assert!(text(&output.stdout).contains("*)"), "{}", text(&output.stdout));
    let note = notes(&summary).into_iter().find(|note| note.contains("too low")).unwrap();
    let duration = note.split("--duration ").nth(1).unwrap().split(' ').next().unwrap();
    // So it does, where there was anything to go by.
    let longer =
        grid.replace("2s", duration).replace("100,130,300", "130,300").replace("--out out", "");
    let (longer, _) = self::summary(&longer);
    for cell in longer["populations"].as_array().unwrap() {
        // 0.92 at 130 pA, sigma 3; the rate of a short run is itself uncertain.
        assert!(number(&cell["isi_ms"]["count"]) > 0.9 * 4000.0, "{cell}");
    }
    let isi = &longer["populations"][0]["isi_ms"];
    assert!((number(&isi["cv_mean"]) - 0.92).abs() < 0.09, "{isi}");
}

#[test]
fn the_jackknifed_cv_has_less_bias() {
    // 100 pA, sigma 8: Brunel's CV is 0.8274; 22 intervals per neuron.
    let few = "run --integrator bridge --neurons 2000 --duration 2.2s --from 200 \
               --set stimulus.amplitude=100 --set noise.sigma=8";
    let (ran, said) = summary(few);
    let isi = &ran["populations"][0]["isi_ms"];
    assert!(number(&isi["cv_mean"]) < 0.79, "{isi}");
    // 2000 neurons of a spread of 0.19: four standard errors are 0.017.
    assert!((number(&isi["cv_jackknife"]) - 0.8274).abs() < 0.02, "{isi}");
    // A fifth of the neurons have fewer than 20.
    assert_eq!(isi["under_sampled"], true);
    assert!(said.contains("too low"), "{said}");
    // Slow neurons among fast ones are not hidden by these.
    let mixed = "run --neurons 400 --duration 2s --from 200 --set stimulus.amplitude=uniform(80,220) \
                 --set noise.sigma=5";
    assert_eq!(summary(mixed).0["populations"][0]["isi_ms"]["under_sampled"], true);
    // Without noise there is nothing to miss; of a pulse or a window with an end, no duration is told.
    assert!(!summary("run --noise none --neurons 5 --duration 200").1.contains("too low"));
    let remedies = [
        ("--stimulus pulse", "use a longer pulse"),
        ("--duration 2s --to 300", "use a longer window"),
    ];
    for (more, remedy) in remedies {
        let said = summary(&format!("run --neurons 50 {more}")).1;
        assert!(said.contains(remedy), "{more}: {said}");
    }
}

#[test]
fn the_two_fano_factors_have_two_names_and_their_windows() {
    let (ran, _) = summary("run --neurons 100 --duration 1s --from 200 --window 40ms");
    let population = &ran["populations"][0];
    assert_eq!(population["fano_over_neurons"]["window_ms"], 800.0);
    assert_eq!(population["fano_over_neurons"]["value"], population["fano"]);
    assert_eq!(population["fano_over_windows"]["window_ms"], 40.0);
    assert!(number(&population["fano_over_windows"]["mean"]) > 0.0);
    let folder = tempfile::tempdir().unwrap();
    let times: String =
        (0..100).map(|k| format!("{}\n", 0.013 * f64::from(k * k % 97 + k))).collect();
    let mut times: Vec<&str> = times.lines().collect();
    times.sort_by(|a, b| a.parse::<f64>().unwrap().total_cmp(&b.parse().unwrap()));
    std::fs::write(folder.path().join("times.csv"), times.join("\n")).unwrap();
    let output = loligo(folder.path(), "intervals times.csv --window 0.1 --json");
    let recorded: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(recorded["fano_over_windows"]["window_s"], 0.1);
    assert_eq!(recorded["fano_over_windows"]["value"], recorded["fano"]);
    assert!(recorded["lvr"].is_f64());
}

#[test]
fn the_start_is_told_and_so_is_when_it_is_gone() {
    let of = |arguments: &str| {
        let (summary, said) = summary(&format!("run --neurons 500 {arguments}"));
        let notes: Vec<String> = notes(&summary).into_iter().map(str::to_owned).collect();
        assert!(notes.iter().all(|note| said.contains(&format!("note: {note}"))), "{said}");
        notes.into_iter().find(|note| note.contains("still shows its start"))
    };
    let note = of("--duration 1s --set noise.sigma=1").unwrap();
    let from = note.split("--from ").nth(1).unwrap().split("ms").next().unwrap();
    let from: f64 = from.parse().unwrap();
    assert!((200.0..600.0).contains(&from), "{note}");
    assert_eq!(of(&format!("--duration 2s --set noise.sigma=1 --from {}ms", 1.5 * from)), None);
    assert_eq!(of("--duration 1s --from 200ms"), None);
    assert!(of("--duration 200 --set noise.sigma=0.5").unwrap().contains("to the end"));
    // What has no steady state that chance leads to is not waited for.
    assert_eq!(of("--duration 1s --noise none"), None);
    assert_eq!(of("--duration 1s --stimulus pulse"), None);
    assert_eq!(of("--duration 1s --set noise.common=0.9 --from 200"), None);
    // Noise that remembers is no start.
    assert_eq!(
        of("--duration 2s --noise ou --set noise.tau=500 --set noise.sigma=80 --from 500"),
        None
    );
    // A remedy that does not help is not given: the end of the window is none.
    let late = of("--duration 300 --set noise.sigma=1").unwrap();
    assert!(!late.contains("--from 300ms"), "{late}");
}

#[test]
fn independent_neurons_are_not_correlated_once_the_start_is_gone() {
    // 20 seeds: correlations in units of their standard errors have a mean within 0.9 of 0 (four standard errors),
    // and the population's spectrum is a neuron's over their number.
    let (mut ratios, mut scores) = (Vec::new(), Vec::new());
    for seed in 1..=20 {
        let settings = format!("neurons=500 duration=1s from=200 seed={seed}");
        let experiment = experiment(&settings);
        let trains = spikes_of(&cpu(), &experiment);
        let counts = counts::of_trains(&trains, experiment.window(), 0.1, 50.0).unwrap();
        let correlation = counts.correlation.unwrap();
        scores.push(correlation.mean / correlation.sem);
        let spectrum =
            spectrum::of_trains(&trains, experiment.window(), 0.1, spectrum::Method::default());
        let spectrum = spectrum.unwrap();
        for k in 0..(20.0 / spectrum.df_hz) as usize {
            ratios.push(500.0 * spectrum.population[k] / spectrum.power[k]);
        }
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    assert!(mean(&scores).abs() < 0.9, "{scores:?}");
    let spread = (scores.iter().map(|z| z * z).sum::<f64>() / 20.0).sqrt();
    assert!((0.5..1.6).contains(&spread), "the standard error is off: {spread}");
    // 320 powers, each exponentially distributed, neighbours not independent: 1 / root of 213 is 7 %.
    assert!((mean(&ratios) - 1.0).abs() < 0.1, "{}", mean(&ratios));
    // With the start in it, neither holds.
    let experiment = experiment("neurons=500 duration=1s noise.sigma=1");
    let trains = spikes_of(&cpu(), &experiment);
    let counts = counts::of_trains(&trains, experiment.window(), 0.1, 50.0).unwrap();
    let correlation = counts.correlation.unwrap();
    assert!(correlation.mean > 2.0 * correlation.sem, "{correlation:?}");
}

#[test]
fn what_acts_unasked_is_told_in_a_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("two.toml"),
        "duration = 100\nneurons = 3\n[[population]]\nname = 'a'\ntau_m = 15\n[[population]]\nname = 'b'\n\
         noise.sigma = 5\n",
    )
    .unwrap();
    let said = |command: &str| {
        let output = loligo(folder.path(), &format!("{command} --json"));
        assert!(output.status.success(), "{command}: {}", text(&output.stderr));
        text(&output.stderr)
    };
    for (command, line) in [
        ("run --neurons 2 --set noise.tau=5", "note: noise.tau makes the noise ou"),
        ("trace --set noise.tau=5", "note: noise.tau makes the noise ou"),
        ("run --neurons 2 --set stimulus.to=150", "note: stimulus.to makes the stimulus a pulse"),
        (
            "run --neurons 2 --stimulus pulse --set stimulus.from=5.02 --set stimulus.to=5.08",
            "injects no current",
        ),
        (
            "run --neurons 2 --stimulus pulse --set stimulus.from=5 --set stimulus.to=5.05",
            "is on from 5 to 5.1 ms",
        ),
        ("run --neurons 2 --stimulus pulse --set stimulus.from=0.15,5", "is on from 0.2 to 300 ms"),
        ("run --neurons 2 --stimulus pulse --duration 50", "begins when the run is over"),
        (
            "run --neurons 2 --stimulus pulse --duration 60s --set stimulus.from=50000.04 --set stimulus.to=51s",
            "is on from 50000.1 to 51000 ms",
        ),
        (
            "run --neurons 2 --from 20.04",
            "note: from = 20.04 ms is between steps of 0.1 ms: it is 20 ms",
        ),
        ("run --neurons 2 --duration 100.04", "note: 100.04 ms are no whole number of steps"),
        (
            "run --neurons 2 --set t_ref=2.05",
            "note: t_ref = 2.05 ms of `lif` is no whole number of steps",
        ),
        (
            "run --neurons 2 --duration 30 --model hodgkin_huxley --set t_lockout=2.005",
            "it lasts 2.01 ms",
        ),
        ("run two.toml --set tau_m=20", "note: --set tau_m=20 overrides tau_m = 15 of `a`"),
        ("run two.toml --set noise.sigma=1", "overrides noise.sigma = 5 of `b`"),
        (
            "run --neurons 2 --set tau_m=20 --set tau_m=30",
            "note: --set tau_m=30 overrides --set tau_m=20",
        ),
        (
            "run --neurons 2 --noise none --set noise.kind=white",
            "--set noise.kind=white overrides --noise none",
        ),
        ("compare two.toml --sweep noise.sigma=1,2", "overrides noise.sigma = 5 of 2 populations"),
        (
            "compare --neurons 2 --set tau_m=9 --sweep tau_m=10,20",
            "--sweep tau_m=10,20 overrides --set tau_m=9",
        ),
    ] {
        let lines = said(command);
        let with = lines.lines().filter(|told| told.contains(line)).count();
        assert_eq!(with, 1, "{command}: {lines}");
    }
    for command in [
        "run --neurons 2 --noise ou --set noise.tau=5",
        "run two.toml --set g_l=9",
        "run --neurons 2 --integrator bridge --set t_ref=2.05",
        "run two.toml --set tau_m=15",
        "run --neurons 2 --stimulus pulse --set stimulus.from=5 --set stimulus.to=7.3",
        "run --neurons 2 --noise numpy --neurons 1 --set noise.tau=5",
    ] {
        let lines = said(command);
        for line in ["makes the", "overrides tau", "no whole number", "the pulse"] {
            assert!(!lines.contains(line), "{command}: {lines}");
        }
    }
}

#[test]
fn oscillations_that_do_not_reach_v_spike_are_told() {
    let said = |current: &str, more: &str| {
        let run = format!(
            "run --model hodgkin_huxley --neurons 2 --duration 500 --set stimulus.amplitude={current} {more}"
        );
        summary(&run).1
    };
    for (current, more) in [
        ("70", ""),
        ("100", "--noise none"),
        ("150", "--noise none"),
        ("154", "--noise none"),
        ("100", "--record none"),
    ] {
        let lines = said(current, more);
        assert!(lines.contains("oscillates between"), "{current} {more}: {lines}");
        assert!(lines.contains("without reaching v_spike = 0 mV"), "{current} {more}: {lines}");
    }
    // Its peaks are at 0.4 mV: noise keeps some of them below. At 70 uA/cm2 it lifts some over.
    assert!(said("62", "").contains("hardly reaching v_spike"));
    assert!(said("70", "--set noise.sigma=1").contains("not all of such cycles are counted"));
    // A window without a spike says why.
    let folder = tempfile::tempdir().unwrap();
    let silent = "run --model hodgkin_huxley --neurons 5 --duration 300 --set stimulus.amplitude=100 --from 100";
    let output = loligo(folder.path(), silent);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("oscillates between"), "{}", text(&output.stderr));
    // The remedy works.
    let lines = said("100", "--noise none");
    let remedy = lines.split("--set ").last().unwrap().split(' ').next().unwrap();
    let (counted, _) = summary(&format!(
        "run --model hodgkin_huxley --neurons 2 --duration 500 --noise none --set stimulus.amplitude=100 --set {remedy}"
    ));
    assert!(number(&counted["populations"][0]["rate_hz"]["mean"]) > 100.0, "{remedy}");
    // At rest, just below the onset, firing, and beyond the cycle's end (154.5), there is nothing to tell.
    for (current, more) in [
        ("0", ""),
        ("6", "--noise none"),
        ("10", ""),
        ("157", "--noise none"),
        ("0", "--stimulus pulse"),
    ] {
        assert!(!said(current, more).contains("oscillates"), "{current} {more}");
    }
}

#[test]
fn wrong_windows_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, said) in [
        ("--from 1s", "ends before it begins"),
        ("--from 2s", "not within the 1000 ms simulated"),
        ("--to 1001", "not within the 1000 ms simulated"),
        ("--from 500 --to 300", "ends before it begins: from 500 to 300 ms"),
        ("--from 300 --to 300", "ends before it begins"),
        ("--from -5", "not within"),
        ("--from soon", "`soon` is not a number"),
        ("--to 3mV", "a voltage"),
        ("--from 500 --noise none --set stimulus.amplitude=10", "no neuron fires in this window"),
        ("--to 5 --set noise.sigma=0.1", "no neuron fires in this window"),
        ("--segment 2s", "a segment of 2000 ms is longer than the window of 1000 ms"),
        ("--segment 500 --from 600", "a segment of 500 ms is longer than the window of 400 ms"),
        ("--segment 0.1", "has no frequency"),
        ("--segment -1", "is not above 0"),
        ("--segment long", "not a number"),
        ("--window 0", "is not above 0"),
        ("--window 0.04", "less than a step of 0.1 ms"),
        ("--from 200 --record none", "counted over the whole run"),
        ("--taper triangle", "boxcar"),
    ] {
        let words = arguments.split_whitespace();
        let output = super::cli::command(folder.path(), "run --neurons 5 --json")
            .args(words)
            .output()
            .unwrap();
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {message}");
        assert!(message.contains(said), "{arguments}: {message}");
        assert!(output.stdout.is_empty(), "{arguments}");
    }
    // What was simulated is kept.
    let silent =
        "run --neurons 5 --from 900 --to 901 --noise none --set stimulus.amplitude=201 --out kept";
    assert_eq!(loligo(folder.path(), silent).status.code(), Some(2));
    assert!(folder.path().join("kept/spikes.npz").exists());
    let swept = "compare --neurons 5 --sweep dt=1,2";
    assert_eq!(loligo(folder.path(), swept).status.code(), Some(2));
    let swept = "compare --neurons 5 --sweep from=100,200";
    assert!(text(&loligo(folder.path(), swept).stderr).contains("cannot be swept"));
}

#[test]
fn remedies_are_of_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, said) in [
        ("--noise numpy --neurons 1 --set noise.tau=-1", "leave it out for white noise"),
        ("--model hodgkin_huxley --set m_init=3", "leave it out for the steady state at v_init"),
        ("--set noise.sigma=-1", "the default is 3 pA*sqrt(s)"),
        ("--noise white --set noise.tau=3", "use --noise ou, or leave `noise.tau` out"),
        ("--stimulus constant --set stimulus.file=x.csv", "use --stimulus file"),
        ("--noise none --set noise.frozen=true", "use --noise white"),
    ] {
        let output = loligo(folder.path(), &format!("run --json {arguments}"));
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments}");
        assert!(message.contains(said), "{arguments}: {message}");
    }
}

#[test]
fn the_spectrum_says_how_it_was_taken() {
    let of = |more: &str| {
        let (ran, _) = summary(&format!("run --neurons 20 --duration 2s --from 100 {more}"));
        ran["populations"][0]["spectrum"].clone()
    };
    let hann = of("");
    assert_eq!((&hann["method"], &hann["taper"]), (&"welch".into(), &"hann".into()));
    // 1.9 s hold three segments of 1 s that overlap, and none of it is left out.
    assert_eq!((number(&hann["segment_ms"]), number(&hann["hop_ms"])), (1000.0, 450.0));
    assert_eq!((hann["segments"].as_u64(), number(&hann["df_hz"])), (Some(3), 1.0));
    let boxcar = of("--taper boxcar --segment 500ms");
    assert_eq!((&boxcar["taper"], boxcar["segments"].as_u64()), (&"boxcar".into(), Some(4)));
    assert_eq!(number(&boxcar["df_hz"]), 2.0);
}
