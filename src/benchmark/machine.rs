//! The machine that a benchmark ran on.

use serde::{Deserialize, Serialize};
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

/// Processor, memory, operating system.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Threads that it runs at once.
    pub threads: usize,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// The operating system with its version.
    pub system: String,
    /// The version of its kernel.
    pub kernel: String,
}

impl Machine {
    /// This one.
    pub fn this() -> Self {
        let kind = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        let told = System::new_with_specifics(kind).ok();
        let processor =
            told.as_ref().and_then(|system| Some(system.cpus().first()?.brand().trim()));
        Machine {
            processor: processor.unwrap_or(std::env::consts::ARCH).to_owned(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: told.as_ref().map_or(0, System::total_memory),
            system: System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.to_owned()),
            kernel: System::kernel_version().unwrap_or_default(),
        }
    }
}
