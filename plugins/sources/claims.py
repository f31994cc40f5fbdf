"""Which shard a file is: a new one, or one that was read before, perhaps under another name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any

from sllm_core.plugin import PluginError
from sllm_plugins.sources.tail import Identity, Tail, read_head, shown


class Claims:
    """Gives each file its shard, and each shard to one file.

    Args:
        cursors: where the shards of this source were left, by shard.
    """

    def __init__(self, cursors: Mapping[str, Any], zone: tzinfo) -> None:
        self._cursors: dict[str, Any] = {}
        self._left: dict[Identity, list[str]] = {}
        self._names = set(cursors)
        self._zone = zone
        for shard, cursor in cursors.items():
            if cursor:
                self._leave(shard, cursor)

    def open(self, path: Path) -> Tail | None:
        """The file, at the place where it was left; None while it is empty.

        Raises:
            OSError, PluginError: it cannot be opened, or is no text.
        """
        known = self._known(path, read_head(path))
        if known is not None:
            tail = Tail(path, known, self._zone, self._take(known))
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
        self._leave(tail.shard, tail.cursor)

    def _leave(self, shard: str, cursor: Mapping[str, Any]) -> None:
        self._cursors[shard] = cursor
        self._left.setdefault(_identity(cursor), []).append(shard)

    def _take(self, shard: str) -> Mapping[str, Any]:
        cursor: Mapping[str, Any] = self._cursors.pop(shard)
        self._left[_identity(cursor)].remove(shard)
        return cursor

    def _known(self, path: Path, head: bytes) -> str | None:
        """The shard that was left at a file with this beginning: of this path, or of one that is gone or another."""
        alike = self._alike(head)
        own = (shard for shard in alike if self._cursors[shard]["path"] == str(path))
        moved = (shard for shard in alike if not _stays(self._cursors[shard]))
        return next(own, None) or next(moved, None)

    def _alike(self, head: bytes) -> Sequence[str]:
        """The shards that were left at files with this beginning, those of which more is known first."""
        lengths = sorted({identity.length for identity in self._left}, reverse=True)
        identities = (Identity.of(head, length) for length in lengths if length <= len(head))
        return [shard for identity in identities for shard in self._left.get(identity, ())]

    def _new_name(self, path: Path) -> str:
        name, generation = shown(path), 1
        while name in self._names:
            generation += 1
            name = f"{shown(path)}~{generation}"
        return name


def copied(path: Path, tails: Iterable[Tail]) -> list[Tail]:
    """Those files that are being read and begin like the one at `path`: it may be their copy, made to cut them off."""
    try:
        head = read_head(path)
    except (OSError, PluginError):
        return []
    return [tail for tail in tails if Identity.of(head, tail.identity.length) == tail.identity]


def _identity(cursor: Mapping[str, Any]) -> Identity:
    return Identity(cursor["prefix"], cursor["digest"])


def _stays(cursor: Mapping[str, Any]) -> bool:
    """Whether the file of a cursor still stands where it was read."""
    try:
        return Identity.of(read_head(Path(cursor["path"])), cursor["prefix"]) == _identity(cursor)
    except (OSError, PluginError):
        return False
