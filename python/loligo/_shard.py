"""Shards: parts that are simulated apart, by any engine of clusters, and put together afterwards."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Iterable, Optional, Union

import numpy as np

from . import _loligo
from ._experiment import _signals
from ._files import SIGNAL, Folder, signal_file


class Shard:
    """A part of an experiment that was simulated, in a folder of its own.

    It can be sent between processes and machines: its files go along. A folder that nobody named is gone with it.
    """

    def __init__(self, path: Union[str, Path], keeper: Optional[Folder] = None) -> None:
        self.path = Path(path)
        self._keeper = keeper

    def __reduce__(self) -> tuple[Any, ...]:
        files = {file.name: file.read_bytes() for file in sorted(self.path.iterdir())}
        return _unpacked, (files,)

    def __repr__(self) -> str:
        return f"<loligo.Shard in {self.path}>"


def _unpacked(files: dict[str, bytes]) -> Shard:
    keeper = Folder()
    for name, content in files.items():
        (keeper.path / name).write_bytes(content)
    return Shard(keeper.path, keeper)


def simulated(
    experiment: Any, k: int, n: int, folder: Union[str, Path, None], engine: _loligo.Engine, said: dict[str, Any], force: bool
) -> Shard:
    """Simulates a shard into a folder, or into one of its own."""
    keeper = None
    if folder is None:
        keeper = Folder()
        folder = keeper.path / "shard"
    _loligo.simulate_shard(experiment._inner, k, n, str(folder), engine, said, force)
    # Signals that were given as arrays go along.
    for path in _signals(experiment._said):
        shutil.copy(path, folder)
    return Shard(folder, keeper)


def paths(shards: Iterable[Union[Shard, str, Path]]) -> list[Path]:
    """The folders of shards; signals that came with them are where their experiment looks for them."""
    folders = [shard.path if isinstance(shard, Shard) else Path(shard) for shard in shards]
    for folder in folders:
        for file in folder.glob(f"{SIGNAL}*.npy"):
            signal_file(np.load(file))
    return folders
