//! Noise as other tools define it, made ours.

use super::kind::SourceKind;
use super::reader::Reader;
use crate::error::{Error, Problem};
use crate::model::{Model, Parameter};
use crate::population::Values;
use crate::source::Twin;

/// How `noise.sigma` is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// As Brian's documentation has it: `dv/dt = .. + sigma*sqrt(2/tau)*xi`, so that sigma is the standard deviation of the
    /// membrane potential without spikes.
    Brian,
    /// NEST's noise generator: the standard deviation of a current that is drawn anew at each interval.
    Nest,
    /// A course (Neuromatch, W2D3): `sigma*sqrt(tau_m/dt)` times a normal deviate in each step, in mV; the membrane potential
    /// has sigma over the root of two.
    Course,
}

/// The conventions by their names; none is our own.
pub const NAMED: [(&str, Option<Convention>); 4] = [
    ("loligo", None),
    ("brian", Some(Convention::Brian)),
    ("nest", Some(Convention::Nest)),
    ("course", Some(Convention::Course)),
];

/// The interval of NEST's noise generator at its default resolution (ms).
const INTERVAL_MS: f64 = 1.0;

impl Convention {
    /// What is asked for; none if it is our own.
    pub fn of(reader: &Reader, source: &SourceKind) -> Result<Option<Self>, Error> {
        let key = "noise.convention";
        if source.name != "noise" {
            return Ok(None);
        }
        let Some(convention) = reader.choice(key, &NAMED, None, "convention")? else {
            return Ok(None);
        };
        let wrong = |message: &str, remedy: &str| {
            Err(Problem::new(message, &reader.place(key), remedy).into())
        };
        if source.twin != Some(Twin::White) {
            return wrong("conventions are of white noise", "use --noise white, or leave it out");
        }
        if !reader.has("noise.sigma") {
            return wrong(
                "there is no noise.sigma to convert",
                "set noise.sigma as the other tool has it",
            );
        }
        Ok(Some(convention))
    }

    /// The unit of its sigma.
    pub fn unit(self, model: &Model) -> &'static str {
        match self {
            Convention::Brian | Convention::Course => "mV",
            Convention::Nest => model.current_unit,
        }
    }

    /// Our sigma, current times the root of a second, from those in its own unit; `parameters` are of the model, in its order.
    ///
    /// # Errors
    /// If it is about a membrane, and the model's does not tell how it responds.
    pub fn ours(
        self,
        reader: &Reader,
        model: &'static Model,
        parameters: &[Values],
        sigma: &Values,
        dt: f64,
    ) -> Result<Values, Error> {
        let interval = reader.number("noise.interval", "ms", INTERVAL_MS, "an interval")?;
        let deviation = |sigma: f64| match self {
            Convention::Brian => sigma,
            Convention::Course => sigma / 2f64.sqrt(),
            Convention::Nest => sigma * (1e-3 * interval).sqrt(),
        };
        if self == Convention::Nest {
            return Ok(sigma.map(|_, sigma| deviation(sigma)));
        }
        let index = |name: &str| model.parameters.iter().position(|p: &Parameter| p.name == name);
        if let (Some(tau), Some(g)) = (index("tau_m"), index("g_l")) {
            // A leaky membrane: the deviation is sigma over g_l sqrt(2 tau_m).
            let of = |neuron: usize, sigma: f64| {
                let (tau_s, g_l) = (1e-3 * parameters[tau].of(neuron), parameters[g].of(neuron));
                deviation(sigma) * g_l * (2.0 * tau_s).sqrt()
            };
            return Ok(sigma.with([&parameters[tau], &parameters[g]]).map(of));
        }
        let alike = parameters.iter().all(|values| matches!(values, Values::Same(_)));
        let typical: Vec<f64> = parameters.iter().map(|values| values.of(0)).collect();
        let response = model.response(&typical, dt, (0.0, 0.0)).filter(|_| alike);
        let Some(response) = response else {
            let message =
                format!("of {} it is not known how its membrane responds to noise", model.name);
            let remedy = "give noise.sigma in our own convention, current times sqrt(s)";
            return Err(Problem::new(message, &reader.place("noise.convention"), remedy).into());
        };
        // One-sided: 2 sigma^2.
        let per_sigma = response.deviation(|_| 2.0, dt);
        Ok(sigma.map(|_, sigma| deviation(sigma) / per_sigma))
    }
}
