//! Models that are written in Rust.

use std::marker::PhantomData;
use std::sync::Arc;

use super::dynamics::{Dynamics, Variant};
use super::neuron::{Complaint, MissedCrossings, Neuron, Stepping};
use super::row::Row;
use crate::tape::{Tape, of_neuron};

/// What a model in Rust does.
#[derive(Debug)]
pub struct Rust<N>(pub PhantomData<N>);

/// A row of numbers that are in its order.
fn row<R: Row<f64>>(values: &[f64]) -> R {
    R::from_fn(|field| values[field])
}

impl<N: Neuron + std::fmt::Debug> Dynamics for Rust<N> {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }

    fn check(&self, parameters: &[f64], integrator: usize, dt: f64) -> Result<(), Complaint> {
        N::check(&row(parameters), integrator, dt)
    }

    fn check_single(&self, parameters: &[f64], dt: f64) -> Result<(), Complaint> {
        N::check_single(&row(parameters), dt)
    }

    fn fine(&self, parameters: &[f64], integrator: usize, dt: f64) -> bool {
        N::fine(&row(parameters), integrator, dt)
    }

    fn zero_current(&self, parameters: &[f64]) -> Option<f64> {
        N::zero_current(&row(parameters))
    }

    fn coefficients(&self, parameters: &[f64], by: &Stepping, to: &mut Vec<f64>) {
        N::derive(&row(parameters), by).for_each(|_, value| to.push(value));
    }

    fn initial(&self, parameters: &[f64], by: &Stepping, to: &mut Vec<f64>) {
        N::initial(&row(parameters), by).for_each(|_, value| to.push(value));
    }

    fn observe(&self, parameters: &[f64], by: &Stepping, state: &[f64]) -> Vec<f64> {
        N::observe(&row(parameters), by, &row(state))
    }

    fn missed_crossings(
        &self,
        parameters: &[f64],
        by: &Stepping,
        current: f64,
    ) -> Option<MissedCrossings> {
        N::missed_crossings(&row(parameters), by, current)
    }

    fn tape(&self, variant: Variant) -> Arc<Tape> {
        Arc::new(of_neuron::<N>(variant.integrator, variant.fine))
    }
}
