// A neuron's own random stream: uniform, normal and exponential deviates.
//
// Twin: src/random.rs and src/real/single.rs, where the choice, the polynomials and their error bounds
// are told. The built-in log, sin and cos are not used: WGSL lets them err by 2^-11.

// xoshiro128++ (Blackman and Vigna 2021).
struct Stream {
    s0: Bits,
    s1: Bits,
    s2: Bits,
    s3: Bits,
}

fn rotate_left(bits: Bits, by: u32) -> Bits {
    return (bits << Bits(by)) | (bits >> Bits(32u - by));
}

fn next_bits(stream: ptr<function, Stream>) -> Bits {
    let s = *stream;
    let bits = rotate_left(s.s0 + s.s3, 7u) + s.s0;
    let s2 = s.s2 ^ s.s0;
    let s3 = s.s3 ^ s.s1;
    *stream = Stream(s.s0 ^ s3, s.s1 ^ s2, s2 ^ (s.s1 << Bits(9u)), rotate_left(s3, 11u));
    return bits;
}

// -2 ln(u) of the uniform deviate u = 1 - (2 floor(bits / 2) + 1) / 2^31, without the highest bit.
fn radius_squared(bits: Bits) -> Real {
    // Negative, since signed integers convert faster.
    let odd = Real(bitcast<Ints>(bits | Bits(0x80000001u)));
    let above = bitcast<Bits>(odd) - Bits(0xceb504f3u); // -sqrt(1/2) 2^31
    let e = Real(bitcast<Ints>(above) >> Bits(23u));
    let f = bitcast<Real>((above & Bits(0x007fffffu)) + Bits(0x3f3504f3u)) - 1.0;
    var p = Real(0.28584155);
    p = fma(p, f, Real(-0.44111875));
    p = fma(p, f, Real(0.5080654));
    p = fma(p, f, Real(-0.6651605));
    p = fma(p, f, Real(0.9998044));
    p = fma(p, f, Real(-2.000009));
    return fma(e, Real(-1.3862944), f * p);
}

// Two independent standard normal deviates in polar coordinates (Box and Muller 1958): they are
// radius * cos and radius * sin. A factor of both is applied once, to the radius.
struct NormalPair {
    radius: Real,
    cos: Real,
    sin: Real,
}

// The two random words of two steps.
struct Words {
    radius: Bits,
    angle: Bits,
}

fn next_words(stream: ptr<function, Stream>) -> Words {
    let radius = next_bits(stream);
    return Words(radius, next_bits(stream));
}

fn normal_pair(words: Words) -> NormalPair {
    let radius = sqrt(radius_squared(words.radius));
    // A point on the unit circle, uniformly distributed.
    let bits = words.angle;
    let t = bitcast<Real>((bits & Bits(0x007fffffu)) | Bits(0x40000000u)) - 3.0;
    let t2 = t * t;
    var s = Real(0.0024271225);
    s = fma(s, t2, Real(-0.08071402));
    s = fma(s, t2, Real(0.78539424)) * t;
    var c = Real(0.015371815);
    c = fma(c, t2, Real(-0.3082451));
    c = fma(c, t2, Real(0.99999003));
    c = bitcast<Real>(bitcast<Bits>(c) ^ (bits & Bits(0x80000000u)));
    let straight = (bits & Bits(0x40000000u)) == Bits(0u);
    return NormalPair(radius, select(s, c, straight), select(c, s, straight));
}

// A random odd number below 2^14 for each of the two steps, of whose bits the normal deviates know in their
// last digits only.
fn early_odd(words: Words) -> Bits {
    return (words.angle & Bits(0x3fffu)) | Bits(1u);
}

fn late_odd(words: Words) -> Bits {
    return (words.radius & Bits(0x3fffu)) | Bits(1u);
}

// An exponential deviate of mean 1, -ln(odd / 2^14), by the bits of the fourth power as a float.
fn exponential(odd_bits: Bits) -> Real {
    let odd = Real(bitcast<Ints>(odd_bits));
    let square = odd * odd;
    let log = Real(bitcast<Ints>(square * square));
    return fma(log, Real(-2.0657396e-08), Real(31.701554));
}

// A uniform deviate between 0 and 1: an odd multiple of 2^-31. Signed integers convert faster.
fn fraction(bits: Bits) -> Real {
    return Real(bitcast<Ints>((bits >> Bits(1u)) | Bits(1u))) * Real(4.656612873077393e-10);
}
