// The two models: shaders/models/lif_euler.wgsl and hodgkin_huxley_staggered_fine.wgsl, line by line, and
// from src/model what the kernel is given: coefficients, initial states and currents, for the parameters
// of ../../peers/works.py. They are taken in double precision and rounded once, as Loligo does.

#pragma once

#include "random.h"

// exp(factor u). On the host by the polynomial of Loligo's CPU engine (src/real/single.rs), so that its spikes
// can be compared one by one: the exponential's rounding alone moves one spike of 1000 by a step.
DEVICE float exp_times(float u, float factor) {
#ifdef HOST
    const float x = u * static_cast<float>(factor * 1.4426950408889634), shift = 12582912.0f;
    const float shifted = x + shift;
    const float r = x - (shifted - shift), r2 = r * r;
    const float c54 = fmaf(r, 0.0013276473f, 0.009675541f);
    const float c32 = fmaf(r, 0.055507133f, 0.2402212f);
    const float c10 = fmaf(r, 0.69314697f, 1.0000001f);
    return as_float(as_bits(fmaf(fmaf(c54, r2, c32), r2, c10)) + (as_bits(shifted) << 23));
#else
    return expf(u * factor);
#endif
}

// x / (exp(x) - 1), given exp(x) - 1.
DEVICE float exprelr(float x, float exp_m1) {
    const float x2 = x * x;
    const float even = fmaf(fmaf(-0.0013407429f, x2, 0.08331548f), x2, 1.000001f);
    const float near = fmaf(x, -0.5f, even);
    const bool far = x2 > 1.0f;
    return far ? x / exp_m1 : near;
}

// By its bits, since x >= 0 is true of -0, where a device may end that flushes small numbers.
DEVICE bool not_negative(float x) {
    return static_cast<int32_t>(as_bits(x)) >= 0;
}

// (1 - exp(-y)) / y up to 3.5, to 1.6 and to 0.1.
DEVICE float phi_far(float y) {
    const float y2 = y * y;
    const float c76 = fmaf(y, -5.527273e-6f, 1.1520967e-4f);
    const float c54 = fmaf(y, -0.0011724396f, 0.008000625f);
    const float c32 = fmaf(y, -0.041380577f, 0.16654573f);
    const float c10 = fmaf(y, -0.49998204f, 1.0f);
    return fmaf(fmaf(fmaf(c76, y2, c54), y2, c32), y2, c10);
}

DEVICE float phi_near(float y) {
    const float y2 = y * y;
    const float c54 = fmaf(y, -7.142414e-4f, 0.007263451f);
    const float c32 = fmaf(y, -0.04083901f, 0.16637642f);
    const float c10 = fmaf(y, -0.4999659f, 1.0f);
    return fmaf(fmaf(c54, y2, c32), y2, c10);
}

DEVICE float phi_nearest(float y) {
    return fmaf(fmaf(0.16097656f, y, -0.49982438f), y, 1.0f);
}

// What drives a neuron: the stimulus, counted from the model's zero, and the noise of a step.
struct Drive {
    float amplitude, scale;
};

struct Lif {
    static constexpr double DT = 0.1;           // ms
    static constexpr unsigned NEURONS = 16384;  // if nothing else is asked for

    struct Coefficients {
        float relaxation, gain, v_reset, hold;
    };

    struct State {
        float v, refractory;
    };

    static Coefficients coefficients() {
        const double tau_m = 10.0, g_l = 10.0, v_reset = -75.0, v_th = -55.0, t_ref = 2.0;
        const double held = std::ceil(t_ref / DT - 1e-6);
        return {float(DT / tau_m), float(DT / tau_m / g_l), float(v_reset - v_th), float(1.0 + held)};
    }

    static State initial() {
        return {float(-75.0 + 55.0), 0.0f};
    }

    // The current that holds the potential at the threshold is the zero.
    static Drive drive() {
        const double stimulus = 250.0, sigma = 3.0, zero = 10.0 * (-55.0 + 75.0);
        return {float(stimulus - zero), float(sigma / std::sqrt(DT * 1e-3))};
    }

    static DEVICE bool step(const Coefficients &p, State &s, float current) {
        const bool spike = s.refractory <= 0.0f && not_negative(s.v);
        const float x_1 = spike ? p.hold : s.refractory;
        const bool x_2 = 0.0f < x_1;
        const float v = x_2 ? p.v_reset : spike ? p.v_reset : s.v;
        s.refractory = x_2 ? x_1 - 1.0f : x_1;
        s.v = fmaf(p.gain, current, fmaf(-p.relaxation, v, v));
        return spike;
    }
};

struct HodgkinHuxley {
    static constexpr double DT = 0.01;
    static constexpr unsigned NEURONS = 4096;

    struct Coefficients {
        float dt, beta_m, alpha_h, alpha_n, beta_n, dt_per_c, g_na, g_k, g_l, e_na, e_k, e_l, v_spike, lockout;
    };

    struct State {
        float v, m, h, n, v_before, locked;
    };

    static Coefficients coefficients() {
        const double per_c = DT / 1.0, t_lockout = 2.0;
        return {
            float(DT), float(4.0 * DT), float(0.07 * DT), float(0.1 * DT), float(0.125 * DT), float(per_c),
            float(120.0 * per_c), float(36.0 * per_c), float(0.3 * per_c), 50.0f, -77.0f, -54.4f, 0.0f,
            float(std::ceil(t_lockout / DT - 1e-6)),
        };
    }

    // The gates start in their steady state, where half a step back is the same.
    static State initial() {
        const double v = -65.0, u = v + 65.0;
        const auto steady = [](double alpha, double beta) { return float(alpha / (alpha + beta)); };
        const auto over_exp = [](double x) { return x / std::expm1(x); };
        const float m = steady(over_exp(2.5 - 0.1 * u), 4.0 * std::exp(-u / 18.0));
        const float h = steady(0.07 * std::exp(-u / 20.0), 1.0 / (std::exp(3.0 - 0.1 * u) + 1.0));
        const float n = steady(0.1 * over_exp(1.0 - 0.1 * u), 0.125 * std::exp(-u / 80.0));
        return {float(v), m, h, n, float(v), 0.0f};
    }

    static Drive drive() {
        return {10.0f, float(0.3 / std::sqrt(DT * 1e-3))};
    }

    static DEVICE bool step(const Coefficients &p, State &s, float current) {
        const bool spike = p.v_spike <= s.v && s.v_before < p.v_spike && s.locked <= 0.0f;
        const float x_1 = spike ? p.lockout : s.locked;
        const float x_2 = s.v + 65.0f;
        const float x_3 = x_2 < -66.0f ? -66.0f : x_2;
        const float u = 1000.0f < x_3 ? 1000.0f : x_3;
        const float exp_80 = exp_times(u, -0.0125f);
        const float exp_40 = exp_80 * exp_80;
        const float exp_20 = exp_40 * exp_40;
        const float exp_10 = exp_20 * exp_20;
        const float exp_18 = exp_times(u, -0.055555556f);
        const float x_4 = fmaf(u, -0.1f, 2.5f);
        const float alpha_m = p.dt * exprelr(x_4, fmaf(exp_10, 12.182494f, -1.0f));
        const float beta_m = p.beta_m * exp_18;
        const float alpha_h = p.alpha_h * exp_20;
        const float beta_h = p.dt / fmaf(exp_10, 20.085537f, 1.0f);
        const float x_5 = exprelr(x_4 - 1.5f, fmaf(exp_10, 2.7182817f, -1.0f));
        const float alpha_n = p.alpha_n * x_5;
        const float beta_n = p.beta_n * exp_80;
        const float x_6 = alpha_m + beta_m;
        const float m = fmaf(fmaf(-x_6, s.m, alpha_m), phi_near(x_6), s.m);
        const float x_7 = alpha_h + beta_h;
        const float h = fmaf(fmaf(-x_7, s.h, alpha_h), phi_nearest(x_7), s.h);
        const float x_8 = alpha_n + beta_n;
        const float n = fmaf(fmaf(-x_8, s.n, alpha_n), phi_nearest(x_8), s.n);
        const float x_9 = n * n;
        const float g_na = p.g_na * ((m * m) * (m * h));
        const float g_k = p.g_k * (x_9 * x_9);
        const float x_10 = fmaf(g_k, p.e_k - s.v, fmaf(p.g_l, p.e_l - s.v, p.dt_per_c * current));
        const float v = fmaf(fmaf(g_na, p.e_na - s.v, x_10), phi_far((g_na + g_k) + p.g_l), s.v);
        s = State{v, m, h, n, s.v, 0.0f < x_1 ? x_1 - 1.0f : x_1};
        return spike;
    }
};
