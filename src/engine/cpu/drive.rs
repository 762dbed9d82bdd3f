//! What drives the neurons of a chunk: the inputs of 32 steps, the stimulus first, then the noise on
//! top. Two passes, so that their forms add up and do not multiply.

use std::sync::Arc;

use multiversion::multiversion;

use super::exchange::Exchange;
use super::waves::WaveLanes;
use crate::drive::{Drive, Kernel, NoiseForm, Start, Wave, crossing, normals, relaxed};
use crate::random::{Stream, Words};
use crate::raster::WORD;
use crate::real::Real;

/// What is received in 32 steps.
#[derive(Debug)]
pub struct Inputs<'a, R, const L: usize> {
    /// The injected currents.
    pub currents: &'a mut Currents<R, L>,
    /// The exponential deviates, where steps take any.
    pub exponentials: &'a mut [[R; L]; WORD],
}

type Currents<R, const L: usize> = [[R; L]; WORD];

/// Memory of a thread for [`Inputs`]: what it holds is of no use to others.
#[derive(Debug, Default)]
pub struct Scratch<R> {
    currents: Vec<R>,
    exponentials: Vec<R>,
}

impl<R: Real> Scratch<R> {
    /// Inputs that hold anything.
    pub fn inputs<const L: usize>(&mut self) -> Option<Inputs<'_, R, L>> {
        fn rows<R: Real, const L: usize>(values: &mut Vec<R>) -> Option<&mut [[R; L]; WORD]> {
            if values.len() < L * WORD {
                values.resize(L * WORD, R::of(0.0));
            }
            values.as_chunks_mut().0.first_chunk_mut()
        }
        let currents = rows(&mut self.currents)?;
        Some(Inputs { currents, exponentials: rows(&mut self.exponentials)? })
    }
}

/// What sources bring to 32 steps, besides stimulus and noise: a row of a value for each lane.
#[derive(Clone, Copy, Debug)]
pub struct Driven<'a, R> {
    /// The injected currents.
    pub currents: &'a [&'a [R]],
    /// The injected conductances; none where there are none.
    pub conductances: &'a [&'a [R]],
    /// The first of the lanes that are meant.
    pub first: usize,
}

impl<'a, R> Driven<'a, R> {
    /// The currents of a step.
    pub fn current<const L: usize>(self, step: usize) -> Option<&'a [R; L]> {
        self.currents.get(step)?.get(self.first..)?.first_chunk()
    }

    /// The conductances of a step.
    pub fn conductance<const L: usize>(self, step: usize) -> Option<&'a [R; L]> {
        self.conductances.get(step)?.get(self.first..)?.first_chunk()
    }
}

/// Stimulus and noise of the neurons of a chunk, with the state of the noise.
#[derive(Debug)]
pub struct DriveLanes<R, const L: usize> {
    kernel: Kernel,
    /// Whether steps take exponential deviates, drawn or not.
    takes_exponentials: bool,
    signal: Arc<[R]>,
    amplitude: [R; L],
    gain: [R; L],
    row: [u32; L],
    noise: NoiseLanes<R, L>,
    waves: Option<Box<WaveLanes<R, L>>>,
}

#[derive(Debug)]
struct NoiseLanes<R, const L: usize> {
    scale: [R; L],
    common_scale: [R; L],
    leak: [R; L],
    current: [R; L],
    own_streams: StreamLanes<L>,
    common_streams: StreamLanes<L>,
}

type StreamLanes<const L: usize> = [[u32; L]; 4];

/// Steps for which noise is made at a time.
const TURN: usize = 4;

impl<R: Real, const L: usize> DriveLanes<R, L> {
    /// Lanes to be [`set`](Self::set); `signal` is what is played, if anything is.
    pub fn new(kernel: Kernel, signal: Arc<[R]>) -> Self {
        let zero = [R::of(0.0); L];
        DriveLanes {
            takes_exponentials: kernel.model.draws(kernel.variant.integrator),
            kernel,
            signal,
            amplitude: zero,
            gain: zero,
            row: [0; L],
            noise: NoiseLanes {
                scale: zero,
                common_scale: zero,
                leak: zero,
                current: zero,
                own_streams: [[0; L]; 4],
                common_streams: [[0; L]; 4],
            },
            waves: None,
        }
    }

    /// Gives a lane a wave on its stimulus.
    pub fn set_wave(&mut self, lane: usize, wave: &Wave) {
        self.waves.get_or_insert_with(|| Box::new(WaveLanes::new())).set(lane, wave);
    }

    /// Gives a lane its neuron.
    pub fn set(&mut self, lane: usize, drive: &Drive, start: &Start) {
        self.amplitude[lane] = R::of(drive.stimulus.amplitude);
        self.row[lane] = drive.stimulus.row;
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

    /// Goes through what changes of a lane.
    pub fn exchange(&mut self, lane: usize, with: &mut dyn Exchange<R>) {
        let noise = &mut self.noise;
        for words in [&mut noise.own_streams, &mut noise.common_streams] {
            words.iter_mut().for_each(|word| with.whole(&mut word[lane]));
        }
        with.real(&mut noise.current[lane]);
    }

    /// Goes through what a wave has of a lane: behind the model's own streams, as with all sources.
    pub fn exchange_wave(&mut self, lane: usize, with: &mut dyn Exchange<R>) {
        if let Some(waves) = &mut self.waves {
            with.real(&mut waves.kept[lane]);
        }
    }

    /// The inputs of the 32 steps from `first` on. `inputs` holds those of 32 steps before, or
    /// anything if `anew`.
    pub fn fill(
        &mut self,
        first: u32,
        anew: bool,
        inputs: &mut Inputs<'_, R, L>,
        driven: Option<Driven<'_, R>>,
    ) {
        let (plays, silent) = (self.kernel.plays, self.kernel.noise == NoiseForm::None);
        let constant = !plays && driven.is_none() && self.waves.is_none();
        if anew && !self.kernel.draws && self.takes_exponentials {
            inputs.exponentials.fill([R::of(1.0); L]);
        }
        let currents = &mut *inputs.currents;
        match plays {
            false if constant && silent && anew => currents.fill(self.amplitude),
            false => {}
            true if self.row == [0; L] => {
                let signal = &self.signal[first as usize..][..WORD];
                play(&self.amplitude, &self.gain, signal, currents);
            }
            true => {
                play_rows(&self.amplitude, &self.gain, (&self.signal, &self.row), first, currents);
            }
        }
        match (driven, plays) {
            (None, _) => {}
            (Some(driven), true) => add(driven, currents),
            (Some(driven), false) => add_constant(driven, &self.amplitude, currents),
        }
        if let Some(waves) = &self.waves {
            waves.fill(first, &self.amplitude, currents);
        }
        let (ou, draws) = (self.kernel.noise == NoiseForm::Ou, self.kernel.draws);
        let add_noise = match (ou, self.kernel.shared, constant) {
            _ if silent => return,
            (false, false, false) if draws => add_noise::<R, L, false, false, false, true>,
            (false, false, true) if draws => add_noise::<R, L, false, false, true, true>,
            (false, true, false) if draws => add_noise::<R, L, false, true, false, true>,
            (false, true, true) if draws => add_noise::<R, L, false, true, true, true>,
            (false, false, false) => add_noise::<R, L, false, false, false, false>,
            (false, false, true) => add_noise::<R, L, false, false, true, false>,
            (false, true, false) => add_noise::<R, L, false, true, false, false>,
            (false, true, true) => add_noise::<R, L, false, true, true, false>,
            (true, false, false) => add_noise::<R, L, true, false, false, false>,
            (true, false, true) => add_noise::<R, L, true, false, true, false>,
            (true, true, false) => add_noise::<R, L, true, true, false, false>,
            (true, true, true) => add_noise::<R, L, true, true, true, false>,
        };
        add_noise(&mut self.noise, &self.amplitude, inputs);
    }
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn play<R: Real, const L: usize>(
    amplitude: &[R; L],
    gain: &[R; L],
    signal: &[R],
    currents: &mut Currents<R, L>,
) {
    for (value, current) in signal.iter().zip(currents) {
        for lane in 0..L {
            current[lane] = gain[lane].mul_add(*value, amplitude[lane]);
        }
    }
}

/// Adds what sources bring.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn add<R: Real, const L: usize>(driven: Driven<'_, R>, currents: &mut Currents<R, L>) {
    for (step, current) in currents.iter_mut().enumerate() {
        let Some(further) = driven.current::<L>(step) else { continue };
        for lane in 0..L {
            current[lane] = current[lane] + further[lane];
        }
    }
}

/// What sources bring, on a constant current.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn add_constant<R: Real, const L: usize>(
    driven: Driven<'_, R>,
    amplitude: &[R; L],
    currents: &mut Currents<R, L>,
) {
    for (step, current) in currents.iter_mut().enumerate() {
        let Some(further) = driven.current::<L>(step) else { continue };
        for lane in 0..L {
            current[lane] = amplitude[lane] + further[lane];
        }
    }
}

/// The same with a row for each neuron.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn play_rows<R: Real, const L: usize>(
    amplitude: &[R; L],
    gain: &[R; L],
    (signal, row): (&[R], &[u32; L]),
    first: u32,
    currents: &mut Currents<R, L>,
) {
    for (step, current) in (first as usize..).zip(currents) {
        for lane in 0..L {
            let value = signal[row[lane] as usize + step];
            current[lane] = gain[lane].mul_add(value, amplitude[lane]);
        }
    }
}

/// Adds the noise of 32 steps to the stimulus: the currents as they are, or the `constant` one.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512dq+avx512vl+fma",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn add_noise<
    R: Real,
    const L: usize,
    const OU: bool,
    const SHARED: bool,
    const CONSTANT: bool,
    const DRAWS: bool,
>(
    noise: &mut NoiseLanes<R, L>,
    constant: &[R; L],
    inputs: &mut Inputs<'_, R, L>,
) {
    // Some steps a turn, in which a lane's streams stay in registers.
    let (turns, _) = inputs.currents.as_chunks_mut::<TURN>();
    let (exponentials, _) = inputs.exponentials.as_chunks_mut::<TURN>();
    for (turn, exponentials) in turns.iter_mut().zip(exponentials) {
        for lane in 0..L {
            let mut one = NoiseLane {
                scale: noise.scale[lane],
                common_scale: noise.common_scale[lane],
                leak: noise.leak[lane],
                current: noise.current[lane],
                own_stream: stream(&noise.own_streams, lane),
                common_stream: stream(&noise.common_streams, lane),
            };
            let (pairs, _) = turn.as_chunks_mut::<2>();
            let (chances, _) = exponentials.as_chunks_mut::<2>();
            for ([first, second], chance) in pairs.iter_mut().zip(chances) {
                let stimulus = |current: R| if CONSTANT { constant[lane] } else { current };
                let stimuli = (stimulus(first[lane]), stimulus(second[lane]));
                let (currents, words) = one.add::<OU, SHARED>(stimuli);
                (first[lane], second[lane]) = currents;
                if DRAWS {
                    let [early, late] = words.spare();
                    chance[0][lane] = R::exponential(early);
                    chance[1][lane] = R::exponential(late);
                }
            }
            // What has not changed is not stored.
            if OU {
                noise.current[lane] = one.current;
            }
            for word in 0..4 {
                noise.own_streams[word][lane] = one.own_stream.state[word];
                if SHARED {
                    noise.common_streams[word][lane] = one.common_stream.state[word];
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
    /// Adds the noise of two steps to their stimuli; and the words that decide what happens between steps.
    #[inline(always)]
    fn add<const OU: bool, const SHARED: bool>(&mut self, stimuli: (R, R)) -> ((R, R), Words) {
        let own_words = Words::next(&mut self.own_stream);
        let own = normals(own_words, self.scale);
        let (common, words) = match SHARED {
            true => {
                let common_words = Words::next(&mut self.common_stream);
                let words = crossing(self.scale, own_words, common_words);
                (normals(common_words, self.common_scale), words)
            }
            false => (own, own_words),
        };
        let first_on = |base: R| own.first_on(if SHARED { common.first_on(base) } else { base });
        let second_on = |base: R| own.second_on(if SHARED { common.second_on(base) } else { base });
        if !OU {
            return ((first_on(stimuli.0), second_on(stimuli.1)), words);
        }
        let zero = R::of(0.0);
        let first = relaxed(self.current, self.leak, first_on(zero));
        let second = relaxed(first, self.leak, second_on(zero));
        self.current = second;
        ((stimuli.0 + first, stimuli.1 + second), words)
    }
}

/// A lane's stream.
#[inline(always)]
fn stream<const L: usize>(lanes: &StreamLanes<L>, lane: usize) -> Stream {
    let [s0, s1, s2, s3] = lanes;
    Stream { state: [s0[lane], s1[lane], s2[lane], s3[lane]] }
}
