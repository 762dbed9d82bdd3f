//! Is what figures show what there is, and nothing else?

use std::path::Path;

use super::cli::{loligo, text};
use loligo::Analysis;
use loligo::analysis::recorded::Statistics;
use loligo::analysis::signal::{Method, Scaling};
use loligo::analysis::trials::{Estimate, over_time};
use loligo::document::Document;
use loligo::experiment::Experiment;
use loligo::output::compare::Grid;
use loligo::output::named;
use loligo::plot::trace::Traced;
use loligo::plot::{Figure, Format, Panel, Shape, draw, files};
use loligo::results::Results;
use loligo::setting::Setting;
use loligo::simulation::simulate;
use loligo::sweep::Sweep;
use loligo::trace::{Samples, trace};
use loligo::window::time_ms;

fn experiment(settings: &str, sweeps: &[&str]) -> Experiment {
    let flags: Vec<Setting> =
        settings.split_whitespace().map(|text| Setting::assignment(text).unwrap()).collect();
    let sweeps = sweeps.iter().map(|text| Sweep::parse(text).unwrap()).collect();
    Experiment::new(&Document { sweeps, ..Document::default() }, &flags).unwrap()
}

fn results(experiment: &Experiment) -> Results {
    let plan = loligo::Plan::new(loligo::Record::Spikes);
    let engine = super::common::cpu();
    let simulated = simulate(&engine, experiment, plan, &mut |_| true).unwrap();
    Results::new(experiment, &simulated, Analysis::default())
}

fn grid_of<'a>(sweeps: &'a [Sweep], references: &'a [loligo::plot::Points]) -> Grid<'a> {
    Grid { references, ..Grid::new(sweeps) }
}

fn names(panel: &Panel) -> Vec<&str> {
    let names = panel.series.iter().map(|series| series.name.as_str());
    names.filter(|name| !name.is_empty()).collect()
}

fn traced(experiment: &Experiment, neurons: usize) -> Figure {
    let samples = Samples { from: 0, to: experiment.steps(), every: 1 };
    let population = &experiment.populations()[0];
    let traces: Vec<_> =
        (0..neurons).map(|n| trace::<f64>(experiment, population, n, samples)).collect();
    let t_ms: Vec<f64> =
        (0..experiment.steps()).map(|step| time_ms(step, experiment.dt_ms())).collect();
    let picked: Vec<_> = (0..neurons).map(|n| (population, n)).collect();
    Traced { experiment, t_ms: &t_ms, neurons: &picked, traces: &traces }.figure()
}

/// Every figure that there is, of small things.
fn all() -> Vec<Figure> {
    let run = experiment("neurons=40 duration=400", &[]);
    let of_run = results(&run);
    let populations: Vec<_> = of_run.populations.iter().map(named).collect();
    let sine = |k: u32| (f64::from(k) * 0.3).sin() + f64::from(k * k % 17) * 0.02;
    let signal: Vec<Vec<f64>> = vec![(0..2000).map(sine).collect()];
    let spikes: Vec<f64> =
        (0..400).map(|k| f64::from(k) * 0.05 + f64::from(k * k % 7) * 0.006).collect();
    let estimate = Estimate::new(&signal, 1e-3, Method::Periodogram, Scaling::Kramer);
    let grid = experiment(
        "neurons=20 duration=600",
        &["stimulus.amplitude=150,250,350", "noise.sigma=1,3"],
    );
    let of_grid = results(&grid);
    let sweeps =
        ["stimulus.amplitude=150,250,350", "noise.sigma=1,3"].map(|s| Sweep::parse(s).unwrap());
    let references = loligo::comparison::without_noise(&grid, &sweeps);
    let mut figures = vec![
        loligo::plot::raster::figure(&of_run),
        loligo::plot::intervals::figure(&populations, ""),
        loligo::plot::spectrum::figure(&loligo::plot::spectrum::of(&populations), ""),
        traced(&experiment("neurons=2 duration=100", &[]), 2),
        Figure {
            name: "recorded_spectrum".into(),
            ..loligo::plot::recording::spectrum("x", &estimate)
        },
        loligo::plot::spectrogram::figure(&over_time(&signal, 1e-3, Scaling::Kramer)),
        Figure {
            name: "recorded_intervals".into(),
            ..loligo::plot::recording::intervals(&Statistics::new(&[spikes], 21.0, 0.05))
        },
    ];
    let mut of_grid =
        loligo::output::compare::files(&of_grid, grid_of(&sweeps, &references)).draw();
    for figure in &mut of_grid {
        if figures.iter().any(|other| other.name == figure.name) {
            figure.name += "_of_grid";
        }
    }
    figures.extend(of_grid);
    figures
}

/// The drawings are kept as golden files: LOLIGO_BLESS=1 writes them anew, to be looked at.
#[test]
fn figures_are_drawn_as_they_were() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/figures");
    let figures = all();
    assert_eq!(figures.len(), 14);
    for figure in figures {
        let path = folder.join(format!("{}.svg", figure.name));
        let drawn = draw(&figure);
        if std::env::var_os("LOLIGO_BLESS").is_some_and(|value| value == "1") {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &drawn).unwrap();
        }
        // The bytes of a picture differ where the arithmetic of processors does.
        let without_picture = |text: &str| match text.split_once("base64,") {
            Some((before, rest)) => before.to_owned() + rest.split_once('"').unwrap().1,
            None => text.to_owned(),
        };
        let drawn = without_picture(&drawn);
        let golden = without_picture(&std::fs::read_to_string(&path).unwrap());
        let near = |a: &str, b: &str| match (a.parse::<f64>(), b.parse::<f64>()) {
            // The arithmetic of processors differs in the last digit.
            (Ok(a), Ok(b)) => (a - b).abs() < 0.05,
            _ => a == b,
        };
        let words = |text: &str| -> Vec<String> {
            let is_edge = |c: char| !(c.is_alphanumeric() || "+-.#_".contains(c));
            let of_word = |word: &str| {
                word.split_inclusive(|c: char| c.is_ascii_alphabetic())
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            text.split(is_edge).flat_map(of_word).collect()
        };
        let (ours, theirs) = (words(&drawn), words(&golden));
        assert_eq!(ours.len(), theirs.len(), "{}: LOLIGO_BLESS=1 if it is meant", figure.name);
        let off = ours.iter().zip(&theirs).find(|(a, b)| !near(a, b));
        assert!(off.is_none(), "{}: {off:?}; LOLIGO_BLESS=1 if it is meant", figure.name);
    }
}

#[test]
fn nothing_coloured_is_drawn_outside_the_axes() {
    // Noise whose lines turn sharply, and a panel whose data are beyond its axes.
    let mut figure = traced(
        &experiment("neurons=2 duration=400 noise.kind=ou seed=3 stimulus.amplitude=200", &[]),
        2,
    );
    for panel in &mut figure.panels {
        panel.y.low = -70.0_f64.max(panel.y.low);
        panel.series.iter_mut().for_each(|series| series.name.clear());
    }
    let png = files(&figure, &[Format::Png]).unwrap().remove(0).1;
    let image = image::load_from_memory(&png).unwrap().to_rgb8();
    let places = loligo::plot::slots(&figure);
    // A line's half width may reach beyond.
    let is_inside = |x: u32, y: u32| {
        places.iter().any(|place| {
            let area = place.area;
            let within = |at: u32, start: f64, length: f64| {
                (2.0 * start - 3.0..=2.0 * (start + length) + 3.0).contains(&f64::from(at))
            };
            within(x, area.x, area.width) && within(y, area.y, area.height)
        })
    };
    let mut inside = 0;
    for (x, y, pixel) in image.enumerate_pixels() {
        let [r, g, b] = pixel.0;
        let is_coloured = r.abs_diff(g).max(g.abs_diff(b)) > 24;
        inside += u32::from(is_coloured && is_inside(x, y));
        assert!(!is_coloured || is_inside(x, y), "a coloured pixel at {x}, {y}");
    }
    assert!(inside > 10_000, "{inside}");
}

#[test]
fn what_is_drawn_is_what_there_is() {
    // A row for each neuron, its own threshold, equal lines.
    let figure = traced(&experiment("neurons=3 duration=100 v_th=-55,-54,-53", &[]), 3);
    assert_eq!(figure.panels.len(), 4);
    for (n, panel) in figure.panels.iter().take(3).enumerate() {
        assert_eq!(panel.title, format!("neuron {n}"));
        let level = panel.series.iter().find_map(|series| match series.shape {
            Shape::Level(level) => Some(level),
            _ => None,
        });
        assert_eq!(level, Some(-55.0 + n as f64));
    }
    assert_eq!(names(&figure.panels[3]), ["neuron 0", "neuron 1", "neuron 2"]);
    // References are those of their own lines.
    let sweeps = ["tau_m=10,20", "stimulus.amplitude=150,250,350"];
    let grid = experiment("neurons=10 duration=1s from=200", &sweeps);
    let sweeps = sweeps.map(|text| Sweep::parse(text).unwrap());
    let references = loligo::comparison::without_noise(&grid, &sweeps);
    assert_eq!(references.len(), 2);
    let of = |line: usize| references[line].iter().map(|point| point.1).collect::<Vec<_>>();
    assert!(of(0)[2] > 1.5 * of(1)[2] && of(1)[2] > 0.0, "{references:?}");
    let found = results(&grid);
    let figures = loligo::output::compare::files(&found, grid_of(&sweeps, &references)).draw();
    let rate = figures.iter().find(|figure| figure.name == "rate").unwrap();
    assert_eq!(names(&rate.panels[0]), ["tau_m = 10 ms", "tau_m = 20 ms"]);
    let dashed =
        |series: &&loligo::plot::Series| matches!(series.shape, Shape::Line { dashed: true, .. });
    let dashed: Vec<_> = rate.panels[0].series.iter().filter(dashed).collect();
    assert_eq!(dashed.len(), 2);
    assert!(dashed[0].colour != dashed[1].colour);
    // One for all where only the noise differs.
    let sweeps = ["noise.sigma=1,3", "stimulus.amplitude=150,250,350"];
    let grid = experiment("neurons=10 duration=1s from=200", &sweeps);
    let sweeps = sweeps.map(|text| Sweep::parse(text).unwrap());
    let references = loligo::comparison::without_noise(&grid, &sweeps);
    let found = results(&grid);
    let figures = loligo::output::compare::files(&found, grid_of(&sweeps, &references)).draw();
    let rate = figures.iter().find(|figure| figure.name == "rate").unwrap();
    assert_eq!(
        names(&rate.panels[0]),
        ["noise.sigma = 1 pA·√s", "noise.sigma = 3 pA·√s", "no noise"]
    );
    let intervals = figures.iter().find(|figure| figure.name == "intervals").unwrap();
    assert!(intervals.title.contains("at stimulus.amplitude = 250 pA"), "{}", intervals.title);
    // Levels that are chosen are shown, and told where they differ.
    let levels = ["noise.sigma=3", "stimulus.amplitude=150,350"];
    let levels = levels.map(|text| Sweep::parse(text).unwrap());
    let chosen = Grid { levels: &levels, ..grid_of(&sweeps, &references) };
    let figures = loligo::output::compare::files(&found, chosen).draw();
    let panel = |name: &str| {
        let figure = figures.iter().find(|figure| figure.name == name).unwrap();
        (names(&figure.panels[0]), figure.title.as_str())
    };
    assert_eq!(panel("rate").0, ["noise.sigma = 3 pA·√s", "no noise"]);
    assert!(panel("rate").1.contains("1 of 2 lines"), "{}", panel("rate").1);
    assert_eq!(
        panel("spectrum").0,
        [
            "noise.sigma = 3 pA·√s, stimulus.amplitude = 150 pA",
            "noise.sigma = 3 pA·√s, stimulus.amplitude = 350 pA"
        ]
    );
}

#[test]
fn populations_go_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let toml = "neurons = 5\nduration = \"300 ms\"\n[[population]]\nname = \"pyramidal\"\n[[population]]\nname = \"basket\"\n\
                tau_m = 5\n[[population]]\nname = \"chandelier\"\n";
    std::fs::write(folder.path().join("e.toml"), toml).unwrap();
    let run = "compare e.toml --sweep stimulus.amplitude=230,300 --figures svg --out o";
    let output = loligo(folder.path(), run);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for figure in ["rate", "cv", "intervals", "spectrum"] {
        let svg = std::fs::read_to_string(folder.path().join(format!("o/{figure}.svg"))).unwrap();
        for name in ["pyramidal", "basket", "chandelier"] {
            assert!(svg.contains(name), "{figure}: {name}");
        }
        assert!(!svg.contains("population 1"), "{figure}");
    }
}

#[test]
fn figures_come_in_the_formats_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let run = "run --neurons 5 --duration 200 --out";
    let names = |out: &str| {
        let entries = std::fs::read_dir(folder.path().join(out)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut figures: Vec<String> = names.filter(|name| name.starts_with("raster")).collect();
        figures.sort();
        figures
    };
    for (figures, expected) in [
        ("", vec!["raster.png"]),
        ("--figures svg,pdf", vec!["raster.pdf", "raster.svg"]),
        ("--figures png,svg,pdf", vec!["raster.pdf", "raster.png", "raster.svg"]),
        ("--figures none", vec![]),
    ] {
        let out = format!("o{}", figures.len());
        let output = loligo(folder.path(), &format!("{run} {out} {figures}"));
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(names(&out), expected);
    }
    let pdf = std::fs::read(folder.path().join("o17/raster.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF"));
    // The same bytes again.
    let again = loligo(folder.path(), &format!("{run} again --figures png,svg,pdf"));
    assert!(again.status.success());
    for name in ["raster.png", "raster.svg", "raster.pdf"] {
        let read = |out: &str| std::fs::read(folder.path().join(out).join(name)).unwrap();
        assert!(read("o21") == read("again"), "{name}");
    }
    let output = loligo(folder.path(), "run --neurons 2 --duration 20 --figures jpg");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("png, svg and pdf"), "{}", text(&output.stderr));
    assert!(!folder.path().join("loligo-out").exists());
}
