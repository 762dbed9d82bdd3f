"""Shards: whatever steps them, their union is the whole, byte for byte."""

import os
import pickle
import shutil
import subprocess
import sys

import loligo
import numpy as np
import pytest

EXPERIMENT = dict(
    neurons=301, duration="300 ms", noise={"kind": "ou", "sigma": 40, "common": 0.3}, v_th="normal(-55, 1)", seed=5
)


def one(k):
    """Shard k of 4."""
    return loligo.shard(EXPERIMENT, k, 4, engine="cpu")


@pytest.fixture(scope="module")
def whole():
    return loligo.run(EXPERIMENT, engine="cpu")


def assert_same(run, whole):
    assert np.array_equal(run.neuron, whole.neuron) and np.array_equal(run.step, whole.step)
    ours, theirs = run.summary, whole.summary
    for summary in (ours, theirs):
        [summary.pop(key) for key in ("timing", "engine")]
    assert ours == theirs


def test_here(whole):
    # In any order, by way of other processes, and from folders.
    shards = [pickle.loads(pickle.dumps(one(k))) for k in (3, 1, 4, 2)]
    assert_same(loligo.merge(shards), whole)
    assert_same(loligo.merge([shard.path for shard in shards]), whole)


@pytest.mark.parametrize("record", ["intervals", "none", "sample:7"])
def test_other_ways_of_recording(record):
    shards = [loligo.shard(EXPERIMENT, k, 3, engine="cpu", record=record) for k in (1, 2, 3)]
    assert_same(loligo.merge(shards), loligo.run(EXPERIMENT, engine="cpu", record=record))


def test_the_command_line_merges_them(whole, tmp_path):
    program = os.environ.get("LOLIGO", "target/release/loligo")
    if not os.path.exists(program):
        pytest.skip(f"there is no {program}")
    for k in (1, 2):
        loligo.shard(EXPERIMENT, k, 2, tmp_path / f"{k}", engine="cpu")
    subprocess.run([program, "merge", tmp_path / "1", tmp_path / "2", "--out", tmp_path / "whole", "--quiet"], check=True)
    with np.load(tmp_path / "whole" / "spikes.npz") as archive:
        assert np.array_equal(archive["step"], whole.step) and np.array_equal(archive["neuron"], whole.neuron)


def test_what_is_wrong_is_told(tmp_path):
    for k, n in ((0, 2), (3, 2), (1, 302)):
        with pytest.raises(ValueError, match="there is no shard"):
            loligo.shard(EXPERIMENT, k, n)
    first = one(1)
    loligo.run(neurons=4, duration=50, engine="cpu").write(tmp_path / "done")
    with pytest.raises(loligo.Error, match="already"):
        loligo.shard(EXPERIMENT, 1, 2, tmp_path / "done", engine="cpu")
    assert (tmp_path / "done" / "spikes.npz").exists()
    with pytest.raises(loligo.InputError, match="is missing"):
        loligo.merge([first])
    with pytest.raises(loligo.InputError, match="there are no shards"):
        loligo.merge([])
    other = loligo.shard({**EXPERIMENT, "seed": 6}, 2, 4, engine="cpu")
    with pytest.raises(loligo.InputError, match="another experiment"):
        loligo.merge([first, other, one(3), one(4)])
    with pytest.raises(loligo.InputError, match="holds no shard"):
        loligo.merge([tmp_path])


def test_joblib(whole):
    joblib = pytest.importorskip("joblib")
    assert_same(loligo.merge(joblib.Parallel(n_jobs=2)(joblib.delayed(one)(k) for k in range(1, 5))), whole)


def test_dask(whole):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        with distributed.Client(cluster) as client:
            assert_same(loligo.merge(client.gather(client.map(one, range(1, 5)))), whole)


def test_ray(whole):
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        remote = ray.remote(one)
        assert_same(loligo.merge(ray.get([remote.remote(k) for k in range(1, 5)])), whole)
    finally:
        ray.shutdown()


MPI = """
import loligo, pickle, sys
from mpi4py import MPI
from mpi4py.futures import MPICommExecutor
sys.path.insert(0, sys.argv[1])
from test_shards import one
with MPICommExecutor(MPI.COMM_WORLD, root=0) as executor:
    if executor is not None:
        run = loligo.merge(list(executor.map(one, range(1, 5))))
        pickle.dump((run.neuron.copy(), run.step.copy()), open(sys.argv[2], "wb"))
"""


def test_mpi(whole, tmp_path):
    pytest.importorskip("mpi4py")
    if shutil.which("mpiexec") is None:
        pytest.skip("there is no mpiexec")
    words = ["mpiexec", "--allow-run-as-root", "--oversubscribe", "-n", "3", sys.executable, "-c", MPI]
    subprocess.run([*words, os.path.dirname(__file__), tmp_path / "out"], check=True, timeout=120)
    neuron, step = pickle.load(open(tmp_path / "out", "rb"))
    assert np.array_equal(neuron, whole.neuron) and np.array_equal(step, whole.step)
