//! Random numbers in equations.

use super::lower::{Lowering, Quantity};
use crate::tape::{Deviates, Kind, Op, Sharing};
use crate::unit::Dimension;

/// Names of random numbers, alone or with `_NAME` behind: independent ones.
const STREAMS: [(&str, Kind, bool); 5] = [
    ("xi", Kind::Normal, false),
    ("normal", Kind::Normal, false),
    ("uniform", Kind::Uniform, false),
    ("shared_normal", Kind::Normal, true),
    ("shared_uniform", Kind::Uniform, true),
];

/// Whether a name stands for random numbers.
pub fn is_random(name: &str) -> bool {
    stream(name).is_some()
}

fn stream(name: &str) -> Option<(&'static str, Kind, bool)> {
    let is =
        |known: &str| name.strip_prefix(known).is_some_and(|r| r.is_empty() || r.starts_with('_'));
    STREAMS.into_iter().find(|(known, ..)| is(known))
}

impl Lowering<'_, '_> {
    /// The random number of a name, the same within a step: `normal`, `uniform`, and `xi`, white noise of the strength
    /// 1, which is a normal deviate over the root of the time step.
    pub(super) fn deviate(&mut self, name: &str) -> Option<Quantity> {
        let (known, kind, is_common) = stream(name)?;
        let sharing = Sharing::of(is_common, self.names.is_frozen);
        let of = Deviates { name: format!("{}{name}", self.names.prefix), kind, sharing };
        let deviate = self.builder.deviate(of);
        if known != "xi" {
            return Some(Quantity::Number(deviate, Dimension::NUMBER));
        }
        let Some(Quantity::Number(dt, _)) = self.names.known.get("dt").copied() else {
            return None;
        };
        let root = self.builder.push(Op::Sqrt(dt));
        let dimension = (Dimension::NUMBER / Dimension::TIME).to_the(0.5)?;
        Some(Quantity::Number(self.builder.push(Op::Div(deviate, root)), dimension))
    }
}
