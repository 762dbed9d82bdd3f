//! Prints a tape as WGSL.
//!
//! What is taken once stands where it is taken, what is taken more often or has a name is bound by `let`. Numbers are of
//! the type `Real`, masks of `Mask`: a value per lane.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::op::{Id, Op, Tape};
use crate::real::Reach;

/// Longer expressions are bound to a name.
const LONGEST: usize = 60;

/// The WGSL of a step: `struct Coefficients`, `struct State`, `struct Step` and `fn step`; `about` stands above it as a
/// comment. It calls functions of `shaders/math.wgsl`.
pub fn print(tape: &Tape, about: &str) -> String {
    let mut text = comment(about);
    fields(&mut text, "Coefficients", &tape.coefficients);
    fields(&mut text, "State", &tape.states);
    text += "\nstruct Step {\n    spike: Mask,\n    state: State,\n}\n\n";
    let moment = if takes_moment(tape) { ", moment: Moment" } else { "" };
    let _ = writeln!(text, "fn step(p: Coefficients, s: State, input: Input{moment}) -> Step {{");
    let printer = Printer::new(tape);
    let spike = bare(&printer.expression(tape.spike)).to_owned();
    let next = printer.next();
    text += &printer.lets;
    let _ = writeln!(text, "    return Step({spike}, State({next}));\n}}");
    text
}

/// The WGSL of sources: `struct SourceCoefficients`, `struct SourceState`, `fn drive`, and what that takes of a word of 32 steps:
/// `struct SourceWord`, `fn source_word`.
pub fn print_sources(tape: &Tape, about: &str) -> String {
    let mut text = comment(about);
    fields(&mut text, "SourceCoefficients", &tape.coefficients);
    fields(&mut text, "SourceState", &tape.states);
    let of_words = tape.of_words();
    let mut is_taken = vec![false; tape.ops.len()];
    for (op, _) in tape.ops.iter().zip(&of_words).filter(|(_, of_word)| !**of_word) {
        op.operands().for_each(|operand| is_taken[operand] = true);
    }
    tape.next.iter().for_each(|id| is_taken[*id] = true);
    let words: Vec<Id> = (0..tape.ops.len()).filter(|id| of_words[*id] && is_taken[*id]).collect();
    text += "\nstruct SourceWord {\n";
    for id in &words {
        let of = if tape.ops[*id].is_mask() { "Mask" } else { "Real" };
        let _ = writeln!(text, "    x_{id}: {of},");
    }
    if words.is_empty() {
        text += "    unused: Real,\n";
    }
    text += "}\n\nfn source_word(p: SourceCoefficients, moment: Moment) -> SourceWord {\n";
    let printer = Printer::of(tape, &words, []);
    let values: Vec<String> =
        words.iter().map(|id| bare(&printer.expression(*id)).to_owned()).collect();
    text += &printer.lets;
    let values = if words.is_empty() { "Real(0.0)".into() } else { values.join(", ") };
    let _ = writeln!(text, "    return SourceWord({values});\n}}");
    text += "\nfn drive(p: SourceCoefficients, s: SourceState, word: SourceWord, moment: Moment) -> SourceState {\n";
    let given = words.iter().map(|id| (*id, format!("word.x_{id}")));
    let printer = Printer::of(tape, &tape.next, given);
    let next = printer.next();
    text += &printer.lets;
    let _ = writeln!(text, "    return SourceState({next});\n}}");
    text
}

/// Whether a step takes the time.
pub fn takes_time(tape: &Tape) -> bool {
    tape.ops.iter().any(|op| matches!(op, Op::Clock(_)))
}

/// Whether a step takes something of the moment: random numbers, the time, or an injected conductance.
pub fn takes_moment(tape: &Tape) -> bool {
    tape.ops.iter().any(|op| matches!(op, Op::Deviate(_) | Op::Clock(_) | Op::Conductance))
}

/// The name of a stream of random numbers: of a source, `SOURCE.name`, with each `_` of the source's name doubled, so that
/// different ones never come together.
pub fn stream_name(name: &str) -> String {
    match name.split_once('.') {
        Some((source, own)) => format!("of_{}_{own}", source.replace('_', "__")),
        None => format!("deviate_{name}"),
    }
}

fn comment(about: &str) -> String {
    let mut text = String::new();
    for line in about.lines() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", format!("// {line}").trim_end());
    }
    text
}

fn fields(text: &mut String, name: &str, fields: &[String]) {
    let _ = writeln!(text, "\nstruct {name} {{");
    for field in fields {
        let _ = writeln!(text, "    {}: Real,", safe(field));
    }
    // A struct of WGSL has at least one field.
    if fields.is_empty() {
        text.push_str("    unused: Real,\n");
    }
    text.push_str("}\n");
}

/// Words that a name must not be: those of WGSL (its specification, section 16, as far as a model could have them), and
/// what printed steps call or are made of.
const RESERVED: &str = "alias break case const const_assert continue continuing default diagnostic discard else enable \
    false fn for if let loop override requires return struct switch true var while abstract active alignas alignof as \
    asm async attribute auto await become cast catch class common compile concept constexpr continue crate debugger \
    decltype delete do dynamic enum explicit export extends extern external fallthrough filter final finally friend \
    from get goto groupshared highp impl implements import inline instanceof interface layout lowp macro match mediump \
    meta mod module move mut mutable namespace new nil noexcept noinline null nullptr of operator package packoffset \
    partial pass patch pixelfragment precise precision premerge priv protected pub public readonly ref regardless \
    register require resource restrict self set shared sizeof smooth snorm static std subroutine super target template \
    this thread throw trait try type typedef typeid typename typeof union unless unorm unsafe unsized use using varying \
    virtual volatile wgsl where with writeonly yield array atomic bool f16 f32 i32 mat2x2 ptr sampler u32 vec2 vec3 vec4 \
    fma min max exp expm1 exprelr phi phi_far phi_near phi_nearest log sqrt tanh sin cos pow floor not_negative select \
    bitcast p s input step moment drive sin_turns word source_word";

/// A name as WGSL may have it.
fn safe(name: &str) -> String {
    match RESERVED.split_whitespace().any(|word| word == name) {
        true => format!("{name}_"),
        false => name.to_owned(),
    }
}

struct Printer<'a> {
    tape: &'a Tape,
    uses: Vec<usize>,
    /// The name of what is bound.
    bound: Vec<Option<String>>,
    taken: HashSet<String>,
    lets: String,
}

impl<'a> Printer<'a> {
    /// The next state, as arguments.
    fn next(&self) -> String {
        let given = |id: &Id| bare(&self.expression(*id)).to_owned();
        self.tape.next.iter().map(given).collect::<Vec<_>>().join(", ")
    }

    /// One of a step.
    fn new(tape: &'a Tape) -> Self {
        Printer::of(tape, &[&tape.next[..], &[tape.spike]].concat(), [])
    }

    /// One of some results, of which others are given by what they stand for.
    fn of(tape: &'a Tape, roots: &[Id], given: impl IntoIterator<Item = (Id, String)>) -> Self {
        let mut printer = Printer {
            tape,
            uses: tape.uses(),
            bound: vec![None; tape.ops.len()],
            taken: HashSet::new(),
            lets: String::new(),
        };
        given.into_iter().for_each(|(id, text)| printer.bound[id] = Some(text));
        printer.bind_all(roots);
        printer
    }

    /// Binds what some results need, in the order of the tape, so that operands are bound before.
    fn bind_all(&mut self, roots: &[Id]) {
        let tape = self.tape;
        let mut needed = vec![false; tape.ops.len()];
        roots.iter().for_each(|id| needed[*id] = true);
        for id in (0..tape.ops.len()).rev() {
            if needed[id] && self.bound[id].is_none() {
                tape.ops[id].operands().for_each(|operand| needed[operand] = true);
            }
        }
        for id in (0..tape.ops.len()).filter(|id| needed[*id]) {
            if self.bound[id].is_none() {
                self.bind(id);
            }
        }
    }

    /// Binds a result to a name, if it is taken more than once or has one.
    fn bind(&mut self, id: Id) {
        let is_leaf = self.tape.ops[id].operands().next().is_none();
        let name = self.tape.names[id].clone();
        let text = self.written(id);
        if is_leaf || (name.is_none() && self.uses[id] < 2 && text.len() <= LONGEST) {
            return;
        }
        let base = name.map_or_else(|| "x".to_owned(), |name| safe(&name));
        // The underscore keeps numbered names apart from a model's own.
        let numbered = (1..).map(|n| format!("{base}_{n}"));
        let mut names = Some(base.clone()).filter(|_| base != "x").into_iter().chain(numbered);
        let Some(unique) = names.find(|name| self.taken.insert(name.clone())) else { return };
        let _ = writeln!(self.lets, "    let {unique} = {};", bare(&text));
        self.bound[id] = Some(unique);
    }

    /// A result where it is taken.
    fn expression(&self, id: Id) -> String {
        self.bound[id].clone().unwrap_or_else(|| self.written(id))
    }

    /// An operation.
    fn written(&self, id: Id) -> String {
        let of = |id: Id| self.expression(id);
        let call = |name: &str, operands: &[Id]| {
            let operands: Vec<String> =
                operands.iter().map(|id| bare(&of(*id)).to_owned()).collect();
            format!("{name}({})", operands.join(", "))
        };
        let between = |a: Id, sign: &str, b: Id| format!("({} {sign} {})", of(a), of(b));
        match self.tape.ops[id] {
            Op::Constant(x) => number(x),
            Op::Coefficient(n) => format!("p.{}", safe(&self.tape.coefficients[n])),
            Op::State(n) => format!("s.{}", safe(&self.tape.states[n])),
            Op::Current => "input.current".into(),
            Op::Conductance => "moment.conductance".into(),
            Op::Deviate(n) => format!("moment.{}", stream_name(&self.tape.streams[n].name)),
            Op::Clock(n) => format!("moment.clock_{n}"),
            Op::Exponential => "input.exponential".into(),
            Op::Neg(a) => format!("(-{})", of(a)),
            Op::Add(a, b) => between(a, "+", b),
            Op::Sub(a, b) => between(a, "-", b),
            Op::Mul(a, b) => between(a, "*", b),
            Op::Div(a, b) => between(a, "/", b),
            Op::Fma(a, b, c) => call("fma", &[a, b, c]),
            Op::Min(a, b) => call("min", &[a, b]),
            Op::Max(a, b) => call("max", &[a, b]),
            Op::Exp(a) => call("exp", &[a]),
            Op::Expm1(a) => call("expm1", &[a]),
            Op::Exprelr(a, b) => call("exprelr", &[a, b]),
            Op::Phi(a, reach) => {
                let name = match reach {
                    Reach::Any => "phi",
                    Reach::Far => "phi_far",
                    Reach::Near => "phi_near",
                    Reach::Nearest => "phi_nearest",
                };
                call(name, &[a])
            }
            Op::Ln(a) => call("log", &[a]),
            Op::Sqrt(a) => call("sqrt", &[a]),
            Op::Tanh(a) => call("tanh", &[a]),
            Op::Sin(a) => call("sin", &[a]),
            Op::SinTurns(a) => call("sin_turns", &[a]),
            Op::Cos(a) => call("cos", &[a]),
            Op::Pow(a, b) => call("pow", &[a, b]),
            Op::Floor(a) => call("floor", &[a]),
            Op::Mask(holds) => format!("Mask({holds})"),
            Op::Below(a, b) => between(a, "<", b),
            Op::AtMost(a, b) => between(a, "<=", b),
            Op::NotNegative(a) => call("not_negative", &[a]),
            Op::And(a, b) => between(a, "&", b),
            Op::Or(a, b) => between(a, "|", b),
            Op::Not(a) => format!("(!{})", of(a)),
            Op::Choose(mask, a, b) => call("select", &[b, a, mask]),
        }
    }
}

/// An expression without parentheses around all of it.
fn bare(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return text;
    };
    // The first one must be closed by the last.
    let mut depth = 0;
    let closes_early = inner.chars().any(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth < 0
    });
    if closes_early { text } else { inner }
}

/// A number of single precision as WGSL has it; what is beyond is the largest there is.
fn number(x: f64) -> String {
    let x = (x as f32).clamp(f32::MIN, f32::MAX);
    format!("Real({x:?})")
}
