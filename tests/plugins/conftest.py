"""A scene for analyzers: patterns, verdicts and a store in lists, and windows counted from lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from types import SimpleNamespace
from typing import cast

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from sllm_core.classifier import Judgement
from sllm_core.classifier.model_verdicts import ModelVerdicts
from sllm_core.components import Context
from sllm_core.records import COUNTS, EXAMPLES, SLOTS, TIMESTAMP, LogBatch, Window, records_table
from sllm_core.store import History

HOUR = timedelta(hours=1)
START = datetime(2024, 3, 4, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """`count` records of one message, `spacing` seconds apart from `second` on."""

    message: str
    level: str | None = "INFO"
    service: str | None = None
    count: int = 1
    second: float = 0
    spacing: float = 0


class Patterns:
    """Templates with numbers masked; `aliases` lead from merged ids to others."""

    def __init__(self) -> None:
        self.messages: dict[int, str] = {}
        self.aliases: dict[int, int] = {}

    def add(self, message: str) -> int:
        pattern = int.from_bytes(blake2b(mask(message).encode(), digest_size=8).digest())
        self.messages.setdefault(pattern, message)
        return pattern

    def resolve(self, patterns: NDArray[np.uint64]) -> NDArray[np.uint64]:
        return np.array([self.aliases.get(each, each) for each in patterns.tolist()], dtype=np.uint64)

    def template(self, pattern: int) -> str:
        return mask(self.messages[pattern])

    def example(self, pattern: int) -> str:
        return self.messages[pattern]


class Verdicts:
    """Normal .9, except for messages with one of the words `critical` (.9) or `warning` (.8) or of such a level."""

    version = "test"

    def __init__(self, patterns: Patterns) -> None:
        self._patterns = patterns
        self._models = ModelVerdicts()

    def adopt(self, verdicts: ModelVerdicts) -> None:
        self._models = verdicts

    def author(self, by_model: bool, labeller: int = -1) -> tuple[str, str]:
        return ("model", self._models.version) if by_model else ("classifier", self.version)

    def judge(self, patterns: NDArray[np.uint64], levels: Sequence[str | None]) -> Judgement:
        pairs = zip(patterns.tolist(), levels, strict=True)
        found = [self._severity(self._patterns.example(each), level) for each, level in pairs]
        severity, nothing = np.array(found, np.float32).reshape(-1, 3), np.zeros(len(patterns), dtype=bool)
        judgement = Judgement(np.zeros_like(severity), severity, nothing, nothing, np.full((len(patterns), 2), -1))
        asked, places = np.unique(patterns, return_inverse=True)
        return self._models.laid_over(judgement, asked, places)

    def _severity(self, message: str, level: str | None) -> tuple[float, float, float]:
        if level == "FATAL" or "panic" in message:
            return (0.02, 0.08, 0.9)
        if "odd" in message:
            return (0.62, 0.33, 0.05) if "very" in message else (0.7, 0.25, 0.05)
        return (0.2, 0.7, 0.1) if level in ("WARN", "ERROR") else (0.9, 0.08, 0.02)


@dataclass
class Memory:
    """Closed windows in a list."""

    resolve: object
    windows: list[Window] = field(default_factory=list)

    @property
    def shards(self) -> Memory:
        return self

    def history(self, source: str, shard: str, before: datetime, limit: int = 672) -> list[History]:
        earlier = [each for each in sorted(self.windows) if each.end <= before]
        return [History(each.start, each.end, *counted(each)) for each in earlier[-limit:]]

    def first_seen(self, source: str, shard: str, patterns: NDArray[np.uint64]) -> NDArray[np.datetime64]:
        first: dict[int, datetime] = {}
        for window in sorted(self.windows):
            for each in counted(window)[0].tolist():
                first.setdefault(each, window.start)
        times = [first[each].replace(tzinfo=None) if each in first else None for each in patterns.tolist()]
        return np.array(times, dtype="datetime64[us]")


class Scene:
    """Makes windows and batches of lines; hour 0 starts at START."""

    line = Line

    def __init__(self, language: str = "en") -> None:
        self.patterns = Patterns()
        self.store = Memory(self.patterns.resolve)
        parts = SimpleNamespace(
            patterns=self.patterns, verdicts=Verdicts(self.patterns), store=self.store, language=language
        )
        self.context = cast(Context, parts)

    def window(self, hour: int, *lines: Line, part: int = 0) -> Window:
        start = START + hour * HOUR
        counts: Counter[tuple[int, str | None, str | None, int]] = Counter()
        for line in lines:
            pattern = self.patterns.add(line.message)
            seconds = line.second + np.arange(line.count) * line.spacing
            for slot in np.minimum(seconds * SLOTS // 3600, SLOTS - 1).astype(int).tolist():
                counts[slot, line.service, line.level, pattern] += 1
        columns = [*zip(*((*key, count) for key, count in counts.items()), strict=True)] or [()] * 5
        table = pa.table(
            [pa.array(each, type=kind.type) for each, kind in zip(columns, COUNTS, strict=True)], schema=COUNTS
        )
        return Window(start, start + HOUR, part, table, self._examples(start, lines))

    def past(self, hours: range, *lines: Line) -> None:
        """Closed and stored windows of the same lines."""
        self.store.windows += [self.window(hour, *lines) for hour in hours]

    def batch(self, *windows: Window, records: pa.Table | None = None, last: bool = False) -> LogBatch:
        return LogBatch("app", "0", self.records(0) if records is None else records, closes=windows, last=last)

    def records(self, hour: int, *lines: Line) -> pa.Table:
        """The lines as records with the columns `pattern` and `window`."""
        every = [line for line in lines for _ in range(line.count)]
        columns: dict[str, list[object]] = {
            name: [getattr(line, name) for line in every] for name in ("message", "level", "service")
        }
        table = records_table({**columns, "timestamp": pa.array(self._times(hour, lines), TIMESTAMP)}, len(every))
        patterns = pa.array([self.patterns.add(line.message) for line in every], pa.uint64())
        window = pa.array([START + hour * HOUR] * len(every), TIMESTAMP)
        return table.append_column("pattern", patterns).append_column("window", window)

    def _times(self, hour: int, lines: Sequence[Line]) -> list[datetime]:
        spaced = [line.second + each * line.spacing for line in lines for each in range(line.count)]
        return [START + hour * HOUR + timedelta(seconds=min(each, 3599)) for each in spaced]

    def _examples(self, start: datetime, lines: Sequence[Line]) -> pa.Table:
        first = {self.patterns.add(line.message): line for line in reversed(lines)}
        rows = [
            {"pattern": each, "origin": f"app@{each % 1000}", "timestamp": _at(start, line), "message": line.message}
            for each, line in first.items()
        ]
        return pa.Table.from_pylist(rows, schema=EXAMPLES)


def _at(start: datetime, line: Line) -> datetime:
    return start + timedelta(seconds=line.second)


def mask(message: str) -> str:
    return re.sub(r"\S*[0-9]\S*", "<*>", message)


def counted(window: Window) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    patterns, index = np.unique(window.counts["pattern"].to_numpy(), return_inverse=True)
    return patterns, np.bincount(index, window.counts["count"].to_numpy(), len(patterns)).astype(np.int64)


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def korean_scene() -> Scene:
    return Scene("ko")
