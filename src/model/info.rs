//! What is told about a model: names, units, defaults, bounds, sources.

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
    /// From -1 to 1.
    Correlation,
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
                Bound::Correlation => (-1.0..=1.0).contains(&x),
            }
    }

    /// The bound in words, after "must be".
    pub fn words(self) -> &'static str {
        match self {
            Bound::Finite => "between -1e30 and 1e30",
            Bound::Positive => "above 0 (and at most 1e30)",
            Bound::NotNegative => "0 or above (and at most 1e30)",
            Bound::Fraction => "between 0 and 1",
            Bound::Correlation => "between -1 and 1",
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
    /// Whether a step takes an exponential deviate besides the current, see [`Input`](super::neuron::Input).
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

/// A named set of values of parameters.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// The name for `preset`.
    pub name: &'static str,
    /// Parameters by their index, with their values.
    pub values: &'static [(usize, f64)],
}

/// What is told about a model, besides its functions.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// The name for `--model`.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// Its equations, a line each.
    pub equations: &'static [&'static str],
    /// Where the equations and values come from.
    pub source: &'static str,
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
    /// Named sets of values, each of some parameters by their index.
    pub presets: &'static [Preset],
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

impl Info {
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
            "nA" => "nA*sqrt(s)",
            "1" => "sqrt(s)",
            _ => "uA/cm2*sqrt(s)",
        }
    }
}
