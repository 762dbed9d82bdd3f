"""State variables of single neurons over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

import numpy as np

from ._experiment import Experiment

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes


class Trace:
    """State variables and currents of some neurons: ``trace["v"]`` has a row for each neuron, a column for each time.

    ``t_ms`` are the times (ms), ``units`` the units by the names of the variables, ``spikes_ms`` the spike times of each neuron,
    ``v_sd_predicted_mv`` the standard deviation that closed forms of the noise predict for the membrane potential without spikes.
    """

    def __init__(self, found: dict[str, Any], experiment: Experiment, neurons: list[int]) -> None:
        self.experiment, self.neurons = experiment, neurons
        self.t_ms: np.ndarray = found["t_ms"]
        self.units: dict[str, str] = found["units"]
        self.spikes_ms = [np.array(times) for times in found["spikes_ms"]]
        self.v_sd_predicted_mv: list[Optional[float]] = found["v_sd_predicted_mv"]
        self._values: dict[str, np.ndarray] = found["values"]

    def __getitem__(self, variable: str) -> np.ndarray:
        try:
            return self._values[variable]
        except KeyError:
            raise KeyError(f"there is no variable `{variable}`; there is {', '.join(self._values)}") from None

    def keys(self) -> list[str]:
        """The names of the variables."""
        return list(self._values)

    def to_pandas(self) -> "pandas.DataFrame":
        """A row for each neuron and time, a column for each variable."""
        import pandas

        index = pandas.MultiIndex.from_product([self.neurons, self.t_ms], names=["neuron", "time_ms"])
        return pandas.DataFrame({name: rows.ravel() for name, rows in self._values.items()}, index=index)

    def plot(self, variable: Optional[str] = None, ax: Optional["Axes"] = None) -> "Axes":
        """Draws a variable, the first if none is named, of all neurons on axes of matplotlib."""
        from ._run import _axes, _legend

        name = self.keys()[0] if variable is None else variable
        ax = _axes(ax)
        for neuron, row in zip(self.neurons, self[name]):
            ax.plot(self.t_ms, row, label=f"neuron {neuron}")
        ax.set(xlabel="time [ms]", ylabel=f"{name} [{self.units[name]}]")
        return _legend(ax)

    def __repr__(self) -> str:
        return f"<loligo.Trace of {', '.join(self._values)}: {len(self.neurons)} neurons, {len(self.t_ms)} samples>"
