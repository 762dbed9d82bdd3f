"""Jaxley: its own `HH` channel in one compartment, stepped by its own step function.

What makes it fast: the step function of a single compartment is mapped over the neurons (`vmap`) inside a
`lax.scan`, so that only the spikes leave the loop, as a byte each, and the noise is drawn in it; float32;
one process per core, as XLA's own threads are made for larger arrays.
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

from importlib.metadata import version

import jax
import jax.numpy as jnp
import jaxley as jx
import numpy as np
from jax import lax
from jaxley.channels import HH
from jaxley.integrate import build_init_and_step_fn

from peer import in_processes, main

SOLVER = "fwd_euler"


def make_compartment(p):
    compartment = jx.Compartment()
    compartment.insert(HH())
    values = {"capacitance": p.c_m, "v": p.v_init}
    values |= {"HH_gNa": p.g_na * 1e-3, "HH_gK": p.g_k * 1e-3, "HH_gLeak": p.g_l * 1e-3}
    values |= {"HH_eNa": p.e_na, "HH_eK": p.e_k, "HH_eLeak": p.e_l}
    values |= dict(zip(("HH_m", "HH_h", "HH_n"), p.gates()))
    for key, value in values.items():
        compartment.set(key, value)
    compartment.stimulate(jnp.zeros(1))
    compartment.to_jax()
    return compartment


def get_ready(work):
    p, n = work.parameters, work.neurons
    compartment = make_compartment(p)
    init, step = build_init_and_step_fn(compartment, solver=SOLVER)
    state, values = init([], delta_t=p.dt)
    state = jax.tree.map(lambda x: jnp.repeat(x[None], n, axis=0), state)
    # Currents are in nA: 1 uA/cm2 is 1e-5 nA/um2.
    scale = float(values["area"][0]) * 1e-5

    def turn(state, key):
        current = jnp.full((n, 1), p.stimulus * scale, "float32")
        if work.noise == "white":
            current += work.noise_std() * scale * jax.random.normal(key, (n, 1), "float32")
        after = jax.vmap(lambda s, i: step(s, values, {"i": i}, delta_t=p.dt))(state, current)
        fired = (after["v"] >= p.v_spike) & (state["v"] < p.v_spike)
        return after, fired[:, 0]

    keys = jax.random.split(jax.random.key(work.seed), work.steps)

    @jax.jit
    def run(state):
        return lax.scan(turn, state, keys)[1]

    def step_all():
        spikes = np.asarray(run(state))
        step, neuron = np.divmod(np.flatnonzero(spikes), n)
        return neuron, step

    step_all()
    return step_all


if __name__ == "__main__":
    main("Jaxley", version("jaxley"), lambda work: in_processes(work, get_ready))
