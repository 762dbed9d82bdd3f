"""BrainPy: its own `LifRef` and `HH` neurons in a `for_loop`, compiled by XLA, in one process per core.

What makes it fast: float32; the loop over a chunk of steps is one compiled program; a spike leaves it as
one byte; the noise comes from JAX's Threefry, which XLA fuses with the step (its cheaper generator `rbg` is
not fused, and slower here), unrolling the loop is slower too; two processes use two cores better than
XLA's own threads, which are made for larger arrays.
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import brainpy as bp
import brainpy.math as bm
import jax
import numpy as np

from peer import in_processes, main

CHUNK = 500  # steps


def make_neurons(work):
    p = work.parameters
    constant = bp.init.Constant
    if work.lif():
        # Held while the time since the spike is at most tau_ref: half a step more than t_ref is safe
        # from rounding.
        return bp.dyn.LifRef(
            work.neurons, V_rest=p.e_l, V_reset=p.v_reset, V_th=p.v_th, R=1 / p.g_l, tau=p.tau_m,
            tau_ref=p.t_ref + p.dt / 2, V_initializer=constant(p.v_init), method="euler",
        )
    m, h, n = p.gates()
    return bp.dyn.HH(
        work.neurons, ENa=p.e_na, gNa=p.g_na, EK=p.e_k, gK=p.g_k, EL=p.e_l, gL=p.g_l, V_th=p.v_spike, C=p.c_m,
        V_initializer=constant(p.v_init), m_initializer=constant(m), h_initializer=constant(h),
        n_initializer=constant(n), method="exp_auto",
    )


def get_ready(work):
    p = work.parameters
    bm.set_dt(p.dt)
    neurons = make_neurons(work)

    def step(index, key):
        bp.share.save(i=index, t=index * p.dt)
        current = p.stimulus
        if work.noise == "white":
            current += work.noise_std() * jax.random.normal(key, (work.neurons,), "float32")
        return neurons(current)

    @bm.jit
    def run(indices, keys):
        return bm.for_loop(step, (indices, keys))

    keys = jax.random.split(jax.random.key(work.seed), work.steps)

    def step_all():
        neuron, when = [], []
        for first in range(0, work.steps, CHUNK):
            indices = np.arange(first, min(first + CHUNK, work.steps), dtype=np.int32)
            spikes = bm.as_numpy(run(indices, keys[indices]))
            step, index = np.divmod(np.flatnonzero(spikes), work.neurons)
            neuron.append(index)
            when.append(step + first)
        return np.concatenate(neuron), np.concatenate(when)

    run(np.arange(CHUNK, dtype=np.int32), keys[:CHUNK])
    neurons.reset_state()
    return step_all


if __name__ == "__main__":
    main("BrainPy", bp.__version__, lambda work: in_processes(work, get_ready))
