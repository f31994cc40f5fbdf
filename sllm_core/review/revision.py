"""Findings made anew where better verdicts have come."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import pyarrow as pa

from sllm_core.buffers import empty
from sllm_core.components import Analyzer, Revisable
from sllm_core.findings import Finding
from sllm_core.learning.human import relabelled
from sllm_core.records import RECORDS, TIMESTAMP, LogBatch, Window
from sllm_core.store import Commit, Place, Store

PREPARED = pa.schema([*RECORDS, pa.field("pattern", pa.uint64()), pa.field("window", TIMESTAMP)])
"""The columns that analyzers are given."""


class Reviser:
    """Lets analyzers judge closed windows again, and stores what they say differently as a further revision.

    Args:
        analyzers: those that cannot revise are left alone.
        failed: is told the name of an analyzer that raised.
    """

    def __init__(self, store: Store, analyzers: Iterable[Analyzer], failed: Callable[[str], None]) -> None:
        self._store, self._failed, self._turn = store, failed, asyncio.Lock()
        self._analyzers = [each for each in analyzers if isinstance(each, Revisable)]

    async def revise(self, patterns: Iterable[int], since: datetime) -> list[Finding]:
        """Judge the windows again that were stored since that time and have one of the patterns.

        Returns:
            The findings that say something else now; they are stored.

        Raises:
            StoreError: the store refused.
        """
        ids = np.array(sorted(patterns), np.uint64)
        if not len(ids) or not self._analyzers:
            return []
        places = await asyncio.to_thread(self._store.revisions.having, ids, since)
        async with self._turn:
            return [finding for place in places for finding in await self._judge(place)]

    async def _judge(self, place: Place) -> list[Finding]:
        window = await asyncio.to_thread(self._store.revisions.window, place)
        if window is None:
            return []
        revised = [finding for each in self._analyzers for finding in await self._ask(each, place, window)]
        if revised:
            commit = Commit(place.run, place.source, place.shard, findings=revised)
            await asyncio.to_thread(self._store.commit, commit)
        return revised

    async def _ask(self, analyzer: Revisable, place: Place, window: Window) -> list[Finding]:
        name: str = getattr(analyzer, "name", "")
        earlier = await asyncio.to_thread(self._store.revisions.findings_on, place, name)
        batch = LogBatch(place.source, place.shard, empty(PREPARED), closes=(window,))
        try:
            found = await analyzer.revise(batch, earlier)
            return changed(earlier, await asyncio.to_thread(relabelled, self._store, found))
        except Exception:
            self._failed(name)
            extra = {"analyzer": name, "source": place.source, "shard": place.shard}
            logging.getLogger("sllm.review").exception("analyzer failed to revise", extra=extra)
            return []


def changed(earlier: Sequence[Finding], found: Sequence[Finding]) -> list[Finding]:
    """Those that were found anew or say something else than before, with the revision that follows.

    The words of a model stay where what they tell of stays.
    """
    known = {each.id: each for each in earlier}
    revised = (_revised(known.get(each.id), each) for each in found)
    return [each for each in revised if each is not None]


def _revised(before: Finding | None, now: Finding) -> Finding | None:
    if before is None:
        return now
    now = replace(now, revision=before.revision + 1)
    if before.told_by is not None and (before.label, before.facts) == (now.label, _plain(now).facts):
        now = replace(now, explanation=before.explanation, told_by=before.told_by)
        now = replace(now, method=before.method, model=before.model) if now.method == "rules" else now
    same = replace(_plain(now), revision=before.revision) == before
    return None if same else now


def _plain(finding: Finding) -> Finding:
    """As the store gives it back."""
    return Finding.from_json(json.loads(json.dumps(finding.to_json())))
