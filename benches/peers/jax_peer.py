"""JAX: many neurons' steps compiled by XLA into one vectorised loop, in one process per core.

What makes it fast: a turn of `lax.scan` makes eight steps, all elementwise, so that XLA fuses them
into one loop in which the state stays in registers; the random bits are a counter, hashed in that
same loop, so no deviate goes through memory; Box and Muller's transform takes its sine and cosine
from short polynomials over an eighth of the circle, the rest of the circle from three bits; the spikes
of the eight steps leave the loop as the bits of one byte. Two processes use two cores better than
XLA's own threads, which are made for larger arrays.
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from peer import in_processes, main

f32, u32 = jnp.float32, jnp.uint32
PACK = 8  # steps in a turn of the scan


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


def adaptive_exponential(p):
    def step(state, current):
        v, w = state
        slope = f32(p.g_l) * (f32(p.e_l) - v) + f32(p.g_l * p.delta_t) * jnp.exp((v - f32(p.v_t)) * f32(1 / p.delta_t))
        after = v + f32(p.dt / p.c_m) * (slope - w + current)
        w += f32(p.dt / p.tau_w) * (f32(p.a) * (v - f32(p.e_l)) - w)
        fired = after >= f32(p.v_peak)
        return (jnp.where(fired, f32(p.v_reset), after), jnp.where(fired, w + f32(p.b), w)), fired

    def start(n):
        return jnp.full(n, p.v_init, f32), jnp.zeros(n, f32)

    return start, step


def izhikevich(p):
    def step(state, current):
        v, u = state
        after = v + f32(p.dt) * (f32(0.04) * v * v + f32(5) * v + f32(140) - u + current)
        u += f32(p.dt * p.a) * (f32(p.b) * v - u)
        fired = after >= f32(30)
        return (jnp.where(fired, f32(p.c), after), jnp.where(fired, u + f32(p.d), u)), fired

    def start(n):
        return jnp.full(n, p.v_init, f32), jnp.full(n, p.b * p.v_init, f32)

    return start, step


MODELS = {
    "lif": lif,
    "hodgkin_huxley": hodgkin_huxley,
    "adaptive_exponential": adaptive_exponential,
    "izhikevich": izhikevich,
}


def get_ready(work):
    p, n = work.parameters, work.neurons
    turns = -(-work.steps // PACK)
    start, step = MODELS[work.model](p)
    lane = hashed(jnp.arange(n, dtype=u32) + u32(work.seed * 0x9E3779B9 % 2**32))

    def turn(state, counter):
        byte = jnp.zeros(n, jnp.uint8)
        currents = [f32(p.stimulus)] * PACK
        if work.noise == "white":
            for k in range(0, PACK, 2):
                pair = normal_pair(lane, counter + u32(k))
                currents[k : k + 2] = [f32(p.stimulus) + f32(work.noise_std()) * z for z in pair]
        for k, current in enumerate(currents):
            state, fired = step(state, current)
            byte |= fired.astype(jnp.uint8) << k
        return state, byte

    @jax.jit
    def run(state):
        return lax.scan(turn, state, jnp.arange(turns, dtype=u32) * u32(PACK))[1]

    def step_all():
        spikes = np.asarray(run(start(n)))
        turn, neuron = np.divmod(np.flatnonzero(spikes != 0), n)
        bits = np.unpackbits(spikes[turn, neuron][:, None], axis=1, bitorder="little")
        which, bit = np.nonzero(bits)
        neuron, step = neuron[which], turn[which] * PACK + bit
        within = step < work.steps
        return neuron[within], step[within]

    step_all()
    return step_all


if __name__ == "__main__":
    main("JAX", jax.__version__, lambda work: in_processes(work, get_ready))
