"""What can go wrong."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Callable, Optional, TypeVar

if TYPE_CHECKING:
    from ._run import Run


class Error(Exception):
    """Something went wrong: a device failed, a neuron diverged, there is not enough memory.

    ``run`` has what was done before, if anything was.
    """

    run: Optional["Run"] = None


class InputError(Error, ValueError):
    """A value is wrong; the text says what, where, and what would be right."""


class Interrupted(KeyboardInterrupt):
    """A run was interrupted; ``run`` has what was done before, if anything was."""

    def __init__(self, message: str, run: Optional["Run"] = None) -> None:
        super().__init__(message)
        self.run = run


Function = TypeVar("Function", bound=Callable[..., Any])


def told(function: Function) -> Function:
    """Whatever is wrong with what a function is given is an :class:`InputError`."""

    @functools.wraps(function)
    def checked(*words: Any, **keywords: Any) -> Any:
        try:
            return function(*words, **keywords)
        except Error:
            raise
        except (ValueError, TypeError, OverflowError) as error:
            raise InputError(str(error)) from error

    return checked  # type: ignore[return-value]
