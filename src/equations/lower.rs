//! Puts expressions on a tape, with their dimensions checked.
//!
//! Numbers are in the [`Units`] of the literature.

use std::collections::HashMap;
use std::ops::Range;

use super::expression::{Between, Expression, Node, Wrong};
use super::moment::Moment;
use super::units::Units;
use crate::error::nearest;
use crate::tape::{Builder, Id, Op};
use crate::unit::{Dimension, measure};

/// A number on a tape with its dimension, or a mask.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// A number.
    Number(Id, Dimension),
    /// A number that is a polynomial of the time, with its dimension.
    Moment(Moment, Dimension),
    /// A mask.
    Mask(Id),
}

/// What names stand for.
pub struct Names<'a> {
    /// Quantities that are on the tape.
    pub known: HashMap<String, Quantity>,
    /// Definitions, put there when they are first taken.
    pub definitions: &'a [(String, Expression)],
    /// Units of numbers.
    pub units: Units,
    /// What stands before the names of random numbers, so that those of different equations differ.
    pub prefix: &'a str,
    /// Whether they are the same for every neuron and in every run.
    pub is_frozen: bool,
    /// How many pulses of [`poisson`](super::functions::FUNCTIONS) are told apart.
    pub most_pulses: Pulses,
    /// The mean numbers of pulses so far.
    pub means: Vec<Id>,
}

impl<'a> Names<'a> {
    /// Names of quantities, with definitions.
    pub fn new(
        known: HashMap<String, Quantity>,
        definitions: &'a [(String, Expression)],
        units: Units,
    ) -> Self {
        let most_pulses = Pulses::AtMost(0);
        let means = Vec::new();
        Names { known, definitions, units, prefix: "", is_frozen: false, most_pulses, means }
    }
}

/// How many pulses in a step a tape tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pulses {
    /// So many: more are so rare that a uniform deviate does not come to them.
    AtMost(usize),
    /// The sum of so many numbers, each of a part of the mean.
    Sum(usize),
    /// Where all means are large: by an expansion.
    Expanded,
    /// Any number: by a sum, or by the expansion where the mean is large.
    Any,
}

/// How deep operations may be within each other, those of definitions included: each level takes a part of the stack.
const DEEPEST: usize = 400;

/// Puts expressions on a tape.
pub struct Lowering<'a, 'b> {
    /// The tape.
    pub builder: &'b mut Builder,
    /// What names stand for.
    pub names: &'b mut Names<'a>,
    /// Definitions that are being put there.
    pub open: Vec<String>,
    /// How deep it is within operations.
    pub depth: usize,
}

impl Lowering<'_, '_> {
    /// A number of a dimension.
    ///
    /// # Errors
    /// If the expression is none.
    pub fn number_of(
        &mut self,
        e: &Expression,
        wanted: Dimension,
        what: &str,
    ) -> Result<Id, Wrong> {
        let (id, dimension) = self.number(e)?;
        self.is_of(wanted, (id, dimension), e, what)?;
        Ok(id)
    }

    fn is_of(
        &self,
        wanted: Dimension,
        (id, dimension): (Id, Dimension),
        e: &Expression,
        what: &str,
    ) -> Result<(), Wrong> {
        if dimension == wanted || self.builder.as_constant(id) == Some(0.0) {
            return Ok(());
        }
        let message = format!("this is {dimension}, but {what} is {wanted}");
        Err(Wrong::new(e.span.clone(), message, "multiply or divide by what is missing"))
    }

    /// Whether it is a pure number.
    pub(super) fn is_pure(
        &self,
        dimension: Dimension,
        id: Id,
        e: &Expression,
        what: &str,
    ) -> Result<(), Wrong> {
        self.is_of(Dimension::NUMBER, (id, dimension), e, what)
    }

    /// A number.
    ///
    /// # Errors
    /// If the expression is wrong, or a condition.
    pub fn number(&mut self, e: &Expression) -> Result<(Id, Dimension), Wrong> {
        let quantity = self.any(e)?;
        self.settled(quantity, e)
    }

    /// A quantity as a number.
    pub(super) fn settled(
        &mut self,
        quantity: Quantity,
        e: &Expression,
    ) -> Result<(Id, Dimension), Wrong> {
        match quantity {
            Quantity::Number(id, dimension) => Ok((id, dimension)),
            Quantity::Moment(moment, dimension) => Ok((moment.now(self.builder), dimension)),
            Quantity::Mask(_) => {
                let remedy = "choose a number by it: if(condition, a, b)";
                Err(Wrong::new(e.span.clone(), "a condition is no number", remedy))
            }
        }
    }

    /// A condition.
    ///
    /// # Errors
    /// If the expression is wrong, or a number.
    pub fn mask(&mut self, e: &Expression) -> Result<Id, Wrong> {
        match self.any(e)? {
            Quantity::Mask(id) => Ok(id),
            Quantity::Number(..) | Quantity::Moment(..) => {
                let remedy = "compare it: v >= v_th";
                Err(Wrong::new(e.span.clone(), "a number is no condition", remedy))
            }
        }
    }

    /// A number or a condition.
    ///
    /// # Errors
    /// If the expression is wrong.
    pub fn any(&mut self, e: &Expression) -> Result<Quantity, Wrong> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let message = "too many operations are within each other";
            return Err(Wrong::new(e.span.clone(), message, "write it simpler"));
        }
        let quantity = self.node(e)?;
        self.depth -= 1;
        if let Quantity::Number(id, _) = quantity
            && let Some(number) = self.builder.as_constant(id)
            && !number.is_finite()
        {
            let message = format!("this is {number}, no finite number");
            return Err(Wrong::new(e.span.clone(), message, "look at what is taken here"));
        }
        Ok(quantity)
    }

    fn node(&mut self, e: &Expression) -> Result<Quantity, Wrong> {
        match &e.node {
            Node::Number(x) => Ok(self.constant(*x, Dimension::NUMBER)),
            Node::Name(name) => self.name(name, &e.span),
            Node::Minus(inner) => match self.any(inner)? {
                Quantity::Moment(moment, dimension) => {
                    let minus = self.builder.constant(-1.0);
                    Ok(Quantity::Moment(moment.times(self.builder, minus), dimension))
                }
                other => {
                    let (id, dimension) = self.settled(other, inner)?;
                    Ok(Quantity::Number(self.builder.push(Op::Neg(id)), dimension))
                }
            },
            Node::Not(inner) => {
                let mask = self.mask(inner)?;
                Ok(Quantity::Mask(self.builder.push(Op::Not(mask))))
            }
            Node::Two(between, a, b) => self.two(*between, a, b),
            Node::Call(name, given) => self.call(name, given, &e.span),
        }
    }

    pub(super) fn constant(&mut self, x: f64, dimension: Dimension) -> Quantity {
        Quantity::Number(self.builder.constant(x), dimension)
    }

    fn name(&mut self, name: &str, span: &Range<usize>) -> Result<Quantity, Wrong> {
        if let Some(known) = self.names.known.get(name) {
            return Ok(*known);
        }
        if let Some((_, definition)) = self.names.definitions.iter().find(|(n, _)| n == name) {
            if self.open.iter().any(|open| open == name) {
                let by = self.open.join(", ");
                let message = format!("`{name}` is defined by itself, by way of {by}");
                let remedy = "define one of them without the others";
                return Err(Wrong::new(span.clone(), message, remedy));
            }
            self.open.push(name.to_owned());
            // Where it is wrong is told of the definition by its caller; here it is only taken.
            let quantity = self.any(definition).map_err(|wrong| Wrong {
                span: span.clone(),
                // Of definitions within each other, the one that is taken here.
                message: match wrong.message.split_once("`: ") {
                    Some((begin, rest)) if begin.starts_with("in the definition") => {
                        format!("in the definition of `{name}`: {rest}")
                    }
                    _ => format!("in the definition of `{name}`: {}", wrong.message),
                },
                ..wrong
            })?;
            self.open.pop();
            if let Quantity::Number(id, _) | Quantity::Mask(id) = quantity {
                self.builder.name(id, name);
            }
            self.names.known.insert(name.to_owned(), quantity);
            return Ok(quantity);
        }
        if let Some(deviate) = self.deviate(name) {
            return Ok(deviate);
        }
        if name == "pi" {
            return Ok(self.constant(std::f64::consts::PI, Dimension::NUMBER));
        }
        if let Some((dimension, size)) = measure(name) {
            let factor = self.names.units.factor(dimension, size);
            return Ok(self.constant(factor, dimension));
        }
        let known = self.names.known.keys().map(String::as_str);
        let known = known.chain(self.names.definitions.iter().map(|(name, _)| name.as_str()));
        let known: Vec<&str> = known.filter(|name| !name.starts_with('_')).collect();
        let remedy = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let mut known = known;
                known.sort_unstable();
                format!("there is {}", known.join(", "))
            }
        };
        Err(Wrong::new(span.clone(), format!("nothing is named `{name}`"), remedy))
    }

    fn two(&mut self, between: Between, a: &Expression, b: &Expression) -> Result<Quantity, Wrong> {
        if matches!(between, Between::And | Between::Or) {
            let (x, y) = (self.mask(a)?, self.mask(b)?);
            let op = if between == Between::And { Op::And(x, y) } else { Op::Or(x, y) };
            return Ok(Quantity::Mask(self.builder.push(op)));
        }
        // x / exprel(y) is computed as it is well-behaved at 0.
        if let (Between::Div, Node::Call(name, given)) = (between, &b.node)
            && name == "exprel"
            && given.len() == 1
        {
            let (x, dimension) = self.number(a)?;
            let y = self.pure(&given[0], "what exprel takes")?;
            let m1 = self.builder.push(Op::Expm1(y));
            let r = self.builder.push(Op::Exprelr(y, m1));
            return Ok(Quantity::Number(self.builder.push(Op::Mul(x, r)), dimension));
        }
        let sides = (self.any(a)?, self.any(b)?);
        if let Some(moment) = self.moment(between, sides, b)? {
            return Ok(moment);
        }
        let ((x, dx), (y, dy)) = (self.settled(sides.0, a)?, self.settled(sides.1, b)?);
        match between {
            Between::Mul => Ok(Quantity::Number(self.builder.push(Op::Mul(x, y)), dx * dy)),
            Between::Div if self.builder.as_constant(y) == Some(0.0) => {
                Err(Wrong::new(b.span.clone(), "this is 0, and is divided by", "leave it out"))
            }
            Between::Div => Ok(Quantity::Number(self.builder.push(Op::Div(x, y)), dx / dy)),
            Between::Pow => self.power((x, dx, a), (y, dy, b)),
            _ => {
                self.same((x, dx), (y, dy), b)?;
                let dimension = if self.builder.as_constant(x) == Some(0.0) { dy } else { dx };
                let b = &mut *self.builder;
                Ok(match between {
                    Between::Add => Quantity::Number(b.push(Op::Add(x, y)), dimension),
                    Between::Sub => Quantity::Number(b.push(Op::Sub(x, y)), dimension),
                    Between::Below => Quantity::Mask(b.push(Op::Below(x, y))),
                    Between::AtMost => Quantity::Mask(b.push(Op::AtMost(x, y))),
                    Between::Above => Quantity::Mask(b.push(Op::Below(y, x))),
                    _ => Quantity::Mask(b.push(Op::AtMost(y, x))),
                })
            }
        }
    }

    /// Two numbers must have the same dimension; 0 has any.
    pub(super) fn same(
        &self,
        (x, dx): (Id, Dimension),
        (y, dy): (Id, Dimension),
        at: &Expression,
    ) -> Result<(), Wrong> {
        let zero = |id: Id| self.builder.as_constant(id) == Some(0.0);
        if dx == dy || zero(x) || zero(y) {
            return Ok(());
        }
        let message = format!("this is {dy}, but what it is held against or added to is {dx}");
        Err(Wrong::new(at.span.clone(), message, "multiply or divide by what is missing"))
    }

    fn power(
        &mut self,
        (x, dx, base): (Id, Dimension, &Expression),
        (y, dy, at): (Id, Dimension, &Expression),
    ) -> Result<Quantity, Wrong> {
        if dy != Dimension::NUMBER {
            return Err(Wrong::new(
                at.span.clone(),
                format!("an exponent is a pure number, not {dy}"),
                "divide by its unit",
            ));
        }
        let Some(power) = self.builder.as_constant(y) else {
            if dx != Dimension::NUMBER {
                let message = format!("this is {dx}: its power would have no unit that is known");
                return Err(Wrong::new(base.span.clone(), message, "divide by its unit"));
            }
            return Ok(Quantity::Number(self.builder.push(Op::Pow(x, y)), dx));
        };
        let Some(dimension) = dx.to_the(power) else {
            let message = format!("{dx} cannot be taken to the power {power}");
            return Err(Wrong::new(at.span.clone(), message, "divide by its unit before"));
        };
        let b = &mut *self.builder;
        let id = match power {
            p if p.fract() == 0.0 && (1.0..=8.0).contains(&p.abs()) => {
                // By squares: x^4 = (x^2)^2.
                let mut result = None;
                let (mut square, mut left) = (x, p.abs() as u32);
                while left > 0 {
                    if left % 2 == 1 {
                        result = Some(result.map_or(square, |id| b.push(Op::Mul(id, square))));
                    }
                    left /= 2;
                    if left > 0 {
                        square = b.push(Op::Mul(square, square));
                    }
                }
                let whole = result.unwrap_or(x);
                if p < 0.0 {
                    let one = b.constant(1.0);
                    b.push(Op::Div(one, whole))
                } else {
                    whole
                }
            }
            0.0 => b.constant(1.0),
            0.5 => b.push(Op::Sqrt(x)),
            _ => b.push(Op::Pow(x, y)),
        };
        Ok(Quantity::Number(id, dimension))
    }

    /// A pure number.
    pub(super) fn pure(&mut self, e: &Expression, what: &str) -> Result<Id, Wrong> {
        self.number_of(e, Dimension::NUMBER, what)
    }
}
