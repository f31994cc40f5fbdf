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
from sllm_core.review.backlog import LIMIT, Backlog, Ids, Waiting
from sllm_core.review.meeting import met
from sllm_core.review.telling import Untold, Unworded
from sllm_core.store import Pending, Store
from sllm_core.store.windows import pattern_counts

JUDGE, TELL = "judge", "tell"
"""The tasks under which the store keeps what waits."""

SUSPICIOUS = 3.0
"""From which priority on a pattern that waits to be judged goes before all words."""

TROUBLE = 1.5
"""From which urgency on words go before patterns that wait and are not suspicious."""


class Queue:
    """Patterns, up to `size` of which make one question, and findings of the analyzers that are `worded`.

    `judging` tells whether patterns are given out; `judged` has those that got a verdict, in that order, and `dirty`
    those whose verdicts are not in all findings yet. Patterns of which humans said all that a model could do not wait.
    """

    def __init__(self, store: Store, verdicts: Verdicts, size: int, texts: int, worded: Container[str]) -> None:
        self._store, self._verdicts, self._size, self._worded = store, verdicts, size, worded
        self._backlog, self.untold = Backlog(), Untold(texts)
        self._gone: list[int] = []
        self._gone_meanwhile: list[int] = []
        self._storing = 0
        self.judging = False
        self.dirty: set[int] = set()
        self.judged: list[int] = []

    @property
    def patterns(self) -> int:
        """How many patterns wait or are being asked about."""
        return len(self._backlog)

    def restore(self) -> None:
        """Let wait what waited when the last run ended."""
        waiting = [(int(each.key, 16), each.note) for each in self._store.pending(JUDGE, LIMIT)]
        self._backlog.restore(Waiting.of(id, json.loads(note or "{}")) for id, note in waiting if self._knows(id))
        self._gone += [id for id, _ in waiting if not self._knows(id)]
        texts = self._store.pending(TELL, LIMIT)
        self.untold.restore(Unworded(each.priority, each.key, each.note) for each in texts)

    def _knows(self, pattern: int) -> bool:
        try:
            return bool(self._store.patterns.template(pattern))
        except KeyError:
            return False

    async def note(self, batch: LogBatch) -> bool:
        """Let patterns wait that a batch is the first to have; whether there are any."""
        fresh = self._open(self._backlog.unknown(batch.patterns[0]))
        if not len(fresh):
            return False
        self._backlog.add(await asyncio.to_thread(met, batch, fresh))
        return True

    def lacks(self, batch: LogBatch) -> bool:
        """Whether a batch has patterns that are not judged yet, nor asked about in vain."""
        return len(self._open(self._backlog.lacking(self._store.patterns.resolve(batch.patterns[0])))) > 0

    async def hurry(self, batch: LogBatch) -> None:
        """Let the patterns of a batch that lack a verdict be asked about before all others."""
        lacking = self._open(self._backlog.lacking(batch.patterns[0]))
        self._backlog.hurry(await asyncio.to_thread(met, batch, lacking))
        await self.weigh()

    def _open(self, patterns: Ids) -> Ids:
        """Those of which humans have left something to say."""
        return patterns[~self._verdicts.by_humans(patterns)]

    async def weigh(self) -> None:
        """Find out what the classifier says of patterns that wait, by which they are ranked; those that humans have
        labelled meanwhile wait no more."""
        self._gone += self._backlog.follow(self._store.patterns.resolve)
        self._gone += self._backlog.drop(self._verdicts.by_humans)
        items = self._backlog.unweighed()
        if items:
            ids = np.array([each.pattern for each in items], np.uint64)
            judged = await asyncio.to_thread(self._verdicts.judge, ids, [each.level for each in items])
            for each, problem in zip(items, judged.problem.tolist(), strict=True):
                each.problem = round(problem, 4)

    def closed(self, windows: Iterable[Window], findings: Iterable[Finding]) -> list[Pending]:
        """Windows have closed with these findings: what is to be stored together with them.

        Until `stored` is called nothing is given out to be worded, for a finding is read from the store.
        """
        self._storing += 1
        for window in windows:
            self._backlog.count(*pattern_counts(window), (window.end - window.start) / timedelta(hours=1))
        return [*map(_stored, self._backlog.take_unsaved()), *self.reword(findings)]

    def stored(self, windows: Iterable[Window], mark: int) -> bool:
        """Windows are stored whose findings may lack what was judged since the mark; whether there is more to do."""
        self._storing -= 1
        if not self._storing:
            self._gone, self._gone_meanwhile = [*self._gone, *self._gone_meanwhile], []
        late = set(self.judged[mark:])
        found = {each for window in windows for each in window.patterns[0].tolist() if each in late} if late else set()
        self.dirty |= found
        return bool(found) or self._tells

    def reword(self, findings: Iterable[Finding]) -> list[Pending]:
        """Let findings wait for words that have none of a model yet."""
        silent = (each for each in findings if each.analyzer in self._worded and each.told_by is None)
        return [Pending(TELL, each.id, each.urgency, note=each.analyzer) for each in self.untold.add(silent)]

    def settle_only(self, patterns: Iterable[int]) -> None:
        """These are judged already, or were asked about in vain, and no others."""
        waited = self._backlog.settle_only(patterns)
        self.dirty |= set(waited)
        self._forget(waited)

    def has_next(self) -> bool:
        """Whether there is something to ask."""
        return self._tells or (self.judging and bool(self._backlog.waiting))

    def next(self) -> list[Waiting] | Unworded | None:
        """Patterns to ask about, or a finding, or None: suspicious patterns, words for trouble, other patterns, other
        words; and words only while no new verdict is about to change findings."""
        if not self.has_next():
            return None
        waits = self.judging and bool(self._backlog.waiting)
        if self._tells and (not waits or self.untold.urgency >= TROUBLE):
            return self.untold.take()
        return self._backlog.take(self._size) or None

    def put_back(self, items: Iterable[Waiting]) -> None:
        """They were asked about without an answer, and wait again."""
        self._backlog.put_back(items)

    def finish(self, said: Sequence[ModelVerdict]) -> None:
        """The model has said this of what it was asked; the store forgets that it waits."""
        judged = [each.pattern for each in said if each.severity is not None]
        self.judged += judged
        self.dirty |= set(judged)
        self._forget(self._backlog.settle(each.pattern for each in said))

    @property
    def forgets(self) -> bool:
        """Whether the store may have what waits no more."""
        return bool(self._gone)

    def forget(self) -> None:
        """Have the store forget what waits no more."""
        self._forget(())

    def _forget(self, patterns: Iterable[int]) -> None:
        gone, self._gone = [*self._gone, *patterns], []
        if self._storing:  # what is being stored may still have them
            self._gone_meanwhile += gone
        if gone:
            self._store.finish_pending(JUDGE, map(pattern_name, gone))

    @property
    def _tells(self) -> bool:
        urgent = self.judging and self._backlog.urgency >= SUSPICIOUS
        return len(self.untold) > 0 and not self._storing and not self.dirty and not urgent


def _stored(item: Waiting) -> Pending:
    return Pending(JUDGE, pattern_name(item.pattern), item.priority, note=json.dumps(item.note, ensure_ascii=False))
