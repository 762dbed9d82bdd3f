"""NEURON: sections of one segment with its own `hh` mechanism, in double precision (there is no other).

What makes it fast: one process per core (NEURON's own threads meet in every step); rates from the tables
that `hh` uses as it comes (1 mV apart, interpolated); spikes go from each section's NetCon into one
vector. The noise is a point process of its own, neuron_mod/noisyclamp.mod, built by nrnivmodl, which draws
from NEURON's Random123.
"""

import platform
import subprocess
from math import pi
from pathlib import Path

import neuron
import numpy as np
from neuron import h

from peer import in_processes, main

HERE = Path(__file__).resolve().parent
BUILDS = HERE.parents[1] / "target" / "peers" / "neuron-builds"
LENGTH_UM = 20.0
AREA_CM2 = pi * (LENGTH_UM * 1e-4) ** 2


def build_noise():
    """Builds the clamp with noise, once."""
    library = BUILDS / platform.machine() / "libnrnmech.so"
    source = HERE / "neuron_mod"
    if not library.exists() or library.stat().st_mtime < (source / "noisyclamp.mod").stat().st_mtime:
        BUILDS.mkdir(parents=True, exist_ok=True)
        subprocess.run(["nrnivmodl", source], cwd=BUILDS, check=True, capture_output=True)


def get_ready(work):
    p = work.parameters
    if work.noise == "white":
        neuron.load_mechanisms(str(BUILDS))
    context = h.ParallelContext()
    context.set_maxstep(10)
    h.Random().Random123_globalindex(work.seed)
    h.celsius = 6.3
    times, neurons = h.Vector(), h.Vector()
    kept = []
    for index in range(work.neurons):
        section = h.Section(name=f"neuron{index}")
        section.L = section.diam = LENGTH_UM
        section.cm = p.c_m
        section.insert("hh")
        segment = section(0.5)
        segment.hh.gnabar, segment.hh.gkbar, segment.hh.gl = p.g_na * 1e-3, p.g_k * 1e-3, p.g_l * 1e-3
        segment.hh.el, segment.ena, segment.ek = p.e_l, p.e_na, p.e_k
        to_nanoamperes = AREA_CM2 * 1e3
        if work.noise == "white":
            clamp = h.NoisyClamp(segment)
            clamp.std = work.noise_std() * to_nanoamperes
        else:
            clamp = h.IClamp(segment)
            clamp.delay, clamp.dur = 0, 1e9
        clamp.amp = p.stimulus * to_nanoamperes
        detector = h.NetCon(segment._ref_v, None, sec=section)
        detector.threshold = p.v_spike
        detector.record(times, neurons, index)
        kept.append((section, clamp, detector))
    h.dt = p.dt
    h.finitialize(p.v_init)

    def step_all():
        context.psolve(work.steps * p.dt)
        return np.array(neurons), np.array(times) // p.dt

    # The sections live as long as something holds them.
    step_all.kept = kept
    return step_all


if __name__ == "__main__":
    build_noise()
    main("NEURON", neuron.__version__, lambda work: in_processes(work, get_ready))
