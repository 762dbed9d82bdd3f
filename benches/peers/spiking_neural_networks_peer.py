"""The Rust crate spiking_neural_networks: hands the work to the program in spiking_neural_networks/."""

import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from peer import main

HERE = Path(__file__).resolve().parent
PROJECT = HERE / "spiking_neural_networks"
TARGET = HERE.parents[1] / "target" / "peers" / "spiking_neural_networks"


def version():
    lock = (PROJECT / "Cargo.lock").read_text()
    return lock.split('name = "spiking_neural_networks"\nversion = "')[1].split('"')[0]


def simulate(work):
    p = work.parameters
    build = ["cargo", "build", "--release", "--locked", "--quiet", "--target-dir", TARGET]
    flags = {**os.environ, "RUSTFLAGS": "-C target-cpu=native"}
    subprocess.run(build, cwd=PROJECT, env=flags, check=True)
    if work.lif():
        numbers = [p.dt, p.tau_m, p.g_l, p.e_l, p.v_th, p.v_reset, p.v_init, p.t_ref]
    else:
        numbers = [p.dt, p.c_m, p.g_na, p.g_k, p.g_l, p.e_na, p.e_k, p.e_l, p.v_init, p.v_spike, *p.gates()]
    head = [work.model, work.neurons, work.steps, work.threads, work.seed, work.noise_std(), p.stimulus]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "spikes")
        program = TARGET / "release" / "spiking-neural-networks-peer"
        command = [program, *map(str, head + numbers), file]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        spikes = np.fromfile(file, np.uint32).reshape(-1, 2)
    return float(output), spikes[:, 0], spikes[:, 1]


if __name__ == "__main__":
    main("spiking_neural_networks", version(), simulate)
