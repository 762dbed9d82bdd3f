//! What a neuron model is in Rust.

use super::info::Info;
use super::row::Row;
use crate::real::Number;

/// Why a set of parameters makes no sense: which one to blame, and a sentence.
#[derive(Clone, Debug)]
pub struct Complaint {
    /// The key to blame: a parameter or `dt`.
    pub key: &'static str,
    /// The parameter that makes it wrong, to blame where the key has its default.
    pub cause: &'static str,
    /// What is wrong with it.
    pub message: String,
    /// What would be right.
    pub remedy: String,
}

/// How a neuron is stepped.
#[derive(Clone, Copy, Debug)]
pub struct Stepping {
    /// Index of the integrator in the model's list.
    pub integrator: usize,
    /// Time step (ms).
    pub dt: f64,
    /// Standard deviation of the white noise in the current of a step, in the model's unit; 0 without
    /// white noise.
    pub white_noise: f64,
}

/// What a neuron receives in a step.
#[derive(Clone, Copy, Debug)]
pub struct Input<R> {
    /// The injected current, counted from [`Neuron::zero_current`].
    pub current: R,
    /// An exponential deviate of mean 1, independent of the current, for integrators that
    /// [draw](super::info::Integrator::draws) in white noise; 1 for others.
    pub exponential: R,
}

/// What is missed by looking at the threshold at the steps only, in white noise.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct MissedCrossings {
    /// The neuron fires as if its threshold were so much higher (mV).
    pub threshold_shift_mv: f64,
    /// The rate in continuous time (Hz).
    pub continuous_rate_hz: f64,
    /// The expected relative error of the rate, to first order.
    pub rate_error: f64,
}

/// A neuron model in Rust, generic over the numbers it computes with; its WGSL is printed from it.
///
/// `Coefficients` is what the kernel reads: whatever can be computed once per neuron (exp(-dt/tau),
/// 1/g_l) is derived on the host in `f64`. All numbers are in the units of [`Info::parameters`];
/// time is in ms.
pub trait Neuron: Copy + Send + Sync + 'static {
    /// The same model as a file of equations: for what the step in Rust does not do.
    const EQUATIONS: &'static str;

    /// What is told about the model.
    const INFO: Info;

    /// The parameters as the user gives them.
    type Parameters: Row<f64>;
    /// The parameters as the kernel reads them.
    type Coefficients<R: Number>: Row<R>;
    /// The state of one neuron.
    type State<R: Number>: Row<R>;

    /// Says what is wrong with one neuron's parameters together, or with the step for them.
    ///
    /// # Errors
    /// The parameter to blame and why.
    fn check(parameters: &Self::Parameters, integrator: usize, dt: f64) -> Result<(), Complaint>;

    /// Says what single precision cannot do with one neuron's parameters: steps so fine that a step
    /// is lost in the last digit, countdowns beyond [`MOST_COUNTED`].
    ///
    /// # Errors
    /// The parameter to blame and why.
    fn check_single(parameters: &Self::Parameters, dt: f64) -> Result<(), Complaint>;

    /// Whether the step is fine enough for one neuron that [`Number::phi`] can stand in for the
    /// exponentials with which the integrator solves relaxations.
    fn fine(_parameters: &Self::Parameters, _integrator: usize, _dt: f64) -> bool {
        false
    }

    /// The injected current that the kernel counts from, so that single precision is finest where it
    /// matters: with it, the potential approaches a threshold at 0 and never reaches it. None if it counts from
    /// no current.
    fn zero_current(_parameters: &Self::Parameters) -> Option<f64> {
        None
    }

    /// What the kernel reads, from what the user gives.
    fn derive(parameters: &Self::Parameters, by: &Stepping) -> Self::Coefficients<f64>;

    /// The state at time 0.
    fn initial(parameters: &Self::Parameters, by: &Stepping) -> Self::State<f64>;

    /// The values of [`Info::states`], then of [`Info::observables`], at the time of the state.
    fn observe(parameters: &Self::Parameters, by: &Stepping, s: &Self::State<f64>) -> Vec<f64>;

    /// What is missed in white noise by looking at the threshold at the steps only, in a constant current;
    /// none where nothing is, or where it is not known.
    fn missed_crossings(
        _parameters: &Self::Parameters,
        _by: &Stepping,
        _current: f64,
    ) -> Option<MissedCrossings> {
        None
    }

    /// Whether there is a spike at the step that begins with this state.
    fn spiked<R: Number>(p: &Self::Coefficients<R>, s: &Self::State<R>) -> R::Mask;

    /// The state right after a spike.
    fn reset<R: Number>(p: &Self::Coefficients<R>, s: Self::State<R>) -> Self::State<R>;

    /// The state one step later, with `input` received during the step. `FINE` if the step is
    /// [`fine`](Self::fine) for all neurons that are stepped together.
    fn advance<R: Number, const INTEGRATOR: usize, const FINE: bool>(
        p: &Self::Coefficients<R>,
        s: Self::State<R>,
        input: Input<R>,
    ) -> Self::State<R>;
}

/// Whole numbers up to here are f32; beyond, counting down by 1 gets stuck.
pub const MOST_COUNTED: f64 = 16_777_216.0;

/// The complaint of a countdown that single precision cannot do.
pub fn too_long(key: &'static str, steps: f64) -> Complaint {
    Complaint {
        key,
        cause: "dt",
        message: format!("{key} is {steps:.0} steps, more than single precision can count"),
        remedy: "use --engine cpu --precision f64, or a shorter one".into(),
    }
}

/// The complaint of a step that single precision loses.
pub fn too_fine(dt: f64, finest: f64) -> Complaint {
    Complaint {
        key: "dt",
        cause: "",
        message: format!(
            "dt = {dt:e} ms is too fine for single precision: a step of the membrane potential is lost \
             in its last digit"
        ),
        remedy: format!("use --dt {finest:e} or more, or --engine cpu --precision f64"),
    }
}
