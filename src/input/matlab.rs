//! MATLAB's MAT-files up to version 7 ("Level 5"), compressed or not: real numeric arrays of at
//! most two dimensions. Others (structs, cells, text) are passed over.
//!
//! Format: "MAT-File Format", The MathWorks, chapter 1. A header of 128 bytes, then elements; an
//! element is a tag (type, number of bytes) and data, padded to 8 bytes.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

use super::{MOST_NUMBERS, Read, Variable, npy::transposed};

const HEADER: usize = 128;

/// Types of elements.
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;

/// Classes of arrays: double, single, and the integers from 8 to 64 bits.
const NUMERIC_CLASSES: std::ops::RangeInclusive<u8> = 6..=15;

/// Whether a file has the header of a Level 5 MAT-file.
pub fn is_v5(bytes: &[u8]) -> bool {
    bytes.len() >= HEADER
        && matches!(&bytes[126..128], b"IM" | b"MI")
        && bytes[124..126].contains(&1)
}

pub fn parse(bytes: &[u8]) -> Read {
    let big_endian = &bytes[126..128] == b"MI";
    let mut elements = Elements { bytes: &bytes[HEADER..], big_endian };
    let mut variables = Vec::new();
    while let Some(element) = elements.next()? {
        match element.kind {
            MATRIX => variables.extend(matrix(element.bytes, big_endian)?),
            COMPRESSED => {
                let mut unpacked = Vec::new();
                let most = 8 * MOST_NUMBERS as u64 + 1;
                ZlibDecoder::new(element.bytes)
                    .take(most)
                    .read_to_end(&mut unpacked)
                    .map_err(|error| format!("a compressed variable is broken: {error}"))?;
                if unpacked.len() as u64 == most {
                    return Err("a compressed variable is larger than 2 GiB".into());
                }
                // One level only: a compressed element within a compressed one is no MAT-file.
                let mut inner = Elements { bytes: &unpacked, big_endian };
                if let Some(Element { kind: MATRIX, bytes }) = inner.next()? {
                    variables.extend(matrix(bytes, big_endian)?);
                }
            }
            _ => {}
        }
    }
    Ok(variables)
}

struct Element<'a> {
    kind: u32,
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
        let element = Element { kind, bytes: &self.bytes[start..end] };
        self.bytes = &self.bytes[next..];
        Ok(Some(element))
    }
}

fn word(bytes: &[u8], big_endian: bool) -> u32 {
    let bytes = [bytes[0], bytes[1], bytes[2], bytes[3]];
    if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
}

/// A matrix element: flags, dimensions, name, real part. None if it is not a real numeric array.
fn matrix(bytes: &[u8], big_endian: bool) -> Result<Option<Variable>, String> {
    let mut parts = Elements { bytes, big_endian };
    let (Some(flags), Some(dimensions), Some(name)) = (parts.next()?, parts.next()?, parts.next()?)
    else {
        return Ok(None);
    };
    let name = String::from_utf8_lossy(name.bytes).into_owned();
    let Some(flags) = flags.bytes.first_chunk::<4>() else { return Ok(None) };
    let class = (word(flags, big_endian) & 0xff) as u8;
    if !NUMERIC_CLASSES.contains(&class) {
        return Ok(None);
    }
    let sizes: Vec<usize> =
        dimensions.bytes.chunks_exact(4).map(|size| word(size, big_endian) as usize).collect();
    let (&[rows, columns], Some(data)) = (&sizes[..], parts.next()?) else { return Ok(None) };
    let values =
        numbers(&data, big_endian).ok_or_else(|| format!("`{name}` holds no plain numbers"))?;
    // The dimensions must be those of the data there is.
    if rows.checked_mul(columns) != Some(values.len()) {
        return Err(format!("`{name}` is {rows} x {columns}, but has {} numbers", values.len()));
    }
    Ok(Some(match (rows, columns) {
        (_, 1) => Variable::vector(name, values),
        _ => Variable { name, rows, columns, values: transposed(&values, columns, rows) },
    }))
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
