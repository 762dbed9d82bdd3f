//! What a run will take, by trying it for a moment.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::terminal;
use super::work::Work;
use loligo::Record;
use loligo::engine::{Blocks, Engine};
use loligo::error::Error;
use loligo::experiment::Experiment;
use loligo::memory::{needs, size};
use loligo::raster::RasterTile;
use loligo::unit::tell;

/// As long as a run is tried.
const TRIAL: Duration = Duration::from_millis(500);

/// What a run takes.
#[derive(Clone, Copy, Debug)]
pub struct Forecast {
    /// Time of stepping (s).
    pub seconds: f64,
    /// Rate of all neurons (Hz).
    pub rate_hz: f64,
    /// Bytes of memory.
    pub memory: f64,
    /// Bytes of files.
    pub disk: f64,
    /// Bytes of files that are there until those are written.
    pub transient_disk: f64,
}

/// The most neurons that are tried at once: a GPU is busy with them.
const TRIED: usize = 1 << 20;

/// What was seen of some neurons.
#[derive(Default)]
struct Seen {
    neuron_steps: f64,
    spikes: f64,
    seconds: f64,
}

/// Simulates the first steps of an experiment. Their second half counts, since neurons that start alike fire alike at first.
fn tried(engine: &dyn Engine, experiment: &Experiment, time: Duration) -> Result<Seen, Error> {
    let blocks = Blocks { raster: true, words: None };
    let mut run = engine.start(experiment, blocks, &mut || true)?;
    let spikes = AtomicU64::new(0);
    let count = |tile: &RasterTile<'_>| {
        let rows = tile.bits.chunks(tile.stride).take(tile.words);
        let bits =
            rows.flat_map(|row| &row[..tile.neurons]).map(|word| u64::from(word.count_ones()));
        spikes.fetch_add(bits.sum(), Ordering::Relaxed);
    };
    let start = Instant::now();
    let (mut steps, mut half) = (0u32, (0u32, 0u64, Duration::ZERO));
    while let Some(done) = run.next_block(&count)? {
        steps = done;
        if start.elapsed() < time / 2 {
            half = (steps, spikes.load(Ordering::Relaxed), start.elapsed());
        } else if start.elapsed() > time && steps > half.0 {
            break;
        }
    }
    if steps == half.0 {
        half = (0, 0, Duration::ZERO);
    }
    Ok(Seen {
        neuron_steps: f64::from(steps - half.0) * experiment.part().len() as f64,
        spikes: (spikes.load(Ordering::Relaxed) - half.1) as f64,
        seconds: (start.elapsed() - half.2).as_secs_f64(),
    })
}

/// Forecasts a run of an experiment, or of a part of it, on an engine: by all of its neurons, or by some here and there.
pub fn forecast(work: &Work<'_>, engine: &dyn Engine) -> Result<Forecast, Error> {
    let experiment = work.experiment;
    let neurons = experiment.part().len();
    let of = neurons.div_ceil(TRIED / 4);
    let parts = if of > 4 { 4 } else { 1 };
    let mut seen = Seen::default();
    for n in 0..parts {
        let own = match parts {
            1 => tried(engine, experiment, TRIAL)?,
            _ => tried(engine, &experiment.shard(n * (of - 1) / 3, of), TRIAL / parts as u32)?,
        };
        seen.neuron_steps += own.neuron_steps;
        seen.spikes += own.spikes;
        seen.seconds += own.seconds;
    }
    let per_step = seen.seconds / seen.neuron_steps.max(1.0) * neurons as f64;
    let simulated_s = seen.neuron_steps * experiment.dt_ms() * 1e-3;
    let rate_hz = seen.spikes / simulated_s.max(f64::MIN_POSITIVE);
    let all = rate_hz * experiment.duration_ms() * 1e-3 * experiment.part().len() as f64;
    // A shard has its spikes in a file.
    let kept = match work.kept() {
        Record::Spikes if needs::is_shard(experiment) => Record::None,
        kept => kept,
    };
    let of_driver = if engine.info().kind == "gpu" { needs::DRIVER } else { 0.0 };
    let is_shard = needs::is_shard(experiment);
    let of_formats = if is_shard { 0.0 } else { work.memory_of_formats(all) };
    let besides = of_driver + of_formats;
    let record = work.choices.record;
    let [disk, transient_disk] = match is_shard {
        true => [needs::shard_on_disk(experiment, record, all), 0.0],
        false => {
            let [of_files, of_spool] = work.bytes_per_spike();
            let on_disk = |bytes| needs::on_disk(experiment, record, all, bytes);
            [on_disk(of_files), on_disk(of_files + of_spool) - on_disk(of_files)]
        }
    };
    Ok(Forecast {
        seconds: per_step * f64::from(experiment.steps()),
        rate_hz,
        memory: needs::needed(experiment, kept, all) + besides,
        disk,
        transient_disk,
    })
}

/// Neuron-steps from which on a run is long: some 20 s on two cores.
const LONG: f64 = 1e11;

/// How many times as fast a hardware GPU is, roughly.
const HARDWARE: f64 = 20.0;

/// Tells what a long run will take before it begins, and warns of one whose spikes will not fit the memory, or whose files
/// the disk of a folder: the first steps may be busier than the rest, so that it is not refused.
pub fn before_a_long_run(
    work: &Work<'_>,
    engine: &dyn Engine,
    folder: Option<&Path>,
) -> Result<(), Error> {
    let experiment = work.experiment;
    let is_hardware = engine.info().kind == "gpu" && !engine.info().is_software;
    let neuron_steps = experiment.part().len() as f64 * f64::from(experiment.steps());
    if neuron_steps < LONG * if is_hardware { HARDWARE } else { 1.0 } {
        return Ok(());
    }
    let forecast = forecast(work, engine)?;
    work.tell(&[format!("this will take {}", forecast.told())]);
    let Forecast { rate_hz, memory, disk, transient_disk, .. } = forecast;
    let too_large =
        needs::forecast_too_large(experiment, rate_hz, [memory, disk + transient_disk], folder);
    if let Some(too_large) = too_large.filter(|_| !work.output.target.quiet) {
        terminal::say(&format!("warning: {too_large}"));
    }
    Ok(())
}

impl Forecast {
    /// In words.
    pub fn told(&self) -> String {
        let Forecast { seconds, rate_hz, memory, disk, transient_disk } = *self;
        let rate = tell((rate_hz * 10.0).round() / 10.0);
        let more = match transient_disk {
            0.0 => String::new(),
            bytes => format!(" and {} more until it is done", size(bytes)),
        };
        format!(
            "{} on this machine, {} of memory, {} on disk{more} (at {rate} Hz, as in the first steps)",
            time(seconds),
            size(memory),
            size(disk)
        )
    }
}

/// A time in words.
pub fn time(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => "less than a second".into(),
        s if s < 100.0 => format!("about {} s", s.round()),
        s if s < 5400.0 => format!("about {} min", (s / 60.0).round()),
        s if s < 172_800.0 => format!("about {} h", tell((s / 360.0).round() / 10.0)),
        s => format!("about {} days", tell((s / 8640.0).round() / 10.0)),
    }
}
