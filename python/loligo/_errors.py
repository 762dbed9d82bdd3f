"""What can go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

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
