//! The operations of a tape.

use super::stream::Deviates;
use crate::real::Reach;

/// A result on a tape: the index of its operation.
pub type Id = usize;

/// An operation. Those that compare give masks, all others numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    /// A number.
    Constant(f64),
    /// A coefficient of the neuron, by its index.
    Coefficient(usize),
    /// A variable of the neuron's state at the begin of the step, by its index.
    State(usize),
    /// The injected current.
    Current,
    /// The injected conductance.
    Conductance,
    /// An exponential deviate of mean 1, see [`Input`](crate::model::Input).
    Exponential,
    /// A random number of one of the tape's streams, by its index: a new one every step.
    Deviate(usize),
    /// A digit of the number of the step, see [`clock`](super::clock).
    Clock(usize),
    /// -a.
    Neg(Id),
    /// a + b.
    Add(Id, Id),
    /// a - b.
    Sub(Id, Id),
    /// a b.
    Mul(Id, Id),
    /// a / b.
    Div(Id, Id),
    /// a b + c, rounded once where the device can.
    Fma(Id, Id, Id),
    /// The smaller one.
    Min(Id, Id),
    /// The larger one.
    Max(Id, Id),
    /// e^a.
    Exp(Id),
    /// e^a - 1.
    Expm1(Id),
    /// a / (e^a - 1), given e^a - 1.
    Exprelr(Id, Id),
    /// (1 - e^-a) / a.
    Phi(Id, Reach),
    /// The natural logarithm.
    Ln(Id),
    /// The square root.
    Sqrt(Id),
    /// The hyperbolic tangent.
    Tanh(Id),
    /// The sine.
    Sin(Id),
    /// sin(2 pi a), for a of some turns.
    SinTurns(Id),
    /// The cosine.
    Cos(Id),
    /// a^b, a >= 0.
    Pow(Id, Id),
    /// The largest whole number that is not larger.
    Floor(Id),
    /// A mask that holds always, or never.
    Mask(bool),
    /// a < b.
    Below(Id, Id),
    /// a <= b.
    AtMost(Id, Id),
    /// a >= 0, and not -0.
    NotNegative(Id),
    /// Both masks hold.
    And(Id, Id),
    /// One of two masks holds, or both.
    Or(Id, Id),
    /// A mask does not hold.
    Not(Id),
    /// The second where the first, a mask, holds, else the third.
    Choose(Id, Id, Id),
}

impl Op {
    /// The results that it takes.
    pub fn operands(self) -> impl Iterator<Item = Id> {
        let (a, b, c) = match self {
            Op::Constant(_) | Op::Coefficient(_) | Op::State(_) => (None, None, None),
            Op::Current | Op::Conductance | Op::Exponential => (None, None, None),
            Op::Mask(_) | Op::Deviate(_) | Op::Clock(_) => (None, None, None),
            Op::Neg(a) | Op::Exp(a) | Op::Expm1(a) | Op::Phi(a, _) => (Some(a), None, None),
            Op::Ln(a) | Op::Sqrt(a) | Op::Tanh(a) | Op::Sin(a) => (Some(a), None, None),
            Op::SinTurns(a) => (Some(a), None, None),
            Op::Cos(a) | Op::Floor(a) | Op::NotNegative(a) | Op::Not(a) => (Some(a), None, None),
            Op::Add(a, b) | Op::Sub(a, b) | Op::Mul(a, b) | Op::Div(a, b) | Op::Min(a, b) => {
                (Some(a), Some(b), None)
            }
            Op::Max(a, b) | Op::Exprelr(a, b) | Op::Pow(a, b) | Op::Below(a, b) => {
                (Some(a), Some(b), None)
            }
            Op::AtMost(a, b) | Op::And(a, b) | Op::Or(a, b) => (Some(a), Some(b), None),
            Op::Fma(a, b, c) | Op::Choose(a, b, c) => (Some(a), Some(b), Some(c)),
        };
        [a, b, c].into_iter().flatten()
    }

    /// The same with other operands.
    #[must_use]
    pub fn with(self, to: impl Fn(Id) -> Id) -> Op {
        match self {
            Op::Constant(_) | Op::Coefficient(_) | Op::State(_) => self,
            Op::Current | Op::Conductance | Op::Exponential => self,
            Op::Mask(_) | Op::Deviate(_) | Op::Clock(_) => self,
            Op::Neg(a) => Op::Neg(to(a)),
            Op::Exp(a) => Op::Exp(to(a)),
            Op::Expm1(a) => Op::Expm1(to(a)),
            Op::Phi(a, reach) => Op::Phi(to(a), reach),
            Op::Ln(a) => Op::Ln(to(a)),
            Op::Sqrt(a) => Op::Sqrt(to(a)),
            Op::Tanh(a) => Op::Tanh(to(a)),
            Op::Sin(a) => Op::Sin(to(a)),
            Op::SinTurns(a) => Op::SinTurns(to(a)),
            Op::Cos(a) => Op::Cos(to(a)),
            Op::Floor(a) => Op::Floor(to(a)),
            Op::NotNegative(a) => Op::NotNegative(to(a)),
            Op::Not(a) => Op::Not(to(a)),
            Op::Add(a, b) => Op::Add(to(a), to(b)),
            Op::Sub(a, b) => Op::Sub(to(a), to(b)),
            Op::Mul(a, b) => Op::Mul(to(a), to(b)),
            Op::Div(a, b) => Op::Div(to(a), to(b)),
            Op::Min(a, b) => Op::Min(to(a), to(b)),
            Op::Max(a, b) => Op::Max(to(a), to(b)),
            Op::Exprelr(a, b) => Op::Exprelr(to(a), to(b)),
            Op::Pow(a, b) => Op::Pow(to(a), to(b)),
            Op::Below(a, b) => Op::Below(to(a), to(b)),
            Op::AtMost(a, b) => Op::AtMost(to(a), to(b)),
            Op::And(a, b) => Op::And(to(a), to(b)),
            Op::Or(a, b) => Op::Or(to(a), to(b)),
            Op::Fma(a, b, c) => Op::Fma(to(a), to(b), to(c)),
            Op::Choose(a, b, c) => Op::Choose(to(a), to(b), to(c)),
        }
    }

    /// Whether it may differ from step to step within a word of 32, whatever it takes.
    pub fn is_within_word(self) -> bool {
        self.is_of_step() && !matches!(self, Op::Clock(1..))
    }

    /// Whether it may differ from step to step, whatever it takes.
    pub fn is_of_step(self) -> bool {
        matches!(
            self,
            Op::State(_)
                | Op::Current
                | Op::Conductance
                | Op::Exponential
                | Op::Deviate(_)
                | Op::Clock(_)
        )
    }

    /// Whether it gives a mask.
    pub fn is_mask(self) -> bool {
        matches!(
            self,
            Op::Mask(_)
                | Op::Below(..)
                | Op::AtMost(..)
                | Op::NotNegative(_)
                | Op::And(..)
                | Op::Or(..)
                | Op::Not(_)
        )
    }
}

/// A step of a neuron.
#[derive(Clone, Debug, PartialEq)]
pub struct Tape {
    /// The operations, each after its operands.
    pub ops: Vec<Op>,
    /// The name of each result, if it has one.
    pub names: Vec<Option<String>>,
    /// Names of the coefficients.
    pub coefficients: Vec<String>,
    /// Names of the variables of the state.
    pub states: Vec<String>,
    /// The random numbers that a step takes.
    pub streams: Vec<Deviates>,
    /// Whether there is a spike at the begin of the step: a mask.
    pub spike: Id,
    /// The state after the spike, if there is one.
    pub after: Vec<Id>,
    /// The state a step later.
    pub next: Vec<Id>,
}

impl Tape {
    /// How often each result is taken, by operations and as a result of the step.
    pub fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.ops.len()];
        let taken = self.ops.iter().flat_map(|op| op.operands());
        let given = self.next.iter().copied().chain([self.spike]);
        taken.chain(given).for_each(|id| uses[id] += 1);
        uses
    }

    /// For each operation, whether its result is computed once for a word of 32 steps.
    pub fn of_words(&self) -> Vec<bool> {
        let mut varies: Vec<bool> = Vec::new();
        for op in &self.ops {
            varies.push(op.is_within_word() || op.operands().any(|id| varies[id]));
        }
        let is_leaf = |op: &Op| op.operands().next().is_none();
        varies.iter().zip(&self.ops).map(|(varies, op)| !varies && !is_leaf(op)).collect()
    }

    /// The operations and streams without which the step comes out the same left away; `after` stays right as far as it is needed
    /// for the step.
    #[must_use]
    pub fn pruned(&self) -> Tape {
        let mut needed = vec![false; self.ops.len()];
        let roots = self.next.iter().chain(&self.after).copied().chain([self.spike]);
        roots.for_each(|id| needed[id] = true);
        for id in (0..self.ops.len()).rev() {
            if needed[id] {
                self.ops[id].operands().for_each(|operand| needed[operand] = true);
            }
        }
        let mut index = vec![0; self.ops.len()];
        let (mut ops, mut names) = (Vec::new(), Vec::new());
        let mut streams: Vec<usize> = Vec::new();
        for id in (0..self.ops.len()).filter(|id| needed[*id]) {
            index[id] = ops.len();
            let op = match self.ops[id] {
                Op::Deviate(stream) => {
                    let known = streams.iter().position(|taken| *taken == stream);
                    Op::Deviate(known.unwrap_or_else(|| {
                        streams.push(stream);
                        streams.len() - 1
                    }))
                }
                op => op.with(|operand| index[operand]),
            };
            ops.push(op);
            names.push(self.names[id].clone());
        }
        let all = |ids: &[Id]| ids.iter().map(|id| index[*id]).collect();
        Tape {
            ops,
            names,
            spike: index[self.spike],
            after: all(&self.after),
            next: all(&self.next),
            streams: streams.into_iter().map(|stream| self.streams[stream].clone()).collect(),
            ..self.clone()
        }
    }
}

/// A line for each operation: `%7 = fma %3 %5 %6  # v`.
impl std::fmt::Display for Tape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (id, op) in self.ops.iter().enumerate() {
            let name = format!("{op:?}");
            let name = name.split(['(', ' ']).next().unwrap_or_default().to_lowercase();
            write!(f, "%{id} = {name}")?;
            match *op {
                Op::Constant(x) => write!(f, " {x}")?,
                Op::Coefficient(n) => write!(f, " {}", self.coefficients[n])?,
                Op::State(n) => write!(f, " {}", self.states[n])?,
                Op::Deviate(n) => write!(f, " {}", self.streams[n].name)?,
                Op::Clock(n) => write!(f, " {n}")?,
                _ => op.operands().try_for_each(|operand| write!(f, " %{operand}"))?,
            }
            match &self.names[id] {
                Some(name) => writeln!(f, "  # {name}")?,
                None => writeln!(f)?,
            }
        }
        writeln!(f, "spike %{}", self.spike)?;
        self.states
            .iter()
            .zip(&self.next)
            .try_for_each(|(name, id)| writeln!(f, "next {name} %{id}"))
    }
}
