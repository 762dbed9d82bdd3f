//! Loligo's own spikes: `spikes.npz`, with `neuron`, `step`, `dt_ms`, `neurons` and `steps`; of a sample, `sample`.

use super::file::DataFile;
use super::variable::Variable;
use crate::error::Error;
use crate::window::{Window, time_ms};

/// The spikes of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnSpikes {
    /// Time step (ms).
    pub dt_ms: f64,
    /// Steps of the run.
    pub steps: u32,
    /// The steps of each neuron's spikes, ascending.
    pub trains: Vec<Vec<u32>>,
    /// The neurons whose spikes were kept, ascending; none if those of all were.
    pub sample: Option<Vec<usize>>,
}

impl DataFile {
    /// The spikes, if the file is one of Loligo's own; none if it is not.
    ///
    /// # Errors
    /// If it looks like one, but does not hold together.
    pub fn own_spikes(&self) -> Result<Option<OwnSpikes>, Error> {
        let index = |name: &str| self.entries().iter().position(|entry| entry.name == name);
        let names = ["neuron", "step", "dt_ms", "neurons", "steps"];
        let indices: Option<Vec<usize>> = names.iter().map(|name| index(name)).collect();
        let Some(indices) = indices else { return Ok(None) };
        let variables: Vec<Variable> =
            indices.into_iter().map(|n| self.read(n)).collect::<Result<_, _>>()?;
        let broken = || self.problem("its spikes do not hold together", "write it anew");
        let one = |n: usize| variables[n].values.first().copied().ok_or_else(broken);
        let (dt_ms, neurons, steps) = (one(2)?, one(3)?, one(4)?);
        let (neuron, step) = (&variables[0].values, &variables[1].values);
        let is_whole = |x: f64, most: f64| x >= 0.0 && x < most && x.fract() == 0.0;
        let most = f64::from(u32::MAX);
        let fits =
            dt_ms > 0.0 && dt_ms.is_finite() && is_whole(neurons, most) && is_whole(steps, most);
        let each = || neuron.iter().zip(step);
        if !fits
            || neuron.len() != step.len()
            || !each().all(|(n, s)| is_whole(*n, neurons) && is_whole(*s, steps))
        {
            return Err(broken());
        }
        // Neurons without a spike have a train as well: a file of a few bytes must not ask for many of them.
        const MOST_NEURONS: f64 = 1e8;
        if neurons > MOST_NEURONS {
            return Err(self.problem("it has more than 10^8 neurons", "cut it into parts before"));
        }
        let mut trains = vec![Vec::new(); neurons as usize];
        each().for_each(|(n, s)| trains[*n as usize].push(*s as u32));
        trains.iter_mut().for_each(|train: &mut Vec<u32>| train.sort_unstable());
        let sample = match index("sample") {
            None => None,
            Some(n) => {
                let sample = self.read(n)?.values;
                let ascends = sample.windows(2).all(|pair| pair[0] < pair[1]);
                if !ascends || !sample.iter().all(|neuron| is_whole(*neuron, neurons)) {
                    return Err(broken());
                }
                Some(sample.into_iter().map(|neuron| neuron as usize).collect())
            }
        };
        Ok(Some(OwnSpikes { dt_ms, steps: steps as u32, trains, sample }))
    }
}

impl OwnSpikes {
    /// The spike times (s) of some neurons within a window, counted from its begin.
    pub fn times_s(&self, neurons: &[usize], window: Window) -> Vec<Vec<f64>> {
        let within = |train: &Vec<u32>| -> Vec<f64> {
            let spikes = window.of(train).iter();
            spikes.map(|step| time_ms(step - window.from, self.dt_ms) / 1000.0).collect()
        };
        neurons.iter().filter_map(|&neuron| self.trains.get(neuron)).map(within).collect()
    }
}
