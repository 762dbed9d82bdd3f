"""Experiments."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping, Optional, Union

import numpy as np

from . import _loligo
from ._errors import InputError
from ._values import plain

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
        self._folder: Optional[tempfile.TemporaryDirectory[str]] = None
        self._inner: _loligo.Experiment
        said = self._recordings(keywords)
        if isinstance(source, Experiment):
            self._folder = self._folder or source._folder
            self._inner = source._inner.with_values(plain(said))
            return
        if isinstance(source, Mapping):
            said = {**self._recordings(source), **said}
            source = None
        path = None if source is None else str(source)
        self._inner = _loligo.Experiment(path, toml, plain(said))

    @classmethod
    def _of(cls, inner: _loligo.Experiment) -> "Experiment":
        experiment = cls.__new__(cls)
        experiment._folder, experiment._inner = None, inner
        return experiment

    def _recordings(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """Signals that are arrays, as files: a source that plays one has the key ``signal``."""
        done: dict[str, Any] = {}
        for key, value in said.items():
            if isinstance(value, Mapping):
                value = self._recordings(value)
                if "signal" in value:
                    signal = np.asarray(value.pop("signal"))
                    if signal.dtype.kind not in "biuf" or signal.ndim not in (1, 2) or not np.isfinite(signal).all():
                        raise InputError(
                            f"{key}.signal: a recording is an array of finite numbers of one row, or of a row for each neuron"
                        )
                    if self._folder is None:
                        self._folder = tempfile.TemporaryDirectory(prefix="loligo-")
                    path = Path(self._folder.name) / f"{key}-{len(list(Path(self._folder.name).iterdir()))}.npy"
                    np.save(path, signal.astype(np.float64))
                    value = {"kind": "file", **value, "file": str(path)}
            elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
                value = [self._recordings({"source": item})["source"] for item in value]
            done[key] = value
        return done

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
        return _again, (self.to_toml(),)

    def __repr__(self) -> str:
        names = self.populations
        of = names[0] if len(names) == 1 else f"{len(names)} populations"
        return f"<loligo.Experiment: {self.neurons} neurons ({of}) for {self.duration_ms:g} ms>"


def _again(toml: str) -> Experiment:
    return Experiment(toml=toml)
