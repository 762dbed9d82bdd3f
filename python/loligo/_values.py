"""Values of Python, NumPy and libraries of units as the compiled part takes them.

>>> plain({"tau_m": "10 ms", "neurons": 5})
{'tau_m': '10 ms', 'neurons': 5}
"""

from __future__ import annotations

import os
from typing import Any, Mapping

import numpy as np

from ._errors import InputError


def plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with plain values only: texts, numbers, lists, dicts, and arrays of float64 of one dimension.

    What is None is left out.
    """
    return {str(key): value(str(key), item) for key, item in said.items() if item is not None}


def value(key: str, item: Any) -> Any:
    """One value. Quantities of pint, quantities and brian2 become texts with their units."""
    if isinstance(item, (str, bool, int, float)):
        return item
    if isinstance(item, os.PathLike):
        return os.fspath(item)
    if isinstance(item, Mapping):
        return plain(item)
    if is_quantity(item):
        return quantity(key, item)
    if isinstance(item, np.generic):
        return value(key, item.item())
    if isinstance(item, (list, tuple)) and any(isinstance(one, (str, Mapping)) or is_quantity(one) for one in item):
        return [value(key, one) for one in item]
    return array(key, item)


def array(key: str, item: Any) -> Any:
    """Numbers as a contiguous array of float64 of one dimension.

    >>> array("tau_m", [[1, 2]])
    Traceback (most recent call last):
    loligo._errors.InputError: tau_m: an array of 2 dimensions; give one value for each neuron, in one dimension
    """
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
    numbers = np.ascontiguousarray(numbers, dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if wrong.size:
        raise InputError(f"{key}: the value {numbers[wrong[0]]} at index {wrong[0]} is no number; give finite ones")
    return numbers


def is_quantity(item: Any) -> bool:
    """Whether something is a number, or numbers, with a unit."""
    return hasattr(item, "magnitude") or (hasattr(item, "dim") and hasattr(item, "in_unit"))


def quantity(key: str, item: Any) -> Any:
    """A quantity as a text, or a list of texts.

    >>> class Quantity:
    ...     magnitude, units = 3.5, "millivolt"
    >>> quantity("v_th", Quantity())
    '3.5 mV'
    """
    if not hasattr(item, "magnitude"):
        # brian2: numbers are of SI units, texts of the best one.
        if np.ndim(item) == 0:
            return str(item).replace(". ", " ").replace("^", "^")
        return [value(key, one) for one in item]
    unit = unit_of(item)
    magnitude = np.asarray(item.magnitude)
    if magnitude.ndim == 0:
        return f"{float(magnitude)!r} {unit}"
    return [f"{number!r} {unit}" for number in array(key, magnitude).tolist()]


PREFIXES = {"femto": "f", "pico": "p", "nano": "n", "micro": "u", "milli": "m", "centi": "c", "kilo": "k", "mega": "M", "giga": "G"}
UNITS = {
    "second": "s", "volt": "V", "ampere": "A", "siemens": "S", "farad": "F", "hertz": "Hz", "ohm": "Ohm",
    "centimeter": "cm", "meter": "m", "minute": "min", "hour": "h", "dimensionless": "1", "": "1",
}  # fmt: skip


def unit_of(item: Any) -> str:
    """The unit of a quantity in short, as TOML has it.

    >>> class Quantity:
    ...     magnitude, units = 1.0, "microampere / centimeter ** 2"
    >>> unit_of(Quantity())
    'uA/cm2'
    """
    long = str(getattr(item, "units", ""))
    if hasattr(item, "dimensionality") and hasattr(item.dimensionality, "string"):
        long = item.dimensionality.string
    words = long.replace("**", "^").replace(" ", "").replace("*", " * ").replace("/", " / ").split()
    text = "".join(short(word) for word in words)
    return "Hz" if text == "1/s" else text


def short(word: str) -> str:
    """A word of a unit in short."""
    name, _, power = word.partition("^")
    if name in ("*", "/"):
        return name
    if name not in UNITS:
        for long, letter in PREFIXES.items():
            if name.startswith(long) and name[len(long) :] in UNITS:
                name = letter + UNITS[name[len(long) :]]
                break
    return UNITS.get(name, name) + (power if power not in ("", "1") else "")
