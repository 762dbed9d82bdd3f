//! The current injected into a neuron: stimulus plus noise. Twin of `shaders/stimulus.wgsl` and
//! `shaders/noise.wgsl`.
//!
//! ```text
//! white  I_k = sigma xi_k / sqrt(dt)                              (dt in s)
//! ou     eta_k = eta_(k-1) exp(-dt/tau) + sigma sqrt(1 - exp(-2 dt/tau)) xi_k
//! ```
//!
//! White noise is scaled so that the membrane's response does not depend on dt. The
//! Ornstein-Uhlenbeck step is the exact solution (Gillespie 1996), started from the stationary
//! distribution; sigma is the stationary standard deviation.

use crate::model::{Bound, Model, Parameter};
use crate::random::{Purpose, Stream};
use crate::real::Real;

/// A form the stimulus can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum StimulusKind {
    /// The same current all the time.
    Constant = 0,
    /// A current from one time to another.
    Pulse = 1,
}

/// A form the noise can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum NoiseKind {
    /// No noise.
    None = 0,
    /// Gaussian white noise.
    White = 1,
    /// An Ornstein-Uhlenbeck process.
    Ou = 2,
}

impl StimulusKind {
    /// All kinds, by the names for `--stimulus`.
    pub const NAMED: [(&'static str, StimulusKind); 2] =
        [("constant", StimulusKind::Constant), ("pulse", StimulusKind::Pulse)];

    /// The name for `--stimulus`.
    pub fn name(self) -> &'static str {
        Self::NAMED[self as usize].0
    }

    /// What can be set with this kind, for a model; keys follow `stimulus.`.
    pub fn parameters(self, model: &Model) -> Vec<Parameter> {
        let amplitude = Parameter {
            name: "amplitude",
            unit: model.current_unit,
            default: model.amplitude,
            bound: Bound::Finite,
            about: "injected current",
        };
        match self {
            StimulusKind::Constant => vec![amplitude],
            StimulusKind::Pulse => vec![
                amplitude,
                Parameter {
                    name: "from",
                    unit: "ms",
                    default: 100.0,
                    bound: Bound::NotNegative,
                    about: "time at which the pulse begins",
                },
                Parameter {
                    name: "to",
                    unit: "ms",
                    default: 300.0,
                    bound: Bound::NotNegative,
                    about: "time at which the pulse ends",
                },
            ],
        }
    }
}

impl NoiseKind {
    /// All kinds, by the names for `--noise`.
    pub const NAMED: [(&'static str, NoiseKind); 3] =
        [("none", NoiseKind::None), ("white", NoiseKind::White), ("ou", NoiseKind::Ou)];

    /// The name for `--noise`.
    pub fn name(self) -> &'static str {
        Self::NAMED[self as usize].0
    }

    /// What can be set with this kind, for a model; keys follow `noise.`.
    pub fn parameters(self, model: &Model) -> Vec<Parameter> {
        let sigma = |unit, default, about| Parameter {
            name: "sigma",
            unit,
            default,
            bound: Bound::NotNegative,
            about,
        };
        match self {
            NoiseKind::None => vec![],
            NoiseKind::White => {
                vec![sigma(model.white_noise_unit(), model.sigma_white, "strength of the noise")]
            }
            NoiseKind::Ou => vec![
                sigma(model.current_unit, model.sigma_ou, "stationary standard deviation"),
                Parameter {
                    name: "tau",
                    unit: "ms",
                    default: 10.0,
                    bound: Bound::Positive,
                    about: "correlation time",
                },
            ],
        }
    }
}

/// The stimulus of one neuron.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stimulus {
    /// Injected current, in the model's unit.
    pub amplitude: f64,
    /// First step with the current on.
    pub from_step: u32,
    /// First step with the current off again.
    pub to_step: u32,
}

/// The noise of one neuron, as the kernel uses it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// Factor of the normal deviate, in the model's unit of current.
    pub scale: f64,
    /// Factor of the noise current of the step before.
    pub decay: f64,
}

impl Noise {
    /// White noise of strength `sigma` (current times sqrt(s)) at a step of `dt` ms.
    pub fn white(sigma: f64, dt: f64) -> Self {
        Noise { scale: sigma / (dt * 1e-3).sqrt(), decay: 0.0 }
    }

    /// Ornstein-Uhlenbeck noise of stationary standard deviation `sigma` and correlation time
    /// `tau` (ms) at a step of `dt` ms.
    pub fn ou(sigma: f64, tau: f64, dt: f64) -> Self {
        Noise { scale: sigma * (-(-2.0 * dt / tau).exp_m1()).sqrt(), decay: (-dt / tau).exp() }
    }

    /// The noise current before the first step, from the stationary distribution.
    pub fn start(&self, seed: u64, neuron: u32) -> f64 {
        let sigma = self.scale / (1.0 - self.decay * self.decay).sqrt();
        let mut stream = Stream::new(seed, neuron, Purpose::NoiseStart, 0);
        let (radius, angle) = (stream.next_u32(), stream.next_u32());
        sigma * f64::normal_pair(radius, angle).0
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

/// The current of one neuron, step after step: the engines' arithmetic, one neuron at a time.
#[derive(Clone, Copy, Debug)]
pub struct Source<R> {
    kind: NoiseKind,
    scale: R,
    decay: R,
    noise: R,
    stream: Stream,
    second: R,
}

impl<R: Real> Source<R> {
    /// The source of a neuron, given by its global index, at step 0.
    pub fn new(kind: NoiseKind, drive: &Drive, seed: u64, neuron: u32) -> Self {
        Source {
            kind,
            scale: R::of(drive.noise.scale),
            decay: R::of(drive.noise.decay),
            noise: R::of(drive.noise.start(seed, neuron)),
            stream: Stream::new(seed, neuron, Purpose::Noise, 0),
            second: R::of(0.0),
        }
    }

    /// The current of a step; steps come one after the other from 0.
    pub fn next(&mut self, drive: &Drive, step: u32) -> R {
        let Stimulus { amplitude, from_step, to_step } = drive.stimulus;
        let on = step >= from_step && step < to_step;
        let stimulus = if on { R::of(amplitude) } else { R::of(0.0) };
        if self.kind == NoiseKind::None {
            return stimulus;
        }
        // Deviates come in pairs.
        let normal = if step.is_multiple_of(2) {
            let (radius_bits, angle_bits) = (self.stream.next_u32(), self.stream.next_u32());
            let (first, second) = R::normal_pair(radius_bits, angle_bits);
            self.second = second;
            first
        } else {
            self.second
        };
        if self.kind == NoiseKind::White {
            return stimulus + self.scale * normal;
        }
        self.noise = self.decay * self.noise + self.scale * normal;
        stimulus + self.noise
    }
}
