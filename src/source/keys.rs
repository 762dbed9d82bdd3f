//! Keys of sources that hold a name, a file or a text, no quantity.

/// A key that holds a name, a file or a text, no quantity.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key, after the name of the source: `file` of `stimulus.file`.
    pub name: &'static str,
    /// What holds where none is given.
    pub default: &'static str,
    /// The unit of a bare number, if it is one.
    pub unit: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
}

impl Key {
    /// A key without a default.
    pub const fn new(name: &'static str, about: &'static str) -> Self {
        Key { name, default: "", unit: "", about }
    }
}

/// Those of a recording that is played.
pub const RECORDING: &[Key] = &[
    Key::new(
        "file",
        "the recording: .mat, .npy, .npz or .csv, in one row for all neurons or a row for each",
    ),
    Key::new("variable", "the variable of the file with the signal"),
    Key {
        unit: "ms",
        ..Key::new(
            "dt",
            "time between samples (without it and rate: the file's time vector `t`, in s)",
        )
    },
    Key { unit: "Hz", ..Key::new("rate", "samples per second, instead of dt") },
    Key::new(
        "after",
        "after the recording's end: zero, hold or repeat (without it, too short a recording is refused)",
    ),
    Key::new(
        "hash",
        "of the file (sha256:..): with it, another file is refused (--force plays it all the same)",
    ),
    Key::new(
        "delimiter",
        "between columns of a text file: comma, semicolon, tab, blanks, or a character (without it: found out)",
    ),
    Key::new("decimal", "decimal separator of a text file: point or comma (without it: found out)"),
    Key::new(
        "header",
        "lines above the numbers of a text file, the last with names; or none (without it: found out)",
    ),
];

/// Those of white noise.
pub const CONVENTION: &[Key] = &[
    Key {
        default: "loligo",
        ..Key::new(
            "convention",
            "how sigma is meant: brian (mV, the SD of V without spikes), nest (the SD of a current drawn anew at each interval), course (mV, times sqrt(tau_m/dt) in each step)",
        )
    },
    Key { default: "1", unit: "ms", ..Key::new("interval", "the interval of nest's convention") },
];

/// That of sources that draw random numbers.
pub const FROZEN: Key = Key {
    default: "false",
    ..Key::new("frozen", "true: the same random numbers for every neuron and in every run")
};
