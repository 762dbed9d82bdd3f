//! Are files of other programs read for what they are, and never guessed at?

use std::path::Path;

use super::cli::{loligo, text};
use loligo::input::text::{Delimiter, Options};
use loligo::input::{DataFile, Kind};

const UNKNOWN: Options = Options { delimiter: None, decimal: None, header: None, prefix: "--" };

/// The variables of a table: names and numbers.
type Columns = Vec<(String, Vec<f64>)>;

fn table(bytes: &[u8], options: Options) -> Result<Columns, String> {
    let file = DataFile::parse(bytes.to_vec(), &options).map_err(|why| why.to_string())?;
    let read = |n| file.read(n).map_err(|error| error.to_string());
    let all = (0..file.entries().len()).map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().map(|variable| (variable.name, variable.values)).collect())
}

fn columns(columns: &[(&str, &[f64])]) -> Columns {
    columns.iter().map(|(name, values)| ((*name).to_owned(), values.to_vec())).collect()
}

#[test]
fn tables_are_read_as_people_export_them() {
    let two = columns(&[("t", &[0.0, 0.5]), ("x", &[1.5, -2.0])]);
    let with_units = columns(&[("t (s)", &[0.0, 0.5]), ("x (mV)", &[1.5, -2.0])]);
    let latin1 = columns(&[("t", &[0.0, 0.5]), ("x (\u{b5}V)", &[1.5, -2.0])]);
    let wide: Vec<u8> =
        "\u{feff}t\tx\n0\t1,5\n0,5\t-2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: Vec<(&[u8], &Columns)> = vec![
        (b"t,x\n0,1.5\n0.5,-2\n", &two),
        (b"t;x\n0;1.5\n0.5;-2\n", &two),
        (b"t;x\n0,0;1,5\n0,5;-2\n", &two),
        (b"t\tx\n0\t1,5\n0,5\t-2\n", &two),
        (b"t x\n0 1.5\n0.5   -2\n", &two),
        (b"  t   x\n  0   1.5\n  0.5 -2.0e0\n", &two),
        (b"\n\n# rat 7, left; CA1\n\nt;x\n0;1.5\n\n# pause\n0.5;-2\n", &two),
        (b"% rat 7\nt,x\r\n0,1.5\r\n0.5,-2\r\n", &two),
        (b"\xef\xbb\xbft,x\n0,1.5\n0.5,-2\n", &two),
        (b"sep=;\nt;x\n0;1.5\n0.5;-2\n", &two),
        (b"\"t\",\"x\"\n\"0\",\"1.5\"\n\"0.5\",\"-2\"\n", &two),
        (b"\"t\",\"x\"\n\"0,0\",\"1,5\"\n\"0,5\",\"-2\"\n", &two),
        (b"# t,x\n0,1.5\n0.5,-2\n", &two),
        (b"t,x,\n0,1.5,\n0.5,-2,\n", &two),
        (b"t,x\n(s),(mV)\n0,1.5\n0.5,-2\n", &with_units),
        (b"t;x\ns;mV\n0;1,5\n0,5;-2\n", &with_units),
        (b"t;x (\xb5V)\n0;1,5\n0,5;-2\n", &latin1),
        (&wide, &two),
    ];
    for (bytes, expected) in cases {
        let shown = String::from_utf8_lossy(bytes);
        assert_eq!(table(bytes, UNKNOWN).as_ref(), Ok(expected), "{shown}");
    }
    // Columns of a spreadsheet end where their neurons stop to fire.
    let short = columns(&[("a", &[0.1, 0.2, 0.3]), ("b", &[0.15])]);
    assert_eq!(table(b"a,b\n0.1,0.15\n0.2,\n0.3,\n", UNKNOWN), Ok(short));
    // One line is one train; one column of decimal commas is one as well.
    let row = columns(&[("row 1", &[0.1, 0.25, 0.4])]);
    assert_eq!(table(b"0.1,0.25,0.4\n", UNKNOWN), Ok(row));
    let column = columns(&[("spikes (s)", &[0.1, 0.25])]);
    assert_eq!(table(b"spikes (s)\n0,1\n0,25\n", UNKNOWN), Ok(column));
}

#[test]
fn what_is_ambiguous_is_asked_for() {
    let either = b"0,1\n0,2\n0,4\n";
    let why = table(either, UNKNOWN).unwrap_err();
    assert!(why.contains("--delimiter or --decimal") && why.contains("`0,4`"), "{why}");
    let one = columns(&[("column 1", &[0.1, 0.2, 0.4])]);
    let two = columns(&[("column 1", &[0.0, 0.0, 0.0]), ("column 2", &[1.0, 2.0, 4.0])]);
    assert_eq!(table(either, Options { decimal: Some(','), ..UNKNOWN }), Ok(one));
    let comma = Delimiter::read("comma").unwrap();
    assert_eq!(table(either, Options { delimiter: Some(comma), ..UNKNOWN }), Ok(two));
    // What tells one of them settles it.
    assert!(table(b"0,1\n0,2\n0.5,4\n", UNKNOWN).is_ok());
    let preamble = b"Axon file\nchannel 1\nt,x\n0,1.5\n0.5,-2\n";
    let why = table(preamble, UNKNOWN).unwrap_err();
    assert!(why.contains("--header"), "{why}");
    let read = table(preamble, Options { header: Some(3), ..UNKNOWN }).unwrap();
    assert_eq!(read[1], ("x".to_owned(), vec![1.5, -2.0]));
    let numbered = b"t,1,2\n0,1.5,3\n0.5,-2,4\n";
    assert!(table(numbered, UNKNOWN).unwrap_err().contains("--header 1"));
    assert_eq!(table(numbered, Options { header: Some(1), ..UNKNOWN }).unwrap()[2].0, "2");
    for (bytes, said) in [
        (&b"t,x\n0,1\n1,two\n"[..], "line 3 has `two`"),
        (b"1.5,2\n3.5\n", "line 2 has 1 fields, not 2"),
        (b"1.234,5;2\n", "holds no numbers"),
        (b"1,2\n3\n", "--decimal"),
        (b"t,x\n0,1.5\n2024-01-01,2\n", "`2024-01-01`"),
        (b"nothing\nat all\n", "holds no numbers"),
        (b"# name: x\n# type: scalar\n1\n", "save -v7"),
    ] {
        let why = table(bytes, UNKNOWN).unwrap_err();
        assert!(why.contains(said), "{}: {why}", String::from_utf8_lossy(bytes));
        assert!(why.len() < 300, "{why}");
    }
}

#[test]
fn times_have_units() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &str| std::fs::write(folder.path().join(name), bytes).unwrap();
    for (header, scale) in [
        ("t", 1.0),
        ("Time", 1.0),
        ("times", 1.0),
        ("t_ms", 1e3),
        ("time (ms)", 1e3),
        ("Time [us]", 1e6),
        ("timestamps/ms", 1e3),
    ] {
        // As the spike times themselves, and as the times of a signal.
        let times: Vec<f64> = [0.1, 0.2, 0.4].map(|t| t * scale).to_vec();
        write("spikes.csv", &format!("{header}\n{}\n{}\n{}\n", times[0], times[1], times[2]));
        let output = loligo(folder.path(), "intervals spikes.csv --json");
        assert!(output.status.success(), "{header}: {}", text(&output.stderr));
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["max_s"], 0.2, "{header}");
        let rows: String =
            (0..8).map(|k| format!("{};{}\n", f64::from(k) * 0.001 * scale, k % 3)).collect();
        write("signal.csv", &format!("{header};v (mV)\n{rows}"));
        let output = loligo(folder.path(), "spectrum signal.csv --json");
        assert!(output.status.success(), "{header}: {}", text(&output.stderr));
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["dt_s"], 0.001, "{header}");
    }
    write("volts.csv", "v (mV)\n1\n2\n");
    let output = loligo(folder.path(), "intervals volts.csv");
    assert!(text(&output.stderr).contains("a voltage"), "{}", text(&output.stderr));
    // Flags take units, and a train without spikes has a duration.
    write("none.csv", "");
    write("header.csv", "t\n");
    for file in ["none.csv", "header.csv"] {
        let output = loligo(folder.path(), &format!("intervals {file} --duration 10s --json"));
        assert!(text(&output.stdout).contains("\"spikes\": 0"), "{}", text(&output.stderr));
        let output = loligo(folder.path(), &format!("intervals {file}"));
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("--duration"), "{}", text(&output.stderr));
    }
    let run = "intervals spikes.csv --duration 10s --window 50ms --json";
    assert!(text(&loligo(folder.path(), run).stdout).contains("\"fano_window_s\": 0.05"));
    let run = "spectrum signal.csv --variable v --rate 1kHz --method welch --segment 4ms --json";
    assert!(text(&loligo(folder.path(), run).stdout).contains("\"df_hz\": 250.0"));
}

/// A MATLAB v5 file of variables: name, class and flags, numbers.
fn matlab5(variables: &[(&str, u32, &[f64])]) -> Vec<u8> {
    let element = |kind: u32, bytes: &[u8]| {
        let mut element = [kind.to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat();
        element.extend_from_slice(bytes);
        element.resize(element.len().next_multiple_of(8), 0);
        element
    };
    let mut file = b"MATLAB 5.0 MAT-file".to_vec();
    file.resize(124, b' ');
    file.extend_from_slice(&[0, 1, b'I', b'M']);
    for (name, flags, values) in variables {
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        let sizes = [1u32.to_le_bytes(), (values.len() as u32).to_le_bytes()].concat();
        let matrix = [
            element(6, &[flags.to_le_bytes(), [0; 4]].concat()),
            element(5, &sizes),
            element(1, name.as_bytes()),
            element(9, &bytes),
        ];
        file.extend(element(14, &matrix.concat()));
    }
    file
}

#[test]
fn variables_are_told_apart_by_the_files_own_marks() {
    const DOUBLE: u32 = 6;
    let kind = |flags: u32| {
        let file = matlab5(&[("x", flags, &[1.0, 2.0])]);
        DataFile::parse(file, &UNKNOWN).unwrap().entries()[0].kind.clone()
    };
    assert_eq!(kind(DOUBLE), Kind::Numbers);
    assert_eq!(kind(DOUBLE | 0x0200), Kind::Numbers, "logical");
    assert_eq!(kind(1), Kind::Other("a cell array"));
    assert_eq!(kind(2), Kind::Other("a structure"));
    assert_eq!(kind(4), Kind::Other("text"));
    assert!(matches!(kind(5), Kind::Unreadable(why) if why.contains("sparse")));
    assert!(matches!(kind(DOUBLE | 0x0800), Kind::Unreadable(why) if why.contains("complex")));
    // Text is passed over, a variable that cannot be read is not.
    let choice = |variables: &[(&str, u32, &[f64])]| {
        let file = DataFile::parse(matlab5(variables), &UNKNOWN).unwrap();
        let chosen = file.choose(None, "--variable").and_then(|n| file.read(n));
        chosen.map(|variable| variable.values).map_err(|error| error.to_string())
    };
    assert_eq!(choice(&[("x", DOUBLE, &[1.0, 2.0]), ("note", 4, &[65.0])]), Ok(vec![1.0, 2.0]));
    assert_eq!(choice(&[("x", DOUBLE, &[1.0, 2.0]), ("", DOUBLE, &[7.0])]), Ok(vec![1.0, 2.0]));
    assert_eq!(
        choice(&[("x", DOUBLE, &[1.0, 2.0]), ("t", DOUBLE, &[7.0, 8.0])]),
        Ok(vec![1.0, 2.0])
    );
    let several = choice(&[("x", DOUBLE, &[1.0, 2.0]), ("z", DOUBLE | 0x0800, &[1.0])]);
    assert!(several.unwrap_err().contains("several variables"));
    assert!(choice(&[("z", DOUBLE | 0x0800, &[1.0])]).unwrap_err().contains("complex"));
    // Of one name, the last.
    assert_eq!(choice(&[("x", DOUBLE, &[1.0]), ("x", DOUBLE, &[2.0, 3.0])]), Ok(vec![2.0, 3.0]));
}

/// A MATLAB v7.3 file: name, class, whether it is marked as empty, numbers.
fn matlab73(variables: &[(&str, &str, bool, &[f64])]) -> Vec<u8> {
    let mut file = hdf5_pure::FileBuilder::new();
    for (name, class, is_empty, values) in variables {
        let dataset = file.create_dataset(name).with_f64_data(values);
        dataset.with_shape(&[values.len() as u64, 1]);
        dataset.set_attr("MATLAB_class", hdf5_pure::AttrValue::AsciiString((*class).into()));
        if *is_empty {
            dataset.set_attr("MATLAB_empty", hdf5_pure::AttrValue::U8(1));
        }
    }
    file.finish().unwrap()
}

#[test]
fn the_marks_of_version_7_3_count_as_well() {
    let bytes = matlab73(&[
        ("unit1", "double", false, &[0.1, 0.2, 0.4]),
        ("unit2", "double", true, &[0.0, 1.0]),
        ("note", "char", false, &[65.0, 66.0]),
        ("trials", "cell", false, &[1.0]),
    ]);
    let file = DataFile::parse(bytes, &UNKNOWN).unwrap();
    let kinds: Vec<_> = file.entries().iter().map(|e| (&*e.name, e.kind.clone())).collect();
    assert!(kinds.contains(&("note", Kind::Other("text"))), "{kinds:?}");
    assert!(kinds.contains(&("trials", Kind::Other("a cell array"))));
    assert!(file.spike_times(Some("unit2"), "--variable").unwrap().is_empty());
    assert_eq!(file.spike_times(Some("unit1"), "--variable").unwrap(), [0.1, 0.2, 0.4]);
    assert!(file.spike_times(None, "--variable").unwrap_err().to_string().contains("several"));
    let note = file.spike_times(Some("note"), "--variable").unwrap_err();
    assert!(note.to_string().contains("but text"), "{note}");
}

fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}");
    let mut bytes = b"\x93NUMPY\x01\x00v\x00".to_vec();
    bytes.extend_from_slice(format!("{header:<117}\n").as_bytes());
    bytes.extend_from_slice(data);
    bytes
}

#[test]
fn numpys_arrays_are_what_they_say() {
    use std::io::Write;
    let x: Vec<u8> = [1.0f64, 2.0, 4.0].iter().flat_map(|x| x.to_le_bytes()).collect();
    let archive = |entries: &[(&str, Vec<u8>)]| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            let options = zip::write::SimpleFileOptions::default();
            zip.start_file(format!("{name}.npy"), options).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let whole = npy("'<f8'", "(3,)", &x);
    let choice = |entries: &[(&str, Vec<u8>)]| {
        let file = DataFile::parse(archive(entries), &UNKNOWN).map_err(|why| why.to_string())?;
        let chosen = file.choose(None, "--variable").and_then(|n| file.read(n));
        chosen.map(|variable| variable.values).map_err(|error| error.to_string())
    };
    let numbers = Ok(vec![1.0, 2.0, 4.0]);
    assert_eq!(choice(&[("x", whole.clone())]), numbers);
    assert_eq!(
        choice(&[("x", whole.clone()), ("name", npy("'<U2'", "(1,)", b"a\0\0\0b\0\0\0"))]),
        numbers
    );
    assert_eq!(choice(&[("x", whole.clone()), ("empty", npy("'<f8'", "(0, 5)", b""))]), numbers);
    // Cut short, complex, three dimensions: not passed over.
    for other in [
        whole[..whole.len() - 8].to_vec(),
        npy("'<c16'", "(1,)", &x[..16]),
        npy("'<f8'", "(1, 1, 3)", &x),
    ] {
        let both = choice(&[("x", whole.clone()), ("y", other.clone())]);
        assert!(both.unwrap_err().contains("several variables"));
        assert!(choice(&[("y", other)]).is_err());
    }
    assert_eq!(choice(&[("on", npy("'|b1'", "(3,)", &[1, 0, 1]))]), Ok(vec![1.0, 0.0, 1.0]));
    // Headers that would never end, or ask for more than there is.
    let deep = format!("'<f8', 'x': {}{}", "[".repeat(30), "]".repeat(30));
    let tuples = format!("{}4{}", "(".repeat(25), ",)".repeat(25));
    for bytes in [
        npy(&deep, "(4,)", b""),
        npy("'<f8'", &tuples, b""),
        npy("'<f8'", "(4611686018427387904, 4)", b""),
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}".to_vec(),
    ] {
        let read = DataFile::parse(bytes, &UNKNOWN);
        assert!(read.is_err() || read.is_ok_and(|file| file.choose(None, "").is_err()));
    }
    // Rows without a number in them are none.
    let rows = npy("'<f8'", "(4611686018427387904, 0)", b"");
    assert!(DataFile::parse(rows, &UNKNOWN).is_err());
    let rows = DataFile::parse(npy("'<f8'", "(1000000000000, 0)", b""), &UNKNOWN).unwrap();
    assert!(rows.read(0).unwrap().values.is_empty());
}

#[test]
fn messages_stay_short_and_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let names: Vec<String> = (0..700).map(|n| format!("unit{n}")).collect();
    let values: Vec<&str> = names.iter().map(|_| "0.5").collect();
    write("many.csv", format!("{}\n{}\n", names.join(","), values.join(",")).as_bytes());
    write("escape.csv", b"t,\x1b[31mred\x1b[2J\n0,1\n1,\x1b[0mx\n");
    write(
        "escape.toml",
        b"neurons = 2\nduration = \"20 ms\"\n[[population]]\nname = \"\\u001b[31mred\"\n",
    );
    write("wrong.toml", b"neurons = 2\nduration = \"\\u001b[31m\"\n");
    for run in [
        "intervals many.csv",
        "spectrum many.csv --variable unit --rate 1",
        "intervals escape.csv",
        "run escape.toml --out o",
        "run wrong.toml",
        "compare --sweep stimulus.amplitud=1:3000:1",
    ] {
        let output = loligo(folder.path(), run);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(said.len() < 2000, "{run}: {} bytes", said.len());
        assert!(!said.contains('\x1b'), "{run}: {said:?}");
    }
}

#[test]
fn equal_spike_times_take_no_time() {
    // A double loop over pairs takes minutes for these.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("same.csv"), "0.5\n".repeat(300_000)).unwrap();
    let output = loligo(folder.path(), "intervals same.csv --duration 1 --json");
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn frequencies_are_told_with_all_their_digits() {
    let folder = tempfile::tempdir().unwrap();
    let path: &Path = folder.path();
    let samples: Vec<u8> =
        (0..600_000u32).flat_map(|k| ((k % 1000 * 7919 % 1000) as f32).to_le_bytes()).collect();
    std::fs::write(path.join("x.npy"), npy("'<f4'", "(600000,)", &samples)).unwrap();
    let output = loligo(path, "spectrum x.npy --rate 30kHz --out o --quiet");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let csv = std::fs::read_to_string(path.join("o/spectrum.csv")).unwrap();
    let frequencies: std::collections::HashSet<&str> =
        csv.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(frequencies.len(), 300_000);
    assert!(frequencies.contains("0.15"));
    let run =
        "compare --neurons 2 --duration 50 --sweep stimulus.amplitude=200.0001,200.0002 --out c";
    let output = loligo(path, run);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let csv = std::fs::read_to_string(path.join("c/compare.csv")).unwrap();
    assert!(csv.contains("200.0002"), "{csv}");
}
