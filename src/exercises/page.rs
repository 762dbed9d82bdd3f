//! `index.html`: all exercises on one page, what was expected beside what came out.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::exercise::{Check, Done};
use crate::engine::EngineInfo;
use crate::error::Error;
use crate::output::PAGE;
use crate::output::folder::{Folder, io_error};
use crate::unit::tell;

const HEAD: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
<meta name=\"viewport\" content=\"width=device-width\">\n<title>Loligo: the exercises</title>\n<style>\n\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }\n\
img { max-width: 100%; border: 1px solid #ddd }\ntable { border-collapse: collapse; margin: 1rem 0 }\n\
th, td { padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #ddd }\n\
th:first-child, td:first-child { text-align: left }\n.off { color: #b00; font-weight: bold }\n</style>\n";

/// Writes the page.
///
/// # Errors
/// If it cannot be written.
pub fn write(folder: &Folder, exercises: &[Done], engine: &EngineInfo) -> Result<PathBuf, Error> {
    let html = html(exercises, engine);
    folder.write(PAGE, |file| file.write_all(html.as_bytes()).map_err(io_error))
}

fn html(exercises: &[Done], engine: &EngineInfo) -> String {
    let mut page = HEAD.to_owned();
    // Writing to a String cannot fail.
    let _ = write!(
        page,
        "<h1>The exercises</h1>\n<p>Computed by Loligo {} on {} ({}).</p>\n",
        env!("CARGO_PKG_VERSION"),
        escaped(&engine.device),
        engine.kind
    );
    for exercise in exercises {
        let _ = writeln!(page, "<h2>{}. {}</h2>", exercise.number, escaped(exercise.title));
        if !exercise.remark.is_empty() {
            let _ = writeln!(page, "<p>{}</p>", escaped(exercise.remark));
        }
        if !exercise.checks.is_empty() {
            page += "<table>\n<tr><th>value</th><th>expected</th><th>within</th><th>found</th><th></th></tr>\n";
            exercise.checks.iter().for_each(|check| page += &row(check));
            page += "</table>\n";
        }
        let name = exercise.figure.as_ref().and_then(|path| path.file_name()?.to_str());
        if let Some(name) = name {
            let _ = writeln!(page, "<img src=\"{name}\" alt=\"{}\">", escaped(exercise.title));
        }
    }
    page + "</html>\n"
}

fn row(check: &Check) -> String {
    let found = check.found.map_or("not defined".into(), tell);
    let (class, verdict) = if check.holds() { ("", "as expected") } else { ("off", "off") };
    format!(
        "<tr class=\"{class}\"><td>{}</td><td>{}</td><td>{}</td><td>{found}</td><td>{verdict}</td></tr>\n",
        escaped(&check.what),
        tell(check.expected),
        tell(check.within)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
