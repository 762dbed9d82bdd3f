//! A neuron's own random stream, keyed by (seed, global neuron index, purpose) and nothing else.
//!
//! The stream is xoshiro128++ (Blackman and Vigna 2021): adds, shifts and xors, four words of
//! state that stay in registers. Its start is the output of Threefry-4x32 with 20 rounds (Salmon
//! et al. 2011), a keyed bijection of cryptographic ancestry: streams of neighbouring neurons and
//! of neighbouring seeds start at unrelated points of the cycle of 2^128 - 1. So the deviates are
//! the same for any block length, workgroup size, engine, device and split of the population.
//! `docs/random.md` has the results of test batteries, for this and other generators.

use std::convert::Infallible;

use rand::TryRng;

/// What a random stream is for. Streams of different purposes are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// The noise current: two words per two steps.
    Noise = 0,
    /// The stationary start of Ornstein-Uhlenbeck noise.
    NoiseStart = 1,
    /// The value of a parameter that is given as a distribution.
    Parameter = 2,
    /// Noise that a population shares.
    CommonNoise = 3,
    /// Its stationary start.
    CommonStart = 4,
    /// A stream of random numbers of equations.
    Deviate = 5,
    /// What starts at random with it.
    DeviateStart = 6,
    /// A stream of random numbers of equations that a population shares.
    CommonDeviate = 7,
    /// What starts at random with it.
    CommonDeviateStart = 8,
}

/// A random stream: xoshiro128++, the twin of `next_u32` in `shaders/random.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The generator's state.
    pub state: [u32; 4],
}

impl Stream {
    /// The stream of one neuron for one purpose; `index` tells streams of the same purpose apart
    /// (that of the parameter's key, see [`index_of`], 0 otherwise).
    pub fn new(seed: u64, neuron: u32, purpose: Purpose, index: u32) -> Self {
        let key = [seed as u32, (seed >> 32) as u32, 0, 0];
        Stream { state: threefry_4x32(key, [neuron, purpose as u32, index, 0]) }
    }

    /// The next 32 random bits.
    #[inline(always)]
    pub fn next_u32(&mut self) -> u32 {
        let [s0, s1, s2, s3] = self.state;
        let bits = s0.wrapping_add(s3).rotate_left(7).wrapping_add(s0);
        let s2 = s2 ^ s0;
        let s3 = s3 ^ s1;
        self.state = [s0 ^ s3, s1 ^ s2, s2 ^ (s1 << 9), s3.rotate_left(11)];
        bits
    }
}

/// The two random words of two steps: a pair of normal deviates for the noise, by
/// [`Real::normal_pair`](crate::real::Real::normal_pair), and two exponential ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// The word of the radius.
    pub radius: u32,
    /// The word of the angle.
    pub angle: u32,
}

impl Words {
    /// The next two words of a stream.
    #[inline(always)]
    pub fn next(stream: &mut Stream) -> Self {
        Words { radius: stream.next_u32(), angle: stream.next_u32() }
    }

    /// A random odd number below 2^14 for each of the two steps. The normal deviates know of these bits in
    /// their last digits only: a mean over the rest of a word, which is as random, differs by 2^-10 of its
    /// range at most.
    #[inline(always)]
    pub fn spare(self) -> [u32; 2] {
        [self.angle & 0x3fff | 1, self.radius & 0x3fff | 1]
    }
}

/// The number that stands for a name where a stream is keyed: the 32-bit hash of Fowler, Noll and Vo (1a),
/// which depends on nothing but the name.
pub fn index_of(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Lets the distributions of `rand_distr` draw from a neuron's stream.
impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = u64::from(self.next_u32());
        Ok(low | u64::from(self.next_u32()) << 32)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(4) {
            let word = self.next_u32().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

/// Threefry-4x32 with 20 rounds: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
/// as 1, 2, 3", SC 2011.
fn threefry_4x32(key: [u32; 4], counter: [u32; 4]) -> [u32; 4] {
    const ROTATIONS: [[u32; 2]; 8] =
        [[10, 26], [11, 21], [13, 27], [23, 5], [6, 20], [17, 11], [25, 10], [18, 20]];
    const PARITY: u32 = 0x1bd1_1bda;
    let parity = key.iter().fold(PARITY, |parity, word| parity ^ word);
    let keys = [key[0], key[1], key[2], key[3], parity];
    let inject = |x: [u32; 4], round: u32| -> [u32; 4] {
        let mut y = std::array::from_fn(|i| x[i].wrapping_add(keys[(round as usize + i) % 5]));
        y[3] = y[3].wrapping_add(round);
        y
    };
    let mut x = inject(counter, 0);
    for round in 0..20 {
        let [first, second] = ROTATIONS[round % 8];
        let (a, b) = if round % 2 == 0 { (1, 3) } else { (3, 1) };
        x[0] = x[0].wrapping_add(x[a]);
        x[a] = x[a].rotate_left(first) ^ x[0];
        x[2] = x[2].wrapping_add(x[b]);
        x[b] = x[b].rotate_left(second) ^ x[2];
        if round % 4 == 3 {
            x = inject(x, round as u32 / 4 + 1);
        }
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::Xoshiro128PlusPlus;
    use rand::{Rng, SeedableRng};

    #[test]
    fn threefry_gives_the_published_answers() {
        // Random123, tests/kat_vectors, "threefry4x32 20".
        let zero = threefry_4x32([0; 4], [0; 4]);
        assert_eq!(zero, [0x9c6c_a96a, 0xe17e_ae66, 0xfc10_ecd4, 0x5256_a7d8]);
        let ones = threefry_4x32([u32::MAX; 4], [u32::MAX; 4]);
        assert_eq!(ones, [0x2a88_1696, 0x5701_2287, 0xf6c7_446e, 0xa16a_6732]);
        let pi = threefry_4x32(
            [0xa409_3822, 0x299f_31d0, 0x082e_fa98, 0xec4e_6c89],
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
        );
        assert_eq!(pi, [0x59cd_1dbb, 0xb887_9579, 0x86b5_d00c, 0xac8b_6d84]);
    }

    #[test]
    fn the_stream_is_xoshiro128plusplus() {
        let mut ours = Stream::new(7, 3, Purpose::Noise, 0);
        let mut seed = [0u8; 16];
        for (bytes, word) in seed.chunks_mut(4).zip(ours.state) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        let mut theirs = Xoshiro128PlusPlus::from_seed(seed);
        for _ in 0..1000 {
            assert_eq!(ours.next_u32(), theirs.next_u32());
        }
    }

    #[test]
    fn names_have_the_published_hashes() {
        // http://www.isthe.com/chongo/tech/comp/fnv: "", "a", "foobar".
        let hashes = ["", "a", "foobar"].map(index_of);
        assert_eq!(hashes, [0x811c_9dc5, 0xe40c_292c, 0xbf9c_f968]);
    }

    #[test]
    fn every_key_gives_another_stream() {
        let reference = Stream::new(1, 1, Purpose::Noise, 0);
        assert_eq!(reference, Stream::new(1, 1, Purpose::Noise, 0));
        assert_ne!(reference, Stream::new(2, 1, Purpose::Noise, 0));
        assert_ne!(reference, Stream::new(1 + (1 << 32), 1, Purpose::Noise, 0));
        assert_ne!(reference, Stream::new(1, 2, Purpose::Noise, 0));
        assert_ne!(reference, Stream::new(1, 1, Purpose::NoiseStart, 0));
        assert_ne!(reference, Stream::new(1, 1, Purpose::Parameter, 0));
        assert_ne!(
            Stream::new(1, 1, Purpose::Parameter, 1),
            Stream::new(1, 1, Purpose::Parameter, 0)
        );
    }
}
