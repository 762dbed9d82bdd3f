//! What the system tells of a device while it works: clock, power, temperature, and whether it is held back.
//!
//! NVIDIA's library is loaded where it is there; other devices are read from sysfs: amdgpu's hwmon, the energy counters of
//! processors (RAPL), their clocks and counts of throttling. What is not told, or not to everyone, is left open.

use std::path::{Path, PathBuf};

use nvml_wrapper::Nvml;
use nvml_wrapper::enum_wrappers::device::{Clock, TemperatureSensor};
use serde::{Deserialize, Serialize};

/// What the system tells at a moment; all that it does not tell is open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Clock in MHz; of a processor the mean over its cores.
    pub clock_mhz: Option<f64>,
    /// Power in W.
    pub power_w: Option<f64>,
    /// A counter of energy in J.
    pub energy_j: Option<f64>,
    /// Temperature in degrees Celsius.
    pub temperature_c: Option<f64>,
    /// Why the device is held back, in the words of its driver; empty if it is not.
    pub held_back: Option<Vec<String>>,
    /// How often a processor has been throttled since it was started.
    pub throttled: Option<u64>,
}

/// The sensors of a device.
#[derive(Debug)]
pub struct Sensors {
    source: Source,
    /// What could be told but is not, and why.
    pub notes: Vec<String>,
}

#[derive(Debug)]
enum Source {
    /// An NVIDIA card, by its address on the bus.
    Nvidia(Box<Nvml>, String),
    /// The folder of a hwmon in sysfs.
    Hwmon(PathBuf),
    /// The processor, with the folder that holds `sys` and `proc`.
    Processor(PathBuf),
    /// Nothing is told.
    None,
}

impl Sensors {
    /// The sensors of a graphics device with this address on the bus, as `0000:01:00.0`.
    pub fn graphics(bus: &str) -> Self {
        Sensors::of_graphics(bus, Path::new("/"))
    }

    /// The sensors of the processor.
    pub fn processor() -> Self {
        Sensors::of_processor(Path::new("/"))
    }

    fn of_graphics(bus: &str, root: &Path) -> Self {
        let silent = |notes| Sensors { source: Source::None, notes };
        if bus.is_empty() {
            return silent(Vec::new());
        }
        let hwmon = root.join("sys/bus/pci/devices").join(bus).join("hwmon");
        let inner = std::fs::read_dir(hwmon).ok().and_then(|mut inner| inner.next()?.ok());
        if let Some(hwmon) = inner {
            return Sensors { source: Source::Hwmon(hwmon.path()), notes: Vec::new() };
        }
        match Nvml::init() {
            Ok(nvml) if nvml.device_by_pci_bus_id(bus).is_ok() => Sensors {
                source: Source::Nvidia(Box::new(nvml), bus.to_owned()),
                notes: Vec::new(),
            },
            Ok(_) => silent(vec![format!("NVIDIA's library knows no device at {bus}")]),
            Err(error) => silent(vec![format!("no sensors of the device at {bus}: {error}")]),
        }
    }

    fn of_processor(root: &Path) -> Self {
        let denied = energy_files(root).into_iter().find_map(|file| {
            let error = std::fs::read_to_string(&file).err()?;
            Some(format!("the processor's energy is not told: {}: {error}", file.display()))
        });
        let notes = denied.into_iter().collect();
        Sensors { source: Source::Processor(root.to_owned()), notes }
    }

    /// What they tell now.
    pub fn read(&self) -> Reading {
        match &self.source {
            Source::Nvidia(nvml, bus) => of_nvidia(nvml, bus),
            Source::Hwmon(folder) => of_hwmon(folder),
            Source::Processor(root) => of_processor(root),
            Source::None => Reading::default(),
        }
    }
}

fn of_nvidia(nvml: &Nvml, bus: &str) -> Reading {
    let Ok(device) = nvml.device_by_pci_bus_id(bus) else { return Reading::default() };
    let milli = |value: f64| value * 1e-3;
    let held_back = device.current_throttle_reasons().ok().map(|reasons| {
        let names = reasons.iter_names().map(|(name, _)| name.to_lowercase());
        // A device that has nothing to do is not held back.
        names.filter(|name| !["gpu_idle", "none"].contains(&name.as_str())).collect()
    });
    Reading {
        clock_mhz: device.clock_info(Clock::SM).ok().map(f64::from),
        power_w: device.power_usage().ok().map(|power| milli(f64::from(power))),
        energy_j: device.total_energy_consumption().ok().map(|energy| milli(energy as f64)),
        temperature_c: device.temperature(TemperatureSensor::Gpu).ok().map(f64::from),
        held_back,
        throttled: None,
    }
}

/// The first number of a file.
fn number(file: &Path) -> Option<f64> {
    std::fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// See the kernel's documentation, hwmon/sysfs-interface: uW, uJ, Hz, thousandths of a degree.
fn of_hwmon(folder: &Path) -> Reading {
    let of = |name: &str, unit: f64| number(&folder.join(name)).map(|value| value * unit);
    Reading {
        clock_mhz: of("freq1_input", 1e-6),
        power_w: of("power1_average", 1e-6).or_else(|| of("power1_input", 1e-6)),
        energy_j: of("energy1_input", 1e-6),
        temperature_c: of("temp1_input", 1e-3),
        ..Reading::default()
    }
}

fn of_processor(root: &Path) -> Reading {
    let energies: Vec<_> = energy_files(root).iter().map(|file| number(file)).collect();
    let energy: Option<f64> = energies.into_iter().sum();
    let cores = cores(root);
    let clocks: Vec<f64> = cores
        .iter()
        .filter_map(|core| number(&core.join("cpufreq/scaling_cur_freq")))
        .map(|kilohertz| kilohertz * 1e-3)
        .collect();
    let clocks = if clocks.is_empty() { told_clocks(root) } else { clocks };
    let count = |core: &PathBuf| number(&core.join("thermal_throttle/package_throttle_count"));
    let throttled: Vec<f64> = cores.iter().filter_map(count).collect();
    Reading {
        clock_mhz: (!clocks.is_empty()).then(|| clocks.iter().sum::<f64>() / clocks.len() as f64),
        energy_j: energy.filter(|energy| *energy > 0.0).map(|micro| micro * 1e-6),
        throttled: (!throttled.is_empty()).then(|| throttled.iter().sum::<f64>() as u64),
        ..Reading::default()
    }
}

/// The counters of energy of the packages in uJ.
fn energy_files(root: &Path) -> Vec<PathBuf> {
    let zones = entries(&root.join("sys/class/powercap"));
    let is_package = |zone: &PathBuf| {
        let name = std::fs::read_to_string(zone.join("name")).unwrap_or_default();
        name.starts_with("package")
    };
    zones.into_iter().filter(is_package).map(|zone| zone.join("energy_uj")).collect()
}

/// The folders of the cores.
fn cores(root: &Path) -> Vec<PathBuf> {
    let is_core = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.strip_prefix("cpu").is_some_and(|rest| rest.parse::<u32>().is_ok())
    };
    entries(&root.join("sys/devices/system/cpu")).into_iter().filter(is_core).collect()
}

/// The clocks that `/proc/cpuinfo` tells.
fn told_clocks(root: &Path) -> Vec<f64> {
    let text = std::fs::read_to_string(root.join("proc/cpuinfo")).unwrap_or_default();
    let lines = text.lines().filter(|line| line.starts_with("cpu MHz"));
    lines.filter_map(|line| line.split(':').nth(1)?.trim().parse().ok()).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths
}

/// Whether a device was held back between two readings, or its arithmetic got slower, by more than `tolerance`: in words.
pub fn held_back(readings: [&Reading; 2], operations_per_s: [f64; 2]) -> Option<String> {
    /// What a rate may differ by in two measurements of a device that is alone.
    const TOLERANCE: f64 = 0.9;
    let [before, after] = readings;
    let reasons: Vec<&str> = [before, after]
        .iter()
        .flat_map(|reading| reading.held_back.iter().flatten())
        .map(String::as_str)
        .collect();
    if let Some(reason) = reasons.first() {
        return Some(format!("its driver says {reason}"));
    }
    if let (Some(before), Some(after)) = (before.throttled, after.throttled)
        && after > before
    {
        return Some(format!("the processor was throttled {} times", after - before));
    }
    let [first, last] = operations_per_s;
    (last < TOLERANCE * first).then(|| {
        format!(
            "its arithmetic had {:.2} of the speed at the end that it had at first",
            last / first
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that looks like `/` of a machine.
    fn root(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn a_processor_is_read_from_sysfs() {
        let root = root(&[
            ("sys/class/powercap/intel-rapl:0/name", "package-0\n"),
            ("sys/class/powercap/intel-rapl:0/energy_uj", "3000000\n"),
            ("sys/class/powercap/intel-rapl:0:0/name", "core\n"),
            ("sys/class/powercap/intel-rapl:0:0/energy_uj", "2000000\n"),
            ("sys/class/powercap/intel-rapl:1/name", "package-1\n"),
            ("sys/class/powercap/intel-rapl:1/energy_uj", "1500000\n"),
            ("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "3000000\n"),
            ("sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "2000000\n"),
            ("sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq", "1\n"),
            ("sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count", "4\n"),
        ]);
        let sensors = Sensors::of_processor(root.path());
        let reading = sensors.read();
        assert_eq!(reading.energy_j, Some(4.5));
        assert_eq!((reading.clock_mhz, reading.throttled), (Some(2500.0), Some(4)));
        assert!(sensors.notes.is_empty(), "{:?}", sensors.notes);
    }

    #[test]
    fn without_cpufreq_the_clock_is_that_of_cpuinfo_and_a_counter_nobody_may_read_is_told() {
        let root = root(&[
            ("proc/cpuinfo", "processor\t: 0\ncpu MHz\t\t: 2000.5\ncpu MHz\t\t: 2100.5\n"),
            ("sys/class/powercap/intel-rapl:0/name", "package-0\n"),
            // A folder in its place cannot be read either, not even by root.
            ("sys/class/powercap/intel-rapl:0/energy_uj/x", ""),
        ]);
        let sensors = Sensors::of_processor(root.path());
        let reading = sensors.read();
        assert_eq!((reading.clock_mhz, reading.energy_j), (Some(2050.5), None));
        assert!(sensors.notes[0].contains("energy is not told"), "{:?}", sensors.notes);
    }

    #[test]
    fn a_card_is_read_from_its_hwmon() {
        let card = "sys/bus/pci/devices/0000:03:00.0/hwmon/hwmon5";
        let files = [
            ("freq1_input", "1700000000"),
            ("power1_average", "150000000\n"),
            ("temp1_input", "61000"),
        ];
        let files = files.map(|(name, text)| (format!("{card}/{name}"), text));
        let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
        let root = root(&files);
        let reading = Sensors::of_graphics("0000:03:00.0", root.path()).read();
        let expected = (Some(1700.0), Some(150.0), Some(61.0));
        assert_eq!((reading.clock_mhz, reading.power_w, reading.temperature_c), expected);
        // A device whose address is not told, and one that nothing is told of.
        assert_eq!(Sensors::of_graphics("", root.path()).read(), Reading::default());
        let none = Sensors::of_graphics("0000:09:00.0", root.path());
        assert_eq!((none.read(), none.notes.len()), (Reading::default(), 1));
    }

    #[test]
    fn a_device_that_is_held_back_is_told() {
        let calm = Reading::default();
        assert_eq!(held_back([&calm, &calm], [100.0, 95.0]), None);
        let slower = held_back([&calm, &calm], [100.0, 80.0]).unwrap();
        assert!(slower.contains("0.80"), "{slower}");
        let hot = Reading { held_back: Some(vec!["hw_thermal_slowdown".into()]), ..calm.clone() };
        assert!(held_back([&calm, &hot], [1.0, 1.0]).unwrap().contains("hw_thermal_slowdown"));
        let counts = [4, 6].map(|count| Reading { throttled: Some(count), ..calm.clone() });
        assert!(held_back([&counts[0], &counts[1]], [1.0, 1.0]).unwrap().contains("2 times"));
    }
}
