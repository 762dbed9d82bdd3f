//! `loligo engines`: what this machine can simulate on.

use super::outcome::Outcome;
use super::terminal;
use loligo::engine::cpu;
use loligo::engine::gpu::adapter;
use loligo::error::Error;

/// Runs the command.
pub fn run() -> Result<Outcome, Error> {
    let cpu = cpu::single("");
    let mut text = format!("cpu  {} ({})\n", cpu.info().device, cpu.info().driver);
    let adapters = adapter::list();
    for adapter in &adapters {
        text += &format!("gpu  {} ({}; {})\n", adapter.name, adapter.kind, adapter.driver);
    }
    let hardware = adapters.iter().any(|adapter| adapter.kind != "software");
    let taken = if hardware { "GPU" } else { "CPU: no hardware GPU is here" };
    text += &format!("--engine auto takes the {taken}\n");
    if adapters.is_empty() {
        text +=
            "for --engine gpu, install a driver (Debian: apt-get install mesa-vulkan-drivers)\n";
    }
    terminal::print(&text)?;
    Ok(Outcome::Done)
}
