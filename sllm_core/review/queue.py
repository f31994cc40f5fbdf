"""What waits for the model: patterns to be judged, and findings to be worded; kept in the store as well."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Container, Iterable, Sequence
from datetime import timedelta

import numpy as np

from sllm_core.classifier import Verdicts
from sllm_core.findings import Finding, pattern_name
from sllm_core.models.verdict import ModelVerdict
from sllm_core.records import LogBatch, Window
from sllm_core.review.backlog import Backlog, Waiting
from sllm_core.review.meeting import met
from sllm_core.review.telling import Untold, Unworded
from sllm_core.store import Pending, Store
from sllm_core.store.windows import pattern_counts

JUDGE, TELL = "judge", "tell"
"""The tasks under which the store keeps what waits."""

SUSPICIOUS = 3.0
"""From which priority on a pattern that waits to be judged goes before all words."""

RESTORED = 100_000


class Queue:
    """Patterns, up to `size` of which make one question, and findings of the analyzers that are `worded`.

    `judging` tells whether patterns are given out; `dirty` has those whose new verdicts are in no finding yet.
    """

    def __init__(self, store: Store, size: int, texts: int, worded: Container[str]) -> None:
        self._store, self._size, self._worded = store, size, worded
        self._backlog, self.untold = Backlog(), Untold(texts)
        self._gone: list[int] = []
        self.judging = False
        self.dirty: set[int] = set()

    @property
    def patterns(self) -> int:
        """How many patterns wait or are being asked about."""
        return len(self._backlog)

    def restore(self) -> None:
        """Let wait what waited when the last run ended."""
        waiting = self._store.pending(JUDGE, RESTORED)
        self._backlog.restore(Waiting.of(int(each.key, 16), json.loads(each.note or "{}")) for each in waiting)
        texts = self._store.pending(TELL, RESTORED)
        self.untold.restore(Unworded(each.priority, each.key, each.note) for each in texts)

    async def note(self, batch: LogBatch) -> bool:
        """Let patterns wait that a batch is the first to have; whether there are any."""
        fresh = self._backlog.unknown(batch.patterns[0])
        if not len(fresh):
            return False
        self._backlog.add(await asyncio.to_thread(met, batch, fresh))
        return True

    async def weigh(self, verdicts: Verdicts) -> None:
        """Find out what the classifier says of patterns that wait, by which they are ranked."""
        self._gone += self._backlog.follow(self._store.patterns.resolve)
        items = self._backlog.unweighed()
        if items:
            ids = np.array([each.pattern for each in items], np.uint64)
            judged = await asyncio.to_thread(verdicts.judge, ids, [each.level for each in items])
            for each, problem in zip(items, judged.problem.tolist(), strict=True):
                each.problem = round(problem, 4)

    def closed(self, windows: Iterable[Window], findings: Iterable[Finding]) -> list[Pending]:
        """Windows have closed with these findings: what is to be stored together with them."""
        for window in windows:
            self._backlog.count(*pattern_counts(window), (window.end - window.start) / timedelta(hours=1))
        return [*map(_stored, self._backlog.take_unsaved()), *self.reword(findings)]

    def reword(self, findings: Iterable[Finding]) -> list[Pending]:
        """Let findings wait for words that have none of a model yet."""
        silent = (each for each in findings if each.analyzer in self._worded and each.told_by is None)
        return [Pending(TELL, each.id, each.urgency, note=each.analyzer) for each in self.untold.add(silent)]

    def settle_only(self, patterns: Iterable[int]) -> None:
        """These are judged already, or were asked about in vain, and no others."""
        self._forget(self._backlog.settle_only(patterns))

    def has_next(self) -> bool:
        """Whether there is something to ask."""
        return self._tells or (self.judging and bool(self._backlog.waiting))

    def next(self) -> list[Waiting] | Unworded | None:
        """Patterns to ask about, or a finding, or None: suspicious patterns first, and words only for
        findings that no new verdict is about to change."""
        if not self.has_next():
            return None
        if self._tells and (not self.judging or self.untold.urgency >= self._backlog.urgency):
            return self.untold.take()
        return self._backlog.take(self._size) or None

    def put_back(self, items: Iterable[Waiting]) -> None:
        """They were asked about without an answer, and wait again."""
        self._backlog.put_back(items)

    def finish(self, said: Sequence[ModelVerdict]) -> None:
        """The model has said this of what it was asked; the store forgets that it waits."""
        self.dirty |= {each.pattern for each in said if each.severity is not None}
        self._forget(self._backlog.settle(each.pattern for each in said))

    def _forget(self, patterns: Iterable[int]) -> None:
        gone, self._gone = [*self._gone, *patterns], []
        if gone:
            self._store.finish_pending(JUDGE, map(pattern_name, gone))

    @property
    def _tells(self) -> bool:
        urgent = self.judging and self._backlog.urgency >= SUSPICIOUS
        return len(self.untold) > 0 and not self.dirty and not urgent


def _stored(item: Waiting) -> Pending:
    return Pending(JUDGE, pattern_name(item.pattern), item.priority, note=json.dumps(item.note, ensure_ascii=False))
