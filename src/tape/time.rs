//! Time on a tape. A step's number is an integer; single precision has it by its digits, which are exact.
//!
//! The lowest digit is the step within a word of 32; the others are those of the word's number. What depends on these only
//! is the same for a whole word: it is computed once.

/// Bits of the lowest digit: the step within a word.
pub const STEP_BITS: u32 = 5;

/// Bits of a digit of a word's number, of the first two of three.
pub const DIGIT_BITS: u32 = 11;

/// How many digits there are.
pub const DIGITS: usize = 4;

/// Where each digit begins, and how many bits it has.
pub const PLACES: [(u32, u32); DIGITS] = [
    (0, STEP_BITS),
    (STEP_BITS, DIGIT_BITS),
    (STEP_BITS + DIGIT_BITS, DIGIT_BITS),
    (STEP_BITS + 2 * DIGIT_BITS, 32 - STEP_BITS - 2 * DIGIT_BITS),
];

/// The digits of the number of a step, the lowest first.
pub fn clock(step: u32) -> [f64; DIGITS] {
    PLACES.map(|(begin, bits)| f64::from((step >> begin) & ((1 << bits) - 1)))
}
