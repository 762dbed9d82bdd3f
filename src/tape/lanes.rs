//! Interprets a program over many neurons at once: each operation is a function of its own over lanes, in the full width
//! of the processor's vectors.

use multiversion::multiversion;

use super::op::Op;
use super::program::{Instruction, Operand, Program};
use super::time::DIGITS;
use crate::real::{Reach, Real};

/// A number for each lane.
pub type Lanes<R, const L: usize> = [R; L];

/// An operand of an operation: a number for each lane, or the same for all.
trait Taken<R>: Copy {
    fn at(self, lane: usize) -> R;
}

impl<R: Copy, const L: usize> Taken<R> for &[R; L] {
    #[inline(always)]
    fn at(self, lane: usize) -> R {
        self[lane]
    }
}

/// The same number for all lanes.
#[derive(Clone, Copy)]
struct Same<R>(R);

impl<R: Copy> Taken<R> for Same<R> {
    #[inline(always)]
    fn at(self, _lane: usize) -> R {
        self.0
    }
}

/// What an operation does with the numbers of a lane.
trait Unary<R> {
    fn of(a: R) -> R;
}
trait Binary<R> {
    fn of(a: R, b: R) -> R;
}
trait Comparison<R> {
    fn of(a: R, b: R) -> bool;
}

macro_rules! operations {
    ($trait:ident -> $out:ty: $($name:ident($($operand:ident),+) = $value:expr;)+) => {
        $(struct $name;
        impl<R: Real> $trait<R> for $name {
            #[inline(always)]
            fn of($($operand: R),+) -> $out {
                $value
            }
        })+
    };
}

operations! { Unary -> R:
    Neg(a) = -a;
    Exp(a) = Real::exp(a);
    Expm1(a) = Real::exp_m1(a);
    PhiAny(a) = a.phi(Reach::Any);
    PhiFar(a) = a.phi(Reach::Far);
    PhiNear(a) = a.phi(Reach::Near);
    PhiNearest(a) = a.phi(Reach::Nearest);
    Ln(a) = Real::ln(a);
    Sqrt(a) = Real::sqrt(a);
    Tanh(a) = Real::tanh(a);
    Sin(a) = Real::sin(a);
    SinTurns(a) = a.sin_turns();
    Cos(a) = Real::cos(a);
    Floor(a) = Real::floor(a);
}

operations! { Binary -> R:
    Add(a, b) = a + b;
    Sub(a, b) = a - b;
    Mul(a, b) = a * b;
    Div(a, b) = a / b;
    Min(a, b) = if a < b { a } else { b };
    Max(a, b) = if a > b { a } else { b };
    Exprelr(a, b) = a.exprelr(b);
    Pow(a, b) = a.pow(b);
}

operations! { Comparison -> bool:
    Below(a, b) = a < b;
    AtMost(a, b) = a <= b;
}

/// Declares functions over lanes, each in the widths of vectors that there are. They are not inlined: within one large
/// function, the compiler no longer knows that what they read and write lies apart.
macro_rules! over_lanes {
    ($($name:ident<$($type:ident: $bound:path),*>($($operand:ident: $taken:ty),+; $out:ident: $to:ty) |$lane:ident| $value:expr;)+) => {
        $(#[multiversion(targets(
            "x86_64+avx512f+avx512bw+avx512dq+avx512vl+fma",
            "x86_64+avx2+fma",
            "aarch64+neon"
        ))]
        #[inline(never)]
        fn $name<R: Real, $($type: $bound,)* const L: usize>($($operand: $taken,)+ $out: &mut [$to; L]) {
            for $lane in 0..L {
                $out[$lane] = $value;
            }
        })+
    };
}

over_lanes! {
    unary<A: Taken<R>, O: Unary<R>>(a: A; out: R) |lane| O::of(a.at(lane));
    binary<A: Taken<R>, B: Taken<R>, O: Binary<R>>(a: A, b: B; out: R) |lane| O::of(a.at(lane), b.at(lane));
    compare<A: Taken<R>, B: Taken<R>, O: Comparison<R>>(a: A, b: B; out: u32) |lane| u32::from(O::of(a.at(lane), b.at(lane)));
    fma<A: Taken<R>, B: Taken<R>, C: Taken<R>>(a: A, b: B, c: C; out: R) |lane| a.at(lane).mul_add(b.at(lane), c.at(lane));
    choose<A: Taken<R>, B: Taken<R>>(mask: &[u32; L], a: A, b: B; out: R) |lane| if mask[lane] != 0 { a.at(lane) } else { b.at(lane) };
    not_negative<A: Taken<R>>(a: A; out: u32) |lane| u32::from(a.at(lane) >= R::of(0.0));
}

/// The same for masks, of which R is not to be known.
macro_rules! over_masks {
    ($($name:ident($($operand:ident),+) |$lane:ident| $value:expr;)+) => {
        $(#[inline(never)]
        fn $name<const L: usize>($($operand: &[u32; L],)+ out: &mut [u32; L]) {
            for $lane in 0..L {
                out[$lane] = $value;
            }
        })+
    };
}

over_masks! {
    and(a, b) |lane| a[lane] & b[lane];
    or(a, b) |lane| a[lane] | b[lane];
    not(a) |lane| a[lane] ^ 1;
}

/// Adds the spikes of a step to their words.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
#[inline(never)]
fn gather<const L: usize>(mask: &[u32; L], step: u32, bits: &mut [u32; L]) {
    for lane in 0..L {
        bits[lane] |= mask[lane] << step;
    }
}

/// What neurons bring to a step.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a, R, const L: usize> {
    /// The coefficients of each lane.
    pub coefficients: &'a [Box<Lanes<R, L>>],
    /// The injected current.
    pub current: &'a Lanes<R, L>,
    /// The injected conductance.
    pub conductance: &'a Lanes<R, L>,
    /// The exponential deviate.
    pub exponential: &'a Lanes<R, L>,
    /// The random numbers of each stream.
    pub deviates: &'a [Box<Lanes<R, L>>],
    /// The digits of the number of the step.
    pub clock: [R; DIGITS],
    /// Whether the step is of another word of 32 than the one before.
    pub is_new_word: bool,
}

/// A program with its registers.
#[derive(Debug)]
pub struct Machine<R, const L: usize> {
    program: Program,
    registers: Vec<Box<Lanes<R, L>>>,
    masks: Vec<Box<[u32; L]>>,
    /// Where a result is written before it changes places with what its register held.
    spare: Box<Lanes<R, L>>,
    spare_mask: Box<[u32; L]>,
}

/// Calls something with an operand as what it is.
macro_rules! taken {
    ($operand:expr, $from:expr, |$x:ident| $body:expr) => {
        match $operand {
            Operand::Same(value) => {
                let $x = Same(R::of(value));
                $body
            }
            Operand::Clock(n) => {
                let $x = Same($from.given.clock[n]);
                $body
            }
            other => {
                let $x: &Lanes<R, L> = match other {
                    Operand::Coefficient(n) => &$from.given.coefficients[n],
                    Operand::State(n) => &$from.states[n],
                    Operand::Exponential => $from.given.exponential,
                    Operand::Conductance => $from.given.conductance,
                    Operand::Deviate(n) => &$from.given.deviates[n],
                    Operand::Register(n) => &$from.registers[n],
                    _ => $from.given.current,
                };
                $body
            }
        }
    };
}

/// Where operands are.
#[derive(Clone, Copy)]
struct From<'a, R, const L: usize> {
    registers: &'a [Box<Lanes<R, L>>],
    masks: &'a [Box<[u32; L]>],
    states: &'a [Box<Lanes<R, L>>],
    given: Given<'a, R, L>,
}

impl<R: Real, const L: usize> Machine<R, L> {
    /// A machine for a program.
    pub fn new(program: Program) -> Self {
        let zero = || Box::new([R::of(0.0); L]);
        Machine {
            registers: (0..program.registers).map(|_| zero()).collect(),
            masks: (0..program.masks).map(|_| Box::new([0; L])).collect(),
            spare: zero(),
            spare_mask: Box::new([0; L]),
            program,
        }
    }

    /// Does a step; its spikes go to the bit `step` of `bits`.
    pub fn step(
        &mut self,
        states: &mut [Box<Lanes<R, L>>],
        given: Given<'_, R, L>,
        step: u32,
        bits: &mut [u32; L],
    ) {
        let Machine { program, registers, masks, spare, spare_mask } = self;
        let words = if given.is_new_word { &program.words[..] } else { &[] };
        for instruction in words.iter().chain(&program.instructions) {
            let from = From { registers, masks, states, given };
            if instruction.op.is_mask() {
                compare_all(instruction, from, spare_mask);
                std::mem::swap(&mut masks[instruction.to], spare_mask);
            } else {
                compute(instruction, from, spare);
                std::mem::swap(&mut registers[instruction.to], spare);
            }
        }
        if let Some(spike) = program.spike {
            gather(&masks[spike], step, bits);
        }
        for (state, register) in states.iter_mut().zip(&program.next) {
            std::mem::swap(state, &mut registers[*register]);
        }
    }

    /// Memory of the registers, in bytes.
    pub fn bytes(&self) -> usize {
        (self.registers.len() + 1) * size_of::<Lanes<R, L>>() + (self.masks.len() + 1) * 4 * L
    }
}

/// The mask of an operand.
fn mask<'a, R, const L: usize>(operand: Operand, from: From<'a, R, L>) -> Option<&'a [u32; L]> {
    match operand {
        Operand::Register(n) => from.masks.get(n).map(|mask| &**mask),
        _ => None,
    }
}

/// Compares numbers, or joins masks.
fn compare_all<R: Real, const L: usize>(
    &Instruction { op, operands: [a, b, _], .. }: &Instruction,
    from: From<'_, R, L>,
    out: &mut [u32; L],
) {
    macro_rules! two {
        ($operation:ty) => {
            taken!(a, from, |a| taken!(b, from, |b| compare::<R, _, _, $operation, L>(a, b, out)))
        };
    }
    match (op, mask(a, from), mask(b, from)) {
        (Op::Below(..), ..) => two!(Below),
        (Op::AtMost(..), ..) => two!(AtMost),
        (Op::NotNegative(_), ..) => taken!(a, from, |a| not_negative::<R, _, L>(a, out)),
        (Op::And(..), Some(a), Some(b)) => and(a, b, out),
        (Op::Or(..), Some(a), Some(b)) => or(a, b, out),
        (Op::Not(_), Some(a), _) => not(a, out),
        // Masks that are the same always are no operands: the tape has none of them left.
        _ => out.fill(0),
    }
}

/// Computes numbers.
fn compute<R: Real, const L: usize>(
    &Instruction { op, operands: [a, b, c], .. }: &Instruction,
    from: From<'_, R, L>,
    out: &mut Lanes<R, L>,
) {
    macro_rules! one {
        ($operation:ty) => {
            taken!(a, from, |a| unary::<R, _, $operation, L>(a, out))
        };
    }
    macro_rules! two {
        ($operation:ty) => {
            taken!(a, from, |a| taken!(b, from, |b| binary::<R, _, _, $operation, L>(a, b, out)))
        };
    }
    match op {
        Op::Neg(_) => one!(Neg),
        Op::Exp(_) => one!(Exp),
        Op::Expm1(_) => one!(Expm1),
        Op::Phi(_, Reach::Any) => one!(PhiAny),
        Op::Phi(_, Reach::Far) => one!(PhiFar),
        Op::Phi(_, Reach::Near) => one!(PhiNear),
        Op::Phi(_, Reach::Nearest) => one!(PhiNearest),
        Op::Ln(_) => one!(Ln),
        Op::Sqrt(_) => one!(Sqrt),
        Op::Tanh(_) => one!(Tanh),
        Op::Sin(_) => one!(Sin),
        Op::SinTurns(_) => one!(SinTurns),
        Op::Cos(_) => one!(Cos),
        Op::Floor(_) => one!(Floor),
        Op::Add(..) => two!(Add),
        Op::Sub(..) => two!(Sub),
        Op::Mul(..) => two!(Mul),
        Op::Div(..) => two!(Div),
        Op::Min(..) => two!(Min),
        Op::Max(..) => two!(Max),
        Op::Exprelr(..) => two!(Exprelr),
        Op::Pow(..) => two!(Pow),
        Op::Fma(..) => taken!(a, from, |a| taken!(b, from, |b| taken!(c, from, |c| {
            fma::<R, _, _, _, L>(a, b, c, out)
        }))),
        Op::Choose(..) => {
            let Some(mask) = mask(a, from) else { return };
            taken!(b, from, |b| taken!(c, from, |c| choose::<R, _, _, L>(mask, b, c, out)));
        }
        // All others give masks, or are operands.
        _ => {}
    }
}
