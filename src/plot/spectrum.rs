//! The power spectrum of the spike trains, on logarithmic axes.

use super::{Axis, Figure, Panel, Shape, colour, extent};
use crate::analysis::spectrum::Spectrum;
use crate::results::PopulationResults;

/// No frequency above this is drawn (Hz).
const MAX_HZ: f64 = 1000.0;

/// One population's curve.
struct Curve {
    n: usize,
    name: String,
    points: Vec<(f64, f64)>,
    rate: f64,
}

/// The power of single neurons; where no spikes were kept, that of the population times its neurons, which is the same for
/// independent neurons and, like that, the rate at high frequencies.
fn powers(spectrum: &Spectrum) -> Vec<f64> {
    match spectrum.power.is_empty() {
        true => spectrum.population.iter().map(|power| power * spectrum.neurons as f64).collect(),
        false => spectrum.power.clone(),
    }
}

/// The points of a curve: the mean over bands of equal width on the logarithmic axis.
fn points(spectrum: &Spectrum) -> Vec<(f64, f64)> {
    let powers = powers(spectrum);
    const BANDS_PER_DECADE: f64 = 100.0;
    let frequency = |k: usize| (k + 1) as f64 * spectrum.df_hz;
    let band = |k: usize| (frequency(k).log10() * BANDS_PER_DECADE).floor();
    let all: Vec<usize> = (0..powers.len()).take_while(|&k| frequency(k) <= MAX_HZ).collect();
    all.chunk_by(|a, b| band(*a) == band(*b))
        .map(|bins| {
            let mean = |of: &dyn Fn(usize) -> f64| {
                bins.iter().map(|&k| of(k)).sum::<f64>() / bins.len() as f64
            };
            (mean(&frequency), mean(&|k| powers[k]))
        })
        .filter(|(_, power)| *power > 0.0)
        .collect()
}

/// A spectrum to be drawn.
#[derive(Clone, Debug)]
pub struct Named<'a> {
    /// What it is of.
    pub name: String,
    /// The spectrum.
    pub spectrum: &'a Spectrum,
    /// The mean rate (Hz), which it tends to at high frequencies.
    pub rate_hz: f64,
}

/// The spectra of some populations under their names, of those that have one.
pub fn of<'a>(results: &[(String, &'a PopulationResults)]) -> Vec<Named<'a>> {
    let named = |(name, population): &(String, &'a PopulationResults)| {
        let spectrum = population.recorded.as_ref()?.spectrum.as_ref()?;
        Some(Named { name: name.clone(), spectrum, rate_hz: population.rates.hz.mean()? })
    };
    results.iter().filter_map(named).collect()
}

/// The figure of some spectra; `which` says which they are, if not all.
pub fn figure(spectra: &[Named<'_>], which: &str) -> Figure {
    let curves: Vec<Curve> = spectra
        .iter()
        .enumerate()
        .filter_map(|(n, &Named { ref name, spectrum, rate_hz: rate })| {
            let points = points(spectrum);
            let is_drawn = !points.is_empty() && rate > 0.0;
            is_drawn.then_some(Curve { n, name: name.clone(), points, rate })
        })
        .collect();
    let all = || curves.iter().flat_map(|curve| &curve.points);
    let (from, to) = extent(all().map(|point| point.0));
    let powers = all().map(|point| point.1).chain(curves.iter().map(|curve| curve.rate));
    let (low, high) = extent(powers);
    // At least a decade, so that a flat spectrum looks flat.
    let y = Axis::log("power [spikes²/s]", low / 1.3, (high * 1.3).max(low * 8.0));
    let mut panel = Panel::new(Axis::log("frequency [Hz]", from, to), y);
    let several = curves.len() > 1;
    let end = panel.x.high;
    for Curve { n, name, points, rate } in curves {
        let name = if several { name } else { String::new() };
        panel.add(name, colour(n), Shape::line(points));
        let points = vec![(from, rate), (end, rate)];
        panel.add("", colour(n), Shape::Line { points, width: 0.8, dashed: true });
    }
    let of_populations = spectra.iter().any(|named| named.spectrum.power.is_empty());
    let what = if of_populations {
        "power spectrum of the population × neurons"
    } else {
        "spike-train power spectrum"
    };
    let title = format!("{what}{which}; dashed: the rate");
    Figure::column("spectrum", title, vec![panel])
}
