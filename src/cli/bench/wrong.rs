//! Flags that are wrong.

use loligo::error::{Error, Place, Problem};

/// The problem of a flag with a value.
pub fn wrong(flag: &str, value: impl std::fmt::Display, message: String, remedy: String) -> Error {
    Problem::new(message, &Place::Flag(format!("{flag} {value}")), remedy).into()
}
