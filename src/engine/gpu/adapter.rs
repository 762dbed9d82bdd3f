//! The graphics adapters of the system: listed, and found by name.

use super::hardware;
use crate::error::Error;

/// A graphics adapter, as the system lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The device's name.
    pub name: String,
    /// `discrete`, `integrated`, `virtual`, `software` or `other`.
    pub kind: &'static str,
    /// Graphics interface and driver.
    pub driver: String,
}

fn instance() -> wgpu::Instance {
    wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::PRIMARY,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    })
}

fn adapters() -> Vec<wgpu::Adapter> {
    let mut adapters = pollster::block_on(instance().enumerate_adapters(wgpu::Backends::PRIMARY));
    adapters.sort_by_key(|adapter| match adapter.get_info().device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    });
    adapters
}

/// What is told of an adapter.
pub(super) fn listed(info: &wgpu::AdapterInfo) -> Listed {
    let kind = match info.device_type {
        wgpu::DeviceType::DiscreteGpu => "discrete",
        wgpu::DeviceType::IntegratedGpu => "integrated",
        wgpu::DeviceType::VirtualGpu => "virtual",
        wgpu::DeviceType::Cpu => "software",
        wgpu::DeviceType::Other => "other",
    };
    let driver = format!("{:?}, {} {}", info.backend, info.driver, info.driver_info);
    Listed { name: info.name.clone(), kind, driver: driver.trim().to_owned() }
}

/// All adapters of the system, the most promising first.
pub fn list() -> Vec<Listed> {
    adapters().iter().map(|adapter| listed(&adapter.get_info())).collect()
}

/// The adapter that would be taken for a name, if there is one; a software device only if `software` allows it.
pub fn found(name: Option<&str>, software: bool) -> Option<Listed> {
    find(name, software).ok().map(|adapter| listed(&adapter.get_info()))
}

/// All hardware adapters; those that software plays where there are no others, if `software` allows it. Of several interfaces
/// to the same devices, that of the most promising.
///
/// # Errors
/// If there is none.
pub(super) fn all(software: bool) -> Result<Vec<wgpu::Adapter>, Error> {
    let first = find(None, software)?.get_info();
    let is_played = |info: &wgpu::AdapterInfo| info.device_type == wgpu::DeviceType::Cpu;
    let mut adapters = adapters();
    adapters.retain(|adapter| {
        let info = adapter.get_info();
        info.backend == first.backend && is_played(&info) == is_played(&first)
    });
    Ok(adapters)
}

/// The most promising adapter of this name, else the most promising whose name has `name` in it (any,
/// without a name). Software devices are taken only if `software` allows it.
///
/// # Errors
/// If there is none.
pub(super) fn find(name: Option<&str>, software: bool) -> Result<wgpu::Adapter, Error> {
    if name.is_none() && !software && !hardware::may_be_here() {
        return Err(Error::NoDevice("there is no hardware GPU".into()));
    }
    let wanted = name.unwrap_or_default().to_lowercase();
    let mut adapters = adapters();
    let allowed = |adapter: &wgpu::Adapter| {
        let info = adapter.get_info();
        software || info.device_type != wgpu::DeviceType::Cpu
    };
    let named = |adapter: &wgpu::Adapter| adapter.get_info().name.to_lowercase();
    let exact = adapters.iter().position(|adapter| allowed(adapter) && named(adapter) == wanted);
    let part = || adapters.iter().position(|a| allowed(a) && named(a).contains(&wanted));
    if let Some(index) = exact.or_else(part) {
        return Ok(adapters.swap_remove(index));
    }
    let names = adapters.iter().map(|adapter| format!("`{}`", adapter.get_info().name));
    let present = names.collect::<Vec<_>>().join(", ");
    Err(Error::NoDevice(match (name, present.as_str()) {
        (_, "") => "there is no GPU adapter; use --engine cpu, or install a graphics driver \
                (Mesa's software Vulkan on Debian: apt-get install mesa-vulkan-drivers)"
            .into(),
        (Some(name), _) => format!("no GPU adapter is named `{name}`; there is {present}"),
        (None, _) => format!("there is no hardware GPU; there is {present}"),
    }))
}
