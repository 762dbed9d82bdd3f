//! The kinds of stimulus and noise that engines have code of their own for. What can be set of them stands in the sources of
//! the same names, which do the same by equations.

use crate::model::{Bound, Model, Parameter};
use crate::source;

/// A form the stimulus can take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum StimulusKind {
    /// The same current all the time.
    #[default]
    Constant = 0,
    /// A signal from a file.
    File = 1,
    /// No current.
    None = 2,
}

/// A form the noise can take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum NoiseKind {
    /// No noise.
    None = 0,
    /// Gaussian white noise.
    #[default]
    White = 1,
    /// An Ornstein-Uhlenbeck process.
    Ou = 2,
    /// The noise of a course's NumPy notebook, for one neuron: the Mersenne Twister's deviates.
    Numpy = 3,
}

/// A key that holds a name, a file or a text, no quantity.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key, after `stimulus.` or `noise.`.
    pub name: &'static str,
    /// What holds where none is given.
    pub default: &'static str,
    /// The unit of a bare number, if it is one.
    pub unit: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
}

/// The keys of a recording that is played.
const RECORDING: &[Key] = &[
    Key {
        name: "file",
        default: "",
        unit: "",
        about: "the recording: .mat, .npy, .npz or .csv, in one row for all neurons or a row for each",
    },
    Key {
        name: "variable",
        default: "",
        unit: "",
        about: "the variable of the file with the signal",
    },
    Key {
        name: "dt",
        default: "",
        unit: "ms",
        about: "time between samples (without it and rate: the file's time vector `t`, in s)",
    },
    Key { name: "rate", default: "", unit: "Hz", about: "samples per second, instead of dt" },
    Key {
        name: "after",
        default: "",
        unit: "",
        about: "after the recording's end: zero, hold or repeat (without it, too short a recording is refused)",
    },
    Key {
        name: "hash",
        default: "",
        unit: "",
        about: "of the file (sha256:..): with it, another file is refused (--force plays it all the same)",
    },
    Key {
        name: "delimiter",
        default: "",
        unit: "",
        about: "between columns of a text file: comma, semicolon, tab, blanks, or a character (without it: found out)",
    },
    Key {
        name: "decimal",
        default: "",
        unit: "",
        about: "decimal separator of a text file: point or comma (without it: found out)",
    },
    Key {
        name: "header",
        default: "",
        unit: "",
        about: "lines above the numbers of a text file, the last with names; or none (without it: found out)",
    },
];

/// The keys of noise that has random streams.
const STREAMS: &[Key] = &[Key {
    name: "frozen",
    default: "false",
    unit: "",
    about: "true: the same noise for every neuron and in every run",
}];

/// The keys of white noise.
const WHITE: &[Key] = &[
    STREAMS[0],
    Key {
        name: "convention",
        default: "loligo",
        unit: "",
        about: "how sigma is meant: brian (mV, the SD of V without spikes), nest (the SD of a current drawn anew at each interval), course (mV, times sqrt(tau_m/dt) in each step)",
    },
    Key { name: "interval", default: "1", unit: "ms", about: "the interval of nest's convention" },
];

impl StimulusKind {
    /// What can be set with this kind besides quantities; keys follow `stimulus.`.
    pub fn keys(self) -> &'static [Key] {
        match self {
            StimulusKind::Constant | StimulusKind::None => &[],
            StimulusKind::File => RECORDING,
        }
    }

    /// All kinds, by the names for `--stimulus`.
    pub const NAMED: [(&'static str, StimulusKind); 3] = [
        ("constant", StimulusKind::Constant),
        ("file", StimulusKind::File),
        ("none", StimulusKind::None),
    ];

    /// The name for `--stimulus`.
    pub fn name(self) -> &'static str {
        Self::NAMED[self as usize].0
    }

    /// What can be set with this kind, for a model; keys follow `stimulus.`.
    pub fn parameters(self, model: &Model) -> Vec<Parameter> {
        match self {
            StimulusKind::None => Vec::new(),
            StimulusKind::Constant => source::parameters(self.name(), model),
            StimulusKind::File => {
                let amplitude = source::parameters("constant", model).into_iter();
                let besides = amplitude.map(|amplitude| Parameter {
                    default: 0.0,
                    about: "injected current besides the signal",
                    ..amplitude
                });
                besides.chain([GAIN]).collect()
            }
        }
    }
}

/// What a signal is multiplied with.
const GAIN: Parameter = Parameter {
    name: "gain",
    unit: "1",
    default: 1.0,
    without: "",
    bound: Bound::Finite,
    about: "factor of the signal's values, current per unit of the signal",
};

impl NoiseKind {
    /// What can be set with this kind besides quantities; keys follow `noise.`.
    pub fn keys(self) -> &'static [Key] {
        match self {
            NoiseKind::None | NoiseKind::Numpy => &[],
            NoiseKind::White => WHITE,
            NoiseKind::Ou => STREAMS,
        }
    }

    /// All kinds, by the names for `--noise`.
    pub const NAMED: [(&'static str, NoiseKind); 4] = [
        ("none", NoiseKind::None),
        ("white", NoiseKind::White),
        ("ou", NoiseKind::Ou),
        ("numpy", NoiseKind::Numpy),
    ];

    /// The name for `--noise`.
    pub fn name(self) -> &'static str {
        Self::NAMED[self as usize].0
    }

    /// What can be set with this kind, for a model; keys follow `noise.`.
    pub fn parameters(self, model: &Model) -> Vec<Parameter> {
        match self {
            NoiseKind::None => Vec::new(),
            NoiseKind::White | NoiseKind::Ou => source::parameters(self.name(), model),
            NoiseKind::Numpy => {
                let of = |kind: &str, name: &str| {
                    source::parameters(kind, model).into_iter().find(|p| p.name == name)
                };
                let sigma = of("white", "sigma").map(|sigma| Parameter {
                    about: "strength of the noise; with noise.tau, its stationary standard deviation",
                    ..sigma
                });
                let tau = of("ou", "tau").map(|tau| Parameter {
                    default: f64::NAN,
                    without: "white noise",
                    ..tau
                });
                [sigma, tau].into_iter().flatten().collect()
            }
        }
    }
}
