// A neuron's random stream and its normal deviates: shaders/random.wgsl and src/random.rs, line by line.

#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#ifdef HOST
#define DEVICE inline
#else
#define DEVICE __device__ __forceinline__
#endif

DEVICE float as_float(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

DEVICE uint32_t as_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

// xoshiro128++ (Blackman and Vigna 2021).
struct Stream {
    uint32_t s0, s1, s2, s3;
};

DEVICE uint32_t rotate_left(uint32_t bits, int by) {
    return (bits << by) | (bits >> (32 - by));
}

DEVICE uint32_t next_bits(Stream &s) {
    const uint32_t bits = rotate_left(s.s0 + s.s3, 7) + s.s0;
    const uint32_t s2 = s.s2 ^ s.s0;
    const uint32_t s3 = s.s3 ^ s.s1;
    s = Stream{s.s0 ^ s3, s.s1 ^ s2, s2 ^ (s.s1 << 9), rotate_left(s3, 11)};
    return bits;
}

// -2 ln(u) of the uniform deviate u = 1 - (2 floor(bits / 2) + 1) / 2^31, without the highest bit.
DEVICE float radius_squared(uint32_t bits) {
    const float odd = static_cast<float>(static_cast<int32_t>(bits | 0x80000001u));
    const uint32_t above = as_bits(odd) - 0xceb504f3u; // -sqrt(1/2) 2^31
    const float e = static_cast<float>(static_cast<int32_t>(above) >> 23);
    const float f = as_float((above & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
    float p = 0.28584155f;
    p = fmaf(p, f, -0.44111875f);
    p = fmaf(p, f, 0.5080654f);
    p = fmaf(p, f, -0.6651605f);
    p = fmaf(p, f, 0.9998044f);
    p = fmaf(p, f, -2.000009f);
    return fmaf(e, -1.3862944f, f * p);
}

// Two independent standard normal deviates: radius * cos and radius * sin.
struct NormalPair {
    float radius, cos, sin;
};

DEVICE NormalPair normal_pair(Stream &stream) {
    const float radius = sqrtf(radius_squared(next_bits(stream)));
    const uint32_t bits = next_bits(stream);
    const float t = as_float((bits & 0x007fffffu) | 0x40000000u) - 3.0f;
    const float t2 = t * t;
    float s = 0.0024271225f;
    s = fmaf(s, t2, -0.08071402f);
    s = fmaf(s, t2, 0.78539424f) * t;
    float c = 0.015371815f;
    c = fmaf(c, t2, -0.3082451f);
    c = fmaf(c, t2, 0.99999003f);
    c = as_float(as_bits(c) ^ (bits & 0x80000000u));
    const bool straight = (bits & 0x40000000u) == 0;
    return NormalPair{radius, straight ? c : s, straight ? s : c};
}

// The stream of a neuron's noise: its start is Threefry-4x32 of 20 rounds (Salmon et al. 2011), of the counter
// (neuron, 0, 0, 0) under the key of the seed.
inline Stream noise_stream(uint64_t seed, uint32_t neuron) {
    const int rotations[8][2] = {{10, 26}, {11, 21}, {13, 27}, {23, 5}, {6, 20}, {17, 11}, {25, 10}, {18, 20}};
    const uint32_t low = static_cast<uint32_t>(seed), high = static_cast<uint32_t>(seed >> 32);
    const uint32_t keys[5] = {low, high, 0, 0, 0x1bd11bdau ^ low ^ high};
    const auto rotated = [](uint32_t x, int by) { return (x << by) | (x >> (32 - by)); };
    uint32_t x[4] = {neuron, 0, 0, 0};
    const auto inject = [&](uint32_t round) {
        for (uint32_t i = 0; i < 4; i++) {
            x[i] += keys[(round + i) % 5];
        }
        x[3] += round;
    };
    inject(0);
    for (uint32_t round = 0; round < 20; round++) {
        const int a = round % 2 == 0 ? 1 : 3, b = 4 - a;
        x[0] += x[a];
        x[a] = rotated(x[a], rotations[round % 8][0]) ^ x[0];
        x[2] += x[b];
        x[b] = rotated(x[b], rotations[round % 8][1]) ^ x[2];
        if (round % 4 == 3) {
            inject(round / 4 + 1);
        }
    }
    return Stream{x[0], x[1], x[2], x[3]};
}
