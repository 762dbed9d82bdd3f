"""Shards: parts that are simulated apart, by any engine of clusters, and put together afterwards."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Iterable, Optional, Union

from . import _loligo


class Shard:
    """A part of an experiment that was simulated, in a folder of its own.

    It can be sent between processes and machines: its files go along. A folder that nobody named is gone with it.
    """

    def __init__(self, path: Union[str, Path], keeper: Optional[tempfile.TemporaryDirectory[str]] = None) -> None:
        self.path = Path(path)
        self._keeper = keeper

    def __reduce__(self) -> tuple[Any, ...]:
        files = {file.name: file.read_bytes() for file in sorted(self.path.iterdir())}
        return _unpacked, (files,)

    def __repr__(self) -> str:
        return f"<loligo.Shard in {self.path}>"


def _unpacked(files: dict[str, bytes]) -> Shard:
    keeper = tempfile.TemporaryDirectory(prefix="loligo-")
    for name, content in files.items():
        (Path(keeper.name) / name).write_bytes(content)
    return Shard(keeper.name, keeper)


def simulated(
    experiment: Any, k: int, n: int, folder: Union[str, Path, None], engine: _loligo.Engine, said: dict[str, Any]
) -> Shard:
    """Simulates a shard into a folder, or into one of its own."""
    keeper = None
    if folder is None:
        keeper = tempfile.TemporaryDirectory(prefix="loligo-")
        folder = Path(keeper.name) / "shard"
    _loligo.simulate_shard(experiment._inner, k, n, str(folder), engine, said)
    return Shard(folder, keeper)


def paths(shards: Iterable[Union[Shard, str, Path]]) -> list[Path]:
    """The folders of shards."""
    return [shard.path if isinstance(shard, Shard) else Path(shard) for shard in shards]
