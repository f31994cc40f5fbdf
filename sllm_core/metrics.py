"""Figures that sources and sinks tell about themselves while they run."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

EVERY = 60.0
"""How many seconds lie between two lines of the log that tell the figures."""


@dataclass(frozen=True)
class Metric:
    """One figure: `name` in Prometheus' manner with its unit (`kafka_lag_records`, without `sllm_` before it).

    A counter only grows, from 0 at the start of the process; a gauge is what holds now. `labels` tell figures of one
    name apart, and have few distinct values; `help` is one line.
    """

    name: str
    value: float
    help: str
    kind: Literal["counter", "gauge"] = "gauge"
    labels: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class Metered(Protocol):
    """What a source or a sink may offer besides: its figures, asked at any time, at once and without waiting."""

    name: str

    def metrics(self) -> Iterable[Metric]: ...


def sums(metrics: Iterable[Metric]) -> dict[str, float]:
    """One value for each name: the sum over all labels."""
    found: defaultdict[str, float] = defaultdict(float)
    for each in metrics:
        found[each.name] += each.value
    return dict(found)


async def log_metrics(
    metrics: Callable[[], Iterable[Metric]], sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> None:
    """Tell the figures in the log once a minute until cancelled, in one line, those that are not 0."""
    while True:
        await sleep(EVERY)
        told = {name: round(value, 3) for name, value in sums(metrics()).items() if value}
        if told:
            logging.getLogger("sllm.metrics").info("figures", extra=told)
