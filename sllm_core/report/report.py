"""What a report says, before it is written as text, JSON or HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Any

from sllm_core.review.outcome import Outcome

STATUSES = ("normal", "warning", "critical")
"""The statuses of anomalies, ascending."""


@dataclass(frozen=True)
class Evidence:
    """One log record that an incident rests on; `text` is safe to print and cut to 300 characters."""

    time: datetime | None
    text: str
    origin: str


@dataclass(frozen=True)
class PatternShare:
    """One pattern of an incident: its records in it, and what is usual in a window (None: not known)."""

    id: int
    template: str
    count: int
    usual: float | None = None
    new: bool = False


@dataclass(frozen=True)
class Incident:
    """What stood out in one or several windows and belongs together.

    `first` and `last` are the times of its records; `windows` is in how many windows it was found; `explanation` is
    about `worst`, the window in which it was worst, and `finding` is the id of what was found there; `told_by` names
    the language model whose words the explanation is, None where it is code's; `trend` has the records of its patterns
    in each slot of the time line; `confidence` is a probability or None. `shard` names the file or partition that
    `explanation` is about, where there are several.
    """

    title: str
    label: str
    count: int
    first: datetime
    last: datetime
    windows: int
    worst: tuple[datetime, datetime]
    explanation: str
    confidence: float | None = None
    method: str = "rules"
    services: tuple[str, ...] = ()
    patterns: tuple[PatternShare, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    trend: tuple[int, ...] = ()
    finding: str = ""
    told_by: str | None = None
    shard: str = ""


@dataclass(frozen=True)
class PatternRow:
    """One pattern: its records and their share of all, their most frequent level, and the verdict on them.

    `problem` is the probability from 0 to 1 that such a record tells of trouble; None where there is no verdict.
    """

    id: int
    template: str
    count: int
    share: float
    level: str | None
    sentiment: str | None
    problem: float | None
    first: datetime
    last: datetime
    trend: tuple[int, ...] = ()


@dataclass(frozen=True)
class Slot:
    """A piece of the time line: its records, and how many of them are warnings, and errors."""

    start: datetime
    records: int
    warnings: int
    errors: int


@dataclass(frozen=True)
class Timeline:
    """Slots of equal width, without gaps."""

    width: timedelta = timedelta(0)
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True)
class Sentiment:
    """How many records are positive, neutral and negative."""

    positive: int = 0
    neutral: int = 0
    negative: int = 0

    @property
    def total(self) -> int:
        """All records that were judged."""
        return self.positive + self.neutral + self.negative


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that is said about one reading of the inputs. Incidents are sorted worst first, patterns by count.

    `start` and `end` are the times of the first and last record, None where nothing was read; where the records bear no
    times (`timed` is false), those of the reading. `status` holds if the anomalies were looked for (`judged`).
    `failures` counts the errors of analyzers. `told_by` names the model whose words the summary is, None where it is
    code's; `model` is how a model's second look went, None where none was asked. All times are shown in `zone`.
    """

    inputs: tuple[str, ...]
    language: str = "en"
    zone: tzinfo = UTC
    records: int = 0
    repaired: int = 0
    late: int = 0
    start: datetime | None = None
    end: datetime | None = None
    timed: bool = True
    levels: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    sentiment: Sentiment = Sentiment()
    status: str = "normal"
    judged: bool = True
    confidence: float | None = None
    explanation: str = ""
    incidents: tuple[Incident, ...] = ()
    summary: str = ""
    told_by: str | None = None
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    patterns: tuple[PatternRow, ...] = ()
    pattern_count: int = 0
    timeline: Timeline = Timeline()
    failures: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[str, ...] = ()
    model: Outcome | None = None

    @property
    def remark(self) -> str:
        """The explanation of a status that is worse than every incident (many harmless errors); else empty."""
        stands_alone = all(each.label != self.status for each in self.incidents)
        return self.explanation if self.status != "normal" and stands_alone else ""


def worst(labels: list[str]) -> str:
    """The worst of the statuses; those that are none count as normal."""
    return max((each for each in labels if each in STATUSES), key=STATUSES.index, default="normal")
