//! How neurons are cut up for a device.

use super::shader::PerInvocation;

/// How neurons are cut up for the device, and their raster comes back; the results do not depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// Invocations of a workgroup.
    pub workgroup_size: u32,
    /// Neurons of an invocation; the engine chooses if none is given.
    pub lanes: Option<PerInvocation>,
    /// Most neurons of a shard, besides what the device's limits allow.
    pub most_neurons: usize,
    /// Whether the raster is copied for the host, as on hardware, even where the host can read what the kernel has written;
    /// and sums are taken where the raster is, since that is a long way.
    pub copied: bool,
}

impl Default for Cut {
    fn default() -> Self {
        Cut { workgroup_size: 64, lanes: None, most_neurons: usize::MAX, copied: false }
    }
}
