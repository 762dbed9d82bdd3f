//! A model of equations on tapes: its start, its step, what can be looked at.

use std::collections::HashMap;

use super::expression::{Expression, Wrong};
use super::file::Definition;
use super::lower::{Lowering, Names, Quantity};
use super::table::Text;
use super::units::Units;
use crate::integrator::{Integrator, System};
use crate::tape::{Builder, Id, Op, Tape, Values, evaluate};
use crate::unit::{Dimension, measure};

/// Equations as their file has them.
#[derive(Debug)]
pub struct Written {
    /// The file.
    pub definition: Definition,
    /// The definitions' expressions, by their names.
    definitions: Vec<(String, Expression)>,
    /// The units of numbers on tapes.
    units: Units,
    /// Factors from the units of parameters to those of tapes.
    pub parameters: Vec<f64>,
    /// How many states there are.
    pub states: usize,
}

/// Results of a tape of its own, for the host.
#[derive(Debug)]
pub struct Results {
    ops: Vec<Op>,
    roots: Vec<Id>,
}

impl Results {
    /// The results, from parameters and the time step in the units of tapes, and a state.
    pub fn of(&self, coefficients: &[f64], states: &[f64]) -> Vec<f64> {
        let values = evaluate(&self.ops, Values { coefficients, states, current: 0.0 });
        self.roots.iter().map(|root| values[*root]).collect()
    }
}

/// A wrong expression of the file.
pub type InText<'a> = (&'a Text, Wrong);

impl Written {
    /// The equations of a file.
    pub fn new(definition: Definition) -> Self {
        let units = Units::of(&definition.current);
        let factor = |unit: &str| {
            let (dimension, size) = measure(unit).unwrap_or((Dimension::NUMBER, 1.0));
            units.factor(dimension, size)
        };
        let definitions =
            definition.definitions.iter().map(|(n, text)| (n.clone(), text.expression.clone()));
        Written {
            definitions: definitions.collect(),
            parameters: definition.parameters.iter().map(|p| factor(&p.unit)).collect(),
            states: definition.states.len(),
            units,
            definition,
        }
    }

    /// Operations of a tape of its own.
    pub fn results<'a>(
        &'a self,
        write: impl FnOnce(&'a Self, &mut Builder, &[Id]) -> Result<Vec<Id>, InText<'a>>,
    ) -> Result<Results, InText<'a>> {
        let mut builder = Builder::default();
        let states = self.leaves(&mut builder);
        let roots = write(self, &mut builder, &states)?;
        Ok(Results { roots, ops: builder.into_ops() })
    }

    fn leaves(&self, builder: &mut Builder) -> Vec<Id> {
        (0..self.states).map(|n| builder.push(Op::State(n))).collect()
    }

    fn dimension(unit: &str) -> Dimension {
        measure(unit).map_or(Dimension::NUMBER, |(dimension, _)| dimension)
    }

    /// Names at some values of the states; those that are none have no value yet.
    fn names(&self, b: &mut Builder, states: &[Option<Id>], current: Option<Id>) -> Names<'_> {
        let mut known = HashMap::new();
        for (n, parameter) in self.definition.parameters.iter().enumerate() {
            let id = b.push(Op::Coefficient(n));
            let dimension = Self::dimension(&parameter.unit);
            known.insert(parameter.name.clone(), Quantity::Number(id, dimension));
        }
        for (state, id) in self.definition.states.iter().zip(states) {
            if let Some(id) = id {
                let quantity = Quantity::Number(*id, Self::dimension(&state.unit));
                known.insert(state.name.clone(), quantity);
            }
        }
        let (dimension, size) =
            measure(&self.definition.current).unwrap_or((Dimension::NUMBER, 1.0));
        let factor = b.constant(self.units.factor(dimension, size));
        let current = current.unwrap_or_else(|| b.constant(0.0));
        let current = b.push(Op::Mul(current, factor));
        known.insert("I".into(), Quantity::Number(current, dimension));
        let dt = b.push(Op::Coefficient(self.parameters.len()));
        known.insert("dt".into(), Quantity::Number(dt, Dimension::TIME));
        Names { known, definitions: &self.definitions, units: self.units }
    }

    /// Something of an expression of the file.
    fn lowered<'a, T>(
        &'a self,
        b: &mut Builder,
        names: &mut Names<'a>,
        text: &'a Text,
        take: impl FnOnce(&mut Lowering<'a, '_>, &Expression) -> Result<T, Wrong>,
    ) -> Result<T, InText<'a>> {
        let mut lowering = Lowering { builder: b, names, open: Vec::new(), depth: 0 };
        take(&mut lowering, &text.expression).map_err(|wrong| (text, wrong))
    }

    /// The derivatives of the states.
    fn slopes(
        &self,
        b: &mut Builder,
        states: &[Id],
        current: Option<Id>,
    ) -> Result<Vec<Id>, InText<'_>> {
        let values: Vec<Option<Id>> = states.iter().copied().map(Some).collect();
        let mut names = self.names(b, &values, current);
        let mut slopes = Vec::new();
        for state in &self.definition.states {
            let wanted = Self::dimension(&state.unit) / Dimension::TIME;
            let what = format!("d{}/dt", state.name);
            slopes.push(
                self.lowered(b, &mut names, &state.value, |l, e| l.number_of(e, wanted, &what))?,
            );
        }
        Ok(slopes)
    }

    /// The values at time 0: each may take those before it.
    pub fn starts(&self, b: &mut Builder) -> Result<Vec<Id>, InText<'_>> {
        let mut values: Vec<Option<Id>> = vec![None; self.states];
        for (n, state) in self.definition.states.iter().enumerate() {
            let mut names = self.names(b, &values, None);
            let Some(start) = &state.start else { continue };
            let wanted = Self::dimension(&state.unit);
            let what = format!("the start of {}", state.name);
            values[n] =
                Some(self.lowered(b, &mut names, start, |l, e| l.number_of(e, wanted, &what))?);
        }
        Ok(values.into_iter().flatten().collect())
    }

    /// The states and observables, in their units.
    pub fn observables(&self, b: &mut Builder, states: &[Id]) -> Result<Vec<Id>, InText<'_>> {
        let values: Vec<Option<Id>> = states.iter().copied().map(Some).collect();
        let mut names = self.names(b, &values, None);
        let mut observed = Vec::new();
        let mut in_unit = |b: &mut Builder, id: Id, unit: &str| {
            let (dimension, size) = measure(unit).unwrap_or((Dimension::NUMBER, 1.0));
            let factor = b.constant(self.units.factor(dimension, size));
            observed.push(b.push(Op::Div(id, factor)));
        };
        for (state, id) in self.definition.states.iter().zip(states) {
            in_unit(b, *id, &state.unit);
        }
        for observable in &self.definition.observables {
            let wanted = Self::dimension(&observable.unit);
            let id = self.lowered(b, &mut names, &observable.value, |l, e| {
                l.number_of(e, wanted, &observable.name)
            })?;
            in_unit(b, id, &observable.unit);
        }
        Ok(observed)
    }

    /// A time in whole steps: a part of a step counts as a whole one, rounding errors of the division do not.
    pub fn time_in_steps<'a>(
        &'a self,
        b: &mut Builder,
        states: &[Id],
        text: &'a Text,
    ) -> Result<Id, InText<'a>> {
        let values: Vec<Option<Id>> = states.iter().copied().map(Some).collect();
        let mut names = self.names(b, &values, None);
        let time =
            self.lowered(b, &mut names, text, |l, e| l.number_of(e, Dimension::TIME, "it"))?;
        let dt = b.push(Op::Coefficient(self.parameters.len()));
        let steps = b.push(Op::Div(time, dt));
        let slack = b.constant(-1e-6);
        let steps = b.push(Op::Add(steps, slack));
        // Upwards.
        let minus = b.push(Op::Neg(steps));
        let down = b.push(Op::Floor(minus));
        let up = b.push(Op::Neg(down));
        let zero = b.constant(0.0);
        Ok(b.push(Op::Max(up, zero)))
    }

    /// Reads all equations once.
    pub fn all_right(&self) -> Result<(), InText<'_>> {
        let mut b = Builder::default();
        let states = self.leaves(&mut b);
        let current = b.push(Op::Current);
        // Definitions that nothing takes are read as well, each at its own place.
        let values: Vec<Option<Id>> = states.iter().copied().map(Some).collect();
        for (name, text) in &self.definition.definitions {
            let mut names = self.names(&mut b, &values, Some(current));
            let mut lowering =
                Lowering { builder: &mut b, names: &mut names, open: vec![name.clone()], depth: 0 };
            lowering.any(&text.expression).map_err(|wrong| (text, wrong))?;
        }
        self.slopes(&mut b, &states, Some(current))?;
        let mut names = self.names(&mut b, &values, Some(current));
        let spike = &self.definition.spike;
        let when = self.lowered(&mut b, &mut names, &spike.when, |l, e| l.mask(e))?;
        if !(0..self.states).any(|n| depends(b.ops(), when, Op::State(n))) {
            let always = match b.op(when) {
                Op::Mask(true) => "this always holds: ",
                Op::Mask(false) => "this never can hold: ",
                _ => "",
            };
            let message = format!("{always}it depends on no state");
            let span = spike.when.expression.span.clone();
            return Err((&spike.when, Wrong::new(span, message, "write for example v >= v_th")));
        }
        for (n, text) in &spike.reset {
            let state = &self.definition.states[*n];
            let wanted = Self::dimension(&state.unit);
            self.lowered(&mut b, &mut names, text, |l, e| l.number_of(e, wanted, &state.name))?;
        }
        Ok(())
    }

    /// Whether all states but the first, a potential, depend on it and themselves only.
    pub fn may_be_staggered(&self) -> bool {
        let mut b = Builder::default();
        let states = self.leaves(&mut b);
        let current = b.push(Op::Current);
        let Ok(slopes) = self.slopes(&mut b, &states, Some(current)) else { return false };
        let ops = b.into_ops();
        let depends = |root: Id, on: Op| depends(&ops, root, on);
        let is_potential = self.definition.states[0].unit.ends_with('V');
        let apart = (1..slopes.len()).all(|n| {
            (1..slopes.len()).all(|other| other == n || !depends(slopes[n], Op::State(other)))
                && !depends(slopes[n], Op::Current)
        });
        is_potential && slopes.len() > 1 && apart
    }

    /// Whether the condition of a spike holds.
    pub fn condition(&self, b: &mut Builder, states: &[Id]) -> Result<Vec<Id>, InText<'_>> {
        let values: Vec<Option<Id>> = states.iter().copied().map(Some).collect();
        let mut names = self.names(b, &values, None);
        let when = &self.definition.spike.when;
        Ok(vec![self.lowered(b, &mut names, when, |l, e| l.mask(e))?])
    }

    /// The names of what is kept besides the states.
    pub fn hidden(&self) -> Vec<&'static str> {
        let spike = &self.definition.spike;
        let names = [
            ("refractory_steps", spike.refractory.is_some()),
            ("locked_steps", spike.lockout.is_some()),
            ("held_before", spike.is_upward),
        ];
        names.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect()
    }

    /// The step of an integrator, with parameters as coefficients.
    pub fn step(&self, integrator: Integrator) -> Result<Tape, InText<'_>> {
        let mut builder = Builder::default();
        let b = &mut builder;
        let states = self.leaves(b);
        let hidden = self.hidden();
        let count = states.len();
        let leaf = |b: &mut Builder, name: &str| {
            let n = hidden.iter().position(|hidden| *hidden == name)?;
            Some(b.push(Op::State(count + n)))
        };
        let [refractory, locked, before] =
            ["refractory_steps", "locked_steps", "held_before"].map(|name| leaf(b, name));
        let current = b.push(Op::Current);
        let values: Vec<Option<Id>> = states.iter().copied().map(Some).collect();
        let mut names = self.names(b, &values, Some(current));
        let spike = &self.definition.spike;
        let zero = b.constant(0.0);
        let one = b.constant(1.0);
        let when = self.lowered(b, &mut names, &spike.when, |l, e| l.mask(e))?;
        let mut fires = when;
        if let Some(before) = before {
            let was_not = b.push(Op::AtMost(before, zero));
            fires = b.push(Op::And(fires, was_not));
        }
        for count in [refractory, locked].into_iter().flatten() {
            let is_over = b.push(Op::AtMost(count, zero));
            fires = b.push(Op::And(fires, is_over));
        }
        let mut after = states.clone();
        for (n, text) in &spike.reset {
            let state = &self.definition.states[*n];
            let wanted = Self::dimension(&state.unit);
            let value =
                self.lowered(b, &mut names, text, |l, e| l.number_of(e, wanted, &state.name))?;
            after[*n] = b.push(Op::Choose(fires, value, states[*n]));
        }
        let mut hidden_after = Vec::new();
        let mut hidden_next = Vec::new();
        let mut is_held = None;
        let countdown = |b: &mut Builder, after: Id| {
            let is_on = b.push(Op::Below(zero, after));
            let less = b.push(Op::Sub(after, one));
            b.push(Op::Choose(is_on, less, after))
        };
        if let (Some(steps), Some(text)) = (refractory, &spike.refractory) {
            let whole = self.time_in_steps(b, &states, text)?;
            // The step of the spike itself is one more.
            let whole = b.push(Op::Add(whole, one));
            let after = b.push(Op::Choose(fires, whole, steps));
            let next = countdown(b, after);
            is_held = Some(b.push(Op::Below(zero, next)));
            hidden_after.push(after);
            hidden_next.push(next);
        }
        if let (Some(steps), Some(text)) = (locked, &spike.lockout) {
            let whole = self.time_in_steps(b, &states, text)?;
            let after = b.push(Op::Choose(fires, whole, steps));
            hidden_after.push(after);
            hidden_next.push(countdown(b, after));
        }
        if let Some(before) = before {
            hidden_after.push(before);
            hidden_next.push(b.push(Op::Choose(when, one, zero)));
        }
        let dt = b.push(Op::Coefficient(self.parameters.len()));
        let system = Slopes { model: self, current: Some(current) };
        let mut next = integrator.step(b, &system, &after, dt);
        if let Some(held) = is_held {
            for n in &spike.hold {
                next[*n] = b.push(Op::Choose(held, after[*n], next[*n]));
            }
        }
        let parameters = self.definition.parameters.iter().map(|p| p.name.clone());
        let coefficients = parameters.chain(["dt".into()]).collect();
        let state_names = self.definition.states.iter().map(|state| state.name.clone());
        let all = state_names.chain(hidden.iter().map(|name| (*name).to_owned())).collect();
        let after = [after, hidden_after].concat();
        let next = [next, hidden_next].concat();
        Ok(builder.finish(coefficients, all, fires, after, next))
    }
}

/// Whether a result depends on an operation.
fn depends(ops: &[Op], root: Id, on: Op) -> bool {
    let mut needed = vec![false; ops.len()];
    needed[root] = true;
    (0..=root).rev().any(|id| {
        if needed[id] {
            ops[id].operands().for_each(|operand| needed[operand] = true);
        }
        needed[id] && ops[id] == on
    })
}

/// The equations as a system.
pub struct Slopes<'a> {
    /// The equations.
    pub model: &'a Written,
    /// The injected current; none where there is none.
    pub current: Option<Id>,
}

impl System for Slopes<'_> {
    fn slopes(&self, builder: &mut Builder, variables: &[Id]) -> Vec<Id> {
        // They were read before: they are right.
        let found = self.model.slopes(builder, variables, self.current);
        found.unwrap_or_else(|_| variables.to_vec())
    }
}
