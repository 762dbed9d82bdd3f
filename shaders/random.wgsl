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

// ln(u) of the uniform deviate u = (bits + 1/2) / 2^32.
fn ln_uniform(bits: u32) -> f32 {
    let u = f32(bits) * (1.0 / 4294967296.0) + (0.5 / 4294967296.0);
    let above = bitcast<u32>(u) - 0x3f3504f3u; // sqrt(1/2)
    let e = f32(bitcast<i32>(above) >> 23u);
    let f = bitcast<f32>((above & 0x007fffffu) + 0x3f3504f3u) - 1.0;
    var p = -0.10106894;
    p = fma(p, f, 0.16222579);
    p = fma(p, f, -0.1725083);
    p = fma(p, f, 0.19900166);
    p = fma(p, f, -0.24969909);
    p = fma(p, f, 0.3333506);
    p = fma(p, f, -0.50000365);
    p = fma(p, f, 0.99999994);
    return fma(e, 0.6931472, f * p);
}

// A point on the unit circle, uniformly distributed.
fn direction(bits: u32) -> vec2<f32> {
    let t = f32(bitcast<i32>(bits << 2u)) * (1.0 / 2147483648.0);
    let t2 = t * t;
    var s = -3.595451e-5;
    s = fma(s, t2, 0.002490007);
    s = fma(s, t2, -0.080745436);
    s = fma(s, t2, 0.7853982) * t;
    var c = -3.188805e-4;
    c = fma(c, t2, 0.015849916);
    c = fma(c, t2, -0.30842426);
    c = fma(c, t2, 0.99999997);
    c = bitcast<f32>(bitcast<u32>(c) ^ (bits & 0x80000000u));
    return select(vec2(s, c), vec2(c, s), (bits & 0x40000000u) == 0u);
}

// Two independent standard normal deviates (Box and Muller 1958).
fn normal_pair(stream: ptr<function, Stream>) -> vec2<f32> {
    let radius_bits = next_u32(stream);
    let angle_bits = next_u32(stream);
    return sqrt(max(-2.0 * ln_uniform(radius_bits), 0.0)) * direction(angle_bits);
}
