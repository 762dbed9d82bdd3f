//! Joins the WGSL of a model with the kernel.

use crate::model::Model;

/// What every kernel has, besides its model.
const PARTS: [&str; 4] = [
    include_str!("../../../shaders/random.wgsl"),
    include_str!("../../../shaders/noise.wgsl"),
    include_str!("../../../shaders/stimulus.wgsl"),
    include_str!("../../../shaders/kernel.wgsl"),
];

/// The self-test's WGSL.
pub const SELF_TEST: &str = include_str!("../../../shaders/self_test.wgsl");

/// The entry point of the kernel.
pub const ENTRY_POINT: &str = "step_block";

/// The whole WGSL of a model's kernel. The model's file comes first, so that the line numbers of
/// messages are that file's.
pub fn join(model: &Model) -> String {
    let mut text = model.wgsl.to_owned();
    for part in PARTS {
        text.push('\n');
        text.push_str(part);
    }
    text
}
