//! The current injected into a neuron: stimulus plus noise. Twin of `shaders/stimulus.wgsl` and
//! `shaders/noise.wgsl`.
//!
//! ```text
//! white  I_k = sigma xi_k / sqrt(dt)                              (dt in s)
//! ou     eta_k = eta_(k-1) exp(-dt/tau) + sigma sqrt(1 - exp(-2 dt/tau)) xi_k
//! xi     = sqrt(1 - c) xi_own + sqrt(c) xi_population             c = noise.common
//! ```
//!
//! White noise is scaled so that the membrane's response does not depend on dt. The
//! Ornstein-Uhlenbeck step is the exact solution (Gillespie 1996), started from the stationary
//! distribution; sigma is the stationary standard deviation.

mod kernel;
mod wave;

use crate::model::Input;
use crate::random::{Purpose, Stream, Words};
use crate::raster::WORD;
use crate::real::{NormalPair, Real};

pub use kernel::{Kernel, NoiseForm};
pub use wave::{Wave, WaveOfWord};

/// The stimulus of one neuron.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stimulus {
    /// Injected current, in the model's unit, counted from
    /// [`Neuron::zero_current`](crate::model::Neuron::zero_current).
    pub amplitude: f64,
    /// Factor of the signal that is played.
    pub gain: f64,
    /// Where the neuron's row begins in the signal that is played.
    pub row: u32,
}

/// The noise of one neuron, as the kernel uses it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Noise {
    /// Factor of the neuron's own normal deviate, in the model's unit of current.
    pub scale: f64,
    /// Factor of the deviate that the population shares.
    pub common_scale: f64,
    /// Share of the noise current that is lost in a step: small, so it is kept and not the rest.
    pub leak: f64,
    /// Factors of the own and the shared deviate that the noise current starts from.
    pub start: (f64, f64),
}

impl Noise {
    /// White noise of strength `sigma` (current times sqrt(s)) at a step of `dt` ms.
    pub fn white(sigma: f64, dt: f64) -> Self {
        Noise { scale: sigma / (dt * 1e-3).sqrt(), ..Noise::default() }
    }

    /// Ornstein-Uhlenbeck noise of stationary standard deviation `sigma` and correlation time
    /// `tau` (ms) at a step of `dt` ms.
    pub fn ou(sigma: f64, tau: f64, dt: f64) -> Self {
        Noise {
            scale: sigma * (-(-2.0 * dt / tau).exp_m1()).sqrt(),
            common_scale: 0.0,
            leak: -(-dt / tau).exp_m1(),
            start: (sigma, 0.0),
        }
    }

    /// The same noise with a share `c` of its variance in common with the population.
    #[must_use]
    pub fn sharing(self, c: f64) -> Self {
        let (own, common) = ((1.0 - c).sqrt(), c.sqrt());
        Noise {
            scale: self.scale * own,
            common_scale: self.scale * common,
            start: (self.start.0 * own, self.start.0 * common),
            ..self
        }
    }
}

/// What a neuron's noise starts from: its random streams, and the noise current before step 0, from
/// the stationary distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// The neuron's own stream.
    pub own: Stream,
    /// The stream that the population shares.
    pub common: Stream,
    /// The noise current before step 0.
    pub noise: f64,
}

/// The seed of frozen noise: the same in every run.
const FROZEN_SEED: u64 = 0;

impl Start {
    /// The start of a neuron given by its global index, in a population whose first neuron is
    /// `first`. Frozen noise is the same for every neuron, population and seed.
    pub fn new(noise: &Noise, seed: u64, neuron: u32, first: u32, frozen: bool) -> Self {
        let shared = |purpose| match frozen {
            true => Stream::new(FROZEN_SEED, u32::MAX, purpose, 1),
            false => Stream::new(seed, first, purpose, 0),
        };
        // White noise starts from nothing: most neurons are spared two deviates.
        let normal = |scale: f64, stream: &dyn Fn() -> Stream| match scale {
            0.0 => 0.0,
            scale => {
                let pair = f64::normal_pair(Words::next(&mut stream()));
                scale * (pair.radius * pair.cos)
            }
        };
        let own = normal(noise.start.0, &|| Stream::new(seed, neuron, Purpose::NoiseStart, 0));
        let common = normal(noise.start.1, &|| shared(Purpose::CommonStart));
        Start {
            own: Stream::new(seed, neuron, Purpose::Noise, 0),
            common: shared(Purpose::CommonNoise),
            noise: own + common,
        }
    }
}

/// What drives one neuron.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drive {
    /// The stimulus.
    pub stimulus: Stimulus,
    /// The noise.
    pub noise: Noise,
}

/// What one neuron receives, step after step: the engines' arithmetic, one neuron at a time.
#[derive(Clone, Copy, Debug)]
pub struct InputStream<'a, R> {
    kernel: Kernel,
    drive: &'a Drive,
    wave: Option<Wave>,
    signal: &'a [f64],
    start: Start,
    noise: R,
    pairs: [NormalPair<R>; 2],
    exponentials: [R; 2],
}

impl<'a, R: Real> InputStream<'a, R> {
    /// The inputs of a neuron from step 0 on; `signal` is what is played, if anything is.
    pub fn new(kernel: Kernel, drive: &'a Drive, signal: &'a [f64], start: Start) -> Self {
        let zero = R::of(0.0);
        let none = NormalPair { radius: zero, cos: zero, sin: zero };
        InputStream {
            kernel,
            drive,
            wave: None,
            signal,
            start,
            noise: R::of(start.noise),
            pairs: [none; 2],
            exponentials: [R::of(1.0); 2],
        }
    }

    /// The same with a wave on the stimulus.
    #[must_use]
    pub fn with_wave(self, wave: Option<Wave>) -> Self {
        InputStream { wave, ..self }
    }

    /// What is received in a step, with what sources drive; steps come one after the other from 0.
    pub fn next(&mut self, step: u32, driven: Option<R>) -> Input<R> {
        let Drive { stimulus, noise } = self.drive;
        let amplitude = R::of(stimulus.amplitude);
        let stimulus = match self.kernel.plays {
            false => amplitude,
            true => {
                let value = R::of(self.signal[stimulus.row as usize + step as usize]);
                R::of(stimulus.gain).mul_add(value, amplitude)
            }
        };
        let stimulus = driven.map_or(stimulus, |driven| stimulus + driven);
        let stimulus = self.wave.map_or(stimulus, |wave| {
            let within = step % WORD as u32;
            wave.of_word::<R>(step - within).on::<false>(R::of(f64::from(within)), stimulus)
        });
        if self.kernel.noise == NoiseForm::None {
            return Input { current: stimulus, exponential: R::of(1.0) };
        }
        // Deviates come in pairs.
        if step.is_multiple_of(2) {
            let (own, common) =
                (Words::next(&mut self.start.own), Words::next(&mut self.start.common));
            let scales = (R::of(noise.scale), R::of(noise.common_scale));
            self.pairs = [normals(own, scales.0), normals(common, scales.1)];
            if self.kernel.draws {
                let words = if self.kernel.shared { crossing(scales.0, own, common) } else { own };
                self.exponentials = words.spare().map(R::exponential);
            }
        }
        let [own, common] = self.pairs;
        let (one, exponential) = match step.is_multiple_of(2) {
            true => (NormalPair::first_on as fn(&NormalPair<R>, R) -> R, self.exponentials[0]),
            false => (NormalPair::second_on as fn(&NormalPair<R>, R) -> R, self.exponentials[1]),
        };
        let noise_on = |base: R| match self.kernel.shared {
            true => one(&own, one(&common, base)),
            false => one(&own, base),
        };
        if self.kernel.noise == NoiseForm::White {
            return Input { current: noise_on(stimulus), exponential };
        }
        self.noise = relaxed(self.noise, R::of(noise.leak), noise_on(R::of(0.0)));
        Input { current: stimulus + self.noise, exponential }
    }
}

/// Ornstein-Uhlenbeck noise after a step, in which it loses the share `leak` and gets a kick. Loss and kick
/// meet first: alone, the loss of a slow noise is less than half a unit in its last digit.
#[inline(always)]
pub(crate) fn relaxed<R: Real>(noise: R, leak: R, kick: R) -> R {
    noise - leak.mul_add(noise, -kick)
}

/// Two deviates of a standard deviation, for two steps.
#[inline(always)]
pub(crate) fn normals<R: Real>(words: Words, scale: R) -> NormalPair<R> {
    let pair = R::normal_pair(words);
    NormalPair { radius: scale * pair.radius, ..pair }
}

/// The words that decide what happens between two steps, where noise is shared: those of the population if
/// all of the noise is common, so that neurons that are alike stay alike.
#[inline(always)]
pub(crate) fn crossing<R: Real>(own_scale: R, own: Words, common: Words) -> Words {
    let all_common = own_scale == R::of(0.0);
    Words {
        radius: if all_common { common.radius } else { own.radius },
        angle: if all_common { common.angle } else { own.angle },
    }
}
