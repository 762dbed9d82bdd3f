//! Makes tapes: equal operations once, constants computed.

use std::collections::HashMap;

use super::op::{Id, Op, Tape};
use super::stream::Deviates;
use crate::real::{Number, Reach, Real};

/// A tape under construction.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    ops: Vec<Op>,
    names: Vec<Option<String>>,
    /// Whether a result is the same in every step.
    is_fixed: Vec<bool>,
    known: HashMap<Key, Id>,
    streams: Vec<Deviates>,
}

/// An operation as a key: numbers by their bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key(std::mem::Discriminant<Op>, [u64; 3]);

fn key(op: Op) -> Key {
    let mut words = [u64::MAX; 3];
    match op {
        Op::Constant(x) => words[0] = x.to_bits(),
        Op::Coefficient(n) | Op::State(n) | Op::Deviate(n) | Op::Clock(n) => words[0] = n as u64,
        Op::Mask(holds) => words[0] = u64::from(holds),
        Op::Phi(_, reach) => words[2] = reach as u64,
        _ => {}
    }
    op.operands().zip(&mut words).for_each(|(id, word)| *word = id as u64);
    Key(std::mem::discriminant(&op), words)
}

impl Builder {
    /// A number.
    pub fn constant(&mut self, x: f64) -> Id {
        self.push(Op::Constant(x))
    }

    /// The number that a result is, if it is the same always.
    pub fn as_constant(&self, id: Id) -> Option<f64> {
        match self.ops[id] {
            Op::Constant(x) => Some(x),
            _ => None,
        }
    }

    /// A tape on which operations of another one are put anew.
    pub fn with_streams(streams: &[Deviates]) -> Self {
        Builder { streams: streams.to_vec(), ..Builder::default() }
    }

    /// The random number of a stream in a step.
    pub fn deviate(&mut self, of: Deviates) -> Id {
        let known = self.streams.iter().position(|other| *other == of);
        let n = known.unwrap_or_else(|| {
            self.streams.push(of);
            self.streams.len() - 1
        });
        self.push(Op::Deviate(n))
    }

    /// The streams so far.
    pub fn streams(&self) -> &[Deviates] {
        &self.streams
    }

    /// The operations so far.
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// The operation of a result.
    pub fn op(&self, id: Id) -> Op {
        self.ops[id]
    }

    /// Whether a result is the same in every step.
    pub fn is_fixed(&self, id: Id) -> bool {
        self.is_fixed[id]
    }

    /// Gives a result a name, unless it has one.
    pub fn name(&mut self, id: Id, name: &str) {
        if self.ops[id].operands().next().is_some() {
            self.names[id].get_or_insert_with(|| name.to_owned());
        }
    }

    /// Adds an operation, or finds the one that gives the same.
    pub fn push(&mut self, op: Op) -> Id {
        if let Some(id) = self.simpler(op) {
            return id;
        }
        let op = self.folded(op).unwrap_or(op);
        *self.known.entry(key(op)).or_insert_with(|| {
            let is_own = !op.is_of_step() && op.operands().all(|id| self.is_fixed[id]);
            self.is_fixed.push(is_own);
            self.ops.push(op);
            self.names.push(None);
            self.ops.len() - 1
        })
    }

    /// A result that is there already and is the same, whatever the numbers.
    fn simpler(&self, op: Op) -> Option<Id> {
        let is = |id: Id, x: f64| self.as_constant(id) == Some(x);
        match op {
            Op::Choose(_, a, b) if a == b => Some(a),
            Op::Choose(mask, a, b) => match self.ops[mask] {
                Op::Mask(holds) => Some(if holds { a } else { b }),
                _ => None,
            },
            Op::And(a, b) => match (self.ops[a], self.ops[b]) {
                (Op::Mask(true), _) => Some(b),
                (_, Op::Mask(true)) => Some(a),
                (Op::Mask(false), _) => Some(a),
                (_, Op::Mask(false)) => Some(b),
                _ if a == b => Some(a),
                _ => None,
            },
            Op::Or(a, b) => match (self.ops[a], self.ops[b]) {
                (Op::Mask(false), _) => Some(b),
                (_, Op::Mask(false)) => Some(a),
                (Op::Mask(true), _) => Some(a),
                (_, Op::Mask(true)) => Some(b),
                _ if a == b => Some(a),
                _ => None,
            },
            Op::Mul(a, b) if is(b, 1.0) => Some(a),
            Op::Mul(a, b) if is(a, 1.0) => Some(b),
            Op::Div(a, b) if is(b, 1.0) => Some(a),
            Op::Add(a, b) if is(b, 0.0) => Some(a),
            Op::Add(a, b) if is(a, 0.0) => Some(b),
            Op::Sub(a, b) if is(b, 0.0) => Some(a),
            Op::Neg(a) => match self.ops[a] {
                Op::Neg(inner) => Some(inner),
                _ => None,
            },
            Op::Not(a) => match self.ops[a] {
                Op::Not(inner) => Some(inner),
                _ => None,
            },
            Op::Pow(a, b) if is(b, 1.0) => Some(a),
            _ => None,
        }
    }

    /// The constant that an operation on constants gives.
    fn folded(&self, op: Op) -> Option<Op> {
        let number = |id: Id| self.as_constant(id);
        let mask = |id: Id| match self.ops[id] {
            Op::Mask(holds) => Some(holds),
            _ => None,
        };
        Some(match op {
            Op::Below(a, b) => Op::Mask(number(a)? < number(b)?),
            Op::AtMost(a, b) => Op::Mask(number(a)? <= number(b)?),
            Op::NotNegative(a) => Op::Mask(number(a)? >= 0.0),
            Op::Not(a) => Op::Mask(!mask(a)?),
            Op::Mul(a, b) if number(a) == Some(0.0) || number(b) == Some(0.0) => Op::Constant(0.0),
            Op::Constant(_) | Op::Coefficient(_) | Op::State(_) | Op::Current => return None,
            Op::Exponential | Op::Mask(_) | Op::And(..) | Op::Or(..) => return None,
            Op::Deviate(_) | Op::Clock(_) | Op::Conductance => return None,
            _ => Op::Constant(value(op, &|id| number(id))?),
        })
    }

    /// The operations.
    pub fn into_ops(self) -> Vec<Op> {
        self.ops
    }

    /// A step that does nothing.
    pub fn nothing(mut self) -> Tape {
        let never = self.push(Op::Mask(false));
        self.finish(Vec::new(), Vec::new(), never, Vec::new(), Vec::new())
    }

    /// The tape of a step that gives these results.
    pub fn finish(
        mut self,
        coefficients: Vec<String>,
        states: Vec<String>,
        spike: Id,
        after: Vec<Id>,
        next: Vec<Id>,
    ) -> Tape {
        self.name(spike, "spike");
        for (id, state) in next.iter().zip(&states) {
            self.name(*id, &format!("next_{state}"));
        }
        let Builder { ops, names, streams, .. } = self;
        Tape { ops, names, coefficients, states, streams, spike, after, next }.pruned()
    }
}

/// What an operation on numbers gives in double precision, if all its operands are known.
pub fn value(op: Op, number: &dyn Fn(Id) -> Option<f64>) -> Option<f64> {
    let n = number;
    Some(match op {
        Op::Constant(x) => x,
        Op::Neg(a) => -n(a)?,
        Op::Add(a, b) => n(a)? + n(b)?,
        Op::Sub(a, b) => n(a)? - n(b)?,
        Op::Mul(a, b) => n(a)? * n(b)?,
        Op::Div(a, b) => n(a)? / n(b)?,
        Op::Fma(a, b, c) => n(a)? * n(b)? + n(c)?,
        Op::Min(a, b) => n(a)?.min(n(b)?),
        Op::Max(a, b) => n(a)?.max(n(b)?),
        Op::Exp(a) => n(a)?.exp(),
        Op::Expm1(a) => n(a)?.exp_m1(),
        Op::Exprelr(a, b) => n(a)?.exprelr(n(b)?),
        Op::Phi(a, _) => n(a)?.phi(Reach::Any),
        Op::Ln(a) => n(a)?.ln(),
        Op::Sqrt(a) => n(a)?.sqrt(),
        Op::Tanh(a) => n(a)?.tanh(),
        Op::Sin(a) => n(a)?.sin(),
        Op::SinTurns(a) => n(a)?.sin_turns(),
        Op::Cos(a) => n(a)?.cos(),
        Op::Pow(a, b) => n(a)?.powf(n(b)?),
        Op::Floor(a) => n(a)?.floor(),
        Op::Coefficient(_) | Op::State(_) | Op::Current | Op::Exponential => return None,
        Op::Deviate(_) | Op::Clock(_) | Op::Conductance => return None,
        Op::Mask(_) | Op::Below(..) | Op::AtMost(..) | Op::NotNegative(_) => return None,
        Op::And(..) | Op::Or(..) | Op::Not(_) | Op::Choose(..) => return None,
    })
}
