"""Shards that move between workers: what one worker leaves for the next, and which of two goes on from where.

Each worker has a store of its own, so what is counted already must travel with the shard, beside its cursor. Windows
are announced there before they are stored: of a worker that dies nobody knows what it had delivered, so its successor
closes the same windows at the same record, and delivers them again under the same ids. An epoch grows whenever a shard
gets another owner; findings of a later epoch have higher revisions, so that what a former owner delivers late never
replaces what the present one found.
"""

from __future__ import annotations

import base64
import json
import logging
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sllm_core.store.progress import Progress

if TYPE_CHECKING:
    from sllm_core.components import Shared
    from sllm_core.store import Store

LIMIT = 4000
"""Characters of a note; Kafka takes 4,096 bytes."""

REVISIONS = 1024
"""How many revisions of a finding an epoch has room for."""

BEGIN = 1_767_225_600
"""2026-01-01 in seconds since 1970: epochs that follow from no other are the minutes since then."""


@dataclass(frozen=True)
class Note:
    """What the last owner of a shard left: which store it works on, and how far it was."""

    owner: str
    progress: Progress


def note(store: Store, progress: Progress) -> str | None:
    """The note that goes with a shard's cursor; None where it would be too long."""
    text = json.dumps([store.identity, progress.to_json()], separators=(",", ":"), ensure_ascii=True)
    if len(text) > LIMIT:
        text = base64.b85encode(zlib.compress(text.encode(), 9)).decode()
    return text if len(text) <= LIMIT else None


def read_note(text: str) -> Note | None:
    """The note; None where it is none of `note`'s."""
    try:
        plain = text if text.startswith("[") else zlib.decompress(base64.b85decode(text)).decode()
        owner, progress = json.loads(plain)
        return Note(str(owner), Progress.from_json(progress))
    except (ValueError, TypeError, KeyError, zlib.error):
        return None


def resume(
    store: Store, source: str, shard: str, cursor: object, text: str, now: Callable[[], float] = time.time
) -> Progress:
    """Where a worker goes on in a shard that it was given.

    Args:
        cursor: the last one that was kept with the shard, None if there is none; `text` the note beside it, "" if there
            is none.

    Returns:
        What this worker's own store has, if nobody else has had the shard since; else what the note tells, or only the
        cursor where the note is not about it (somebody has set it by hand). `cursor` is None where nothing is known.
    """
    own, left = store.shards.find(source, shard), read_note(text)
    if left is not None and left.progress.cursor == cursor:
        if left.owner == store.identity and own is not None and own.epoch == left.progress.epoch:
            return own
        return replace(left.progress, epoch=left.progress.epoch + 1)
    epoch = max(own.epoch + 1 if own else 0, int(now() - BEGIN) // 60)
    if cursor is None and own is not None:
        return replace(own, epoch=epoch)
    return Progress(cursor, epoch=epoch)


async def hand_in(source: Shared, store: Store, shard: str, progress: Progress) -> bool:
    """Leave how far a shard is for its next owner; False where it is another worker's already."""
    text = note(store, progress)
    if text is not None:
        return await source.commit(shard, progress.cursor, text)
    place = {"source": source.name, "shard": shard, "closings": len(progress.closings)}
    logging.getLogger("sllm.handover").warning("too many windows are open to hand the shard over", extra=place)
    return True


def revision(epoch: int, number: int) -> int:
    """The revision of a finding that is the owner's own `number`th."""
    return epoch * REVISIONS + number
