"""Figures that sources and sinks tell about themselves while they run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable


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
