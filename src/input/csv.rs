//! CSV: columns of numbers, with or without a header line.

use super::{Read, Variable};

pub fn parse(bytes: &[u8]) -> Read {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| "it is in no format known here (and not text, as CSV would be)".to_owned())?;
    let delimiter = match text.lines().next() {
        Some(line) if line.contains(',') => b',',
        Some(line) if line.contains(';') => b';',
        Some(line) if line.contains('\t') => b'\t',
        _ => b',',
    };
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .comment(Some(b'#'))
        .delimiter(delimiter)
        .trim(::csv::Trim::All)
        .from_reader(bytes);
    let mut names: Vec<String> = Vec::new();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for (number, record) in reader.records().enumerate() {
        let record = record.map_err(|error| format!("it is no CSV: {error}"))?;
        let line = record.position().map_or(number as u64 + 1, ::csv::Position::line);
        let values: Result<Vec<f64>, &str> =
            record.iter().map(|field| field.parse().map_err(|_| field)).collect();
        match values {
            Ok(values) if columns.is_empty() => {
                columns = values.into_iter().map(|value| vec![value]).collect();
            }
            // Unequal lengths were refused by the reader.
            Ok(values) => columns.iter_mut().zip(values).for_each(|(column, x)| column.push(x)),
            Err(_) if number == 0 => names = record.iter().map(str::to_owned).collect(),
            Err(field) => return Err(format!("line {line} has `{field}`, which is not a number")),
        }
    }
    let name = |place: usize| match names.get(place) {
        Some(name) => name.clone(),
        None => format!("column {}", place + 1),
    };
    Ok(columns
        .into_iter()
        .enumerate()
        .map(|(place, column)| Variable::vector(name(place), column))
        .collect())
}
