"""How the parts of a running service are."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from sllm_core.components import Measured
from sllm_core.learning.watching import Sight
from sllm_core.metrics import Metered, sums
from sllm_core.store import Run
from sllm_core.web.probes import PATIENCE
from sllm_core.web.service import Service

Status = Literal["ok", "degraded", "failing"]
ORDER: tuple[Status, ...] = ("ok", "degraded", "failing")
LOW = 256 << 20
"""Bytes of the disk below which it is told that room is short."""

STUCK = 30.0
"""Seconds after which a sink that has not stored what it was given counts as away."""


@dataclass(frozen=True)
class Component:
    """One part: a source, an analyzer, a sink, the model, the store, its disk, the clock, the last tuning, or how what
    tuning promoted is doing.

    `state` is a word, `detail` says what is wrong; `figures` are those of this moment, as lag and counts.
    """

    kind: str
    name: str
    status: Status = "ok"
    state: str = ""
    detail: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class LastRun:
    """A run as the store knows it; `outcome` is running, finished, stopped or failed."""

    id: str
    started: datetime
    ended: datetime | None
    outcome: str
    records: int
    late: int


async def components(service: Service) -> list[Component]:
    """All parts of the service, the store first."""
    runner = service.runner
    found = [await _store(service), *_disk(service), *_run(service), *_model(service), *_clock(service)]
    found += map(_watched, service.watch.sights)
    found += [_source(service, each) for each in runner.assembly.sources]
    found += [_analyzer(service, each.name) for each in runner.assembly.analyzers]
    return [*found, *(_sink(service, each) for each in runner.assembly.sinks)]


def worst(found: list[Component]) -> Status:
    """The worst status."""
    return max((each.status for each in found), key=ORDER.index, default="ok")


def last_run(service: Service) -> LastRun | None:
    """The run that goes on, with what it has counted up to now, or how it went."""
    run = service.runner.latest
    return None if run is None else _counted(run, service)


def _counted(run: Run, service: Service) -> LastRun:
    counts = service.runner.counts
    return LastRun(run.id, run.started, run.ended, run.outcome, counts.records, counts.late)


async def _store(service: Service) -> Component:
    state, waiting = await service.probes.store()
    if state == "unreadable":
        return Component("store", "store", "failing", state, "it cannot be read; the log says why")
    figures = {"patterns": len(service.store.patterns), **{f"waiting_{name}": n for name, n in waiting.items()}}
    if state == "slow":
        return Component("store", "store", "degraded", state, f"no answer within {PATIENCE:g} s: it is busy", figures)
    return Component("store", "store", figures=figures)


def _disk(service: Service) -> Iterator[Component]:
    room = service.probes.room
    if room is not None:
        figures = {"free_bytes": room.free, "total_bytes": room.total}
        is_short = room.free < LOW
        detail = f"less than {LOW >> 20} MiB are free where the store lies; make room" if is_short else ""
        yield Component("disk", "store", "degraded" if is_short else "ok", "low" if is_short else "", detail, figures)


def _clock(service: Service) -> Iterator[Component]:
    """When the next tuning is, and how the last one went."""
    clock, last = service.clock, next(iter(service.tuning_runs.recent(1)), None)
    skipped, next_at = clock.nightly.skipped, None if clock.next is None else clock.next.at
    figures = {} if next_at is None else {"next_seconds": round((next_at - datetime.now(UTC)).total_seconds())}
    detail = skipped or ("" if next_at is None else f"the next tuning is at {next_at:%Y-%m-%d %H:%M} UTC")
    state = "off" if next_at is None else "waiting"
    yield Component("clock", "tuning", "degraded" if skipped else "ok", state, detail, figures)
    if last is not None:
        told = last.error if last.result is None else f"{last.result.outcome}: {last.result.detail}"
        is_bad = last.state in ("failed", "lost")
        yield Component("tuning", last.id, "degraded" if is_bad else "ok", last.state, told)


def _run(service: Service) -> Iterator[Component]:
    failed = service.failure is not None
    detail = "a source or a sink failed; the log says why, and the service stops" if failed else ""
    yield Component("run", "run", "failing" if failed else "ok", service.state, detail)


def _model(service: Service) -> Iterator[Component]:
    gateway, reviewer = service.runner.assembly.model, service.runner.reviewer
    if gateway is None or reviewer is None:
        return
    counts, outcome = gateway.counts, reviewer.outcome
    figures = {name: float(getattr(counts, name)) for name in ("asked", "hits", "calls", "waiting", "running")}
    figures["waiting_patterns"] = outcome.waiting
    refused = outcome.problem if reviewer.reached and not outcome.judging else ""
    is_away = gateway.state != "closed" or bool(service.probes.model)
    away = "calls to the server fail; verdicts are the classifier's meanwhile" if is_away else ""
    status: Status = "degraded" if away or refused else "ok"
    yield Component("model", outcome.model or "model", status, gateway.state, away or refused, figures)


def _watched(sight: Sight) -> Component:
    """How the version of a tuner stands that was promoted last."""
    status: Status = "degraded" if sight.state == "doubtful" else "ok"
    figures = {each.key.replace(" ", "_"): round(each.value, 4) for each in sight.measures}
    detail = f"{sight.version}: {sight.reason}" if sight.reason else sight.version
    return Component("watch", sight.tuner, status, sight.state, detail, figures)


def _source(service: Service, source: object) -> Component:
    name, figures = str(getattr(source, "name", "")), dict[str, float]()
    if isinstance(source, Metered):
        figures |= sums(each for each in source.metrics() if each.kind == "gauge")
    if isinstance(source, Measured):
        progress = source.progress()
        figures |= {"read_bytes": progress.done}
        figures |= {"lag_bytes": max(progress.total - progress.done, 0)} if progress.total else {}
    state = "reading" if name in service.runner.reading else "ended"
    failing = service.failure is not None
    return Component("source", name, "failing" if failing else "ok", "stopped" if failing else state, "", figures)


def _analyzer(service: Service, name: str) -> Component:
    failures = service.runner.counts.failures[name]
    if not failures:
        return Component("analyzer", name)
    return Component("analyzer", name, "degraded", "failing", "it has raised; the log says why", {"failures": failures})


def _sink(service: Service, sink: object) -> Component:
    name, figures = str(getattr(sink, "name", "")), dict[str, float]()
    if isinstance(sink, Metered):
        figures |= sums(each for each in sink.metrics() if each.kind == "gauge")
    busy = service.runner.delivery.busy
    waits = time.monotonic() - busy[1] if busy and busy[0] == name else 0.0
    if waits < STUCK:
        return Component("sink", name, figures=figures)
    detail = f"it has not stored what it was given {waits:.0f} s ago; what comes meanwhile is kept"
    return Component("sink", name, "degraded", "waiting", detail, figures)
