//! The command line: flags in, results out, no physics.

mod args;
mod bench;
mod checkpointed;
mod choices;
mod command_line;
mod compare;
mod conduct;
mod diff;
mod engines;
mod exercises;
mod figure_file;
mod forecast;
mod help;
mod interrupt;
mod intervals;
mod log;
mod merge;
mod models;
mod outcome;
mod own;
mod plan;
mod progress;
mod report;
mod resume;
mod run;
mod section;
mod shard;
mod sources;
mod spectrum;
mod spike_spectrum;
mod study;
mod table;
mod terminal;
mod trace;
mod work;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use loligo::error::{Error, Place, Problem};
use outcome::{INTERRUPTED, Outcome};
use terminal::{Color, print, say_error};

/// Simulate thousands to millions of independent noisy neurons at once, on the GPU or the CPU.
#[derive(Debug, Parser)]
#[command(name = "loligo", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Cli {
    /// When to use colours
    #[arg(long, value_enum, default_value_t, global = true, value_name = "WHEN")]
    color: Color,
    /// Tell on stderr what goes on inside: device, limits, blocks, memory, checkpoints; -vv tells more. RUST_LOG chooses instead
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  loligo run                                     4096 noisy integrate-and-fire neurons for 1 s
  loligo run --model hodgkin_huxley --neurons 1000 --duration 500ms
  loligo run --noise ou --set noise.sigma=40 --set noise.tau=\"30 ms\"
  loligo run --set \"tau_m=normal(10 ms, 1 ms, min=5)\" --out results
  loligo run experiment.toml --json";

#[derive(Debug, Subcommand)]
enum Command {
    /// Simulate populations of neurons: spikes, interval statistics, spectra, figures
    Run(Box<run::Args>),
    /// Compare populations over a grid of values, all simulated together: F-I curves, CV maps
    Compare(Box<compare::Args>),
    /// Do a study that people do, with its figure: stochastic resonance, impedance, gain, reliability, channel noise
    Study(Box<study::Args>),
    /// Tell what an experiment will take, and write scripts that simulate it in shards
    Plan(Box<plan::Args>),
    /// Go on with a run that was ended at a checkpoint (`run --checkpoint T`)
    Resume(resume::Args),
    /// Make one result of the shards of an experiment (`run --shard K/N`), the same as of one run
    Merge(merge::Args),
    /// Follow state variables and currents of a few neurons over time
    Trace(Box<trace::Args>),
    /// Compute the power spectrum of a recorded signal
    Spectrum(spectrum::Args),
    /// Compute the interval statistics of recorded spike times
    Intervals(intervals::Args),
    /// Compare two folders of results: the experiments, and what came out in units of its errors
    Diff(diff::Args),
    /// Do the exercises that Loligo grew out of, beside their reference values
    Exercises(exercises::Args),
    /// Tell what each model is: equations, parameters, units, defaults, sources
    Models(models::Args),
    /// Measure the throughput of models and engines over the number of neurons
    Bench(bench::Args),
    /// List the engines of this machine
    Engines,
    /// Print the completions of a shell, to be sourced there
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page: of all, or of one command
    Man {
        /// The command
        command: Option<String>,
    },
}

/// Runs the command line; the exit code is 0 for done, 1 for failed, 2 for wrong input, 130 for
/// interrupted.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    interrupt::outlive_limits();
    anstream::ColorChoice::from(cli.color).write_global();
    let outcome = log::begin(cli.verbose).and_then(|()| dispatch(cli.command));
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(Error::Ended) => ExitCode::from(INTERRUPTED),
        Err(error) => {
            say_error(&error);
            ExitCode::from(report::exit_code(&error))
        }
    }
}

fn dispatch(command: Command) -> Result<Outcome, Error> {
    match command {
        Command::Run(args) => run::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Study(args) => study::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Resume(args) => resume::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Trace(args) => trace::run(&args),
        Command::Spectrum(args) => spectrum::run(&args),
        Command::Intervals(args) => intervals::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Exercises(args) => exercises::run(&args),
        Command::Models(args) => models::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Engines => engines::run(),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "loligo", &mut text);
            print(&String::from_utf8_lossy(&text)).map(|()| Outcome::Done)
        }
        Command::Man { command } => man(command.as_deref()),
    }
}

/// Prints the manual page of the program or of one of its commands.
fn man(command: Option<&str>) -> Result<Outcome, Error> {
    let whole = Cli::command();
    let page = match command {
        None => whole,
        Some(name) => match whole.find_subcommand(name) {
            Some(found) => found.clone().name(format!("loligo-{name}")),
            None => {
                let place = Place::Flag(format!("man {name}"));
                let known: Vec<_> = whole.get_subcommands().map(clap::Command::get_name).collect();
                let message = format!("there is no command `{name}`");
                return Err(Problem::new(
                    message,
                    &place,
                    format!("there is {}", known.join(", ")),
                )
                .into());
            }
        },
    };
    let mut text = Vec::new();
    let failed = |source| Error::Io { action: "write", path: "the manual page".into(), source };
    clap_mangen::Man::new(page).render(&mut text).map_err(failed)?;
    print(&String::from_utf8_lossy(&text)).map(|()| Outcome::Done)
}
