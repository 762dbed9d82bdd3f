//! HDF5 files, and with them MATLAB's MAT-files of version 7.3: datasets of numbers in at most two dimensions.
//!
//! MATLAB marks its variables by attributes (`MATLAB_class`, `MATLAB_empty`, `MATLAB_sparse`) and stores columns
//! first: a dataset's shape is (columns, rows). Other programs store rows first.

use hdf5_pure::{AttrValue, DType, Dataset};

use super::format::{Contents, Format};
use super::variable::{
    Entry, Kind, MOST_NUMBERS, MOST_PER_BYTE, Variable, last_of_each, transposed,
};

struct Hdf5 {
    file: hdf5_pure::File,
    variables: Vec<(Entry, Layout)>,
}

/// How the numbers of a dataset lie.
#[derive(Clone, Copy)]
struct Layout {
    columns_first: bool,
}

pub fn open(bytes: Vec<u8>) -> Result<Contents, String> {
    let broken = |error: hdf5_pure::Error| format!("the HDF5 file is broken: {error}");
    let most = bytes.len().saturating_mul(MOST_PER_BYTE).min(MOST_NUMBERS);
    let file = hdf5_pure::File::from_bytes(bytes).map_err(broken)?;
    let mut variables = Vec::new();
    for name in file.root().datasets().map_err(broken)? {
        variables.push(match file.dataset(&name) {
            Ok(dataset) => entry(&name, &dataset, most),
            Err(error) => (Entry::unreadable(name, format!("is broken: {error}")), NATURAL),
        });
    }
    for name in file.root().groups().map_err(broken)? {
        // MATLAB's own cupboards.
        if !name.starts_with('#') {
            variables.push((Entry::other(name, "a structure"), NATURAL));
        }
    }
    let variables = last_of_each(variables);
    let entries = variables.iter().map(|(entry, _)| entry.clone()).collect();
    Ok((entries, Box::new(Hdf5 { file, variables })))
}

const NATURAL: Layout = Layout { columns_first: false };

/// What a dataset is; `most` is how many numbers a chunk of it may have.
fn entry(name: &str, dataset: &Dataset, most: usize) -> (Entry, Layout) {
    let unreadable = |why: String| (Entry::unreadable(name, why), NATURAL);
    let attributes = match dataset.attrs() {
        Ok(attributes) => attributes,
        Err(error) => return unreadable(format!("is broken: {error}")),
    };
    let class = attributes.get("MATLAB_class").and_then(AttrValue::as_str);
    let layout = Layout { columns_first: class.is_some() };
    match class {
        Some("char") => return (Entry::other(name, "text"), layout),
        Some("cell") => return (Entry::other(name, "a cell array"), layout),
        Some("struct") => return (Entry::other(name, "a structure"), layout),
        Some("function_handle") => return (Entry::other(name, "a function"), layout),
        None | Some("double" | "single" | "logical") => {}
        Some(class) if class.starts_with("int") || class.starts_with("uint") => {}
        Some(_) => return (Entry::other(name, "an object"), layout),
    }
    match dataset.dtype() {
        Ok(
            DType::F32
            | DType::F64
            | DType::I8
            | DType::I16
            | DType::I32
            | DType::I64
            | DType::U8
            | DType::U16
            | DType::U32
            | DType::U64
            // A truth value, as h5py writes it.
            | DType::Enum(_),
        ) => {}
        Ok(DType::String | DType::VariableLengthString) => {
            return (Entry::other(name, "text"), layout);
        }
        Ok(DType::Compound(fields)) if fields.len() == 2 => {
            return unreadable("holds complex numbers".into());
        }
        Ok(_) => return (Entry::other(name, "records"), layout),
        Err(error) => return unreadable(format!("is broken: {error}")),
    }
    // MATLAB stores the dimensions of an empty array as its data.
    let is_empty = attributes.get("MATLAB_empty").is_some_and(|mark| {
        !matches!(mark, AttrValue::U8(0) | AttrValue::I8(0) | AttrValue::U32(0) | AttrValue::U64(0))
    });
    if is_empty {
        return (Entry::numbers(name, 0, 0), layout);
    }
    let shape: Vec<usize> = match dataset.shape() {
        Ok(shape) => shape.into_iter().map(|n| usize::try_from(n).unwrap_or(usize::MAX)).collect(),
        Err(error) => return unreadable(format!("is broken: {error}")),
    };
    // A chunk is unpacked whole, however little of it is in the dataset.
    let chunk = dataset.chunk_shape().ok().flatten().unwrap_or_default();
    let chunk = chunk.iter().try_fold(1u64, |all, &n| all.checked_mul(n));
    if chunk.is_none_or(|count| count > most as u64) {
        return unreadable("has chunks of more numbers than its file can hold".into());
    }
    let (rows, columns) = match (&shape[..], layout.columns_first) {
        ([], _) => (1, 1),
        (&[n], _) => (1, n),
        (&[columns, rows], true) | (&[rows, columns], false) => (rows, columns),
        _ => return unreadable(format!("has {} dimensions, more than two", shape.len())),
    };
    (Entry::numbers(name, rows, columns), layout)
}

impl Format for Hdf5 {
    fn read(&self, n: usize) -> Result<Variable, String> {
        let (Entry { name, shape: (rows, columns), .. }, layout) = &self.variables[n];
        debug_assert_eq!(self.variables[n].0.kind, Kind::Numbers);
        let broken = |error: hdf5_pure::Error| format!("`{name}` is broken: {error}");
        let values = self.file.dataset(name).and_then(|data| data.read_f64()).map_err(broken)?;
        if values.len() != rows * columns {
            let message = format!("{rows} x {columns}, but has {} numbers", values.len());
            return Err(format!("`{name}` is {message}"));
        }
        let is_matrix = *rows > 1 && *columns > 1;
        let values = match layout.columns_first && is_matrix {
            true => transposed(&values, *columns, *rows),
            false => values,
        };
        Ok(Variable::matrix(name, *rows, *columns, values))
    }
}
