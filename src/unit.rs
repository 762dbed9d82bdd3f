//! Units: `0.25 nA` is 250 pA, `1 s` is 1000 ms, and `1 s` is no voltage.
//!
//! ```
//! use loligo::unit::read;
//!
//! assert_eq!(read("0.25 nA", "pA"), Ok(250.0));
//! assert!(read("1 s", "mV").unwrap_err().contains("a voltage is wanted"));
//! ```

use std::fmt;

/// What a unit measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// A pure number.
    Number,
    /// A time.
    Time,
    /// A frequency.
    Frequency,
    /// An electric potential.
    Voltage,
    /// A current.
    Current,
    /// A current per membrane area.
    CurrentDensity,
    /// A conductance.
    Conductance,
    /// A conductance per membrane area.
    ConductanceDensity,
    /// A capacitance per membrane area.
    CapacitanceDensity,
    /// The strength of white noise in a current: current times square root of time.
    CurrentNoise,
    /// The strength of white noise in a current per membrane area.
    CurrentDensityNoise,
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Dimension::Number => "a pure number",
            Dimension::Time => "a time",
            Dimension::Frequency => "a frequency",
            Dimension::Voltage => "a voltage",
            Dimension::Current => "a current",
            Dimension::CurrentDensity => "a current per area",
            Dimension::Conductance => "a conductance",
            Dimension::ConductanceDensity => "a conductance per area",
            Dimension::CapacitanceDensity => "a capacitance per area",
            Dimension::CurrentNoise => "a noise strength (current times square root of time)",
            Dimension::CurrentDensityNoise => {
                "a noise strength (current per area times square root of time)"
            }
        })
    }
}

/// SI prefixes that make sense here.
const PREFIXES: [(&str, f64); 8] = [
    ("", 1.0),
    ("k", 1e3),
    ("m", 1e-3),
    ("u", 1e-6),
    ("n", 1e-9),
    ("p", 1e-12),
    ("f", 1e-15),
    ("M", 1e6),
];

/// Membrane areas that currents and conductances are given per, in square metres.
const AREAS: [(&str, f64); 3] = [("/cm2", 1e-4), ("/um2", 1e-12), ("/m2", 1.0)];

/// Noise strengths: the factor is for the square root of a second.
const ROOT_TIMES: [&str; 4] = ["*sqrt(s)", " sqrt(s)", "sqrt(s)", "/sqrt(Hz)"];

/// The dimension of a unit and its size in SI units; none if it is not a unit known here.
///
/// ```
/// use loligo::unit::{Dimension, measure};
/// assert_eq!(measure("ms"), Some((Dimension::Time, 1e-3)));
/// assert_eq!(measure("parsec"), None);
/// ```
pub fn measure(unit: &str) -> Option<(Dimension, f64)> {
    let unit = unit.trim().replace(['µ', 'μ'], "u").replace('²', "2").replace("^2", "2");
    for root in ROOT_TIMES {
        if let Some(current) = unit.strip_suffix(root) {
            let (dimension, size) = measure(current)?;
            let noise = match dimension {
                Dimension::Current => Dimension::CurrentNoise,
                Dimension::CurrentDensity => Dimension::CurrentDensityNoise,
                _ => return None,
            };
            return Some((noise, size));
        }
    }
    for (suffix, area) in AREAS {
        if let Some(whole) = unit.strip_suffix(suffix) {
            let density = match prefixed(whole)? {
                ("A", size) => (Dimension::CurrentDensity, size / area),
                ("S", size) => (Dimension::ConductanceDensity, size / area),
                ("F", size) => (Dimension::CapacitanceDensity, size / area),
                _ => return None,
            };
            return Some(density);
        }
    }
    match unit.as_str() {
        "" | "1" => return Some((Dimension::Number, 1.0)),
        "min" => return Some((Dimension::Time, 60.0)),
        "h" => return Some((Dimension::Time, 3600.0)),
        _ => {}
    }
    match prefixed(&unit)? {
        ("s", size) => Some((Dimension::Time, size)),
        ("Hz", size) => Some((Dimension::Frequency, size)),
        ("V", size) => Some((Dimension::Voltage, size)),
        ("A", size) => Some((Dimension::Current, size)),
        ("S", size) => Some((Dimension::Conductance, size)),
        _ => None,
    }
}

/// Splits `mV` into `V` and 1e-3.
fn prefixed(unit: &str) -> Option<(&'static str, f64)> {
    ["s", "Hz", "V", "A", "S", "F"].into_iter().find_map(|base| {
        let prefix = unit.strip_suffix(base)?;
        let (_, size) = PREFIXES.into_iter().find(|(name, _)| *name == prefix)?;
        Some((base, size))
    })
}

/// Reads a number with or without a unit, such as `250`, `0.25 nA` or `1e-3V`, as a value in
/// `unit`. Without a unit the number is in `unit` already.
///
/// # Errors
/// A sentence that says what is wrong: no number, an unknown unit, or one of another dimension.
///
/// ```
/// use loligo::unit::read;
/// assert_eq!(read("0.25 nA", "pA"), Ok(250.0));
/// assert!(read("3 mV", "ms").is_err());
/// ```
pub fn read(text: &str, unit: &str) -> Result<f64, String> {
    let text = text.trim();
    let (number, written) = split_number(text).ok_or_else(|| match unit {
        "1" => format!("`{text}` is not a number"),
        _ => format!("`{text}` is not a number, with or without a unit such as {unit}"),
    })?;
    if !number.is_finite() {
        return Err(format!("`{text}` is not a finite number"));
    }
    if written.is_empty() || written == unit {
        return Ok(number);
    }
    let (wanted, wanted_size) =
        measure(unit).ok_or_else(|| format!("`{unit}` is not a unit known here"))?;
    match measure(written) {
        None => Err(format!("`{written}` is not a unit known here: use {unit}")),
        Some((dimension, _)) if dimension != wanted => {
            Err(format!("`{text}` is {dimension}, but {wanted} is wanted: use {unit}"))
        }
        // Powers of ten divide to the nearest double only by rounding: 1e-9 / 1e-12 is not 1000.
        Some((_, size)) => Ok(number * tidied(size / wanted_size)),
    }
}

/// Splits `0.25 nA` into 0.25 and `nA`: the longest leading part that is a number.
fn split_number(text: &str) -> Option<(f64, &str)> {
    let looks_numeric =
        |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E' | '_');
    let end = text.find(|c| !looks_numeric(c)).unwrap_or(text.len());
    (1..=end).rev().filter(|&end| text.is_char_boundary(end)).find_map(|end| {
        let number = text[..end].replace('_', "").parse().ok()?;
        Some((number, text[end..].trim()))
    })
}

/// Writes a number the way a person would: at most six digits, no trailing zeros.
pub fn tell(x: f64) -> String {
    if x == 0.0 {
        return "0".into();
    }
    if !(1e-4..1e7).contains(&x.abs()) {
        return format!("{x:e}");
    }
    let digits = (5 - x.abs().log10().floor() as i32).max(0) as usize;
    let text = format!("{x:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Writes a number with all its digits: what is read back is the same number.
pub fn exact(x: f64) -> String {
    if x == 0.0 || (1e-4..1e15).contains(&x.abs()) { format!("{x}") } else { format!("{x:e}") }
}

/// A number without the last digits' rounding errors, as sums and products have them: to 12 digits.
pub fn tidied(x: f64) -> f64 {
    format!("{x:.12e}").parse().unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_converted_exactly() {
        assert_eq!(read("1s", "ms"), Ok(1000.0));
        assert_eq!(read("2 min", "ms"), Ok(120_000.0));
        assert_eq!(read("30 kHz", "Hz"), Ok(30_000.0));
        assert_eq!(read("0.25 nA", "pA"), Ok(250.0));
        assert_eq!(read("-0.055V", "mV"), Ok(-55.0));
        assert_eq!(read("12e1", "mV"), Ok(120.0));
        assert_eq!(read("10 µA/cm²", "uA/cm2"), Ok(10.0));
        assert_eq!(read("0.1 A/m2", "uA/cm2"), Ok(10.0));
        assert_eq!(read("0.003 nA*sqrt(s)", "pA*sqrt(s)"), Ok(3.0));
        assert_eq!(read("3 pA/sqrt(Hz)", "pA*sqrt(s)"), Ok(3.0));
        assert_eq!(read("0.5", "1"), Ok(0.5));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, unit, said) in [
            ("fast", "ms", "not a number"),
            ("", "ms", "not a number"),
            ("3 mV", "ms", "a voltage, but a time is wanted"),
            ("3 parsec", "ms", "`parsec` is not a unit known here: use ms"),
            ("3 pA", "pA*sqrt(s)", "but a noise strength"),
            ("3 pA/cm2", "pA", "a current per area, but a current is wanted"),
            ("inf", "ms", "not a number"),
            ("1e999", "ms", "not a finite number"),
            ("nan", "ms", "not a number"),
        ] {
            let error = read(text, unit).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn exact_numbers_are_read_back() {
        for x in [200.0001, 1e-9, 0.1, -3.0, 1e20, 12_345_678.9, 123_456_789.0] {
            assert_eq!(exact(x).parse(), Ok(x));
        }
        assert_eq!((exact(200.0001), exact(1e-9)), ("200.0001".into(), "1e-9".into()));
        assert_eq!(tidied(0.1 + 0.2), 0.3);
    }

    #[test]
    fn numbers_are_told_briefly() {
        assert_eq!(tell(250.0), "250");
        assert_eq!(tell(0.1), "0.1");
        assert_eq!(tell(-54.387), "-54.387");
        assert_eq!(tell(1e-9), "1e-9");
        assert_eq!(tell(56.650_49), "56.6505");
        assert_eq!(tell(100_000.0), "100000");
    }
}
