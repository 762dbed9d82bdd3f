//! What changes of a lane, read out or written in: for checkpoints.

use crate::real::Real;

/// What goes through the numbers of a lane, to read them or to write them.
pub trait Exchange<R> {
    /// A real number.
    fn real(&mut self, number: &mut R);

    /// A whole number.
    fn whole(&mut self, number: &mut u32);
}

/// Reads the numbers.
pub struct Saving<'a>(pub &'a mut Vec<f64>);

impl<R: Real> Exchange<R> for Saving<'_> {
    fn real(&mut self, number: &mut R) {
        self.0.push(number.to_f64());
    }

    fn whole(&mut self, number: &mut u32) {
        self.0.push(f64::from(*number));
    }
}

/// Writes the numbers; what is missing stays.
pub struct Loading<'a>(pub std::slice::Iter<'a, f64>);

impl<R: Real> Exchange<R> for Loading<'_> {
    fn real(&mut self, number: &mut R) {
        if let Some(value) = self.0.next() {
            *number = R::of(*value);
        }
    }

    fn whole(&mut self, number: &mut u32) {
        if let Some(value) = self.0.next() {
            *number = *value as u32;
        }
    }
}
