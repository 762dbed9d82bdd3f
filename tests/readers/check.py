"""Reads what Loligo writes with the tools that others use, and compares its statistics with Elephant's.

python check.py PATH/TO/loligo
"""

import csv
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import libsonata
import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pynapple
import pynwb
import quantities as q
from elephant import statistics

EXPERIMENT = """
duration = "2s"
seed = 7
[[population]]
name = "quiet"
neurons = 300
[[population]]
name = "loud/er"
neurons = 50
stimulus.amplitude = 300
noise.sigma = 8
"""


def main(loligo: str, folder: Path) -> None:
    (folder / "x.toml").write_text(EXPERIMENT)
    command = [loligo, "run", "x.toml", "--quiet", "--figures", "none"]
    subprocess.run(command + ["--out", "plain"], cwd=folder, check=True)
    formats = ["--format", "npz,parquet,sonata,nwb", "--out", "all"]
    subprocess.run(command + formats, cwd=folder, check=True)
    out = folder / "all"

    plain, arrays = np.load(folder / "plain/spikes.npz"), np.load(out / "spikes.npz")
    neuron, step = arrays["neuron"], arrays["step"]
    assert len(step) > 30_000
    for name in plain.files:
        # The experiments differ in the formats that they name.
        assert name == "experiment" or np.array_equal(plain[name], arrays[name]), name
    command_line, own = (out / "experiment.toml").read_text().split("\n", 1)
    assert arrays["experiment"].item().decode() == own and command_line.startswith("# loligo")
    assert arrays["population"].tolist() == [b"quiet", b"loud/er"]
    assert arrays["first_neuron"].tolist() == [0, 300]

    table = pq.read_table(out / "spikes.parquet")
    assert table.schema.metadata[b"seed"] == b"7"
    frames = [table.to_pandas(), pd.read_parquet(out / "spikes.parquet")]
    frames.append(pl.read_parquet(out / "spikes.parquet").to_pandas())
    for frame in frames:
        assert np.array_equal(frame["neuron"], neuron) and np.array_equal(frame["step"], step)
        assert np.allclose(frame["time_ms"], 0.1 * step, rtol=1e-12)
        assert (frame["population"] == np.where(neuron < 300, "quiet", "loud/er")).all()

    with h5py.File(out / "spikes.h5") as file:
        assert file.attrs["magic"] == 0x0A7A and file["loligo"].attrs["seed"] == 7
        assert np.array_equal(file["spikes/quiet/node_ids"], neuron[neuron < 300])
        assert np.array_equal(file["spikes/loud_er/node_ids"], neuron[neuron >= 300] - 300)
    reader = libsonata.SpikeReader(str(out / "spikes.h5"))
    assert sorted(reader.get_population_names()) == ["loud_er", "quiet"]
    pairs = np.array(reader["loud_er"].get())
    assert np.array_equal(pairs[:, 0], neuron[neuron >= 300] - 300)
    assert np.allclose(pairs[:, 1], 0.1 * step[neuron >= 300])

    path = str(out / "spikes.nwb")
    assert pynwb.validate(path=path) == []
    with pynwb.NWBHDF5IO(path, "r") as io:
        file = io.read()
        assert file.session_description.startswith("simulated by Loligo") and "seed 7" in file.session_description
        assert bytes(file.scratch["experiment"].data[:]).decode() == own
        assert np.array_equal(file.units["population"].data[:], np.where(np.arange(350) < 300, 0, 1))
    units = pynapple.load_file(path)["units"]
    assert len(units) == 350
    for index in range(0, 350, 50):
        assert np.allclose(units[index].index, 1e-4 * step[neuron == index], rtol=1e-12), index

    # Statistics while stepping, against Elephant's of the spikes.
    rows = list(csv.DictReader((out / "intervals.csv").open()))
    for row in rows[:20] + rows[-20:]:
        isi = np.diff(0.1 * step[neuron == int(row["neuron"])])
        ours = [float(row[name]) for name in ("isi_mean_ms", "cv", "cv2", "lv", "lvr")]
        theirs = [
            isi.mean(),
            statistics.cv(isi),
            statistics.cv2(isi),
            statistics.lv(isi),
            statistics.lvr(isi * q.ms, R=5 * q.ms),
        ]
        # The table has twelve digits.
        assert np.allclose(ours, theirs, rtol=1e-9), (row, theirs)
    print("read back: NumPy, pyarrow, pandas, polars, h5py, libsonata, pynwb, pynapple; statistics as Elephant's")


def forecasts(loligo: str, folder: Path) -> None:
    """Memory and disk are as `loligo plan` says, within a third."""
    units = {"kB": 1e3, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
    for n, words in enumerate(
        (
            "--neurons 20000 --duration 4s",
            "--neurons 20000 --duration 4s --format parquet",
            "--neurons 20000 --duration 4s --format nwb,sonata",
            "--neurons 100000 --duration 1s --record intervals",
            "--neurons 30000 --duration 4s --shards 3",
            "--neurons 600000 --duration 1s --record intervals --shards 3",
        )
    ):
        words = words.split() + ["--engine", "cpu"]
        told = subprocess.run([loligo, "plan"] + words, cwd=folder, check=True, capture_output=True, text=True).stdout
        found = re.search(r"([\d.]+) (\w+) of memory, ([\d.]+) (\w+) on disk", told)
        memory, disk = (float(found[k]) * units[found[k + 1]] for k in (1, 3))
        out = folder / f"forecast-{n}"
        if "--shards" in words:
            at = words.index("--shards")
            words[at : at + 2] = ["--shard", "1/3"]
        code = (
            "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        run = [sys.executable, "-c", code, loligo, "run", "--quiet", "--out", str(out)] + words
        peak = 1024 * float(subprocess.run(run, check=True, capture_output=True, text=True).stdout)
        size = sum(file.stat().st_size for file in out.iterdir())
        print(f"{' '.join(words)}: memory {memory / peak:.2f}, disk {disk / size:.2f} of what it took")
        assert 2 / 3 < memory / peak < 4 / 3, (told, peak)
        assert 2 / 3 < disk / size < 4 / 3, (told, size)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(str(Path(sys.argv[1]).resolve()), Path(folder))
        forecasts(str(Path(sys.argv[1]).resolve()), Path(folder))
