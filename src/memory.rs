//! Memory that is free, and what does not fit it: refused before it is asked for.

pub mod needs;

use std::fs;
use std::path::Path;

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
    [of_machine, in_groups(Path::new("/")), addressable()].into_iter().flatten().min()
}

/// What is free in the groups of processes that this one is in (cgroups, of the second version or the first), where their
/// memory is limited; `root` is that of the file system.
fn in_groups(root: &Path) -> Option<u64> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let free = groups.lines().filter_map(|line| {
        let (_, controllers, path) = {
            let mut fields = line.splitn(3, ':');
            (fields.next()?, fields.next()?, fields.next()?)
        };
        let (mount, names) = match controllers {
            "" => ("sys/fs/cgroup", ["memory.max", "memory.current", "inactive_file "]),
            list if list.split(',').any(|name| name == "memory") => (
                "sys/fs/cgroup/memory",
                ["memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "],
            ),
            _ => return None,
        };
        // A group is limited by those above it, too; in a container, its path may be that outside.
        let path = Path::new(path.trim_start_matches('/'));
        let above = path.ancestors().map(|above| root.join(mount).join(above));
        above.filter_map(|group| in_group(&group, names)).min()
    });
    free.min()
}

/// What is free in a group, where that is limited; what the system only keeps of files is.
fn in_group(group: &Path, [most, used, kept]: [&str; 3]) -> Option<u64> {
    let number = |name: &str| fs::read_to_string(group.join(name)).ok()?.trim().parse::<u64>().ok();
    let (most, used) = (number(most)?, number(used)?);
    let told = fs::read_to_string(group.join("memory.stat")).unwrap_or_default();
    let kept = told.lines().find_map(|line| line.strip_prefix(kept)?.parse::<u64>().ok());
    Some(most.saturating_sub(used.saturating_sub(kept.unwrap_or(0))))
}

/// What is left of the memory that a process may address (`ulimit -v`), where that is limited.
#[cfg(target_os = "linux")]
fn addressable() -> Option<u64> {
    let most = rustix::process::getrlimit(rustix::process::Resource::As).current?;
    let pages = fs::read_to_string("/proc/self/statm").ok()?;
    let used = pages.split(' ').next()?.parse::<u64>().ok()? * rustix::param::page_size() as u64;
    Some(most.saturating_sub(used))
}

#[cfg(not(target_os = "linux"))]
fn addressable() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_looked_at_up_to_the_root() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let free = || in_groups(folder.path());
        assert_eq!(free(), None);
        // The second version: the group above is the narrow one.
        write("proc/self/cgroup", "0::/job/step\n");
        assert_eq!(free(), None);
        write("sys/fs/cgroup/job/step/memory.max", "max\n");
        write("sys/fs/cgroup/job/step/memory.current", "10\n");
        assert_eq!(free(), None);
        write("sys/fs/cgroup/job/memory.max", "1000\n");
        write("sys/fs/cgroup/job/memory.current", "300\n");
        assert_eq!(free(), Some(700));
        write("sys/fs/cgroup/job/memory.stat", "anon 200\ninactive_file 100\nactive_file 9\n");
        assert_eq!(free(), Some(800));
        // In a container, the path is one outside of it.
        write("proc/self/cgroup", "0::/elsewhere\n");
        write("sys/fs/cgroup/memory.max", "50\n");
        write("sys/fs/cgroup/memory.current", "70\n");
        assert_eq!(free(), Some(0));
        // The first version.
        write("proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/a\n1:name=systemd:/b\n");
        assert_eq!(free(), None);
        write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "5000");
        write("sys/fs/cgroup/memory/a/memory.usage_in_bytes", "1000");
        write("sys/fs/cgroup/memory/a/memory.stat", "inactive_file 1\ntotal_inactive_file 400\n");
        assert_eq!(free(), Some(4400));
    }
}
