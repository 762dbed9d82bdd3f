//! The language of equations: expressions with units, put on a [tape](crate::tape). Models and sources are written in it.

mod expression;
mod functions;
mod given;
mod lower;
mod moment;
mod poisson;
mod random;
mod results;
mod table;
mod time;
mod units;

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex};

pub(crate) use expression::{Expression, Wrong};
pub(crate) use given::{Given, Words, distinct, given, unit_of};
pub(crate) use lower::{Lowering, Names, Pulses, Quantity};
pub(crate) use moment::{Moment, ROUNDING};
pub(crate) use results::Results;
pub(crate) use table::{Entry, File, Section, Text};
pub(crate) use units::Units;

/// Texts that are kept.
static KEPT: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);

/// A text for as long as the program runs: each is kept once.
pub(crate) fn kept(text: &str) -> &'static str {
    let mut kept = KEPT.lock().unwrap_or_else(|poison| poison.into_inner());
    if let Some(known) = kept.get(text) {
        return known;
    }
    let new: &'static str = Box::leak(text.to_owned().into_boxed_str());
    kept.insert(new);
    new
}
