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

use std::marker::PhantomData;

use crate::drive::InputStream;
use crate::error::Error;
use crate::experiment::Experiment;
use crate::model::{Input, Neuron, Row, Variable, Variant, Visitor};
use crate::population::Population;
use crate::real::Real;
use crate::source::{CONDUCTANCE, CURRENT, Sources};
use crate::tape::{DeviateLanes, Given, Machine, Program, Received, Stepped, Tape, clock};
use crate::unit::tell;

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
    struct Begin<'a, R> {
        population: &'a Population,
        neuron: usize,
        dt: f64,
        precision: PhantomData<R>,
    }
    impl<R: Real> Visitor for Begin<'_, R> {
        type Output = Box<dyn Stepper<R>>;
        fn visit<N: Neuron>(self) -> Self::Output {
            let Begin { population, neuron, dt, .. } = self;
            let Variant { integrator, fine } = population.kernel().variant;
            let parameters = N::Parameters::from_fn(|n| population.parameters[n].of(neuron));
            let by = population.stepping_of(neuron, dt);
            let p = converted::<f64, R, _, N::Coefficients<R>>(N::derive(&parameters, &by), R::of);
            let s = converted::<f64, R, _, N::State<R>>(N::initial(&parameters, &by), R::of);
            let advance = match (integrator, fine) {
                (0, false) => N::advance::<R, 0, false>,
                (0, true) => N::advance::<R, 0, true>,
                (1, false) => N::advance::<R, 1, false>,
                (1, true) => N::advance::<R, 1, true>,
                (2, _) => N::advance::<R, 2, false>,
                _ => N::advance::<R, 3, false>,
            };
            Box::new(Compiled::<N, R> { p, s, advance })
        }
    }
    let dt = experiment.dt_ms;
    let begin = Begin { population, neuron, dt, precision: PhantomData::<R> };
    let stepper = population.model.visit(begin).unwrap_or_else(|| {
        Box::new(Interpreted::<R>::new(population, neuron, dt, experiment.seed))
    });
    follow(experiment, population, neuron, stepper, samples)
}

/// The error of a neuron whose state is no longer a finite number; when that was is found out if it takes no time.
pub fn divergence<R: Real>(
    experiment: &Experiment,
    population: &Population,
    neuron: usize,
    steps: u32,
) -> Error {
    const MOST_STEPS: u32 = 5_000_000;
    let samples = Samples { from: 0, to: steps.min(MOST_STEPS), every: u32::MAX };
    let step = trace::<R>(experiment, population, neuron, samples).diverged;
    diverged(population, neuron, step)
}

/// The error of a neuron whose state is no longer a finite number from a step on, if that is known.
pub fn diverged(population: &Population, neuron: usize, step: Option<u32>) -> Error {
    let named = population.named_values();
    let values = named.iter().map(|(name, values)| (name, values.of(neuron)));
    let told = values.filter(|(_, value)| value.is_finite());
    let told: Vec<String> = told.map(|(name, value)| format!("{name} = {}", tell(value))).collect();
    let population = population.name.clone();
    Error::Diverged { population, neuron, step, parameters: told.join(", ") }
}

/// Steps one neuron.
trait Stepper<R> {
    /// Whether there is a spike in a step; if so, the state is that after it.
    fn fire(&mut self, step: u32) -> bool;

    /// The state.
    fn state(&self) -> Vec<f64>;

    /// Goes on to the next step, with what is injected: a current and what else, and a conductance.
    fn advance(&mut self, step: u32, input: Input<R>, conductance: R);
}

/// The step of a model in Rust.
type Advance<N, R> = fn(
    &<N as Neuron>::Coefficients<R>,
    <N as Neuron>::State<R>,
    Input<R>,
) -> <N as Neuron>::State<R>;

/// A neuron of a model in Rust.
struct Compiled<N: Neuron, R: Real> {
    p: N::Coefficients<R>,
    s: N::State<R>,
    advance: Advance<N, R>,
}

impl<N: Neuron, R: Real> Stepper<R> for Compiled<N, R> {
    fn fire(&mut self, _step: u32) -> bool {
        let spike = N::spiked(&self.p, &self.s);
        if spike {
            self.s = N::reset(&self.p, self.s);
        }
        spike
    }

    fn state(&self) -> Vec<f64> {
        let mut values = Vec::new();
        self.s.for_each(|_, value| values.push(value.to_f64()));
        values
    }

    fn advance(&mut self, _step: u32, input: Input<R>, _conductance: R) {
        self.s = (self.advance)(&self.p, self.s, input);
    }
}

/// Lanes of an interpreted neuron, of which one is looked at.
const LANES: usize = 64;

/// A neuron of any model.
struct Interpreted<R> {
    coefficients: Vec<Box<[R; LANES]>>,
    states: Vec<Box<[R; LANES]>>,
    /// The state after a spike, if there is one.
    after: Vec<Box<[R; LANES]>>,
    /// What a spike does, and the step.
    fire: Machine<R, LANES>,
    step: Machine<R, LANES>,
    deviates: DeviateLanes<R, LANES>,
    /// The random numbers of the step.
    random: Vec<Box<[R; LANES]>>,
}

impl<R: Real> Interpreted<R> {
    fn new(population: &Population, neuron: usize, dt: f64, seed: u64) -> Self {
        let dynamics = population.model.dynamics;
        let parameters = population.parameters_of(neuron);
        let by = population.stepping_of(neuron, dt);
        let (mut coefficients, mut states) = (Vec::new(), Vec::new());
        dynamics.coefficients(&parameters, &by, &mut coefficients);
        dynamics.initial(&parameters, &by, &mut states);
        let tape = dynamics.tape(population.kernel().variant);
        let fired = Tape { next: tape.after.clone(), ..(*tape).clone() };
        let none = vec![None; coefficients.len()];
        let lanes = |values: &[f64]| values.iter().map(|x| Box::new([R::of(*x); LANES])).collect();
        let mut deviates = DeviateLanes::new(&tape.streams);
        deviates.set(0, |of| population.stream_of(neuron, of, seed));
        Interpreted {
            coefficients: lanes(&coefficients),
            states: lanes(&states),
            after: lanes(&states),
            fire: Machine::new(Program::new(&fired, &none)),
            step: Machine::new(Program::new(&tape, &none)),
            deviates,
            random: Vec::new(),
        }
    }
}

impl<R: Real> Stepper<R> for Interpreted<R> {
    fn fire(&mut self, step: u32) -> bool {
        self.random = self.deviates.of(step).to_vec();
        let nothing = [R::of(0.0); LANES];
        let given = Given {
            coefficients: &self.coefficients,
            current: &nothing,
            conductance: &nothing,
            exponential: &nothing,
            deviates: &self.random,
            clock: clock(step).map(R::of),
            is_new_word: true,
        };
        let mut bits = [0; LANES];
        let before = self.states.clone();
        self.fire.step(&mut self.states, given, 0, &mut bits);
        // A tape looks for the spike itself: it steps from the state before.
        self.after = std::mem::replace(&mut self.states, before);
        bits[0] & 1 != 0
    }

    fn state(&self) -> Vec<f64> {
        self.after.iter().map(|field| field[0].to_f64()).collect()
    }

    fn advance(&mut self, step: u32, input: Input<R>, conductance: R) {
        let (current, exponential) = ([input.current; LANES], [input.exponential; LANES]);
        let given = Given {
            coefficients: &self.coefficients,
            current: &current,
            conductance: &[conductance; LANES],
            exponential: &exponential,
            deviates: &self.random,
            clock: clock(step).map(R::of),
            is_new_word: true,
        };
        self.step.step(&mut self.states, given, 0, &mut [0; LANES]);
    }
}

/// The sources of one neuron.
fn sources<R: Real>(
    population: &Population,
    neuron: usize,
    (dt, seed): (f64, u64),
) -> Option<Stepped<R, LANES>> {
    let driven = population.driven.filter(|_| !population.is_wave())?;
    let rows = |_, [coefficients, states]: [&mut Vec<f64>; 2]| {
        population.sources_of(neuron, dt, seed, coefficients, states);
    };
    Some(Stepped::new(&driven.tape, rows, |_, of| population.stream_of(neuron, of, seed)))
}

fn follow<R: Real>(
    experiment: &Experiment,
    population: &Population,
    neuron: usize,
    mut stepper: Box<dyn Stepper<R>>,
    samples: Samples,
) -> Trace {
    let drive = population.drive_of(neuron, experiment.dt_ms);
    let parameters = population.parameters_of(neuron);
    let zero_current = population.model.dynamics.zero_current(&parameters).unwrap_or(0.0);
    let start = population.start_of(neuron, &drive.noise, experiment.seed);
    let signal = population.signal.as_ref().map(|signal| signal.values()).unwrap_or_default();
    let wave = population.wave_of(neuron, experiment.dt_ms);
    let inputs = InputStream::<R>::new(population.kernel(), &drive, signal, start);
    let mut inputs = inputs.with_wave(wave);
    let model = population.model;
    let variables: Vec<Variable> = model.states.iter().chain(model.observables).copied().collect();
    let mut trace = Trace {
        values: vec![Vec::new(); variables.len()],
        variables,
        current: Vec::new(),
        spike_steps: Vec::new(),
        diverged: None,
    };
    let mut sources = sources::<R>(population, neuron, (experiment.dt_ms, experiment.seed));
    let conducts = population.driven.is_some_and(Sources::conducts);
    let nothing = [R::of(0.0); LANES];
    let by = Received { current: &nothing, conductance: &nothing, exponential: &nothing };
    for step in 0..samples.to {
        let driven = sources.as_mut().map(|sources| {
            sources.step(step, by, 0, &mut [0; LANES]);
            let field = |field: usize| sources.states().get(field).map(|row| row[0]);
            let conductance = if conducts { field(CONDUCTANCE) } else { None };
            [field(CURRENT), conductance].map(|value| value.unwrap_or(nothing[0]))
        });
        let input = inputs.next(step, driven.map(|[current, _]| current));
        let conductance = driven.map_or(nothing[0], |[_, conductance]| conductance);
        let spike = stepper.fire(step);
        let seen = stepper.state();
        if trace.diverged.is_none() && !seen.iter().all(|value| value.is_finite()) {
            trace.diverged = Some(step);
        }
        if step >= samples.from && (step - samples.from).is_multiple_of(samples.every.max(1)) {
            match trace.diverged {
                None => {
                    let values = population.observe(neuron, experiment.dt_ms, &seen);
                    trace.values.iter_mut().zip(values).for_each(|(row, value)| row.push(value));
                }
                Some(_) => trace.values.iter_mut().for_each(|row| row.push(f64::NAN)),
            }
            // A conductance takes what flows at the membrane potential, the first of the states.
            let leaks = match driven {
                Some(_) => conductance.to_f64() * seen.first().copied().unwrap_or(0.0),
                None => 0.0,
            };
            trace.current.push(input.current.to_f64() + zero_current - leaks);
        }
        if spike && step >= samples.from && trace.diverged.is_none() {
            trace.spike_steps.push(step);
        }
        stepper.advance(step, input, conductance);
    }
    trace
}

/// A row in another precision.
fn converted<A, B: Copy + Default, From: Row<A>, To: Row<B>>(row: From, convert: fn(A) -> B) -> To {
    let mut values = vec![B::default(); From::NAMES.len()];
    row.for_each(|field, value| values[field] = convert(value));
    To::from_fn(|field| values[field])
}
