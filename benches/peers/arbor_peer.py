"""Arbor: cells of one control volume with its own `hh` mechanism, in double precision (there is no other).

What makes it fast: one group of cells per thread, so that the vectorised kernels step thousands of cells
at once (the default is a group per cell); nothing is connected, so that the groups never wait for each
other; spikes are kept by Arbor. The noise is a mechanism of its own, arbor/noise.mod, built for this
processor by arbor-build-catalogue.
"""

import subprocess
import time
from math import pi
from pathlib import Path

import arbor as A
from arbor import units as U

from peer import main

HERE = Path(__file__).resolve().parent
BUILDS = HERE.parents[1] / "target" / "peers" / "arbor-builds"
RADIUS_UM = 10.0
AREA_CM2 = 4 * pi * (RADIUS_UM * 1e-4) ** 2


def noise_catalogue():
    """The catalogue with the noise, built once."""
    file = BUILDS / "peers-catalogue.so"
    source = HERE / "arbor"
    if not file.exists() or file.stat().st_mtime < (source / "noise.mod").stat().st_mtime:
        BUILDS.mkdir(parents=True, exist_ok=True)
        command = ["arbor-build-catalogue", "--quiet", "peers", source]
        subprocess.run(command, cwd=BUILDS, check=True, capture_output=True)
    return A.load_catalogue(file)


class Population(A.recipe):
    def __init__(self, work):
        super().__init__()
        self.work = work
        self.properties = A.neuron_cable_properties()
        p = work.parameters
        hh = {"gnabar": p.g_na * 1e-3, "gkbar": p.g_k * 1e-3, "gl": p.g_l * 1e-3, "el": p.e_l}
        # The gates start in their steady state; q10 is 1 at 6.3 degrees.
        decor = (
            A.decor()
            .set_property(Vm=p.v_init * U.mV, cm=p.c_m * U.uF / U.cm2, tempK=(6.3 + 273.15) * U.Kelvin)
            .set_ion("na", rev_pot=p.e_na * U.mV)
            .set_ion("k", rev_pot=p.e_k * U.mV)
            .paint("(all)", A.density("hh", hh))
            .place("(root)", A.i_clamp(p.stimulus * AREA_CM2 * 1e3 * U.nA))
            .place("(root)", A.threshold_detector(p.v_spike * U.mV), "spike")
        )
        if work.noise == "white":
            self.properties.catalogue.extend(noise_catalogue(), "")
            # In mA/cm2 sqrt(ms).
            strength = work.noise_std() * 1e-3 * p.dt**0.5
            decor.paint("(all)", A.density("noise", {"tau": p.dt, "strength": strength}))
        tree = A.segment_tree()
        tree.append(A.mnpos, (-RADIUS_UM, 0, 0, RADIUS_UM), (RADIUS_UM, 0, 0, RADIUS_UM), tag=1)
        self.cell = A.cable_cell(tree, decor, discretization=A.cv_policy_single())

    def num_cells(self):
        return self.work.neurons

    def cell_kind(self, gid):
        return A.cell_kind.cable

    def cell_description(self, gid):
        return self.cell

    def global_properties(self, kind):
        return self.properties


def simulate(work):
    p = work.parameters
    population = Population(work)
    context = A.context(threads=work.threads)
    hint = A.partition_hint(cpu_group_size=work.neurons // work.threads)
    parts = A.partition_load_balance(population, context, {A.cell_kind.cable: hint})
    simulation = A.simulation(population, context, parts, seed=work.seed)
    simulation.record(A.spike_recording.local)
    start = time.perf_counter()
    simulation.run(work.steps * p.dt * U.ms, p.dt * U.ms)
    seconds = time.perf_counter() - start
    spikes = simulation.spikes()
    return seconds, spikes["source"]["gid"], spikes["time"] // p.dt


if __name__ == "__main__":
    main("Arbor", A.__version__, simulate)
