//! The exercises that Loligo grew out of: the *Biological Neuron Models* tutorial of Neuromatch Academy
//! and the spectrum and Hodgkin-Huxley chapters of Kramer and Eden, *Case Studies in Neural Data
//! Analysis*. Each is computed anew and held against values from float64 references that are
//! independent of Loligo.

mod catalogue;
mod exercise;
mod page;

use crate::engine::Engine;
use crate::error::Error;
use crate::output::folder::Folder;
use exercise::Desk;

pub use exercise::{Check, Done};
pub use page::write as write_page;

/// Does all exercises on an engine, writing figures into a folder.
///
/// # Errors
/// If something fails; a value that is off is no failure here.
pub fn all(engine: &dyn Engine, folder: &Folder) -> Result<Vec<Done>, Error> {
    let desk = Desk { engine, folder };
    catalogue::EXERCISES.iter().map(|exercise| exercise(&desk)).collect()
}
