//! Chooses the engine: a real GPU where there is one, else the CPU; a software device only when
//! asked for.

use super::Engine;
use super::cpu;
use super::gpu::device::Device;
use super::gpu::{Cut, Gpu};
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

/// The engine for a choice; `adapter` is a part of the name of a GPU.
///
/// # Errors
/// If there is no such GPU, or a GPU is asked for double precision.
pub fn choose(
    choice: Choice,
    adapter: Option<&str>,
    precision: Precision,
) -> Result<Box<dyn Engine>, Error> {
    let gpu = |software, reason: String| -> Result<Box<dyn Engine>, Error> {
        Ok(Box::new(Gpu::new(Device::open(adapter, software)?, Cut::default(), reason)))
    };
    if let (Some(name), true) = (adapter, choice == Choice::Cpu || precision == Precision::F64) {
        let place = Place::Flag(format!("--adapter {name}"));
        let message = "an adapter is a GPU, but the CPU engine was asked for";
        let remedy = "leave --adapter out, or use --engine gpu in f32";
        return Err(Problem::new(message, &place, remedy).into());
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
        (Choice::Gpu, Precision::F32) => gpu(true, "as asked for".into()),
        (Choice::Auto, Precision::F32) => match adapter {
            Some(name) => gpu(true, format!("adapter `{name}` was asked for")),
            None => match gpu(false, "a hardware GPU is here".into()) {
                Ok(engine) => Ok(engine),
                Err(Error::NoDevice(_)) => Ok(cpu::single("no hardware GPU is here")),
                Err(error) => Ok(cpu::single(format!("the GPU cannot be used: {error}"))),
            },
        },
    }
}
