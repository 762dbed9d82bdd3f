"""Experiments."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping, Optional, Union

import numpy as np

from . import _loligo
from ._errors import InputError, told
from ._files import SIGNAL, signal_file
from ._values import is_quantity, plain

if TYPE_CHECKING:
    from ._run import Run
    from ._shard import Shard


class Experiment:
    """What is to be simulated, checked once; it can be run as often as wanted.

    Keywords are the keys of the TOML file, with the same units and defaults: a number is in the key's own unit, a text has
    its unit (``"20 ms"``), a list or array has a value for each neuron, and a text such as ``"normal(10 ms, 1 ms)"`` is drawn.
    Quantities of pint, quantities and brian2 are taken as well. Keys with a dot are dicts.

    Parameters
    ----------
    source : path of a TOML file, or a dict of keywords, or another experiment, which keywords then change.
    toml : the text of a TOML file.
    **keywords : the keys of populations and of the experiment: ``model``, ``neurons``, ``duration``, ``dt``, ``seed``,
        ``integrator``, the model's own parameters, ``stimulus`` and ``noise`` (a name, or a dict with ``kind``), ``sources``
        (a list of dicts), ``populations`` (a list of dicts), ``sweep`` (a dict of lists), ``models`` (a dict of dicts or texts of
        TOML, models of one's own).

    Raises
    ------
    loligo.InputError : a ValueError that says what is wrong, where, and what would be right.

    Examples
    --------
    >>> experiment = Experiment(neurons=100, duration="200 ms", noise={"kind": "ou", "sigma": 40, "tau": "5 ms"})
    >>> experiment.neurons, experiment.duration_ms
    (100, 200.0)
    >>> Experiment(tau_m="3 mV")
    Traceback (most recent call last):
    loligo._errors.InputError: tau_m = '3 mV': tau_m: `3 mV` is a voltage, but a time is wanted...
    >>> Experiment(neurons=3, tau_m=np.array([8.0, 10.0, 12.0])).values("tau_m")
    array([ 8., 10., 12.])
    """

    def __init__(
        self,
        source: Union[str, Path, Mapping[str, Any], "Experiment", None] = None,
        *,
        toml: Optional[str] = None,
        **keywords: Any,
    ) -> None:
        if toml is not None and source is not None:
            raise InputError("there is a source and a text of TOML; give one of them")
        if toml is not None and not isinstance(toml, str):
            raise InputError(f"toml is a text, not a {type(toml).__name__}")
        self._base: tuple[Optional[str], Optional[str]] = (None, toml)
        self._said: dict[str, Any]
        said: dict[str, Any] = {}
        if isinstance(source, Experiment):
            self._base, said = source._base, source._said
        elif isinstance(source, Mapping):
            said = _with_files({str(key): value for key, value in source.items()})
        elif source is not None:
            try:
                # Wherever Python goes: files that it names are beside it.
                self._base = (os.path.abspath(os.fspath(source)), None)
            except TypeError:
                message = f"a {type(source).__name__} is no experiment; give a path, a dict or an experiment"
                raise InputError(message) from None
        self._said = _merged(said, _with_files(keywords))
        self._inner = self._made()

    @told
    def _made(self) -> _loligo.Experiment:
        return _loligo.Experiment(*self._base, plain(self._said))

    @classmethod
    def _of(cls, inner: _loligo.Experiment) -> "Experiment":
        experiment = cls.__new__(cls)
        experiment._base, experiment._said, experiment._inner = (None, inner.to_toml()), {}, inner
        return experiment

    @property
    def neurons(self) -> int:
        """How many neurons, of all populations together."""
        return self._inner.neurons

    @property
    def steps(self) -> int:
        """How many steps."""
        return self._inner.steps

    @property
    def dt_ms(self) -> float:
        """The time step (ms)."""
        return self._inner.dt_ms

    @property
    def duration_ms(self) -> float:
        """The time simulated (ms)."""
        return self._inner.duration_ms

    @property
    def seed(self) -> int:
        """The seed of all random numbers."""
        return self._inner.seed

    @property
    def populations(self) -> list[str]:
        """The names of the populations."""
        return self._inner.populations

    @property
    def notes(self) -> list[str]:
        """What is to be told: settings that do not act as they look."""
        return self._inner.notes

    def values(self, key: str, population: int = 0) -> np.ndarray:
        """The values of a key (``tau_m``, ``noise.sigma``), one for each neuron of a population, in the key's unit."""
        return self._inner.values(key, population)

    def unit(self, key: str, population: int = 0) -> Optional[str]:
        """The unit of a key."""
        return self._inner.unit(key, population)

    def to_toml(self) -> str:
        """The experiment as a file that the command line takes: everything that was said, and every default."""
        return self._inner.to_toml()

    def run(self, **keywords: Any) -> "Run":
        """Simulates it: see :func:`loligo.run`."""
        from . import run

        return run(self, **keywords)

    def shard(self, k: int, n: int, folder: Union[str, Path, None] = None, **keywords: Any) -> "Shard":
        """Simulates shard ``k`` of ``n``, from 1 on: see :func:`loligo.shard`."""
        from . import shard

        return shard(self, k, n, folder, **keywords)

    def __reduce__(self) -> tuple[Any, ...]:
        signals = {path: np.load(path) for path in _signals(self._said)}
        return _again, (self._base, self._said, signals)

    def __repr__(self) -> str:
        names = self.populations
        of = names[0] if len(names) == 1 else f"{len(names)} populations"
        return f"<loligo.Experiment: {self.neurons} neurons ({of}) for {self.duration_ms:g} ms>"


def _again(base: tuple[Optional[str], Optional[str]], said: dict[str, Any], signals: dict[str, np.ndarray]) -> Experiment:
    own = {path: str(signal_file(signal)) for path, signal in signals.items()}
    experiment = Experiment.__new__(Experiment)
    experiment._base, experiment._said = base, _renamed(said, own)
    experiment._inner = experiment._made()
    return experiment


def _renamed(said: Any, names: Mapping[str, str]) -> Any:
    if isinstance(said, Mapping):
        return {key: _renamed(value, names) for key, value in said.items()}
    if isinstance(said, list):
        return [_renamed(value, names) for value in said]
    return names.get(said, said) if isinstance(said, str) else said


def _signals(said: Any) -> set[str]:
    """The files of signals that were given as arrays."""
    if isinstance(said, Mapping):
        return set().union(*map(_signals, said.values()))
    if isinstance(said, list):
        return set().union(*map(_signals, said))
    return {said} if isinstance(said, str) and Path(said).name.startswith(SIGNAL) else set()


#: Groups of keys that are dicts, and those that are lists of dicts.
GROUPS, LISTS = ("stimulus", "noise"), ("source", "sources", "population", "populations")


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords with others that count before: a group keeps its other keys, unless it gets another kind; a key that gets a value is
    swept no longer."""
    merged = dict(old)
    for key, value in new.items():
        before = merged.get(key)
        if isinstance(before, str) and key in GROUPS:
            before = {"kind": before}
        if isinstance(before, Mapping) and isinstance(value, Mapping) and key != "sweep":
            is_other = "kind" in value and value["kind"] != before.get("kind")
            merged[key] = dict(value) if is_other else {**before, **value}
        else:
            merged[key] = value
        sweep = merged.get("sweep")
        if isinstance(sweep, Mapping) and "sweep" not in new:
            merged["sweep"] = {swept: values for swept, values in sweep.items() if swept != key}
    return merged


def _with_files(said: Mapping[str, Any]) -> dict[str, Any]:
    """Signals that are arrays, as files: a source that plays one has the key ``signal``. Lists and dicts are what they must be."""
    done: dict[str, Any] = {}
    for key, value in said.items():
        if key in LISTS and value is not None:
            if not isinstance(value, (list, tuple)) or not value or not all(isinstance(item, Mapping) for item in value):
                raise InputError(f"{key} is a list of dicts, one at least; not {value!r:.100}")
            value = [_played(key, _with_files(item)) for item in value]
        elif key in ("sweep", "models") and value is not None and not isinstance(value, Mapping):
            raise InputError(f"{key} is a dict, of {'lists' if key == 'sweep' else 'dicts or texts'} by their names; not {value!r:.100}")
        elif key not in ("sweep", "models", "parameters") and isinstance(value, Mapping):
            value = _played(key, dict(value))
        done[key] = value
    if "kind" in done and not isinstance(done["kind"], (str, os.PathLike)):
        raise InputError(f"a kind is a name, not {done['kind']!r:.100}")
    return done


def _played(key: str, value: dict[str, Any]) -> dict[str, Any]:
    if "signal" not in value:
        return value
    signal = value.pop("signal")
    if is_quantity(signal):
        message = f"{key}.signal: a signal has numbers in the unit of the model's current; for example signal.to('pA').magnitude"
        raise InputError(message)
    try:
        numbers = np.asarray(signal)
    except ValueError:
        numbers = np.array(None)
    is_whole = numbers.dtype.kind in "biuf" and numbers.ndim in (1, 2) and not np.ma.getmaskarray(signal).any()
    if not is_whole or not np.isfinite(numbers).all():
        message = f"{key}.signal: a recording is an array of finite numbers of one row, or of a row for each neuron"
        raise InputError(message)
    return {"kind": "file", **value, "file": str(signal_file(numbers))}
