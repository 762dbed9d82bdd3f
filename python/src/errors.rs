//! Errors of the library as exceptions of the package.

use loligo::Error;
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::prelude::*;

/// The exception of an error: `loligo.InputError`, which is a ValueError, for a wrong input; else `loligo.Error`.
pub fn raised(py: Python<'_>, error: &Error) -> PyErr {
    let name = match error {
        Error::Input(_) => "InputError",
        Error::Ended => return PyKeyboardInterrupt::new_err(error.to_string()),
        _ => "Error",
    };
    let class = py.import("loligo._errors").and_then(|module| module.getattr(name));
    let exception = class.and_then(|class| class.call1((error.to_string(),)));
    exception.map_or_else(|_| PyRuntimeError::new_err(error.to_string()), PyErr::from_value)
}

/// An error of the library as an exception.
pub trait Raised<T> {
    /// The value, or the exception.
    fn raised(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> Raised<T> for Result<T, Error> {
    fn raised(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| raised(py, &error))
    }
}
