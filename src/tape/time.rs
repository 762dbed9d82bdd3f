//! Time on a tape. A step's number is an integer; single precision has it by its digits, which are exact.

/// Bits of a digit, of the first two of three.
pub const DIGIT: u32 = 11;

/// The digits of the number of a step, the lowest first: of base 2^11, the last takes the rest.
pub fn clock(step: u32) -> [f64; 3] {
    let low = (1 << DIGIT) - 1;
    [step & low, (step >> DIGIT) & low, step >> (2 * DIGIT)].map(f64::from)
}
