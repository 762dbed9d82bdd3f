//! Joins the WGSL of a model with the kernel.

use super::moment;
use crate::drive::Kernel;
use crate::model::{Model, Variant};
use crate::source::Sources;
use crate::tape::wgsl;

/// What every kernel has, besides its model.
const PARTS: [&str; 5] = [
    include_str!("../../../shaders/math.wgsl"),
    include_str!("../../../shaders/random.wgsl"),
    include_str!("../../../shaders/noise.wgsl"),
    include_str!("../../../shaders/stimulus.wgsl"),
    include_str!("../../../shaders/kernel.wgsl"),
];

/// The self-test's WGSL.
pub const SELF_TEST: &str = include_str!("../../../shaders/self_test.wgsl");

/// The entry point of the kernel.
pub const ENTRY_POINT: &str = "step_block";

/// The constants of a kernel.
pub fn constants(kernel: &Kernel, workgroup_size: u32, raster: bool) -> [(&'static str, f64); 6] {
    let yes = |is: bool| f64::from(u8::from(is));
    [
        ("workgroup_size", f64::from(workgroup_size)),
        ("plays", yes(kernel.plays)),
        ("noise_form", f64::from(kernel.noise as u32)),
        ("noise_shared", yes(kernel.shared)),
        ("draws", yes(kernel.draws)),
        ("record_raster", yes(raster)),
    ]
}

/// How many neurons one invocation steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PerInvocation {
    /// One: the many invocations that a graphics processor has under way hide each other's latency.
    One = 1,
    /// Two.
    Two = 2,
    /// Four: where a processor plays the device, an invocation runs alone, and the operations of one neuron
    /// would wait for each other. Measured on Mesa's software Vulkan against one neuron: noisy LIF 1.25
    /// times as fast, without noise 2.1 times, Hodgkin-Huxley 1.5 and 2.2 times.
    Four = 4,
}

/// The types of a value per lane.
pub fn types(lanes: PerInvocation) -> String {
    let named = [("Real", "f32"), ("Bits", "u32"), ("Ints", "i32"), ("Mask", "bool")];
    let alias = |(name, scalar): (&str, &str)| match lanes {
        PerInvocation::One => format!("alias {name} = {scalar};\n"),
        _ => format!("alias {name} = vec{}<{scalar}>;\n", lanes as usize),
    };
    named.into_iter().map(alias).collect()
}

/// The function that takes each lane's value from the signal that is played.
fn played(lanes: PerInvocation) -> String {
    let value = |lane: &str| format!("signal[indices{lane}]");
    let values = match lanes {
        PerInvocation::One => value(""),
        _ => ["[0]", "[1]", "[2]", "[3]"][..lanes as usize]
            .iter()
            .map(|lane| value(lane))
            .collect::<Vec<_>>()
            .join(", "),
    };
    format!("fn played(indices: Bits) -> Real {{\n    return Real({values});\n}}\n")
}

/// The steps of a model and of the sources that drive it as WGSL, printed.
pub fn steps(model: &Model, variant: Variant, sources: Option<&Sources>) -> String {
    let tape = model.dynamics.tape(variant);
    step(model, variant) + "\n" + &moment::print(&tape, sources)
}

/// The whole WGSL of a kernel. The printed step comes first, so that the line numbers of messages are its.
pub fn join(step: &str, lanes: PerInvocation) -> String {
    let mut text = step.to_owned();
    let of_lanes = [types(lanes), played(lanes)];
    for part in of_lanes.iter().map(String::as_str).chain(PARTS) {
        text.push('\n');
        text.push_str(part);
    }
    text
}

/// The step of a model as WGSL, with what the model is above it.
pub fn step(model: &Model, variant: Variant) -> String {
    let integrator = model.integrators.get(variant.integrator).map_or("", |i| i.name);
    let fine = if variant.fine { ", for steps within the reach of its polynomials" } else { "" };
    let mut about = format!("{}: {}\nIntegrator {integrator}{fine}.\n\n", model.name, model.about);
    model.equations.iter().for_each(|equation| about += &format!("    {equation}\n"));
    about += &format!("\n{}\n\nPrinted from the model: do not edit.", model.source);
    wgsl::print(&model.dynamics.tape(variant), &about)
}
