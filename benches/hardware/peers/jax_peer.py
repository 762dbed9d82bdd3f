"""JAX on one GPU: the works of ../../peers, compiled by XLA.

What makes it fast: a turn of `lax.scan` makes many steps (`--turn`), all elementwise, which XLA fuses into one
kernel; between turns alone the state goes through memory. The random bits are a counter, hashed in that
kernel; Box and Muller's transform takes its sine and cosine from short polynomials. The spikes of a turn leave it
as the bits of one word. Turns come in chunks, so that the spikes of one chunk are copied while the next one is
computed. The clock stops when all bits are in the host's memory; that they are unpacked there is not timed.

Compiled for an H100 without one, a turn is one kernel that makes its steps, of 8, 16 or 32, and a short one
that stores the words. On a GPU it was not tried, and so not which turn is fastest. Where JAX sees no GPU it ends,
unless `--processor` lets it run there: that was tried.
"""

import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import gpu

f32, u32 = jnp.float32, jnp.uint32
WORDS = {8: jnp.uint8, 16: jnp.uint16, 32: jnp.uint32}
CHUNK_STEPS = 2048  # as many as a block of Loligo's at most
UNDER_WAY = 3


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
    lockout = p.lockout()

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
        v, m, h, n, locked = state
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
        fired = (after >= f32(p.v_spike)) & (v < f32(p.v_spike)) & (locked <= 0)
        return (after, m, h, n, jnp.where(fired, lockout, locked - 1)), fired

    def start(n):
        gates = (jnp.full(n, gate, f32) for gate in p.gates())
        return jnp.full(n, p.v_init, f32), *gates, jnp.zeros(n, jnp.int32)

    return start, step


MODELS = {"lif": lif, "hodgkin_huxley": hodgkin_huxley}


def get_ready(work, asked):
    if jax.devices()[0].platform == "cpu" and not asked.flags.processor:
        sys.exit("error: JAX sees no GPU")
    p, n, pack = work.parameters, work.neurons, asked.flags.turn
    dtype = WORDS[pack]
    turns = -(-work.steps // pack)
    # Chunks of equal length, so that one program serves.
    chunks = -(-turns * pack // CHUNK_STEPS)
    length = -(-turns // chunks)
    start, step = MODELS[work.model](p)
    lane = jax.block_until_ready(hashed(jnp.arange(n, dtype=u32) + u32(work.seed * 0x9E3779B9 % 2**32)))

    def turn(carry, counter):
        state, count, lane = carry
        word = jnp.zeros(n, u32)
        currents = [f32(p.stimulus)] * pack
        if work.noise == "white":
            for k in range(0, pack, 2):
                pair = normal_pair(lane, counter + u32(k))
                currents[k : k + 2] = [f32(p.stimulus) + f32(work.noise_std()) * z for z in pair]
        for k, current in enumerate(currents):
            state, fired = step(state, current)
            word |= fired.astype(u32) << k
        # Else XLA makes the kernel that stores the words do half of the steps again.
        state, word = lax.optimization_barrier((state, word))
        if asked.records:
            return (state, count, lane), word.astype(dtype)
        # Steps after the end do not count.
        valid = jnp.clip(jnp.int32(work.steps) - counter.astype(jnp.int32), 0, pack)
        mask = u32(0xFFFFFFFF) >> (32 - jnp.maximum(valid, 1)).astype(u32)
        counted = lax.population_count(word & mask)
        return (state, jnp.where(valid > 0, count + counted, count), lane), None

    @jax.jit
    def run(state, count, lane, first):
        counters = first + jnp.arange(length, dtype=u32) * u32(pack)
        (state, count, _), words = lax.scan(turn, (state, count, lane), counters)
        return state, count, words

    def step_all():
        state, count = jax.block_until_ready((start(n), jnp.zeros(n, u32)))
        begin = time.perf_counter()
        under_way, arrived = [], []
        for chunk in range(chunks):
            state, count, words = run(state, count, lane, u32(chunk * length * pack))
            if asked.records:
                words.copy_to_host_async()
                under_way.append(words)
            if len(under_way) == UNDER_WAY:
                arrived.append(np.asarray(under_way.pop(0)))
        arrived += [np.asarray(words) for words in under_way]
        jax.block_until_ready((state, count))
        seconds = time.perf_counter() - begin
        if not asked.records:
            return seconds, int(np.asarray(count).sum(dtype=np.int64))
        return seconds, *unpacked(arrived)

    def unpacked(arrived):
        neurons, steps = [], []
        for chunk, words in enumerate(arrived):
            where, neuron = np.nonzero(words)
            bits = words[where, neuron, None] >> np.arange(pack, dtype=dtype) & dtype(1)
            which, bit = np.nonzero(bits)
            step = (chunk * length + where[which]) * pack + bit
            within = step < work.steps
            neurons.append(neuron[which][within])
            steps.append(step[within])
        return np.concatenate(neurons), np.concatenate(steps)

    return step_all


if __name__ == "__main__":
    gpu.main(
        "JAX", jax.__version__, lambda _: jax.devices()[0].device_kind, get_ready,
        {"--turn": {"type": int, "choices": sorted(WORDS), "default": 32}, "--processor": {"action": "store_true"}},
    )
