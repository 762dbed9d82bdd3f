//! Expressions that are polynomials of the time: sums, products and comparisons of them, and what has a period.

use super::expression::{Between, Expression, Wrong};
use super::lower::{Lowering, Quantity};
use super::moment::{Moment, fract};
use crate::tape::{Id, Op};
use crate::unit::Dimension;

impl Lowering<'_, '_> {
    /// A sum, difference, product or quotient that is a polynomial of the time again, or a comparison of one; none if
    /// it is not.
    pub(super) fn moment(
        &mut self,
        between: Between,
        (x, y): (Quantity, Quantity),
        at: &Expression,
    ) -> Result<Option<Quantity>, Wrong> {
        let (x, dx) = match x {
            Quantity::Moment(moment, dimension) => (Ok(moment), dimension),
            Quantity::Number(id, dimension) => (Err(id), dimension),
            Quantity::Mask(_) => return Ok(None),
        };
        let (y, dy) = match y {
            Quantity::Moment(moment, dimension) => (Ok(moment), dimension),
            Quantity::Number(id, dimension) => (Err(id), dimension),
            Quantity::Mask(_) => return Ok(None),
        };
        if x.is_err() && y.is_err() {
            return Ok(None);
        }
        let moves = [x, y].into_iter().filter_map(Result::err).any(|id| !self.builder.is_fixed(id));
        if moves {
            return Ok(None);
        }
        let b = &mut *self.builder;
        let zero = b.constant(0.0);
        let whole = |of: Result<Moment, Id>| {
            of.unwrap_or_else(|id| Moment { offset: id, slope: zero, curve: zero })
        };
        Ok(match (between, x, y) {
            (Between::Mul, Ok(x), Err(by)) => Some(Quantity::Moment(x.times(b, by), dx * dy)),
            (Between::Mul, Err(by), Ok(y)) => Some(Quantity::Moment(y.times(b, by), dx * dy)),
            (Between::Mul, Ok(x), Ok(y)) if x.is_linear(b) && y.is_linear(b) => {
                Some(Quantity::Moment(x.product(b, y), dx * dy))
            }
            (Between::Div, Ok(x), Err(by)) if b.as_constant(by) != Some(0.0) => {
                Some(Quantity::Moment(x.over(b, by), dx / dy))
            }
            (Between::Pow, Ok(x), Err(power)) if b.as_constant(power) == Some(2.0) => {
                match x.is_linear(b) {
                    true => Some(Quantity::Moment(x.product(b, x), dx * dx)),
                    false => None,
                }
            }
            (Between::Mul | Between::Div | Between::Pow | Between::And | Between::Or, ..) => None,
            // What is compared, added or taken away is of one dimension.
            (Between::Add, ..) => {
                self.alike(x, (y, dy), dx, at)?;
                let sum = whole(x).plus(self.builder, whole(y));
                Some(Quantity::Moment(sum, if x == Err(zero) { dy } else { dx }))
            }
            _ => {
                self.alike(x, (y, dy), dx, at)?;
                let b = &mut *self.builder;
                let minus = b.constant(-1.0);
                let other = whole(y).times(b, minus);
                let difference = whole(x).plus(b, other);
                if between == Between::Sub {
                    return Ok(Some(Quantity::Moment(
                        difference,
                        if x == Err(zero) { dy } else { dx },
                    )));
                }
                let now = difference.now(b);
                Some(Quantity::Mask(match between {
                    Between::Below => b.push(Op::Below(now, zero)),
                    Between::AtMost => b.push(Op::AtMost(now, zero)),
                    Between::Above => b.push(Op::Below(zero, now)),
                    _ => b.push(Op::AtMost(zero, now)),
                }))
            }
        })
    }

    fn alike(
        &self,
        x: Result<Moment, Id>,
        (y, dy): (Result<Moment, Id>, Dimension),
        dx: Dimension,
        at: &Expression,
    ) -> Result<(), Wrong> {
        // Times have no value that is known to be 0.
        let id = |of: Result<Moment, Id>| of.map_or_else(|id| id, |moment| moment.slope);
        self.same((id(x), dx), (id(y), dy), at)
    }

    /// The sine, cosine or part of a polynomial of the time.
    pub(super) fn periodic(&mut self, name: &str, moment: Moment) -> Quantity {
        let b = &mut *self.builder;
        if name == "fract" {
            let turns = moment.turns(b);
            return Quantity::Number(fract(b, turns), Dimension::NUMBER);
        }
        let turn = b.constant(std::f64::consts::TAU);
        let mut turns = moment.over(b, turn);
        if name == "cos" {
            let quarter = b.constant(0.25);
            turns.offset = b.push(Op::Add(turns.offset, quarter));
        }
        let turns = turns.turns(b);
        Quantity::Number(b.push(Op::SinTurns(turns)), Dimension::NUMBER)
    }
}
