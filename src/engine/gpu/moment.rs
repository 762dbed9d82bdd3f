//! The WGSL between kernel and printed steps: what a moment brings (random numbers, time, injected conductance), and what
//! sources drive.

use std::fmt::Write as _;

use crate::source::{CONDUCTANCE, CURRENT, Sources};
use crate::tape::{Deviates, Kind, PLACES, Tape, wgsl};

/// The streams of a model and of its sources.
pub fn streams<'a>(
    model: &'a Tape,
    sources: Option<&'a Sources>,
) -> impl Iterator<Item = &'a Deviates> {
    model.streams.iter().chain(sources.into_iter().flat_map(|sources| &sources.tape.streams))
}

/// Words that a neuron's coefficients of sources take; a struct of WGSL has at least one.
pub fn coefficient_words(sources: Option<&Sources>) -> usize {
    sources.map_or(0, |sources| sources.tape.coefficients.len()).max(1)
}

/// Words that a neuron keeps of its streams, and of what its sources are at.
pub fn kept_words(model: &Tape, sources: Option<&Sources>) -> usize {
    let states = sources.map_or(0, |sources| sources.tape.states.len()).max(1);
    (4 * streams(model, sources).count()).max(1) + states
}

/// The WGSL for a model and its sources.
pub fn print(model: &Tape, sources: Option<&Sources>) -> String {
    let mut text = match sources {
        Some(sources) => wgsl::print_sources(&sources.tape, "The sources of a neuron."),
        None => NO_SOURCES.to_owned(),
    };
    let names: Vec<(String, Kind)> = streams(model, sources)
        .map(|stream| (wgsl::stream_name(&stream.name), stream.kind))
        .collect();
    let field = |text: &mut String, name: &str, of: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "    {name}: {of},");
    };
    text += "\n// What a step brings, besides the current.\nstruct Moment {\n";
    let is_timed = wgsl::takes_time(model) || sources.is_some_and(|s| wgsl::takes_time(&s.tape));
    (0..PLACES.len()).for_each(|n| field(&mut text, &format!("clock_{n}"), "Real"));
    field(&mut text, "conductance", "Real");
    names.iter().for_each(|(name, _)| field(&mut text, name, "Real"));
    text += "}\n\nstruct Streams {\n";
    names.iter().for_each(|(name, _)| field(&mut text, name, "Stream"));
    if names.is_empty() {
        field(&mut text, "unused", "Bits");
    }
    text += "}\n\n// What a neuron keeps from step to step, besides its state.\n";
    text += "struct Kept {\n    streams: Streams,\n    sources: SourceState,\n}\n\n";
    text += "fn begin_moments(streams: ptr<function, Streams>, step: u32) -> array<Moment, 2> {\n";
    text += "    var moments: array<Moment, 2>;\n";
    for n in [0, 1] {
        if is_timed {
            text += &digits(&format!("moments[{n}]"), &format!("(step + {n}u)"));
        }
    }
    for (name, kind) in &names {
        let _ = writeln!(
            text,
            "    var {name} = (*streams).{name};\n    let {name}_words = next_words(&{name});\n    \
             (*streams).{name} = {name};"
        );
        let of = match kind {
            Kind::Normal => {
                let _ = writeln!(text, "    let {name}_pair = normal_pair({name}_words);");
                [
                    format!("{name}_pair.radius * {name}_pair.cos"),
                    format!("{name}_pair.radius * {name}_pair.sin"),
                ]
            }
            Kind::Uniform => {
                ["radius", "angle"].map(|word| format!("fraction({name}_words.{word})"))
            }
        };
        for (n, of) in of.iter().enumerate() {
            let _ = writeln!(text, "    moments[{n}].{name} = {of};");
        }
    }
    text += "    return moments;\n}\n\n";
    text += "// What sources have of a word of 32 steps, from its first one.\n";
    text += "fn begin_word(p: SourceCoefficients, step: u32) -> SourceWord {\n    var moment: Moment;\n";
    if is_timed {
        text += &digits("moment", "step");
    }
    text += "    return source_word(p, moment);\n}\n\n";
    text += "// Adds what sources drive in a step to its current.\n";
    text += "fn driven(p: SourceCoefficients, kept: ptr<function, SourceState>, word: SourceWord, moment: ptr<function, Moment>, current: Real) -> Real {\n";
    match sources {
        Some(sources) => {
            let current = &sources.tape.states[CURRENT];
            text += "    *kept = drive(p, *kept, word, *moment);\n";
            if sources.conducts() {
                let conductance = &sources.tape.states[CONDUCTANCE];
                let _ = writeln!(text, "    (*moment).conductance = (*kept).{conductance};");
            }
            let _ = writeln!(text, "    return current + (*kept).{current};");
        }
        None => text += "    return current;\n",
    }
    let moment = if wgsl::takes_moment(model) { ", moment" } else { "" };
    let _ = writeln!(
        text,
        "}}\n\nfn step_at(p: Coefficients, s: State, input: Input, moment: Moment) -> Step {{\n    \
         return step(p, s, input{moment});\n}}"
    );
    text
}

/// Sets the digits of a step.
fn digits(moment: &str, step: &str) -> String {
    let places = PLACES.into_iter().enumerate();
    let digit = |(n, (begin, bits)): (usize, (u32, u32))| {
        let of = format!("({step} >> {begin}u) & {}u", (1 << bits) - 1);
        format!("    {moment}.clock_{n} = Real(f32({of}));\n")
    };
    places.map(digit).collect()
}

/// What stands for sources where there are none.
const NO_SOURCES: &str = "struct SourceCoefficients {
    unused: Real,
}

struct SourceState {
    unused: Real,
}

struct SourceWord {
    unused: Real,
}

fn source_word(p: SourceCoefficients, moment: Moment) -> SourceWord {
    return SourceWord(Real(0.0));
}
";
