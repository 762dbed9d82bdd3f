//! Memory that is free, and what does not fit it: refused before it is asked for.

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use crate::error::Error;

/// Share of the free memory that is used at most.
pub const SHARE: f64 = 0.9;

/// Refuses what takes more bytes than are free. Where the system does not tell, nothing is refused.
///
/// # Errors
/// If it does not fit.
pub fn check(bytes: f64, what: impl FnOnce() -> String, remedy: &str) -> Result<(), Error> {
    /// So little is always there.
    const ALWAYS: f64 = 1e8;
    if bytes < ALWAYS {
        return Ok(());
    }
    let Some(free) = free() else { return Ok(()) };
    let available = SHARE * free as f64;
    if bytes <= available {
        return Ok(());
    }
    Err(Error::TooLarge {
        what: what(),
        needed: format!("about {} of memory", size(bytes)),
        available: format!("there is {} of memory", size(available)),
        remedy: remedy.to_owned(),
    })
}

/// A size in words.
pub fn size(bytes: f64) -> String {
    match bytes / f64::from(1 << 20) {
        mib if mib < 1024.0 => format!("{:.0} MiB", mib.max(1.0)),
        mib => format!("{:.1} GiB", mib / 1024.0),
    }
}

/// Memory that is free: of the machine, of the group of processes that this one is in, and of what it may address.
pub fn free() -> Option<u64> {
    let refresh = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(refresh).ok()?;
    let of_machine = Some(system.available_memory()).filter(|free| *free > 0);
    let of_group = system.cgroup_limits().map(|limits| limits.free_memory);
    [of_machine, of_group, addressable()].into_iter().flatten().min()
}

/// What is left of the memory that a process may address (`ulimit -v`), where that is limited.
#[cfg(target_os = "linux")]
fn addressable() -> Option<u64> {
    let most = rustix::process::getrlimit(rustix::process::Resource::As).current?;
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let used = pages.split(' ').next()?.parse::<u64>().ok()? * rustix::param::page_size() as u64;
    Some(most.saturating_sub(used))
}

#[cfg(not(target_os = "linux"))]
fn addressable() -> Option<u64> {
    None
}
