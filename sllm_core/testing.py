"""What the author of a plugin needs to test it: batches from lines, list-backed ends, a context in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from sllm_core.classifier import Classifier, Verdicts
from sllm_core.components import Context
from sllm_core.findings import Finding
from sllm_core.records import TIMESTAMP, LogBatch, records_table
from sllm_core.store import Store
from sllm_core.tally import Tally
from sllm_core.windows import Key

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = 3_600_000_000


def context(language: str = "en") -> Context:
    """A context whose store is in memory."""
    store = Store()
    return Context(store.patterns, Verdicts(Classifier.load, store.patterns), store, language)


def records(*lines: str, level: str | None = None, start: datetime = START, step: float = 1) -> pa.Table:
    """Records with these messages, one every `step` seconds from `start`."""
    times = [start + timedelta(seconds=step * index) for index in range(len(lines))]
    columns = {
        "origin": [f"test@{index}" for index in range(len(lines))],
        "timestamp": times,
        "message": list(lines),
        "level": pa.array([level] * len(lines), pa.string()),
        "line": list(range(1, len(lines) + 1)),
    }
    return records_table(columns, len(lines))


def batch(
    *lines: str,
    level: str | None = None,
    start: datetime = START,
    step: float = 1,
    within: Context | None = None,
) -> LogBatch:
    """A batch of these lines as an analyzer gets it, with its windows of an hour closed.

    With the context `within`, core's columns hold what the pipeline would put there; without one, every line is its
    own pattern.
    """
    table = records(*lines, level=level, start=start, step=step)
    ids = (
        pa.array(range(1, len(lines) + 1), pa.uint64())
        if within is None
        else pa.array(within.patterns.assign("test", table["message"]))
    )
    time = table["timestamp"].cast(pa.int64()).to_numpy()
    begin = time // HOUR * HOUR
    table = table.append_column("pattern", ids).append_column("window", pa.array(begin).cast(TIMESTAMP))
    tally = Tally(HOUR)
    tally.add(LogBatch("test", "test", table), begin, begin * 0, time)
    keys = [Key(each, 0) for each in sorted(set(begin.tolist()))]
    return LogBatch("test", "test", table, closes=tuple(tally.close(keys)))


class ListSource:
    """A source that gives the batches of a list and keeps the acknowledged cursors in `acknowledged`."""

    def __init__(self, name: str, batches: Iterable[LogBatch]) -> None:
        self.name = name
        self._batches = list(batches)
        self.acknowledged: list[object] = []

    async def batches(self) -> AsyncIterator[LogBatch]:
        for each in self._batches:
            yield each

    async def acknowledge(self, cursor: object) -> None:
        self.acknowledged.append(cursor)


class ListSink:
    """A sink that keeps what it is written in `findings`."""

    def __init__(self, name: str = "list") -> None:
        self.name = name
        self.findings: list[Finding] = []

    async def write(self, findings: Sequence[Finding]) -> None:
        self.findings.extend(findings)
