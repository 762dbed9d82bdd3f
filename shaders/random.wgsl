// A neuron's own random stream: uniform and normal deviates.
//
// Twin: src/random.rs and src/real.rs, where the choice, the polynomials and their error bounds
// are told. The built-in log, sin and cos are not used: WGSL lets them err by 2^-11.

// xoshiro128++ (Blackman and Vigna 2021).
struct Stream {
    s0: u32,
    s1: u32,
    s2: u32,
    s3: u32,
}

fn next_u32(stream: ptr<function, Stream>) -> u32 {
    let s = *stream;
    let sum = s.s0 + s.s3;
    let bits = ((sum << 7u) | (sum >> 25u)) + s.s0;
    let s2 = s.s2 ^ s.s0;
    let s3 = s.s3 ^ s.s1;
    *stream = Stream(s.s0 ^ s3, s.s1 ^ s2, s2 ^ (s.s1 << 9u), (s3 << 11u) | (s3 >> 21u));
    return bits;
}

// -2 ln(u) of the uniform deviate u = (2 floor(bits / 4) + 1) / 2^31.
fn radius_squared(bits: u32) -> f32 {
    let odd = f32(i32((bits >> 1u) | 1u));
    let above = bitcast<u32>(odd) - 0x4eb504f3u; // sqrt(1/2) 2^31
    let e = f32(bitcast<i32>(above) >> 23u);
    let f = bitcast<f32>((above & 0x007fffffu) + 0x3f3504f3u) - 1.0;
    var p = -0.23792219;
    p = fma(p, f, 0.3733571);
    p = fma(p, f, -0.40992657);
    p = fma(p, f, 0.49819488);
    p = fma(p, f, -0.66629018);
    p = fma(p, f, 1.0000223);
    p = fma(p, f, -2.000002);
    return fma(e, -1.3862944, f * p);
}

// A point on the unit circle, uniformly distributed.
fn direction(bits: u32) -> vec2<f32> {
    let t = bitcast<f32>((bits & 0x007fffffu) | 0x40000000u) - 3.0;
    let t2 = t * t;
    var s = 0.0024271225;
    s = fma(s, t2, -0.08071402);
    s = fma(s, t2, 0.78539424) * t;
    var c = -3.188805e-4;
    c = fma(c, t2, 0.015849916);
    c = fma(c, t2, -0.30842426);
    c = fma(c, t2, 0.99999997);
    c = bitcast<f32>(bitcast<u32>(c) ^ (bits & 0x80000000u));
    return select(vec2(s, c), vec2(c, s), (bits & 0x40000000u) == 0u);
}

// Two independent standard normal deviates in polar coordinates (Box and Muller 1958): they are
// radius * direction. A factor of both is applied once, to the radius.
struct NormalPair {
    radius: f32,
    direction: vec2<f32>,
}

fn normal_pair(stream: ptr<function, Stream>) -> NormalPair {
    let radius_bits = next_u32(stream);
    let angle_bits = next_u32(stream);
    return NormalPair(sqrt(radius_squared(radius_bits)), direction(angle_bits));
}
