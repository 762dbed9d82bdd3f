//! The closed forms of noises: mean, variance, autocovariance and spectrum of their currents, from their parameters.

use std::collections::HashMap;

use super::file::Definition;
use crate::equations::{Expression, Lowering, Names, Quantity, Results, Text, Units};
use crate::error::Error;
use crate::tape::{Builder, Id, Op};
use crate::unit::{Dimension, measure};

/// The closed forms of one noise.
#[derive(Debug)]
pub struct Statistics {
    results: Results,
    factors: Vec<f64>,
}

/// Where statistics are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lookup {
    /// The time step (ms).
    pub dt: f64,
    /// The membrane potential (mV), where a conductance meets it.
    pub v: f64,
    /// The lag (ms).
    pub lag: f64,
    /// The frequency (Hz).
    pub frequency: f64,
}

/// The statistics of a noise with some parameters, in the unit of the current.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// The mean.
    pub mean: f64,
    /// The mean conductance, current per mV.
    pub conductance: f64,
    /// The variance in a step.
    pub variance: f64,
    /// The autocovariance at the lag.
    pub autocovariance: f64,
    /// The one-sided power spectral density at the frequency, the unit squared per Hz.
    pub spectrum: f64,
}

impl Statistics {
    /// The closed forms of a source for a model whose current has this unit; none if it has none: a stimulus.
    ///
    /// # Errors
    /// What is wrong with them, and where.
    pub fn of(definition: &Definition, current_unit: &str) -> Result<Option<Self>, Error> {
        let Some(closed) = &definition.statistics else { return Ok(None) };
        let units = Units::of(current_unit);
        let dimension = |unit: &str| measure(unit).unwrap_or((Dimension::NUMBER, 1.0));
        let factor = |unit: &str| {
            let (dimension, size) = dimension(unit);
            units.factor(dimension, size)
        };
        let mut builder = Builder::default();
        let b = &mut builder;
        let mut known = HashMap::new();
        let mut put = |b: &mut Builder, name: &str, op: Op, dimension: Dimension| {
            let id = b.push(op);
            known.insert(name.to_owned(), Quantity::Number(id, dimension));
        };
        for (n, parameter) in definition.parameters.iter().enumerate() {
            put(b, &parameter.name, Op::Coefficient(n), dimension(&parameter.unit).0);
        }
        put(b, "dt", Op::Coefficient(definition.parameters.len()), Dimension::TIME);
        put(b, "lag", Op::State(0), Dimension::TIME);
        put(b, "frequency", Op::State(1), Dimension::NUMBER / Dimension::TIME);
        let potential = dimension("mV").0;
        put(b, "v", Op::State(2), potential);
        let definitions: Vec<(String, Expression)> =
            definition.definitions.iter().map(|(n, t)| (n.clone(), t.expression.clone())).collect();
        let mut names = Names::new(known, &definitions, units);
        let (unit, size) = (dimension(current_unit).0, factor(current_unit));
        let squared = unit * unit;
        let per_hz = squared * Dimension::TIME;
        let mut number = |b: &mut Builder, text: &Text, wanted, size: f64, what: &str| {
            let mut lowering =
                Lowering { builder: b, names: &mut names, open: Vec::new(), depth: 0 };
            let id = lowering.number_of(&text.expression, wanted, what);
            let id: Id = id.map_err(|wrong| definition.wrong(text, wrong))?;
            let size = b.constant(size);
            Ok::<_, Error>(b.push(Op::Div(id, size)))
        };
        let conductance = match &closed.conductance {
            Some(text) => number(b, text, unit / potential, size, "the mean conductance")?,
            None => b.constant(0.0),
        };
        let roots = vec![
            number(b, &closed.mean, unit, size, "the mean")?,
            conductance,
            number(b, &closed.variance, squared, size * size, "the variance")?,
            number(b, &closed.autocovariance, squared, size * size, "the autocovariance")?,
            // Per ms on tapes.
            number(b, &closed.spectrum, per_hz, 1e3 * size * size, "the spectrum")?,
        ];
        Ok(Some(Statistics {
            results: Results::new(builder, roots),
            factors: definition.parameters.iter().map(|p| factor(&p.unit)).collect(),
        }))
    }

    /// The statistics with parameters.
    pub fn at(&self, parameters: &[f64], at: Lookup) -> Moments {
        let scaled = parameters.iter().zip(&self.factors).map(|(x, factor)| x * factor);
        let given: Vec<f64> = scaled.chain([at.dt]).collect();
        let values = self.results.of(&given, &[at.lag, 1e-3 * at.frequency, at.v]);
        let value = |n: usize| values.get(n).copied().unwrap_or(f64::NAN);
        Moments {
            mean: value(0),
            conductance: value(1),
            variance: value(2),
            autocovariance: value(3),
            spectrum: value(4),
        }
    }
}
