// Counts loop iterations, nested as in kernel.wgsl. Some drivers end loops early, without a word:
// a device whose count is short must not be used.

@group(0) @binding(0) var<storage, read_write> count: array<u32>;

@compute @workgroup_size(1)
fn count_iterations() {
    let wanted = count[0];
    var counted = 0u;
    for (var outer = 0u; outer < wanted / 16u; outer++) {
        for (var inner = 0u; inner < 16u; inner++) {
            // A step that depends on the last one, so that the loops are not folded away.
            counted += select(1u, 2u, (counted & 1u) == 1u && count[1] == 1u);
        }
    }
    count[0] = counted;
}
