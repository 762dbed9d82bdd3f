//! Quantities: a constant, a value per neuron, or a distribution to draw them from.

use rand_distr::{Distribution as _, LogNormal, Normal, Uniform};

use crate::random::{Purpose, Stream};
use crate::setting::Literal;
use crate::unit;

/// What a user gives for a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantity {
    /// The same value for all neurons.
    Constant(f64),
    /// One value per neuron.
    Array(Vec<f64>),
    /// A value drawn for each neuron.
    Distribution(Distribution),
}

/// A distribution, with optional bounds: values beyond them are drawn again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distribution {
    /// The form.
    pub shape: Shape,
    /// No value below this.
    pub min: f64,
    /// No value above this.
    pub max: f64,
}

/// The form of a distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A normal distribution.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        std: f64,
    },
    /// A uniform distribution.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// A lognormal distribution, by the mean and standard deviation of the value itself.
    Lognormal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        std: f64,
    },
}

/// How to write a quantity, for messages.
pub const FORMS: &str = "a number, a list with one number per neuron, normal(MEAN, STD), \
    lognormal(MEAN, STD) or uniform(LOW, HIGH), optionally with min=.., max=..";

/// Tries to draw a value within the bounds this often.
const DRAWS: usize = 1000;

impl Quantity {
    /// Reads a quantity; bare numbers are in `unit`.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn read(literal: &Literal, unit: &str) -> Result<Self, String> {
        match literal {
            Literal::Number(_) => Ok(Quantity::Constant(number(literal, unit)?)),
            Literal::Text(text) => Self::parse(text, unit),
            Literal::List(list) => array(list, unit),
            Literal::Table(table) => {
                let name = match table.iter().find(|(key, _)| key == "distribution") {
                    Some((_, Literal::Text(name))) => name,
                    _ => return Err(format!("a table needs `distribution`; write {FORMS}")),
                };
                let named: Vec<_> = table.iter().filter(|(key, _)| key != "distribution").collect();
                distribution(
                    name,
                    named.into_iter().map(|(key, value)| (key.as_str(), value)),
                    unit,
                )
            }
        }
    }

    fn parse(text: &str, unit: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some((name, rest)) = text.split_once('(')
            && let Some(arguments) = rest.strip_suffix(')')
            && !name.trim().is_empty()
            && name.trim().chars().all(|c| c.is_ascii_alphabetic())
        {
            let arguments: Vec<(String, Literal)> = arguments
                .split(',')
                .enumerate()
                .map(|(index, argument)| match argument.split_once('=') {
                    Some((key, value)) => (key.trim().to_owned(), Literal::Text(value.to_owned())),
                    None => (index.to_string(), Literal::Text(argument.to_owned())),
                })
                .collect();
            return distribution(name.trim(), arguments.iter().map(|(k, v)| (k.as_str(), v)), unit);
        }
        let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if inner.is_some() || text.contains(',') {
            let items: Vec<Literal> = inner
                .unwrap_or(text)
                .split(',')
                .map(|item| Literal::Text(item.trim().to_owned()))
                .collect();
            return array(&items, unit);
        }
        unit::read(text, unit).map(Quantity::Constant)
    }

    /// The value of one neuron; `index` is its index in the population, `neuron` its global one,
    /// `parameter` tells the quantities of a neuron apart.
    ///
    /// # Errors
    /// If the bounds leave next to nothing of a distribution, or an array is too short.
    pub fn value(
        &self,
        index: usize,
        seed: u64,
        neuron: u32,
        parameter: u32,
    ) -> Result<f64, String> {
        match self {
            Quantity::Constant(value) => Ok(*value),
            Quantity::Array(values) => {
                values.get(index).copied().ok_or_else(|| format!("no value for neuron {index}"))
            }
            Quantity::Distribution(distribution) => {
                let mut stream = Stream::new(seed, neuron, Purpose::Parameter, parameter);
                distribution.draw(&mut stream)
            }
        }
    }
}

impl Distribution {
    fn draw(&self, stream: &mut Stream) -> Result<f64, String> {
        let within = |x: &f64| *x >= self.min && *x <= self.max;
        let draws = (0..DRAWS).map(|_| match self.shape {
            Shape::Normal { mean, std } => {
                Normal::new(mean, std).map_or(f64::NAN, |d| d.sample(stream))
            }
            Shape::Uniform { low, high } => {
                Uniform::new_inclusive(low, high).map_or(f64::NAN, |d| d.sample(stream))
            }
            Shape::Lognormal { mean, std } => {
                LogNormal::from_mean_cv(mean, std / mean).map_or(f64::NAN, |d| d.sample(stream))
            }
        });
        draws.into_iter().find(within).ok_or_else(|| {
            format!(
                "the bounds {} to {} leave next to nothing of the distribution",
                unit::tell(self.min),
                unit::tell(self.max)
            )
        })
    }
}

fn number(literal: &Literal, unit: &str) -> Result<f64, String> {
    match literal {
        Literal::Number(number) if number.is_finite() => Ok(*number),
        Literal::Number(number) => Err(format!("{number} is not a finite number")),
        Literal::Text(text) => unit::read(text, unit),
        other => Err(format!("{} is not a number", other.words())),
    }
}

fn array(list: &[Literal], unit: &str) -> Result<Quantity, String> {
    list.iter().map(|item| number(item, unit)).collect::<Result<_, _>>().map(Quantity::Array)
}

/// Reads a distribution from its arguments, by name or by index (0, 1).
fn distribution<'a>(
    name: &str,
    arguments: impl Iterator<Item = (&'a str, &'a Literal)>,
    unit: &str,
) -> Result<Quantity, String> {
    let names = match name {
        "normal" | "lognormal" => ["mean", "std"],
        "uniform" => ["low", "high"],
        _ => return Err(format!("`{name}` is not a distribution known here; write {FORMS}")),
    };
    let mut shape = [None; 2];
    let (mut min, mut max) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut seen: Vec<&str> = Vec::new();
    for (key, value) in arguments {
        let known_as = match key {
            "0" => names[0],
            "1" => names[1],
            other => other,
        };
        if seen.contains(&known_as) {
            return Err(format!("{name}: {known_as} is given twice"));
        }
        seen.push(known_as);
        let value = number(value, unit).map_err(|why| format!("{name}: {why}"))?;
        match key {
            "min" => min = value,
            "max" => max = value,
            _ => {
                match names.iter().zip(["0", "1"]).position(|(n, index)| *n == key || index == key)
                {
                    Some(index) => shape[index] = Some(value),
                    None => {
                        return Err(format!(
                            "{name} has no `{key}`, but {} and {}, min and max",
                            names[0], names[1]
                        ));
                    }
                }
            }
        }
    }
    let [Some(first), Some(second)] = shape else {
        return Err(format!("{name} needs {} and {}", names[0], names[1]));
    };
    if min > max {
        return Err(format!("{name}: min ({min}) is above max ({max})"));
    }
    let shape = match name {
        "uniform" if first > second => {
            return Err(format!("uniform: low ({first}) is above high ({second})"));
        }
        "uniform" => Shape::Uniform { low: first, high: second },
        _ if second < 0.0 => return Err(format!("{name}: std ({second}) is negative")),
        "normal" => Shape::Normal { mean: first, std: second },
        _ if first <= 0.0 => return Err(format!("lognormal: mean ({first}) is not above 0")),
        _ => Shape::Lognormal { mean: first, std: second },
    };
    Ok(Quantity::Distribution(Distribution { shape, min, max }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Result<Quantity, String> {
        Quantity::read(&Literal::Text(text.into()), "ms")
    }

    #[test]
    fn all_forms_are_read() {
        assert_eq!(text("0.02 s"), Ok(Quantity::Constant(20.0)));
        assert_eq!(text("1, 2 ms,3"), Ok(Quantity::Array(vec![1.0, 2.0, 3.0])));
        assert_eq!(text("[1,2]"), Ok(Quantity::Array(vec![1.0, 2.0])));
        let normal = Distribution {
            shape: Shape::Normal { mean: 10.0, std: 1.0 },
            min: 5.0,
            max: f64::INFINITY,
        };
        assert_eq!(text("normal(10 ms, 1, min=5)"), Ok(Quantity::Distribution(normal)));
        let table = Literal::Table(vec![
            ("distribution".into(), Literal::Text("normal".into())),
            ("mean".into(), Literal::Text("10 ms".into())),
            ("std".into(), Literal::Number(1.0)),
            ("min".into(), Literal::Number(5.0)),
        ]);
        assert_eq!(Quantity::read(&table, "ms"), Ok(Quantity::Distribution(normal)));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (written, said) in [
            ("gamma(1, 2)", "`gamma` is not a distribution"),
            ("normal(1)", "needs mean and std"),
            ("normal(1, -2)", "negative"),
            ("normal(1, 2, low=3)", "has no `low`"),
            ("normal(1, 2 mV)", "a voltage"),
            ("uniform(3, 2)", "above high"),
            ("uniform(1, 2, min=4, max=3)", "above max"),
            ("lognormal(0, 1)", "not above 0"),
            ("normal(1, 2, mean=3)", "mean is given twice"),
            ("1, x", "not a number"),
        ] {
            let error = text(written).unwrap_err();
            assert!(error.contains(said), "{written}: {error}");
        }
    }

    #[test]
    fn draws_have_the_moments_and_bounds_asked_for() {
        // 20,000 draws: the mean's standard error is std / 141, the tolerance five of them.
        let n = 20_000;
        for (written, mean, std) in [
            ("normal(10, 2)", 10.0, 2.0),
            ("lognormal(10, 2)", 10.0, 2.0),
            ("uniform(10, 16)", 13.0, 3f64.sqrt()),
        ] {
            let quantity = text(written).unwrap();
            let draws: Vec<f64> = (0..n).map(|i| quantity.value(0, 1, i, 0).unwrap()).collect();
            let m = draws.iter().sum::<f64>() / f64::from(n);
            let v = draws.iter().map(|x| (x - m).powi(2)).sum::<f64>() / f64::from(n);
            assert!((m - mean).abs() < 5.0 * std / f64::from(n).sqrt(), "{written}: mean {m}");
            assert!((v.sqrt() / std - 1.0).abs() < 0.03, "{written}: std {}", v.sqrt());
        }
        let bounded = text("normal(10, 2, min=9, max=11)").unwrap();
        assert!((0..1000).all(|i| (9.0..=11.0).contains(&bounded.value(0, 1, i, 0).unwrap())));
        let empty = text("normal(10, 2, min=1000)").unwrap();
        assert!(empty.value(0, 1, 0, 0).unwrap_err().contains("next to nothing"));
    }
}
