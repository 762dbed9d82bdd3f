//! Numbers of Rust as arrays of NumPy, without a copy.

use numpy::ndarray::{ArrayView, Dimension, IntoDimension, ShapeError};
use numpy::{Element, PyArray};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// Numbers that `owner` holds, in the shape of an array that cannot be written to and that keeps the owner alive.
///
/// # Errors
/// If their number does not fit the shape.
#[allow(unsafe_code, reason = "an array over numbers of Rust, which a copy would double")]
pub fn view<'py, T: Element, D: IntoDimension>(
    owner: Bound<'py, PyAny>,
    numbers: &[T],
    shape: D,
) -> PyResult<Bound<'py, PyAny>>
where
    D::Dim: Dimension,
{
    let wrong = |error: ShapeError| PyRuntimeError::new_err(error.to_string());
    let view = ArrayView::from_shape(shape.into_dimension(), numbers).map_err(wrong)?;
    // SAFETY: the numbers belong to `owner`, a frozen class that never changes or frees them while it lives; the array holds a
    // reference to it, and is made read-only before anyone sees it.
    let array = unsafe { PyArray::borrow_from_array(&view, owner) };
    let flags = pyo3::types::PyDict::new(array.py());
    flags.set_item("write", false)?;
    array.call_method("setflags", (), Some(&flags))?;
    Ok(array.into_any())
}

/// A vector that arrays are views of.
#[pyclass(frozen, module = "loligo._loligo")]
pub struct Numbers(pub Vec<f64>);

/// A vector as an array, in a shape.
pub fn array<D: IntoDimension>(
    py: Python<'_>,
    numbers: Vec<f64>,
    shape: D,
) -> PyResult<Bound<'_, PyAny>>
where
    D::Dim: Dimension,
{
    let owner = Bound::new(py, Numbers(numbers))?;
    view(owner.clone().into_any(), &owner.get().0, shape)
}
