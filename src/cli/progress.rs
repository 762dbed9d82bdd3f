//! A progress bar with rate and time left, on a terminal only.

use super::table;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use loligo::experiment::Experiment;

/// The bar of a run, counting steps; hidden if `quiet`, beside a log, or if stderr is no terminal.
pub fn bar(experiment: &Experiment, quiet: bool) -> ProgressBar {
    // Lines of a log would cut it.
    let is_hidden = quiet || tracing::enabled!(tracing::Level::INFO);
    let target =
        if is_hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(u64::from(experiment.steps())), target);
    let neurons = experiment.neurons() as f64;
    let rate = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        // A progress bar that cannot be written is not worth an error.
        let _ = write!(out, "{}", table::per_second(state.per_sec() * neurons));
    };
    let template = "{bar:40.cyan} {percent:>3} %  {rate}  {eta} left";
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style.with_key("rate", rate)),
        Err(_) => bar,
    }
}
