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
    const INTERVALS: u32 = 2000;
    let s = std::f64::consts::SQRT_2 * std;
    let (from, to) = ((v_reset - mean) / s, (v_th - mean) / s);
    // exp(x^2) (1 + erf(x)) = exp(x^2) erfc(-x), by Simpson's rule.
    let h = (to - from) / f64::from(INTERVALS);
    let at = |k: u32| scaled_erfc(-(from + f64::from(k) * h));
    let weight = |k: u32| if k % 2 == 1 { 4.0 } else { 2.0 };
    let inner: f64 = (1..INTERVALS).map(|k| weight(k) * at(k)).sum();
    let integral = h / 3.0 * (at(0) + inner + at(INTERVALS));
    let interval = t_ref + tau_m * std::f64::consts::PI.sqrt() * integral;
    Some(1e3 / interval).filter(|rate| rate.is_finite() && *rate > 1e-8)
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
    fn a_neuron_far_below_threshold_is_silent() {
        assert_eq!(rate(10.0, 2.0, (-75.0, -55.0), (-75.0, 0.1)), None);
    }
}
