//! The engines that are measured, and their sensors.

use super::args::Args;
use crate::cli::terminal;
use loligo::benchmark::sensors::Sensors;
use loligo::engine::choice::{self, Adapters, Choice, Precision};
use loligo::engine::gpu::device::Device;
use loligo::engine::gpu::{Cut, Gpu, adapter};
use loligo::engine::{Engine, cpu};
use loligo::error::Error;

/// The engines to measure: the CPU and every GPU, or the one asked for.
pub fn engines(args: &Args) -> Result<Vec<Box<dyn Engine>>, Error> {
    let adapters = args.adapter.as_deref().map_or(Adapters::One, Adapters::Named);
    let asked = args.engine.is_some() || adapters != Adapters::One;
    if asked || args.precision == Precision::F64 {
        let own = if adapters == Adapters::One { Choice::Cpu } else { Choice::Gpu };
        let choice = args.engine.unwrap_or(own);
        return Ok(vec![choice::choose(choice, adapters, args.precision)?]);
    }
    let mut engines = vec![cpu::single("measured")];
    let mut names: Vec<String> = adapter::list().into_iter().map(|listed| listed.name).collect();
    names.dedup();
    for name in names {
        match Device::open(Some(&name), true) {
            Ok(device) => engines.push(Box::new(Gpu::new(device, Cut::default(), "measured"))),
            Err(error) => terminal::say(&format!("left out: {error}")),
        }
    }
    Ok(engines)
}

/// The sensors of an engine's device: those of the processor where that plays it.
pub fn sensors(engine: &dyn Engine) -> Sensors {
    let info = engine.info();
    if info.kind == "gpu" && !info.is_software {
        let limits = engine.limits();
        let bus = limits.iter().find(|(name, _)| *name == "bus");
        return Sensors::graphics(bus.map_or("", |(_, bus)| bus));
    }
    Sensors::processor()
}
