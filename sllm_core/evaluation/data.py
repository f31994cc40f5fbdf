"""Labelled rows with their patterns, as the columns that everything else here works on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sllm_core.evaluation.labels import QUESTIONS, Question
from sllm_core.evaluation.reading import Labelled
from sllm_core.grouping import distinct
from sllm_core.moments import NEVER, microseconds
from sllm_core.patterns import PatternTable
from sllm_core.reading.levels import level_codes
from sllm_core.reading.timestamps import Clock, parse_times
from sllm_core.records import LEVELS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SOURCE = "eval"


@dataclass(frozen=True)
class Row:
    """What a judge sees of a labelled row: the message, its level (one of LEVELS or None) and its pattern."""

    message: str
    level: str | None
    pattern: int


@dataclass(frozen=True)
class Data:
    """n labelled rows of g groups.

    `labels` has of each question the places in LABELS (n,), MISSING where there is none; `weight` (n,) how many lines
    each row stands for; `time` (n,) microseconds since 1970, NEVER where there is none; `group` (n,) the place in
    `groups`, which are names of patterns: those that the file gives, else the ids that `patterns` gives.
    """

    rows: tuple[Row, ...]
    labels: Mapping[Question, Ints]
    weight: Floats
    time: Ints
    sources: tuple[str, ...]
    group: Ints
    groups: tuple[str, ...]
    patterns: PatternTable

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, places: Ints | Bools) -> Data:
        """Some of the rows; the groups keep their places."""
        chosen = np.arange(len(self))[places].tolist()
        return replace(
            self,
            rows=tuple(self.rows[each] for each in chosen),
            labels={question: labels[places] for question, labels in self.labels.items()},
            weight=self.weight[places],
            time=self.time[places],
            sources=tuple(self.sources[each] for each in chosen),
            group=self.group[places],
        )

    def label(self, group: int) -> str:
        """What a group is called for people: the template of its pattern, or the name that the file gives it."""
        first = int(np.argmax(self.group == group))
        name = self.groups[group]
        return self.patterns.template(self.rows[first].pattern) if name == _name(self.rows[first].pattern) else name


def label_data(rows: Sequence[Labelled], zone: tzinfo = UTC) -> Data:
    """The rows with patterns; times without a zone are read in `zone`. `rows` must not be empty."""
    patterns = PatternTable(limit=max(50_000, len(rows)))
    messages = pa.array([each.message for each in rows], pa.string())
    patterns.assign(SOURCE, messages)
    ids = patterns.resolve(patterns.assign(SOURCE, messages))
    names = [each.pattern or _name(pattern) for each, pattern in zip(rows, ids.tolist(), strict=True)]
    groups = tuple(dict.fromkeys(names))
    places = {name: place for place, name in enumerate(groups)}
    triples = zip(rows, _levels(rows), ids.tolist(), strict=True)
    return Data(
        rows=tuple(Row(each.message, level, pattern) for each, level, pattern in triples),
        labels={question: np.array([getattr(each, question) for each in rows], np.int64) for question in QUESTIONS},
        weight=np.array([each.weight for each in rows], np.float64),
        time=_times([each.time for each in rows], zone),
        sources=tuple(each.source for each in rows),
        group=np.array([places[name] for name in names], np.int64),
        groups=groups,
        patterns=patterns,
    )


def compact(group: Ints) -> tuple[Ints, int]:
    """Groups numbered anew from 0 without gaps, (n,), and how many there are."""
    found, places = distinct(group)
    return places, len(found)


def _name(pattern: int) -> str:
    return f"{pattern:016x}"


def _levels(rows: Sequence[Labelled]) -> list[str | None]:
    codes = level_codes(pa.array([each.level.upper() for each in rows], pa.string()))
    return [LEVELS[code] if code >= 0 else None for code in codes.tolist()]


def _times(texts: Sequence[str], zone: tzinfo) -> Ints:
    clock = Clock(zone, datetime.now(UTC))
    times = parse_times(pa.array(texts, pa.string()), clock)
    for place in np.flatnonzero(times == NEVER).tolist():
        times[place] = parse_time(texts[place], zone)
    return times


def parse_time(text: str, zone: tzinfo) -> int:
    """Microseconds since 1970 of a date or time as ISO 8601 writes it; NEVER if it is none."""
    try:
        found = datetime.fromisoformat(text.strip())
        return microseconds(found if found.tzinfo else found.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return NEVER
