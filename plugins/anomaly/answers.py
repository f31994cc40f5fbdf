"""Answers with 5xx, counted as records come: a pattern does not tell them from those with 200."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sllm_core.records import SLOTS, LogBatch, Window
from sllm_core.summaries.fields import Notation, answer_statuses
from sllm_core.summaries.issues import SERVER_ERROR
from sllm_core.summaries.notations import Notations
from sllm_core.summaries.window_counts import Ids, Ints

from . import AnomalyConfig
from .issue import EVIDENCE, Example, Issue


@dataclass
class Answers:
    """The answers of one window: how many, and of those with 5xx the counts by time, pattern and service."""

    total: int = 0
    times: list[Ints] = field(default_factory=list)
    patterns: Counter[int] = field(default_factory=Counter)
    services: Counter[str] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)

    def add(self, records: pa.Table, read: Notation) -> None:
        """Count records that are all written in the notation."""
        statuses = answer_statuses(records["message"].combine_chunks(), read)
        self.total += len(statuses) - statuses.null_count
        failed = records.filter(pc.fill_null(pc.greater_equal(statuses, 500), False))
        if not failed.num_rows:
            return
        self.times.append(failed["timestamp"].cast(pa.int64()).drop_null().to_numpy())
        self.patterns.update(failed["pattern"].to_pylist())
        self.services.update(failed["service"].cast(pa.string()).drop_null().to_pylist())
        for row in failed.slice(0, EVIDENCE - len(self.examples)).to_pylist():
            self.examples.append(Example(row["origin"], row["timestamp"], row["message"]))


class OpenAnswers:
    """The answers of the windows that are still open."""

    def __init__(self, notations: Notations) -> None:
        self._notations = notations
        self._windows: dict[tuple[str, str, datetime], Answers] = {}

    def add(self, batch: LogBatch) -> None:
        """Count the answers among the records of a batch."""
        for read, start, records in self._notations.requests(batch.records):
            if read.status is not None:
                self._windows.setdefault((batch.source, batch.shard, start), Answers()).add(records, read)

    def close(self, batch: LogBatch, window: Window) -> Answers:
        """The counts of a window, which is then forgotten."""
        return self._windows.pop((batch.source, batch.shard, window.start), None) or Answers()


def outage(answers: Answers, window: Window, resolve: Callable[[Ids], Ids], config: AnomalyConfig) -> Issue | None:
    """Answers with 5xx as an issue, where they are many: critical from the share `config.outage` on."""
    count = answers.patterns.total()
    if count < config.least / 2 or count < config.failures * answers.total:
        return None
    ids = np.array([pattern for pattern, _ in answers.patterns.most_common()], np.uint64)
    times = np.sort(np.concatenate(answers.times))
    return Issue(
        label="critical" if count >= config.outage * answers.total else "warning",
        kind=SERVER_ERROR,
        position=SERVER_ERROR,
        patterns=tuple(dict.fromkeys(resolve(ids).tolist())),
        count=count,
        first=_moment(times[0]) if len(times) else window.start,
        last=_moment(times[-1]) if len(times) else window.end,
        slots=tuple(_slots(times, window).tolist()),
        services=tuple(name for name, _ in answers.services.most_common(20)),
        reasons=("answers",),
        examples=tuple(answers.examples),
        answers=answers.total,
    )


def _slots(times: Ints, window: Window) -> Ints:
    start, end = (round(each.timestamp() * 1_000_000) for each in (window.start, window.end))
    slots = np.clip((times - start) * SLOTS // (end - start), 0, SLOTS - 1)
    return np.bincount(slots, minlength=SLOTS).astype(np.int64)


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(int(microseconds) / 1_000_000, UTC)
