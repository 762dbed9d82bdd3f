//! Chooses the engine: a real GPU where there is one, or all of them, else the CPU; a software device only when asked for.

use super::Engine;
use super::cpu;
use super::gpu::device::Device;
use super::gpu::{Cut, Gpu};
use super::several::Several;
use crate::error::{Error, Place, Problem};

/// Which engine a user asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Choice {
    /// A hardware GPU if there is one, else the CPU.
    #[default]
    Auto,
    /// A GPU, be it played by a processor (software Vulkan).
    Gpu,
    /// The CPU.
    Cpu,
}

/// Which GPUs a user asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Adapters<'a> {
    /// The most promising one.
    #[default]
    One,
    /// The one with this in its name.
    Named(&'a str),
    /// All of them at once, each with a part of the neurons.
    All,
}

impl Adapters<'_> {
    /// The flag that asks for them, if there is one.
    fn flag(self) -> Option<String> {
        match self {
            Adapters::One => None,
            Adapters::Named(name) => Some(format!("--adapter {name}")),
            Adapters::All => Some("--adapters all".into()),
        }
    }

    /// Opens them.
    fn open(self, software: bool, reason: String) -> Result<Box<dyn Engine>, Error> {
        let gpu = |device, reason| Box::new(Gpu::new(device, Cut::default(), reason));
        match self {
            Adapters::One => Ok(gpu(Device::open(None, software)?, reason)),
            Adapters::Named(name) => Ok(gpu(Device::open(Some(name), software)?, reason)),
            Adapters::All => {
                let mut devices = Device::open_all(software)?;
                if devices.len() == 1 {
                    return Ok(gpu(devices.remove(0), format!("{reason}, the only one")));
                }
                let engine = |device| -> Box<dyn Engine> { gpu(device, reason.clone()) };
                let engines = devices.into_iter().map(engine).collect();
                Ok(Box::new(Several::new(engines, reason.clone())))
            }
        }
    }
}

/// The precision a user asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Precision {
    /// Single precision.
    #[default]
    F32,
    /// Double precision: slower, on the CPU only.
    F64,
}

/// The engine for a choice.
///
/// # Errors
/// If there is no such GPU, or a GPU is asked for double precision.
pub fn choose(
    choice: Choice,
    adapters: Adapters<'_>,
    precision: Precision,
) -> Result<Box<dyn Engine>, Error> {
    let wants_cpu = choice == Choice::Cpu || precision == Precision::F64;
    if let Some(flag) = adapters.flag().filter(|_| wants_cpu) {
        let message = "an adapter is a GPU, but the CPU engine was asked for";
        let name = flag.split(' ').next().unwrap_or_default();
        let remedy = format!("leave {name} out, or use --engine gpu in f32");
        return Err(Problem::new(message, &Place::Flag(flag), remedy).into());
    }
    match (choice, precision) {
        (Choice::Gpu, Precision::F64) => Err(Problem::new(
            "the GPU engine computes in f32 only",
            &Place::Flag("--precision f64".into()),
            "use --engine cpu, or leave --precision out",
        )
        .into()),
        (Choice::Cpu, Precision::F64) => Ok(cpu::double("as asked for")),
        (Choice::Auto, Precision::F64) => Ok(cpu::double("only the CPU engine computes in f64")),
        (Choice::Cpu, Precision::F32) => Ok(cpu::single("as asked for")),
        (Choice::Gpu, Precision::F32) => adapters.open(true, "as asked for".into()),
        (Choice::Auto, Precision::F32) => match adapters {
            Adapters::Named(name) => adapters.open(true, format!("adapter `{name}` was asked for")),
            _ => match adapters.open(false, "a hardware GPU is here".into()) {
                Ok(engine) => Ok(engine),
                Err(Error::NoDevice(_)) => Ok(cpu::single("no hardware GPU is here")),
                // Of all that were asked for, one is broken.
                Err(error) if adapters == Adapters::All => Err(error),
                Err(error) => Ok(cpu::single(format!("the GPU cannot be used: {error}"))),
            },
        },
    }
}
