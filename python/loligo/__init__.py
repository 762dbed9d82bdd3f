"""Loligo steps thousands to millions of independent noisy neurons at once, on the GPU or the CPU.

>>> import loligo
>>> run = loligo.run(model="lif", neurons=1000, duration="500 ms", noise={"kind": "white", "sigma": 3})
>>> run.populations[0]
<loligo.Population lif: 1000 neurons, ... Hz>

Keys, units and defaults are those of the command line and of its TOML files (``loligo models NAME`` tells them, and so does
:func:`models`); so are the numbers, for the same seed.
"""

from __future__ import annotations

import json
import operator
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Iterable, Mapping, NamedTuple, Optional, Sequence, Union

import numpy as np

from . import _loligo
from ._errors import Error, InputError, Interrupted, told
from ._experiment import Experiment
from ._loligo import Engine, __version__, engines
from ._run import Curve, Population, Run, Spectrum
from ._shard import Shard, paths, simulated
from ._trace import Trace
from ._values import in_seconds, plain

__all__ = [
    "Curve", "Engine", "Error", "Experiment", "InputError", "Interrupted", "Population", "Run", "Shard", "SignalSpectrum",
    "Spectrum", "Study", "Trace", "__version__", "bench", "compare", "diff", "engines", "exercises", "intervals", "merge", "models", "run",
    "shard", "spectrum", "studies", "study", "trace",
]  # fmt: skip

# Mesa's drivers look for a Wayland display when they are listed, and complain where there is none.
if sys.platform == "linux":
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())

Progress = Union[bool, Callable[[int], Any]]

#: Keywords of a run, besides those of an experiment.
HOW = ("record", "taper", "segment", "window")


def _engine(kind: str, adapter: Optional[str], precision: str) -> Engine:
    return Engine(kind, adapter=adapter, precision=precision)


def _of(experiment: Any, keywords: dict[str, Any]) -> Experiment:
    if isinstance(experiment, Experiment) and not keywords:
        return experiment
    return Experiment(experiment, **keywords)


def _how(experiment: Experiment, keywords: Mapping[str, Any]) -> dict[str, Any]:
    """How it is recorded: what is said, or what its file says."""
    settings = dict(experiment._inner.run_settings)
    for key in settings:
        if key not in (*HOW, "precision", "format", "show", "pick", "every"):
            raise InputError(f"[run] has no `{key}`; it has {', '.join(HOW)}, precision")
    of_file = {key: value for key, value in settings.items() if key in HOW}
    said = plain({key: keywords[key] for key in HOW if key in keywords})
    for key, value in said.items():
        if isinstance(value, (list, dict, np.ndarray)):
            raise InputError(f"{key} is a text or a number, not a {type(keywords[key]).__name__}")
    return {**of_file, **said}


def _chosen(experiment: Experiment, engine: Union[str, Engine], precision: Optional[str]) -> Engine:
    wanted = precision or dict(experiment._inner.run_settings).get("precision")
    if not isinstance(engine, Engine):
        return Engine(engine, precision=wanted or "f32")
    if wanted is not None and wanted != engine.precision:
        raise InputError(f"the engine computes in {engine.precision}, not {wanted}; give Engine(.., precision=\"{wanted}\")")
    return engine


@told
def run(
    experiment: Union[Experiment, str, Path, Mapping[str, Any], None] = None,
    *,
    engine: Union[str, Engine] = "auto",
    precision: Optional[str] = None,
    record: Optional[str] = None,
    window: Union[str, float, None] = None,
    segment: Union[str, float, None] = None,
    taper: Optional[str] = None,
    progress: Progress = False,
    **keywords: Any,
) -> Run:
    """Simulates an experiment, or what keywords say: see :class:`Experiment`.

    Parameters
    ----------
    engine : ``"auto"`` (a hardware GPU or else the CPU), ``"cpu"``, ``"gpu"``, or an :class:`Engine`.
    precision : ``"f32"``, or ``"f64"`` on the CPU.
    record : ``"spikes"``, ``"intervals"`` (statistics while stepping), ``"sample:N"``, ``"none"`` (counts).
    window : windows in which spikes are counted, for Fano factors (ms, or a text with a unit).
    segment, taper : of spectra: its length (ms, or a text), ``"hann"`` or ``"boxcar"``.
    progress : True shows a bar (tqdm, if it is there); or what is called with the steps done.

    Raises
    ------
    InputError : a value is wrong.
    Error : the device failed, or a neuron diverged; ``run`` of it has what was done.
    Interrupted : Ctrl-C; ``run`` of it has what was done.
    """
    own = _of(experiment, keywords)
    how = _how(own, {"record": record, "window": window, "segment": segment, "taper": taper})
    with _Bar(own.steps, progress) as call:
        inner, exception = _loligo.run(own._inner, _chosen(own, engine, precision), how, call)
    done = None if inner is None else Run(inner, own)
    if exception is None and done is not None:
        return done
    if isinstance(exception, KeyboardInterrupt):
        raise Interrupted("the run was interrupted; `run` of this has what was done", done) from exception
    if isinstance(exception, Error):
        exception.run = done
    raise exception if exception is not None else Error("nothing was simulated")


class _Bar:
    """A bar of tqdm, a function that is called, or nothing."""

    def __init__(self, steps: int, progress: Progress) -> None:
        self.steps, self.progress = steps, progress
        self.bar: Any = None

    def __enter__(self) -> Optional[Callable[[int], Any]]:
        if callable(self.progress):
            return self.progress
        if not self.progress:
            return None
        try:
            from tqdm.auto import tqdm
        except ImportError:
            return None
        bar = self.bar = tqdm(total=self.steps, unit="step")
        return lambda steps: bar.update(steps - bar.n)

    def __exit__(self, *_: Any) -> None:
        if self.bar is not None:
            self.bar.close()


@told
def compare(
    experiment: Union[Experiment, str, Path, Mapping[str, Any], None] = None,
    *,
    sweep: Optional[Mapping[str, Any]] = None,
    **keywords: Any,
) -> Run:
    """Simulates a grid of populations together: ``sweep`` has lists, arrays or ranges (``"0:10:2"``) by their keys.

    >>> run = compare(neurons=100, duration="300 ms", sweep={"noise.sigma": [0, 3]}, engine="cpu")
    >>> [population.at for population in run.populations]
    [{'noise.sigma': 0.0}, {'noise.sigma': 3.0}]
    """
    how = {key: keywords.pop(key) for key in ("engine", "precision", "progress", *HOW) if key in keywords}
    if sweep is not None:
        keywords["sweep"] = dict(sweep)
    own = Experiment(experiment, **keywords)
    if not own._inner.sweeps:
        raise InputError("there is nothing to compare: give sweep={\"noise.sigma\": [0, 1, 3]}")
    return run(own, **how)


@told
def trace(
    experiment: Union[Experiment, str, Path, Mapping[str, Any], None] = None,
    *,
    pick: Union[int, Sequence[int], None] = None,
    every: int = 1,
    precision: str = "f32",
    **keywords: Any,
) -> Trace:
    """Follows state variables and currents of a few neurons: those of ``pick`` by their indices, or the first of each population.

    ``every`` is the number of steps between samples.

    >>> followed = trace(neurons=2, duration="20 ms", pick=[0, 1])
    >>> followed["v"].shape, followed.units["v"]
    ((2, 200), 'mV')
    """
    own = _of(experiment, keywords or ({} if experiment is not None else {"neurons": 1, "duration": "200 ms"}))
    if pick is None:
        pick = own._inner.first_neurons
    if isinstance(pick, (str, bool)):
        raise InputError("pick has the indices of neurons, such as 3 or [0, 3]")
    picked = [operator.index(pick)] if np.ndim(pick) == 0 else [_index(neuron) for neuron in pick]  # type: ignore[arg-type, union-attr]
    if any(neuron < 0 for neuron in picked) or not 1 <= operator.index(every) <= own.steps:
        raise InputError("neurons count from 0, and `every` from 1 to the number of steps")
    return Trace(_loligo.trace(own._inner, picked, every, precision), own, picked)


def _index(neuron: Any) -> int:
    if isinstance(neuron, (bool, np.bool_)):
        raise InputError("pick has the indices of neurons, not a mask: numpy.flatnonzero makes indices of one")
    return operator.index(neuron)


class SignalSpectrum(NamedTuple):
    """The power spectrum of a signal."""

    frequency_hz: np.ndarray
    power: np.ndarray
    df_hz: float
    variance: float


@told
def spectrum(
    signal: Any,
    dt_s: float,
    *,
    method: str = "periodogram",
    scaling: str = "kramer",
    segment: Optional[int] = None,
    nw: float = 4.0,
) -> SignalSpectrum:
    """The power spectrum of a signal: samples in one dimension, or a trial a row, averaged over trials.

    Parameters
    ----------
    dt_s : time between samples (s).
    method : ``"periodogram"``, ``"welch"`` (``segment``: samples of a segment), ``"multitaper"`` (``nw``).
    scaling : ``"kramer"`` (all bins doubled, the first n/2) or ``"scipy"``.

    >>> t = np.arange(0, 1, 1e-3)
    >>> found = spectrum(np.sin(2 * np.pi * 40 * t), 1e-3)
    >>> float(found.frequency_hz[np.argmax(found.power)])
    40.0
    """
    dt_s = float(in_seconds("dt_s", dt_s))
    trials = np.asarray(signal)
    if trials.dtype.kind not in "biuf" or trials.ndim not in (1, 2) or not np.isfinite(trials).all():
        raise InputError("a signal is an array of finite numbers of one dimension, or a trial a row")
    rows = np.require(np.atleast_2d(trials), dtype=np.float64, requirements=["C", "A"])
    found = _loligo.spectrum(rows, float(dt_s), method, scaling, segment, float(nw))
    return SignalSpectrum(found["frequency_hz"], found["power"], found["df_hz"], found["variance"])


@told
def intervals(
    times_s: Any, *, duration_s: Optional[float] = None, window_s: float = 0.05
) -> dict[str, Any]:
    """The interval statistics of spike times (s): of one train, or of a list of trains.

    >>> found = intervals([0.1, 0.2, 0.4, 0.5, 0.7], duration_s=1.0)
    >>> round(found["cv"], 3), found["spikes"]
    (0.333, 5)
    """
    times_s = in_seconds("times_s", times_s)
    is_one = len(times_s) == 0 or np.ndim(next(iter(times_s))) == 0
    trains = []
    for train in [times_s] if is_one else times_s:
        times = np.sort(np.array(in_seconds("times_s", train), dtype=np.float64))
        if times.ndim != 1 or not np.isfinite(times).all() or (times.size and times[0] < 0):
            raise InputError("spike times are finite numbers from 0 on (s), in one dimension")
        trains.append(times)
    last = max((float(times[-1]) for times in trains if times.size), default=0.0)
    duration = last if duration_s is None else float(duration_s)
    if not duration > 0 or duration < last:
        raise InputError(f"the last spike is at {last} s, but the duration is {duration} s; give duration_s")
    if not 0 < window_s < np.inf or duration / window_s > 1e8:
        raise InputError(f"windows of {window_s} s are too short, or none; give window_s=0.05")
    return json.loads(_loligo.intervals(trains, duration, float(window_s)))


def models() -> dict[str, dict[str, Any]]:
    """The models of the catalogue by their names: what each is, its equations, and its parameters with units and defaults.

    >>> models()["lif"]["parameters"]["tau_m"]["unit"]
    'ms'
    """
    return {model["name"]: model for model in _loligo.models()}


@told
def bench(
    *,
    engine: Union[str, Engine] = "auto",
    model: str = "lif",
    noise: str = "white",
    neurons: int = 100_000,
    record: str = "none",
    windows: int = 5,
    window_s: float = 0.2,
) -> dict[str, Any]:
    """Measures the throughput of a model: neuron-steps per second, the median over windows and each of them."""
    own = engine if isinstance(engine, Engine) else Engine(engine)
    if not (windows >= 1 and 0 < window_s <= 60):
        raise InputError("give windows=1 or more, and window_s above 0, a minute at most")
    found = _loligo.bench(own, model, noise, neurons, record, windows, window_s)
    return {
        "neuron_steps_per_s": float(np.median(found)), "windows": found, "model": model, "noise": noise, "neurons": neurons,
        "engine": own.kind, "device": own.device, "is_software": own.is_software,
    }  # fmt: skip


class Study(NamedTuple):
    """What a study found: in words, as columns of numbers, and as a picture (PNG); ``run`` is its run."""

    lines: list[str]
    columns: dict[str, np.ndarray]
    figure: bytes
    run: Run

    def _repr_png_(self) -> bytes:
        return self.figure


def studies() -> dict[str, str]:
    """The studies by their names, with what each is.

    >>> sorted(studies())
    ['gain', 'impedance', 'reliability', 'resonance', 'spontaneous']
    """
    return dict(_loligo.studies())


@told
def study(name: str, **keywords: Any) -> Study:
    """Does a study that people do: stochastic resonance, impedance by a chirp, gain modulation, reliability, channel noise.

    Keywords change its experiment, as those of :func:`compare` do, and say how it is run (``engine``).
    """
    how = {key: keywords.pop(key) for key in ("engine", "precision", "progress") if key in keywords}
    own = Experiment(toml=_loligo.study_text(name), **keywords)
    done = run(own, **how)
    found = _loligo.found(name, own._inner, done._inner)
    return Study(found["lines"], found["columns"], found["figure"], done)


@told
def exercises(folder: Union[str, Path], *, engine: Union[str, Engine] = "auto", force: bool = False) -> list[dict[str, Any]]:
    """Does the exercises beside their reference values, into a folder with a page (``index.html``)."""
    own = engine if isinstance(engine, Engine) else Engine(engine)
    names = ("number", "title", "holds", "values")
    return [dict(zip(names, done)) for done in _loligo.exercises(str(folder), own, force)]


def diff(first: Union[str, Path], second: Union[str, Path]) -> dict[str, Any]:
    """What differs between two folders of results: the experiments, and the results in units of their standard errors."""
    return json.loads(_loligo.diff(str(first), str(second)))


@told
def shard(
    experiment: Union[Experiment, str, Path, Mapping[str, Any]],
    k: int,
    n: int,
    folder: Union[str, Path, None] = None,
    *,
    engine: Union[str, Engine] = "auto",
    precision: Optional[str] = None,
    record: Optional[str] = None,
    window: Union[str, float, None] = None,
    segment: Union[str, float, None] = None,
    taper: Optional[str] = None,
    force: bool = False,
) -> Shard:
    """Simulates the part ``k`` of ``n`` of an experiment, from 1 on, into a folder, or one that goes with the shard.

    ``force`` replaces a folder that is there.

    All parts, simulated anywhere, :func:`merge` into what one run gives, byte for byte.

    >>> experiment = Experiment(neurons=100, duration="200 ms")
    >>> whole = merge(shard(experiment, k, 3, engine="cpu") for k in (1, 2, 3))
    >>> bool((whole.step == experiment.run(engine="cpu").step).all())
    True
    """
    own = _of(experiment, {})
    how = _how(own, {"record": record, "window": window, "segment": segment, "taper": taper})
    return simulated(own, k, n, folder, _chosen(own, engine, precision), how, force)


@told
def merge(shards: Iterable[Union[Shard, str, Path]]) -> Run:
    """Puts all shards of an experiment together, in any order: what one run gives."""
    kept = list(shards)
    inner, results = _loligo.merge(paths(kept))
    return Run(results, Experiment._of(inner))
