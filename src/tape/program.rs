//! A tape as a list of instructions on registers, for whoever interprets it.

use super::op::{Id, Op, Tape};

/// Where an operand is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operand {
    /// A number that is the same for all neurons.
    Same(f64),
    /// A coefficient, of each neuron its own.
    Coefficient(usize),
    /// A variable of the state at the begin of the step.
    State(usize),
    /// The injected current.
    Current,
    /// The injected conductance.
    Conductance,
    /// The exponential deviate.
    Exponential,
    /// A random number of a stream.
    Deviate(usize),
    /// A digit of the number of the step.
    Clock(usize),
    /// A result in a register: of numbers, or of masks.
    Register(usize),
}

/// An operation whose result goes to a register.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instruction {
    /// The operation; its operands are indices into `operands`.
    pub op: Op,
    /// Its operands, in order; those that it has not are 0.
    pub operands: [Operand; 3],
    /// The register of numbers, or of masks.
    pub to: usize,
}

/// What is done in a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// The instructions for a word of 32 steps, before those of its first one.
    pub words: Vec<Instruction>,
    /// The instructions for each step.
    pub instructions: Vec<Instruction>,
    /// How many registers of numbers there are.
    pub registers: usize,
    /// How many registers of masks there are.
    pub masks: usize,
    /// The register of masks with the spikes; none if there never is one.
    pub spike: Option<usize>,
    /// The register with each variable of the next state: each has its own.
    pub next: Vec<usize>,
}

/// Whether it stands for itself, in no register.
fn is_leaf(op: Op) -> bool {
    op.operands().next().is_none()
}

/// Registers that are free again once what they hold was taken for the last time.
#[derive(Default)]
struct Pool {
    free: Vec<usize>,
    count: usize,
}

impl Pool {
    fn take(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.count += 1;
            self.count - 1
        })
    }
}

impl Program {
    /// The program of a step; `same` has the value of a coefficient that is the same for all neurons.
    pub fn new(tape: &Tape, same: &[Option<f64>]) -> Self {
        // After the last operation that takes it, a result's register is free; those of the next state are kept.
        let end = tape.ops.len();
        let mut needed = vec![false; end];
        let roots = tape.next.iter().copied().chain([tape.spike]);
        roots.clone().for_each(|id| needed[id] = true);
        let mut last = vec![0; end];
        for id in (0..end).rev().filter(|id| needed[*id]).collect::<Vec<_>>() {
            for operand in tape.ops[id].operands() {
                needed[operand] = true;
            }
        }
        for id in (0..end).rev() {
            if needed[id] {
                for operand in tape.ops[id].operands() {
                    needed[operand] = true;
                    last[operand] = last[operand].max(id);
                }
            }
        }
        roots.for_each(|id| last[id] = end);
        let of_words = tape.of_words();
        // What other steps of the word take stays in its register.
        for id in (0..end).filter(|id| needed[*id] && !of_words[*id]) {
            tape.ops[id]
                .operands()
                .filter(|operand| of_words[*operand])
                .for_each(|o| last[o] = end);
        }
        let (mut numbers, mut masks) = (Pool::default(), Pool::default());
        let mut at: Vec<Operand> = vec![Operand::Same(0.0); end];
        let (mut words, mut instructions) = (Vec::new(), Vec::new());
        // Words first: what follows may have their registers, but for what it takes.
        let (first, second): (Vec<Id>, Vec<Id>) = (0..end)
            .filter(|id| needed[*id])
            .partition(|id| of_words[*id] || is_leaf(tape.ops[*id]));
        for id in first.into_iter().chain(second) {
            let op = tape.ops[id];
            at[id] = match op {
                Op::Constant(x) => Operand::Same(x),
                Op::Mask(holds) => Operand::Same(f64::from(u8::from(holds))),
                Op::Coefficient(n) => match same[n] {
                    Some(value) => Operand::Same(value),
                    None => Operand::Coefficient(n),
                },
                Op::State(n) => Operand::State(n),
                Op::Current => Operand::Current,
                Op::Conductance => Operand::Conductance,
                Op::Exponential => Operand::Exponential,
                Op::Deviate(n) => Operand::Deviate(n),
                Op::Clock(n) => Operand::Clock(n),
                _ => {
                    let mut operands = [Operand::Same(0.0); 3];
                    let mut freed: Vec<Id> = Vec::new();
                    for (operand, place) in op.operands().zip(&mut operands) {
                        *place = at[operand];
                        if last[operand] == id && !freed.contains(&operand) {
                            freed.push(operand);
                        }
                    }
                    // The result goes to a spare register, so that one that is read last here can be written.
                    for operand in freed {
                        if let Operand::Register(register) = at[operand] {
                            let pool =
                                if tape.ops[operand].is_mask() { &mut masks } else { &mut numbers };
                            pool.free.push(register);
                        }
                    }
                    let to = if op.is_mask() { masks.take() } else { numbers.take() };
                    let list = if of_words[id] { &mut words } else { &mut instructions };
                    list.push(Instruction { op, operands, to });
                    Operand::Register(to)
                }
            };
        }
        // What of the next state is in no register of its own is copied into one.
        let mut next: Vec<usize> = Vec::new();
        for id in &tape.next {
            let to = match at[*id] {
                Operand::Register(register) if !next.contains(&register) && !of_words[*id] => {
                    register
                }
                operand => {
                    let to = numbers.take();
                    let operands = [operand, Operand::Same(0.0), Operand::Same(0.0)];
                    instructions.push(Instruction { op: Op::Min(0, 0), operands, to });
                    if let Some(copy) = instructions.last_mut() {
                        // The smaller of a number and itself.
                        copy.operands[1] = operand;
                    }
                    to
                }
            };
            next.push(to);
        }
        let spike = match at[tape.spike] {
            Operand::Register(register) => Some(register),
            _ => None,
        };
        Program { words, instructions, registers: numbers.count, masks: masks.count, spike, next }
    }
}
