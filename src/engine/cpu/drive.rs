//! What drives the neurons of a chunk: the currents of 32 steps, the stimulus first, then the noise on
//! top. Two passes, so that their forms add up and do not multiply.

use std::sync::Arc;

use multiversion::multiversion;

use super::chunk::{LANES, Lanes};
use crate::drive::{Drive, NoiseKind, Start, StimulusKind};
use crate::population::Kernel;
use crate::random::Stream;
use crate::real::Real;
use crate::spikes::WORD;

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
    own_stream: StreamLanes,
    common_stream: StreamLanes,
}

type StreamLanes = [Lanes<u32>; 4];

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
                own_stream: [[0; LANES]; 4],
                common_stream: [[0; LANES]; 4],
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
            noise.own_stream[word][lane] = start.own.state[word];
            noise.common_stream[word][lane] = start.common.state[word];
        }
    }

    /// The currents of the 32 steps from `first` on.
    pub fn fill(&mut self, first: u32, currents: &mut Currents<R>) {
        match self.kernel.stimulus {
            StimulusKind::Constant => currents.fill(self.amplitude),
            StimulusKind::Pulse => {
                pulse(&self.amplitude, &self.from_step, &self.to_step, first, currents);
            }
            StimulusKind::File => {
                let signal = &self.signal[first as usize..][..WORD];
                play(&self.amplitude, &self.gain, signal, currents);
            }
        }
        let noise = &mut self.noise;
        match (self.kernel.noise, self.kernel.shared) {
            (NoiseKind::None | NoiseKind::Numpy, _) => {}
            (NoiseKind::White, false) => add_noise::<R, false, false>(noise, currents),
            (NoiseKind::White, true) => add_noise::<R, false, true>(noise, currents),
            (NoiseKind::Ou, false) => add_noise::<R, true, false>(noise, currents),
            (NoiseKind::Ou, true) => add_noise::<R, true, true>(noise, currents),
        }
    }
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl",
    "x86_64+avx2",
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
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn play<R: Real>(amplitude: &Lanes<R>, gain: &Lanes<R>, signal: &[R], currents: &mut Currents<R>) {
    for (value, current) in signal.iter().zip(currents) {
        for lane in 0..LANES {
            current[lane] = amplitude[lane] + gain[lane] * *value;
        }
    }
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn add_noise<R: Real, const OU: bool, const SHARED: bool>(
    noise: &mut NoiseLanes<R>,
    currents: &mut Currents<R>,
) {
    let NoiseLanes { scale, common_scale, leak, current, own_stream, common_stream } = noise;
    let (pairs, _) = currents.as_chunks_mut::<2>();
    for [even, odd] in pairs {
        for lane in 0..LANES {
            let (first, second) = normal_pair::<R>(own_stream, lane);
            let mut normals = (scale[lane] * first, scale[lane] * second);
            if SHARED {
                let (first, second) = normal_pair::<R>(common_stream, lane);
                normals.0 = normals.0 + common_scale[lane] * first;
                normals.1 = normals.1 + common_scale[lane] * second;
            }
            if OU {
                normals.0 = current[lane] + (normals.0 - leak[lane] * current[lane]);
                normals.1 = normals.0 + (normals.1 - leak[lane] * normals.0);
                current[lane] = normals.1;
            }
            even[lane] = even[lane] + normals.0;
            odd[lane] = odd[lane] + normals.1;
        }
    }
}

/// The next two deviates of a lane's stream.
#[inline(always)]
fn normal_pair<R: Real>(lanes: &mut StreamLanes, lane: usize) -> (R, R) {
    let [s0, s1, s2, s3] = lanes;
    let mut stream = Stream { state: [s0[lane], s1[lane], s2[lane], s3[lane]] };
    let (radius_bits, angle_bits) = (stream.next_u32(), stream.next_u32());
    [s0[lane], s1[lane], s2[lane], s3[lane]] = stream.state;
    R::normal_pair(radius_bits, angle_bits)
}
