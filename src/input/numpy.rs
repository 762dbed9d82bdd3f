//! NumPy's .npy and .npz.
//!
//! Format: NEP 1. A magic, a version, the length of a header, the header (a Python dictionary), the numbers.

use std::io::{Cursor, Read};

use npyz::{NpyFile, NpyHeader, Order};

use super::format::{Contents, Format};
use super::variable::{Entry, Kind, MOST_NUMBERS, Variable, last_of_each, transposed};

/// An array, or an archive of arrays.
struct Numpy {
    bytes: Vec<u8>,
    /// Where the arrays are: the index in the archive, or none where the file is the array.
    variables: Vec<(Entry, Option<usize>)>,
}

/// Bytes that the longest header of plain numbers has, with room to spare.
const MOST_HEADER: usize = 10_000;

pub fn open(bytes: Vec<u8>) -> Result<Contents, String> {
    let entry = header(&bytes, bytes.len() as u64).map_or_else(
        |(what, why)| {
            what.map_or_else(|| Entry::unreadable("", why), |what| Entry::other("", what))
        },
        |header| header.entry(""),
    );
    if let Kind::Unreadable(why) = &entry.kind {
        return Err(format!("it {why}"));
    }
    Ok((vec![entry.clone()], Box::new(Numpy { bytes, variables: vec![(entry, None)] })))
}

pub fn open_npz(bytes: Vec<u8>) -> Result<Contents, String> {
    let broken = |error: zip::result::ZipError| format!("the archive is broken: {error}");
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).map_err(broken)?;
    let mut variables = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(broken)?;
        let full = entry.name().map_err(broken)?.into_owned();
        let Some(name) = full.strip_suffix(".npy") else { continue };
        let size = entry.size();
        let mut start = Vec::new();
        let read = entry.take(MOST_HEADER as u64 + 12).read_to_end(&mut start);
        let found = match read {
            Ok(_) => header(&start, size),
            Err(error) => Err((None, format!("is broken: {error}"))),
        };
        let entry = match found {
            Ok(header) => header.entry(name),
            Err((Some(what), _)) => Entry::other(name, what),
            Err((None, why)) => Entry::unreadable(name, why),
        };
        variables.push((entry, Some(index)));
    }
    let variables = last_of_each(variables);
    let entries = variables.iter().map(|(entry, _)| entry.clone()).collect();
    Ok((entries, Box::new(Numpy { bytes, variables })))
}

/// What a header says.
struct Header {
    rows: usize,
    columns: usize,
    columns_first: bool,
    code: String,
}

impl Header {
    fn entry(&self, name: &str) -> Entry {
        Entry::numbers(name, self.rows, self.columns)
    }
}

/// Why an array cannot be read: what it is instead of numbers, or what is wrong with it.
type Refused = (Option<&'static str>, String);

/// The header of an array that has `size` bytes in all, of which `bytes` are the first.
fn header(bytes: &[u8], size: u64) -> Result<Header, Refused> {
    let wrong = |why: &str| (None, why.to_owned());
    let (start, length) = match *bytes {
        [..] if bytes.len() < 12 => return Err(wrong("is cut short")),
        [0x93, b'N', b'U', b'M', b'P', b'Y', 1, _, a, b, ..] => {
            (10, usize::from(u16::from_le_bytes([a, b])))
        }
        [0x93, b'N', b'U', b'M', b'P', b'Y', 2 | 3, _, a, b, c, d, ..] => {
            (12, u32::from_le_bytes([a, b, c, d]) as usize)
        }
        _ => return Err(wrong("is no .npy")),
    };
    if length > MOST_HEADER {
        return Err(wrong("has a header that is too long for an array of numbers"));
    }
    let Some(text) = bytes.get(start..start + length) else { return Err(wrong("is cut short")) };
    // The parser takes time that doubles with each bracket within brackets: plain numbers have a dictionary and a
    // tuple in it.
    let count = |bracket: u8| text.iter().filter(|&&byte| byte == bracket).count();
    if count(b'[') > 0 {
        return Err((Some("records"), String::new()));
    }
    if count(b'{') != 1 || count(b'(') != 1 {
        return Err(wrong("has a broken header"));
    }
    // Nor does it look whether the product of the dimensions can be counted.
    let inside = |byte: u8| text.iter().position(|&other| other == byte);
    let shape = inside(b'(').zip(inside(b')')).and_then(|(open, close)| text.get(open + 1..close));
    let sizes = std::str::from_utf8(shape.unwrap_or_default()).unwrap_or("-").split(',');
    let mut sizes = sizes.map(str::trim).filter(|size| !size.is_empty());
    let count = sizes.try_fold(1u64, |all, size| all.checked_mul(size.parse::<u64>().ok()?.max(1)));
    if count.and_then(|count| count.checked_mul(16)).is_none() {
        return Err(wrong("is broken: its header claims more than there can be"));
    }
    let header = NpyHeader::from_reader(&bytes[..start + length])
        .map_err(|error| (None, format!("has a broken header: {error}")))?;
    let code = header.dtype().descr();
    let code = code.trim_matches('\'').trim_start_matches(['<', '>', '|', '=']).to_owned();
    match code.as_bytes().first() {
        Some(b'f' | b'i' | b'u' | b'b') => {}
        Some(b'c') => return Err(wrong("holds complex numbers")),
        Some(b'U' | b'S' | b'a') => return Err((Some("text"), String::new())),
        Some(b'O') => return Err((Some("Python objects"), String::new())),
        Some(b'M' | b'm') => return Err((Some("dates"), String::new())),
        _ => return Err((Some("records"), String::new())),
    }
    let Some(width) = WIDTHS.iter().find(|(known, _)| *known == code).map(|(_, width)| *width)
    else {
        return Err((None, format!("holds numbers of type `{code}`, which are not read")));
    };
    let shape: Vec<usize> =
        header.shape().iter().map(|&n| usize::try_from(n).unwrap_or(usize::MAX)).collect();
    let (rows, columns) = match shape[..] {
        [] => (1, 1),
        [n] => (1, n),
        [rows, columns] => (rows, columns),
        _ => return Err((None, format!("has {} dimensions, more than two", shape.len()))),
    };
    let wanted = rows.checked_mul(columns).and_then(|count| count.checked_mul(width));
    let wanted = wanted.map(|bytes| bytes as u64);
    if wanted.is_none_or(|wanted| wanted > size.saturating_sub((start + length) as u64)) {
        return Err(wrong("is broken: it is shorter than its header claims"));
    }
    Ok(Header { rows, columns, columns_first: header.order() == Order::Fortran, code })
}

/// Types of numbers and their bytes.
const WIDTHS: [(&str, usize); 11] = [
    ("f8", 8),
    ("f4", 4),
    ("i8", 8),
    ("i4", 4),
    ("i2", 2),
    ("i1", 1),
    ("u8", 8),
    ("u4", 4),
    ("u2", 2),
    ("u1", 1),
    ("b1", 1),
];

impl Format for Numpy {
    fn read(&self, n: usize) -> Result<Variable, String> {
        let (Entry { name, .. }, index) = &self.variables[n];
        let broken = |why: &dyn std::fmt::Display| format!("`{name}` is broken: {why}");
        let unpacked;
        let bytes = match index {
            None => &self.bytes,
            Some(index) => {
                let mut archive =
                    zip::ZipArchive::new(Cursor::new(&self.bytes)).map_err(|e| broken(&e))?;
                let entry = archive.by_index(*index).map_err(|e| broken(&e))?;
                let mut bytes = Vec::new();
                let most = (8 * MOST_NUMBERS + MOST_HEADER) as u64;
                entry.take(most).read_to_end(&mut bytes).map_err(|e| broken(&e))?;
                unpacked = bytes;
                &unpacked
            }
        };
        let Header { rows, columns, columns_first, code } =
            header(bytes, bytes.len() as u64).map_err(|(_, why)| format!("`{name}` {why}"))?;
        let values = numbers(bytes, &code).map_err(|why| broken(&why))?;
        if values.len() != rows * columns {
            return Err(broken(&"it is shorter than its header claims"));
        }
        let values = match columns_first && rows > 1 && columns > 1 {
            true => transposed(&values, columns, rows),
            false => values,
        };
        Ok(Variable::matrix(name, rows, columns, values))
    }
}

/// The numbers of an array, whatever their type.
fn numbers(bytes: &[u8], code: &str) -> Result<Vec<f64>, String> {
    let said = |error: std::io::Error| error.to_string();
    macro_rules! read {
        ($($code:literal => $type:ty),+) => {
            match code {
                $($code => {
                    let data = NpyFile::new(bytes).map_err(said)?.data::<$type>().map_err(|e| e.to_string())?;
                    data.map(|x| x.map(|x| x as f64).map_err(said)).collect()
                })+
                _ => {
                    let data = NpyFile::new(bytes).map_err(said)?.data::<bool>().map_err(|e| e.to_string())?;
                    data.map(|x| x.map(|x| f64::from(u8::from(x))).map_err(said)).collect()
                }
            }
        };
    }
    read!(
        "f8" => f64, "f4" => f32, "i8" => i64, "i4" => i32, "i2" => i16, "i1" => i8,
        "u8" => u64, "u4" => u32, "u2" => u16, "u1" => u8
    )
}
