"""What is ordered of a run of tuning, what it tells meanwhile, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Order:
    """What to tune: tuners and tasks by name, empty for all; a `dry_run` promotes nothing."""

    tuners: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True)
class Step:
    """How far a step is (dataset, training, gate, promotion): `done` of `total`, 0 where that is unknown."""

    name: str
    done: int = 0
    total: int = 0
    detail: str = ""


@dataclass(frozen=True)
class TuningResult:
    """How a run went: promoted, refused, insufficient or dry run; the `report` of the gate as JSON values."""

    outcome: str
    version: str | None = None
    detail: str = ""
    report: Mapping[str, Any] = field(default_factory=dict)


Tell = Callable[[Step], None]
"""Takes down how far a run is; may raise, to end it."""
