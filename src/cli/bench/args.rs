//! The flags of `loligo bench`, and their values.

use std::path::PathBuf;
use std::time::Duration;

use super::compare;
use crate::cli::help;
use loligo::benchmark::Effort;
use loligo::engine::choice::{Choice, Precision};
use loligo::unit;

/// Flags of `loligo bench`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true, args_conflicts_with_subcommands = true, after_help = ABOUT)]
pub struct Args {
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Engine: cpu, gpu, or auto for the one that `loligo run` takes [default: all there are]
    #[arg(long, value_enum)]
    pub engine: Option<Choice>,
    /// Measure the GPU with this in its name (see `loligo engines`)
    #[arg(long, value_name = "NAME")]
    pub adapter: Option<String>,
    /// Precision: f64 is of the CPU engine only
    #[arg(long, value_enum, default_value = "f32")]
    pub precision: Precision,
    /// Neuron models, of the catalogue or files of equations [default: lif,hodgkin_huxley]
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub models: Vec<String>,
    /// Integrators, or `all` [default: each model's own]
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub integrators: Vec<String>,
    #[arg(long, value_name = "A,B", value_delimiter = ',', help = help::noises() + " [default: white]")]
    pub noise: Vec<String>,
    /// Numbers of neurons [default: a thousand to a million in decades]
    #[arg(long, value_name = "N,M", value_delimiter = ',', value_parser = count)]
    pub neurons: Vec<usize>,
    /// What to record: spikes, intervals (statistics while stepping), none (only the number of spikes per neuron), sample:N [default: spikes]
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub record: Vec<loligo::Record>,
    /// Measure for a shorter time: all in under a minute
    #[arg(long)]
    pub quick: bool,
    /// Measure every integrator, noise (none, white, ou) and way of recording (none, intervals, spikes) that no flag chooses
    #[arg(long, conflicts_with = "quick")]
    pub full: bool,
    /// Compare spikes with another engine's first; what is wrong is not measured
    #[arg(long)]
    pub verify: bool,
    /// Then repeat the work for a time, such as 10m: is the speed steady, are the spikes right to the last neuron?
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "full")]
    pub soak: Option<Duration>,
    /// Try lanes, workgroup sizes and block lengths of the GPU engine, and tell the best
    #[arg(long)]
    pub tune: bool,
    /// Write a report: device, machine, ceilings, all measurements
    #[arg(long, value_name = "FILE.json")]
    pub report: Option<PathBuf>,
    /// Results of other programs for the report: a JSON object a line (benches/hardware)
    #[arg(long, value_name = "FILE.jsonl", requires = "report")]
    pub peers: Option<PathBuf>,
    /// A remark for the report, such as where the machine is from
    #[arg(long, value_name = "TEXT", requires = "report")]
    pub note: Vec<String>,
    /// Draw throughput over the number of neurons
    #[arg(long, value_name = "FILE.png", num_args = 0..=1, default_missing_value = "bench.png")]
    pub plot: Option<PathBuf>,
    /// Print the report in place of a table
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print the measurements as CSV in place of a table
    #[arg(long)]
    pub csv: bool,
}

/// What is done with reports.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Put reports side by side: a table, ratios with their spread, a figure, a page
    Compare(compare::Args),
}

const ABOUT: &str = "\
A neuron-step is one step of one neuron: its noise, its equations, its spike. Seeds are fixed. After a warm-up (four \
blocks, and a quarter of a window at least) the median over several windows of time counts; the spread is from the slowest to \
the fastest window. The time is the wall clock's, with spikes taken to the host and sorted.

What limits a throughput; `attained` is its share of what the device's own ceilings, measured in the same run, allow:
  few neurons        more neurons would be faster: the device is not full
  launch             a block of time is hardly longer than handing it over
  arithmetic         sums, products, operations on bits
  special functions  exponentials, roots, quotients, conversions
  memory             fewer neurons would be faster, or reading and writing takes longest
  readback           the device waits for its spikes to be taken
  host               the host is busy with spikes

Examples:
  loligo bench --quick --verify --report mine.json
  loligo bench --models lif --neurons 10000,100000 --engine gpu --plot
  loligo bench --soak 10m --engine gpu --neurons 1e5
  loligo bench compare mine.json theirs.json --plot both.svg";

pub const THOROUGH: Effort = Effort { windows: 7, window: Duration::from_millis(300) };
pub const QUICK: Effort = Effort { windows: 3, window: Duration::from_millis(100) };

/// A number of neurons, such as 1000 or 1e5.
fn count(text: &str) -> Result<usize, String> {
    let number = text.trim().replace('_', "").parse::<f64>().ok();
    let whole = number.filter(|n| n.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(n));
    whole.map(|n| n as usize).ok_or_else(|| "write a whole number, such as 1000 or 1e5".to_owned())
}

/// A time of the clock on the wall: 30s, 10m, 2h.
fn time(text: &str) -> Result<Duration, String> {
    let minutes = text.trim().strip_suffix('m').map(|number| format!("{number} min"));
    let seconds = unit::read(minutes.as_deref().unwrap_or(text), "s")?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) if time > Duration::ZERO => Ok(time),
        _ => Err("write a time above 0, such as 30s, 10m or 2h".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_clock_on_the_wall() {
        let seconds = |text| time(text).map(|time| time.as_secs_f64());
        assert_eq!(seconds("10m"), Ok(600.0));
        assert_eq!(
            (seconds("30s"), seconds("2 h"), seconds("90")),
            (Ok(30.0), Ok(7200.0), Ok(90.0))
        );
        for wrong in ["0", "-1m", "m", "10 mV", "1e30s"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
