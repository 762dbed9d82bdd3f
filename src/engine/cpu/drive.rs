//! What drives the neurons of a chunk: the currents of 32 steps, the stimulus first, then the noise on
//! top. Two passes, so that their forms add up and do not multiply.

use std::sync::Arc;

use multiversion::multiversion;

use super::chunk::{LANES, Lanes};
use crate::drive::{Drive, NoiseKind, Start, StimulusKind, fade, normals};
use crate::population::Kernel;
use crate::random::Stream;
use crate::raster::WORD;
use crate::real::Real;

/// The injected currents of 32 steps.
pub type Currents<R> = [Lanes<R>; WORD];

/// Stimulus and noise of the neurons of a chunk, with the state of the noise.
#[derive(Debug)]
pub struct DriveLanes<R> {
    kernel: Kernel,
    signal: Arc<[R]>,
    amplitude: Lanes<R>,
    from_step: Lanes<u32>,
    to_step: Lanes<u32>,
    gain: Lanes<R>,
    noise: NoiseLanes<R>,
}

#[derive(Debug)]
struct NoiseLanes<R> {
    scale: Lanes<R>,
    common_scale: Lanes<R>,
    leak: Lanes<R>,
    current: Lanes<R>,
    own_streams: StreamLanes,
    common_streams: StreamLanes,
}

type StreamLanes = [Lanes<u32>; 4];

/// Steps for which noise is made at a time.
const TURN: usize = 4;

impl<R: Real> DriveLanes<R> {
    /// Lanes to be [`set`](Self::set); `signal` has a value per step where one is played.
    pub fn new(kernel: Kernel, signal: Arc<[R]>) -> Self {
        let zero = [R::of(0.0); LANES];
        DriveLanes {
            kernel,
            signal,
            amplitude: zero,
            from_step: [0; LANES],
            to_step: [0; LANES],
            gain: zero,
            noise: NoiseLanes {
                scale: zero,
                common_scale: zero,
                leak: zero,
                current: zero,
                own_streams: [[0; LANES]; 4],
                common_streams: [[0; LANES]; 4],
            },
        }
    }

    /// Gives a lane its neuron.
    pub fn set(&mut self, lane: usize, drive: &Drive, start: &Start) {
        self.amplitude[lane] = R::of(drive.stimulus.amplitude);
        self.from_step[lane] = drive.stimulus.from_step;
        self.to_step[lane] = drive.stimulus.to_step;
        self.gain[lane] = R::of(drive.stimulus.gain);
        let noise = &mut self.noise;
        noise.scale[lane] = R::of(drive.noise.scale);
        noise.common_scale[lane] = R::of(drive.noise.common_scale);
        noise.leak[lane] = R::of(drive.noise.leak);
        noise.current[lane] = R::of(start.noise);
        for word in 0..4 {
            noise.own_streams[word][lane] = start.own.state[word];
            noise.common_streams[word][lane] = start.common.state[word];
        }
    }

    /// The currents of the 32 steps from `first` on. `currents` holds those of 32 steps before, or
    /// anything if `anew`.
    pub fn fill(&mut self, first: u32, anew: bool, currents: &mut Currents<R>) {
        let constant = self.kernel.stimulus == StimulusKind::Constant;
        let silent = matches!(self.kernel.noise, NoiseKind::None | NoiseKind::Numpy);
        match self.kernel.stimulus {
            StimulusKind::Constant if silent && anew => currents.fill(self.amplitude),
            StimulusKind::Constant => {}
            StimulusKind::Pulse => {
                pulse(&self.amplitude, &self.from_step, &self.to_step, first, currents);
            }
            StimulusKind::File => {
                let signal = &self.signal[first as usize..][..WORD];
                play(&self.amplitude, &self.gain, signal, currents);
            }
        }
        let ou = self.kernel.noise == NoiseKind::Ou;
        let add_noise = match (ou, self.kernel.shared, constant) {
            _ if silent => return,
            (false, false, false) => add_noise::<R, false, false, false>,
            (false, false, true) => add_noise::<R, false, false, true>,
            (false, true, false) => add_noise::<R, false, true, false>,
            (false, true, true) => add_noise::<R, false, true, true>,
            (true, false, false) => add_noise::<R, true, false, false>,
            (true, false, true) => add_noise::<R, true, false, true>,
            (true, true, false) => add_noise::<R, true, true, false>,
            (true, true, true) => add_noise::<R, true, true, true>,
        };
        add_noise(&mut self.noise, &self.amplitude, currents);
    }
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn pulse<R: Real>(
    amplitude: &Lanes<R>,
    from_step: &Lanes<u32>,
    to_step: &Lanes<u32>,
    first: u32,
    currents: &mut Currents<R>,
) {
    for (step, current) in (first..).zip(currents) {
        for lane in 0..LANES {
            let on = (step >= from_step[lane]) & (step < to_step[lane]);
            current[lane] = if on { amplitude[lane] } else { R::of(0.0) };
        }
    }
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn play<R: Real>(amplitude: &Lanes<R>, gain: &Lanes<R>, signal: &[R], currents: &mut Currents<R>) {
    for (value, current) in signal.iter().zip(currents) {
        for lane in 0..LANES {
            current[lane] = gain[lane].mul_add(*value, amplitude[lane]);
        }
    }
}

/// Adds the noise of 32 steps to the stimulus: `currents` as they are, or the `constant` one.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn add_noise<R: Real, const OU: bool, const SHARED: bool, const CONSTANT: bool>(
    noise: &mut NoiseLanes<R>,
    constant: &Lanes<R>,
    currents: &mut Currents<R>,
) {
    // Some steps a turn, in which a lane's streams stay in registers.
    let (turns, _) = currents.as_chunks_mut::<TURN>();
    for turn in turns {
        for lane in 0..LANES {
            let mut source = NoiseLane {
                scale: noise.scale[lane],
                common_scale: noise.common_scale[lane],
                leak: noise.leak[lane],
                current: noise.current[lane],
                own_stream: stream(&noise.own_streams, lane),
                common_stream: stream(&noise.common_streams, lane),
            };
            let (pairs, _) = turn.as_chunks_mut::<2>();
            for [first, second] in pairs {
                let stimulus = |current: R| if CONSTANT { constant[lane] } else { current };
                let stimuli = (stimulus(first[lane]), stimulus(second[lane]));
                (first[lane], second[lane]) = source.add::<OU, SHARED>(stimuli);
            }
            // What has not changed is not stored.
            if OU {
                noise.current[lane] = source.current;
            }
            for word in 0..4 {
                noise.own_streams[word][lane] = source.own_stream.state[word];
                if SHARED {
                    noise.common_streams[word][lane] = source.common_stream.state[word];
                }
            }
        }
    }
}

/// The noise of one lane, in registers.
struct NoiseLane<R> {
    scale: R,
    common_scale: R,
    leak: R,
    current: R,
    own_stream: Stream,
    common_stream: Stream,
}

impl<R: Real> NoiseLane<R> {
    /// Adds the noise of two steps to their stimuli.
    #[inline(always)]
    fn add<const OU: bool, const SHARED: bool>(&mut self, stimuli: (R, R)) -> (R, R) {
        let own = normals(&mut self.own_stream, self.scale);
        let common = match SHARED {
            true => normals(&mut self.common_stream, self.common_scale),
            false => own,
        };
        let first = if OU { fade(self.current, self.leak) } else { stimuli.0 };
        let first = own.first_on(if SHARED { common.first_on(first) } else { first });
        let second = if OU { fade(first, self.leak) } else { stimuli.1 };
        let second = own.second_on(if SHARED { common.second_on(second) } else { second });
        if !OU {
            return (first, second);
        }
        self.current = second;
        (stimuli.0 + first, stimuli.1 + second)
    }
}

/// A lane's stream.
#[inline(always)]
fn stream(lanes: &StreamLanes, lane: usize) -> Stream {
    let [s0, s1, s2, s3] = lanes;
    Stream { state: [s0[lane], s1[lane], s2[lane], s3[lane]] }
}
