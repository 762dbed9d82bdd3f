//! NumPy's .npy and .npz.

use std::io::{Cursor, Read as _};

use npyz::{NpyFile, Order};

use super::{MOST_NUMBERS, Read, Variable};

pub fn parse_npz(bytes: &[u8]) -> Read {
    let broken = |error: zip::result::ZipError| format!("the archive is broken: {error}");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut variables = Vec::new();
    for place in 0..archive.len() {
        let entry = archive.by_index(place).map_err(broken)?;
        let full = entry.name().map_err(broken)?.into_owned();
        let Some(name) = full.strip_suffix(".npy") else { continue };
        let mut array = Vec::new();
        // One byte more than is allowed shows that there are more.
        let most = 8 * MOST_NUMBERS as u64 + 1;
        entry
            .take(most)
            .read_to_end(&mut array)
            .map_err(|error| format!("`{name}` is broken: {error}"))?;
        if array.len() as u64 == most {
            return Err(format!("`{name}` is larger than 2 GiB"));
        }
        // Arrays of text and the like are passed over.
        if let Ok(variable) = parse(&array, name) {
            variables.push(variable);
        }
    }
    Ok(variables)
}

pub fn parse(bytes: &[u8], name: &str) -> Result<Variable, String> {
    let file = NpyFile::new(bytes).map_err(|error| format!("it is no .npy: {error}"))?;
    let shape: Vec<usize> = file.shape().iter().map(|&n| n as usize).collect();
    let column_major = file.order() == Order::Fortran;
    let size = file.dtype().num_bytes().ok_or("it holds no plain numbers")?.max(1);
    let wanted = shape.iter().try_fold(1usize, |all, &n| all.checked_mul(n));
    // The header must not claim more than there is.
    let count = wanted.filter(|&n| n.checked_mul(size).is_some_and(|all| all <= bytes.len()));
    let Some(count) = count else { return Err("it is shorter than its header claims".into()) };
    let values = numbers(bytes, &file.dtype().descr())?;
    if values.len() != count {
        return Err("it is shorter than its header claims".into());
    }
    let (rows, columns) = match shape[..] {
        [] | [_] => (1, count),
        [rows, 1] => (1, rows),
        [rows, columns] => (rows, columns),
        _ => return Err(format!("it has {} dimensions, more than two", shape.len())),
    };
    let values = if column_major && rows > 1 { transposed(&values, columns, rows) } else { values };
    Ok(Variable { name: name.to_owned(), rows, columns, values })
}

/// The numbers of an array, whatever their type.
fn numbers(bytes: &[u8], descr: &str) -> Result<Vec<f64>, String> {
    macro_rules! read {
        ($($code:literal => $type:ty),+) => {
            match descr.trim_matches('\'').trim_start_matches(['<', '>', '|', '=']) {
                $($code => {
                    let file = NpyFile::new(bytes).map_err(|error| error.to_string())?;
                    let data = file.data::<$type>().map_err(|error| error.to_string())?;
                    data.map(|x| x.map(|x| x as f64)).collect::<Result<_, _>>()
                })+
                other => return Err(format!("it holds `{other}`, not numbers")),
            }
        };
    }
    let values: Result<Vec<f64>, std::io::Error> = read!(
        "f8" => f64, "f4" => f32, "i8" => i64, "i4" => i32, "i2" => i16, "i1" => i8,
        "u8" => u64, "u4" => u32, "u2" => u16, "u1" => u8
    );
    values.map_err(|error| format!("it is broken: {error}"))
}

/// Turns columns, one after the other, into rows.
pub fn transposed(columns_first: &[f64], columns: usize, rows: usize) -> Vec<f64> {
    (0..rows)
        .flat_map(|row| (0..columns).map(move |column| columns_first[column * rows + row]))
        .collect()
}
