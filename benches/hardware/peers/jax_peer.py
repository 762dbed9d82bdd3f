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

import gpu  # it finds jax_models

import jax_models
from jax_models import f32, hashed, lif, normal_pair, u32

WORDS = {8: jnp.uint8, 16: jnp.uint16, 32: jnp.uint32}
CHUNK_STEPS = 2048  # as many as a block of Loligo's at most
UNDER_WAY = 3


def hodgkin_huxley(p):
    """That of ../../peers; crossings in the lockout after a spike do not count."""
    begin, step_freely = jax_models.hodgkin_huxley(p)
    lockout = p.lockout()

    def step(state, current):
        *state, locked = state
        state, crossed = step_freely(state, current)
        fired = crossed & (locked <= 0)
        return (*state, jnp.where(fired, lockout, locked - 1)), fired

    def start(n):
        return *begin(n), jnp.zeros(n, jnp.int32)

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
