//! The sources of a population on one tape.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use super::file::Definition;
use super::statistics::Statistics;
use crate::equations::{
    Expression, Lowering, Moment, Names, Pulses, Quantity, Results, Text, Units,
};
use crate::error::Error;
use crate::tape::{Builder, Hoisted, Id, Op, Tape, Values};
use crate::unit::{Dimension, measure};

/// Where the tape of sources has the current that they give, among its states.
pub const CURRENT: usize = 0;

/// Where it has the conductance, if they give any.
pub const CONDUCTANCE: usize = 1;

/// One of a population's sources.
#[derive(Clone, Debug)]
pub struct Part {
    /// The name: its keys are `NAME.amplitude` and so on, its random numbers are keyed by it.
    pub name: String,
    /// What it is.
    pub definition: Arc<Definition>,
    /// Whether its random numbers are the same for every neuron and in every run.
    pub is_frozen: bool,
    /// The parameters that are 0 for all neurons: what they are a factor of is left away.
    pub zeros: Vec<bool>,
}

/// Sources of neurons on one tape. There is one value of each: two are the same if they are at the same address.
#[derive(Debug)]
pub struct Sources {
    /// A step: the states before it, and the current and conductance that they give, in the unit of the model's current and
    /// in that of the current over mV.
    pub tape: Arc<Tape>,
    hoisted: Hoisted,
    /// Values at time 0 of the parts' states.
    starts: Results,
    /// The mean numbers of pulses in a step.
    means: Results,
    /// The part that each mean is of.
    counting: Vec<usize>,
    /// Factors from the units of parameters to those of the tape.
    factors: Vec<f64>,
    conducts: bool,
    /// What they are for.
    current_unit: String,
    pulses: Pulses,
}

impl PartialEq for Sources {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Sources {}

impl std::hash::Hash for Sources {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self).hash(state);
    }
}

/// Longer steps would take minutes to compile for a GPU.
const MOST_OPERATIONS: usize = 20_000;

/// Sources that were put together, by what they are.
static KNOWN: LazyLock<Mutex<HashMap<String, &'static Sources>>> = LazyLock::new(Mutex::default);

impl Sources {
    /// The sources of parts, for a model whose current has this unit.
    ///
    /// # Errors
    /// What is wrong with their equations, and where.
    pub fn of(
        parts: &[Part],
        current_unit: &str,
        pulses: Pulses,
    ) -> Result<&'static Sources, Error> {
        let mut key = format!("{current_unit} {pulses:?}");
        for Part { name, definition, is_frozen, zeros } in parts {
            key += &format!("\n{name} {is_frozen} {zeros:?}\n{}", definition.text());
        }
        let mut known = KNOWN.lock().unwrap_or_else(|poison| poison.into_inner());
        if let Some(sources) = known.get(&key) {
            return Ok(sources);
        }
        let sources = Self::new(parts, current_unit, pulses)?;
        let sources: &'static Sources = Box::leak(Box::new(sources));
        known.insert(key, sources);
        Ok(sources)
    }

    /// The mean numbers of pulses in a step of a neuron with these parameters, one part's after the other's: each with the
    /// index of its part.
    pub fn means(&self, parameters: &[f64], dt: f64) -> impl Iterator<Item = (usize, f64)> {
        let means = match self.counting.is_empty() {
            true => Vec::new(),
            false => self.means.of(&self.in_units(parameters, dt), &[]),
        };
        self.counting.iter().copied().zip(means)
    }

    /// Puts a source on a tape and reads its closed forms, without keeping anything.
    ///
    /// # Errors
    /// What is wrong with its equations, and where.
    pub fn check(definition: Definition, current_unit: &str) -> Result<(), Error> {
        Statistics::of(&definition, current_unit)?;
        let zeros = vec![false; definition.parameters.len()];
        let definition = Arc::new(definition);
        let part = Part { name: "source".into(), definition, is_frozen: false, zeros };
        Self::new(&[part], current_unit, Pulses::Any).map(drop)
    }

    fn new(parts: &[Part], current_unit: &str, pulses: Pulses) -> Result<Self, Error> {
        let mut writer = Writer::new(parts, current_unit);
        let (builder, starts) = writer.starts()?;
        let starts = Results::new(builder, starts);
        let mut step = writer.step(pulses)?;
        let b = &mut step.builder;
        let unit = b.constant(writer.factor(current_unit));
        let [current, conductance] =
            [step.current, step.conductance].map(|id| b.push(Op::Div(id, unit)));
        let mut states = vec![("current".to_owned(), current)];
        if writer.conducts() {
            states.push(("conductance".to_owned(), conductance));
        }
        states.extend(step.next);
        let (names, next): (Vec<String>, Vec<Id>) = states.into_iter().unzip();
        let never = b.push(Op::Mask(false));
        let (counting, means) = step.means.into_iter().unzip();
        let means = Results::new(b.clone(), means);
        let builder = step.builder;
        let tape = builder.finish(writer.coefficients(), names, never, next.clone(), next);
        let hoisted = Hoisted::new(&tape);
        let longest = hoisted.tape.ops.len();
        if let (true, Some(part)) = (longest > MOST_OPERATIONS, parts.last()) {
            let message = format!(
                "a step of the sources has {longest} operations, more than {MOST_OPERATIONS}"
            );
            return Err(part.definition.problem(message, "write them shorter, or leave some out"));
        }
        Ok(Sources {
            tape: hoisted.tape.clone(),
            hoisted,
            starts,
            means,
            counting,
            conducts: writer.conducts(),
            factors: writer.factors,
            current_unit: current_unit.to_owned(),
            pulses,
        })
    }

    /// Some of their parts, as they are here; none if they are wrong, which those of all are not.
    pub fn only(&self, parts: &[&Part]) -> Option<&'static Sources> {
        let parts: Vec<Part> = parts.iter().map(|part| (*part).clone()).collect();
        Self::of(&parts, &self.current_unit, self.pulses).ok()
    }

    /// Whether they give a conductance.
    pub fn conducts(&self) -> bool {
        self.conducts
    }

    /// Parameters in the units of the tape, and the time step after them.
    fn in_units(&self, parameters: &[f64], dt: f64) -> Vec<f64> {
        let scaled = parameters.iter().zip(&self.factors).map(|(x, factor)| x * factor);
        scaled.chain([dt]).collect()
    }

    /// Appends the coefficients of a neuron, and its states at time 0; `random` has the random number that a stream
    /// starts with.
    pub fn rows(
        &self,
        parameters: &[f64],
        dt: f64,
        random: impl Fn(&crate::tape::Deviates) -> f64,
        coefficients: &mut Vec<f64>,
        states: &mut Vec<f64>,
    ) {
        let given = self.in_units(parameters, dt);
        self.hoisted.coefficients(&given, coefficients);
        let deviates: Vec<f64> = self.starts.streams().iter().map(random).collect();
        let values = Values { deviates: &deviates, ..Values::new(&given, &[]) };
        states.extend(std::iter::repeat_n(0.0, outputs(self.conducts)));
        states.extend(self.starts.at(values));
    }
}

/// How many of a tape's states are what sources give.
fn outputs(conducts: bool) -> usize {
    if conducts { 2 } else { 1 }
}

/// What a source's own name is called on a tape, where those of all sources are: a `_` within the source's name is doubled,
/// so that different ones never come together.
fn on_tape(source: &str, own: &str) -> String {
    format!("{}_{own}", source.replace('_', "__"))
}

/// What parts do in a step.
struct Step {
    builder: Builder,
    current: Id,
    conductance: Id,
    /// Their states in the next step.
    next: Vec<(String, Id)>,
    /// Mean numbers of pulses.
    /// Each with the index of its part.
    means: Vec<(usize, Id)>,
}

/// Writes parts on tapes.
struct Writer<'a> {
    parts: &'a [Part],
    units: Units,
    current: Dimension,
    factors: Vec<f64>,
    /// The definitions of each part, and what stands before the names of its random numbers.
    definitions: Vec<Vec<(String, Expression)>>,
    prefixes: Vec<String>,
}

impl<'a> Writer<'a> {
    fn new(parts: &'a [Part], current_unit: &str) -> Self {
        let mut writer = Writer {
            parts,
            units: Units::of(current_unit),
            current: measure(current_unit).map_or(Dimension::NUMBER, |(dimension, _)| dimension),
            factors: Vec::new(),
            definitions: Vec::new(),
            prefixes: parts.iter().map(|part| format!("{}.", part.name)).collect(),
        };
        for part in parts {
            let own = part.definition.parameters.iter();
            let factors: Vec<f64> = own.map(|p| writer.factor(&p.unit)).collect();
            writer.factors.extend(factors);
            let own = part.definition.definitions.iter();
            writer.definitions.push(own.map(|(n, t)| (n.clone(), t.expression.clone())).collect());
        }
        writer
    }

    fn conducts(&self) -> bool {
        self.parts.iter().any(|part| part.definition.conducts())
    }

    fn factor(&self, unit: &str) -> f64 {
        let (dimension, size) = measure(unit).unwrap_or((Dimension::NUMBER, 1.0));
        self.units.factor(dimension, size)
    }

    fn coefficients(&self) -> Vec<String> {
        let names = self.parts.iter().flat_map(|part| {
            let own = part.definition.parameters.iter();
            own.map(|parameter| on_tape(&part.name, &parameter.name))
        });
        names.chain(["dt".to_owned()]).collect()
    }

    /// The names of a part without its states.
    fn names(&self, b: &mut Builder, n: usize) -> Names<'_> {
        let part = &self.parts[n];
        let before: usize = self.parts[..n].iter().map(|p| p.definition.parameters.len()).sum();
        let mut known = HashMap::new();
        for (index, parameter) in part.definition.parameters.iter().enumerate() {
            let id = match part.zeros.get(index) {
                Some(true) => b.constant(0.0),
                _ => b.push(Op::Coefficient(before + index)),
            };
            let quantity = Quantity::Number(id, dimension(&parameter.unit));
            known.insert(parameter.name.clone(), quantity);
        }
        let dt = b.push(Op::Coefficient(self.factors.len()));
        known.insert("dt".into(), Quantity::Number(dt, Dimension::TIME));
        let mut names = Names::new(known, &self.definitions[n], self.units);
        names.prefix = &self.prefixes[n];
        names.is_frozen = part.is_frozen;
        names
    }

    /// A number of an expression.
    fn number(
        &self,
        n: usize,
        b: &mut Builder,
        names: &mut Names<'_>,
        text: &Text,
        (wanted, what): (Dimension, &str),
    ) -> Result<Id, Error> {
        let mut lowering = Lowering { builder: b, names, open: Vec::new(), depth: 0 };
        let number = lowering.number_of(&text.expression, wanted, what);
        number.map_err(|wrong| self.parts[n].definition.wrong(text, wrong))
    }

    /// The states at time 0.
    fn starts(&self) -> Result<(Builder, Vec<Id>), Error> {
        let mut builder = Builder::default();
        let b = &mut builder;
        let mut starts = Vec::new();
        for (n, part) in self.parts.iter().enumerate() {
            let mut names = self.names(b, n);
            let zero = b.constant(0.0);
            names.known.insert("t".into(), Quantity::Number(zero, Dimension::TIME));
            for state in &part.definition.states {
                let wanted = (dimension(&state.unit), &*format!("the start of {}", state.name));
                let start = self.number(n, b, &mut names, &state.start, wanted)?;
                let quantity = Quantity::Number(start, wanted.0);
                names.known.insert(state.name.clone(), quantity);
                starts.push(start);
            }
        }
        Ok((builder, starts))
    }

    /// A step.
    fn step(&mut self, pulses: Pulses) -> Result<Step, Error> {
        let mut b = Builder::default();
        let (mut next, mut means) = (Vec::new(), Vec::new());
        let (mut current, mut conductance) = (b.constant(0.0), b.constant(0.0));
        let per_potential = self.current / dimension("mV");
        for (n, part) in self.parts.iter().enumerate() {
            let definition = &part.definition;
            let mut names = self.names(&mut b, n);
            let Some(Quantity::Number(dt, _)) = names.known.get("dt").copied() else { continue };
            let time = Quantity::Moment(Moment::time(&mut b, dt), Dimension::TIME);
            names.known.insert("t".into(), time);
            names.most_pulses = pulses;
            for (index, state) in definition.states.iter().enumerate() {
                let leaf = b.push(Op::State(outputs(self.conducts()) + next.len() + index));
                let quantity = Quantity::Number(leaf, dimension(&state.unit));
                names.known.insert(state.name.clone(), quantity);
            }
            // Definitions that nothing takes are read as well.
            for (name, text) in &definition.definitions {
                let open = vec![name.clone()];
                let mut lowering = Lowering { builder: &mut b, names: &mut names, open, depth: 0 };
                let read = lowering.any(&text.expression);
                read.map_err(|wrong| definition.wrong(text, wrong))?;
            }
            if let Some(text) = &definition.current {
                let wanted = (self.current, "an injected current");
                let id = self.number(n, &mut b, &mut names, text, wanted)?;
                current = b.push(Op::Add(current, id));
            }
            for g in &definition.conductances {
                let wanted = (per_potential, "an injected conductance");
                let id = self.number(n, &mut b, &mut names, &g.value, wanted)?;
                let wanted = (dimension("mV"), "a reversal potential");
                let reversal = self.number(n, &mut b, &mut names, &g.reversal, wanted)?;
                conductance = b.push(Op::Add(conductance, id));
                current = b.push(Op::Fma(id, reversal, current));
            }
            let mut own = Vec::new();
            for state in &definition.states {
                let wanted = (dimension(&state.unit), &*state.name);
                let id = self.number(n, &mut b, &mut names, &state.next, wanted)?;
                own.push((on_tape(&part.name, &state.name), id));
            }
            next.extend(own);
            means.extend(names.means.into_iter().map(|id| (n, id)));
        }
        Ok(Step { builder: b, current, conductance, next, means })
    }
}

fn dimension(unit: &str) -> Dimension {
    measure(unit).map_or(Dimension::NUMBER, |(dimension, _)| dimension)
}
