// Counts loop iterations, nested as in kernel.wgsl. Some drivers end loops early, without a word:
// a device whose count is short must not be used. Both lengths come from the host, so that no
// compiler can unroll or fold the loops.

// Before: the number of turns of the outer and of the inner loop. After: all turns of the inner.
@group(0) @binding(0) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(1)
fn count_iterations() {
    let outer_turns = words[0];
    let inner_turns = words[1];
    var counted = 0u;
    for (var outer = 0u; outer < outer_turns; outer++) {
        for (var inner = 0u; inner < inner_turns; inner++) {
            counted += select(1u, 2u, counted == 0xffffffffu);
        }
    }
    words[0] = counted;
}
