//! The catalogue of neuron models.
//!
//! A model is a value: a name, its WGSL text, tables of its parameters and states, and three pure
//! functions written twice, in WGSL and in Rust: [`advance`](Neuron::advance) moves the state by
//! one step, [`spiked`](Neuron::spiked) says whether there is a spike, [`reset`](Neuron::reset)
//! is what a spike does to the state. To add a model, write `shaders/models/NAME.wgsl` and
//! `src/model/NAME.rs` and add the name to the list at the end of this file; the command line,
//! help, both engines, the tests and the benchmark go over that list.

use std::fmt::Debug;

use crate::real::Real;

/// One value a user can give a model, for all neurons or for each.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The key in TOML and for `--set`.
    pub name: &'static str,
    /// The unit of a bare number.
    pub unit: &'static str,
    /// The value where none is given; not a number where there is none.
    pub default: f64,
    /// What holds where there is neither a value nor a default, in a few words.
    pub without: &'static str,
    /// The values that make sense.
    pub bound: Bound,
    /// What it is, in a few words.
    pub about: &'static str,
}

/// The values of a parameter that make sense.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Any finite number.
    Finite,
    /// Above 0.
    Positive,
    /// 0 or above.
    NotNegative,
    /// From 0 to 1: the open fraction of a gate.
    Fraction,
}

/// Larger numbers are mistakes, and would leave no room in single precision (3e38).
const LARGEST: f64 = 1e30;

impl Bound {
    /// Whether a value is within this bound. Never true of NaN.
    pub fn holds(self, x: f64) -> bool {
        x.is_finite()
            && match self {
                Bound::Finite => x.abs() <= LARGEST,
                Bound::Positive => x > 0.0 && x <= LARGEST,
                Bound::NotNegative => (0.0..=LARGEST).contains(&x),
                Bound::Fraction => (0.0..=1.0).contains(&x),
            }
    }

    /// The bound in words, after "must be".
    pub fn words(self) -> &'static str {
        match self {
            Bound::Finite => "between -1e30 and 1e30",
            Bound::Positive => "above 0 (and at most 1e30)",
            Bound::NotNegative => "0 or above (and at most 1e30)",
            Bound::Fraction => "between 0 and 1",
        }
    }
}

/// A way to step a model's equations through time.
#[derive(Clone, Copy, Debug)]
pub struct Integrator {
    /// The name for `--integrator`.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// Whether a step takes an exponential deviate besides the current, see [`Input`].
    pub draws: bool,
}

/// A state variable that can be looked at.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its symbol in the literature.
    pub name: &'static str,
    /// Its unit; "1" for a pure number.
    pub unit: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
}

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

/// What is told about a model, besides its functions.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// The name for `--model`.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// Its equations, a line each.
    pub equations: &'static [&'static str],
    /// Where the equations and values come from.
    pub source: &'static str,
    /// The WGSL of `struct Coefficients`, `struct State`, `spiked`, `reset` and `advance`.
    pub wgsl: &'static str,
    /// The parameters a user can give.
    pub parameters: &'static [Parameter],
    /// The state variables that can be looked at.
    pub states: &'static [Variable],
    /// What follows from the states and can be looked at too.
    pub observables: &'static [Variable],
    /// The integrators, the default first; the kernel knows them by their index here.
    pub integrators: &'static [Integrator],
    /// What else must be known of them, a paragraph each.
    pub remarks: &'static [&'static str],
    /// The parameters that are times and are counted in whole steps, a part of a step as a whole one.
    pub in_steps: &'static [&'static str],
    /// The unit of the injected current.
    pub current_unit: &'static str,
    /// The time step where none is given, in ms.
    pub dt_ms: f64,
    /// The stimulus amplitude where none is given, in the unit of the current.
    pub amplitude: f64,
    /// The strength of white noise where none is given: unit of the current times sqrt(s).
    pub sigma_white: f64,
    /// The stationary standard deviation of Ornstein-Uhlenbeck noise where none is given.
    pub sigma_ou: f64,
}

/// Named numbers of one neuron in a fixed order: a row of a model's parameters or states.
///
/// The order and the names are those of the WGSL `struct`, every field is one 32-bit word there.
pub trait Row<T>: Copy + Debug + Send + Sync {
    /// The names of the fields.
    const NAMES: &'static [&'static str];

    /// Builds a row from a function of the field's number.
    fn from_fn(value: impl FnMut(usize) -> T) -> Self;

    /// Calls a function with every field's number and value.
    fn for_each(self, visit: impl FnMut(usize, T));
}

/// Declares a `struct` whose fields are all of one numeric type, and its [`Row`].
macro_rules! row {
    ($(#[$about:meta])* $visibility:vis struct $name:ident { $($(#[$field_about:meta])* $field:ident,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        $visibility struct $name<T> { $($(#[$field_about])* pub $field: T,)+ }

        impl<T: Copy + std::fmt::Debug + Send + Sync> $crate::model::Row<T> for $name<T> {
            const NAMES: &'static [&'static str] = &[$(stringify!($field)),+];

            #[inline(always)]
            fn from_fn(mut value: impl FnMut(usize) -> T) -> Self {
                let mut field = 0..;
                $(let $field = value(field.next().unwrap_or_default());)+
                Self { $($field),+ }
            }

            #[inline(always)]
            fn for_each(self, mut visit: impl FnMut(usize, T)) {
                let mut field = 0..;
                $(visit(field.next().unwrap_or_default(), self.$field);)+
            }
        }
    };
}
pub(crate) use row;

/// Declares the parameters a user can give: a [`Row`] named `Parameters` and the table
/// `PARAMETERS` that help, checks and documentation read.
macro_rules! parameters {
    ($($name:ident [$unit:literal] = $default:expr, $bound:ident, $about:literal $(, without: $without:literal)?;)+) => {
        $crate::model::row! {
            /// The parameters of one neuron, as the user gives them.
            pub struct Parameters { $(#[doc = $about] $name,)+ }
        }

        const PARAMETERS: &[$crate::model::Parameter] = &[$($crate::model::Parameter {
            name: stringify!($name),
            unit: $unit,
            default: $default,
            without: concat!($($without)?),
            bound: $crate::model::Bound::$bound,
            about: $about,
        }),+];
    };
}

/// How a neuron is stepped.
#[derive(Clone, Copy, Debug)]
pub struct Stepping {
    /// Place of the integrator in the model's list.
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
    /// [draw](Integrator::draws) in white noise; 1 for others.
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

/// A neuron model in Rust: the twin of its WGSL file, generic over the precision.
///
/// `Coefficients` is what the kernel reads: whatever can be computed once per neuron (exp(-dt/tau),
/// 1/g_l) is derived on the host in `f64`. All numbers are in the units of [`Model::parameters`];
/// time is in ms.
pub trait Neuron: Copy + Send + Sync + 'static {
    /// What is told about the model.
    const MODEL: Model;

    /// The parameters as the user gives them.
    type Parameters: Row<f64>;
    /// The parameters as the kernel reads them.
    type Coefficients<R: Real>: Row<R>;
    /// The state of one neuron.
    type State<R: Real>: Row<R>;

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

    /// Whether the step is fine enough for one neuron that [`Real::phi`] can stand in for the
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

    /// The values of [`Model::states`], then of [`Model::observables`], at the time of the state.
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
    fn spiked<R: Real>(p: &Self::Coefficients<R>, s: &Self::State<R>) -> bool;

    /// The state right after a spike.
    fn reset<R: Real>(p: &Self::Coefficients<R>, s: Self::State<R>) -> Self::State<R>;

    /// The state one step later, with `input` received during the step. `FINE` if the step is
    /// [`fine`](Self::fine) for all neurons that are stepped together.
    fn advance<R: Real, const INTEGRATOR: usize, const FINE: bool>(
        p: &Self::Coefficients<R>,
        s: Self::State<R>,
        input: Input<R>,
    ) -> Self::State<R>;
}

/// Whole numbers up to here are f32; beyond, counting down by 1 gets stuck.
pub const MOST_COUNTED: f64 = 16_777_216.0;

/// The complaint of a countdown that single precision cannot do.
fn too_long(key: &'static str, steps: f64) -> Complaint {
    Complaint {
        key,
        cause: "dt",
        message: format!("{key} is {steps:.0} steps, more than single precision can count"),
        remedy: "use --engine cpu --precision f64, or a shorter one".into(),
    }
}

/// The complaint of a step that single precision loses.
fn too_fine(dt: f64, finest: f64) -> Complaint {
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

/// Something done for a model whose Rust type matters.
pub trait Visitor {
    /// What comes out.
    type Output;

    /// Does it.
    fn visit<N: Neuron>(self) -> Self::Output;
}

impl Model {
    /// The model of this name, if there is one.
    pub fn named(name: &str) -> Option<&'static Model> {
        MODELS.iter().copied().find(|model| model.name == name)
    }

    /// Whether the steps of an integrator, given by its index, take exponential deviates.
    pub const fn draws(&self, integrator: usize) -> bool {
        integrator < self.integrators.len() && self.integrators[integrator].draws
    }

    /// The parameters that an integrator, given by its index, counts in whole steps.
    pub fn counted(&self, integrator: usize) -> &'static [&'static str] {
        if self.draws(integrator) { &[] } else { self.in_steps }
    }

    /// The number of a parameter in the model's table.
    pub fn parameter(&self, name: &str) -> Option<usize> {
        self.parameters.iter().position(|parameter| parameter.name == name)
    }

    /// The unit of the strength of white noise.
    pub fn white_noise_unit(&self) -> &'static str {
        match self.current_unit {
            "pA" => "pA*sqrt(s)",
            _ => "uA/cm2*sqrt(s)",
        }
    }
}

/// Lists the models: each is a module here and implements [`Neuron`] by the type given.
macro_rules! models {
    ($($module:ident::$neuron:ident),+ $(,)?) => {
        $(pub mod $module;)+

        /// All models.
        pub const MODELS: &[&Model] = &[$(&$module::$neuron::MODEL),+];

        impl Model {
            /// Calls a visitor with the model's Rust type.
            pub fn visit<V: Visitor>(&self, visitor: V) -> Option<V::Output> {
                $(if self.name == $module::$neuron::MODEL.name {
                    return Some(visitor.visit::<$module::$neuron>());
                })+
                None
            }
        }
    };
}

models![lif::Lif, hodgkin_huxley::HodgkinHuxley];
