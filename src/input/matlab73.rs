//! MATLAB's MAT-files of version 7.3, which are HDF5 files: numeric datasets of at most two
//! dimensions. MATLAB stores columns first, so a dataset's shape is (columns, rows).

use super::{MOST_NUMBERS, Read, Variable, npy::transposed};

pub fn parse(bytes: &[u8]) -> Read {
    let broken = |error: hdf5_pure::Error| format!("the HDF5 file is broken: {error}");
    let file = hdf5_pure::File::from_bytes(bytes.to_vec()).map_err(broken)?;
    let mut variables = Vec::new();
    for name in file.root().datasets().map_err(broken)? {
        let dataset = file.dataset(&name).map_err(broken)?;
        let shape: Vec<usize> =
            dataset.shape().map_err(broken)?.into_iter().map(|n| n as usize).collect();
        let (columns, rows) = match shape[..] {
            [] => (1, 1),
            [n] => (n, 1),
            [columns, rows] => (columns, rows),
            _ => continue,
        };
        let count = rows.checked_mul(columns).filter(|&count| count <= MOST_NUMBERS);
        let Some(count) = count else { return Err(format!("`{name}` is larger than 2 GiB")) };
        // Text and structures are passed over.
        let Ok(values) = dataset.read_f64() else { continue };
        if values.len() != count {
            return Err(format!(
                "`{name}` is {rows} x {columns}, but has {} numbers",
                values.len()
            ));
        }
        variables.push(match (rows, columns) {
            (1, _) | (_, 1) => Variable::vector(name, values),
            _ => Variable { name, rows, columns, values: transposed(&values, columns, rows) },
        });
    }
    Ok(variables)
}
