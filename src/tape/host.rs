//! What depends on parameters only is done once, on the host, in double precision.

use std::sync::Arc;

use super::builder::{Builder, value};
use super::op::{Id, Op, Tape};
use super::time::clock;

/// What a step is of, for one neuron.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// The coefficients.
    pub coefficients: &'a [f64],
    /// The state.
    pub states: &'a [f64],
    /// The injected current.
    pub current: f64,
    /// The injected conductance.
    pub conductance: f64,
    /// The random numbers of the tape's streams.
    pub deviates: &'a [f64],
    /// The number of the step.
    pub step: u32,
}

impl<'a> Values<'a> {
    /// Of coefficients and a state, without current, random numbers or time.
    pub fn new(coefficients: &'a [f64], states: &'a [f64]) -> Self {
        Values { coefficients, states, current: 0.0, conductance: 0.0, deviates: &[], step: 0 }
    }
}

/// The results of all operations in double precision; a mask is 1 or 0.
pub fn evaluate(ops: &[Op], of: Values<'_>) -> Vec<f64> {
    let mut results: Vec<f64> = Vec::with_capacity(ops.len());
    for op in ops {
        let at = |id: Id| results[id];
        let mask = |holds: bool| f64::from(u8::from(holds));
        results.push(match *op {
            Op::Coefficient(n) => of.coefficients.get(n).copied().unwrap_or(f64::NAN),
            Op::State(n) => of.states.get(n).copied().unwrap_or(f64::NAN),
            Op::Current => of.current,
            Op::Conductance => of.conductance,
            Op::Exponential => 1.0,
            Op::Deviate(n) => of.deviates.get(n).copied().unwrap_or(0.0),
            Op::Clock(n) => clock(of.step).get(n).copied().unwrap_or(0.0),
            Op::Mask(holds) => mask(holds),
            Op::Below(a, b) => mask(at(a) < at(b)),
            Op::AtMost(a, b) => mask(at(a) <= at(b)),
            Op::NotNegative(a) => mask(at(a) >= 0.0),
            Op::And(a, b) => at(a) * at(b),
            Op::Or(a, b) => at(a).max(at(b)),
            Op::Not(a) => 1.0 - at(a),
            Op::Choose(a, b, c) => at(if at(a) != 0.0 { b } else { c }),
            other => value(other, &|id| Some(at(id))).unwrap_or(f64::NAN),
        });
    }
    results
}

/// Whether results depend on coefficients and constants only.
fn fixed(ops: &[Op]) -> Vec<bool> {
    let mut is_fixed: Vec<bool> = Vec::new();
    for op in ops {
        let is_own = !op.is_of_step();
        is_fixed.push(is_own && op.operands().all(|id| is_fixed[id]));
    }
    is_fixed
}

/// The same step, with products instead of quotients by what is the same in every step, and sums of products in one.
fn cheaper(tape: &Tape) -> Tape {
    let is_fixed = fixed(&tape.ops);
    let uses = tape.uses();
    let mut builder = Builder::with_streams(&tape.streams);
    let mut at: Vec<Id> = Vec::with_capacity(tape.ops.len());
    for (id, op) in tape.ops.iter().enumerate() {
        let product = |id: Id| match tape.ops[id] {
            Op::Mul(x, y) if uses[id] == 1 && !is_fixed[id] && tape.names[id].is_none() => {
                Some((x, y))
            }
            _ => None,
        };
        let to = match *op {
            Op::Div(a, b) if is_fixed[b] && !is_fixed[a] => {
                let one = builder.constant(1.0);
                let inverse = builder.push(Op::Div(one, at[b]));
                builder.push(Op::Mul(at[a], inverse))
            }
            Op::Add(a, b) if !is_fixed[id] => match (product(a), product(b)) {
                (Some((x, y)), _) => builder.push(Op::Fma(at[x], at[y], at[b])),
                (None, Some((x, y))) => builder.push(Op::Fma(at[x], at[y], at[a])),
                (None, None) => builder.push(Op::Add(at[a], at[b])),
            },
            other => builder.push(other.with(|operand| at[operand])),
        };
        if let Some(name) = &tape.names[id] {
            builder.name(to, name);
        }
        at.push(to);
    }
    let all = |ids: &[Id]| ids.iter().map(|id| at[*id]).collect();
    let (after, next) = (all(&tape.after), all(&tape.next));
    builder.finish(tape.coefficients.clone(), tape.states.clone(), at[tape.spike], after, next)
}

/// A step whose coefficients are computed from others, the parameters.
#[derive(Clone, Debug)]
pub struct Hoisted {
    /// The step.
    pub tape: Arc<Tape>,
    /// Operations on parameters.
    ops: Vec<Op>,
    /// The result that each coefficient is.
    roots: Vec<Id>,
}

impl Hoisted {
    /// Moves what depends on coefficients only out of a step.
    pub fn new(tape: &Tape) -> Self {
        let tape = &cheaper(tape);
        // Whether a result depends on coefficients and constants only, and on a coefficient at all.
        let is_fixed = fixed(&tape.ops);
        let mut has_coefficient: Vec<bool> = Vec::new();
        for op in &tape.ops {
            let own = matches!(op, Op::Coefficient(_));
            has_coefficient.push(own || op.operands().any(|id| has_coefficient[id]));
        }
        let hoists = |id: Id| is_fixed[id] && has_coefficient[id] && !tape.ops[id].is_mask();
        // A result is a coefficient if something that is not one takes it.
        let mut is_root = vec![false; tape.ops.len()];
        for (id, op) in tape.ops.iter().enumerate() {
            if !hoists(id) {
                op.operands().filter(|operand| hoists(*operand)).for_each(|id| is_root[id] = true);
            }
        }
        let given = tape.next.iter().chain(&tape.after);
        given.filter(|id| hoists(**id)).for_each(|id| is_root[*id] = true);
        let roots: Vec<Id> = (0..tape.ops.len()).filter(|id| is_root[*id]).collect();
        let mut names: Vec<String> = Vec::new();
        for (n, id) in roots.iter().enumerate() {
            let name = match tape.ops[*id] {
                Op::Coefficient(parameter) => Some(tape.coefficients[parameter].clone()),
                _ => tape.names[*id].clone(),
            };
            let name = name.filter(|name| !names.contains(name) && !tape.states.contains(name));
            names.push(name.unwrap_or_else(|| format!("k_{}", n + 1)));
        }
        let coefficient = |id: Id| roots.iter().position(|root| *root == id).map(Op::Coefficient);
        let ops = (0..tape.ops.len()).map(|id| match hoists(id) {
            true => coefficient(id).unwrap_or(Op::Constant(0.0)),
            false => tape.ops[id],
        });
        let tape_of = Tape { ops: ops.collect(), coefficients: names, ..tape.clone() };
        Hoisted { tape: Arc::new(tape_of.pruned()), ops: tape.ops.clone(), roots }
    }

    /// The coefficients of a neuron, from its parameters.
    pub fn coefficients(&self, parameters: &[f64], to: &mut Vec<f64>) {
        // States do not matter to what is taken.
        let states = vec![0.0; self.tape.states.len()];
        let results = evaluate(&self.ops, Values::new(parameters, &states));
        to.extend(self.roots.iter().map(|root| results[*root]));
    }
}
