// What a device can do at best, for `loligo bench`: independent chains of one operation that stay in registers, and memory that
// is read and written once.
//
// Joined with the types of a value per lane, and with operate(x): sixteen times the operation on each of eight chains.

override workgroup_size: u32 = 64u;

struct Work {
    turns: u32,
    up: f32,   // a small number, and its negative: a compiler that knew them would add them up
    down: f32,
}

@group(0) @binding(0) var<uniform> work: Work;
@group(0) @binding(1) var<storage, read_write> values: array<Real>;

@compute @workgroup_size(workgroup_size)
fn compute(@builtin(global_invocation_id) id: vec3<u32>) {
    var chains = start(values[id.x]);
    for (var turn = 0u; turn < work.turns; turn++) {
        chains = operate(chains);
    }
    // Every chain is needed, so that none is left out.
    values[id.x] = chains.a + chains.b + chains.c + chains.d + chains.e + chains.f + chains.g + chains.h;
}

struct Chains {
    a: Real,
    b: Real,
    c: Real,
    d: Real,
    e: Real,
    f: Real,
    g: Real,
    h: Real,
}

fn start(x: Real) -> Chains {
    return Chains(x, x + 0.01, x + 0.02, x + 0.03, x + 0.04, x + 0.05, x + 0.06, x + 0.07);
}

// Each invocation's own values, so that all turns read and write all of it.
@compute @workgroup_size(workgroup_size)
fn stream(@builtin(global_invocation_id) id: vec3<u32>) {
    values[id.x] = values[id.x] + Real(1.0);
}
