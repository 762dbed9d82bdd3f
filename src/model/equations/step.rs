//! The step of a model of equations: spike, reset, refractory period, integration.

use super::written::{InText, Slopes, Written};
use crate::integrator::{Integrator, System, exact};
use crate::tape::{Builder, Id, Op, Tape, derivative};

/// What is kept besides the states: counts and conditions, by their names.
const REFRACTORY: &str = "refractory_steps";
const LOCKED: &str = "locked_steps";
const BEFORE: &str = "held_before";
const CROSSED: &str = "crossed";

/// What a neuron's spike leaves, while a step is made.
struct Spiked {
    /// The states after a spike, if there is one.
    after: Vec<Id>,
    /// Whether states are held in the step.
    is_held: Option<Id>,
    /// Whether the step is the first one after a spike in which they are not.
    is_first: Id,
    /// What the refractory period is in whole steps beyond what it is.
    rest: Id,
}

impl Written {
    /// The names of what is kept besides the states with an integrator.
    pub fn hidden(&self, integrator: Integrator) -> Vec<&'static str> {
        let spike = &self.definition.spike;
        let names = [
            (REFRACTORY, spike.refractory.is_some()),
            (LOCKED, spike.lockout.is_some()),
            (BEFORE, spike.is_upward),
            (CROSSED, integrator == Integrator::Bridge),
        ];
        names.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect()
    }

    /// What is kept besides the states at time 0; `holds` is whether the condition of a spike does.
    pub fn hidden_at_start(&self, integrator: Integrator, holds: f64) -> Vec<f64> {
        let start = |name| if name == BEFORE { holds } else { 0.0 };
        self.hidden(integrator).into_iter().map(start).collect()
    }

    /// The step of an integrator, with parameters, the time step and the white noise of a step as coefficients.
    pub fn step(&self, integrator: Integrator) -> Result<Tape, InText<'_>> {
        let mut builder = Builder::default();
        let b = &mut builder;
        let states = self.leaves(b);
        let hidden = self.hidden(integrator);
        let leaf = |b: &mut Builder, name: &str| {
            let n = hidden.iter().position(|hidden| *hidden == name)?;
            Some(b.push(Op::State(states.len() + n)))
        };
        let [refractory, locked, before, crossed] =
            [REFRACTORY, LOCKED, BEFORE, CROSSED].map(|name| leaf(b, name));
        let current = b.push(Op::Current);
        let spike = &self.definition.spike;
        let [zero, one] = [0.0, 1.0].map(|x| b.constant(x));
        let when = self.condition(b, &states, Some(current))?;
        let mut fires = when;
        if let Some(crossed) = crossed {
            let crossed = b.push(Op::Below(zero, crossed));
            fires = b.push(Op::Or(fires, crossed));
        }
        if let Some(before) = before {
            let was_not = b.push(Op::AtMost(before, zero));
            fires = b.push(Op::And(fires, was_not));
        }
        for count in [refractory, locked].into_iter().flatten() {
            let is_over = b.push(Op::AtMost(count, zero));
            fires = b.push(Op::And(fires, is_over));
        }
        let after = self.reset(b, &states, current, fires)?;
        let mut spiked = Spiked { after, is_held: None, is_first: fires, rest: zero };
        let mut hidden_after = Vec::new();
        let mut hidden_next = Vec::new();
        let countdown = |b: &mut Builder, after: Id| {
            let is_on = b.push(Op::Below(zero, after));
            let less = b.push(Op::Sub(after, one));
            b.push(Op::Choose(is_on, less, after))
        };
        if let (Some(left), Some(text)) = (refractory, &spike.refractory) {
            let steps = self.time_in_steps(b, &states, text)?;
            // The step of the spike itself is one more.
            let whole = b.push(Op::Add(steps.whole, one));
            let after = b.push(Op::Choose(fires, whole, left));
            let next = countdown(b, after);
            let is_held = b.push(Op::Below(zero, next));
            let was_held = b.push(Op::Below(zero, after));
            let is_over = b.push(Op::AtMost(next, zero));
            spiked.is_first = b.push(Op::And(was_held, is_over));
            spiked.rest = b.push(Op::Sub(steps.whole, steps.exact));
            spiked.is_held = Some(is_held);
            hidden_after.push(after);
            hidden_next.push(next);
        }
        if let (Some(left), Some(text)) = (locked, &spike.lockout) {
            let steps = self.time_in_steps(b, &states, text)?;
            let after = b.push(Op::Choose(fires, steps.whole, left));
            hidden_after.push(after);
            hidden_next.push(countdown(b, after));
        }
        if let Some(before) = before {
            hidden_after.push(before);
            hidden_next.push(b.push(Op::Choose(when, one, zero)));
        }
        let system = Slopes { model: self, current: Some(current) };
        let mut next = match crossed {
            None => {
                let dt = self.dt(b);
                integrator.step(b, &system, &spiked.after, dt)
            }
            Some(was) => {
                let (next, crosses) = self.bridge(b, &system, &spiked, current);
                hidden_after.push(b.push(Op::Choose(fires, zero, was)));
                hidden_next.push(b.push(Op::Choose(crosses, one, zero)));
                next
            }
        };
        if let Some(held) = spiked.is_held {
            for n in &spike.hold {
                next[*n] = b.push(Op::Choose(held, spiked.after[*n], next[*n]));
            }
        }
        let parameters = self.definition.parameters.iter().map(|p| p.name.clone());
        let coefficients = parameters.chain(["dt".into(), "white_noise".into()]).collect();
        let state_names = self.definition.states.iter().map(|state| state.name.clone());
        let all = state_names.chain(hidden.iter().map(|name| (*name).to_owned())).collect();
        let after = [spiked.after, hidden_after].concat();
        let next = [next, hidden_next].concat();
        Ok(builder.finish(coefficients, all, fires, after, next))
    }

    /// The states after a spike where there is one.
    fn reset(
        &self,
        b: &mut Builder,
        states: &[Id],
        current: Id,
        fires: Id,
    ) -> Result<Vec<Id>, InText<'_>> {
        let values: Vec<Option<Id>> = states.iter().copied().map(Some).collect();
        let mut names = self.names(b, &values, Some(current));
        let mut after = states.to_vec();
        for (n, text) in &self.definition.spike.reset {
            let state = &self.definition.states[*n];
            let wanted = Self::dimension(&state.unit);
            let value =
                self.lowered(b, &mut names, text, |l, e| l.number_of(e, wanted, &state.name))?;
            after[*n] = b.push(Op::Choose(fires, value, states[*n]));
        }
        Ok(after)
    }

    /// The exact step of a linear system whose white noise may come to the level of a spike between two steps, and
    /// whether it does: a Brownian bridge from x to y below the level, of variance s^2, crosses it with the
    /// probability exp(-2 x y / s^2). A crossing is seen at the next step, half a step late on average: the first step
    /// after a spike makes up for it, and for the rest of a part of a step of the refractory period.
    fn bridge(
        &self,
        b: &mut Builder,
        system: &dyn System,
        spiked: &Spiked,
        current: Id,
    ) -> (Vec<Id>, Id) {
        // Where there is no noise, nothing crosses.
        const NO_NOISE: f64 = 1e-15;
        let slopes = system.slopes(b, &spiked.after);
        let jacobian = exact::jacobian(b, &slopes, &spiked.after);
        let dt = self.dt(b);
        let phi = exact::phi(b, &jacobian, dt);
        let half = b.constant(1.5);
        let longer = b.push(Op::Add(half, spiked.rest));
        let longer = b.push(Op::Mul(longer, dt));
        let mut of_first = exact::phi(b, &jacobian, longer);
        for (first, other) in of_first.iter_mut().flatten().zip(phi.iter().flatten()) {
            *first = b.push(Op::Choose(spiked.is_first, *first, *other));
        }
        let mut next = exact::along(b, &spiked.after, &of_first, &slopes);
        let Some((n, level)) = self.level(b, &spiked.after, current) else {
            let never = b.push(Op::Mask(false));
            return (next, never);
        };
        // What the noise of a step moves it by: the first of the matrix's row times what the current does to slopes.
        let mut scale = b.constant(0.0);
        for (share, slope) in phi[n].iter().zip(&slopes) {
            let gain = derivative(b, *slope, current, &spiked.after);
            let term = b.push(Op::Mul(*share, gain));
            scale = b.push(Op::Add(scale, term));
        }
        let noise = b.push(Op::Coefficient(self.parameters.len() + 1));
        let scale = b.push(Op::Mul(scale, noise));
        let least = b.constant(NO_NOISE);
        let variance = b.push(Op::Mul(scale, scale));
        let variance = b.push(Op::Max(variance, least));
        let level_next = self.level(b, &next, current).map_or(level, |(_, level)| level);
        let way = b.push(Op::Sub(level, spiked.after[n]));
        let way_next = b.push(Op::Sub(level_next, next[n]));
        let two = b.constant(2.0);
        let per_variance = b.push(Op::Div(two, variance));
        let product = b.push(Op::Mul(way, way_next));
        let exponent = b.push(Op::Mul(product, per_variance));
        let deviate = b.push(Op::Exponential);
        let mut crosses = b.push(Op::Below(exponent, deviate));
        if let Some(held) = spiked.is_held {
            let free = b.push(Op::Not(held));
            crosses = b.push(Op::And(crosses, free));
        }
        next[n] = b.push(Op::Choose(crosses, level_next, next[n]));
        (next, crosses)
    }
}
