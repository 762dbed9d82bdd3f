//! The noise of a NumPy notebook: `np.random.seed(seed)` and `np.random.randn(n)`, bit for bit.
//!
//! The legacy generator is the Mersenne Twister (Matsumoto and Nishimura 1998); its normal deviates
//! are by Marsaglia's polar method, the second of a pair first.

use rand_mt::Mt;

/// Standard normal deviates as `np.random.randn` gives them after `np.random.seed(seed)`.
pub fn randn(seed: u32, n: usize) -> Vec<f64> {
    let mut twister = Mt::new(seed);
    // 53 bits from two words.
    let mut uniform = || {
        let (a, b) = (twister.next_u32() >> 5, twister.next_u32() >> 6);
        (f64::from(a) * 67_108_864.0 + f64::from(b)) / 9_007_199_254_740_992.0
    };
    let mut deviates = Vec::with_capacity(n + 1);
    while deviates.len() < n {
        let (x, y) = (2.0 * uniform() - 1.0, 2.0 * uniform() - 1.0);
        let r2 = x * x + y * y;
        if r2 < 1.0 && r2 != 0.0 {
            let f = (-2.0 * r2.ln() / r2).sqrt();
            deviates.extend([f * y, f * x]);
        }
    }
    deviates.truncate(n);
    deviates
}

/// The noise current of the course's `my_GWN`, its mean aside: sigma randn / sqrt(dt), dt in ms.
pub fn white(seed: u32, sigma: f64, dt_ms: f64, steps: usize) -> Vec<f64> {
    let scale = (dt_ms / 1000.0).sqrt();
    randn(seed, steps).into_iter().map(|xi| sigma * xi / scale).collect()
}

/// The noise current of the course's `my_OU`, its mean `mu` aside: Euler's step, started at 0
/// rather than at the mean.
pub fn ou(seed: u32, sigma: f64, tau_ms: f64, mu: f64, dt_ms: f64, steps: usize) -> Vec<f64> {
    let xi = randn(seed, steps);
    let mut current = sigma * xi.first().copied().unwrap_or(0.0);
    let kick = (2.0 * dt_ms / tau_ms).sqrt() * sigma;
    let mut noise = vec![current - mu];
    for xi in &xi[1.min(xi.len())..] {
        current += dt_ms / tau_ms * (mu - current) + kick * xi;
        noise.push(current - mu);
    }
    noise.truncate(steps);
    noise
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviates_are_numpys() {
        // NumPy: np.random.seed(2020); np.random.randn(3)
        let ours = randn(2020, 3);
        let theirs = [-1.768_845_71, 0.075_552_27, -1.130_629_7];
        assert!(ours.iter().zip(theirs).all(|(a, b)| (a - b).abs() < 1e-8), "{ours:?}");
        // The course: mu 250, sigma 0.5 gives 161.557715 253.777614 193.468515 pA.
        let currents = white(2020, 0.5, 0.1, 3);
        let theirs = [161.557_715, 253.777_614, 193.468_515];
        assert!(
            currents.iter().zip(theirs).all(|(a, b)| (a + 250.0 - b).abs() < 1e-6),
            "{currents:?}"
        );
        // mu 200, sigma 40, tau 10: -70.753828 -67.618902 -71.338520 pA.
        let currents = ou(2020, 40.0, 10.0, 200.0, 0.1, 3);
        let theirs = [-70.753_828, -67.618_902, -71.338_520];
        assert!(
            currents.iter().zip(theirs).all(|(a, b)| (a + 200.0 - b).abs() < 1e-6),
            "{currents:?}"
        );
    }
}
