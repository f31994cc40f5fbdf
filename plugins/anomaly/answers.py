"""Answers with 5xx, counted as records come: a pattern does not tell them from those with 200."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from sllm_core.buffers import to_arrow, to_numpy
from sllm_core.findings import pattern_name
from sllm_core.moments import NEVER, column_microseconds
from sllm_core.records import SLOTS, LogBatch, Window
from sllm_core.summaries.notations import Notations, RequestRecords
from sllm_core.summaries.window_counts import Ints, Resolve, settled

from . import AnomalyConfig
from .evidence import CRITICAL, WARNING
from .issue import EVIDENCE, Example, examples_in


@dataclass
class Answers:
    """The answers of one window: how many, and of those with 5xx the counts by time, pattern and service."""

    total: int = 0
    times: list[Ints] = field(default_factory=list)
    patterns: Counter[int] = field(default_factory=Counter)
    services: Counter[str] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)

    def add(self, told: RequestRecords) -> None:
        """Count records that are all written in one notation."""
        statuses = told.statuses
        self.total += int((statuses > 0).sum())
        rows = np.flatnonzero(statuses >= 500)
        if not len(rows):
            return
        failed = told.records.take(to_arrow(rows))
        times = column_microseconds(failed["timestamp"])
        self.times.append(times[times != NEVER])
        self.patterns.update(to_numpy(failed["pattern"].combine_chunks()).tolist())
        self.services.update(failed["service"].cast(pa.string()).drop_null().to_pylist())
        self.examples += examples_in(failed.slice(0, EVIDENCE - len(self.examples)))


class OpenAnswers:
    """The answers of the windows that are still open."""

    def __init__(self, notations: Notations) -> None:
        self._notations = notations
        self._windows: dict[tuple[str, str, datetime], Answers] = {}

    def add(self, batch: LogBatch) -> None:
        """Count the answers among the records of a batch."""
        for told in self._notations.requests(batch, answers=True):
            self._windows.setdefault((batch.source, batch.shard, told.start), Answers()).add(told)

    def drop(self, batch: LogBatch) -> None:
        """Forget the windows of a shard that belongs to another worker now."""
        for each in [each for each in self._windows if each[:2] == (batch.source, batch.shard)]:
            del self._windows[each]

    def close(self, batch: LogBatch, window: Window) -> Answers:
        """The counts of a window, which is then forgotten."""
        return self._windows.pop((batch.source, batch.shard, window.start), None) or Answers()


@dataclass(frozen=True)
class Outage:
    """Many answers with 5xx in a window: how many of how many, how bad, and their first and last moments.

    `patterns` has how many failed of each pattern.
    """

    label: int
    failures: int
    answers: int
    patterns: Mapping[int, int]
    services: tuple[str, ...]
    slots: Ints
    first: datetime
    last: datetime
    examples: tuple[Example, ...]

    @property
    def facts(self) -> dict[str, Any]:
        """All of it in JSON values, from which `told` makes it again."""
        return {
            **{name: getattr(self, name) for name in ("label", "failures", "answers")},
            "patterns": {pattern_name(each): count for each, count in self.patterns.items()},
            "services": list(self.services),
            "slots": self.slots.tolist(),
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "examples": [
                [each.origin, each.timestamp and each.timestamp.isoformat(), each.message] for each in self.examples
            ],
        }


def told(facts: Mapping[str, Any], resolve: Resolve) -> Outage:
    """The outage that these facts are of, by the patterns that its own lead to now."""
    names, counts = list(facts["patterns"]), list(facts["patterns"].values())
    patterns, place = settled(np.array([int(each, 16) for each in names], np.uint64), resolve)
    totals = np.bincount(place, counts, len(patterns)).astype(int).tolist()
    first, last = (datetime.fromisoformat(facts[name]) for name in ("first", "last"))
    times = [when and datetime.fromisoformat(when) for _, when, _ in facts["examples"]]
    examples = [Example(each[0], when, each[2]) for each, when in zip(facts["examples"], times, strict=True)]
    return Outage(
        label=facts["label"],
        failures=facts["failures"],
        answers=facts["answers"],
        patterns=dict(zip(patterns.tolist(), totals, strict=True)),
        services=tuple(facts["services"]),
        slots=np.array(facts["slots"], np.int64),
        first=first,
        last=last,
        examples=tuple(examples),
    )


def outage(answers: Answers, window: Window, resolve: Resolve, config: AnomalyConfig) -> Outage | None:
    """The answers with 5xx where they are many: critical from the share `config.outage` on."""
    count = answers.patterns.total()
    if count < config.least / 2 or count < config.failures * answers.total:
        return None
    patterns, place = settled(np.array(list(answers.patterns), np.uint64), resolve)
    counts = np.bincount(place, list(answers.patterns.values()))
    times = np.sort(np.concatenate(answers.times))
    return Outage(
        label=CRITICAL if count >= config.outage * answers.total else WARNING,
        failures=count,
        answers=answers.total,
        patterns=dict(zip(patterns.tolist(), counts.astype(int).tolist(), strict=True)),
        services=tuple(name for name, _ in answers.services.most_common(20)),
        slots=_slots(times, window),
        first=_moment(times[0], window) if len(times) else window.start,
        last=_moment(times[-1], window) if len(times) else window.end,
        examples=tuple(answers.examples),
    )


def _slots(times: Ints, window: Window) -> Ints:
    start, end = (round(each.timestamp() * 1_000_000) for each in (window.start, window.end))
    slots = np.clip((times - start) * SLOTS // (end - start), 0, SLOTS - 1)
    return np.bincount(slots, minlength=SLOTS).astype(np.int64)


def _moment(microseconds: int, window: Window) -> datetime:
    return datetime.fromtimestamp(int(microseconds) / 1_000_000, window.start.tzinfo)
