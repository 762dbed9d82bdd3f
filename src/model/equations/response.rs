//! How a membrane responds to small currents: the equations, linear about a fixed point.

use super::written::{InText, Slopes, Written};
use crate::equations::Results;
use crate::integrator::exact::jacobian;
use crate::tape::{Builder, Id, Op, Values, derivative};

/// Slopes, their derivatives by the states, and by the injected current.
#[derive(Debug)]
pub struct Linear {
    results: Results,
    states: usize,
}

/// The response about a fixed point.
#[derive(Clone, Debug)]
pub struct Response {
    /// The membrane potential at the fixed point (mV).
    pub v: f64,
    /// Derivatives of the slopes by the states (per ms), row by row.
    matrix: Vec<Vec<f64>>,
    /// Derivatives of the slopes by the current.
    gain: Vec<f64>,
    /// Which state is the potential.
    potential: usize,
}

impl Linear {
    /// Of equations.
    pub fn new(written: &Written) -> Result<Self, InText<'_>> {
        let mut builder = Builder::default();
        let b = &mut builder;
        let states = written.leaves(b);
        let current = b.push(Op::Current);
        written.slopes(b, &states, Some(current))?;
        let system = Slopes { model: written, current: Some(current) };
        let slopes = crate::integrator::System::slopes(&system, b, &states);
        let matrix = jacobian(b, &slopes, &states);
        let gains: Vec<Id> =
            slopes.iter().map(|slope| derivative(b, *slope, current, &states)).collect();
        let roots = [slopes, matrix.concat(), gains].concat();
        Ok(Linear { results: Results::new(builder, roots), states: states.len() })
    }

    /// The response about the fixed point that is near a state, with a mean current and a mean conductance; none if none is
    /// found, or if it is not stable.
    pub fn about(
        &self,
        coefficients: &[f64],
        start: &[f64],
        potential: usize,
        (current, conductance): (f64, f64),
    ) -> Option<Response> {
        const STEPS: usize = 200;
        let n = self.states;
        let mut state = start.to_vec();
        for _ in 0..STEPS {
            let values = Values { current, conductance, ..Values::new(coefficients, &state) };
            let found = self.results.at(values);
            let slopes = found.get(..n)?;
            let matrix: Vec<Vec<f64>> =
                found.get(n..n + n * n)?.chunks(n).map(<[f64]>::to_vec).collect();
            let step = solved(matrix.clone(), slopes.to_vec())?;
            // Far away the equations are not linear: by 5 mV at most at a time.
            let size = step[potential].abs();
            let share = if size > 5.0 { 5.0 / size } else { 1.0 };
            state.iter_mut().zip(&step).for_each(|(x, step)| *x -= share * step);
            if size < 1e-9 {
                let gain = found.get(n + n * n..)?.to_vec();
                let response = Response { v: state[potential], matrix, gain, potential };
                return response.is_stable().then_some(response);
            }
        }
        None
    }
}

/// The solution of a system of linear equations, by elimination; none if there is not one.
fn solved(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for column in 0..n {
        let size = |row: &usize| a[*row][column].abs();
        let pivot = (column..n).max_by(|x, y| size(x).total_cmp(&size(y)))?;
        a.swap(column, pivot);
        b.swap(column, pivot);
        if a[column][column] == 0.0 || a[column][column].is_nan() {
            return None;
        }
        for row in column + 1..n {
            let factor = a[row][column] / a[column][column];
            let (above, below) = a.split_at_mut(row);
            below[0].iter_mut().zip(&above[column]).for_each(|(x, y)| *x -= factor * y);
            b[row] -= factor * b[column];
        }
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|column| a[row][column] * b[column]).sum();
        b[row] = (b[row] - known) / a[row][row];
    }
    b.iter().all(|x| x.is_finite()).then_some(b)
}

fn product(a: &[Vec<f64>], b: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = a.len();
    let one = |row: usize, column: usize| (0..n).map(|k| a[row][k] * b[k][column]).sum();
    (0..n).map(|row| (0..n).map(|column| one(row, column)).collect()).collect()
}

impl Response {
    /// Whether what disturbs it decays: exp(A t) at t = 2^k times 1e-3 ms, by squaring.
    fn is_stable(&self) -> bool {
        let n = self.matrix.len();
        let unit = |row: usize, column: usize| if row == column { 1.0 } else { 0.0 };
        let one = |row: usize, column: usize| unit(row, column) + 1e-3 * self.matrix[row][column];
        let mut power: Vec<Vec<f64>> =
            (0..n).map(|row| (0..n).map(|column| one(row, column)).collect()).collect();
        for _ in 0..40 {
            power = product(&power, &power);
            let size = power.iter().flatten().fold(0.0, |size: f64, x| size.max(x.abs()));
            if size >= 1e6 || size.is_nan() {
                return false;
            }
            if size < 1e-6 {
                return true;
            }
        }
        false
    }

    /// The squared size of the change of the potential, per unit of a current at a frequency (Hz).
    pub fn power(&self, frequency: f64) -> f64 {
        // (i w - A) x = b, as real equations of twice the size.
        let omega = std::f64::consts::TAU * 1e-3 * frequency;
        let n = self.matrix.len();
        let mut system = vec![vec![0.0; 2 * n]; 2 * n];
        for row in 0..n {
            for column in 0..n {
                system[row][column] = -self.matrix[row][column];
                system[n + row][n + column] = -self.matrix[row][column];
            }
            system[row][n + row] = -omega;
            system[n + row][row] = omega;
        }
        let right = self.gain.iter().copied().chain(std::iter::repeat_n(0.0, n)).collect();
        match solved(system, right) {
            Some(x) => x[self.potential].powi(2) + x[n + self.potential].powi(2),
            None => f64::NAN,
        }
    }

    /// The standard deviation of the potential (mV) in a current with this spectrum, the squared current per Hz.
    pub fn deviation(&self, spectrum: impl Fn(f64) -> f64, dt: f64) -> f64 {
        // Trapezoids in the logarithm of the frequency, up to what steps can have.
        const POINTS: usize = 600;
        let (low, high) = (1e-3f64.ln(), (500.0 / dt).ln());
        let width = (high - low) / (POINTS - 1) as f64;
        let variance: f64 = (0..POINTS)
            .map(|k| {
                let frequency = (low + width * k as f64).exp();
                let weight = if k == 0 || k + 1 == POINTS { 0.5 } else { 1.0 };
                weight * frequency * spectrum(frequency) * self.power(frequency)
            })
            .sum();
        // What is below the lowest frequency is as there.
        let below = low.exp() * spectrum(low.exp()) * self.power(low.exp());
        (width * variance + below).sqrt()
    }
}
