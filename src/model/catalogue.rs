//! The list of models.

use std::marker::PhantomData;
use std::path::Path;

use super::dynamics::Model;
use super::equations::{self, parse};
use super::hodgkin_huxley::HodgkinHuxley;
use super::info::Parameter;
use super::lif::Lif;
use super::neuron::Neuron;
use super::rust::Rust;
use crate::error::Error;

/// Something done for a model in Rust whose type matters.
pub trait Visitor {
    /// What comes out.
    type Output;

    /// Does it.
    fn visit<N: Neuron>(self) -> Self::Output;
}

/// Lists the models in Rust, each by its type.
macro_rules! models {
    ($($neuron:ident),+ $(,)?) => {
        /// The models in Rust.
        static RUST: &[&Model] = &[$(&Model {
            info: $neuron::INFO,
            dynamics: &Rust::<$neuron>(PhantomData),
            text: None,
            conducting: None,
        }),+];

        /// The same as equations: names and texts.
        const COMPILED: &[(&str, &str)] = &[$(($neuron::INFO.name, $neuron::EQUATIONS)),+];

        impl Model {
            /// Calls a visitor with the model's type, if it is one in Rust.
            pub fn visit<V: Visitor>(&self, visitor: V) -> Option<V::Output> {
                if !RUST.iter().any(|model| std::ptr::eq(*model, self)) {
                    return None;
                }
                $(if self.name == $neuron::INFO.name {
                    return Some(visitor.visit::<$neuron>());
                })+
                None
            }
        }
    };
}

models![Lif, HodgkinHuxley];

/// Lists the models that are files of equations, each by its name.
macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        /// The models that are files of equations: names and texts.
        const FILES: &[(&str, &str)] = &[$((
            $name,
            include_str!(concat!("../../models/", $name, ".toml")),
        )),+];
    };
}

files![
    "exponential_integrate_and_fire",
    "quadratic_integrate_and_fire",
    "adaptive_exponential",
    "izhikevich",
    "glif1",
    "glif2",
    "glif3",
    "glif4",
    "glif5",
    "traub_miles",
    "wang_buzsaki",
    "connor_stevens",
    "morris_lecar",
    "fitzhugh_nagumo",
    "hindmarsh_rose",
    "pospischil",
    "hodgkin_huxley_channels",
    "resonate_and_fire",
];

/// The names of all models.
pub fn names() -> impl Iterator<Item = &'static str> {
    RUST.iter().map(|model| model.name).chain(FILES.iter().map(|(name, _)| *name))
}

/// All models.
pub fn models() -> Vec<&'static Model> {
    names().filter_map(Model::named).collect()
}

impl Model {
    /// The model that is taken where none is named.
    pub fn default_one() -> &'static Model {
        RUST[0]
    }

    /// The model of this name, if there is one.
    pub fn named(name: &str) -> Option<&'static Model> {
        if let Some(model) = RUST.iter().copied().find(|model| model.name == name) {
            return Some(model);
        }
        let (name, text) = FILES.iter().find(|(known, _)| *known == name)?;
        // That they are right is tested.
        parse(Path::new(name), text, name).ok()
    }

    /// The model with conductances injected, that take `I = g (E - v)` at its membrane potential v; one in Rust is stepped
    /// by its equations then. None if the model has no membrane potential.
    ///
    /// # Errors
    /// Never, unless the catalogue is wrong.
    pub fn with_conductances(&'static self) -> Result<Option<&'static Model>, Error> {
        let model = self.as_equations()?;
        equations::conducting(self, model)
    }

    /// How the membrane responds to small currents, about where a mean current, and a mean conductance (current per mV), hold
    /// it; none if there is no such place, if it is not stable, or if there is no membrane potential.
    pub fn response(
        &'static self,
        parameters: &[f64],
        dt: f64,
        mean: (f64, f64),
    ) -> Option<equations::Response> {
        let model = self.with_conductances().ok().flatten()?;
        let value = |parameter: &Parameter| {
            let own = self.parameters.iter().position(|own| own.name == parameter.name);
            own.and_then(|n| parameters.get(n).copied()).unwrap_or(parameter.default)
        };
        let parameters: Vec<f64> = model.parameters.iter().map(value).collect();
        let equations = model.dynamics.as_any().downcast_ref::<equations::Equations>()?;
        equations.response(&parameters, dt, mean)
    }

    /// The model as one of equations: itself, if it is that.
    ///
    /// # Errors
    /// Never, unless the catalogue is wrong.
    pub fn as_equations(&'static self) -> Result<&'static Model, Error> {
        match COMPILED.iter().find(|(name, _)| *name == self.name) {
            Some((name, text)) if self.text.is_none() => parse(Path::new(name), text, name),
            _ => Ok(self),
        }
    }
}
