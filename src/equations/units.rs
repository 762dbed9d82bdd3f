//! The units of numbers on a tape: mV, ms, cm and the ampere's part that the model's current is in (pA, or uA). Then
//! conductances are in nS or mS/cm2 and capacitances in pF or uF/cm2, as in the literature.

use crate::unit::{Dimension, measure, tidied};

/// The units that numbers on the tape are in.
#[derive(Clone, Copy, Debug)]
pub struct Units {
    ampere: f64,
}

impl Units {
    /// The units of a model whose current is in this one.
    pub fn of(current: &str) -> Self {
        let is_density =
            measure(current).is_some_and(|(dimension, _)| dimension == Dimension::CURRENT_DENSITY);
        Units { ampere: if is_density { 1e-6 } else { 1e-12 } }
    }

    /// The number on the tape for 1 of a unit.
    pub fn factor(self, dimension: Dimension, size: f64) -> f64 {
        let [volt, ampere, second, metre] = dimension.powers();
        let base = 1e-3f64.powf(volt)
            * self.ampere.powf(ampere)
            * 1e-3f64.powf(second)
            * 1e-2f64.powf(metre);
        tidied(size / base)
    }
}
