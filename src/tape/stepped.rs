//! What the neurons of a chunk do by a tape that is interpreted: a model, or sources.

use super::deviates::DeviateLanes;
use super::lanes::{Given, Machine};
use super::op::Tape;
use super::program::Program;
use super::stream::Deviates;
use super::time::{STEP_BITS, clock};
use crate::random::Stream;
use crate::real::Real;

/// Coefficients, states and random numbers of neurons.
#[derive(Debug)]
pub struct Stepped<R, const L: usize> {
    machine: Machine<R, L>,
    coefficients: Vec<Box<[R; L]>>,
    states: Vec<Box<[R; L]>>,
    deviates: DeviateLanes<R, L>,
    /// The word of the last step.
    word: Option<u32>,
}

/// What a step is given, besides what the neurons have.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a, R, const L: usize> {
    /// The injected current.
    pub current: &'a [R; L],
    /// The injected conductance.
    pub conductance: &'a [R; L],
    /// The exponential deviate.
    pub exponential: &'a [R; L],
}

impl<R: Real, const L: usize> Stepped<R, L> {
    /// Neurons by their lanes: `rows` appends the coefficients of a lane, and its states; `stream` has its streams.
    pub fn new(
        tape: &Tape,
        rows: impl Fn(usize, [&mut Vec<f64>; 2]),
        stream: impl Fn(usize, &Deviates) -> Stream,
    ) -> Self {
        let zeros = |n: usize| vec![vec![0.0; L]; n];
        let mut all = [zeros(tape.coefficients.len()), zeros(tape.states.len())];
        let mut deviates = DeviateLanes::new(&tape.streams);
        let mut values = [Vec::new(), Vec::new()];
        for lane in 0..L {
            values.iter_mut().for_each(Vec::clear);
            let [coefficients, states] = &mut values;
            rows(lane, [coefficients, states]);
            for (values, rows) in values.iter().zip(&mut all) {
                values.iter().zip(rows).for_each(|(value, row)| row[lane] = *value);
            }
            deviates.set(lane, |of| stream(lane, of));
        }
        let [coefficients, states] = all;
        let same = |row: &Vec<f64>| row.iter().all(|x| *x == row[0]).then(|| row[0]);
        let same: Vec<Option<f64>> = coefficients.iter().map(same).collect();
        let lanes = |row: &Vec<f64>| Box::new(std::array::from_fn(|lane| R::of(row[lane])));
        Stepped {
            machine: Machine::new(Program::new(tape, &same)),
            coefficients: coefficients.iter().map(lanes).collect(),
            states: states.iter().map(lanes).collect(),
            deviates,
            word: None,
        }
    }

    /// Does the step of a number; its spikes go to the bit `bit` of `bits`.
    pub fn step(&mut self, step: u32, by: Received<'_, R, L>, bit: u32, bits: &mut [u32; L]) {
        let word = Some(step >> STEP_BITS);
        let given = Given {
            is_new_word: self.word != word,
            coefficients: &self.coefficients,
            current: by.current,
            conductance: by.conductance,
            exponential: by.exponential,
            deviates: self.deviates.of(step),
            clock: clock(step).map(R::of),
        };
        self.word = word;
        self.machine.step(&mut self.states, given, bit, bits);
    }

    /// Takes a state that nothing else takes, for a row of anything.
    pub fn exchange(&mut self, state: usize, row: &mut Box<[R; L]>) {
        if let Some(state) = self.states.get_mut(state) {
            std::mem::swap(state, row);
        }
    }

    /// The states.
    pub fn states(&self) -> &[Box<[R; L]>] {
        &self.states
    }

    /// The states, to be changed: what follows from the time only is computed anew.
    pub fn states_mut(&mut self) -> &mut [Box<[R; L]>] {
        self.word = None;
        &mut self.states
    }

    /// The words of all streams of a lane.
    pub fn stream_words(&mut self, lane: usize) -> impl Iterator<Item = &mut u32> {
        self.deviates.words(lane)
    }

    /// Memory, in bytes.
    pub fn bytes(&self) -> usize {
        let fields = self.coefficients.len() + self.states.len();
        size_of::<Self>() + fields * size_of::<[R; L]>() + self.machine.bytes()
    }
}
