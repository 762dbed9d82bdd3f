//! Variables of a file: what they hold, before and after they are read.

/// Most numbers taken from a file, of all variables together: 1 GiB of them, however small they are in the file.
pub(super) const MOST_NUMBERS: usize = 1 << 27;

/// Most numbers that a byte of a file can hold, packed by deflate: what declares more is no data.
pub(super) const MOST_PER_BYTE: usize = 1032;

/// A named array of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name; empty where the format has none.
    pub name: String,
    /// Rows and columns; a vector is one row.
    pub rows: usize,
    /// Numbers in each row.
    pub columns: usize,
    /// The numbers, row after row.
    pub values: Vec<f64>,
}

impl Variable {
    /// A vector.
    pub fn vector(name: impl Into<String>, values: Vec<f64>) -> Self {
        Variable { name: name.into(), rows: 1, columns: values.len(), values }
    }

    /// A matrix whose numbers lie row after row. One column is a vector.
    pub(super) fn matrix(name: &str, rows: usize, columns: usize, values: Vec<f64>) -> Self {
        if rows <= 1 || columns == 1 {
            return Variable::vector(name, values);
        }
        Variable { name: name.to_owned(), rows, columns, values }
    }

    /// The numbers of one row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..][..self.columns]
    }
}

/// What a variable of a file holds, by the file's own marks.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Real numbers in at most two dimensions.
    Numbers,
    /// No numbers at all: text, a structure, a list of others. Nobody means it by naming nothing.
    Other(&'static str),
    /// Numbers that cannot be read, and why: it stands for itself and is not passed over.
    Unreadable(String),
}

/// A variable of a file, before it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name; empty where the format has none.
    pub name: String,
    /// Rows and columns.
    pub shape: (usize, usize),
    /// What it holds.
    pub kind: Kind,
}

impl Entry {
    pub(super) fn numbers(name: impl Into<String>, rows: usize, columns: usize) -> Self {
        Entry { name: name.into(), shape: (rows, columns), kind: Kind::Numbers }
    }

    pub(super) fn other(name: impl Into<String>, what: &'static str) -> Self {
        Entry { name: name.into(), shape: (0, 0), kind: Kind::Other(what) }
    }

    pub(super) fn unreadable(name: impl Into<String>, why: impl Into<String>) -> Self {
        Entry { name: name.into(), shape: (0, 0), kind: Kind::Unreadable(why.into()) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kind == Kind::Numbers && (self.shape.0 == 0 || self.shape.1 == 0)
    }

    /// The entry in words, for lists.
    pub(super) fn told(&self) -> String {
        let what = match &self.kind {
            Kind::Numbers => format!("{} x {}", self.shape.0, self.shape.1),
            Kind::Other(what) => (*what).to_owned(),
            Kind::Unreadable(_) => "cannot be read".to_owned(),
        };
        format!("`{}` ({what})", shortened(&self.name))
    }
}

/// Of several variables with one name, the last: as MATLAB and NumPy load them.
pub(super) fn last_of_each<T>(variables: Vec<(Entry, T)>) -> Vec<(Entry, T)> {
    let mut seen = std::collections::HashSet::new();
    let mut kept: Vec<(Entry, T)> =
        variables.into_iter().rev().filter(|(entry, _)| seen.insert(entry.name.clone())).collect();
    kept.reverse();
    kept
}

/// A name as messages show it: no longer than a line.
pub(super) fn shortened(name: &str) -> String {
    pub(super) const MOST: usize = 60;
    match name.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}..", &name[..end]),
        None => name.to_owned(),
    }
}

/// Turns columns, one after the other, into rows.
pub(super) fn transposed(columns_first: &[f64], columns: usize, rows: usize) -> Vec<f64> {
    (0..rows)
        .flat_map(|row| (0..columns).map(move |column| columns_first[column * rows + row]))
        .collect()
}
