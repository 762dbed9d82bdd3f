//! A value per neuron.

/// One value per neuron of a population.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Every neuron has the same value.
    Same(f64),
    /// Each neuron has its own.
    Each(Vec<f64>),
}

impl Values {
    /// The value of one neuron, counted within the population.
    pub fn of(&self, neuron: usize) -> f64 {
        match self {
            Values::Same(value) => *value,
            Values::Each(values) => values[neuron],
        }
    }

    /// One value for all: the common one, or the mean.
    #[must_use]
    pub fn typical(&self) -> Values {
        let (sum, count) = self.iter().fold((0.0, 0.0), |(sum, count), x| (sum + x, count + 1.0));
        Values::Same(sum / count)
    }

    /// The same, of its own for each neuron if one of some others is.
    #[must_use]
    pub fn with(&self, others: [&Values; 2]) -> Values {
        let each = others.into_iter().find_map(|values| match values {
            Values::Each(values) => Some(values.len()),
            Values::Same(_) => None,
        });
        match (self, each) {
            (Values::Same(value), Some(neurons)) => Values::Each(vec![*value; neurons]),
            _ => self.clone(),
        }
    }

    /// What becomes of the values, each with the neuron that it is of.
    #[must_use]
    pub fn map(&self, of: impl Fn(usize, f64) -> f64) -> Values {
        match self {
            Values::Same(value) => Values::Same(of(0, *value)),
            Values::Each(values) => {
                Values::Each(values.iter().enumerate().map(|(n, value)| of(n, *value)).collect())
            }
        }
    }

    /// The values that occur, each neuron's once or the common one.
    pub fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        match self {
            Values::Same(value) => std::slice::from_ref(value).iter().copied(),
            Values::Each(values) => values.iter().copied(),
        }
    }
}
