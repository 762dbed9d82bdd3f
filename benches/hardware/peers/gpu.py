"""What the scripts for a GPU have in common: the flags, the line of results, and the way to works.py.

A script calls `main(peer, version, device, get_ready)`. `get_ready(work, asked)` compiles what there is to
compile and returns a function that does the work once and returns (seconds, neuron, step) of all spikes if
`asked.records`, else (seconds, number of spikes). Crossings in the lockout after a spike are left out already.
`device(asked)` is the name of the device.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
# It lies beside this file where the folder was packed, and in benches/peers in the repository.
FOLDER = next(folder for folder in (HERE, HERE.parent.parent / "peers") if (folder / "works.py").exists())
sys.path.insert(1, str(FOLDER))

import numpy as np

from works import read_work


@dataclass
class Asked:
    records: bool
    repetitions: int
    flags: argparse.Namespace


def read_asked(more_flags):
    """The flags that those of works.py leave, which are taken off the command line."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--record", choices=("spikes", "none"), default="spikes")
    parser.add_argument("--repetitions", type=int, default=5)
    for flag, settings in more_flags.items():
        parser.add_argument(flag, **settings)
    asked, rest = parser.parse_known_args()
    if {"-h", "--help"} & set(rest):
        parser.print_help()
    sys.argv[1:] = rest
    if asked.repetitions < 1:
        parser.error("--repetitions is at least 1")
    return Asked(asked.record == "spikes", asked.repetitions, asked)


def name_of_gpu(_asked):
    """As the driver tells it; of the first one, if there are more."""
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0].strip()
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"


def mean_interval(work, neuron, step):
    """The mean interval between spikes in ms, None if there is none."""
    first = np.full(work.neurons, work.steps)
    last = np.full(work.neurons, -1)
    np.minimum.at(first, neuron, step)
    np.maximum.at(last, neuron, step)
    fired = last >= 0
    intervals = len(step) - np.count_nonzero(fired)
    return float((last - first)[fired].sum() * work.parameters.dt / intervals) if intervals else None


def main(peer, version, device, get_ready, more_flags=None):
    """Does the work, once to warm up and then as often as asked, and prints the line of results."""
    asked = read_asked(more_flags or {})
    work = read_work()
    # Compilers and make are talkative: what they print goes to stderr.
    line = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    step_all = get_ready(work, asked)
    step_all()
    windows = []
    for _ in range(asked.repetitions):
        seconds, *spikes = step_all()
        windows.append(seconds)
    interval = None
    if asked.records:
        neuron, step = (np.asarray(array, np.int64) for array in spikes)
        count = len(step)
        interval = mean_interval(work, neuron, step)
    else:
        [count] = spikes
    neuron_steps = work.neurons * work.steps
    median = statistics.median(windows)
    print(json.dumps({
        "peer": peer,
        "version": version,
        "device": device(asked),
        "model": work.model,
        "noise": work.noise,
        "neurons": work.neurons,
        "steps": work.steps,
        "seconds": median,
        "windows": windows,
        "neuron_steps_per_s": neuron_steps / median,
        "rate_hz": count / (neuron_steps * work.parameters.dt * 1e-3),
        "isi_ms": interval,
        "recording": "spikes" if asked.records else "none",
        "spikes": count,
    }), file=line, flush=True)
