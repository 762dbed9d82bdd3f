//! Traces: state variables, currents and spikes of a few neurons, step by step, on the CPU.
//!
//! The noise is that of a run with the same seed: so are the spikes.
//!
//! ```
//! use loligo::Experiment;
//! use loligo::trace::{Samples, trace};
//!
//! let experiment = Experiment::builder().model("hodgkin_huxley").duration_ms(50.0).build()?;
//! let samples = Samples { from: 0, to: experiment.steps(), every: 1 };
//! let traced = trace::<f64>(&experiment, &experiment.populations()[0], 0, samples);
//! let v = &traced.values[0];
//! assert!(v.iter().any(|v| *v > 20.0), "an action potential");
//! # Ok::<(), loligo::Error>(())
//! ```

use crate::drive::{Drive, InputStream};
use crate::experiment::Experiment;
use crate::model::{Neuron, Row, Variable, Visitor};
use crate::population::Population;
use crate::real::Real;

/// Which samples are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Samples {
    /// The first step.
    pub from: u32,
    /// The step after the last.
    pub to: u32,
    /// Every how many steps.
    pub every: u32,
}

impl Samples {
    /// The steps whose samples are kept.
    pub fn steps(self) -> impl Iterator<Item = u32> {
        (self.from..self.to).step_by(self.every.max(1) as usize)
    }
}

/// The trace of one neuron.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The model's states, and what follows from them.
    pub variables: Vec<Variable>,
    /// A row of samples per variable: the value at each step, after the reset if there is a spike.
    pub values: Vec<Vec<f64>>,
    /// The injected current with its noise, in the model's unit.
    pub current: Vec<f64>,
    /// All spikes within the samples.
    pub spike_steps: Vec<u32>,
    /// The step from which on the state is no longer a finite number: values are NaN there, and there are
    /// no spikes.
    pub diverged: Option<u32>,
}

/// Traces one neuron of a population in precision `R`.
pub fn trace<R: Real>(
    experiment: &Experiment,
    population: &Population,
    neuron: usize,
    samples: Samples,
) -> Trace {
    struct Follow<'a, R> {
        experiment: &'a Experiment,
        population: &'a Population,
        neuron: usize,
        samples: Samples,
        precision: std::marker::PhantomData<R>,
    }
    impl<R: Real> Visitor for Follow<'_, R> {
        type Output = Trace;
        fn visit<N: Neuron>(self) -> Trace {
            let Follow { experiment, population, neuron, samples, .. } = self;
            let drive = population.drive_of(neuron, experiment.dt_ms);
            let follow = match (population.integrator, population.fine) {
                (0, false) => follow::<N, R, 0, false>,
                (0, true) => follow::<N, R, 0, true>,
                (1, false) => follow::<N, R, 1, false>,
                (1, true) => follow::<N, R, 1, true>,
                (2, _) => follow::<N, R, 2, false>,
                _ => follow::<N, R, 3, false>,
            };
            follow(experiment, population, neuron, drive, samples)
        }
    }
    let precision = std::marker::PhantomData::<R>;
    let follow = Follow { experiment, population, neuron, samples, precision };
    let empty = Trace {
        variables: vec![],
        values: vec![],
        current: vec![],
        spike_steps: vec![],
        diverged: None,
    };
    population.model.visit(follow).unwrap_or(empty)
}

fn follow<N: Neuron, R: Real, const INTEGRATOR: usize, const FINE: bool>(
    experiment: &Experiment,
    population: &Population,
    neuron: usize,
    drive: Drive,
    samples: Samples,
) -> Trace {
    let parameters = N::Parameters::from_fn(|n| population.parameters[n].of(neuron));
    let zero_current = N::zero_current(&parameters).unwrap_or(0.0);
    let by = population.stepping_of(neuron, experiment.dt_ms);
    let p = converted::<f64, R, _, N::Coefficients<R>>(N::derive(&parameters, &by), R::of);
    let mut s = converted::<f64, R, _, N::State<R>>(N::initial(&parameters, &by), R::of);
    let start = population.start_of(neuron, &drive.noise, experiment.seed);
    let signal = population.signal.as_ref().map(|signal| signal.values()).unwrap_or_default();
    let mut inputs = InputStream::<R>::new(population.kernel(), &drive, signal, start);
    let variables: Vec<Variable> =
        N::INFO.states.iter().chain(N::INFO.observables).copied().collect();
    let mut trace = Trace {
        values: vec![Vec::new(); variables.len()],
        variables,
        current: Vec::new(),
        spike_steps: Vec::new(),
        diverged: None,
    };
    for step in 0..samples.to {
        let input = inputs.next(step);
        let spike = N::spiked(&p, &s);
        if spike {
            s = N::reset(&p, s);
        }
        let seen = converted::<R, f64, N::State<R>, N::State<f64>>(s, R::to_f64);
        let mut finite = true;
        seen.for_each(|_, value| finite &= value.is_finite());
        if !finite && trace.diverged.is_none() {
            trace.diverged = Some(step);
        }
        if step >= samples.from && (step - samples.from).is_multiple_of(samples.every.max(1)) {
            match trace.diverged {
                None => {
                    let values = N::observe(&parameters, &by, &seen);
                    trace.values.iter_mut().zip(values).for_each(|(row, value)| row.push(value));
                }
                Some(_) => trace.values.iter_mut().for_each(|row| row.push(f64::NAN)),
            }
            trace.current.push(input.current.to_f64() + zero_current);
        }
        if spike && step >= samples.from && trace.diverged.is_none() {
            trace.spike_steps.push(step);
        }
        s = N::advance::<R, INTEGRATOR, FINE>(&p, s, input);
    }
    trace
}

/// A row in another precision.
fn converted<A, B: Copy + Default, From: Row<A>, To: Row<B>>(row: From, convert: fn(A) -> B) -> To {
    let mut values = vec![B::default(); From::NAMES.len()];
    row.for_each(|field, value| values[field] = convert(value));
    To::from_fn(|field| values[field])
}
