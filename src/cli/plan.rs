//! `loligo plan`: what an experiment will take, and scripts that simulate it in shards.

use std::path::Path;

use super::args::{EngineArgs, ExperimentArgs, OutputArgs};
use super::command_line::{quoted, words};
use super::forecast::{Forecast, forecast};
use super::outcome::Outcome;
use super::terminal::print;
use super::work::Report;
use super::work::Work;
use super::{compare, run};
use loligo::error::{Error, Place, Problem};
use loligo::experiment::Experiment;
use loligo::output::folder::{Folder, WriteSeek, io_error};

/// Flags of `loligo plan`.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true, after_help = AFTER)]
pub struct Args {
    /// Into how many shards the neurons are cut
    #[arg(long, value_name = "N", default_value_t = 1)]
    shards: usize,
    #[command(flatten)]
    experiment: ExperimentArgs,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    output: OutputArgs,
}

const AFTER: &str = "\
Time, memory and disk are those of this machine, by simulating the first steps. The scripts are printed, or \
written into the folder that --out names: slurm.sh (a job array), parallel.sh (GNU parallel), Snakefile.";

/// Runs the command.
pub fn run(args: &Args) -> Result<Outcome, Error> {
    let document = args.experiment.document(args.output.target.force)?;
    let flags = args.experiment.settings()?;
    let experiment = Experiment::new(&document, &flags)?;
    let neurons = experiment.neurons();
    if !(1..=neurons).contains(&args.shards) {
        let place = Place::Flag(format!("--shards {}", args.shards));
        let message = format!("{neurons} neurons are not cut into {} shards", args.shards);
        return Err(Problem::new(message, &place, "use fewer shards, one at least").into());
    }
    let largest = experiment.shard(args.shards - 1, args.shards);
    let command = if document.sweeps.is_empty() { "run" } else { "compare" };
    let then = |report: &Report<'_>| {
        let work = Work::new(&largest, &args.output, args.engine.precision, report)?;
        let engine = work.engine(&args.engine)?;
        let told = told(&forecast(&work, engine.as_ref())?, &largest, args.shards);
        finish(args, command, &told)
    };
    match command {
        "run" => run::reported(&document, &flags, then),
        _ => compare::reported(&largest, &document, &flags, then),
    }
}

/// The forecast in words.
fn told(forecast: &Forecast, shard: &Experiment, shards: usize) -> String {
    let all = match shards {
        1 => "all".to_owned(),
        shards => format!("each of {shards} shards"),
    };
    let (neurons, steps) = (shard.part().len(), shard.steps());
    format!("{all}: {neurons} neurons for {steps} steps, {}\n", forecast.told())
}

/// The command line of a shard, without which it is and where it goes.
fn shard(command: &str) -> String {
    let mut words = words(&["--shards"]);
    // The first only: an experiment may be called that.
    if let Some(own) = words.iter().position(|word| word == "plan") {
        words.remove(own);
    }
    format!("loligo {command} {}", words.join(" "))
}

/// Prints the forecast, and prints or writes the scripts.
fn finish(args: &Args, command: &str, told: &str) -> Result<Outcome, Error> {
    if args.shards == 1 {
        return print(told).map(|()| Outcome::Done);
    }
    let scripts = scripts(&shard(command), args.shards);
    let Some(path) = args.output.target.path() else {
        let texts = scripts.iter().map(|(name, text)| format!("\n==> {name} <==\n{text}"));
        return print(&(told.to_owned() + &texts.collect::<String>())).map(|()| Outcome::Done);
    };
    let present = scripts.iter().map(|(name, _)| path.join(name)).find(|path| path.exists());
    if let Some(present) = present.filter(|_| !args.output.target.force) {
        let place = Place::Flag(format!("--out {}", path.display()));
        let message = format!("there is {} already", present.display());
        let remedy = "name another folder, or replace it with --force";
        return Err(Problem::new(message, &place, remedy).into());
    }
    let folder = Folder::at(path, args.output.target.force)?;
    for (name, text) in &scripts {
        let fill = |file: &mut dyn WriteSeek| file.write_all(text.as_bytes()).map_err(io_error);
        make_executable(&folder.existing().join(name), folder.write(name, fill))?;
    }
    folder.finish()?;
    let names: Vec<&str> = scripts.iter().map(|(name, _)| *name).collect();
    print(&format!("{told}{}: {}\n", path.display(), names.join(" "))).map(|()| Outcome::Done)
}

/// A script can be started.
fn make_executable<T>(path: &Path, written: Result<T, Error>) -> Result<(), Error> {
    written?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let io = |source| Error::Io { action: "write", path: path.to_owned(), source };
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).map_err(io)?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// The scripts, by their names.
fn scripts(shard: &str, shards: usize) -> [(&'static str, String); 3] {
    let slurm = format!(
        "#!/bin/bash\n\
         # sbatch slurm.sh: a job for each shard. When all are done, one more: sbatch --dependency=singleton\n\
         # --job-name=loligo --wrap 'loligo merge results/shard-* --out results/whole'\n\
         #SBATCH --job-name=loligo\n\
         #SBATCH --array=1-{shards}\n\
         export RAYON_NUM_THREADS=\"${{SLURM_CPUS_PER_TASK:-1}}\"\n\
         {shard} --quiet --shard \"$SLURM_ARRAY_TASK_ID/{shards}\" --out \"results/shard-$SLURM_ARRAY_TASK_ID\"\n"
    );
    let parallel = format!(
        "#!/bin/bash\n\
         # ./parallel.sh [flags of GNU parallel]: as many shards at a time as there are processors, a thread each.\n\
         export RAYON_NUM_THREADS=1\n\
         parallel \"$@\" {} ::: $(seq {shards}) &&\n\
         \x20   loligo merge results/shard-* --out results/whole\n",
        quoted(&format!("{shard} --quiet --shard {{}}/{shards} --out results/shard-{{}}"))
    );
    let snakemake = format!(
        "# snakemake --cores all\n\
         SHARDS = range(1, {shards} + 1)\n\n\
         rule whole:\n\
         \x20   input: expand(\"results/shard-{{k}}/summary.json\", k=SHARDS)\n\
         \x20   output: \"results/whole/summary.json\"\n\
         \x20   shell: \"loligo merge results/shard-* --out results/whole --force\"\n\n\
         rule shard:\n\
         \x20   output: \"results/shard-{{k}}/summary.json\"\n\
         \x20   threads: 1\n\
         \x20   shell: {}\n",
        python(&format!(
            "RAYON_NUM_THREADS={{threads}} {} --quiet --force --shard {{wildcards.k}}/{shards} --out results/shard-{{wildcards.k}}",
            shard.replace('{', "{{").replace('}', "}}")
        ))
    );
    [("slurm.sh", slurm), ("parallel.sh", parallel), ("Snakefile", snakemake)]
}

/// A text as Python has it.
fn python(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
