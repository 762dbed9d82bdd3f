//! The error bounds of all polynomials.

use super::*;

/// The largest of `error(x) / bound(x)` over a grid, for both ways to round: an error bound that
/// holds is below 1, one that says something above 1/10.
fn worst(
    grid: impl Iterator<Item = f64> + Clone,
    error: impl Fn(f64, fn(f64) -> f64) -> f64,
    functions: [fn(f64) -> f64; 2],
) -> f64 {
    functions
        .iter()
        .flat_map(|&function| grid.clone().map(move |x| (x, function)))
        .map(|(x, function)| error(x, function))
        .fold(0.0, f64::max)
}

/// From `low` to `high` in numbers of single precision.
fn grid(low: f64, high: f64) -> impl Iterator<Item = f64> + Clone {
    (0..=100_000).map(move |k| f64::from((low + (high - low) * f64::from(k) * 1e-5) as f32))
}

#[test]
fn exp_stays_within_its_bound() {
    // The polynomial errs by 7.5e-8, three roundings by 6e-8 each; log2(e) in single precision by
    // 1.3e-8, and its product with x by 6e-8: relative, so times abs(x).
    let error =
        |x: f64, exp: fn(f64) -> f64| (exp(x) / x.exp() - 1.0).abs() / (2.5e-7 + 1.2e-7 * x.abs());
    let exp = [
        |x| Single::<true>::of(x).exp_times(1.0).to_f64(),
        |x| Single::<false>::of(x).exp_times(1.0).to_f64(),
    ];
    let worst = worst(grid(-87.0, 88.0), error, exp);
    assert!(worst < 1.0 && worst > 0.1, "{worst}");
}

#[test]
fn exprelr_stays_within_its_bound() {
    // The polynomial errs by 9.9e-7; beyond 1, two roundings by 6e-8.
    let error = |x: f64, exprelr: fn(f64) -> f64| {
        let exact = if x == 0.0 { 1.0 } else { x / x.exp_m1() };
        (exprelr(x) / exact - 1.0).abs() / 2e-6
    };
    fn exprelr<const FUSED: bool>(x: f64) -> f64 {
        Single::<FUSED>::of(x).exprelr(Single::of(x.exp_m1())).to_f64()
    }
    let worst = worst(grid(-10.0, 10.0), error, [exprelr::<true>, exprelr::<false>]);
    assert!(worst < 1.0 && worst > 0.1, "{worst}");
}

/// (1 - exp(-y)) / y.
fn exact_phi(y: f64) -> f64 {
    if y == 0.0 { 1.0 } else { -(-y).exp_m1() / y }
}

#[test]
fn phi_stays_within_its_bound() {
    let error = |y: f64, phi: fn(f64) -> f64| (phi(y) / exact_phi(y) - 1.0).abs() / 2.2e-6;
    macro_rules! check {
        ($($reach:ident),+) => {$({
            let phi = [
                |y| Single::<true>::of(y).phi(Reach::$reach).to_f64(),
                |y| Single::<false>::of(y).phi(Reach::$reach).to_f64(),
            ];
            let worst = worst(grid(0.0, Reach::$reach.limit()), error, phi);
            assert!(worst < 1.0 && worst > 0.1, "{worst}");
        })+};
    }
    // The polynomials err by 9e-7, 1.4e-6 and 1.6e-6; roundings of up to 6e-8 by the terms of
    // Horner's rule, which are up to 1 where phi(3.5) is 0.28.
    check!(Far, Near, Nearest);
    assert!((f64::phi(0.7, Reach::Any) - exact_phi(0.7)).abs() < 1e-15);
}

#[test]
fn phi_of_any_number_stays_within_its_bound() {
    let error = |y: f64, phi: fn(f64) -> f64| (phi(y) / exact_phi(y) - 1.0).abs() / 2.2e-6;
    let phi = [
        |y| Single::<true>::of(y).phi(Reach::Any).to_f64(),
        |y| Single::<false>::of(y).phi(Reach::Any).to_f64(),
    ];
    // Every order of magnitude from 1e-9 on: small y are those of slow membranes in fine steps.
    let small = (0..100_000).map(|k| f64::from(10f64.powf(-9.0 + 1e-4 * f64::from(k)) as f32));
    let worst = worst(small.chain(grid(0.0, 200.0)), error, phi);
    assert!(worst < 1.0 && worst > 0.1, "{worst}");
}

#[test]
fn exponential_deviates_stay_within_their_bound() {
    let odd = || (0..1u32 << 13).map(|k| 2 * k + 1);
    let n = f64::from(1 << 13);
    let mean = odd().map(f64::exponential).sum::<f64>() / n;
    // The sum over midpoints misses ln(2) / 2 of a cell at the logarithm's pole.
    assert!((mean - 1.0).abs() < 5e-5, "{mean}");
    for exponential in [
        |odd| Single::<true>::exponential(odd).to_f64(),
        |odd| Single::<false>::exponential(odd).to_f64(),
    ] {
        let errors = odd().map(|odd| exponential(odd) - f64::exponential(odd));
        let (sum, worst) =
            errors.fold((0.0, 0.0f64), |(sum, worst), error| (sum + error, worst.max(error.abs())));
        // A quarter of ln(2) times 0.0573 or 0.0861 - 0.0573.
        assert!(worst < 0.01 && worst > 0.008, "{worst}");
        assert!((sum / n).abs() < 1e-3, "{sum}");
    }
}

fn deviates<R: Real>(radius_bits: u32, angle_bits: u32) -> [f64; 3] {
    let pair = R::normal_pair(Words { radius: radius_bits, angle: angle_bits });
    [pair.radius, pair.radius * pair.cos, pair.radius * pair.sin].map(R::to_f64)
}

#[test]
fn normal_pairs_agree_between_precisions() {
    let mut bits = 1u32;
    for _ in 0..200_000 {
        bits = bits.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let angle = bits.rotate_left(13) ^ 0x9e37_79b9;
        let exact = deviates::<f64>(bits, angle);
        for ours in [deviates::<Single<true>>(bits, angle), deviates::<Single<false>>(bits, angle)]
        {
            // The radius errs by 3.7e-6 (relative), the direction by 1.0e-5, each of six roundings by
            // 6e-8. Near u = 1 the 24 bits of single precision resolve u only to 6e-8: the
            // radius is small there, and its absolute error is what counts.
            let tolerance = 1.4e-5 * exact[0] + 4e-8 / exact[0].max(1e-4);
            for (ours, exact) in ours.iter().zip(exact) {
                let error = (ours - exact).abs();
                assert!(error < tolerance, "{bits:#x} {angle:#x}: {ours} is not {exact}");
            }
        }
    }
}

#[test]
fn the_variance_of_deviates_is_within_its_bound() {
    // Mean squares over an even grid of words, against those of the exact deviates of the same words:
    // the polynomial errors of the radius cost 1e-8, those of the direction 4e-7; 2^18 roundings of
    // 1e-7 average to 2e-10.
    fn mean_squares<R: Real>() -> [f64; 3] {
        const WORDS: u32 = 1 << 18;
        let mut sums = [0.0; 3];
        for k in 0..WORDS {
            // Each quadrant in turn, the angle within it in even steps.
            let angle_bits = (k & 3) << 30 | (k >> 2) << 7 | 0x40;
            let pair = R::normal_pair(Words { radius: (k << 14) | 0x1fff, angle: angle_bits });
            for (sum, x) in sums.iter_mut().zip([pair.radius, pair.cos, pair.sin]) {
                *sum += x.to_f64().powi(2) / f64::from(WORDS);
            }
        }
        sums
    }
    let exact = mean_squares::<f64>();
    let ours = mean_squares::<Single<true>>();
    assert!((ours[0] / exact[0] - 1.0).abs() < 1e-7, "radius: {ours:?} is not {exact:?}");
    for k in [1, 2] {
        assert!((ours[k] / exact[k] - 1.0).abs() < 1e-6, "direction: {ours:?} is not {exact:?}");
    }
}
