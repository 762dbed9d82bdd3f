//! A model of equations: what it does, for the engines.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use super::file::Definition;
use super::response::{Linear, Response};
use super::written::{InText, Slopes, Written};
use crate::equations::{Results, Wrong};
use crate::error::Error;
use crate::integrator::{Integrator, relaxed};
use crate::model::dynamics::{Dynamics, Variant};
use crate::model::neuron::{Complaint, MOST_COUNTED, MissedCrossings, Stepping, too_long};
use crate::tape::{Builder, Hoisted, Id, Op, Tape};

/// Longer steps are no neuron, and would take minutes to compile for a GPU.
const MOST_OPERATIONS: usize = 20_000;

/// What a model of equations does.
#[derive(Debug)]
pub struct Equations {
    written: Written,
    is_noisy: bool,
    /// The integrators that the model allows, the default first.
    integrators: Vec<Integrator>,
    /// Their steps, made when they are asked for.
    steps: Vec<OnceLock<Arc<Hoisted>>>,
    /// The start values, whether a spike's condition holds, and what can be looked at.
    start: Results,
    condition: Results,
    observed: Results,
    /// Steps of the refractory period, and of the lock-out.
    counted: Vec<Results>,
    staggered: Option<Staggered>,
    /// The response to small currents, made when it is asked for.
    linear: OnceLock<Option<Linear>>,
}

/// Variables half a step apart: they start half a step back, and are looked at half a step ahead.
#[derive(Debug)]
struct Staggered {
    back: Results,
    observed: Results,
}

impl Staggered {
    fn new(written: &Written) -> Result<Self, InText<'_>> {
        let relax = |b: &mut Builder, states: &[Id], share: f64| {
            let others: Vec<usize> = (1..states.len()).collect();
            let dt = written.dt(b);
            let share = b.constant(share);
            let time = b.push(Op::Mul(share, dt));
            relaxed(b, &Slopes { model: written, current: None }, states, &others, time)
        };
        let back = written.results(|_, b, states| Ok(relax(b, states, -0.5)))?;
        let observed = written.results(|w, b, states| {
            let ahead = relax(b, states, 0.5);
            w.observables(b, &ahead)
        })?;
        Ok(Staggered { back, observed })
    }
}

impl Equations {
    /// The model of a file.
    ///
    /// # Errors
    /// What is wrong with its equations, and where.
    pub fn new(definition: Definition, conducts: bool) -> Result<Self, Error> {
        let written = Written::new(definition, conducts);
        let told = |(text, wrong): InText<'_>| written.definition.wrong(text, wrong);
        written.all_right().map_err(told)?;
        let start = written.results(|w, b, _| w.starts(b)).map_err(told)?;
        let condition = written
            .results(|w, b, states| Ok(vec![w.condition(b, states, None)?]))
            .map_err(told)?;
        let observed = written.results(|w, b, states| w.observables(b, states)).map_err(told)?;
        let spike = &written.definition.spike;
        let mut counted = Vec::new();
        for text in [&spike.refractory, &spike.lockout].into_iter().flatten() {
            let steps = written.results(|w, b, states| {
                let steps = w.time_in_steps(b, states, text)?;
                Ok(vec![steps.whole])
            });
            counted.push(steps.map_err(told)?);
        }
        let default = match &written.definition.integrator {
            None if written.noise().is_some() => Integrator::Euler,
            None => Integrator::Heun,
            // With conductances, not all that a file may have as its default holds.
            Some((integrator, _)) if conducts && written.allows(*integrator).is_err() => {
                Integrator::ExponentialEuler
            }
            Some((integrator, at)) => {
                written.allows(*integrator).map_err(|why| {
                    let message = format!("this integrator {why}");
                    written.definition.problem(at.clone(), message, "use another one")
                })?;
                *integrator
            }
        };
        let all = Integrator::NAMED.map(|(_, integrator)| integrator);
        let others = all
            .into_iter()
            .filter(|integrator| *integrator != default && written.allows(*integrator).is_ok());
        let integrators: Vec<Integrator> = [default].into_iter().chain(others).collect();
        let staggered = match integrators.contains(&Integrator::Staggered) {
            true => Some(Staggered::new(&written).map_err(told)?),
            false => None,
        };
        let steps = integrators.iter().map(|_| OnceLock::new()).collect();
        let model = Equations {
            start,
            condition,
            observed,
            counted,
            staggered,
            linear: OnceLock::new(),
            is_noisy: false,
            integrators,
            steps,
            written,
        };
        let step = model.hoisted(0).tape.clone();
        let longest = step.ops.len();
        if longest > MOST_OPERATIONS {
            let text = &model.written.definition.states[0].value;
            let message = format!("a step has {longest} operations, more than {MOST_OPERATIONS}");
            let wrong =
                Wrong::new(text.expression.span.clone(), message, "write the equations shorter");
            return Err(model.written.definition.wrong(text, wrong));
        }
        Ok(Equations { is_noisy: !step.streams.is_empty(), ..model })
    }

    /// How the membrane responds to small currents, about where a mean current and conductance hold it; none if there is no
    /// such place, or no membrane potential.
    pub fn response(&self, parameters: &[f64], dt: f64, mean: (f64, f64)) -> Option<Response> {
        let linear = self.linear.get_or_init(|| Linear::new(&self.written).ok());
        let given = self.in_units(parameters, dt);
        let start = self.start.of(&given, &[]);
        linear.as_ref()?.about(&given, &start, self.written.potential_index()?, mean)
    }

    /// Whether there is a membrane potential.
    pub fn has_potential(&self) -> bool {
        self.written.potential_index().is_some()
    }

    /// The file.
    pub fn definition(&self) -> &Definition {
        &self.written.definition
    }

    /// The integrators that the model allows, the default first.
    pub fn integrators(&self) -> &[Integrator] {
        &self.integrators
    }

    /// The step of an integrator by its index.
    fn hoisted(&self, integrator: usize) -> Arc<Hoisted> {
        let index = integrator.min(self.steps.len() - 1);
        let make = || {
            let step = self.written.step(self.integrators[index]);
            // The equations were read before: they are right.
            let step = step.unwrap_or_else(|_| Builder::default().nothing());
            Arc::new(Hoisted::new(&step))
        };
        self.steps[index].get_or_init(make).clone()
    }

    /// Parameters in the units of the tape, and the time step after them, with no noise.
    fn in_units(&self, parameters: &[f64], dt: f64) -> Vec<f64> {
        let scaled = parameters.iter().zip(&self.written.parameters).map(|(x, factor)| x * factor);
        scaled.chain([dt, 0.0]).collect()
    }

    /// What an integrator does that has variables half a step apart; none if it has not.
    fn staggered(&self, integrator: usize) -> Option<&Staggered> {
        let is = self.integrators.get(integrator) == Some(&Integrator::Staggered);
        self.staggered.as_ref().filter(|_| is)
    }
}

impl Dynamics for Equations {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn is_noisy(&self) -> bool {
        self.is_noisy
    }

    fn check(&self, parameters: &[f64], _integrator: usize, dt: f64) -> Result<(), Complaint> {
        let given = self.in_units(parameters, dt);
        let start = self.start.of(&given, &[]);
        let bad = start.iter().position(|value| !value.is_finite());
        match bad {
            None => Ok(()),
            Some(n) => Err(Complaint {
                key: "",
                cause: "",
                message: format!(
                    "{} starts at no finite number",
                    self.written.definition.states[n].name
                ),
                remedy: "look for a parameter that is far off".into(),
            }),
        }
    }

    fn check_single(&self, parameters: &[f64], dt: f64) -> Result<(), Complaint> {
        let given = self.in_units(parameters, dt);
        let states = vec![0.0; self.written.states];
        let steps = self.counted.iter().flat_map(|counted| counted.of(&given, &states));
        match steps.into_iter().find(|steps| *steps >= MOST_COUNTED) {
            Some(steps) => Err(too_long("dt", steps)),
            None => Ok(()),
        }
    }

    fn fine(&self, _parameters: &[f64], _integrator: usize, _dt: f64) -> bool {
        false
    }

    fn zero_current(&self, _parameters: &[f64]) -> Option<f64> {
        None
    }

    fn coefficients(&self, parameters: &[f64], by: &Stepping, to: &mut Vec<f64>) {
        let mut given = self.in_units(parameters, by.dt);
        given[parameters.len() + 1] = by.white_noise;
        self.hoisted(by.integrator).coefficients(&given, to);
    }

    fn initial(&self, parameters: &[f64], by: &Stepping, to: &mut Vec<f64>) {
        let given = self.in_units(parameters, by.dt);
        let mut start = self.start.of(&given, &[]);
        let held = self.condition.of(&given, &start);
        if let Some(staggered) = self.staggered(by.integrator) {
            start = staggered.back.of(&given, &start);
        }
        to.extend(start);
        let holds = held.first().copied().unwrap_or(0.0);
        to.extend(self.written.hidden_at_start(self.integrators[by.integrator], holds));
    }

    fn observe(&self, parameters: &[f64], by: &Stepping, state: &[f64]) -> Vec<f64> {
        let given = self.in_units(parameters, by.dt);
        match self.staggered(by.integrator) {
            Some(staggered) => staggered.observed.of(&given, state),
            None => self.observed.of(&given, state),
        }
    }

    fn missed_crossings(
        &self,
        _parameters: &[f64],
        _by: &Stepping,
        _current: f64,
    ) -> Option<MissedCrossings> {
        None
    }

    fn tape(&self, variant: Variant) -> Arc<Tape> {
        let hoisted = self.hoisted(variant.integrator);
        hoisted.tape.clone()
    }
}
