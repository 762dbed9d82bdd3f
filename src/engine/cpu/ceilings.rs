//! The ceilings of the processor: chains of one operation, memory, threads that wake up.

use std::hint::black_box;
use std::time::Instant;

use multiversion::multiversion;
use rayon::prelude::*;

use crate::engine::ceilings::{Ceilings, highest_rate};
use crate::engine::cost::{Amount, Operation};
use crate::real::Real;

/// Independent chains of a thread: sixteen AVX-512 vectors of f32, more than wait for each other.
const CHAINS: usize = 512;

/// How often each is operated on in a turn: often enough that loads and stores do not count, rarely enough that the processor sees
/// several chains at once.
const REPEATS: usize = 8;

/// Bytes that are read and written once: more than caches hold.
const MEMORY: usize = 1 << 28;

/// Measures the ceilings of the processor in a precision, of some operations; none if it was told to end.
pub fn measure<R: Real>(operations: &[Operation], go_on: &dyn Fn() -> bool) -> Option<Ceilings> {
    let each = operations
        .iter()
        .map(|&operation| go_on().then(|| Amount { operation, count: rate::<R>(operation) }));
    Some(Ceilings {
        operations_per_s: each.collect::<Option<_>>()?,
        mixed_per_s: on_all_threads(|turns| mixed::<R>(turns)),
        memory_bytes_per_s: memory(),
        readback_bytes_per_s: None,
        launch_s: launch(),
        is_graphics: false,
    })
}

/// How many operations of a kind all threads do per second.
pub fn rate<R: Real>(operation: Operation) -> f64 {
    let half = R::of(0.5);
    on_all_threads(|turns| match operation {
        Operation::Float => chains::<R, Sum>(half, turns),
        Operation::MultiplyAdd => chains::<R, MultiplyAdd>(half, turns),
        Operation::Integer => chains::<u32, Bits>(1, turns),
        Operation::Conversion => chains::<i32, Conversion>(1, turns),
        Operation::Division => chains::<R, Division>(half, turns),
        Operation::SquareRoot => chains::<R, SquareRoot>(half, turns),
        Operation::Exponential => chains::<R, Exponential>(half, turns),
        Operation::Logarithm => chains::<R, Logarithm>(half, turns),
        Operation::Sine => chains::<R, Sine>(half, turns),
        Operation::HyperbolicTangent => chains::<R, HyperbolicTangent>(half, turns),
        Operation::Power => chains::<R, Power>(half, turns),
    })
}

/// The highest rate of all threads together.
fn on_all_threads(run: impl Fn(u32) + Sync) -> f64 {
    let threads = rayon::current_num_threads();
    let per_turn = threads * CHAINS * REPEATS;
    let rate = highest_rate(per_turn as f64, u32::MAX, |turns| {
        (0..threads).into_par_iter().with_max_len(1).for_each(|_| run(turns));
        Ok::<(), std::convert::Infallible>(())
    });
    match rate {
        Ok(rate) => rate,
        Err(never) => match never {},
    }
}

/// An operation on a value whose results stay in a range where none is out of the ordinary.
trait Operate<T> {
    fn operate(x: T, repeat: usize) -> T;
}

/// Types that do an operation on numbers.
macro_rules! operations {
    ($($name:ident: |$x:ident| $result:expr;)+) => {
        $(
            struct $name;
            impl<R: Real> Operate<R> for $name {
                #[inline(always)]
                fn operate($x: R, _: usize) -> R {
                    $result
                }
            }
        )+
    };
}
operations! {
    Sum: |x| x + R::of(0.001);
    MultiplyAdd: |x| x.mul_add(R::of(0.999), R::of(0.001));
    Division: |x| R::of(1.5) / (x + R::of(0.5));
    SquareRoot: |x| (x + R::of(0.5)).sqrt();
    Exponential: |x| (R::of(0.1) + x).exp_times(-1.0);
    Logarithm: |x| (x + R::of(2.0)).ln();
    Sine: |x| (x + R::of(0.5)).sin();
    HyperbolicTangent: |x| (x + R::of(0.5)).tanh();
    Power: |x| (x + R::of(0.5)).pow(R::of(0.7));
}

/// A sum and a mask in turn.
struct Bits;
impl Operate<u32> for Bits {
    #[inline(always)]
    fn operate(x: u32, repeat: usize) -> u32 {
        let operand = 3 + repeat as u32;
        if repeat.is_multiple_of(2) { x.wrapping_add(operand) } else { x ^ operand }
    }
}

/// To a number and back, as its bits.
struct Conversion;
impl Operate<i32> for Conversion {
    #[inline(always)]
    fn operate(x: i32, _: usize) -> i32 {
        (x as f32).to_bits() as i32
    }
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn chains<T: Copy, O: Operate<T>>(start: T, turns: u32) {
    let mut chains = [start; CHAINS];
    for _ in 0..turns {
        for x in &mut chains {
            for repeat in 0..REPEATS {
                *x = O::operate(*x, repeat);
            }
        }
        black_box(&mut chains);
    }
}

/// Half of the chains are numbers, half of them integers.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn mixed<R: Real>(turns: u32) {
    let mut floats = [R::of(0.5); CHAINS / 2];
    let mut integers = [1_u32; CHAINS / 2];
    for _ in 0..turns {
        for (x, n) in floats.iter_mut().zip(&mut integers) {
            for repeat in 0..REPEATS {
                *x = Sum::operate(*x, repeat);
                *n = Bits::operate(*n, repeat);
            }
        }
        black_box((&mut floats, &mut integers));
    }
}

/// Bytes read and written per second by all threads.
fn memory() -> f64 {
    let mut values = vec![0_u64; MEMORY / size_of::<u64>()];
    let part = values.len() / rayon::current_num_threads();
    let rate = highest_rate(2.0 * MEMORY as f64, 8, |turns| {
        for _ in 0..turns {
            values.par_chunks_mut(part.max(1)).for_each(|values| {
                values.iter_mut().for_each(|value| *value = value.wrapping_add(1));
            });
            black_box(&mut values);
        }
        Ok::<(), std::convert::Infallible>(())
    });
    match rate {
        Ok(rate) => rate,
        Err(never) => match never {},
    }
}

/// Seconds until all threads have done nothing: the median of some.
fn launch() -> f64 {
    let threads = rayon::current_num_threads();
    let mut times: Vec<f64> = (0..101)
        .map(|_| {
            let start = Instant::now();
            (0..threads).into_par_iter().with_max_len(1).for_each(|thread| {
                black_box(thread);
            });
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
