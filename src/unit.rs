//! Units: `0.25 nA` is 250 pA, `1 s` is 1000 ms, and `1 s` is no voltage.
//!
//! ```
//! use loligo::unit::read;
//!
//! assert_eq!(read("0.25 nA", "pA"), Ok(250.0));
//! assert!(read("1 s", "mV").unwrap_err().contains("a voltage is wanted"));
//! ```

use std::fmt;
use std::ops::{Div, Mul};

/// What a unit measures: powers of volt, ampere, second and metre, in halves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dimension {
    /// Twice the power of each.
    halves: [i8; 4],
}

/// A dimension of whole powers of volt, ampere, second, metre.
const fn whole(volt: i8, ampere: i8, second: i8, metre: i8) -> Dimension {
    Dimension { halves: [2 * volt, 2 * ampere, 2 * second, 2 * metre] }
}

impl Dimension {
    /// A pure number.
    pub const NUMBER: Dimension = whole(0, 0, 0, 0);
    /// A time.
    pub const TIME: Dimension = whole(0, 0, 1, 0);
    /// A frequency.
    pub const FREQUENCY: Dimension = whole(0, 0, -1, 0);
    /// An electric potential.
    pub const VOLTAGE: Dimension = whole(1, 0, 0, 0);
    /// A current.
    pub const CURRENT: Dimension = whole(0, 1, 0, 0);
    /// A current per membrane area.
    pub const CURRENT_DENSITY: Dimension = whole(0, 1, 0, -2);

    /// Those that have a name.
    const NAMED: [(Dimension, &'static str); 13] = [
        (Dimension::NUMBER, "a pure number"),
        (Dimension::TIME, "a time"),
        (Dimension::FREQUENCY, "a frequency"),
        (Dimension::VOLTAGE, "a voltage"),
        (Dimension::CURRENT, "a current"),
        (Dimension::CURRENT_DENSITY, "a current per area"),
        (whole(-1, 1, 0, 0), "a conductance"),
        (whole(-1, 1, 0, -2), "a conductance per area"),
        (whole(-1, 1, 1, 0), "a capacitance"),
        (whole(-1, 1, 1, -2), "a capacitance per area"),
        (whole(1, 0, -1, 0), "a voltage per time"),
        (
            Dimension { halves: [0, 2, 1, 0] },
            "a noise strength (current times square root of time)",
        ),
        (
            Dimension { halves: [0, 2, 1, -4] },
            "a noise strength (current per area times square root of time)",
        ),
    ];

    /// The powers of volt, ampere, second and metre.
    pub fn powers(self) -> [f64; 4] {
        self.halves.map(|halves| 0.5 * f64::from(halves))
    }

    /// The dimension to a power that is a whole number of halves; none if it cannot be told.
    pub fn to_the(self, power: f64) -> Option<Dimension> {
        let mut halves = [0; 4];
        for (to, from) in halves.iter_mut().zip(self.halves) {
            let power = f64::from(from) * power;
            if power.fract() != 0.0 || power.abs() > 100.0 {
                return None;
            }
            *to = power as i8;
        }
        Some(Dimension { halves })
    }
}

impl Mul for Dimension {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let halves = std::array::from_fn(|n| self.halves[n].saturating_add(other.halves[n]));
        Dimension { halves }
    }
}

impl Div for Dimension {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let halves = std::array::from_fn(|n| self.halves[n].saturating_sub(other.halves[n]));
        Dimension { halves }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((_, name)) = Self::NAMED.iter().find(|(dimension, _)| dimension == self) {
            return f.write_str(name);
        }
        let power = |halves: i8| match halves {
            2 => String::new(),
            n if n % 2 == 0 => format!("^{}", n / 2),
            n => format!("^({n}/2)"),
        };
        let factors = ["V", "A", "s", "m"].into_iter().zip(self.halves);
        let factors: Vec<String> = factors
            .filter(|(_, halves)| *halves != 0)
            .map(|(base, halves)| format!("{base}{}", power(halves)))
            .collect();
        write!(f, "in {}", factors.join(" "))
    }
}

/// SI prefixes that make sense here.
const PREFIXES: [(&str, f64); 10] = [
    ("", 1.0),
    ("k", 1e3),
    ("c", 1e-2),
    ("m", 1e-3),
    ("u", 1e-6),
    ("n", 1e-9),
    ("p", 1e-12),
    ("f", 1e-15),
    ("M", 1e6),
    ("G", 1e9),
];

/// Units that prefixes go before.
const BASES: [(&str, Dimension); 9] = [
    ("Hz", Dimension::FREQUENCY),
    ("Ohm", whole(1, -1, 0, 0)),
    ("s", Dimension::TIME),
    ("V", Dimension::VOLTAGE),
    ("A", Dimension::CURRENT),
    ("S", whole(-1, 1, 0, 0)),
    ("F", whole(-1, 1, 1, 0)),
    ("C", whole(0, 1, 1, 0)),
    ("m", whole(0, 0, 0, 1)),
];

/// The dimension of a unit and its size in SI units; none if it is not a unit known here. Units are multiplied by `*`, a
/// blank or nothing before `sqrt(..)`, divided by `/`, and have whole powers: `uA/cm2`, `mS/cm^2`, `pA*sqrt(s)`, `1/ms`.
///
/// ```
/// use loligo::unit::{Dimension, measure};
/// assert_eq!(measure("ms"), Some((Dimension::TIME, 1e-3)));
/// assert_eq!(measure("mV/s"), measure("uV/ms"));
/// assert_eq!(measure("parsec"), None);
/// ```
pub fn measure(unit: &str) -> Option<(Dimension, f64)> {
    let unit = unit.trim().replace(['µ', 'μ'], "u").replace('²', "2").replace("Ω", "Ohm");
    if unit.is_empty() {
        return Some((Dimension::NUMBER, 1.0));
    }
    if unit.len() > 60 {
        return None;
    }
    let spaced = unit.replace('/', " / ").replace(['*', '·'], " ").replace("sqrt(", " sqrt(");
    let (mut dimension, mut size, mut divides) = (Dimension::NUMBER, 1.0, false);
    let mut factors = 0;
    for word in spaced.split_whitespace() {
        if word == "/" {
            if divides {
                return None;
            }
            divides = true;
            continue;
        }
        let (factor, factor_size) = factor_of(word)?;
        (dimension, size) = match divides {
            true => (dimension / factor, size / factor_size),
            false => (dimension * factor, size * factor_size),
        };
        divides = false;
        factors += 1;
    }
    (!divides && factors > 0).then_some((dimension, size))
}

/// One factor of a unit: `mV`, `cm2`, `ms^-1`, `sqrt(s)`.
fn factor_of(word: &str) -> Option<(Dimension, f64)> {
    if let Some(inner) = word.strip_prefix("sqrt(").and_then(|rest| rest.strip_suffix(')')) {
        let (dimension, size) = factor_of(inner)?;
        return Some((dimension.to_the(0.5)?, size.sqrt()));
    }
    match word {
        "1" => return Some((Dimension::NUMBER, 1.0)),
        "min" => return Some((Dimension::TIME, 60.0)),
        "h" => return Some((Dimension::TIME, 3600.0)),
        _ => {}
    }
    let end = word.find(|c: char| c.is_ascii_digit() || matches!(c, '^' | '-'));
    let (name, power) = word.split_at(end.unwrap_or(word.len()));
    let power = match power.strip_prefix('^').unwrap_or(power) {
        "" => 1,
        digits => digits.parse::<i32>().ok().filter(|power| (-8..=8).contains(power))?,
    };
    let (dimension, size) = BASES.into_iter().find_map(|(base, dimension)| {
        let prefix = name.strip_suffix(base)?;
        let (_, size) = PREFIXES.into_iter().find(|(known, _)| *known == prefix)?;
        Some((dimension, size))
    })?;
    Some((dimension.to_the(f64::from(power))?, size.powi(power)))
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
