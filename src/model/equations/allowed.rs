//! Which integrators equations allow.

use super::written::Written;
use crate::integrator::Integrator;
use crate::tape::{Builder, Id, Op, derivative};

/// Beyond it, a matrix and its products would be a long tape.
const MOST_LINEAR: usize = 12;

/// The slopes on a tape of their own, of leaves.
struct Slopes {
    builder: Builder,
    states: Vec<Id>,
    current: Id,
    slopes: Vec<Id>,
}

impl Slopes {
    fn new(written: &Written) -> Option<Self> {
        let mut builder = Builder::default();
        let states = written.leaves(&mut builder);
        let current = builder.push(Op::Current);
        let slopes = written.slopes(&mut builder, &states, Some(current)).ok()?;
        Some(Slopes { builder, states, current, slopes })
    }

    /// For each result, whether it is made of one of some leaves.
    fn made_of(&self, leaf: impl Fn(Op) -> bool) -> Vec<bool> {
        let mut made: Vec<bool> = Vec::new();
        for op in self.builder.ops() {
            made.push(leaf(*op) || op.operands().any(|id| made[id]));
        }
        made
    }

    /// For each result, whether it is a sum of states, times what is the same in every step, and of what does not depend on
    /// states.
    fn linear(&self) -> Vec<bool> {
        let moves = self.made_of(|op| matches!(op, Op::State(_)));
        let is_fixed = |id: Id| self.builder.is_fixed(id);
        let mut linear: Vec<bool> = Vec::new();
        for (id, op) in self.builder.ops().iter().enumerate() {
            let is = match *op {
                _ if !moves[id] => true,
                Op::State(_) | Op::Neg(_) | Op::Add(..) | Op::Sub(..) => true,
                Op::Mul(a, b) => is_fixed(a) || is_fixed(b),
                Op::Fma(a, b, _) => is_fixed(a) || is_fixed(b) || !(moves[a] || moves[b]),
                Op::Div(_, b) => is_fixed(b),
                Op::Choose(mask, ..) => is_fixed(mask),
                _ => false,
            };
            linear.push(!moves[id] || is && op.operands().all(|id| linear[id]));
        }
        linear
    }

    /// Whether random numbers drive the states, and whether their strength depends on states.
    fn noise(&mut self) -> Option<Noise> {
        let random: Vec<Id> = (0..self.builder.ops().len())
            .filter(|id| matches!(self.builder.op(*id), Op::Deviate(_)))
            .collect();
        if random.is_empty() {
            return None;
        }
        let b = &mut self.builder;
        for slope in &self.slopes {
            for deviate in &random {
                let strength = derivative(b, *slope, *deviate, &self.states);
                if !b.is_fixed(strength) {
                    return Some(Noise::OfState);
                }
            }
        }
        Some(Noise::Additive)
    }
}

/// How noise inside a model depends on its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// Not at all.
    Additive,
    /// Its strength does.
    OfState,
}

impl Written {
    /// Whether the model allows an integrator.
    ///
    /// # Errors
    /// Why it does not.
    pub fn allows(&self, integrator: Integrator) -> Result<(), &'static str> {
        match (integrator, self.noise()) {
            (Integrator::Bridge, Some(_)) => {
                return Err("is for white noise of the current, not for noise inside a model");
            }
            (Integrator::Euler | Integrator::Heun, _) | (_, None | Some(Noise::Additive)) => {}
            _ => {
                return Err(
                    "is not for noise whose strength depends on the state: euler solves that as Ito has it, heun as Stratonovich",
                );
            }
        }
        match integrator {
            Integrator::Staggered if !self.may_be_staggered() => Err(
                "is for models whose first state is a potential and whose others depend on it and themselves only",
            ),
            Integrator::Exact | Integrator::Bridge if !self.is_linear() => {
                Err("is for linear equations, of at most 12 states")
            }
            Integrator::Bridge if !self.has_bridge() => Err(
                "is for spikes where a state that the current drives, and a spike resets, comes to a level that the current does not drive",
            ),
            _ => Ok(()),
        }
    }

    /// The noise inside the model, if there is any.
    pub fn noise(&self) -> Option<Noise> {
        Slopes::new(self)?.noise()
    }

    /// Whether all states but the first, a potential, depend on it and themselves only.
    fn may_be_staggered(&self) -> bool {
        let Some(tape) = Slopes::new(self) else { return false };
        let apart = (1..self.states).all(|n| {
            let of_others = tape.made_of(|op| match op {
                Op::State(other) => other != 0 && other != n,
                op => op == Op::Current,
            });
            !of_others[tape.slopes[n]]
        });
        self.definition.states[0].unit.ends_with('V') && self.states > 1 && apart
    }

    fn is_linear(&self) -> bool {
        let Some(tape) = Slopes::new(self) else { return false };
        let linear = tape.linear();
        self.states <= MOST_LINEAR && tape.slopes.iter().all(|slope| linear[*slope])
    }

    /// Whether white noise drives a state to a level that it does not drive.
    fn has_bridge(&self) -> bool {
        let Some(mut tape) = Slopes::new(self) else { return false };
        let spike = &self.definition.spike;
        let states = tape.states.clone();
        let current = tape.current;
        let Some((n, level)) = self.level(&mut tape.builder, &states, current) else {
            return false;
        };
        let refractory = spike.refractory.as_ref().map(|text| {
            let steps = self.time_in_steps(&mut tape.builder, &states, text);
            steps.map_or(level, |steps| steps.whole)
        });
        let by_current = tape.made_of(|op| op == Op::Current);
        let is_driven = |n: usize| by_current[tape.slopes[n]];
        let of_driven = tape.made_of(|op| matches!(op, Op::State(n) if is_driven(n)));
        let of_states = tape.made_of(|op| matches!(op, Op::State(_)));
        // What the noise of a step does must be the same in every step.
        let gain = derivative(&mut tape.builder, tape.slopes[n], current, &states);
        is_driven(n)
            && tape.builder.is_fixed(gain)
            && !(of_driven[level] || by_current[level])
            && !spike.is_upward
            && spike.reset.iter().any(|(reset, _)| *reset == n)
            && refractory.is_none_or(|steps| !of_states[steps])
    }

    /// The state that comes to a level at a spike, and the level, if that is how its condition is written.
    pub fn level(&self, b: &mut Builder, states: &[Id], current: Id) -> Option<(usize, Id)> {
        let when = self.condition(b, states, Some(current)).ok()?;
        let (Op::AtMost(level, above) | Op::Below(level, above)) = b.op(when) else { return None };
        let n = states.iter().position(|state| *state == above)?;
        Some((n, level))
    }
}
