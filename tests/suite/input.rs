//! Are recordings read right, and broken ones refused?

use std::io::Write;
use std::path::{Path, PathBuf};

use super::cli::{loligo, text};
use super::common::{number, numbers, reference};
use loligo::analysis::signal::{Method, Scaling, spectrum};
use loligo::input::text::Options;
use loligo::input::{DataFile, Kind, Variable};
use proptest::prelude::*;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// All variables with numbers.
fn parse(bytes: &[u8]) -> Result<Vec<Variable>, String> {
    let file =
        DataFile::parse(bytes.to_vec(), &Options::unknown("--")).map_err(|why| why.to_string())?;
    let numbers = file.entries().iter().enumerate().filter(|(_, e)| e.kind == Kind::Numbers);
    numbers.map(|(n, _)| file.read(n).map_err(|error| error.to_string())).collect()
}

fn json(arguments: &str) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    let output = loligo(folder.path(), &format!("{arguments} --json"));
    assert!(output.status.success(), "{arguments}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs().max(1e-12)
}

#[test]
fn periodograms_are_those_of_the_reference() {
    for case in reference("spectrum.json")["cases"].as_array().unwrap() {
        let file = data(case["file"].as_str().unwrap());
        let variable = case["variable"].as_str().unwrap();
        let ours = json(&format!("spectrum {} --variable {variable}", file.display()));
        for field in ["df_hz", "nyquist_hz", "n", "dt_s", "variance"] {
            assert!(close(number(&ours[field]), number(&case[field])), "{field}: {}", ours[field]);
        }
        let power = numbers(&ours["power"]);
        assert_eq!(power.len() as f64, number(&case["points"]));
        assert!(close(power.iter().sum(), number(&case["sum"])));
        for sample in case["samples"].as_array().unwrap() {
            let k = number(&sample["index"]) as usize;
            assert!(close(power[k], number(&sample["S"])), "{sample}: {}", power[k]);
            assert!(close(number(&ours["frequency_hz"][k]), number(&sample["f_hz"])));
        }
        let strongest = &case["strongest"][0];
        let k = (0..power.len()).max_by(|a, b| power[*a].total_cmp(&power[*b])).unwrap();
        assert!(close(number(&ours["frequency_hz"][k]), number(&strongest["f_hz"])));
    }
}

#[test]
fn scipys_scaling_is_scipys() {
    let reference = reference("spectra.json");
    let (signal, dt) = (numbers(&reference["signal"]), number(&reference["dt_s"]));
    for (name, method) in [
        ("periodogram", Method::Periodogram),
        ("welch_128", Method::Welch { segment: 128 }),
        ("multitaper_nw4_k7", Method::Multitaper { nw: 4.0, tapers: 7 }),
    ] {
        let ours = spectrum(&signal, dt, method, Scaling::Scipy);
        let theirs = numbers(&reference[name]);
        assert_eq!(ours.power.len(), theirs.len(), "{name}");
        let largest = theirs.iter().copied().fold(0.0, f64::max);
        for (k, (a, b)) in ours.power.iter().zip(&theirs).enumerate() {
            assert!((a - b).abs() < 1e-9 * largest, "{name} {k}: {a} is not {b}");
        }
        // Kramer's scaling differs at DC and Nyquist only, by the factor 2.
        let kramer = spectrum(&signal, dt, method, Scaling::Kramer);
        assert!((1..kramer.power.len()).all(|k| close(kramer.power[k], ours.power[k])));
        assert!((kramer.power[0] - 2.0 * ours.power[0]).abs() < 1e-9 * largest);
    }
}

#[test]
fn recorded_intervals_are_those_of_the_reference() {
    let reference = reference("isi.json");
    for (name, case) in reference["cases"].as_object().unwrap() {
        let ours =
            json(&format!("intervals {} --variable {name}", data("08_spikes-1.mat").display()));
        for (theirs, field) in [
            ("spikes", "spikes"),
            ("mean", "mean_s"),
            ("std", "std_s"),
            ("median", "median_s"),
            ("min", "min_s"),
            ("max", "max_s"),
            ("cv", "cv"),
            ("cv2", "cv2"),
            ("lv", "lv"),
        ] {
            assert!(
                close(number(&ours[field]), number(&case[theirs])),
                "{name} {field}: {}",
                ours[field]
            );
        }
    }
    // Kramer and Eden, chapter 8: Fano factors of 50 ms windows over 30 s, 0.72 and 1.78.
    for (name, fano) in [("SpikesLow", 0.72), ("SpikesHigh", 1.78)] {
        let file = data("08_spikes-1.mat");
        let ours = json(&format!("intervals {} --variable {name} --duration 30", file.display()));
        assert!((number(&ours["fano"]) - fano).abs() < 0.006, "{name}: {}", ours["fano"]);
    }
}

/// The same matrix, 2 x 3, in every format.
fn in_every_format() -> Vec<(&'static str, Vec<u8>)> {
    let rows = [[1.0, 2.5, -3.0], [4.0, 5.0, 6e-3]];
    let flat: Vec<f64> = rows.concat();
    let npy = |order: npyz::Order, values: &[f64]| {
        use npyz::WriterBuilder;
        let mut bytes = Vec::new();
        let options = npyz::WriteOptions::new().default_dtype().shape(&[2, 3]).order(order);
        let mut writer = options.writer(&mut bytes).begin_nd().unwrap();
        writer.extend(values.iter().copied()).unwrap();
        writer.finish().unwrap();
        bytes
    };
    let columns_first = [1.0, 4.0, 2.5, 5.0, -3.0, 6e-3];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("x.npy", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&npy(npyz::Order::C, &flat)).unwrap();
    let npz = zip.finish().unwrap().into_inner();
    let mut hdf5 = hdf5_pure::FileBuilder::new();
    // MATLAB's order of dimensions.
    let class = hdf5_pure::AttrValue::AsciiString("double".into());
    let dataset = hdf5.create_dataset("x").with_f64_data(&columns_first).with_shape(&[3, 2]);
    dataset.set_attr("MATLAB_class", class);
    // Others than MATLAB store rows first.
    let mut rows_first = hdf5_pure::FileBuilder::new();
    rows_first.create_dataset("x").with_f64_data(&flat).with_shape(&[2, 3]);
    let element = |kind: u32, bytes: &[u8]| {
        let mut element = [kind.to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat();
        element.extend_from_slice(bytes);
        element.resize(element.len().next_multiple_of(8), 0);
        element
    };
    let data: Vec<u8> = columns_first.iter().flat_map(|x| x.to_le_bytes()).collect();
    let matrix = [
        element(6, &[6, 0, 0, 0, 0, 0, 0, 0]),
        element(5, &[2, 0, 0, 0, 3, 0, 0, 0]),
        // A small element: one byte of text in the tag itself.
        vec![1, 0, 1, 0, b'x', 0, 0, 0],
        element(9, &data),
    ]
    .concat();
    let mut mat = b"MATLAB 5.0 MAT-file".to_vec();
    mat.resize(124, b' ');
    mat.extend_from_slice(&[0, 1, b'I', b'M']);
    let plain = [mat.clone(), element(14, &matrix)].concat();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(&element(14, &matrix)).unwrap();
    let packed = zlib.finish().unwrap();
    let head = [15u32.to_le_bytes(), (packed.len() as u32).to_le_bytes()].concat();
    vec![
        ("npy", npy(npyz::Order::C, &flat)),
        ("npy, columns first", npy(npyz::Order::Fortran, &columns_first)),
        ("npz", npz),
        ("mat v7.3", hdf5.finish().unwrap()),
        ("hdf5", rows_first.finish().unwrap()),
        ("mat v5", plain),
        ("mat v5, compressed", [mat, head, packed].concat()),
    ]
}

#[test]
fn every_format_gives_the_same_matrix() {
    for (format, bytes) in in_every_format() {
        let variables = parse(&bytes).unwrap_or_else(|why| panic!("{format}: {why}"));
        let [variable] = &variables[..] else { panic!("{format}: {variables:?}") };
        assert_eq!((variable.rows, variable.columns), (2, 3), "{format}");
        assert_eq!(variable.values, [1.0, 2.5, -3.0, 4.0, 5.0, 6e-3], "{format}");
    }
    let csv = parse(b"t,x\n0,1\n0.5,2.5\n# a comment\n1,-3\n").unwrap();
    let expected =
        [Variable::vector("t", vec![0.0, 0.5, 1.0]), Variable::vector("x", vec![1.0, 2.5, -3.0])];
    assert_eq!(csv, expected);
}

#[test]
fn wrong_recordings_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("nan.csv", b"t,x\n0,1\n1,nan\n2,3\n");
    write("unequal.csv", b"t,x\n0,1\n1,2\n3,3\n");
    write("untimed.csv", b"x\n1\n2\n3\n");
    write("words.csv", b"t,x\n0,1\n1,two\n");
    write("empty.csv", b"");
    write("falling.csv", b"0.3\n0.1\n");
    write("negative.csv", b"-1\n2\n");
    write("ragged.csv", b"1,2\n3\n");
    let eeg = std::fs::read(data("EEG-2.mat")).unwrap();
    write("cut.mat", &eeg[..eeg.len() / 2]);
    write("EEG-2.mat", &eeg);
    write("noise.bin", &(0..=255u8).cycle().take(4000).collect::<Vec<_>>());
    for (arguments, said) in [
        ("spectrum missing.mat", "cannot be read"),
        ("spectrum nan.csv", "`x` has NaN at index 1"),
        ("spectrum unequal.csv", "not at equal distances"),
        ("spectrum untimed.csv", "--rate"),
        ("spectrum untimed.csv --rate 0", "above 0"),
        ("spectrum untimed.csv --dt 3mV", "a voltage"),
        ("spectrum words.csv", "line 3 has `two`"),
        ("spectrum empty.csv", "no numbers"),
        ("spectrum ragged.csv --rate 1", "--delimiter"),
        ("spectrum cut.mat", "cut"),
        ("spectrum noise.bin", "format"),
        ("spectrum EEG-2.mat --variable EGG", "did you mean `EEG`"),
        ("spectrum EEG-2.mat --method welch --segment 5000", "from 2 to 1000"),
        ("spectrum EEG-2.mat --method multitaper --nw 900", "NW must be"),
        ("intervals falling.csv", "sort the spike times"),
        ("intervals negative.csv", "no spike time"),
    ] {
        let output = loligo(folder.path(), arguments);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {message}");
        assert!(message.contains(said), "{arguments}: {message}");
    }
    assert!(!folder.path().join("loligo-out").exists(), "nothing was written");
    let two = loligo(&data(""), "intervals 08_spikes-1.mat --json");
    assert!(text(&two.stderr).contains("`SpikesLow` (1 x 750)"), "{}", text(&two.stderr));
}

#[test]
fn recordings_make_figures() {
    let folder = tempfile::tempdir().unwrap();
    let eeg = data("EEG-2.mat");
    let run = format!("spectrum {} --variable EEG --out s", eeg.display());
    assert!(loligo(folder.path(), &run).status.success());
    let run =
        format!("intervals {} --variable SpikesLow --out i", data("08_spikes-1.mat").display());
    assert!(loligo(folder.path(), &run).status.success());
    for file in [
        "s/spectrum.png",
        "s/spectrum.csv",
        "s/spectrogram.png",
        "s/spectrogram.npz",
        "s/summary.json",
        "i/intervals.png",
        "i/summary.json",
    ] {
        assert!(folder.path().join(file).exists(), "{file}");
    }
}

#[test]
fn huge_claims_reserve_nothing() {
    // A header of 10^12 numbers over no data.
    let mut npy = b"\x93NUMPY\x01\x00v\x00".to_vec();
    npy.extend_from_slice(
        format!(
            "{:<117}\n",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"
        )
        .as_bytes(),
    );
    assert!(parse(&npy).unwrap_err().contains("shorter"));
    let (_, mut mat) = in_every_format().swap_remove(5);
    // The dimensions of the matrix, 2^31 x 3.
    let at = mat.windows(8).position(|w| w == [2, 0, 0, 0, 3, 0, 0, 0]).unwrap();
    mat[at..at + 4].copy_from_slice(&0x8000_0000u32.to_le_bytes());
    assert!(parse(&mat).unwrap_err().contains("more than 2^27 numbers"));
    mat[at..at + 4].copy_from_slice(&3u32.to_le_bytes());
    assert!(parse(&mat).unwrap_err().contains("but has 6 numbers"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// Whatever is done to a file, reading it gives numbers or a message, never a panic.
    #[test]
    fn broken_files_never_panic(
        which in 0usize..9,
        cut in 0.0f64..1.2,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
    ) {
        let mut files = in_every_format();
        files.push(("a recording", std::fs::read(data("08_spikes-1.mat")).unwrap()));
        files.push(("csv", b"t,x\n0,1\n0.5,2.5\n1,-3\n".to_vec()));
        let (_, mut bytes) = files.swap_remove(which);
        bytes.truncate((bytes.len() as f64 * cut) as usize);
        for (place, byte) in changes {
            if !bytes.is_empty() {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
        }
        let _ = parse(&bytes);
    }
}
