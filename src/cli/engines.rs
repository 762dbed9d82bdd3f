//! `loligo engines`: what this machine can simulate on.

use super::Outcome;
use crate::engine::Engine;
use crate::engine::cpu::Cpu;
use crate::engine::gpu::device;
use crate::error::Error;

/// Runs the command.
pub fn run() -> Result<Outcome, Error> {
    let cpu = Cpu::<f32>::new("");
    println!("cpu  {} ({})", cpu.info().device, cpu.info().driver);
    let adapters = device::list();
    for adapter in &adapters {
        println!("gpu  {} ({}; {})", adapter.name, adapter.kind, adapter.driver);
    }
    let hardware = adapters.iter().any(|adapter| adapter.kind != "software");
    println!(
        "--engine auto takes the {}",
        if hardware { "GPU" } else { "CPU: no hardware GPU is here" }
    );
    if adapters.is_empty() {
        println!(
            "for --engine gpu, install a driver (Debian: apt-get install mesa-vulkan-drivers)"
        );
    }
    Ok(Outcome::Done)
}
