"""An answer of `POST /analyze` as a page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

SHOWN = 200
"""So many lines are shown one by one."""

LONGEST = 200_000
"""So many characters of JSON are shown."""


@dataclass(frozen=True)
class Line:
    """One record, and its sentiment."""

    number: int
    message: str
    sentiment: str
    confidence: float | None
    method: str


@dataclass(frozen=True)
class Task:
    """What one analyzer says. `label` is its verdict in one word, `text` in sentences; "" where it has none.

    `shares` are counts by label, `issues` what an anomaly consists of, `teller` the model that put it into words.
    """

    name: str
    label: str = ""
    confidence: float | None = None
    text: str = ""
    method: str = ""
    model: str = ""
    teller: str = ""
    error: str = ""
    shares: Mapping[str, int] | None = None
    issues: Sequence[Mapping[str, Any]] = ()
    detected: Sequence[str] = ()
    facts: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Told:
    """The whole answer; `lines` are the first SHOWN of the `records`, `json` is what programs get, "" if it is long."""

    records: int
    method: str
    model: str
    degraded: bool
    reason: str
    warnings: Sequence[str]
    tasks: Sequence[Task]
    lines: Sequence[Line]
    json: str

    @property
    def more(self) -> int:
        """How many lines are not shown."""
        return self.records - len(self.lines) if self.lines else 0


def told_of(text: bytes) -> Told:
    """The answer, taken apart."""
    answer = orjson.loads(text)
    tasks, pretty = answer["tasks"], orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode()
    return Told(
        answer["records"],
        answer["method"],
        answer["model"] or "",
        answer["degraded"],
        answer["reason"],
        answer["warnings"],
        [_task(name, each) for name, each in tasks.items()],
        [_line(each) for each in tasks.get("sentiment", {}).get("lines", ())[:SHOWN]],
        pretty if len(pretty) <= LONGEST else "",
    )


def _task(name: str, said: Mapping[str, Any]) -> Task:
    findings = said.get("findings") or [{}]
    first = {**findings[0], **said}
    return Task(
        name,
        label=str(first.get("anomaly_status") or first.get("sentiment") or first.get("label") or ""),
        confidence=first.get("confidence"),
        text=str(first.get("text") or first.get("explanation") or ""),
        method=first.get("method") or "",
        model=first.get("model") or "",
        teller=first.get("told_by") or "",
        error=str(first.get("error") or ""),
        shares=said.get("counts"),
        issues=said.get("issues") or findings[1:],
        detected=first.get("detected_issues") or (),
        facts=said.get("facts"),
    )


def _line(said: Mapping[str, Any]) -> Line:
    return Line(said["line"], said["message"], said["sentiment"], said["confidence"], said["method"])
