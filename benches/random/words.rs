//! Random words without end, for test batteries: the generators that Loligo could draw noise from,
//! in the two orders in which a simulation meets their words.
//!
//! `cargo bench --bench random_words -- GENERATOR ORDER` writes little-endian 32-bit words to the
//! standard output until it is closed. `benches/random/batteries` reads them, `docs/random.md`
//! tells what came of it. Without arguments (a plain `cargo bench`) only the known answers are
//! checked.

use std::io::{self, Write};
use std::process::ExitCode;

use loligo::random::{Purpose, Stream};

const USAGE: &str = "usage: cargo bench --bench random_words -- GENERATOR ORDER
GENERATOR: xoshiro128++ | threefry4x32-12 | pcg4d | control
ORDER:     neuron-major | step-major";

/// Small, as users choose seeds.
const SEED: u64 = 1;
const SEED_LOW: u32 = SEED as u32;
const SEED_HIGH: u32 = (SEED >> 32) as u32;

/// Words of a neuron in a row, in neuron-major order: a simulation of 4096 steps.
const NEURON_WORDS: usize = 4096;

/// Neurons that take turns, in step-major order.
const NEURONS: usize = 16_384;

/// Words of a call. Counter-based generators make so many at once.
const CALL: usize = 4;

fn main() -> ExitCode {
    check_known_answers();
    // Cargo adds `--bench`.
    let args: Vec<_> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let words: Vec<_> = args.iter().map(String::as_str).collect();
    let written = match words[..] {
        ["xoshiro128++", order] => write::<Stream>(order),
        ["threefry4x32-12", order] => write::<Threefry>(order),
        ["pcg4d", order] => write::<Pcg>(order),
        ["control", order] => write::<Control>(order),
        [] => Ok(true),
        _ => Ok(false),
    };
    match written {
        Ok(true) => ExitCode::SUCCESS,
        // The reader has had enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("{USAGE}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes words in the order of this name; false if there is none.
fn write<G: Generator>(order: &str) -> io::Result<bool> {
    let mut output = io::stdout().lock();
    match order {
        "neuron-major" => neuron_major::<G>(&mut output)?,
        "step-major" => step_major::<G>(&mut output)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// The words of neuron 0, then those of neuron 1, and so on.
fn neuron_major<G: Generator>(output: &mut impl Write) -> io::Result<()> {
    let mut words = vec![[0; CALL]; NEURON_WORDS / CALL];
    for neuron in 0..=u32::MAX {
        let mut generator = G::new(neuron);
        words.fill_with(|| generator.call().map(u32::to_le));
        output.write_all(bytemuck::cast_slice(&words))?;
    }
    Ok(())
}

/// The first words of all neurons, then their second words, and so on.
fn step_major<G: Generator>(output: &mut impl Write) -> io::Result<()> {
    let mut generators: Vec<_> = (0..NEURONS as u32).map(G::new).collect();
    let mut words = vec![[0; NEURONS]; CALL];
    loop {
        for (neuron, generator) in generators.iter_mut().enumerate() {
            for (step, word) in generator.call().into_iter().enumerate() {
                words[step][neuron] = word.to_le();
            }
        }
        output.write_all(bytemuck::cast_slice(&words))?;
    }
}

/// A neuron's own random words.
trait Generator {
    /// The words of this neuron, from the first one on.
    fn new(neuron: u32) -> Self;

    /// The next words.
    fn call(&mut self) -> [u32; CALL];
}

/// Loligo's own stream.
impl Generator for Stream {
    fn new(neuron: u32) -> Self {
        Stream::new(SEED, neuron, Purpose::Noise, 0)
    }

    fn call(&mut self) -> [u32; CALL] {
        std::array::from_fn(|_| self.next_u32())
    }
}

/// Threefry-4x32 with 12 rounds instead of 20, to be fast.
struct Threefry {
    neuron: u32,
    block: u32,
}

impl Generator for Threefry {
    fn new(neuron: u32) -> Self {
        Threefry { neuron, block: 0 }
    }

    fn call(&mut self) -> [u32; CALL] {
        let key = [SEED_LOW, SEED_HIGH, 0, 0];
        let words = threefry_4x32::<12>(key, [self.block, self.neuron, Purpose::Noise as u32, 0]);
        self.block = self.block.wrapping_add(1);
        words
    }
}

/// pcg4d: Jarzynski and Olano, "Hash functions for GPU rendering", JCGT 2020.
struct Pcg {
    neuron: u32,
    block: u32,
}

impl Generator for Pcg {
    fn new(neuron: u32) -> Self {
        Pcg { neuron, block: 0 }
    }

    fn call(&mut self) -> [u32; CALL] {
        let words = pcg4d([self.block, self.neuron, SEED_LOW ^ Purpose::Noise as u32, SEED_HIGH]);
        self.block = self.block.wrapping_add(1);
        words
    }
}

/// A generator that a battery must reject: xoshiro128++ started from the bare numbers of the
/// neuron and the seed, so that the neurons resemble each other.
struct Control(Stream);

impl Generator for Control {
    fn new(neuron: u32) -> Self {
        Control(Stream { state: [SEED_LOW, SEED_HIGH, neuron, Purpose::Noise as u32] })
    }

    fn call(&mut self) -> [u32; CALL] {
        self.0.call()
    }
}

/// Threefry-4x32: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
/// SC 2011.
fn threefry_4x32<const ROUNDS: usize>(key: [u32; 4], counter: [u32; 4]) -> [u32; 4] {
    const ROTATIONS: [[u32; 2]; 8] =
        [[10, 26], [11, 21], [13, 27], [23, 5], [6, 20], [17, 11], [25, 10], [18, 20]];
    let [k0, k1, k2, k3] = key;
    let keys = [k0, k1, k2, k3, 0x1bd1_1bda ^ k0 ^ k1 ^ k2 ^ k3];
    let mut x: [u32; 4] = std::array::from_fn(|i| counter[i].wrapping_add(keys[i]));
    for round in 0..ROUNDS {
        let [first, second] = ROTATIONS[round % 8];
        let (a, b) = if round % 2 == 0 { (1, 3) } else { (3, 1) };
        x[0] = x[0].wrapping_add(x[a]);
        x[a] = x[a].rotate_left(first) ^ x[0];
        x[2] = x[2].wrapping_add(x[b]);
        x[b] = x[b].rotate_left(second) ^ x[2];
        if round % 4 == 3 {
            let turn = round / 4 + 1;
            x = std::array::from_fn(|i| x[i].wrapping_add(keys[(turn + i) % 5]));
            x[3] = x[3].wrapping_add(turn as u32);
        }
    }
    x
}

fn pcg4d(input: [u32; 4]) -> [u32; 4] {
    fn mix([x, y, z, w]: [u32; 4]) -> [u32; 4] {
        let x = x.wrapping_add(y.wrapping_mul(w));
        let y = y.wrapping_add(z.wrapping_mul(x));
        let z = z.wrapping_add(x.wrapping_mul(y));
        let w = w.wrapping_add(y.wrapping_mul(z));
        [x, y, z, w]
    }
    let v = input.map(|word| word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    mix(mix(v).map(|word| word ^ word >> 16))
}

/// Stops the program where a generator is not the published one. (Loligo's tests check its stream;
/// nobody has published answers of pcg4d.)
fn check_known_answers() {
    // Random123, tests/kat_vectors, "threefry4x32 13" and "threefry4x32 20".
    let counter = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
    let key = [0xa409_3822, 0x299f_31d0, 0x082e_fa98, 0xec4e_6c89];
    assert_eq!(
        threefry_4x32::<13>([0; 4], [0; 4]),
        [0x531c_7e4f, 0x3949_1ee5, 0x2c85_5a92, 0x3d6a_bf9a]
    );
    assert_eq!(
        threefry_4x32::<13>([u32::MAX; 4], [u32::MAX; 4]),
        [0xc418_9358, 0x1c9c_c83a, 0xd588_1c67, 0x6a0a_89e0]
    );
    assert_eq!(
        threefry_4x32::<13>(key, counter),
        [0x4aa7_1d8f, 0x7347_38c2, 0x431f_c6a8, 0xae6d_ebf1]
    );
    assert_eq!(
        threefry_4x32::<20>(key, counter),
        [0x59cd_1dbb, 0xb887_9579, 0x86b5_d00c, 0xac8b_6d84]
    );
}
