"""What a run gives."""

from __future__ import annotations

import base64
import html
import json
import operator
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterable, NamedTuple, Optional, Sequence, Union

import numpy as np

from . import _loligo
from ._errors import InputError
from ._experiment import Experiment, _signals

if TYPE_CHECKING:
    import pandas
    import polars
    import xarray
    from matplotlib.axes import Axes


class Spectrum(NamedTuple):
    """Power at frequencies (Hz): of the mean over single neurons, and of the population's rate."""

    frequency_hz: np.ndarray
    power: np.ndarray
    population: np.ndarray


class Curve(NamedTuple):
    """A quantity over the begin of each bin."""

    x: np.ndarray
    y: np.ndarray


class Population:
    """What a run gave of one population.

    ``counts`` (spikes), ``rates_hz``, ``isi_mean_ms``, ``cv``, ``cv2``, ``lv`` and ``lvr`` have a value for each neuron, not a
    number where there are too few intervals; None where only counts were recorded.
    """

    def __init__(self, inner: _loligo.Population) -> None:
        self._inner = inner
        self.name: str = inner.name
        self.model: str = inner.model
        self.own_name: str = inner.own_name
        self.at: dict[str, Any] = inner.at
        self.neurons = range(*inner.range)

    counts = property(lambda self: self._inner.counts, doc="Spikes of each neuron in the window.")
    rates_hz = property(lambda self: self._inner.rates_hz, doc="Rate of each neuron in the window (Hz).")
    isi_mean_ms = property(lambda self: self._inner.isi_mean_ms, doc="Mean interval of each neuron (ms).")
    cv = property(lambda self: self._inner.cv, doc="Coefficient of variation of each neuron's intervals.")
    cv2 = property(lambda self: self._inner.cv2, doc="CV2 of each neuron (Holt et al. 1996).")
    lv = property(lambda self: self._inner.lv, doc="LV of each neuron (Shinomoto et al. 2003).")
    lvr = property(lambda self: self._inner.lvr, doc="LvR of each neuron (Shinomoto et al. 2009).")

    @property
    def spectrum(self) -> Optional[Spectrum]:
        """The power spectrum of spike trains, Welch's method; None if there is none."""
        found = self._inner.spectrum()
        if found is None:
            return None
        df_hz, power, population = found
        frequency = df_hz * np.arange(1, max(len(power), len(population)) + 1)
        return Spectrum(frequency, power, population)

    @property
    def histogram(self) -> Optional[Curve]:
        """The density of intervals (1/ms) over the begins of bins (ms); None without intervals."""
        found = self._inner.histogram()
        return None if found is None else Curve(found[0] * np.arange(len(found[1])), found[1])

    @property
    def rate(self) -> Optional[Curve]:
        """The rate (Hz) over the begins of bins (ms since the begin of the window)."""
        found = self._inner.rate()
        return None if found is None else Curve(found[0] * np.arange(len(found[1])), found[1])

    def __repr__(self) -> str:
        return f"<loligo.Population {self.name}: {len(self.neurons)} neurons, {np.mean(self.rates_hz):.4g} Hz>"


class Run:
    """What a run gave: spikes and statistics, as read-only arrays that live as long as they are needed.

    ``neuron`` (uint32), ``step`` (uint32) and ``times_ms`` (float64) have an entry for each spike of the whole run, in the order of
    time, then of neurons; they are empty where spikes were not recorded. ``counts`` has an entry for each neuron, of the window.

    >>> import loligo
    >>> run = loligo.run(neurons=50, duration="300 ms", engine="cpu")
    >>> run.neuron.shape == run.step.shape == run.times_ms.shape
    True
    >>> bool(run.counts.sum() == len(run.neuron))
    True
    """

    def __init__(self, inner: _loligo.Results, experiment: Experiment) -> None:
        self._inner = inner
        self.experiment = experiment
        self.populations = [Population(population) for population in inner.populations]
        self._figures: dict[str, dict[str, bytes]] = {}

    neuron = property(lambda self: self._inner.neuron, doc="The neuron of each spike.")
    step = property(lambda self: self._inner.step, doc="The step of each spike.")
    times_ms = property(lambda self: self._inner.times_ms, doc="The time of each spike (ms).")
    counts = property(lambda self: self._inner.counts, doc="The number of spikes of each neuron in the window.")
    steps = property(lambda self: self._inner.steps, doc="Steps done.")
    dt_ms = property(lambda self: self._inner.dt_ms, doc="The time step (ms).")
    window_ms = property(lambda self: tuple(self._inner.window_ms), doc="The part that statistics are of (ms).")

    @property
    def summary(self) -> dict[str, Any]:
        """All of it in numbers, as ``summary.json`` of the command line has it."""
        return json.loads(self._inner.summary_json())

    @property
    def rates_hz(self) -> np.ndarray:
        """The rate of each neuron in the window (Hz)."""
        return np.concatenate([population.rates_hz for population in self.populations])

    def train(self, neuron: int) -> np.ndarray:
        """The spike times of one neuron (ms)."""
        if not 0 <= operator.index(neuron) < self.experiment.neurons:
            raise IndexError(f"there is no neuron {neuron} of {self.experiment.neurons}")
        self._kept([neuron])
        return self.times_ms[self.neuron == neuron]

    def _kept(self, neurons: Iterable[int]) -> None:
        """Refuses neurons whose spikes were not kept."""
        if self._inner.has_all:
            return
        kept = set(self._inner.kept())
        missing = [neuron for neuron in neurons if neuron not in kept]
        if missing:
            of = f"those of {len(kept)} neurons were" if kept else "none were"
            raise InputError(f"the spikes of neuron {missing[0]} were not recorded, {of}; use record=\"spikes\"")

    # Others' tables.

    def to_pandas(self) -> "pandas.DataFrame":
        """The spikes as a table: ``neuron``, ``step``, ``time_ms``, without a copy."""
        import pandas

        columns = {"neuron": self.neuron, "step": self.step, "time_ms": self.times_ms}
        return pandas.DataFrame(columns, copy=False)

    def to_polars(self) -> "polars.DataFrame":
        """The spikes as a table of polars."""
        import polars

        return polars.DataFrame({"neuron": self.neuron, "step": self.step, "time_ms": self.times_ms})

    def table(self) -> "pandas.DataFrame":
        """A row for each population: its place in the grid, rates and irregularity."""
        import pandas

        def mean(values: Any) -> float:
            known = [] if values is None else values[np.isfinite(values)]
            return float(np.mean(known)) if len(known) else float("nan")

        return pandas.DataFrame(
            [
                {
                    "population": p.name, "neurons": len(p.neurons), **p.at, "rate_hz": mean(p.rates_hz), "cv": mean(p.cv),
                    "cv2": mean(p.cv2), "lv": mean(p.lv),
                }
                for p in self.populations
            ]
        )  # fmt: skip

    def to_xarray(self) -> "xarray.Dataset":
        """A grid as a dataset over its swept keys: ``rate_hz`` and ``cv``, means over neurons."""
        keys = [key for key, _ in self.experiment._inner.sweeps]
        if not keys:
            raise InputError("this run is no grid; give sweep={...}")
        table = self.table()
        if table.duplicated(keys).any():
            # Several populations on one grid: they are a dimension, too.
            names = [p.own_name for p in self.populations]
            table["population"], keys = names, ["population", *keys]
        return table.set_index(keys)[["rate_hz", "cv", "cv2", "lv"]].to_xarray()

    def to_neo(self, neurons: Optional[Iterable[int]] = None) -> Any:
        """A segment of Neo with the spike trains of some neurons (of the first hundred, if none are named)."""
        import neo
        import quantities

        of = list(range(min(100, self.experiment.neurons))) if neurons is None else list(neurons)
        if neurons is None and not self._inner.has_all:
            of = self._inner.kept()[:100]
        self._kept(of or [0])
        end = self.steps * self.dt_ms
        segment = neo.Segment(name="loligo")
        for neuron in of:
            train = neo.SpikeTrain(self.train(neuron), units="ms", t_stop=end, sampling_period=self.dt_ms * quantities.ms)
            train.annotate(neuron=neuron)
            segment.spiketrains.append(train)
        return segment

    def to_nwb(self, folder: Union[str, Path]) -> Path:
        """Writes the run into a new folder, with its spikes as ``spikes.nwb``; returns the path of that."""
        if not self._inner.kept():
            self._kept([0])
        self.write(folder, figures=[], formats=["nwb"])
        return Path(folder) / "spikes.nwb"

    def write(
        self,
        folder: Union[str, Path],
        *,
        figures: Sequence[str] = ("png",),
        formats: Sequence[str] = ("npz",),
        force: bool = False,
    ) -> list[Path]:
        """Writes all files of the command line into a folder; returns their paths.

        ``figures`` are of png, svg, pdf; ``formats`` of spikes of npz, parquet, sonata, nwb; ``force`` replaces a folder.
        """
        for what, names in (("figures", figures), ("formats", formats)):
            if isinstance(names, str):
                raise InputError(f"{what} is a list of names; not a text")
        paths = [Path(path) for path in self._inner.write(str(folder), list(figures), list(formats), force)]
        # Signals that were given as arrays go along.
        for signal in _signals(self.experiment._said):
            shutil.copy(signal, folder)
            text = Path(folder) / "experiment.toml"
            text.write_text(text.read_text().replace(signal, Path(signal).name))
        return paths

    # Figures.

    def figures(self, format: str = "png") -> dict[str, bytes]:
        """The figures of the command line by their names (``raster``, ``intervals``, ``spectrum``; of a grid its own)."""
        if format not in self._figures:
            self._figures[format] = self._inner.figures(format)
        return self._figures[format]

    def _repr_png_(self) -> Optional[bytes]:
        return next(iter(self.figures().values()), None)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(p.name)}</td><td>{len(p.neurons)}</td><td>{np.mean(p.rates_hz):.4g}</td></tr>"
            for p in self.populations[:20]
        )
        images = "".join(
            f'<img alt="{name}" width="480" src="data:image/png;base64,{base64.b64encode(image).decode()}"/>'
            for name, image in self.figures().items()
        )
        head = "<tr><th>population</th><th>neurons</th><th>rate (Hz)</th></tr>"
        return f"<div><table>{head}{rows}</table>{images}</div>"

    def plot_raster(self, ax: Optional["Axes"] = None, neurons: int = 200) -> "Axes":
        """Draws the spikes of some neurons, evenly spread, on axes of matplotlib."""
        ax = _axes(ax)
        shown = np.unique(np.linspace(0, self.experiment.neurons - 1, neurons).astype(np.uint32))
        own = np.isin(self.neuron, shown)
        ax.plot(self.times_ms[own], self.neuron[own], "|", markersize=3)
        ax.set(xlabel="time [ms]", ylabel="neuron (index)")
        return ax

    def plot_intervals(self, ax: Optional["Axes"] = None) -> "Axes":
        """Draws the densities of intervals of all populations."""
        ax = _axes(ax)
        for population in self.populations:
            if (density := population.histogram) is not None:
                ax.step(density.x, density.y, where="post", label=population.name)
        ax.set(xlabel="inter-spike interval [ms]", ylabel="probability density [1/ms]")
        return _legend(ax)

    def plot_spectrum(self, ax: Optional["Axes"] = None) -> "Axes":
        """Draws the power spectra of spike trains of all populations."""
        ax = _axes(ax)
        for population in self.populations:
            if (found := population.spectrum) is not None and len(found.power):
                ax.loglog(found.frequency_hz[: len(found.power)], found.power, label=population.name)
        ax.set(xlabel="frequency [Hz]", ylabel="power")
        return _legend(ax)

    def plot_rate(self, ax: Optional["Axes"] = None) -> "Axes":
        """Draws the rates of all populations over time."""
        ax = _axes(ax)
        for population in self.populations:
            if (found := population.rate) is not None:
                ax.step(found.x + self.window_ms[0], found.y, where="post", label=population.name)
        ax.set(xlabel="time [ms]", ylabel="rate [Hz]")
        return _legend(ax)

    def __repr__(self) -> str:
        return f"<loligo.Run: {self.experiment.neurons} neurons, {self.steps} steps, {np.mean(self.rates_hz):.4g} Hz>"


def _axes(ax: Optional["Axes"]) -> "Axes":
    if ax is not None:
        return ax
    from matplotlib import pyplot

    return pyplot.subplots()[1]


def _legend(ax: "Axes") -> "Axes":
    if len(ax.get_legend_handles_labels()[0]) > 1:
        ax.legend()
    return ax
