//! `loligo exercises`: every exercise beside its reference.

use std::path::PathBuf;

use super::args::EngineArgs;
use super::outcome::Outcome;
use super::terminal;
use loligo::error::Error;
use loligo::exercises::{Done, all, write_page};
use loligo::output::folder::Folder;
use loligo::unit::tell;

/// Flags of `loligo exercises`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Args {
    /// Folder for index.html and the figures [default: a new numbered one under loligo-out]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace what is in the folder
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    engine: EngineArgs,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let engine = args.engine.engine(args.engine.precision.unwrap_or_default())?;
    let folder = match &args.out {
        Some(path) => Folder::at(path, args.force)?,
        None => Folder::numbered()?,
    };
    let exercises = all(engine.as_ref(), &folder)?;
    let page = write_page(&folder, &exercises, engine.info())?;
    folder.finish()?;
    let text: String = exercises.iter().map(told).collect();
    let off: usize =
        exercises.iter().flat_map(|e| &e.checks).filter(|check| !check.holds()).count();
    terminal::print(&format!("{text}\n{}\n", page.display()))?;
    match off {
        0 => Ok(Outcome::Done),
        off => Err(Error::Off { off }),
    }
}

fn told(exercise: &Done) -> String {
    let verdict = match (exercise.checks.len(), exercise.holds()) {
        (0, _) => "not there yet".to_owned(),
        (n, true) => format!("{n} as expected"),
        _ => "off".to_owned(),
    };
    let mut text = format!("{:>2}  {:<72} {verdict}\n", exercise.number, exercise.title);
    for check in exercise.checks.iter().filter(|check| !check.holds()) {
        let found = check.found.map_or("not defined".into(), tell);
        text += &format!(
            "      {}: {found}, not {} within {}\n",
            check.what,
            tell(check.expected),
            tell(check.within)
        );
    }
    text
}
