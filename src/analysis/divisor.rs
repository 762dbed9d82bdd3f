//! Division by the same number again and again.

/// A divisor of whole numbers: a product takes the place of the division (Lemire, Kaser and Kurz 2019, Softw Pract Exp
/// 49:953), exact for 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Divisor {
    /// The divisor.
    pub value: u32,
    /// 2^64 / value, rounded up; 0 for a divisor of 1, of which it does not fit.
    inverse: u64,
}

impl Divisor {
    /// A divisor; not 0.
    pub fn new(value: u32) -> Self {
        Divisor { value, inverse: (u64::MAX / u64::from(value)).wrapping_add(1) }
    }

    /// How often it is in a number.
    #[inline(always)]
    pub fn quotient(self, number: u32) -> u32 {
        match self.inverse {
            0 => number,
            inverse => ((u128::from(number) * u128::from(inverse)) >> 64) as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_quotients() {
        let numbers = |by: u32| [0, 1, by - 1, by, by.saturating_add(1), u32::MAX - 1, u32::MAX];
        for by in [1, 2, 3, 5, 7, 10, 125, 500, 641, 65_535, 65_537, u32::MAX - 1, u32::MAX] {
            for number in numbers(by).into_iter().chain((0..1000).map(|k| k * 4_294_967)) {
                assert_eq!(Divisor::new(by).quotient(number), number / by, "{number} by {by}");
            }
        }
    }
}
