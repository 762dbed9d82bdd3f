//! The solution of a linear system over a step, what it is given held.
//!
//! ```text
//! dx/dt = A x + g      x(t) = x + Phi(t) (A x + g)      Phi(t) = integral of e^(A s) over s from 0 to t
//! ```

use super::System;
use crate::tape::{Builder, Id, Op, derivative};

/// A matrix of results, by rows. What is 0 always is the constant, and costs nothing.
type Matrix = Vec<Vec<Id>>;

/// The derivatives of all slopes by all variables, which are A where the system is linear.
pub fn jacobian(b: &mut Builder, slopes: &[Id], variables: &[Id]) -> Matrix {
    let by = |b: &mut Builder, slope: Id, n: usize| {
        let others = variables.iter().enumerate().filter(|(other, _)| *other != n);
        let held: Vec<Id> = others.map(|(_, id)| *id).collect();
        derivative(b, slope, variables[n], &held)
    };
    slopes.iter().map(|slope| (0..variables.len()).map(|n| by(b, *slope, n)).collect()).collect()
}

/// Phi(t). Of a short time it is a Taylor series; of twice the time it is 2 Phi + (A Phi) Phi. The series begins at
/// t / 2^12: where A t is 10, what it lacks is 1e-15 of it, and it corrects itself as Phi comes to -1/A.
pub fn phi(b: &mut Builder, a: &Matrix, time: Id) -> Matrix {
    const DOUBLINGS: i32 = 12;
    const ORDER: usize = 5;
    let short = b.constant(0.5_f64.powi(DOUBLINGS));
    let short = b.push(Op::Mul(short, time));
    let mut series = identity(b, a.len());
    for k in (2..=ORDER).rev() {
        // 1 + (A t / k) (1 + (A t / (k + 1)) (..))
        let share = b.constant(1.0 / k as f64);
        let share = b.push(Op::Mul(share, short));
        let next = product(b, a, &series);
        let next = scaled(b, &next, share);
        let one = identity(b, a.len());
        series = sum(b, &one, &next);
    }
    let mut phi = scaled(b, &series, short);
    let two = b.constant(2.0);
    for _ in 0..DOUBLINGS {
        let lost = product(b, a, &phi);
        let lost = product(b, &lost, &phi);
        let twice = scaled(b, &phi, two);
        phi = sum(b, &twice, &lost);
    }
    phi
}

/// The variables a time later, Phi of that time given.
pub fn along(b: &mut Builder, variables: &[Id], phi: &Matrix, slopes: &[Id]) -> Vec<Id> {
    let mut later = variables.to_vec();
    for (x, row) in later.iter_mut().zip(phi) {
        for (share, slope) in row.iter().zip(slopes) {
            if b.as_constant(*share) != Some(0.0) {
                *x = b.push(Op::Fma(*share, *slope, *x));
            }
        }
    }
    later
}

/// The exact step of a linear system.
pub fn step(b: &mut Builder, system: &dyn System, variables: &[Id], dt: Id) -> Vec<Id> {
    let slopes = system.slopes(b, variables);
    let a = jacobian(b, &slopes, variables);
    let phi = phi(b, &a, dt);
    along(b, variables, &phi, &slopes)
}

fn identity(b: &mut Builder, size: usize) -> Matrix {
    let [zero, one] = [0.0, 1.0].map(|x| b.constant(x));
    (0..size).map(|n| (0..size).map(|m| if n == m { one } else { zero }).collect()).collect()
}

fn scaled(b: &mut Builder, matrix: &Matrix, by: Id) -> Matrix {
    let row = |row: &Vec<Id>| row.iter().map(|x| b.push(Op::Mul(*x, by))).collect();
    matrix.iter().map(row).collect()
}

fn sum(b: &mut Builder, x: &Matrix, y: &Matrix) -> Matrix {
    let rows = x.iter().zip(y);
    rows.map(|(x, y)| x.iter().zip(y).map(|(x, y)| b.push(Op::Add(*x, *y))).collect()).collect()
}

fn product(b: &mut Builder, x: &Matrix, y: &Matrix) -> Matrix {
    let size = x.len();
    let mut entry = |n: usize, m: usize| {
        let zero = b.constant(0.0);
        (0..size).fold(zero, |sum, k| {
            let term = b.push(Op::Mul(x[n][k], y[k][m]));
            b.push(Op::Add(sum, term))
        })
    };
    (0..size).map(|n| (0..size).map(|m| entry(n, m)).collect()).collect()
}
