//! The numbers a model computes with: [`Single`] precision on the fast path, `f64` as the oracle.
//!
//! A model is written once, generic over [`Number`]. The functions of [`Single`] are branch-free
//! polynomials, so that the compiler can turn a loop over neurons into vector instructions; the
//! `f64` functions are the standard library's, so that the oracle shares no approximation with
//! what it judges.

mod double;
mod number;
mod single;

pub use number::{NormalPair, Number, Reach, Real};
pub use single::{Single, fused_here};
