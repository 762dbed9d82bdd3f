//! Are the random numbers random, and the same in WGSL and Rust?

use super::common::{device, kolmogorov_smirnov, normal_cdf};
use loligo::engine::gpu::shader::{PerInvocation, types};
use loligo::random::{Purpose, Stream, Words, index_of};
use loligo::real::{Real, Single};

/// Neurons and words (or deviates) per neuron.
const NEURONS: u32 = 256;
const DRAWS: u32 = 4096;

/// A kernel that draws from one stream per invocation. The buffer holds the streams' states, then
/// the results, one row of DRAWS per neuron.
fn kernel(body: &str) -> String {
    let random = include_str!("../../shaders/random.wgsl");
    let types = types(PerInvocation::One);
    format!(
        "{types}{random}
        @group(0) @binding(0) var<storage, read_write> words: array<u32>;
        @compute @workgroup_size(64)
        fn draw(@builtin(global_invocation_id) id: vec3<u32>) {{
            let n = id.x;
            var stream = Stream(words[4u * n], words[4u * n + 1u], words[4u * n + 2u], words[4u * n + 3u]);
            let row = {}u + n * {DRAWS}u;
            for (var k = 0u; k < {DRAWS}u; k += 2u) {{ {body} }}
        }}",
        4 * NEURONS
    )
}

const INTEGERS: &str =
    "words[row + k] = next_bits(&stream); words[row + k + 1u] = next_bits(&stream);";
const NORMALS: &str = "let pair = normal_pair(next_words(&stream)); let z = pair.radius * vec2(pair.cos, pair.sin); \
    words[row + k] = bitcast<u32>(z.x); words[row + k + 1u] = bitcast<u32>(z.y);";

fn stream(neuron: u32) -> Stream {
    Stream::new(20, neuron, Purpose::Noise, 0)
}

fn on_gpu(text: &str) -> Option<Vec<u32>> {
    let device = device()?;
    let mut words: Vec<u32> = (0..NEURONS).flat_map(|n| stream(n).state).collect();
    words.resize((4 * NEURONS + NEURONS * DRAWS) as usize, 0);
    let words = device.evaluate(text, "draw", &words, NEURONS / 64).unwrap();
    Some(words[4 * NEURONS as usize..].to_vec())
}

fn integers_in_rust() -> Vec<u32> {
    (0..NEURONS)
        .flat_map(|n| {
            let mut stream = stream(n);
            (0..DRAWS).map(move |_| stream.next_u32())
        })
        .collect()
}

/// Deviates of all neurons, a row of DRAWS each.
fn normals_in_rust<R: Real>() -> Vec<f64> {
    (0..NEURONS)
        .flat_map(|n| {
            let mut stream = stream(n);
            (0..DRAWS / 2).flat_map(move |_| {
                let pair = R::normal_pair(Words::next(&mut stream));
                [(pair.radius * pair.cos).to_f64(), (pair.radius * pair.sin).to_f64()]
            })
        })
        .collect()
}

fn normals_on_gpu(text: &str) -> Option<Vec<f64>> {
    Some(on_gpu(text)?.into_iter().map(|word| f64::from(f32::from_bits(word))).collect())
}

const EXPONENTIALS: &str = "let pair = next_words(&stream); \
    words[row + k] = bitcast<u32>(exponential(early_odd(pair))); \
    words[row + k + 1u] = bitcast<u32>(exponential(late_odd(pair)));";

/// Exponential deviates of all neurons, a row of DRAWS each.
fn exponentials_in_rust<R: Real>() -> Vec<f64> {
    let of = |n| {
        let mut stream = stream(n);
        (0..DRAWS / 2).flat_map(move |_| {
            Words::next(&mut stream).spare().map(|odd| R::exponential(odd).to_f64())
        })
    };
    (0..NEURONS).flat_map(of).collect()
}

#[test]
fn exponentials_are_exponential_and_the_same_everywhere() {
    let exact = exponentials_in_rust::<f64>();
    let n = exact.len() as f64;
    // Of a million: Kolmogorov's limit at 1e-6; a grid of 2^-13 adds sqrt(n) times half of that.
    let distance = kolmogorov_smirnov(exact.clone(), |x| 1.0 - (-x).exp());
    assert!(distance < 2.7 + n.sqrt() / 16_384.0, "{distance}");
    let ours = exponentials_in_rust::<Single<true>>();
    assert!(ours.iter().zip(&exact).all(|(a, b)| (a - b).abs() < 0.01));
    let Some(words) = on_gpu(&kernel(EXPONENTIALS)) else { return };
    for (gpu, cpu) in words.into_iter().map(f32::from_bits).zip(&ours) {
        // A product and a sum that are rounded twice: a unit in the last digit of 16.
        assert!((f64::from(gpu) - cpu).abs() < 4e-6, "{gpu} is not {cpu}");
    }
}

#[test]
fn exponentials_know_nothing_of_the_noise() {
    // They are made of bits of the words that the normal deviates of the same two steps are made of.
    let (exponentials, normals) = (exponentials_in_rust::<f64>(), normals_in_rust::<f64>());
    let n = (exponentials.len() / 2) as f64;
    let step = |values: &[f64], place: usize| -> Vec<f64> {
        values.iter().skip(place).step_by(2).copied().collect()
    };
    let correlation = |a: &[f64], b: &[f64]| {
        let mean = |x: &[f64]| x.iter().sum::<f64>() / n;
        let (ma, mb) = (mean(a), mean(b));
        let product = |f: &dyn Fn(f64, f64) -> f64| {
            a.iter().zip(b).map(|(x, y)| f(x - ma, y - mb)).sum::<f64>()
        };
        product(&|x, y| x * y) / (product(&|x, _| x * x) * product(&|_, y| y * y)).sqrt()
    };
    let squares = |values: &[f64]| values.iter().map(|x| x * x).collect::<Vec<f64>>();
    for early_or_late in [0, 1] {
        let e = step(&exponentials, early_or_late);
        for noise in [0, 1] {
            let z = step(&normals, noise);
            for (what, other) in [("deviate", z.clone()), ("square", squares(&z))] {
                // Half a million pairs: five standard errors are 0.007.
                let r = correlation(&e, &other);
                assert!(r.abs() < 5.0 / n.sqrt(), "{early_or_late}, {noise}, {what}: {r}");
            }
        }
    }
    let (early, late) = (step(&exponentials, 0), step(&exponentials, 1));
    let r = correlation(&early, &late);
    assert!(r.abs() < 5.0 / n.sqrt(), "early and late: {r}");
    // A deviate that was made of the radius itself would be noticed.
    let radius: Vec<f64> = step(&normals, 0)
        .iter()
        .zip(step(&normals, 1))
        .map(|(x, y)| 0.5 * (x * x + y * y))
        .collect();
    assert!(correlation(&radius, &squares(&step(&normals, 0))).abs() > 0.5);
}

#[test]
fn integers_are_equal_bit_for_bit() {
    let Some(gpu) = on_gpu(&kernel(INTEGERS)) else { return };
    assert_eq!(gpu, integers_in_rust());
    // A wrong shift is noticed.
    let wrong = kernel(INTEGERS).replace("Bits(9u)", "Bits(8u)");
    assert_ne!(on_gpu(&wrong).unwrap(), integers_in_rust());
}

/// The largest difference of two sets of deviates.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn normals_are_equal_to_a_few_ulp() {
    let Some(gpu) = normals_on_gpu(&kernel(NORMALS)) else { return };
    // An ulp of a deviate between 4 and 8 is 4.8e-7; contraction to fma may move a few. Near
    // radius 0, where the uniform deviate is near 1, its spacing of 6e-8 counts.
    let tolerance = 4e-6;
    assert!(distance(&gpu, &normals_in_rust::<Single<true>>()) < tolerance);
    let wrong = kernel(NORMALS).replace("0.3082451", "0.3082");
    assert_ne!(wrong, kernel(NORMALS));
    let wrong = normals_on_gpu(&wrong).unwrap();
    assert!(distance(&wrong, &normals_in_rust::<Single<true>>()) > tolerance);
}

/// What is wrong with a sample of standard normal deviates, a row of DRAWS per neuron. Every test
/// is at the 5 sigma level: a sound generator fails one in 2 million, and seeds are fixed.
fn flaws(sample: &[f64]) -> Vec<String> {
    let n = sample.len() as f64;
    let moment = |power: i32| sample.iter().map(|x| x.powi(power)).sum::<f64>() / n;
    let mut flaws = Vec::new();
    let mut check = |what: &str, value: f64, expected: f64, deviation: f64| {
        let fits = (value - expected).abs() < 5.0 * deviation;
        if !fits {
            flaws.push(format!("{what} is {value}, not {expected} within 5 times {deviation}"));
        }
    };
    // The variance of the k-th sample moment is (m_2k - m_k^2) / n; moments of the normal
    // distribution are 0, 1, 0, 3, 0, 15, 0, 105, ..., 945 x 11 = 10395 for the 12th.
    check("mean", moment(1), 0.0, (1.0 / n).sqrt());
    check("second moment", moment(2), 1.0, (2.0 / n).sqrt());
    check("third moment", moment(3), 0.0, (15.0 / n).sqrt());
    check("fourth moment", moment(4), 3.0, ((105.0 - 9.0) / n).sqrt());
    check("sixth moment", moment(6), 15.0, ((10_395.0 - 225.0) / n).sqrt());
    for tail in [2.0, 3.0, 4.0, 4.5] {
        let p = 2.0 * normal_cdf(-tail);
        let count = sample.iter().filter(|x| x.abs() > tail).count() as f64;
        check(&format!("tail beyond {tail}"), count, n * p, (n * p).sqrt());
    }
    // Kolmogorov: P(D sqrt(n) > 2.8) = 2 exp(-2 x 2.8^2) = 3e-7.
    let ks = kolmogorov_smirnov(sample.to_vec(), normal_cdf);
    if ks > 2.8 {
        flaws.push(format!("the Kolmogorov-Smirnov distance is {ks}"));
    }
    // Correlations of a normal sample have standard deviation 1 / sqrt(pairs).
    let row = DRAWS as usize;
    for lag in [1, 2, 3, 4, 8, 32] {
        let pairs = sample.chunks(row).flat_map(|x| x.iter().zip(&x[lag..]));
        let (sum, count) = pairs.fold((0.0, 0.0), |(s, c), (a, b)| (s + a * b, c + 1.0));
        flaws.extend(correlated(&format!("lag {lag}"), sum, count));
        // Radii of a pair are of no use to the next: squares must not be correlated either.
        let pairs = sample.chunks(row).flat_map(|x| x.iter().zip(&x[lag..]));
        let (sum, count) = pairs
            .fold((0.0, 0.0), |(s, c), (a, b)| (s + (a * a - 1.0) * (b * b - 1.0) / 2.0, c + 1.0));
        flaws.extend(correlated(&format!("lag {lag}, squared"), sum, count));
    }
    for away in [1, 2, 64, 128] {
        let pairs = sample.iter().zip(&sample[away * row..]);
        let (sum, count) = pairs.fold((0.0, 0.0), |(s, c), (a, b)| (s + a * b, c + 1.0));
        flaws.extend(correlated(&format!("{away} neurons away"), sum, count));
    }
    flaws
}

fn correlated(what: &str, sum: f64, count: f64) -> Option<String> {
    let z = sum / count.sqrt();
    (z.abs() > 5.0).then(|| format!("{what}: correlation {z} standard deviations from 0"))
}

#[test]
fn normals_are_normal_and_independent() {
    assert_eq!(flaws(&normals_in_rust::<Single<true>>()), Vec::<String>::new());
    assert_eq!(flaws(&normals_in_rust::<f64>()), Vec::<String>::new());
    if let Some(gpu) = normals_on_gpu(&kernel(NORMALS)) {
        assert_eq!(flaws(&gpu), Vec::<String>::new());
    }
}

#[test]
fn flawed_normals_are_noticed() {
    let good = normals_in_rust::<Single<true>>();
    let wider: Vec<f64> = good.iter().map(|x| x * 1.01).collect();
    assert!(!flaws(&wider).is_empty());
    // Tails cut at 4, as by a radius from too few bits.
    let cut: Vec<f64> = good.iter().map(|x| x.clamp(-4.0, 4.0)).collect();
    assert!(!flaws(&cut).is_empty());
    // Neighbours that share a hundredth of their noise's variance.
    let mixed: Vec<f64> = good
        .iter()
        .zip(good[DRAWS as usize..].iter().chain(&good[..DRAWS as usize]))
        .map(|(own, other)| 0.99f64.sqrt() * own + 0.1 * other)
        .collect();
    assert!(!flaws(&mixed).is_empty());
    // The second deviate of a pair a copy of the first.
    let doubled: Vec<f64> = good.chunks(2).flat_map(|pair| [pair[0], pair[0]]).collect();
    assert!(!flaws(&doubled).is_empty());
}

#[test]
fn tails_reach_beyond_five_sigma() {
    // Drawn in bulk: 2^28 deviates hold 154 beyond 5 sigma (p = 5.7e-7), standard deviation 12.4.
    use rayon::prelude::*;
    let beyond: u64 = (0..4096u32)
        .into_par_iter()
        .map(|n| {
            let mut stream = Stream::new(5, n, Purpose::Noise, 0);
            let pair = |_| {
                let pair = Single::<true>::normal_pair(Words::next(&mut stream));
                [pair.cos, pair.sin]
                    .map(|coordinate| u64::from((pair.radius * coordinate).to_f64().abs() > 5.0))
                    .iter()
                    .sum::<u64>()
            };
            (0..1 << 15).map(pair).sum::<u64>()
        })
        .sum();
    assert!((beyond as f64 - 153.9).abs() < 5.0 * 12.4, "{beyond} beyond 5 sigma");
    // sqrt(2 ln 2^31) = 6.56
    for highest_bit in [0, 1 << 31] {
        let largest =
            Single::<true>::normal_pair(Words { radius: highest_bit | 0x7fff_ffff, angle: 0 })
                .radius
                .to_f64();
        assert!((largest - 6.555).abs() < 1e-3, "the smallest deviate has the radius {largest}");
        let least =
            Single::<true>::normal_pair(Words { radius: highest_bit, angle: 0 }).radius.to_f64();
        assert_eq!(least, 0.0, "the largest deviate is 1");
    }
}

#[test]
fn drawn_values_are_keyed_by_the_name_of_their_key() {
    use rand_distr::Distribution as _;
    let experiment =
        super::common::experiment("neurons=3 seed=5 tau_m=uniform(10,20) noise.sigma=uniform(1,2)");
    let population = &experiment.populations()[0];
    let place = population.model().parameter("tau_m").unwrap();
    for neuron in 0..3 {
        let drawn = |key: &str, low: f64, high: f64| {
            let mut stream = Stream::new(5, neuron, Purpose::Parameter, index_of(key));
            rand_distr::Uniform::new_inclusive(low, high).unwrap().sample(&mut stream)
        };
        let n = neuron as usize;
        assert_eq!(population.parameters()[place].of(n), drawn("tau_m", 10.0, 20.0));
        assert_eq!(
            population.source("noise").unwrap().values()[0].of(n),
            drawn("noise.sigma", 1.0, 2.0)
        );
    }
}
