//! Errors as a terminal shows them, and the exit codes of commands.

use std::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use anstyle::{AnsiColor, Style};

use loligo::error::{Error, Place, Problem, escaped};

/// 2 for wrong input, 1 for anything else.
pub fn exit_code(error: &Error) -> u8 {
    match error {
        Error::Input(_) | Error::TooLarge { .. } | Error::NoDevice(_) => 2,
        _ => 1,
    }
}

/// The message for a terminal; a place in a file is shown.
pub fn render(error: &Error, colour: bool) -> String {
    match error {
        Error::Input(problem) => of_problem(problem, colour),
        other => labelled(colour, "error", AnsiColor::Red, &other.to_string()),
    }
}

fn of_problem(problem: &Problem, colour: bool) -> String {
    if let Place::File { path, text, span } = &problem.place {
        return in_file(problem, colour, path, text, span);
    }
    let message = format!("{}{}", problem.place, problem.message);
    let error = labelled(colour, "error", AnsiColor::Red, &message);
    let help = labelled(colour, "help", AnsiColor::Cyan, &problem.remedy);
    format!("{error}\n{help}")
}

fn in_file(
    problem: &Problem,
    colour: bool,
    path: &Path,
    text: &str,
    span: &Range<usize>,
) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let end = span.end.min(text.len());
    let span = span.start.min(end)..end;
    let snippet = Snippet::source(text)
        .path(escaped(&path.display().to_string()).into_owned())
        .annotation(AnnotationKind::Primary.span(span));
    let error = Level::ERROR.primary_title(&*problem.message).element(snippet);
    renderer.render(&[error.element(Level::HELP.message(&*problem.remedy))])
}

/// A message under a label, as compilers write it.
fn labelled(colour: bool, label: &str, label_colour: AnsiColor, message: &str) -> String {
    let style = if colour { label_colour.on_default().bold() } else { Style::new() };
    format!("{style}{label}{style:#}: {}", escaped(message))
}
