"""A run of tuning, as it is shown and kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sllm_core.learning.orders import Order, Step, TuningResult

Trigger = Literal["clock", "request", "command"]
State = Literal["queued", "running", "done", "failed", "cancelled", "lost"]

STEPS = 100
"""So many steps are kept of a run; if there are more, those in between are left out."""

MOST = 1 << 53
"""The highest count that is shown."""

DETAIL = 500
"""How many characters a step may say."""

_PLAIN = ("id", "trigger", "by", "state", "error", "revision")
LARGE = 16
"""Digits from which on a number is not exact for most readers."""


@dataclass(frozen=True)
class RunStep:
    """How far a step is: `done` of `total` (0: unknown); `remaining` seconds by how it went so far."""

    name: str
    done: int
    total: int
    detail: str
    began: datetime
    ended: datetime | None = None
    remaining: float | None = None


@dataclass(frozen=True, kw_only=True)
class TuningRun:
    """One run. `state` is queued, running, done (by `result`), failed (by `error`), cancelled, or lost: its process was
    killed.

    `trigger` is the clock, a request or a command, `by` the name of who asked; `revision` grows with each change.
    """

    id: str
    trigger: Trigger
    by: str
    order: Order
    state: State
    started: datetime
    ended: datetime | None = None
    steps: tuple[RunStep, ...] = ()
    result: TuningResult | None = None
    error: str = ""
    revision: int = 0

    @property
    def is_over(self) -> bool:
        """Whether it does not change any more."""
        return self.state not in ("queued", "running")

    @property
    def outcome(self) -> str:
        """What came of it: that of its result, else its state."""
        return self.state if self.result is None else self.result.outcome

    def told(self, step: Step, now: datetime) -> TuningRun:
        """The run after it has told of a step."""
        last = self.steps[-1] if self.steps else None
        if last is not None and last.name == _text(step.name):
            return replace(self, steps=(*self.steps[:-1], _step(step, last.began, now)), revision=self.revision + 1)
        before = self.steps if last is None else (*self.steps[:-1], _ended(last, now))
        kept = before if len(before) < STEPS else (*before[: STEPS // 2], *before[STEPS // 2 + 1 :])
        return replace(self, steps=(*kept, _step(step, now, now)), revision=self.revision + 1)

    def changed(self, state: State, **values: Any) -> TuningRun:  # noqa: ANN401 - as `replace` has it
        """The run in another state."""
        return replace(self, state=state, revision=self.revision + 1, **values)

    def over(self, state: State, now: datetime, result: TuningResult | None = None, error: str = "") -> TuningRun:
        """The run at its end."""
        steps = (*self.steps[:-1], _ended(self.steps[-1], now)) if self.steps else ()
        return self.changed(state, ended=now, steps=steps, result=result, error=error)

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON values."""
        told: dict[str, Any] = {name: getattr(self, name) for name in _PLAIN}
        steps = [
            {**asdict(each), "began": each.began.isoformat(), "ended": _written(each.ended)} for each in self.steps
        ]
        order = {"tuners": [*self.order.tuners], "tasks": [*self.order.tasks], "dry_run": self.order.dry_run}
        times = {"started": self.started.isoformat(), "ended": _written(self.ended)}
        return {**told, **times, "order": order, "steps": steps, "result": _result(self.result)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TuningRun:
        """What `to_json` has written."""
        order, result = data["order"], data["result"]
        return cls(
            **{name: data[name] for name in _PLAIN},
            started=datetime.fromisoformat(data["started"]),
            ended=_read(data["ended"]),
            order=Order(tuple(order["tuners"]), tuple(order["tasks"]), order["dry_run"]),
            steps=tuple(_step_of(each) for each in data["steps"]),
            result=None if result is None else TuningResult(**result),
        )


def _result(result: TuningResult | None) -> dict[str, Any] | None:
    if result is None:
        return None
    told = {"outcome": result.outcome, "version": result.version, "detail": result.detail}
    return {**told, "report": _json_values(result.report)}


def _json_values(report: Mapping[str, Any]) -> dict[str, Any]:
    """A report that any reader of JSON takes, whatever a tuner has put into it."""
    text = json.dumps(dict(report), default=_plain, skipkeys=True, ensure_ascii=False).encode(errors="replace")
    found: dict[str, Any] = json.loads(text, parse_int=_number, parse_constant=lambda _: None)
    return found


def _plain(value: object) -> object:
    """Numbers and arrays of numpy as Python's own, all else as text."""
    convert = getattr(value, "tolist", None)
    return convert() if callable(convert) else str(value)


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < LARGE else float(digits)


def _step_of(data: Mapping[str, Any]) -> RunStep:
    return RunStep(**{**data, "began": datetime.fromisoformat(data["began"]), "ended": _read(data["ended"])})


def _step(step: Step, began: datetime, now: datetime) -> RunStep:
    done, total = (min(max(int(each), 0), MOST) for each in (step.done, step.total))
    took = (now - began).total_seconds()
    known = 0 < done <= total
    remaining = round(took / done * (total - done), 1) if known else None
    return RunStep(_text(step.name), done, total, _text(step.detail), began, None, remaining)


def _text(text: str) -> str:
    return text[:DETAIL].encode(errors="replace").decode()


def _ended(step: RunStep, now: datetime) -> RunStep:
    return replace(step, ended=now, remaining=None)


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
