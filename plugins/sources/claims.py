"""Which shard a file is: a new one, or one that was read before, perhaps under another name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any

from sllm_core.plugin import PluginError
from sllm_core.reading import open_bytes
from sllm_plugins.sources.tail import Identity, Tail


class Claims:
    """Gives each file its shard, and each shard to one file.

    Args:
        cursors: where the shards of this source were left, by shard.
    """

    def __init__(self, cursors: Mapping[str, Any], zone: tzinfo) -> None:
        self._cursors = {shard: cursor for shard, cursor in cursors.items() if cursor}
        self._names = set(cursors)
        self._zone = zone

    def open(self, path: Path) -> Tail | None:
        """The file, at the place where it was left; None while it is empty.

        Raises:
            OSError, PluginError: it cannot be opened.
        """
        known = self._known(path)
        if known is not None:
            tail = Tail(path, known, self._zone, self._cursors.pop(known))
            if not tail.cut:
                return tail
            tail.close()
        tail = Tail(path, self._new_name(path), self._zone)
        if not tail.identity.length:
            tail.close()
            return None
        self._names.add(tail.shard)
        return tail

    def release(self, tail: Tail) -> None:
        """The file is no longer read; its shard goes on where a file with the same beginning appears."""
        self._cursors[tail.shard] = tail.cursor

    def _known(self, path: Path) -> str | None:
        own = [shard for shard, cursor in self._cursors.items() if cursor["path"] == str(path)]
        moved = [shard for shard, cursor in self._cursors.items() if not _stays(cursor)]
        digests: dict[int, Identity] = {}
        for shard in [*own, *(each for each in moved if each not in own)]:
            length = self._cursors[shard]["prefix"]
            if length not in digests:
                digests[length] = _identity(path, length)
            if digests[length] == Identity(length, self._cursors[shard]["digest"]):
                return shard
        return None

    def _new_name(self, path: Path) -> str:
        name, generation = str(path), 1
        while name in self._names:
            generation += 1
            name = f"{path}~{generation}"
        return name


def _stays(cursor: Mapping[str, Any]) -> bool:
    """Whether the file of a cursor still stands where it was read."""
    try:
        return _identity(Path(cursor["path"]), cursor["prefix"]) == Identity(cursor["prefix"], cursor["digest"])
    except (OSError, PluginError):
        return False


def _identity(path: Path, length: int) -> Identity:
    with open_bytes(path) as stream:
        return Identity.of(stream, length)
