//! Tracing: a Rust model that is generic over [`Number`] is called with symbols, which write down what is done to them.

use std::cell::RefCell;
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

use super::builder::Builder;
use super::op::{Id, Op, Tape};
use crate::model::{Input, Neuron, Row};
use crate::real::{Number, Reach};

thread_local! {
    /// The tape that symbols of this thread are written on.
    static TRACED: RefCell<Builder> = RefCell::new(Builder::default());
}

fn push(op: Op) -> Id {
    TRACED.with_borrow_mut(|builder| builder.push(op))
}

/// A number that stands for any.
#[derive(Clone, Copy, Debug)]
pub struct Symbol(Id);

/// A mask that stands for any.
#[derive(Clone, Copy, Debug)]
pub struct SymbolMask(Id);

macro_rules! operator {
    ($type:ident: $($operator:ident::$function:ident),+) => {
        $(impl $operator for $type {
            type Output = Self;
            fn $function(self, other: Self) -> Self {
                $type(push(Op::$operator(self.0, other.0)))
            }
        })+
    };
}
operator!(Symbol: Add::add, Sub::sub, Mul::mul, Div::div);

impl Neg for Symbol {
    type Output = Self;
    fn neg(self) -> Self {
        Symbol(push(Op::Neg(self.0)))
    }
}

impl BitAnd for SymbolMask {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        SymbolMask(push(Op::And(self.0, other.0)))
    }
}

impl BitOr for SymbolMask {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        SymbolMask(push(Op::Or(self.0, other.0)))
    }
}

impl Not for SymbolMask {
    type Output = Self;
    fn not(self) -> Self {
        SymbolMask(push(Op::Not(self.0)))
    }
}

impl Number for Symbol {
    type Mask = SymbolMask;

    fn of(x: f64) -> Self {
        Symbol(push(Op::Constant(x)))
    }

    fn mul_add(self, factor: Self, term: Self) -> Self {
        Symbol(push(Op::Fma(self.0, factor.0, term.0)))
    }

    fn exp_times(self, factor: f64) -> Self {
        Symbol(push(Op::Exp((self * Symbol::of(factor)).0)))
    }

    fn exprelr(self, exp_m1: Self) -> Self {
        Symbol(push(Op::Exprelr(self.0, exp_m1.0)))
    }

    fn phi(self, reach: Reach) -> Self {
        Symbol(push(Op::Phi(self.0, reach)))
    }

    fn below(self, other: Self) -> SymbolMask {
        SymbolMask(push(Op::Below(self.0, other.0)))
    }

    fn at_most(self, other: Self) -> SymbolMask {
        SymbolMask(push(Op::AtMost(self.0, other.0)))
    }

    fn not_negative(self) -> SymbolMask {
        SymbolMask(push(Op::NotNegative(self.0)))
    }

    fn choose(mask: SymbolMask, yes: Self, no: Self) -> Self {
        Symbol(push(Op::Choose(mask.0, yes.0, no.0)))
    }

    fn named(self, name: &'static str) -> Self {
        TRACED.with_borrow_mut(|builder| builder.name(self.0, name));
        self
    }
}

/// The tape of a Rust model.
pub fn of_neuron<N: Neuron>(integrator: usize, fine: bool) -> Tape {
    TRACED.set(Builder::default());
    let p = N::Coefficients::<Symbol>::from_fn(|n| Symbol(push(Op::Coefficient(n))));
    let before = N::State::<Symbol>::from_fn(|n| Symbol(push(Op::State(n))));
    let spike = N::spiked(&p, &before);
    let after = N::State::<Symbol>::zipped(N::reset(&p, before), before, |fired, quiet| {
        Symbol::choose(spike, fired, quiet)
    });
    let input =
        Input { current: Symbol(push(Op::Current)), exponential: Symbol(push(Op::Exponential)) };
    let advance = match (integrator, fine) {
        (0, false) => N::advance::<Symbol, 0, false>,
        (0, true) => N::advance::<Symbol, 0, true>,
        (1, false) => N::advance::<Symbol, 1, false>,
        (1, true) => N::advance::<Symbol, 1, true>,
        (2, _) => N::advance::<Symbol, 2, false>,
        _ => N::advance::<Symbol, 3, false>,
    };
    let next = advance(&p, after, input);
    let ids = |row: N::State<Symbol>| {
        let mut ids = Vec::new();
        row.for_each(|_, symbol| ids.push(symbol.0));
        ids
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let builder = TRACED.take();
    builder.finish(
        names(N::Coefficients::<Symbol>::NAMES),
        names(N::State::<Symbol>::NAMES),
        spike.0,
        ids(after),
        ids(next),
    )
}
