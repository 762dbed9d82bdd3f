//! Spikes written as they come, and in the formats that others read.

use std::path::Path;
use std::process::Command;

use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type};
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::common::{engines, experiment, spikes_of};
use loligo::simulation::simulate_into;
use loligo::sink::{Sink, Spool};
use loligo::spikes::{Spikes, by_time};
use loligo::{Plan, Record};

#[test]
fn a_spool_has_all_spikes_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spikes");
    let texts =
        ["neurons=3000 duration=300 noise.sigma=8", "neurons=40 duration=300 stimulus.amplitude=0"];
    for (text, engine) in
        texts.iter().flat_map(|text| engines().into_iter().map(move |e| (text, e)))
    {
        let experiment = experiment(text);
        let trains = spikes_of(engine.as_ref(), &experiment);
        let wanted = by_time(&trains.iter().collect::<Vec<_>>());
        for words in [None, Some(1), Some(7)] {
            let mut spool = Spool::create(&path).unwrap();
            let plan = Plan { block_words: words, ..Plan::new(Record::None) };
            let sinks = vec![&mut spool as &mut dyn Sink];
            simulate_into(engine.as_ref(), &experiment, plan, sinks, &mut |_| true).unwrap();
            let mut all = Spikes::default();
            let mut take = |some: &Spikes| {
                all.neurons.extend(&some.neurons);
                all.steps.extend(&some.steps);
                Ok(())
            };
            spool.read(&mut take).unwrap();
            assert_eq!(spool.spikes(), wanted.steps.len() as u64);
            assert_eq!(all, wanted, "{text}, {words:?}");
        }
        // What it was for is over.
        assert!(!path.exists());
    }
}

fn loligo(arguments: &[&str], folder: &Path) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loligo"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1").output().unwrap()
}

const TOML: &str = "duration = '300ms'\n[[population]]\nname = 'first'\nneurons = 300\n\
                    [[population]]\nname = 'b/c'\nneurons = 50\nstimulus.amplitude = 300\n\
                    [[population]]\nname = 'silent'\nneurons = 5\nstimulus.amplitude = 0\n";

/// An array of an archive.
fn array<T: npyz::Deserialize>(path: &Path, name: &str) -> Vec<T> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let file = archive.by_name(&format!("{name}.npy")).unwrap();
    npyz::NpyFile::new(file).unwrap().into_vec().unwrap()
}

#[test]
fn all_formats_have_the_same_spikes() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("x.toml"), TOML).unwrap();
    let plain = ["run", "x.toml", "--out", "plain", "--quiet"];
    assert!(loligo(&plain, folder.path()).status.success());
    let all = ["run", "x.toml", "--out", "all", "--quiet", "--format", "npz,parquet,sonata,nwb"];
    let output = loligo(&all, folder.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!at("all/spikes.spool").exists());

    let neurons: Vec<u32> = array(&at("plain/spikes.npz"), "neuron");
    let steps: Vec<u32> = array(&at("plain/spikes.npz"), "step");
    assert!(neurons.len() > 3000);
    assert_eq!(array::<u32>(&at("all/spikes.npz"), "neuron"), neurons);
    assert_eq!(array::<u32>(&at("all/spikes.npz"), "step"), steps);
    assert_eq!(array::<u64>(&at("all/spikes.npz"), "first_neuron"), [0, 300, 350]);
    let text: Vec<Vec<u8>> = array(&at("all/spikes.npz"), "experiment");
    // Without the command line, which the first line has.
    let own = std::fs::read_to_string(at("all/experiment.toml")).unwrap();
    assert_eq!(text[0], own.split_once('\n').unwrap().1.as_bytes());
    // Tables are those of the run that kept its spikes.
    for name in ["histogram.csv", "rate.csv", "intervals.csv"] {
        let [a, b] = ["plain", "all"].map(|run| std::fs::read(at(run).join(name)).unwrap());
        assert_eq!(a, b, "{name}");
    }

    let file = std::fs::File::open(at("all/spikes.parquet")).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let told = reader.metadata().file_metadata().key_value_metadata().unwrap();
    let value =
        |key: &str| told.iter().find(|pair| pair.key == key).unwrap().value.clone().unwrap();
    assert_eq!(value("seed"), "1");
    assert_eq!(value("experiment").as_bytes(), text[0]);
    let rows = reader.get_row_group(0).unwrap();
    let count = neurons.len();
    let (mut times, mut whole, mut names) = (Vec::new(), [Vec::new(), Vec::new()], Vec::new());
    use parquet::column::reader::get_typed_column_reader as typed;
    let column = |n: usize| rows.get_column_reader(n).unwrap();
    typed::<DoubleType>(column(0)).read_records(count, None, None, &mut times).unwrap();
    for (n, numbers) in whole.iter_mut().enumerate() {
        typed::<Int32Type>(column(1 + n)).read_records(count, None, None, numbers).unwrap();
    }
    typed::<ByteArrayType>(column(3)).read_records(count, None, None, &mut names).unwrap();
    assert_eq!(bytemuck::cast_slice::<i32, u32>(&whole[0]), steps);
    assert_eq!(bytemuck::cast_slice::<i32, u32>(&whole[1]), neurons);
    let name = |neuron: u32| if neuron < 300 { "first" } else { "b/c" };
    assert!(names.iter().zip(&neurons).all(|(a, b)| *a == ByteArray::from(name(*b))));
    assert!(times.iter().zip(&steps).all(|(t, step)| (t - 0.1 * f64::from(*step)).abs() < 1e-9));

    let file = hdf5_pure::File::open(at("all/spikes.h5")).unwrap();
    let nodes =
        |name: &str| file.dataset(&format!("spikes/{name}/node_ids")).unwrap().read_u64().unwrap();
    let of = |range: std::ops::Range<u32>| {
        let own = neurons.iter().filter(move |neuron| range.contains(neuron));
        own.map(move |neuron| u64::from(neuron - if *neuron < 300 { 0 } else { 300 }))
            .collect::<Vec<_>>()
    };
    assert_eq!(nodes("first"), of(0..300));
    assert_eq!(nodes("b_c"), of(300..350));
    assert!(nodes("silent").is_empty());
    let first = file.dataset("spikes/first/timestamps").unwrap().read_f64().unwrap();
    let own = times.iter().zip(&neurons).filter(|(_, neuron)| **neuron < 300);
    assert_eq!(first, own.map(|(time, _)| *time).collect::<Vec<_>>());

    let file = hdf5_pure::File::open(at("all/spikes.nwb")).unwrap();
    let numbers = |name: &str| file.dataset(&format!("units/{name}")).unwrap().read_u64().unwrap();
    let seconds = file.dataset("units/spike_times").unwrap().read_f64().unwrap();
    let (ends, populations) = (numbers("spike_times_index"), numbers("population"));
    assert_eq!(file.dataset("units/id").unwrap().read_i64().unwrap(), (0..355).collect::<Vec<_>>());
    let population = |n: usize| u64::from(n >= 300) + u64::from(n >= 350);
    assert!((0..355).all(|n| populations[n] == population(n)));
    assert_eq!((ends.len(), ends[354], ends[349]), (355, count as u64, count as u64));
    let mut begin = 0;
    for (neuron, &end) in ends.iter().enumerate() {
        let own = times.iter().zip(&neurons).filter(|(_, n)| **n as usize == neuron);
        let own: Vec<f64> = own.map(|(time, _)| 1e-3 * time).collect();
        assert_eq!(seconds[begin..end as usize], own, "{neuron}");
        begin = end as usize;
    }
    let kept = file.dataset("scratch/experiment").unwrap().read_u8().unwrap();
    assert_eq!(kept, text[0]);
    let told = file.dataset("session_description").unwrap().read_string().unwrap();
    assert!(told[0].contains("seed 1, 3000 steps of 0.1 ms"), "{told:?}");

    // The same again from its folder.
    assert!(loligo(&["run", "all", "--out", "again", "--quiet"], folder.path()).status.success());
    for name in ["spikes.parquet", "spikes.h5", "spikes.npz", "spikes.nwb"] {
        let [a, b] = ["all", "again"].map(|run| std::fs::read(at(run).join(name)).unwrap());
        assert!(a == b, "{name}");
    }
}

#[test]
fn formats_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&[&str], &str); 3] = [
        (&["--format", "parquett"], "parquett"),
        (
            &["--format", "parquet", "--record", "intervals"],
            "there are no spikes to be written as parquet",
        ),
        (&["--record", "sample:0"], "there is no record `sample:0`"),
    ];
    for (flags, said) in cases {
        let output = loligo(&[&["run", "--duration", "10"], flags].concat(), folder.path());
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(said), "{message}");
    }
    // A sample in another format is written at the end.
    let sample =
        ["run", "--duration", "50", "--record", "sample:9", "--format", "parquet", "--out", "s"];
    assert!(loligo(&sample, folder.path()).status.success());
    assert!(folder.path().join("s/spikes.parquet").exists());
}

/// Of sources whose names are not in the order of the alphabet, and of a model of one's own.
#[test]
fn an_experiment_is_the_same_when_it_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let model = "current = \"pA\"\nparameters = { tau_m = \"10 ms\", g_l = \"10 nS\" }\n[state.v]\n\
                 unit = \"mV\"\nstart = \"0 mV\"\n\"dv/dt\" = \"(I/g_l - v)/tau_m\"\n[spike]\n\
                 when = \"v >= 20 mV\"\nreset = { v = \"0 mV\" }\n";
    std::fs::write(at("mine.toml"), model).unwrap();
    let sources = [
        "sine name=zeta",
        "pink name=theta",
        "expression name=beta current=a*sin(2*pi*f*t) a=50pA f=8Hz",
    ];
    let mut run =
        vec!["run", "--neurons", "200", "--model", "mine.toml", "--quiet", "--out", "one"];
    sources.iter().for_each(|source| run.extend(["--source", source]));
    let output = loligo(&run, folder.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(loligo(&["run", "one", "--quiet", "--out", "two"], folder.path()).status.success());
    for name in ["spikes.npz", "intervals.csv", "raster.png"] {
        let [a, b] = ["one", "two"].map(|run| std::fs::read(at(run).join(name)).unwrap());
        assert!(a == b, "{name}");
    }
    let [a, b] = ["one", "two"].map(|run| {
        let text = std::fs::read_to_string(at(run).join("experiment.toml")).unwrap();
        text.split_once('\n').unwrap().1.to_owned()
    });
    assert_eq!(a, b);
}

/// Without spikes, the spectrum is that of the population; and whose spikes are elsewhere is told where.
#[test]
fn what_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let run = ["run", "--neurons", "100", "--quiet", "--figures", "svg"];
    let done =
        |more: &[&str]| assert!(loligo(&[&run[..], more].concat(), folder.path()).status.success());
    done(&["--record", "intervals", "--out", "sums"]);
    let figure = std::fs::read_to_string(folder.path().join("sums/spectrum.svg")).unwrap();
    assert!(figure.contains("power spectrum of the population"), "{}", &figure[..400]);
    let longest =
        figure.split("d=\"").skip(1).map(|path| path.split('"').next().unwrap().len()).max();
    assert!(longest.unwrap() > 1000, "there is no curve");
    done(&["--format", "parquet", "--out", "table"]);
    for command in ["intervals", "spectrum"] {
        let output = loligo(&[command, "table"], folder.path());
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains("in spikes.parquet"), "{message}");
        assert!(message.contains("--format npz,parquet"), "{message}");
    }
}

/// Names that HDF5 has for itself, and names that come together.
#[test]
fn every_population_has_a_group_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["a/b", "a_b", ".", "..", "a_b_2"];
    let populations: String = (1..)
        .zip(names)
        .map(|(n, name)| format!("[[population]]\nname = '{name}'\nneurons = {}\n", 10 * n))
        .collect();
    std::fs::write(folder.path().join("x.toml"), format!("duration = 200\n{populations}")).unwrap();
    let run = ["run", "x.toml", "--quiet", "--format", "sonata,npz", "--out", "o"];
    let output = loligo(&run, folder.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let neurons: Vec<u32> = array(&folder.path().join("o/spikes.npz"), "neuron");
    let file = hdf5_pure::File::open(folder.path().join("o/spikes.h5")).unwrap();
    let groups = ["a_b", "a_b_2", "population_.", "population_..", "a_b_2_2"];
    let mut first = 0;
    for (n, group) in (1..).zip(groups) {
        let nodes = file.dataset(&format!("spikes/{group}/node_ids")).unwrap().read_u64().unwrap();
        let own = neurons.iter().filter(|neuron| (first..first + 10 * n).contains(*neuron));
        let own: Vec<u64> = own.map(|neuron| u64::from(neuron - first)).collect();
        assert!(own.len() > 20);
        assert_eq!(nodes, own, "{group}");
        first += 10 * n;
    }
}
