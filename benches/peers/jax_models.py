"""The steps of neurons in JAX, and their noise: for one process per core (`jax_peer.py`) and for a GPU (../hardware/peers)."""

import jax.numpy as jnp
import numpy as np
from jax import lax

f32, u32 = jnp.float32, jnp.uint32


def hashed(x):
    """A hash of 32 bits (Wellons, "lowbias32", in its later constants)."""
    x = (x ^ (x >> 16)) * u32(0x21F0AAAD)
    x = (x ^ (x >> 15)) * u32(0xD35A2D97)
    return x ^ (x >> 15)


def normal_pair(lane, counter):
    """Two normal deviates for each lane."""
    bits = hashed(lane ^ counter)
    more = hashed(bits + u32(0x9E3779B9))
    uniform = (bits >> 8).astype(f32) * f32(2.0**-24) + f32(2.0**-25)
    radius = jnp.sqrt(f32(-2) * jnp.log(uniform))
    angle = more.astype(jnp.int32).astype(f32) * f32(np.pi / 2**33)  # [-pi/4, pi/4)
    square = angle * angle
    sin = angle * (1 + square * (f32(-1 / 6) + square * (f32(1 / 120) + square * f32(-1 / 5040))))
    cos = 1 + square * (f32(-1 / 2) + square * (f32(1 / 24) + square * (f32(-1 / 720) + square * f32(1 / 40320))))
    cos = lax.bitcast_convert_type(lax.bitcast_convert_type(cos, u32) ^ (more << 31), f32)
    swap = (more & 2) != 0
    return radius * jnp.where(swap, sin, cos), radius * jnp.where(swap, cos, sin)


def lif(p):
    hold = p.hold()

    def step(state, current):
        v, held = state
        v += f32(p.dt / p.tau_m) * (f32(p.e_l) + current * f32(1 / p.g_l) - v)
        v = jnp.where(held > 0, f32(p.v_reset), v)
        fired = v >= f32(p.v_th)
        return (jnp.where(fired, f32(p.v_reset), v), jnp.where(fired, hold, held - 1)), fired

    def start(n):
        return jnp.full(n, p.v_init, f32), jnp.zeros(n, jnp.int32)

    return start, step


def hodgkin_huxley(p):
    def linear_over_exp(y, exp_y):
        """y / (exp(y) - 1)."""
        small = jnp.abs(y) < f32(0.02)
        return jnp.where(small, 1 - y * (f32(1 / 2) - y * f32(1 / 12)), y / (exp_y - 1))

    def relax(gate, alpha, beta):
        rate = alpha + beta
        steady = alpha / rate
        return steady + (gate - steady) * jnp.exp(f32(-p.dt) * rate)

    def step(state, current):
        """Gates over the step with V held, then V with the gates held (Hines 1984)."""
        v, m, h, n = state
        u = v + f32(65)
        exp_80 = jnp.exp(u * f32(-1 / 80))
        exp_20 = (exp_80 * exp_80) * (exp_80 * exp_80)
        exp_10 = exp_20 * exp_20
        exp_18 = jnp.exp(u * f32(-1 / 18))
        m = relax(m, linear_over_exp(f32(2.5) - f32(0.1) * u, f32(np.exp(2.5)) * exp_10), f32(4) * exp_18)
        h = relax(h, f32(0.07) * exp_20, 1 / (f32(np.exp(3)) * exp_10 + 1))
        n = relax(n, f32(0.1) * linear_over_exp(1 - f32(0.1) * u, f32(np.e) * exp_10), f32(0.125) * exp_80)
        g_na = f32(p.g_na) * m * m * m * h
        g_k = f32(p.g_k) * (n * n) * (n * n)
        g = g_na + g_k + f32(p.g_l)
        steady = (g_na * f32(p.e_na) + g_k * f32(p.e_k) + (f32(p.g_l * p.e_l) + current)) / g
        after = steady + (v - steady) * jnp.exp(g * f32(-p.dt / p.c_m))
        fired = (after >= f32(p.v_spike)) & (v < f32(p.v_spike))
        return (after, m, h, n), fired

    def start(n):
        return jnp.full(n, p.v_init, f32), *(jnp.full(n, gate, f32) for gate in p.gates())

    return start, step
