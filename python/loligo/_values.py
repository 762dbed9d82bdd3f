"""Values of Python, NumPy and libraries of units as the compiled part takes them.

>>> plain({"tau_m": "10 ms", "neurons": 5})
{'tau_m': '10 ms', 'neurons': 5}
"""

from __future__ import annotations

import os
from typing import Any, Mapping, Optional

import numpy as np

from ._errors import InputError


def plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with plain values only: texts, numbers, lists, dicts, and arrays of float64 of one dimension.

    What is None is left out.
    """
    return {str(key): value(str(key), item) for key, item in said.items() if item is not None}


def value(key: str, item: Any) -> Any:
    """One value. Quantities of pint, quantities, brian2 and astropy become texts with their units."""
    if is_quantity(item):
        return quantity(key, item)
    if isinstance(item, (str, bool, int, float)) and not isinstance(item, np.generic):
        return item
    if isinstance(item, os.PathLike):
        return os.fspath(item)
    if isinstance(item, Mapping):
        return plain(item)
    if hasattr(item, "dim") and not hasattr(item, "in_unit") and hasattr(item, "__getitem__"):
        return value(key, item[:])  # A variable of brian2.
    if isinstance(item, np.generic):
        return float(item) if item.dtype.kind == "f" else item.item()
    if isinstance(item, (list, tuple)) and any(isinstance(one, (str, Mapping)) or is_quantity(one) for one in item):
        return [value(key, one) for one in item]
    return array(key, item)


def array(key: str, item: Any) -> Any:
    """Numbers as a contiguous array of float64 of one dimension.

    >>> array("tau_m", [[1, 2]])
    Traceback (most recent call last):
    loligo._errors.InputError: tau_m: an array of 2 dimensions; give one value for each neuron, in one dimension
    """
    if np.ma.isMaskedArray(item) and np.ma.getmaskarray(item).any():
        raise InputError(f"{key}: some values are masked; give one for each neuron")
    try:
        numbers = np.asarray(item)
    except Exception as error:
        raise InputError(f"{key}: no array can be made of a {type(item).__name__}: {error}") from error
    if numbers.dtype.kind not in "biuf":
        raise InputError(f"{key}: a {type(item).__name__} of {numbers.dtype} has no numbers; give numbers, or a text with a unit")
    if numbers.ndim == 0:
        return numbers.item()
    if numbers.ndim > 1:
        raise InputError(
            f"{key}: an array of {numbers.ndim} dimensions; give one value for each neuron, in one dimension"
        )
    numbers = np.require(numbers, dtype=np.float64, requirements=["C", "A"])
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if wrong.size:
        raise InputError(f"{key}: the value {numbers[wrong[0]]} at index {wrong[0]} is no number; give finite ones")
    return numbers


def is_quantity(item: Any) -> bool:
    """Whether something is a number, or numbers, with a unit."""
    if hasattr(item, "in_unit") and hasattr(item, "dim"):
        return True
    return hasattr(item, "magnitude") or (hasattr(item, "unit") and hasattr(item, "value"))


def quantity(key: str, item: Any) -> Any:
    """A quantity as a text, or a list of texts, with the unit that it has if that is a plain one, else in those of the SI.

    >>> class Quantity:
    ...     magnitude, units = 3.5, "millivolt"
    >>> quantity("v_th", Quantity())
    '3.5 mV'
    """
    magnitude, unit = parts(key, item)
    if np.ndim(magnitude) == 0:
        return f"{float(magnitude)!r} {unit}"
    return [f"{number!r} {unit}" for number in array(key, magnitude).tolist()]


def parts(key: str, item: Any) -> tuple[Any, str]:
    """The numbers of a quantity, and their unit."""
    if hasattr(item, "in_unit"):
        # brian2: numbers are of the SI; dimensions are length, mass, time, current, ..
        length, mass, time, current, *others = item.dim._dims
        if any(others):
            raise InputError(f"{key}: a quantity of {item.dim} is none of a neuron")
        return np.asarray(item), of_si(length, mass, time, current)
    if hasattr(item, "magnitude"):
        magnitude = np.ma.filled(item.magnitude, np.nan) if np.ma.isMaskedArray(item.magnitude) else item.magnitude
        unit = getattr(item, "units", "")
        if hasattr(getattr(item, "dimensionality", None), "string"):
            unit = item.dimensionality.string
    else:
        magnitude, unit = item.value, item.unit
    plain_unit = short(f"{unit!s}" if isinstance(unit, str) else str(unit))
    if plain_unit is not None:
        return magnitude, plain_unit
    # Products: in base units, by the exponents of these.
    if hasattr(item, "to_base_units"):
        base = item.to_base_units()
        powers = {str(name).strip("[]"): power for name, power in base.dimensionality.items()}
        names = ("length", "mass", "time", "current")
    elif hasattr(item, "simplified"):
        base = item.simplified
        powers = {name.symbol: power for name, power in base.dimensionality.items()}
        names = ("m", "kg", "s", "A")
    elif hasattr(item, "si"):
        base = item.si
        powers = {name.name: power for name, power in zip(base.unit.bases, base.unit.powers)}
        names = ("m", "kg", "s", "A")
        return base.value, of_si(*(powers.get(name, 0) for name in names))
    else:
        raise InputError(f"{key}: the unit `{unit}` is none known here; give a text, such as \"10 mV\"")
    if set(powers) - set(names):
        raise InputError(f"{key}: a quantity of {unit} is none of a neuron")
    return base.magnitude, of_si(*(powers.get(name, 0) for name in names))


def of_si(length: float, mass: float, time: float, current: float) -> str:
    """The unit of exponents of metre, kilogram, second and ampere: by volts, since kg = V A s^3 / m^2.

    >>> of_si(-4, -1, 3, 2)
    'A*V^-1*m^-2'
    """
    exponents = {"A": current + mass, "V": mass, "s": time + 3 * mass, "m": length - 2 * mass}
    words = []
    for unit, power in exponents.items():
        power = round(float(power) * 2) / 2
        if power % 1:
            words.append(f"sqrt({unit})")
            power -= 0.5
        if power:
            words.append(unit if power == 1 else f"{unit}^{int(power)}")
    return "*".join(words) or "1"


PREFIXES = {"femto": "f", "pico": "p", "nano": "n", "micro": "u", "milli": "m", "kilo": "k", "mega": "M", "giga": "G"}
UNITS = {
    "second": "s", "volt": "V", "ampere": "A", "siemens": "S", "farad": "F", "hertz": "Hz", "ohm": "Ohm", "dimensionless": "1",
}  # fmt: skip
KNOWN = {"s", "ms", "us", "V", "mV", "uV", "A", "mA", "uA", "nA", "pA", "S", "mS", "uS", "nS", "pS", "F", "uF", "nF", "pF", "Hz", "kHz", "1"}


def short(word: str) -> Optional[str]:
    """A plain unit in short; None of others.

    >>> short("millisecond"), short("pA"), short("millivolt / second")
    ('ms', 'pA', None)
    """
    if word in KNOWN:
        return word
    for long, letter in {"": "", **PREFIXES}.items():
        if word.startswith(long) and word[len(long) :] in UNITS and letter + UNITS[word[len(long) :]] in KNOWN:
            return letter + UNITS[word[len(long) :]]
    return None


def in_seconds(what: str, item: Any) -> Any:
    """Times in seconds: numbers as they are, quantities by their units."""
    if not is_quantity(item):
        return item
    if hasattr(item, "in_unit"):
        return np.asarray(item)
    if hasattr(item, "rescale"):
        return np.asarray(item.rescale("s").magnitude)
    if hasattr(item, "to"):
        converted = item.to("s")
        return np.asarray(getattr(converted, "magnitude", getattr(converted, "value", None)))
    raise InputError(f"{what}: a {type(item).__name__} has a unit that is not known here; give numbers of seconds")
