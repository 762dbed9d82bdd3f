//! Equations on tapes: slopes, starts, what can be looked at.

use std::collections::HashMap;

use super::file::Definition;
use crate::equations::{
    Expression, Lowering, Moment, Names, Quantity, Results, Text, Units, Wrong,
};
use crate::integrator::System;
use crate::tape::{Builder, Id, Op};
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
    /// Whether conductances are injected besides the current.
    pub conducts: bool,
}

/// A time in steps.
pub struct Steps {
    /// As it is.
    pub exact: Id,
    /// In whole ones.
    pub whole: Id,
}

/// A wrong expression of the file.
pub type InText<'a> = (&'a Text, Wrong);

impl Written {
    /// The equations of a file.
    pub fn new(definition: Definition, conducts: bool) -> Self {
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
            conducts,
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
        Ok(Results::new(builder, roots))
    }

    pub(super) fn leaves(&self, builder: &mut Builder) -> Vec<Id> {
        (0..self.states).map(|n| builder.push(Op::State(n))).collect()
    }

    /// Which state is the membrane potential: the first that is a potential.
    pub fn potential_index(&self) -> Option<usize> {
        let volt = Self::dimension("mV");
        self.definition.states.iter().position(|state| Self::dimension(&state.unit) == volt)
    }

    fn potential(&self, states: &[Option<Id>]) -> Option<Id> {
        states.get(self.potential_index()?).copied().flatten()
    }

    pub(super) fn dimension(unit: &str) -> Dimension {
        measure(unit).map_or(Dimension::NUMBER, |(dimension, _)| dimension)
    }

    /// Names at some values of the states; those that are none have no value yet.
    pub(super) fn names(
        &self,
        b: &mut Builder,
        states: &[Option<Id>],
        current: Option<Id>,
    ) -> Names<'_> {
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
        let mut injected = current.unwrap_or_else(|| b.constant(0.0));
        // What flows through a conductance: its reversal potentials are in the current.
        if let (true, Some(v)) = (self.conducts && current.is_some(), self.potential(states)) {
            let conductance = b.push(Op::Conductance);
            let through = b.push(Op::Mul(conductance, v));
            injected = b.push(Op::Sub(injected, through));
        }
        let current = b.push(Op::Mul(injected, factor));
        known.insert("I".into(), Quantity::Number(current, dimension));
        let dt = self.dt(b);
        known.insert("dt".into(), Quantity::Number(dt, Dimension::TIME));
        known.insert("t".into(), Quantity::Moment(Moment::time(b, dt), Dimension::TIME));
        Names::new(known, &self.definitions, self.units)
    }

    /// Something of an expression of the file.
    pub(super) fn lowered<'a, T>(
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
    pub(super) fn slopes(
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

    /// The time step.
    pub fn dt(&self, b: &mut Builder) -> Id {
        b.push(Op::Coefficient(self.parameters.len()))
    }

    /// A time in steps: in whole ones a part of a step counts as one, rounding errors of the division do not.
    pub fn time_in_steps<'a>(
        &'a self,
        b: &mut Builder,
        states: &[Id],
        text: &'a Text,
    ) -> Result<Steps, InText<'a>> {
        let values: Vec<Option<Id>> = states.iter().copied().map(Some).collect();
        let mut names = self.names(b, &values, None);
        let time =
            self.lowered(b, &mut names, text, |l, e| l.number_of(e, Dimension::TIME, "it"))?;
        let dt = self.dt(b);
        let exact = b.push(Op::Div(time, dt));
        let slack = b.constant(-1e-6);
        let steps = b.push(Op::Add(exact, slack));
        // Upwards.
        let minus = b.push(Op::Neg(steps));
        let down = b.push(Op::Floor(minus));
        let up = b.push(Op::Neg(down));
        let zero = b.constant(0.0);
        Ok(Steps { exact, whole: b.push(Op::Max(up, zero)) })
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

    /// Whether the condition of a spike holds.
    pub fn condition(
        &self,
        b: &mut Builder,
        states: &[Id],
        current: Option<Id>,
    ) -> Result<Id, InText<'_>> {
        let values: Vec<Option<Id>> = states.iter().copied().map(Some).collect();
        let mut names = self.names(b, &values, current);
        self.lowered(b, &mut names, &self.definition.spike.when, |l, e| l.mask(e))
    }
}

/// Whether a result depends on an operation.
pub(super) fn depends(ops: &[Op], root: Id, on: Op) -> bool {
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
