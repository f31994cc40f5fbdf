"""The requests that the messages of a window tell of, counted as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sllm_core.summaries.fields import Notation, request_fields
from sllm_core.summaries.ranking import ranking
from sllm_core.summaries.sketch import quantile, sketch, to_json

ENDPOINTS = 10_000
"""How many endpoints of a window are kept apart while it is open; later ones are counted together."""

_ERROR_LEVELS = pa.array(["ERROR", "FATAL"])


@dataclass
class Endpoint:
    """What is counted of one path: requests, those answered with 5xx, and the durations in milliseconds."""

    requests: int = 0
    failures: int = 0
    timed: int = 0
    total_ms: float = 0.0


@dataclass
class Requests:
    """What is counted of the requests of one window.

    `opened` counts messages that only name a request; they matter when no message tells how requests end. `failures`
    are answers with 5xx; `silent_failures` those of them whose record has no level of ERROR or above.
    """

    completed: int = 0
    opened: int = 0
    failures: int = 0
    silent_failures: int = 0
    total_ms: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)
    durations: Counter[int] = field(default_factory=Counter)
    endpoints: dict[str | None, Endpoint] = field(default_factory=dict)
    opened_endpoints: dict[str | None, Endpoint] = field(default_factory=dict)

    def add(self, messages: pa.Array, levels: pa.Array, read: Notation) -> None:
        """Count messages that are all written in the notation; `levels` has their levels."""
        fields = request_fields(messages, read)
        if read.opens:
            self.opened += len(messages)
            _count_endpoints(self.opened_endpoints, fields)
            return
        self.completed += len(messages)
        self._count_answers(fields, levels)
        _count_endpoints(self.endpoints, fields)

    def _count_answers(self, fields: pa.Table, levels: pa.Array) -> None:
        classes = pc.divide(fields["status"], pa.scalar(100, pa.int16()))
        for each in pc.value_counts(classes.drop_null()).to_pylist():
            self.statuses[f"{each['values']}xx"] += each["counts"]
        failed = pc.fill_null(pc.greater_equal(fields["status"], 500), False)
        loud = pc.is_in(levels, value_set=_ERROR_LEVELS)
        self.failures += pc.sum(failed).as_py() or 0
        self.silent_failures += pc.sum(pc.and_(failed, pc.invert(loud))).as_py() or 0
        durations = fields["duration"].drop_null().to_numpy()
        self.durations.update(sketch(durations))
        self.total_ms += float(durations.sum())

    def to_facts(self, top: int = 20) -> dict[str, Any]:
        """The counts as mergeable facts; see `sllm_core.summaries.facts`."""
        endpoints = self.endpoints or self.opened_endpoints
        return {
            "requests": self.completed or self.opened,
            "failures": self.failures,
            "latency": latency_facts(self.total_ms, to_json(self.durations)),
            "statuses": dict(sorted(self.statuses.items())),
            "endpoints": ranking(({"name": name, **vars(each)} for name, each in endpoints.items()), "requests", top),
        }


def latency_facts(total_ms: float, sketched: Mapping[str, Any]) -> dict[str, Any] | None:
    """Mean, quantiles (milliseconds) and the sketch of durations; None when there are none."""
    count = sum(sketched["counts"])
    if not count:
        return None
    p95 = quantile(sketched, 0.95)
    return {
        "count": count,
        "total_ms": total_ms,
        "mean_ms": total_ms / count,
        "p95_ms": p95,
        "histogram": dict(sketched),
    }


def _count_endpoints(endpoints: dict[str | None, Endpoint], fields: pa.Table) -> None:
    table = fields.filter(pc.is_valid(fields["path"]))
    failed = pc.fill_null(pc.greater_equal(table["status"], 500), False).cast(pa.int64())
    sums = (
        table.append_column("failed", failed)
        .group_by("path")
        .aggregate([("path", "count"), ("failed", "sum"), ("duration", "count"), ("duration", "sum")])
    )
    for row in sums.to_pylist():
        kept = row["path"] in endpoints or len(endpoints) < ENDPOINTS
        endpoint = endpoints.setdefault(row["path"] if kept else None, Endpoint())
        endpoint.requests += row["path_count"]
        endpoint.failures += row["failed_sum"]
        endpoint.timed += row["duration_count"]
        endpoint.total_ms += row["duration_sum"] or 0.0
