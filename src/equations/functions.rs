//! The functions of expressions.

use std::ops::Range;

use super::expression::{Expression, Wrong};
use super::lower::{Lowering, Quantity};
use crate::error::nearest;
use crate::tape::Op;
use crate::unit::Dimension;

impl Lowering<'_, '_> {
    pub(super) fn call(
        &mut self,
        name: &str,
        given: &[Expression],
        span: &Range<usize>,
    ) -> Result<Quantity, Wrong> {
        let takes = match FUNCTIONS.iter().find(|(known, _)| *known == name) {
            Some((_, takes)) => *takes,
            None => {
                let names = || FUNCTIONS.iter().map(|(name, _)| *name);
                let remedy = match nearest(name, names()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there is {}", names().collect::<Vec<_>>().join(", ")),
                };
                return Err(Wrong::new(
                    span.clone(),
                    format!("there is no function `{name}`"),
                    remedy,
                ));
            }
        };
        if given.len() != takes {
            let message = format!("`{name}` takes {takes}, not {}", given.len());
            return Err(Wrong::new(span.clone(), message, "give as many"));
        }
        if name == "if" {
            let mask = self.mask(&given[0])?;
            let (x, dx) = self.number(&given[1])?;
            let (y, dy) = self.number(&given[2])?;
            self.same((x, dx), (y, dy), &given[2])?;
            return Ok(Quantity::Number(self.builder.push(Op::Choose(mask, x, y)), dx));
        }
        let first = self.any(&given[0])?;
        if let ("sin" | "cos" | "fract", Quantity::Moment(moment, Dimension::NUMBER)) =
            (name, first)
        {
            return Ok(self.periodic(name, moment));
        }
        let (x, dimension) = self.settled(first, &given[0])?;
        if name == "poisson" {
            self.is_pure(dimension, x, &given[0], "what poisson takes")?;
            return self.poisson(x, &given[0]);
        }
        if let "min" | "max" = name {
            let (y, dy) = self.number(&given[1])?;
            self.same((x, dimension), (y, dy), &given[1])?;
            let op = if name == "min" { Op::Min(x, y) } else { Op::Max(x, y) };
            return Ok(Quantity::Number(self.builder.push(op), dimension));
        }
        if name == "clip" {
            let (low, dl) = self.number(&given[1])?;
            let (high, dh) = self.number(&given[2])?;
            self.same((x, dimension), (low, dl), &given[1])?;
            self.same((x, dimension), (high, dh), &given[2])?;
            let raised = self.builder.push(Op::Max(x, low));
            return Ok(Quantity::Number(self.builder.push(Op::Min(raised, high)), dimension));
        }
        if name == "abs" {
            let minus = self.builder.push(Op::Neg(x));
            return Ok(Quantity::Number(self.builder.push(Op::Max(x, minus)), dimension));
        }
        if name == "sqrt" {
            let Some(root) = dimension.to_the(0.5) else {
                let message = format!("{dimension} has no root whose unit is known");
                return Err(Wrong::new(
                    given[0].span.clone(),
                    message,
                    "divide by its unit before",
                ));
            };
            return Ok(Quantity::Number(self.builder.push(Op::Sqrt(x)), root));
        }
        self.is_pure(dimension, x, &given[0], &format!("what {name} takes"))?;
        let b = &mut *self.builder;
        let id = match name {
            "exp" => b.push(Op::Exp(x)),
            "expm1" => b.push(Op::Expm1(x)),
            "exprel" => {
                let m1 = b.push(Op::Expm1(x));
                let r = b.push(Op::Exprelr(x, m1));
                let one = b.constant(1.0);
                b.push(Op::Div(one, r))
            }
            "ln" | "log" => b.push(Op::Ln(x)),
            "tanh" => b.push(Op::Tanh(x)),
            "sin" => b.push(Op::Sin(x)),
            "cos" => b.push(Op::Cos(x)),
            "floor" => b.push(Op::Floor(x)),
            "fract" => {
                let floor = b.push(Op::Floor(x));
                b.push(Op::Sub(x, floor))
            }
            // cosh, sinh.
            _ => {
                let minus = b.push(Op::Neg(x));
                let (up, down) = (b.push(Op::Exp(x)), b.push(Op::Exp(minus)));
                let op = if name == "cosh" { Op::Add(up, down) } else { Op::Sub(up, down) };
                let both = b.push(op);
                let half = b.constant(0.5);
                b.push(Op::Mul(half, both))
            }
        };
        Ok(Quantity::Number(id, Dimension::NUMBER))
    }
}

/// The functions, and how many arguments they take.
pub const FUNCTIONS: [(&str, usize); 19] = [
    ("exp", 1),
    ("expm1", 1),
    ("exprel", 1),
    ("ln", 1),
    ("log", 1),
    ("sqrt", 1),
    ("tanh", 1),
    ("sinh", 1),
    ("cosh", 1),
    ("sin", 1),
    ("cos", 1),
    ("abs", 1),
    ("floor", 1),
    ("fract", 1),
    ("poisson", 1),
    ("min", 2),
    ("max", 2),
    ("clip", 3),
    ("if", 3),
];
