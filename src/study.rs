//! Studies that people do: an experiment in a file, and what is made of its results.

mod gain;
mod impedance;
mod reliability;
mod resonance;
mod spontaneous;

use crate::error::Error;
use crate::experiment::Experiment;
use crate::plot::Figure;
use crate::results::{PopulationResults, Results};

/// A study.
#[derive(Debug)]
pub struct Study {
    /// The name.
    pub name: &'static str,
    /// What it asks.
    pub about: &'static str,
    /// Where it is from.
    pub source: &'static str,
    /// The experiment, as a TOML file.
    pub text: &'static str,
    /// What is found.
    found: fn(&Experiment, &Results) -> Result<Found, Error>,
}

/// What a study finds.
#[derive(Clone, Debug)]
pub struct Found {
    /// The figure.
    pub figure: Figure,
    /// Names of the table's columns, with units.
    pub header: Vec<String>,
    /// The table.
    pub rows: Vec<Vec<f64>>,
    /// What it says, a line each.
    pub lines: Vec<String>,
}

/// All studies.
pub static STUDIES: &[Study] = &[
    Study {
        name: "resonance",
        about: "stochastic resonance: how much of a sine below the threshold is in the spikes, over the noise",
        source: "Wiesenfeld and Moss, Nature 373:33-36, 1995; Gammaitoni et al., Rev Mod Phys 70:223-287, 1998",
        text: include_str!("../studies/resonance.toml"),
        found: resonance::found,
    },
    Study {
        name: "impedance",
        about: "impedance by a chirp: how far a membrane moves per current, over the frequency",
        source: "Puil, Gimbarzevsky and Miura, J Neurophysiol 55:995-1016, 1986; Hutcheon and Yarom, Trends Neurosci 23:216-222, 2000",
        text: include_str!("../studies/impedance.toml"),
        found: impedance::found,
    },
    Study {
        name: "gain",
        about: "gain modulation: f-I curves in a barrage of conductances that balance",
        source: "Chance, Abbott and Reyes, Neuron 35:773-782, 2002",
        text: include_str!("../studies/gain.toml"),
        found: gain::found,
    },
    Study {
        name: "reliability",
        about: "reliability of spike times: a constant current against one that fluctuates and is always the same",
        source: "Mainen and Sejnowski, Science 268:1503-1506, 1995; Schreiber et al., Neurocomputing 52:925-931, 2003",
        text: include_str!("../studies/reliability.toml"),
        found: reliability::found,
    },
    Study {
        name: "spontaneous",
        about: "spontaneous firing by channel noise, over the area of the membrane",
        source: "Chow and White, Biophys J 71:3013-3021, 1996; Schneidman, Freedman and Segev, Neural Comput 10:1679-1703, 1998",
        text: include_str!("../studies/spontaneous.toml"),
        found: spontaneous::found,
    },
];

impl Study {
    /// The study of a name.
    pub fn named(name: &str) -> Option<&'static Study> {
        STUDIES.iter().find(|study| study.name == name)
    }

    /// What is found in the results of its experiment.
    ///
    /// # Errors
    /// If the experiment has not what the study looks at.
    pub fn found(&self, experiment: &Experiment, results: &Results) -> Result<Found, Error> {
        (self.found)(experiment, results)
    }
}

/// What a study cannot do without.
fn missing(what: &str, remedy: &str) -> Error {
    crate::error::Problem::new(
        format!("this study needs {what}"),
        &crate::error::Place::Default,
        remedy,
    )
    .into()
}

/// The value of a swept key in a cell of the grid.
fn at(cell: &PopulationResults, key: &str) -> Option<f64> {
    let (_, value) = cell.population.at().iter().find(|(known, _)| known == key)?;
    let unit = cell.population.unit(key).unwrap_or("1");
    crate::unit::read(&value.to_string(), unit).ok()
}
