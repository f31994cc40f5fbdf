"""The language model, the versions and the gate's report, as pages show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sllm_core.learning.statement import LABELS
from sllm_core.models.counts import Counts
from sllm_core.web.service import Service

WIDTH = 400.0
"""Of a chart, in its own units."""

LEAST = 0.02
"""A chart of differences reaches at least so far to both sides."""


@dataclass(frozen=True)
class Consulted:
    """The language model: `name` of its weights, "" before the first contact; `state` of its breaker and the `reason`.

    `judging`: it stood its trial, so its verdicts count; `trouble` says why not, or what it meets.
    """

    name: str
    tag: str
    digest: str
    state: str
    reason: str
    reached: bool
    judging: bool
    trouble: str
    waiting: int
    counts: Counts

    @property
    def tone(self) -> str:
        """How it is: normal, warning, or unknown before it was reached."""
        if self.state != "closed" or (self.reached and not self.judging):
            return "warning"
        return "normal" if self.reached else "unknown"


def consulted(service: Service) -> Consulted | None:
    """The language model of a service; None where none is enabled."""
    gateway, reviewer = service.runner.assembly.model, service.runner.reviewer
    if gateway is None or reviewer is None:
        return None
    known, outcome = gateway.known, reviewer.outcome
    return Consulted(
        known.name if known else "",
        known.tag if known else "",
        known.digest if known else "",
        gateway.state,
        gateway.reason,
        reviewer.reached,
        outcome.judging,
        outcome.problem,
        outcome.waiting,
        gateway.counts,
    )


@dataclass(frozen=True)
class Interval:
    """A difference with its interval, `low` and `high` None where there is none, drawn in WIDTH units: `zero`, `left`,
    `right` and `at` are places."""

    value: float
    low: float | None
    high: float | None
    zero: float
    left: float
    right: float
    at: float
    ticks: Sequence[tuple[float, str]] = ()

    @property
    def tone(self) -> str:
        """Whether it is better, worse or neither, beyond chance."""
        if self.low is not None and self.low > 0:
            return "better"
        return "worse" if self.high is not None and self.high < 0 else "even"


@dataclass(frozen=True)
class Measured:
    """One task in the report of the gate: what both have by the `metric`, macro-F1 or the share that is right; how many
    examples only one of them had right; calibration errors of both; recalls as (label, incumbent, candidate); and how
    many examples get another label, as (label of the incumbent, of the candidate, count), the most first.
    """

    task: str
    size: int
    incumbent: float | None
    candidate: float | None
    better: int
    worse: int
    p: float | None
    interval: Interval | None
    calibration: tuple[float | None, float | None]
    recalls: Sequence[tuple[str, float | None, float | None]]
    metric: str = "macro_f1"
    moves: Sequence[tuple[str, str, int]] = ()


@dataclass(frozen=True)
class Report:
    """The report of the gate: `tasks` on labels that nobody learnt from, `recent` on the newest of all, `regression` on
    the corpus of the package; `served` tells of the calls to language models, where they were measured."""

    tasks: Sequence[Measured]
    regression: Sequence[Measured]
    checks: Sequence[Mapping[str, Any]]
    missing: Sequence[Mapping[str, Any]]
    dataset: Mapping[str, Any]
    recent: Sequence[Measured] = ()
    served: Mapping[str, Any] | None = None

    @property
    def aside(self) -> Sequence[Mapping[str, Any]]:
        """The labels that nothing was learnt from."""
        return self.dataset.get("quarantined") or ()

    @property
    def labels(self) -> list[tuple[str, list[tuple[str, list[tuple[str, int]]]]]]:
        """How many examples of each task and label there are in each part of the data; tasks without any are left
        out."""
        tasks = self.dataset.get("tasks") or {}
        found = [(task, _by_label(parts)) for task, parts in tasks.items() if isinstance(parts, Mapping)]
        return [(task, rows) for task, rows in found if rows]

    @property
    def failed(self) -> int:
        """How many conditions were not met."""
        return sum(not each["passed"] for each in self.checks)


def report_of(told: Mapping[str, Any]) -> Report | None:
    """The report out of its JSON values; None for an empty one."""
    if not told:
        return None
    return Report(
        _suite(told.get("tasks") or {}),
        _suite(told.get("regression") or {}),
        told.get("checks") or (),
        told.get("missing") or (),
        told.get("dataset") or {},
        _suite(told.get("recent") or {}),
        told.get("served"),
    )


def _by_label(parts: Mapping[str, Mapping[str, int]]) -> list[tuple[str, list[tuple[str, int]]]]:
    labels = dict.fromkeys(label for counts in parts.values() for label in counts)
    return [(label, [(part, counts.get(label, 0)) for part, counts in parts.items()]) for label in labels]


def _suite(told: Mapping[str, Mapping[str, Any]]) -> list[Measured]:
    """Its tasks, drawn to one scale."""
    reach = max([LEAST, *(abs(each) for task in told.values() for each in _ends(task))]) * 1.1
    return [_measured(name, each, reach) for name, each in told.items()]


def _measured(task: str, told: Mapping[str, Any], reach: float) -> Measured:
    recalls = told.get("recall") or {}
    error = told.get("calibration_error") or {}
    return Measured(
        task,
        int(told.get("n") or 0),
        told.get("incumbent"),
        told.get("candidate"),
        int(told.get("better") or 0),
        int(told.get("worse") or 0),
        told.get("mcnemar_p"),
        _interval(told, reach),
        (error.get("incumbent"), error.get("candidate")),
        [(label, each.get("incumbent"), each.get("candidate")) for label, each in recalls.items()],
        str(told.get("metric") or "macro_f1"),
        _moves(task, told.get("moves") or ()),
    )


def _moves(task: str, told: Sequence[Sequence[int]]) -> list[tuple[str, str, int]]:
    labels = LABELS.get(task, ())
    pairs = zip(labels, told, strict=bool(told))
    found = [(before, after, count) for before, row in pairs for after, count in zip(labels, row, strict=True)]
    return sorted((each for each in found if each[0] != each[1] and each[2]), key=lambda each: -each[2])


def _interval(told: Mapping[str, Any], reach: float) -> Interval | None:
    value, low, high = (told.get(name) for name in ("difference", "low", "high"))
    if value is None:
        return None
    left, right, at = (_place(value if each is None else each, reach) for each in (low, high, value))
    return Interval(value, low, high, WIDTH / 2, left, right, at, _ticks(reach))


def _ticks(reach: float) -> list[tuple[float, str]]:
    """Round differences at both sides of none, with their places."""
    steps = [each * 10**power for power in (-3, -2, -1, 0) for each in (1, 2, 5)]
    step = max((each for each in steps if each <= 0.8 * reach), default=steps[0])
    return [(_place(each, reach), f"{each:+g}" if each else "0") for each in (-step, 0.0, step)]


def _place(value: float, reach: float) -> float:
    return WIDTH / 2 * (1 + value / reach)


def _ends(told: Mapping[str, Any]) -> Iterator[float]:
    for name in ("difference", "low", "high"):
        if told.get(name) is not None:
            yield float(told[name])
