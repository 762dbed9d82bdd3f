"""What the peers' scripts have in common: the line of results, and two processes for two cores.

A script calls `main(peer, version, simulate)`; `simulate(work)` returns (seconds, neuron, step): the
wall-clock time of the stepping alone, and all spikes as two arrays. `in_processes` makes such a
function of one that steps with a single thread.
"""

import json
import multiprocessing
import time
from dataclasses import replace

import numpy as np

from works import read_work


def count_late(lockout, neuron, step):
    """Only the spikes that come more than `lockout` steps after the neuron's last one that counts."""
    order = np.lexsort((step, neuron))
    neuron, step = neuron[order], step[order]
    while True:
        soon = (neuron[1:] == neuron[:-1]) & (np.diff(step) <= lockout)
        # Of a run of crossings that are too soon only the first is surely to go.
        soon[1:] &= ~soon[:-1]
        if not soon.any():
            return neuron, step
        kept = np.concatenate(([True], ~soon))
        neuron, step = neuron[kept], step[kept]


def main(peer, version, simulate):
    """Does the work and prints the line of results."""
    work = read_work()
    seconds, neuron, step = simulate(work)
    neuron, step = np.asarray(neuron, np.int64), np.asarray(step, np.int64)
    if work.model == "hodgkin_huxley":
        neuron, step = count_late(work.parameters.lockout(), neuron, step)
    first = np.full(work.neurons, work.steps)
    last = np.full(work.neurons, -1)
    np.minimum.at(first, neuron, step)
    np.maximum.at(last, neuron, step)
    fired = last >= 0
    intervals = len(step) - np.count_nonzero(fired)
    dt = work.parameters.dt
    print(json.dumps({
        "peer": peer,
        "version": version,
        "model": work.model,
        "noise": work.noise,
        "neurons": work.neurons,
        "steps": work.steps,
        "seconds": seconds,
        "rate_hz": len(step) / (work.neurons * work.steps * dt * 1e-3),
        "isi_ms": float((last - first)[fired].sum() * dt / intervals) if intervals else None,
        "spikes": len(step),
    }))


def _part(simulate, work, part, barrier, results):
    try:
        step_all = simulate(work)
        barrier.wait()
        start = time.perf_counter()
        neuron, step, *clocked = step_all()
        seconds = clocked[0] if clocked else time.perf_counter() - start
        results.put((part, seconds, neuron, step))
    except BaseException:
        barrier.abort()
        results.put(None)
        raise


def in_processes(work, simulate_part):
    """Steps the neurons in `work.threads` processes, which start together; the slowest counts.

    `simulate_part(work)` gets ready (compiles, warms up) and returns the function that steps its
    neurons and returns (neuron, step), or (neuron, step, seconds) if it has a better clock.
    """
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(work.threads), context.Queue()
    size = work.neurons // work.threads
    assert size * work.threads == work.neurons, "the neurons do not go into equal parts"
    processes = []
    for part in range(work.threads):
        mine = replace(work, neurons=size, seed=work.seed * 1000 + part)
        processes.append(context.Process(target=_part, args=(simulate_part, mine, part, barrier, results)))
        processes[-1].start()
    parts = [results.get() for _ in processes]
    for process in processes:
        process.join()
    assert all(parts), "a part failed"
    parts.sort(key=lambda result: result[0])
    seconds = max(seconds for _, seconds, _, _ in parts)
    neuron = np.concatenate([neuron + part * size for part, _, neuron, _ in parts])
    return seconds, neuron, np.concatenate([step for *_, step in parts])
