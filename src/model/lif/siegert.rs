//! The rate of the neuron in white noise and continuous time (Siegert 1951; Brunel and Hakim 1999).

/// The rate (Hz) of a neuron whose potential, without a threshold, has the given mean and standard deviation
/// (mV):
///
/// ```text
/// 1/r = t_ref + tau_m sqrt(pi) int exp(x^2) (1 + erf(x)) dx
/// ```
///
/// from (v_reset - mean) / s to (v_th - mean) / s, with s = sqrt(2) std. Times are in ms. None where it is not
/// a number, or next to nothing: below a spike in 10^8 s.
pub fn rate(
    tau_m: f64,
    t_ref: f64,
    (v_reset, v_th): (f64, f64),
    (mean, std): (f64, f64),
) -> Option<f64> {
    let s = std::f64::consts::SQRT_2 * std;
    let (from, to) = ((v_reset - mean) / s, (v_th - mean) / s);
    let integral: f64 = edges(from, to)
        .windows(2)
        .map(|ends| simpson(scaled_erfc_of_minus, ends[0], ends[1]))
        .sum();
    let interval = t_ref + tau_m * std::f64::consts::PI.sqrt() * integral;
    Some(1e3 / interval).filter(|rate| rate.is_finite() && *rate > 1e-8)
}

/// The ends of pieces in which the integrand is smooth: it falls as 1 / x on the left of 0, where they grow by
/// factors of 2, and rises as exp(x^2) on its right, where they are of length 1.
fn edges(from: f64, to: f64) -> Vec<f64> {
    let left = (0..).map(|k| -f64::exp2(f64::from(k))).take_while(|edge| *edge > from);
    // Beyond 27, exp(x^2) is beyond a double.
    let right = (0..28).map(f64::from);
    let mut edges: Vec<f64> =
        left.chain(right).filter(|edge| *edge > from && *edge < to).chain([from, to]).collect();
    edges.sort_by(f64::total_cmp);
    edges
}

/// Simpson's rule.
fn simpson(f: fn(f64) -> f64, from: f64, to: f64) -> f64 {
    const INTERVALS: u32 = 128;
    let h = (to - from) / f64::from(INTERVALS);
    let at = |k: u32| f(from + f64::from(k) * h);
    let weight = |k: u32| if k % 2 == 1 { 4.0 } else { 2.0 };
    let inner: f64 = (1..INTERVALS).map(|k| weight(k) * at(k)).sum();
    h / 3.0 * (at(0) + inner + at(INTERVALS))
}

/// exp(x^2) (1 + erf(x)) = exp(x^2) erfc(-x).
fn scaled_erfc_of_minus(x: f64) -> f64 {
    scaled_erfc(-x)
}

/// exp(x^2) erfc(x), within 1.2e-7 (Press et al., Numerical Recipes, section 6.2).
fn scaled_erfc(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.5 * x.abs());
    let coefficients = [
        0.170_872_77,
        -0.822_152_23,
        1.488_515_87,
        -1.135_203_98,
        0.278_868_07,
        -0.186_288_06,
        0.096_784_18,
        0.374_091_96,
        1.000_023_68,
        -1.265_512_23,
    ];
    let beyond_0 = t * coefficients.iter().fold(0.0, |sum, c| sum * t + c).exp();
    if x >= 0.0 { beyond_0 } else { 2.0 * (x * x).exp() - beyond_0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_function_is_within_its_bound() {
        // exp(x^2) erfc(x) by mpmath.
        for (x, exact) in [
            (0.0, 1.0),
            (0.5, 0.615_690_344_192_925_9),
            (2.0, 0.255_395_676_310_505_7),
            (10.0, 0.056_140_992_743_822_59),
            (-1.0, 5.008_980_080_762_283),
        ] {
            assert!((scaled_erfc(x) / exact - 1.0).abs() < 1.2e-7, "{x}: {}", scaled_erfc(x));
        }
    }

    #[test]
    fn weak_noise_needs_no_more_steps_than_strong() {
        // The default neuron (g_l 10 nS) by mpmath: current (pA), sigma (pA sqrt(s)), rate (Hz).
        let of = |current: f64, sigma: f64| {
            let std = sigma / (10.0 * 0.02f64.sqrt());
            rate(10.0, 2.0, (-75.0, -55.0), (-75.0 + current / 10.0, std)).unwrap()
        };
        for (current, sigma, expected) in [
            (200.0, 0.003, 10.013_387_62),
            (199.9, 0.01, 7.800_381_533),
            (250.0, 0.01, 55.265_810_65),
            (200.0, 3.0, 32.421_127_72),
        ] {
            let ours = of(current, sigma);
            assert!((ours / expected - 1.0).abs() < 1e-6, "{current}, {sigma}: {ours}");
        }
    }

    #[test]
    fn a_neuron_far_below_threshold_is_silent() {
        assert_eq!(rate(10.0, 2.0, (-75.0, -55.0), (-75.0, 0.1)), None);
    }
}
