"""Files that are there as long as somebody needs them, and belong to the process that made them."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
import weakref
from pathlib import Path

import numpy as np

#: How the file of a signal begins.
SIGNAL = "loligo-signal-"


class Folder:
    """A temporary folder. It is gone with this, but never because a forked child ends."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="loligo-"))
        self._finalizer = weakref.finalize(self, _removed, str(self.path), os.getpid())


def _removed(path: str, process: int) -> None:
    if os.getpid() == process:
        shutil.rmtree(path, ignore_errors=True)


_own: dict[str, int] = {}


def signal_file(signal: np.ndarray) -> Path:
    """The file of a signal: the same for the same numbers, in all processes of a machine."""
    numbers = np.require(signal, dtype=np.float64, requirements=["C", "A"])
    name = hashlib.sha256(repr(numbers.shape).encode() + numbers.tobytes()).hexdigest()[:32]
    user = os.getuid() if hasattr(os, "getuid") else 0
    path = Path(tempfile.gettempdir()) / f"{SIGNAL}{user}-{name}.npy"
    if not path.exists():
        # Whole or not at all, whoever else writes it.
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=SIGNAL, delete=False) as file:
            np.save(file, numbers)
        os.replace(file.name, path)
        if not _own:
            atexit.register(_clear)
        _own[str(path)] = os.getpid()
    return path


def _clear() -> None:
    for path, process in _own.items():
        if process == os.getpid():
            Path(path).unlink(missing_ok=True)
