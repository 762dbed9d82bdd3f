//! Numbers of pulses in a step.

use super::expression::{Expression, Wrong};
use super::lower::{Lowering, Pulses, Quantity};
use crate::tape::{Builder, Deviates, Id, Kind, Op, Sharing};
use crate::unit::Dimension;

/// The largest mean whose numbers are told apart one by one.
const LARGEST_COUNTED: f64 = 64.0;

/// How many are, with that mean.
const MOST_COUNTED: usize = 128;

/// The most numbers that are added up: of larger means all, an expansion is as good as exact.
const MOST_ADDED: usize = 4;

impl Pulses {
    /// As many as matter with means from the least to the largest of some: more are rarer than a uniform deviate can tell, one
    /// in 2^32.
    pub fn for_means(least: f64, largest: f64) -> Self {
        let summands = (largest / LARGEST_COUNTED).ceil();
        if summands > MOST_ADDED as f64 {
            let are_all_large = least > LARGEST_COUNTED * MOST_ADDED as f64;
            return if are_all_large { Pulses::Expanded } else { Pulses::Any };
        }
        if summands > 1.0 {
            return Pulses::Sum((summands as usize).next_power_of_two());
        }
        let mut probability = (-largest).exp();
        let mut above = 1.0 - probability;
        let mut n = 0;
        while above > 2f64.powi(-33) && n < MOST_COUNTED as u32 {
            n += 1;
            probability *= largest / f64::from(n);
            above -= probability;
        }
        // Few different tapes: those of similar means are shared.
        Pulses::AtMost((n as usize + 1).next_multiple_of(4))
    }
}

impl Lowering<'_, '_> {
    /// A number with the Poisson distribution of a mean, by the inverse of its distribution at a uniform deviate of its
    /// own, or as a sum of such.
    pub(super) fn poisson(&mut self, mean: Id, at: &Expression) -> Result<Quantity, Wrong> {
        if !self.builder.is_fixed(mean) {
            let message = "the mean number of pulses changes from step to step";
            let remedy = "give a mean of parameters and dt only";
            return Err(Wrong::new(at.span.clone(), message, remedy));
        }
        let n = self.names.means.len();
        self.names.means.push(mean);
        let name = format!("{}pulses_{n}", self.names.prefix);
        let sharing = Sharing::of(false, self.names.is_frozen);
        let b = &mut *self.builder;
        let pulses = match self.names.most_pulses {
            Pulses::AtMost(most) => {
                let uniform = uniform(b, &name, 0, sharing);
                counted(b, mean, uniform, most)
            }
            Pulses::Sum(summands) => sum(b, mean, summands, &name, sharing),
            Pulses::Expanded => {
                let uniform = uniform(b, &name, 0, sharing);
                expanded(b, mean, uniform)
            }
            Pulses::Any => {
                let largest = b.constant(LARGEST_COUNTED * MOST_ADDED as f64);
                let is_small = b.push(Op::AtMost(mean, largest));
                let small = b.push(Op::Min(mean, largest));
                let counted = sum(b, small, MOST_ADDED, &name, sharing);
                let uniform = uniform(b, &name, 0, sharing);
                let expanded = expanded(b, mean, uniform);
                b.push(Op::Choose(is_small, counted, expanded))
            }
        };
        Ok(Quantity::Number(pulses, Dimension::NUMBER))
    }
}

/// The uniform deviate of one of the numbers that are added up.
fn uniform(b: &mut Builder, name: &str, summand: usize, sharing: Sharing) -> Id {
    let name = if summand == 0 { name.to_owned() } else { format!("{name}_{summand}") };
    b.deviate(Deviates { name, kind: Kind::Uniform, sharing })
}

/// The sum of numbers with the Poisson distribution of a part of the mean each, which has that of all of it.
fn sum(b: &mut Builder, mean: Id, summands: usize, name: &str, sharing: Sharing) -> Id {
    let part = b.constant(1.0 / summands as f64);
    let part = b.push(Op::Mul(mean, part));
    let mut all = b.constant(0.0);
    for summand in 0..summands {
        let uniform = uniform(b, name, summand, sharing);
        let number = counted(b, part, uniform, MOST_COUNTED);
        all = b.push(Op::Add(all, number));
    }
    all
}

/// How many of the probabilities of more than 0, 1, .. pulses are above the deviate. These are small where they matter,
/// and exact there.
fn counted(b: &mut Builder, mean: Id, uniform: Id, most: usize) -> Id {
    let (zero, one) = (b.constant(0.0), b.constant(1.0));
    let minus = b.push(Op::Neg(mean));
    let mut probability = b.push(Op::Exp(minus));
    let mut above = b.push(Op::Sub(one, probability));
    let mut count = zero;
    for n in 0..most {
        let is_more = b.push(Op::Below(uniform, above));
        let more = b.push(Op::Choose(is_more, one, zero));
        count = b.push(Op::Add(count, more));
        let per = b.constant(1.0 / (n + 1) as f64);
        let ratio = b.push(Op::Mul(mean, per));
        probability = b.push(Op::Mul(probability, ratio));
        let less = b.push(Op::Sub(above, probability));
        above = b.push(Op::Max(less, zero));
    }
    count
}

/// The same for large means: the expansion of Cornish and Fisher about the normal quantile (Giles 2016, ACM Trans Math Softw
/// 42:7, whose Q_N2 it is), with the quantile of Acklam's rational approximation. From a mean of 256 on, the
/// distributions differ by 4e-6 in all, as much as 10^11 numbers would show, and the variances by 1e-7.
fn expanded(b: &mut Builder, mean: Id, uniform: Id) -> Id {
    let w = quantile(b, uniform);
    let root = b.push(Op::Sqrt(mean));
    let square = b.push(Op::Mul(w, w));
    let (third, sixth) = (b.constant(1.0 / 3.0), b.constant(1.0 / 6.0));
    let second = b.push(Op::Fma(square, sixth, third));
    let (linear, cubic) = (b.constant(-1.0 / 36.0), b.constant(-1.0 / 72.0));
    let slope = b.push(Op::Fma(square, cubic, linear));
    let product = b.push(Op::Mul(slope, w));
    let last = b.push(Op::Div(product, root));
    let sum = b.push(Op::Fma(root, w, second));
    let sum = b.push(Op::Add(sum, last));
    let sum = b.push(Op::Add(mean, sum));
    let floor = b.push(Op::Floor(sum));
    let zero = b.constant(0.0);
    b.push(Op::Max(floor, zero))
}

/// The quantile of the normal distribution of the probability 1 - u (Acklam 2003): within 1.2e-9 of its value.
fn quantile(b: &mut Builder, u: Id) -> Id {
    const CENTRE: [f64; 6] = [
        -39.696_830_286_653_76,
        220.946_098_424_520_5,
        -275.928_510_446_968_7,
        138.357_751_867_269,
        -30.664_798_066_147_16,
        2.506_628_277_459_239,
    ];
    const CENTRE_BELOW: [f64; 6] = [
        -54.476_098_798_224_06,
        161.585_836_858_040_9,
        -155.698_979_859_886_6,
        66.801_311_887_719_72,
        -13.280_681_552_885_72,
        1.0,
    ];
    const TAIL: [f64; 6] = [
        -0.007_784_894_002_430_293,
        -0.322_396_458_041_136_5,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const TAIL_BELOW: [f64; 5] = [
        0.007_784_695_709_041_462,
        0.322_467_129_070_039_8,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    let polynomial = |b: &mut Builder, x: Id, factors: &[f64]| {
        let mut sum = b.constant(factors[0]);
        for factor in &factors[1..] {
            let factor = b.constant(*factor);
            sum = b.push(Op::Fma(sum, x, factor));
        }
        sum
    };
    let (half, one) = (b.constant(0.5), b.constant(1.0));
    // Of 1 - u and u, the tail is taken at the smaller one.
    let q = b.push(Op::Sub(half, u));
    let r = b.push(Op::Mul(q, q));
    let above = polynomial(b, r, &CENTRE);
    let below = polynomial(b, r, &CENTRE_BELOW);
    let centre = b.push(Op::Mul(above, q));
    let centre = b.push(Op::Div(centre, below));
    let rest = b.push(Op::Sub(one, u));
    let least = b.constant(2f64.powi(-25));
    let rest = b.push(Op::Max(rest, least));
    let small = b.push(Op::Min(u, rest));
    let log = b.push(Op::Ln(small));
    let minus_two = b.constant(-2.0);
    let square = b.push(Op::Mul(minus_two, log));
    let s = b.push(Op::Sqrt(square));
    let above = polynomial(b, s, &TAIL);
    let below = polynomial(b, s, &TAIL_BELOW);
    // Negative: the quantile of a small probability.
    let tail = b.push(Op::Div(above, below));
    let minus = b.push(Op::Neg(tail));
    let is_upper = b.push(Op::Below(u, half));
    let tail = b.push(Op::Choose(is_upper, minus, tail));
    let edge = b.constant(0.02425);
    let is_tail = b.push(Op::Below(small, edge));
    b.push(Op::Choose(is_tail, tail, centre))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::equations::Results;
    use crate::tape::Values;

    /// At evenly spread uniform deviates, both ways give the shares of a Poisson distribution.
    #[test]
    fn inverses_are_of_the_distribution() {
        const COUNT: usize = 400_000;
        type Inverse = fn(&mut Builder, Id, Id) -> Id;
        let counted: Inverse = |b, mean, uniform| counted(b, mean, uniform, MOST_COUNTED);
        // The expansion's own error, as its comment tells; one value of the spread ones may be on the wrong side.
        for (mean, inverse, error) in [
            (0.3, counted, 0.0),
            (64.0, counted, 0.0),
            (256.0, expanded, 4e-6),
            (3000.0, expanded, 4e-6),
        ] {
            let mut b = Builder::default();
            let mean_id = b.constant(mean);
            let sharing = Sharing::of(false, false);
            let deviate = uniform(&mut b, "u", 0, sharing);
            let number = inverse(&mut b, mean_id, deviate);
            let results = Results::new(b, vec![number]);
            let at = |n: usize| {
                let deviates = [(n as f64 + 0.5) / COUNT as f64];
                results.at(Values { deviates: &deviates, ..Values::new(&[], &[]) })[0]
            };
            let mut numbers: Vec<f64> = (0..COUNT).map(at).collect();
            numbers.sort_by(f64::total_cmp);
            let (mut probability, mut below) = (-mean, 0.0);
            for n in 0..(mean + 12.0 * f64::sqrt(mean) + 12.0) as u32 {
                below += probability.exp();
                probability += mean.ln() - f64::from(n + 1).ln();
                let share = numbers.partition_point(|number| *number <= f64::from(n)) as f64;
                let far = (share / COUNT as f64 - below).abs();
                assert!(far < error + 1.5 / COUNT as f64, "{mean}, {n}: {far}");
            }
        }
    }
}
