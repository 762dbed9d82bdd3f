"""Runs: the same numbers as the command line's, arrays without copies, and the manners of Python."""

import gc
import json
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import loligo
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("LOLIGO", ROOT / "target" / "release" / "loligo"))


def program(*words, folder):
    """Runs the command line."""
    if not PROGRAM.exists():
        pytest.skip(f"there is no {PROGRAM}: cargo build --release makes it")
    done = subprocess.run([PROGRAM, *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_same_seed_gives_the_numbers_of_the_command_line(tmp_path):
    flags = "--neurons 300 --duration 400ms --noise ou --set tau_m=normal(10,1,min=5) --engine cpu --seed 7"
    told = json.loads(program("run", *flags.split(), "--out", "cli", "--json", folder=tmp_path))
    run = loligo.run(
        neurons=300, duration="400ms", noise="ou", tau_m="normal(10,1,min=5)", engine="cpu", seed=7
    )
    with np.load(tmp_path / "cli" / "spikes.npz") as archive:
        assert np.array_equal(run.neuron, archive["neuron"]) and np.array_equal(run.step, archive["step"])
    ours = run.summary
    for summary in (told, ours):
        summary.pop("timing")
    assert ours == told
    # Files, too: all that hold numbers are the same bytes.
    run.write(tmp_path / "python", figures=["svg"])
    for name in ["intervals.csv", "histogram.csv", "spectrum.csv", "rate.csv", "parameters.csv"]:
        assert (tmp_path / "python" / name).read_bytes() == (tmp_path / "cli" / name).read_bytes()
    # And what one has written the other runs.
    again = loligo.run(tmp_path / "cli" / "experiment.toml", engine="cpu")
    assert np.array_equal(again.step, run.step)
    program("run", "python", "--out", "third", "--quiet", "--engine", "cpu", folder=tmp_path)
    with np.load(tmp_path / "third" / "spikes.npz") as archive:
        assert np.array_equal(run.step, archive["step"])


def test_arrays_are_views_that_outlive_the_run_and_cannot_be_written():
    run = loligo.run(neurons=2000, duration="500 ms", engine="cpu")
    neuron, step, times, counts = run.neuron, run.step, run.times_ms, run.counts
    assert neuron.dtype == step.dtype == counts.dtype == np.uint32 and times.dtype == np.float64
    assert len(neuron) == counts.sum() > 10_000
    # The same memory at each access.
    assert run.neuron.ctypes.data == neuron.ctypes.data and run.times_ms.ctypes.data == times.ctypes.data
    assert np.array_equal(np.bincount(neuron, minlength=2000), counts)
    assert np.all(np.diff(step.astype(np.int64)) >= 0) and np.allclose(times, step * run.dt_ms)
    for array in (neuron, step, times, counts, run.populations[0].counts, run.populations[0].rates_hz):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
        with pytest.raises(ValueError):
            array.flags.writeable = True
    copy, gone = step.copy(), weakref.ref(run)
    del run
    gc.collect()
    assert gone() is None and np.array_equal(step, copy)


def test_statistics_are_those_of_numpy():
    run = loligo.run(neurons=200, duration="2 s", engine="cpu")
    population = run.populations[0]
    for neuron in (0, 17, 199):
        intervals = np.diff(run.train(neuron))
        assert population.isi_mean_ms[neuron] == pytest.approx(intervals.mean(), rel=1e-12)
        assert population.cv[neuron] == pytest.approx(intervals.std() / intervals.mean(), rel=1e-9)
    assert population.rates_hz == pytest.approx(run.counts / 2.0)
    assert population.spectrum.frequency_hz[0] == pytest.approx(1.0)
    assert population.histogram.y.sum() * population.histogram.x[1] == pytest.approx(1.0, abs=0.02)
    with pytest.raises(IndexError):
        run.train(200)


@pytest.mark.parametrize("record", ["intervals", "sample:5", "none"])
def test_what_is_not_recorded_is_empty(record):
    run = loligo.run(neurons=50, duration="300 ms", engine="cpu", record=record)
    whole = loligo.run(neurons=50, duration="300 ms", engine="cpu")
    assert np.array_equal(run.counts, whole.counts)
    assert len(set(run.neuron.tolist())) == {"intervals": 0, "sample:5": 5, "none": 0}[record]
    assert (run.populations[0].cv is None) == (record == "none")


def test_grids():
    grid = loligo.compare(
        neurons=40, duration="400 ms", engine="cpu", sweep={"noise.sigma": [0, 3], "stimulus.amplitude": "200:300:50"}
    )
    assert [p.at for p in grid.populations][1] == {"noise.sigma": 0.0, "stimulus.amplitude": 250.0}
    assert len(grid.populations) == 6
    assert set(grid.figures("svg")) and all(image.startswith(b"<svg") for image in grid.figures("svg").values())
    with pytest.raises(loligo.InputError, match="nothing to compare"):
        loligo.compare(neurons=3)


def test_traces_have_the_spikes_of_runs():
    keywords = dict(neurons=4, duration="300 ms", seed=3)
    run, traced = loligo.run(**keywords, engine="cpu"), loligo.trace(**keywords, pick=[0, 3])
    for neuron, spikes in zip((0, 3), traced.spikes_ms):
        assert np.allclose(run.train(neuron), spikes)
    assert traced["v"].shape == (2, 3000) and traced.keys() == ["v", "current"]
    assert traced.v_sd_predicted_mv[0] > 0
    with pytest.raises(KeyError, match="there is v, current"):
        traced["w"]
    with pytest.raises(IndexError):
        loligo.trace(**keywords, pick=4)


def test_python_goes_on_while_a_run_does():
    ticks = []
    stop = threading.Event()

    def tick():
        while not stop.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    begin = time.perf_counter()
    loligo.run(neurons=50_000, duration="1 s", engine="cpu", record="none")
    end = time.perf_counter()
    stop.set()
    thread.join()
    during = [t for t in ticks if begin < t < end]
    assert len(during) > 100 * (end - begin)


def test_two_runs_at_once():
    engine, found = loligo.Engine("cpu"), {}

    def one(seed):
        found[seed] = loligo.run(neurons=500, duration="500 ms", seed=seed, engine=engine)

    threads = [threading.Thread(target=one, args=(seed,)) for seed in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    for seed, run in found.items():
        alone = loligo.run(neurons=500, duration="500 ms", seed=seed, engine=engine)
        assert np.array_equal(run.step, alone.step) and np.array_equal(run.neuron, alone.neuron)


def _steps(seed):
    return loligo.run(neurons=100, duration="200 ms", seed=seed, engine="cpu").step.tolist()


@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_processes_that_are_forked_or_spawned_run_as_well(way):
    here = [_steps(seed) for seed in range(3)]
    with multiprocessing.get_context(way).Pool(2) as pool:
        assert pool.map_async(_steps, range(3)).get(timeout=120) == here


INTERRUPTED = """
import loligo, sys, time
began = lambda steps: (print("began", flush=True) if steps else None)
try:
    loligo.run(neurons=100_000, duration=sys.argv[2], engine="cpu", record=sys.argv[1], progress=began)
except loligo.Interrupted as interrupted:
    assert isinstance(interrupted, KeyboardInterrupt)
    run = interrupted.run
    print("ended", 0 < run.steps < run.experiment.steps, run.counts.sum() > 0, run.summary["interrupted"], flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent")
@pytest.mark.parametrize("record", ["none", "spikes"])
def test_an_interrupted_run_keeps_what_is_done(record):
    child = subprocess.Popen([sys.executable, "-c", INTERRUPTED, record, {"none": "1000 s", "spikes": "20 s"}[record]], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "began\n"
    begin = time.perf_counter()
    child.send_signal(signal.SIGINT)
    rest, _ = child.communicate(timeout=60)
    assert rest.splitlines()[-1] == "ended True True True"
    assert child.returncode == 0 and time.perf_counter() - begin < 10


def test_an_error_of_progress_ends_the_run():
    def progress(steps):
        if steps:
            raise ZeroDivisionError("of progress")

    with pytest.raises(ZeroDivisionError, match="of progress"):
        loligo.run(neurons=100_000, duration="1000 s", engine="cpu", record="none", progress=progress)
    seen = []
    loligo.run(neurons=20_000, duration="500 ms", engine="cpu", record="none", progress=seen.append)
    assert seen == sorted(seen) and seen[-1] == 5000


def test_a_neuron_that_diverges_is_told_with_what_was_done():
    with pytest.raises(loligo.Error, match="diverged") as failure:
        loligo.run(model="hodgkin_huxley", integrator="euler", noise={"sigma": 1e30}, neurons=3, duration="20 ms", engine="cpu")
    assert not isinstance(failure.value, ValueError) and failure.value.run.steps > 0


def test_engines():
    names = {engine["kind"] for engine in loligo.engines()}
    assert "cpu" in names
    engine = pickle.loads(pickle.dumps(loligo.Engine("cpu", precision="f64")))
    assert engine.precision == "f64" and repr(engine).startswith("<loligo.Engine cpu: ")
    with pytest.raises(ValueError, match="there is no engine `tpu`"):
        loligo.run(neurons=1, engine="tpu")
    with pytest.raises(ValueError, match="f32 only"):
        loligo.Engine("gpu", precision="f64")
    if "gpu" in names:
        keywords = dict(neurons=200, duration="300 ms", noise="none", stimulus={"amplitude": "uniform(220,400)"})
        gpu, cpu = (loligo.run(**keywords, engine=kind) for kind in ("gpu", "cpu"))
        assert abs(int(gpu.counts.sum()) - int(cpu.counts.sum())) < 0.01 * cpu.counts.sum()


def test_bench():
    found = loligo.bench(engine="cpu", neurons=1000, windows=2, window_s=0.02)
    assert found["neuron_steps_per_s"] > 1e6 and len(found["windows"]) == 2
    with pytest.raises(ValueError):
        loligo.bench(engine="cpu", model="squid")


def test_nothing_leaks():
    resource = pytest.importorskip("resource")
    experiment, engine = loligo.Experiment(neurons=200, duration="100 ms"), loligo.Engine("cpu")

    def grown(runs):
        for _ in range(runs):
            run = loligo.run(experiment, engine=engine)
            run.neuron, run.times_ms, run.populations[0].cv
        gc.collect()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = grown(200)
    # A thousand runs of 1 MB each would be a gigabyte.
    assert grown(1000) - before < 20_000


def test_others_tables():
    run = loligo.run(neurons=30, duration="200 ms", engine="cpu")
    pandas = pytest.importorskip("pandas")
    frame = run.to_pandas()
    assert isinstance(frame, pandas.DataFrame) and list(frame) == ["neuron", "step", "time_ms"]
    assert len(run.table()) == 1
    sweep = {"noise.sigma": [1, 3], "neurons": [2, 3]}
    grid = loligo.compare(duration="100 ms", engine="cpu", sweep=sweep).table()
    assert len(grid) == 4 and grid.neurons.tolist() == [2, 3, 2, 3]
    polars = pytest.importorskip("polars")
    assert isinstance(run.to_polars(), polars.DataFrame)


def test_grids_of_xarray():
    pytest.importorskip("xarray")
    sweep = {"noise.sigma": [1.0, 3.0], "stimulus.amplitude": [220.0, 250.0, 280.0]}
    grid = loligo.compare(neurons=20, duration="300 ms", engine="cpu", sweep=sweep)
    dataset = grid.to_xarray()
    assert dataset.rate_hz.shape == (2, 3)
    assert float(dataset.rate_hz.sel({"noise.sigma": 3.0, "stimulus.amplitude": 280.0})) == pytest.approx(
        grid.populations[5].rates_hz.mean()
    )
    with pytest.raises(loligo.InputError, match="no grid"):
        loligo.run(neurons=2, duration="50 ms", engine="cpu").to_xarray()


def test_neo(tmp_path):
    pytest.importorskip("neo")
    run = loligo.run(neurons=30, duration="500 ms", engine="cpu")
    segment = run.to_neo(neurons=[3, 4])
    assert [train.annotations["neuron"] for train in segment.spiketrains] == [3, 4]
    assert np.allclose(segment.spiketrains[0].magnitude, run.train(3))


def test_files(tmp_path):
    run = loligo.run(neurons=30, duration="200 ms", engine="cpu")
    written = run.write(tmp_path / "out", formats=["npz", "parquet", "sonata"], figures=["png", "pdf"])
    assert {path.name for path in written} >= {"summary.json", "experiment.toml", "spikes.parquet", "spikes.h5", "raster.pdf"}
    with pytest.raises(loligo.Error):
        run.write(tmp_path / "out")
    run.write(tmp_path / "out", force=True, figures=[])
    assert run.to_nwb(tmp_path / "nwb").exists()
    with pytest.raises(ValueError, match="there is no format `tiff`"):
        run.write(tmp_path / "more", figures=["tiff"])


def test_notebooks_show_figures():
    run = loligo.run(neurons=30, duration="300 ms", engine="cpu")
    assert run._repr_png_().startswith(b"\x89PNG") and run._repr_html_().count("<img") == len(run.figures())
    pytest.importorskip("matplotlib").use("Agg")
    for draw in (run.plot_raster, run.plot_intervals, run.plot_spectrum, run.plot_rate):
        assert draw().get_xlabel()
    assert loligo.trace(neurons=2, duration="50 ms", pick=[0, 1]).plot().get_ylabel() == "v [mV]"


def test_studies_and_differences(tmp_path):
    found = loligo.study("resonance", engine="cpu", neurons=20, duration="3 s")
    assert found.figure.startswith(b"\x89PNG") and found.lines and all(len(c) for c in found.columns.values())
    with pytest.raises(ValueError, match="there is no study `x`"):
        loligo.study("x")
    for seed in (1, 2):
        loligo.run(neurons=20, duration="200 ms", engine="cpu", seed=seed).write(tmp_path / f"{seed}", figures=[])
    differences = loligo.diff(tmp_path / "1", tmp_path / "2")
    assert [d["key"] for d in differences["experiment"]] == ["seed"] and not differences["same_spikes"]


def test_threads_that_open_engines_at_once_do_not_wait_for_each_other():
    kinds = ["gpu" if any(engine["kind"] == "gpu" for engine in loligo.engines()) else "cpu", "cpu", "auto", "auto"]
    code = (
        "import loligo, sys, threading\n"
        "threads = [threading.Thread(target=loligo.run, kwargs=dict(neurons=5, duration=5, engine=kind)) for kind in sys.argv[1:]]\n"
        "[thread.start() for thread in threads]; [thread.join() for thread in threads]"
    )
    subprocess.run([sys.executable, "-c", code, *kinds], check=True, timeout=60)


def test_what_does_not_fit_the_memory_is_refused():
    for wrong in (
        lambda: loligo.run(neurons=2**32 - 1, duration=1, engine="cpu", record="none"),
        lambda: loligo.shard(dict(neurons=2**32 - 1, duration=1), 1, 4, engine="cpu"),
        lambda: loligo.Experiment(neurons=2**32 - 1).values("tau_m"),
        lambda: loligo.trace(neurons=1, dt=0.001, duration=4e6),
    ):
        with pytest.raises(loligo.Error, match="memory") as refused:
            wrong()
        assert not isinstance(refused.value, ValueError)


def test_what_was_not_recorded_is_no_silence():
    run = loligo.run(neurons=20, duration="300 ms", engine="cpu", record="sample:2")
    kept = sorted(set(run.neuron.tolist()))
    assert len(run.train(kept[0])) == run.counts[kept[0]] > 0
    other = next(n for n in range(20) if n not in kept)
    none = loligo.run(neurons=2, duration="300 ms", engine="cpu", record="intervals")
    for wrong in (lambda: run.train(other), lambda: none.train(0), lambda: none.to_nwb("x")):
        with pytest.raises(loligo.InputError, match="not recorded"):
            wrong()


def test_counts_are_of_the_window():
    keywords = {"neurons": 30, "duration": "400 ms", "from": "100 ms", "to": "300 ms", "engine": "cpu"}
    counts = [loligo.run(**keywords, record=record).counts.tolist() for record in ("spikes", "intervals", "sample:3")]
    assert counts[0] == counts[1] == counts[2]
    whole = loligo.run(**keywords)
    assert sum(counts[0]) == ((whole.times_ms >= 100) & (whole.times_ms < 300)).sum() < len(whole.step)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
def test_a_forked_child_takes_nothing_away(tmp_path):
    code = (
        "import loligo, numpy, os\n"
        "e = loligo.Experiment(neurons=4, duration=50, stimulus={'signal': numpy.full(600, 300.0), 'dt': 0.1})\n"
        "shards = [loligo.shard(e, k, 2, engine='cpu') for k in (1, 2)]\n"
        "if os.fork() == 0: raise SystemExit\n"
        "os.wait(); print(loligo.merge(shards).counts.sum() > 0, loligo.Experiment(e, seed=2).seed)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "True 2"


def test_exercises(tmp_path):
    done = loligo.exercises(tmp_path / "out", engine="cpu")
    assert len(done) >= 12 and all(one["holds"] for one in done) and (tmp_path / "out" / "index.html").exists()
