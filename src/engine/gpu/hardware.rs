//! Whether a machine has graphics hardware at all, as its system tells without any driver.

use std::path::Path;

/// Whether there may be a graphics device in hardware. Where there is none, loading the drivers only to learn that takes
/// longer than many a run (50 ms with Mesa's software Vulkan).
pub fn may_be_here() -> bool {
    /// Drivers that somebody names are looked at in any case.
    const NAMED: [&str; 3] = ["VK_DRIVER_FILES", "VK_ADD_DRIVER_FILES", "VK_ICD_FILENAMES"];
    !cfg!(target_os = "linux")
        || NAMED.iter().any(|name| std::env::var_os(name).is_some())
        || is_under(Path::new("/"))
}

/// Whether Linux tells of graphics hardware, in the folders below a root: by a node of its driver (DRM, NVIDIA, Tegra, WSL,
/// Adreno, Mali, PowerVR), or by a display controller on the bus, whose driver may not be loaded yet.
fn is_under(root: &Path) -> bool {
    const NODES: [&str; 7] = ["dri", "nvidia", "nvhost", "dxg", "kgsl", "mali", "pvr"];
    /// The class of display controllers on the PCI bus.
    const DISPLAY: &str = "0x03";
    let names = |folder: &str| {
        let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned())
    };
    let bus = "sys/bus/pci/devices";
    let is_display = |device: String| {
        let class = std::fs::read_to_string(root.join(bus).join(device).join("class"));
        class.is_ok_and(|class| class.starts_with(DISPLAY))
    };
    names("dev").any(|name| NODES.iter().any(|node| name.starts_with(node)))
        || names(bus).any(is_display)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn hardware_is_known_by_its_nodes_or_on_the_bus() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        assert!(!is_under(root));
        let device = root.join("sys/bus/pci/devices/0000:00:02.0");
        fs::create_dir_all(&device).unwrap();
        fs::create_dir_all(root.join("dev")).unwrap();
        fs::write(root.join("dev/null"), "").unwrap();
        // A network controller.
        fs::write(device.join("class"), "0x020000\n").unwrap();
        assert!(!is_under(root));
        fs::write(device.join("class"), "0x030200\n").unwrap();
        assert!(is_under(root));
        fs::remove_file(device.join("class")).unwrap();
        for node in ["dri", "nvidia0", "nvhost-gpu", "dxg", "kgsl-3d0", "mali0", "pvr_sync"] {
            let node = root.join("dev").join(node);
            fs::write(&node, "").unwrap();
            assert!(is_under(root), "{node:?}");
            fs::remove_file(node).unwrap();
        }
        assert!(!is_under(root));
    }
}
