//! Chunks of neurons that sources drive: the sources are interpreted, in front of the model, whatever steps it.

use super::chunk::{Span, Step, made};
use super::drive::{Driven, Scratch};
use super::exchange::Exchange;
use super::interpreted::{FEW, MANY, are_few};
use crate::engine::Batch;
use crate::raster::WORD;
use crate::real::Real;
use crate::source::{CONDUCTANCE, CURRENT, Sources};
use crate::tape::{Received, Stepped};

/// The same neurons with what drives them in front; none if `go_on` says so.
pub fn chunks<R: Real>(
    batch: &Batch<'_>,
    sources: &'static Sources,
    models: Vec<Box<dyn Step<R>>>,
    by: (f64, u64),
    go_on: &mut dyn FnMut() -> bool,
) -> Option<Vec<Box<dyn Step<R>>>> {
    match are_few(batch.neurons()) {
        true => chunks_of::<R, FEW>(batch, sources, models, by, go_on),
        false => chunks_of::<R, MANY>(batch, sources, models, by, go_on),
    }
}

fn chunks_of<R: Real, const L: usize>(
    batch: &Batch<'_>,
    sources: &'static Sources,
    models: Vec<Box<dyn Step<R>>>,
    (dt, seed): (f64, u64),
    go_on: &mut dyn FnMut() -> bool,
) -> Option<Vec<Box<dyn Step<R>>>> {
    let chunk = |(first, models): (usize, Vec<Box<dyn Step<R>>>)| {
        let stepped = Stepped::new(
            &sources.tape,
            |lane, [coefficients, states]| {
                let (population, neuron) = batch.locate(first + lane);
                population.sources_of(neuron, dt, seed, coefficients, states);
            },
            |lane, of| {
                let (population, neuron) = batch.locate(first + lane);
                population.stream_of(neuron, of, seed)
            },
        );
        let conducts = sources.conducts();
        Box::new(Sourced::<R, L> { sources: stepped, conducts, models }) as Box<dyn Step<R>>
    };
    // As many models as have the lanes of a chunk.
    let lanes = models.first().map_or(L, |model| model.lanes());
    let mut models = models.into_iter();
    let groups = (0..batch.neurons()).step_by(L);
    let groups = groups.map(|first| (first, models.by_ref().take(L / lanes).collect())).collect();
    made(groups, L, go_on, chunk)
}

/// Neurons with their sources.
struct Sourced<R, const L: usize> {
    sources: Stepped<R, L>,
    conducts: bool,
    models: Vec<Box<dyn Step<R>>>,
}

impl<R: Real, const L: usize> Step<R> for Sourced<R, L> {
    fn step(
        &mut self,
        span: Span,
        tile: &mut [u32],
        _driven: Option<Driven<'_, R>>,
        scratch: &mut Scratch<R>,
    ) {
        let nothing = [R::of(0.0); L];
        let by = Received { current: &nothing, conductance: &nothing, exponential: &nothing };
        let rows = || -> Vec<Box<[R; L]>> { (0..WORD).map(|_| Box::new(nothing)).collect() };
        let (mut currents, mut conductances) = (rows(), Vec::new());
        if self.conducts {
            conductances = rows();
        }
        let mut no_spikes = [0; L];
        for word in 0..span.words {
            let first = span.first_step + (word * WORD) as u32;
            for (step, current) in currents.iter_mut().enumerate() {
                self.sources.step(first + step as u32, by, 0, &mut no_spikes);
                self.sources.exchange(CURRENT, current);
                if let Some(conductance) = conductances.get_mut(step) {
                    self.sources.exchange(CONDUCTANCE, conductance);
                }
            }
            let [of_currents, of_conductances] = [&currents, &conductances]
                .map(|rows| rows.iter().map(|row| &row[..]).collect::<Vec<_>>());
            let mut row = tile.chunks_exact_mut(L).nth(word).unwrap_or_default();
            let mut lane = 0;
            for model in &mut self.models {
                let own;
                let lanes = model.lanes();
                (own, row) = row.split_at_mut(lanes.min(row.len()));
                let driven =
                    Driven { currents: &of_currents, conductances: &of_conductances, first: lane };
                let of_word = Span { first_step: first, words: 1, ..span };
                model.step(of_word, own, Some(driven), scratch);
                lane += lanes;
            }
        }
    }

    fn counts(&self) -> Vec<u32> {
        let mut counts: Vec<u32> = self.models.iter().flat_map(|model| model.counts()).collect();
        // A chunk at the end may have fewer models.
        counts.resize(L, 0);
        counts
    }

    fn state(&self, lane: usize) -> Vec<f64> {
        let lanes = self.models[0].lanes();
        self.models[lane / lanes].state(lane % lanes)
    }

    fn bytes(&self) -> usize {
        self.sources.bytes() + self.models.iter().map(|model| model.bytes()).sum::<usize>()
    }

    fn finite(&self) -> Vec<bool> {
        let mut finite: Vec<bool> = self.models.iter().flat_map(|model| model.finite()).collect();
        let sources = self.sources.states();
        finite.resize(L, true);
        for (lane, finite) in finite.iter_mut().enumerate() {
            *finite &= sources.iter().all(|field| field[lane].to_f64().is_finite());
        }
        finite
    }

    fn lanes(&self) -> usize {
        L
    }

    fn exchange(&mut self, lane: usize, with: &mut dyn Exchange<R>) {
        let lanes = self.models[0].lanes();
        self.models[lane / lanes].exchange(lane % lanes, with);
        self.sources.stream_words(lane).for_each(|word| with.whole(word));
        // What they give is handed on, and here whatever was there before.
        let given = if self.conducts { CONDUCTANCE } else { CURRENT };
        for (index, field) in self.sources.states_mut().iter_mut().enumerate() {
            let mut unused = R::of(0.0);
            with.real(if index <= given { &mut unused } else { &mut field[lane] });
        }
    }
}
