//! `loligo diff A B`: what differs between two folders of results.

use std::path::PathBuf;

use loligo::diff::{Comparison, Difference};
use loligo::error::Error;
use loligo::output::folder::io_error;

use super::outcome::Outcome;
use super::{table, terminal};

/// Flags of `loligo diff`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A folder of results
    #[arg(value_name = "A")]
    first: PathBuf,
    /// Another one
    #[arg(value_name = "B")]
    second: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let comparison = Comparison::new(&args.first, &args.second)?;
    if args.json {
        let document = serde_json::to_string_pretty(&comparison).map_err(io_error)?;
        terminal::print(&(document + "\n"))?;
        return Ok(Outcome::Done);
    }
    let mut text = String::new();
    if comparison.is_same() {
        text += "no difference\n";
    }
    text += &section("experiment", "", &comparison.experiment);
    text += &section("results", "standard errors apart", &comparison.results);
    text += match comparison.same_spikes {
        Some(true) => "the spikes are the same, byte for byte\n",
        Some(false) => "the spikes differ\n",
        None => "",
    };
    terminal::print(&text)?;
    Ok(Outcome::Done)
}

fn section(title: &str, last: &str, differences: &[Difference]) -> String {
    if differences.is_empty() {
        return String::new();
    }
    let told = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
    let mut rows = vec![[title, "A", "B", last].map(str::to_owned)];
    rows.extend(differences.iter().map(|difference| {
        let errors = difference.standard_errors.map(|errors| format!("{errors:+.1}"));
        let (first, second) = (told(&difference.first), told(&difference.second));
        [difference.key.clone(), first, second, errors.unwrap_or_default()]
    }));
    table::aligned(&rows, &[false, true, true, true]) + "\n"
}
