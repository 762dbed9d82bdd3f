//! The list of models.

use std::marker::PhantomData;

use super::dynamics::Model;
use super::hodgkin_huxley::HodgkinHuxley;
use super::lif::Lif;
use super::neuron::Neuron;
use super::rust::Rust;

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
        /// All models.
        pub static MODELS: &[&Model] = &[$(&Model {
            info: $neuron::INFO,
            dynamics: &Rust::<$neuron>(PhantomData),
        }),+];

        impl Model {
            /// Calls a visitor with the model's type, if it is written in Rust.
            pub fn visit<V: Visitor>(&self, visitor: V) -> Option<V::Output> {
                $(if self.name == $neuron::INFO.name {
                    return Some(visitor.visit::<$neuron>());
                })+
                None
            }
        }
    };
}

models![Lif, HodgkinHuxley];

impl Model {
    /// The model of this name, if there is one.
    pub fn named(name: &str) -> Option<&'static Model> {
        MODELS.iter().copied().find(|model| model.name == name)
    }
}
