//! Integrators, written once for every model: each steps a system of equations on a tape.

pub mod exact;

use crate::tape::{Builder, Id, Op, derivative};

/// The right-hand sides of a system.
pub trait System {
    /// The derivatives of all variables, at some values of them.
    fn slopes(&self, builder: &mut Builder, variables: &[Id]) -> Vec<Id>;
}

/// A way to step a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integrator {
    /// Forward Euler: first order.
    Euler,
    /// Heun: the mean of the slopes at both ends, second order.
    Heun,
    /// The classical Runge-Kutta method: fourth order.
    Rk4,
    /// Each variable by the exponential that its own derivative gives, the others held: first order, and stable where
    /// variables relax fast (Hochbruck and Ostermann, Acta Numerica 19:209, 2010).
    ExponentialEuler,
    /// The same, with all variables half a step ahead of the first, the membrane potential: second order where they
    /// depend on it only (Hines, Int J Biomed Comput 15:69, 1984).
    Staggered,
    /// The solution of a linear system, what it is given held over the step.
    Exact,
    /// The same, and white noise may cross the threshold between two steps: by a Brownian bridge, of the model's own.
    Bridge,
}

impl Integrator {
    /// All of them, by their names.
    pub const NAMED: [(&'static str, Integrator); 7] = [
        ("euler", Integrator::Euler),
        ("heun", Integrator::Heun),
        ("rk4", Integrator::Rk4),
        ("exponential_euler", Integrator::ExponentialEuler),
        ("staggered", Integrator::Staggered),
        ("exact", Integrator::Exact),
        ("bridge", Integrator::Bridge),
    ];

    /// What it does, in a few words.
    pub fn about(self) -> &'static str {
        match self {
            Integrator::Euler => "forward Euler: first order",
            Integrator::Heun => "the mean of the slopes at both ends of the step: second order",
            Integrator::Rk4 => "classical Runge-Kutta: fourth order, four times the work",
            Integrator::ExponentialEuler => {
                "each variable by the exponential of its own relaxation, the others held: first order"
            }
            Integrator::Staggered => {
                "each by its own relaxation, all variables half a step ahead of the first: second order"
            }
            Integrator::Exact => "the equations solved over the step, the current held",
            Integrator::Bridge => {
                "exact, and white noise may cross the threshold between two steps: the rate of continuous time"
            }
        }
    }

    /// The variables a step of `dt` later.
    pub fn step(
        self,
        builder: &mut Builder,
        system: &dyn System,
        variables: &[Id],
        dt: Id,
    ) -> Vec<Id> {
        match self {
            Integrator::Euler => {
                let slopes = system.slopes(builder, variables);
                along(builder, variables, &slopes, dt)
            }
            Integrator::Heun => {
                let first = system.slopes(builder, variables);
                let end = along(builder, variables, &first, dt);
                let second = system.slopes(builder, &end);
                let half = builder.constant(0.5);
                let half = builder.push(Op::Mul(half, dt));
                let middle = along(builder, variables, &first, half);
                along(builder, &middle, &second, half)
            }
            Integrator::Rk4 => rk4(builder, system, variables, dt),
            Integrator::ExponentialEuler => {
                let all: Vec<usize> = (0..variables.len()).collect();
                relaxed(builder, system, variables, &all, dt)
            }
            Integrator::Staggered => {
                let others: Vec<usize> = (1..variables.len()).collect();
                let middle = relaxed(builder, system, variables, &others, dt);
                relaxed(builder, system, &middle, &[0], dt)
            }
            Integrator::Exact | Integrator::Bridge => exact::step(builder, system, variables, dt),
        }
    }
}

/// The variables along their slopes for a time.
fn along(builder: &mut Builder, variables: &[Id], slopes: &[Id], time: Id) -> Vec<Id> {
    let each = variables.iter().zip(slopes);
    each.map(|(x, slope)| builder.push(Op::Fma(time, *slope, *x))).collect()
}

fn rk4(builder: &mut Builder, system: &dyn System, variables: &[Id], dt: Id) -> Vec<Id> {
    let part = |builder: &mut Builder, share: f64| {
        let share = builder.constant(share);
        builder.push(Op::Mul(share, dt))
    };
    let (half, third, sixth) =
        (part(builder, 0.5), part(builder, 1.0 / 3.0), part(builder, 1.0 / 6.0));
    let k1 = system.slopes(builder, variables);
    let at = along(builder, variables, &k1, half);
    let k2 = system.slopes(builder, &at);
    let at = along(builder, variables, &k2, half);
    let k3 = system.slopes(builder, &at);
    let at = along(builder, variables, &k3, dt);
    let k4 = system.slopes(builder, &at);
    let sum = along(builder, variables, &k1, sixth);
    let sum = along(builder, &sum, &k2, third);
    let sum = along(builder, &sum, &k3, third);
    along(builder, &sum, &k4, sixth)
}

/// Some of the variables a time later, each by its own relaxation with all others held: with f' the derivative of its
/// slope f by itself, x + f (exp(f' t) - 1) / f'.
pub fn relaxed(
    builder: &mut Builder,
    system: &dyn System,
    variables: &[Id],
    which: &[usize],
    time: Id,
) -> Vec<Id> {
    let slopes = system.slopes(builder, variables);
    let mut next = variables.to_vec();
    for &n in which {
        let held: Vec<Id> = variables.iter().copied().filter(|id| *id != variables[n]).collect();
        let own = derivative(builder, slopes[n], variables[n], &held);
        let way = builder.push(Op::Mul(time, slopes[n]));
        next[n] = match builder.as_constant(own) {
            Some(0.0) => builder.push(Op::Add(variables[n], way)),
            _ => {
                let z = builder.push(Op::Mul(time, own));
                let m1 = builder.push(Op::Expm1(z));
                let share = builder.push(Op::Exprelr(z, m1));
                let one = builder.constant(1.0);
                let share = builder.push(Op::Div(one, share));
                builder.push(Op::Fma(way, share, variables[n]))
            }
        };
    }
    next
}
