//! What a model does, whatever it is written in.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use super::info::Info;
use super::neuron::{Complaint, MissedCrossings, Stepping};
use crate::tape::Tape;

/// Which of a model's steps it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Variant {
    /// Index of the integrator in the model's list.
    pub integrator: usize,
    /// Whether the step is [`fine`](Dynamics::fine) for all neurons that are stepped together.
    pub fine: bool,
}

/// What a model does. Parameters are in the order of [`Info::parameters`] and in their units; all is in double
/// precision: the engines have their own for what is done in a step.
pub trait Dynamics: Debug + Send + Sync {
    /// Says what is wrong with one neuron's parameters together, or with the step for them.
    ///
    /// # Errors
    /// The parameter to blame and why.
    fn check(&self, parameters: &[f64], integrator: usize, dt: f64) -> Result<(), Complaint>;

    /// Says what single precision cannot do with one neuron's parameters.
    ///
    /// # Errors
    /// The parameter to blame and why.
    fn check_single(&self, parameters: &[f64], dt: f64) -> Result<(), Complaint>;

    /// Whether the step is fine enough for one neuron that cheaper forms of some functions hold.
    fn fine(&self, parameters: &[f64], integrator: usize, dt: f64) -> bool;

    /// The injected current that steps count from; none if they count from no current.
    fn zero_current(&self, parameters: &[f64]) -> Option<f64>;

    /// Appends the coefficients of a neuron, which its steps read, to a list.
    fn coefficients(&self, parameters: &[f64], by: &Stepping, to: &mut Vec<f64>);

    /// Appends the state at time 0 to a list.
    fn initial(&self, parameters: &[f64], by: &Stepping, to: &mut Vec<f64>);

    /// The values of [`Info::states`], then of [`Info::observables`], at the time of a state.
    fn observe(&self, parameters: &[f64], by: &Stepping, state: &[f64]) -> Vec<f64>;

    /// What is missed in white noise by looking at the threshold at the steps only, if that is known.
    fn missed_crossings(
        &self,
        parameters: &[f64],
        by: &Stepping,
        current: f64,
    ) -> Option<MissedCrossings>;

    /// Itself, to be asked for what only some have.
    fn as_any(&self) -> &dyn Any;

    /// Whether there is noise inside.
    fn is_noisy(&self) -> bool {
        false
    }

    /// The step.
    fn tape(&self, variant: Variant) -> Arc<Tape>;
}

/// A neuron model. There is one value of each: two are the same if they are at the same address.
#[derive(Debug)]
pub struct Model {
    /// What is told about it.
    pub info: Info,
    /// What it does.
    pub dynamics: &'static dyn Dynamics,
    /// The text of its file, if it is one of equations that has a file of its own.
    pub text: Option<&'static str>,
    /// The model that this is with injected conductances, if it is that.
    pub conducting: Option<&'static Model>,
}

impl Model {
    /// The model itself, whether with injected conductances or not.
    pub fn plain(&'static self) -> &'static Model {
        self.conducting.unwrap_or(self)
    }
}

impl Model {
    /// All its steps that differ: of each integrator, and those for fine steps where there are any.
    pub fn variants(&self) -> Vec<Variant> {
        let of = |integrator| {
            let [plain, fine] = [false, true].map(|fine| Variant { integrator, fine });
            match self.dynamics.tape(plain) == self.dynamics.tape(fine) {
                true => vec![plain],
                false => vec![plain, fine],
            }
        };
        (0..self.integrators.len()).flat_map(of).collect()
    }
}

impl std::ops::Deref for Model {
    type Target = Info;

    fn deref(&self) -> &Info {
        &self.info
    }
}

impl PartialEq for Model {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Model {}

impl std::hash::Hash for Model {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self).hash(state);
    }
}
