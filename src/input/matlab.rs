//! MATLAB's MAT-files up to version 7 ("Level 5"), compressed or not: real numeric arrays of at most two dimensions.
//!
//! Format: "MAT-File Format", The MathWorks, chapter 1. A header of 128 bytes, then elements; an element is a tag
//! (type, number of bytes) and data, padded to 8 bytes. A matrix element holds elements: flags, dimensions, name,
//! real part, imaginary part.

use std::io::Read as _;
use std::ops::Range;

use flate2::read::ZlibDecoder;

use super::format::{Contents, Format};
use super::variable::{Entry, Kind, MOST_NUMBERS, Variable, last_of_each, transposed};

const HEADER: usize = 128;

/// Types of elements.
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;

/// The bit of the flags that says that there is an imaginary part.
const COMPLEX: u32 = 0x0800;

/// Bytes of a matrix element in which its flags, dimensions and name are.
const HEAD: usize = 1024;

/// Whether a file has the header of a Level 5 MAT-file.
pub fn is_v5(bytes: &[u8]) -> bool {
    bytes.len() >= HEADER
        && matches!(&bytes[126..128], b"IM" | b"MI")
        && bytes[124..126].contains(&1)
}

struct Matlab {
    bytes: Vec<u8>,
    big_endian: bool,
    variables: Vec<(Entry, Extent)>,
}

/// Where the content of a matrix element is, and whether it is compressed with its tag.
#[derive(Clone, Debug)]
struct Extent {
    range: Range<usize>,
    is_compressed: bool,
}

pub fn open(bytes: Vec<u8>) -> Result<Contents, String> {
    let big_endian = &bytes[126..128] == b"MI";
    let mut elements = Elements { bytes: &bytes[HEADER..], big_endian };
    let mut variables = Vec::new();
    loop {
        let before = elements.bytes.len();
        let Some(element) = elements.next()? else { break };
        let start = bytes.len() - before + element.start;
        let range = start..start + element.bytes.len();
        match element.kind {
            MATRIX => {
                let head = &element.bytes[..element.bytes.len().min(HEAD)];
                let extent = Extent { range, is_compressed: false };
                variables.extend(entry(head, big_endian).map(|entry| (entry, extent)));
            }
            COMPRESSED => {
                let head = unpacked(element.bytes, HEAD)?;
                // One level only: a compressed element within a compressed one is no MAT-file.
                if head.len() > 8 && word(&head, big_endian) == MATRIX {
                    let extent = Extent { range, is_compressed: true };
                    variables.extend(entry(&head[8..], big_endian).map(|entry| (entry, extent)));
                }
            }
            _ => {}
        }
    }
    let variables = last_of_each(variables);
    let entries = variables.iter().map(|(entry, _)| entry.clone()).collect();
    Ok((entries, Box::new(Matlab { bytes, big_endian, variables })))
}

/// At most the first `most` bytes of what was compressed.
fn unpacked(bytes: &[u8], most: usize) -> Result<Vec<u8>, String> {
    let mut unpacked = Vec::new();
    ZlibDecoder::new(bytes)
        .take(most as u64)
        .read_to_end(&mut unpacked)
        .map_err(|error| format!("a compressed variable is broken: {error}"))?;
    Ok(unpacked)
}

struct Element<'a> {
    kind: u32,
    /// Where the data begin, counted from the element's begin.
    start: usize,
    bytes: &'a [u8],
}

/// The elements in some bytes, one after the other.
struct Elements<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

impl<'a> Elements<'a> {
    fn next(&mut self) -> Result<Option<Element<'a>>, String> {
        const CUT: &str = "it is cut short, or not a MAT-file";
        // Up to 7 bytes of padding may follow the last element.
        if self.bytes.len() < 8 {
            return Ok(None);
        }
        let word = |at: usize| word(&self.bytes[at..at + 4], self.big_endian);
        let (first, second) = (word(0), word(4));
        // Small elements have size and type in one word, and the data in the next.
        let (kind, start, size) = match first >> 16 {
            0 => (first, 8, second as usize),
            size => (first & 0xffff, 4, size as usize),
        };
        let end = start + size;
        if end > self.bytes.len() || (start == 4 && size > 4) {
            return Err(CUT.into());
        }
        // Compressed elements are not padded.
        let next = match (kind, start) {
            (_, 4) => 8,
            (COMPRESSED, _) => end,
            _ => end.next_multiple_of(8).min(self.bytes.len()),
        };
        let element = Element { kind, start, bytes: &self.bytes[start..end] };
        self.bytes = &self.bytes[next..];
        Ok(Some(element))
    }
}

fn word(bytes: &[u8], big_endian: bool) -> u32 {
    let bytes = [bytes[0], bytes[1], bytes[2], bytes[3]];
    if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
}

/// What a matrix element is, by its first bytes; none for the unnamed ones that MATLAB adds for its own use.
fn entry(head: &[u8], big_endian: bool) -> Option<Entry> {
    let mut parts = Elements { bytes: head, big_endian };
    let mut part = || parts.next().ok().flatten();
    let flags = part()?.bytes.first_chunk::<4>().map(|flags| word(flags, big_endian))?;
    let class = flags & 0xff;
    const OPAQUE: u32 = 17;
    if class == OPAQUE {
        // No dimensions here: the name comes next.
        let name = String::from_utf8_lossy(part()?.bytes).into_owned();
        return (!name.is_empty()).then(|| Entry::other(name, "an object"));
    }
    let sizes: Vec<usize> =
        part()?.bytes.chunks_exact(4).map(|size| word(size, big_endian) as usize).collect();
    let name = String::from_utf8_lossy(part()?.bytes).into_owned();
    if name.is_empty() {
        return None;
    }
    Some(match (class, &sizes[..]) {
        (1, _) => Entry::other(name, "a cell array"),
        (2, _) => Entry::other(name, "a structure"),
        (3, _) => Entry::other(name, "an object"),
        (4, _) => Entry::other(name, "text"),
        (5, _) => Entry::unreadable(name, "is a sparse matrix; full(..) makes an array of it"),
        (16, _) => Entry::other(name, "a function"),
        (6..=15, _) if flags & COMPLEX != 0 => Entry::unreadable(name, "holds complex numbers"),
        (6..=15, &[rows, columns]) => Entry::numbers(name, rows, columns),
        (6..=15, sizes) => {
            Entry::unreadable(name, format!("has {} dimensions, more than two", sizes.len()))
        }
        _ => Entry::unreadable(name, format!("is of class {class}, which is not known here")),
    })
}

impl Format for Matlab {
    fn read(&self, n: usize) -> Result<Variable, String> {
        let (entry, Extent { range, is_compressed }) = &self.variables[n];
        debug_assert_eq!(entry.kind, Kind::Numbers);
        let Entry { name, shape: (rows, columns), .. } = entry;
        let bytes = &self.bytes[range.clone()];
        let inner;
        let matrix = match is_compressed {
            true => {
                // Numbers of at most 8 bytes each, and what is before them.
                inner = unpacked(bytes, 8 * MOST_NUMBERS.min(rows * columns) + 2 * HEAD)?;
                inner.get(8..).unwrap_or_default()
            }
            false => bytes,
        };
        let mut parts = Elements { bytes: matrix, big_endian: self.big_endian };
        let mut data = None;
        for _ in 0..4 {
            data = parts.next().map_err(|why| format!("`{name}` is broken: {why}"))?;
        }
        let values = data.and_then(|data| numbers(&data, self.big_endian));
        let values = values.ok_or_else(|| format!("`{name}` holds no plain numbers"))?;
        // The dimensions must be those of the data there is.
        if rows * columns != values.len() {
            return Err(format!(
                "`{name}` is {rows} x {columns}, but has {} numbers",
                values.len()
            ));
        }
        let values = match *rows > 1 && *columns > 1 {
            true => transposed(&values, *columns, *rows),
            false => values,
        };
        Ok(Variable::matrix(name, *rows, *columns, values))
    }
}

/// The numbers of an element, whatever their type.
fn numbers(element: &Element<'_>, big_endian: bool) -> Option<Vec<f64>> {
    macro_rules! read {
        ($type:ty) => {
            element
                .bytes
                .chunks_exact(size_of::<$type>())
                .map(|bytes| {
                    let bytes = bytes.try_into().unwrap_or_default();
                    let value = if big_endian {
                        <$type>::from_be_bytes(bytes)
                    } else {
                        <$type>::from_le_bytes(bytes)
                    };
                    value as f64
                })
                .collect()
        };
    }
    Some(match element.kind {
        1 => read!(i8),
        2 => read!(u8),
        3 => read!(i16),
        4 => read!(u16),
        5 => read!(i32),
        6 => read!(u32),
        7 => read!(f32),
        9 => read!(f64),
        12 => read!(i64),
        13 => read!(u64),
        _ => return None,
    })
}
