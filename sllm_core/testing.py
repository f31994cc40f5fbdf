"""What the author of a plugin needs to test it: batches from lines, ends in memory, a scripted model, a context."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from sllm_core.classifier import Classifier, Verdicts
from sllm_core.components import Context
from sllm_core.findings import Finding, finding_id
from sllm_core.models.language_model import Completion, Identity, Prompt
from sllm_core.records import TIMESTAMP, LogBatch, records_table
from sllm_core.store import Store
from sllm_core.tally import Tally
from sllm_core.windows import Key

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = 3_600_000_000
SCRIPTED = Identity("scripted", digest="5c" * 32)


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


class CountingAnalyzer:
    """An analyzer whose findings say how many records each window has; it keeps what it was given in `batches`."""

    def __init__(self, name: str = "count") -> None:
        self.name = name
        self.batches: list[LogBatch] = []

    async def analyze(self, batch: LogBatch) -> Sequence[Finding]:
        self.batches.append(batch)
        return [
            Finding(
                id=finding_id(self.name, batch.source, batch.shard, window.start, window.part),
                analyzer=self.name,
                label="counted",
                source=batch.source,
                shard=batch.shard,
                window=(window.start, window.end),
                part=window.part,
                count=sum(window.counts["count"].to_pylist()),
            )
            for window in batch.closes
        ]


Answer = str | Mapping[str, Any] | Completion | Exception


class ScriptedModel:
    """A model that answers as told, and keeps in `prompts` what it was asked.

    Args:
        answers: the answers in order, or what gives the answer to each prompt. A mapping is written as JSON, an
            exception raised.
        identity: what answers, or an exception that is raised instead; may be changed at any time.
        delay: how many seconds each answer takes, by `sleep`.

    `running` counts the calls at this moment, `most` those at the same time at most, `identified` and `closed` how
    often it was asked who it is, and closed.
    """

    def __init__(
        self,
        answers: Callable[[Prompt], Answer] | Iterable[Answer],
        identity: Identity | Exception = SCRIPTED,
        *,
        name: str = "scripted",
        delay: float = 0.0,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.name, self.identity, self.delay, self._sleep = name, identity, delay, sleep
        self._answers = answers if callable(answers) else iter(answers)
        self.prompts: list[Prompt] = []
        self.running = self.most = self.identified = self.closed = 0

    async def identify(self) -> Identity:
        self.identified += 1
        if isinstance(self.identity, Exception):
            raise self.identity
        return self.identity

    async def complete(self, prompt: Prompt) -> Completion:
        """The next answer.

        Raises:
            AssertionError: there is no more.
        """
        self.prompts.append(prompt)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            if self.delay:
                await self._sleep(self.delay)
            return _completion(self._next(prompt))
        finally:
            self.running -= 1

    async def close(self) -> None:
        self.closed += 1

    def _next(self, prompt: Prompt) -> Answer:
        if callable(self._answers):
            return self._answers(prompt)
        answer = next(self._answers, None)
        assert answer is not None, f"the scripted model has no answer to its prompt number {len(self.prompts)}"
        return answer


def _completion(answer: Answer) -> Completion:
    if isinstance(answer, Exception):
        raise answer
    if isinstance(answer, Completion):
        return answer
    text = answer if isinstance(answer, str) else json.dumps(dict(answer), ensure_ascii=False)
    return Completion(text, answer_tokens=len(text.split()))


class ListSink:
    """A sink that keeps what it is written in `findings`."""

    def __init__(self, name: str = "list") -> None:
        self.name = name
        self.findings: list[Finding] = []

    async def write(self, findings: Sequence[Finding]) -> None:
        self.findings.extend(findings)
