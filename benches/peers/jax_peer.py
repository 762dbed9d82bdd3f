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

from jax_models import f32, hashed, hodgkin_huxley, lif, normal_pair, u32
from peer import in_processes, main

PACK = 8  # steps in a turn of the scan


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
