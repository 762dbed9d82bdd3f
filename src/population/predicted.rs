//! What closed forms of the noise, and the linear membrane, predict.

use super::{Population, Source, Values};
use crate::source::{Lookup, Statistics, Twin};

impl Population {
    /// The standard deviation of the membrane potential (mV) that the noise would have without spikes: by the spectrum of each
    /// noise and the response of the membrane, linear about where the mean current holds it. None where there is no noise with
    /// closed forms, no such place or no membrane potential, where neurons differ, or where a recording is played. Stimuli
    /// among the sources do not count.
    pub fn predicted_deviation(&self, dt: f64) -> Option<f64> {
        let of_sources = self.sources.iter().flat_map(|source| &source.values);
        let all = self.parameters.iter().chain(of_sources);
        let mut all = all.into_iter();
        if !all.all(|values| matches!(values, Values::Same(_))) {
            return None;
        }
        if self.twin(Twin::Played).is_some() {
            return None;
        }
        let amplitude = self.twin(Twin::Constant).map_or(0.0, |source| source.values[0].of(0));
        let noises = self.closed_forms()?;
        let at = |lookup: Lookup| {
            noises
                .iter()
                .map(move |(forms, parameters)| forms.at(parameters, Lookup { dt, ..lookup }))
        };
        // A conductance gives g E at v = 0.
        let sum = at(Lookup::default())
            .fold((amplitude, 0.0), |(i, g), forms| (i + forms.mean, g + forms.conductance));
        let response = self.model.plain().response(&self.parameters_of(0), dt, sum)?;
        let v = response.v;
        let spectrum = |frequency: f64| -> f64 {
            at(Lookup { v, frequency, ..Lookup::default() }).map(|forms| forms.spectrum).sum()
        };
        Some(response.deviation(spectrum, dt)).filter(|deviation| deviation.is_finite())
    }

    /// The closed forms of all noises, with their parameters; none if there are none, or if one has none.
    fn closed_forms(&self) -> Option<Vec<(Statistics, Vec<f64>)>> {
        let unit = self.model.current_unit;
        let of_source = |source: &Source| {
            let forms = Statistics::of(&source.part.definition, unit).ok()??;
            Some((forms, source.values.iter().map(|values| values.of(0)).collect()))
        };
        let noises = self.sources.iter().filter(|source| source.is_noise());
        let all = noises.map(of_source).collect::<Option<Vec<_>>>()?;
        (!all.is_empty()).then_some(all)
    }
}
